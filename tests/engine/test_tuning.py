"""Tiles chosen by measurement: the fastest, remembered, and followed only while they are known."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.backend import Device
from engine.backends.wgpu.plan import Dispatch
from engine.backends.wgpu.tiles import Workgroup, candidates, tiles_for
from engine.backends.wgpu.tuning import Tuner
from engine.benchmark import WORKS
from engine.hyperparameters.configuration import replace
from engine.network import build

VALUES = WORKS["M"].hyperparameters
NETWORK = build(VALUES.network, 784, 10)
DEVICE = Device(1, "a card", "discrete", "wgpu", "its driver")
WORKGROUP = Workgroup(1024, 48 * 1024)
BATCH = VALUES.training.batch_size


class Clock:
    """Calls one number of parts the fastest, and counts the measurements."""

    def __init__(self, fastest: int) -> None:
        self.fastest, self.measured = fastest, 0

    def __call__(self, dispatch: Dispatch, times: int) -> float:
        self.measured += 1
        constants = dict(dispatch.kernel.constants)
        return times * (1e-5 if constants["parts"] == self.fastest else 3e-5)


@pytest.fixture
def tuner(tmp_path: Path) -> Tuner:
    return Tuner(DEVICE, WORKGROUP, tmp_path / "deep" / "tiles.json")


def test_without_a_measurement_the_usual_tiles_are_taken(tuner: Tuner) -> None:
    assert tuner.tiles(NETWORK, BATCH) == tiles_for("discrete", NETWORK, BATCH, WORKGROUP)


@pytest.mark.parametrize("parts", [8, 16])
def test_the_fastest_is_taken_and_remembered(tuner: Tuner, tmp_path: Path, parts: int) -> None:
    clock = Clock(parts)
    tuner.measure(NETWORK, VALUES, clock)
    offered = candidates("discrete", "forward", NETWORK.layers[1], BATCH, WORKGROUP)
    assert parts in {tile.parts for tile in offered}
    assert tuner.tiles(NETWORK, BATCH).layers[1].forward.parts == parts
    again, idle = Tuner(DEVICE, WORKGROUP, tmp_path / "deep" / "tiles.json"), Clock(parts)
    again.measure(NETWORK, VALUES, idle)
    assert clock.measured and not idle.measured
    assert again.tiles(NETWORK, BATCH) == tuner.tiles(NETWORK, BATCH)


def test_another_driver_is_measured_anew(tuner: Tuner, tmp_path: Path) -> None:
    tuner.measure(NETWORK, VALUES, Clock(8))
    newer = Device(1, "a card", "discrete", "wgpu", "its next driver")
    assert Tuner(newer, WORKGROUP, tmp_path / "deep" / "tiles.json").missing(NETWORK, BATCH)


def test_a_damaged_file_is_measured_anew(tuner: Tuner, tmp_path: Path) -> None:
    tuner.measure(NETWORK, VALUES, Clock(8))
    path = tmp_path / "deep" / "tiles.json"
    path.write_text(path.read_text()[:-20])
    damaged = Tuner(DEVICE, WORKGROUP, path)
    assert damaged.missing(NETWORK, BATCH)
    damaged.measure(NETWORK, VALUES, Clock(8))
    assert damaged.tiles(NETWORK, BATCH) == tuner.tiles(NETWORK, BATCH)


def test_sizes_of_one_power_of_two_do_not_share_a_tile_where_only_one_is_large(tuner: Tuner) -> None:
    """Neither keeps the other from being measured, whichever comes first."""
    small, large = (build(VALUES.network.model_copy(update={"hidden": hidden}), 784, 10) for hidden in ((1040, 1100), (2000, 2000)))
    values = replace(VALUES, {"training.batch_size": 40})
    for first, then in ((small, large), (large, small)):
        tuner._found.clear()
        tuner.measure(first, values, Clock(8))
        assert tuner.missing(then, 40)
        tuner.measure(then, values, Clock(8))
        assert not tuner.missing(first, 40) and not tuner.missing(then, 40)
