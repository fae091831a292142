"""Which device is taken, and why."""

from __future__ import annotations

import json

import pytest

from engine.backend import Device, DeviceError, unknown_plan
from engine.backends.cpu.backend import CpuBackend
from engine.backends.wgpu.tiles import LayerTiles, Tile, Tiles, recorded_tiles
from engine.devices import choose, find_again, known_devices
from engine.hyperparameters.definitions import Hyperparameters
from engine.network import build

CPU = Device(0, "Some CPU", "cpu", "cpu", "NumPy")
GPU = Device(1, "NVIDIA H100", "discrete", "wgpu", "Vulkan")
OTHER_GPU = Device(2, "NVIDIA T4", "discrete", "wgpu", "Vulkan")
SOFTWARE = Device(3, "llvmpipe", "software", "wgpu", "Vulkan")
ALL = [CPU, GPU, OTHER_GPU, SOFTWARE]


@pytest.mark.parametrize(
    ("request_", "devices", "expected"),
    [
        ("auto", ALL, GPU),
        ("auto", [CPU, SOFTWARE], CPU),
        ("auto", [CPU], CPU),
        ("cpu", ALL, CPU),
        ("gpu", ALL, GPU),
        ("gpu", [CPU, SOFTWARE], SOFTWARE),
        ("2", ALL, OTHER_GPU),
        ("t4", ALL, OTHER_GPU),
    ],
)
def test_the_device_that_is_asked_for_is_taken(request_: str, devices: list[Device], expected: Device) -> None:
    device, note = choose(request_, devices)
    assert device == expected
    assert bool(note) == (request_ == "auto")


@pytest.mark.parametrize(("request_", "devices"), [("gpu", [CPU]), ("4", ALL), ("h200", ALL)])
def test_a_device_that_is_not_there_is_an_error_with_what_is(request_: str, devices: list[Device]) -> None:
    with pytest.raises(DeviceError, match=f"no device '{request_}'") as caught:
        choose(request_, devices)
    assert all(device.name in caught.value.advice for device in devices)


def test_the_cpu_is_found_without_looking_for_adapters() -> None:
    assert [device.backend for device in known_devices("cpu")] == ["cpu"]


def test_a_run_s_device_is_found_by_its_whole_name() -> None:
    assert find_again("llvmpipe", ALL) == SOFTWARE
    with pytest.raises(DeviceError, match="The run was trained on NVIDIA, which is not here") as caught:
        find_again("NVIDIA", ALL)
    assert "--device" in caught.value.advice


LAYER = LayerTiles(Tile(32, 8, 8, bands=2), Tile(8, 32, 8), Tile(32, 1, 8, 2, unroll=4))
TILES = Tiles(32, (LAYER, LAYER), 256)


def test_tiles_come_back_from_their_record() -> None:
    assert recorded_tiles({"name": "layered", "tiles": json.loads(json.dumps(TILES.plain()))}, 2) == TILES


@pytest.mark.parametrize(
    "plan",
    [
        {},
        {"name": "numpy", "threads": 1},
        {"name": "layered"},
        {"name": "layered", "tiles": {"lanes": 8}},
        {"name": "layered", "tiles": TILES.plain() | {"lanes": 10**9}},
        {"name": "layered", "tiles": TILES.plain() | {"lanes": "8"}},
        {"name": "layered", "tiles": TILES.plain() | {"layers": [TILES.plain()["layers"][0]]}},
        {"name": "layered", "tiles": TILES.plain() | {"layers": 2 * [{"forward": {"lanes": 8, "parts": 1, "rows": 17}}]}},
    ],
)
def test_a_plan_that_is_none_is_refused(plan: dict[str, object]) -> None:
    with pytest.raises(DeviceError, match=str(unknown_plan(plan))):
        recorded_tiles(plan, 2)


@pytest.mark.parametrize(
    "plan",
    [{}, {"name": "layered", "tiles": TILES.plain()}, *({"name": "numpy", "threads": threads} for threads in (None, 0, 10**9, "1", 1.0))],
)
def test_a_plan_that_is_not_the_cpu_s_is_refused(plan: dict[str, object]) -> None:
    values = Hyperparameters()
    with pytest.raises(DeviceError, match=str(unknown_plan(plan))):
        CpuBackend().prepare(build(values.network, 4, 2), values, plan)
