"""Clocks that jump and processes that stand still: a machine that slept, or whose time was set. No run is lost, and nothing is misled."""

from __future__ import annotations

import datetime
import json
import math
import random
import shlex
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dataset import Dataset
from engine import trainer
from engine.checkpoint import load_checkpoint
from engine.events import EpochEnded, Event, Progress, to_json
from engine.hyperparameters.definitions import Hyperparameters
from engine.runs import recorder
from engine.runs.index import run_directories
from engine.runs.metrics import read_metrics
from engine.runs.run import Run
from tests.faults.test_protocol import PLAYER, READY, RUN, epoch
from tests.faults.training import Training
from tests.tui.support import furnished, make_app, screen_text, stand_still, wait_for
from tui.runs.view import RunPhase

DAY = 86_400.0


class Clock:
    """A module ``time`` that is off by some seconds."""

    def __init__(self) -> None:
        self.off = 0.0

    def __getattr__(self, name: str) -> Any:
        found = getattr(time, name)
        return (lambda: found() + self.off) if name in ("time", "monotonic", "perf_counter") else found


def jumping(clock: Clock, steps: tuple[float, ...]) -> Callable[[Event], None]:
    generator = random.Random(1)

    def react(event: Event) -> None:
        if isinstance(event, Progress | EpochEnded):
            clock.off += generator.choice(steps)

    return react


@pytest.mark.parametrize("steps", [(0.0, DAY), (0.0, DAY, -DAY)], ids=["a day on", "to and fro"])
def test_a_training_goes_on_to_the_same_bits(
    tmp_path: Path, digits: Dataset, monkeypatch: pytest.MonkeyPatch, steps: tuple[float, ...]
) -> None:
    """As on systems whose steady clock goes on while the machine sleeps; backwards is what none promises, and does no harm either."""
    whole, jumped = (Training(tmp_path, digits, name=name) for name in ("whole", "jumped"))
    whole.start()
    clock = Clock()
    for module in (trainer, recorder):
        monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(trainer, "PROGRESS_SECONDS", 0)
    jumped.react = jumping(clock, steps)
    assert jumped.start() == "epochs"
    assert clock.off != 0
    expected, found = (load_checkpoint(item.path)[0] for item in (whole, jumped))
    assert found.state.parameters.tobytes() == expected.state.parameters.tobytes()
    assert found.validation == expected.validation
    for event in jumped.all(EpochEnded):
        assert math.isfinite(event.seconds) and math.isfinite(event.samples_per_second)
    assert [item.epoch for item in read_metrics(jumped.path)] == [1, 2, 3, 4, 5]


def test_runs_that_begin_at_the_same_time_or_before_those_that_were_there_have_names_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon, values, names = datetime.datetime(2026, 3, 4, 12, 0, 0), Hyperparameters(), []
    for day in (0, 0, 1, -1, 0):
        now = noon + datetime.timedelta(days=day)
        monkeypatch.setattr("engine.runs.run.datetime", SimpleNamespace(now=lambda now=now: now))
        run = Run.create(tmp_path, values)
        names.append(run.path.name)
        run.close()
    assert len(set(names)) == 5
    assert {path.name for path in run_directories(tmp_path)} == set(names)


STRANGE = [0.0, -1.0, -DAY, DAY, 1e18, 1e-300]
"""Seconds that an epoch may seem to have taken."""


async def test_whatever_an_epoch_seems_to_have_taken_is_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_still(monkeypatch, tmp_path)
    play, told = tmp_path / "play.json", [RUN[1]]
    for number, seconds in enumerate(STRANGE, 1):
        told.append(replace(epoch(number), seconds=seconds, samples_per_second=1e300 if seconds == 0 else -5.0))
        told.append(Progress(epoch=number + 1, step=2, steps=4, epochs=9, learning_rate=0.1, train_loss=0.7, train_accuracy=0.5,
                             samples_per_second=1e-300 if number % 2 else -1.0))  # fmt: skip
    lines = [to_json(event) + "\n" for event in told]
    play.write_text(json.dumps({"configure": [to_json(READY) + "\n"], "train": lines, "last": "none", "end": "stay"}))
    app = make_app(worker=shlex.join([sys.executable, "-I", "-S", str(PLAYER), str(play)]))
    async with app.run_test(size=(120, 40)) as pilot:
        await furnished(pilot, app)
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.run and len(app.client.run.epochs) == len(STRANGE), "all epochs are told")
        await wait_for(pilot, lambda: "[06]" in screen_text(app), "the last epoch is drawn")
        assert app.client.run is not None and app.client.run.phase is RunPhase.TRAINING
