"""What the dashboard's tests share."""

from __future__ import annotations

import asyncio
import shlex
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from dataset import Dataset, Split
from engine.events import EpochEnded
from engine.hyperparameters.configuration import from_plain, replace
from engine.model import DatasetFacts, Model
from engine.model_file import save_model
from engine.network import initial_parameters
from engine.presets import preset
from engine.runs.run import Run
from tui.app import DigitsApp
from tui.digits.gallery import Digits
from tui.options import Options
from tui.screens.train import TrainScreen

SCRIPTED_WORKER = Path(__file__).parent / "scripted_worker.py"
SCRIPTED_COORDINATOR = Path(__file__).parent / "scripted_coordinator.py"
PATIENCE = 20.0
SIDE = 28


def stand_still(monkeypatch: pytest.MonkeyPatch, directory: Path) -> None:
    """No blinking, no animation, no colours, settings or state of the developer's own, and a log in ``directory``."""
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)
    monkeypatch.setattr("textual.constants.TEXTUAL_ANIMATIONS", "none")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for kind in ("log", "state", "config", "data"):
        monkeypatch.setattr(f"platformdirs.user_{kind}_dir", lambda *names, kind=kind, **options: str(directory / kind))


def scripted(script: Path, *arguments: str) -> str:
    """The command that runs a script."""
    return shlex.join([sys.executable, "-I", "-S", str(script), *arguments])


def make_app(*arguments: str, **options: object) -> DigitsApp:
    """A dashboard whose worker is scripted; ``arguments`` are the script's, ``options`` the dashboard's."""
    processes = {"worker": scripted(SCRIPTED_WORKER, *arguments), "coordinator": scripted(SCRIPTED_COORDINATOR)}
    return DigitsApp(Options(**{"preset": "quick", **processes, **options}))  # type: ignore[arg-type]


async def wait_for(pilot: Pilot[None], predicate: Callable[[], object], description: str) -> None:
    """Lets the dashboard go on until something is so."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not predicate():
        assert asyncio.get_running_loop().time() < deadline, f"in vain: {description}"
        await pilot.pause(0.02)


def train_screen(app: DigitsApp) -> TrainScreen:
    screen = app._screen_stacks["train"][0]
    assert isinstance(screen, TrainScreen)
    return screen


async def furnished(pilot: Pilot[None], app: DigitsApp) -> TrainScreen:
    """The first screen, once it and the worker are ready."""
    await wait_for(pilot, lambda: train_screen(app).query("RunCharts") and app.client.ready, "the form and the worker are ready")
    await pilot.pause()
    return train_screen(app)


@asynccontextmanager
async def opened(
    app: DigitsApp, size: tuple[int, int] = (80, 24), *, notifications: bool = False
) -> AsyncIterator[tuple[Pilot[None], TrainScreen]]:
    """A dashboard on its first screen, once that and the worker are ready."""
    async with app.run_test(size=size, notifications=notifications) as pilot:
        yield pilot, await furnished(pilot, app)


def screen_text(app: DigitsApp) -> str:
    """The characters on screen, line by line."""
    return "\n".join("".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips())


def notifications(app: DigitsApp) -> str:
    return "\n".join(notification.message for notification in app._notifications)


def few_digits(count: int = 12) -> Digits:
    """Digit n is a bright bar in row n, labelled n modulo 10."""
    images = np.zeros((count, SIDE, SIDE), np.uint8)
    for index in range(count):
        images[index, index, 4:24] = 255
    test = Split(images.reshape(count, SIDE * SIDE), (np.arange(count) % 10).astype(np.uint8))
    nothing = Split(np.empty((0, SIDE * SIDE), np.uint8), np.empty(0, np.uint8))
    return Digits(Dataset("mnist", "", nothing, test, SIDE, SIDE, tuple("0123456789"), "0" * 64), "mnist")


def write_run(root: Path, name: str, epochs: int = 3, changes: Mapping[str, object] | None = None, **summary: object) -> Path:
    """A run that is over, with metrics but without a model: with the preset quick, but for ``changes``."""
    values = replace(preset("quick").hyperparameters, changes or {})
    run = Run.create(root, values, "quick", name)
    trained = [_epoch(number) for number in range(1, epochs + 1)]
    run.write_metrics(trained)
    validated = {"validation_accuracy": trained[-1].validation_accuracy} if trained else {}
    ended = {"state": "finished", "epochs": epochs, "best_epoch": epochs, "seconds": 1.25 * epochs, **validated}
    facts = {"dataset": "mnist", "dataset_fingerprint": "0" * 64, "device": {"name": "Scripted CPU", "kind": "cpu", "backend": "cpu"}}
    run.write_summary(**{**ended, **facts, **summary})
    run.close()
    return run.path


def _epoch(number: int) -> EpochEnded:
    loss = 0.5 / number
    return EpochEnded(
        epoch=number, learning_rate=0.01 / number, train_loss=loss, train_accuracy=1 - loss / 5, validation_loss=loss + 0.01,
        validation_accuracy=0.99 - loss / 5, seconds=1.25, samples_per_second=640.0, best_epoch=number,
    )  # fmt: skip


def write_model(directory: Path) -> Path:
    """A model that is right about the bars but for those in row 3, taken for 4, and row 11, taken for 0."""
    digits, hyperparameters = few_digits().dataset, from_plain({"network": {"hidden": []}})
    facts = DatasetFacts.of(digits)
    network = facts.network(hyperparameters)
    parameters = initial_parameters(network, hyperparameters.network.initializer, 0)
    weight = network.layers[0].weight(parameters)
    weight[:] = 0
    for row in range(10):
        weight[row * SIDE : (row + 1) * SIDE, 4 if row == 3 else row] = 0.4
    save_model(directory / "model.safetensors", Model(hyperparameters, network, parameters, facts, epoch=3))
    return directory
