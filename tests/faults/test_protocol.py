"""Workers that say what no worker should, or that die before they have said all: the dashboard lives, says so and can go on."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from textual.message import Message

from engine import events
from tests.faults.scale import scaled
from tests.tui.support import furnished, make_app, notifications, screen_text, stand_still, wait_for
from tui.client import Status, WorkerClient
from tui.options import Options
from tui.processes import silence
from tui.processes.log import ProcessLog
from tui.runs.view import RunPhase

PLAYER = Path(__file__).parent / "playing_worker.py"
PATIENCE = 30.0
CPU = {"index": 0, "name": "Some CPU", "kind": "cpu", "backend": "cpu", "driver": "script"}
DATASET = {
    "name": "mnist", "path": "", "train": 60000, "test": 10000, "height": 28, "width": 28, "classes": list("0123456789"),
    "fingerprint": "0" * 64,
}  # fmt: skip
READY = events.Ready(device=CPU, devices=[CPU], note="", dataset=DATASET, runs_directory="/runs", versions={"python": "3"})
HYPERPARAMETERS = {"network": {"hidden": [2]}}


def epoch(number: int) -> events.EpochEnded:
    return events.EpochEnded(
        epoch=number, learning_rate=0.1, train_loss=0.5, train_accuracy=0.9, validation_loss=0.6, validation_accuracy=0.8, seconds=1.0,
        samples_per_second=10.0, best_epoch=number,
    )  # fmt: skip


RUN: list[events.Event] = [
    events.Compiling(kernels=2),
    events.Started(
        run="/runs/mine",
        hyperparameters=HYPERPARAMETERS,
        parameters=10,
        device=CPU,
        plan={"name": "numpy"},
        dataset=DATASET,
        epochs=2,
        steps=4,
    ),
    events.Progress(epoch=1, step=2, steps=4, epochs=2, learning_rate=0.1, train_loss=0.7, train_accuracy=0.5, samples_per_second=9.0),
    epoch(1),
    events.CheckpointWritten(path="/runs/mine/checkpoint.safetensors", epoch=1),
    events.Snapshot(path="/runs/mine/model.safetensors", epoch=1),
    events.Hint(kind="plateau", message="it goes on and on", changes={"learning_rate.initial": 0.01}),
    events.Paused(epoch=2, step=0),
    events.Resumed(epoch=2, step=0),
    events.Changed(key="learning_rate.initial", value=0.2, epoch=2, step=1),
    epoch(2),
    events.Finished(reason="epochs", epochs=2, best_epoch=2, test_accuracy=0.9, test_loss=0.5, run="/runs/mine"),
]


def line(event: events.Event) -> str:
    return events.to_json(event) + "\n"


@dataclass
class Listener:
    """Takes the client's messages in the dashboard's place."""

    heard: list[Message] = field(default_factory=list)

    def post_message(self, message: Message) -> bool:
        self.heard.append(message)
        return True


class Played:
    """A client whose worker plays ``answers``, by the names of the commands."""

    def __init__(self, directory: Path, answers: dict[str, list[Any]], end: str = "exit") -> None:
        self.play = directory / "play.json"
        self.write(answers, end)
        command = shlex.join([sys.executable, "-I", "-S", str(PLAYER), str(self.play)])
        self.client = WorkerClient(Options(worker=command), ProcessLog(directory / "worker.log"))
        self.listener = Listener()
        self.client.subscribe(self.listener)  # type: ignore[arg-type]

    def write(self, answers: dict[str, list[Any]], end: str = "exit") -> None:
        self.play.write_text(json.dumps({**answers, "last": list(answers)[-1], "end": end}))

    async def until(self, predicate: Callable[[], object], description: str) -> None:
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not predicate():
            assert asyncio.get_running_loop().time() < deadline, f"in vain: {description}"
            await asyncio.sleep(0.005)

    @property
    def log(self) -> str:
        return self.client.log.path.read_text(errors="replace")


async def trained(played: Played) -> None:
    """Lives through a worker that is told to train as soon as it is ready, to the worker's end."""
    played.client.train(HYPERPARAMETERS, "quick")
    await asyncio.wait_for(played.client.live(), PATIENCE)


def boundaries() -> list[tuple[int, str]]:
    """After how many events of the run a worker ends, and how."""
    return [(count, end) for count in range(len(RUN)) for end in ("exit", "half", "abort")]


@pytest.mark.parametrize(("count", "end"), boundaries()[:: scaled(2, 1)])
async def test_a_worker_that_dies_at_any_boundary_is_told_and_replaced(tmp_path: Path, count: int, end: str) -> None:
    told: list[Any] = [line(event) for event in RUN[:count]]
    if end == "half":
        told.append(line(RUN[count])[:-9])
    played = Played(tmp_path, {"configure": [line(READY)], "train": told}, "abort" if end == "abort" else "exit")
    client = played.client
    await trained(played)
    assert client.status is Status.LOST
    assert client.loss is not None and "ended unexpectedly" in client.loss.explanation
    assert ("signal 6" in client.loss.explanation) == (end == "abort")
    assert client.run is not None and client.run.phase is RunPhase.FAILED
    assert [item.epoch for item in client.run.epochs] == [event.epoch for event in RUN[:count] if isinstance(event, events.EpochEnded)]

    played.write({"configure": [line(READY)], "train": [line(event) for event in RUN]}, "stay")
    client.train(HYPERPARAMETERS, "quick", resume=client.run)
    living = asyncio.create_task(client.live())
    await played.until(lambda: client.run is not None and client.run.phase is RunPhase.FINISHED, "the run is gone on with")
    assert client.run is not None and [item.epoch for item in client.run.epochs] == [1, 2]
    await client.shutdown()
    await asyncio.wait_for(living, PATIENCE)


async def test_a_worker_that_dies_before_it_is_ready_is_told(tmp_path: Path) -> None:
    for number, told in enumerate(([], [line(READY)[:40]])):
        (tmp_path / str(number)).mkdir()
        played = Played(tmp_path / str(number), {"configure": told})
        await trained(played)
        assert played.client.status is Status.LOST
        assert played.client.loss is not None


GARBAGE: dict[str, list[Any]] = {
    "noise": ["\x00\xff\x1b[2J not JSON at all\n", "\n\n", "{}\n", "[]\n", "null\n", "3\n", '"event"\n', '{"event": []}\n'],
    "strangers": ['{"event": "surprise", "seq": 3}\n', '{"event": "epoch"}\n', '{"event": "ready", "device": 3}\n'],
    "other types": [json.dumps(json.loads(events.to_json(epoch(1))) | {"epoch": "one", "train_loss": {}}) + "\n"],
    "parts missing": [line(replace(READY, device={"name": "Some CPU"})), line(replace(READY, dataset={}))],
    "deep": [["[", 100_000], "\n", '{"event": "hint", "kind": "a", "message": "b", "changes": ', ['{"a":', 50_000], "\n"],
    "a line of a hundred megabytes": [["x" * 1_000_000, 100], "\n"],
    "an event of a hundred megabytes": ['{"event": "hint", "kind": "a", "message": "', ["x" * 1_000_000, 100], '"}\n'],
    "many lines": [["no event\n", 20_000]],
}


@pytest.mark.parametrize("kind", GARBAGE)
async def test_garbage_among_the_events_is_left_out(tmp_path: Path, kind: str) -> None:
    told: list[Any] = list(
        itertools.chain.from_iterable([line(event), *(GARBAGE[kind] if number == 3 else [])] for number, event in enumerate(RUN))
    )
    played = Played(tmp_path, {"configure": [*GARBAGE[kind], line(READY)], "train": told}, "stay")
    client = played.client
    client.train(HYPERPARAMETERS, "quick")
    living = asyncio.create_task(client.live())
    await played.until(lambda: client.run is not None and client.run.phase is RunPhase.FINISHED, "the run is finished")
    assert client.run is not None and [item.epoch for item in client.run.epochs] == [1, 2]
    assert client.status is Status.READY
    assert client.log.path.stat().st_size < 1_000_000
    assert len(client.log.tail()) < 30_000
    await client.shutdown()
    await asyncio.wait_for(living, PATIENCE)


async def test_events_in_any_order_do_no_harm(tmp_path: Path) -> None:
    generator = random.Random(1)
    for number in range(scaled(6, 200)):
        told = [READY, *RUN, *RUN]
        generator.shuffle(told)
        (tmp_path / str(number)).mkdir()
        played = Played(tmp_path / str(number), {"configure": [line(event) for event in told]})
        await trained(played)
        assert played.client.status is Status.LOST


async def test_a_worker_that_closes_its_stream_and_stays_is_left_behind_by_nobody(tmp_path: Path) -> None:
    played = Played(tmp_path, {"configure": [line(READY)]}, "stay")
    living = asyncio.create_task(played.client.live())
    await played.until(lambda: played.client.status is Status.READY, "the worker is ready")
    process = played.client._process
    await played.client.shutdown()
    await asyncio.wait_for(living, PATIENCE)
    assert process is not None and process.returncode is not None


async def test_the_dashboard_lives_through_garbage_and_a_death_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_still(monkeypatch, tmp_path)
    play = tmp_path / "play.json"
    everything = list(
        itertools.chain.from_iterable(GARBAGE[kind] for kind in ("noise", "strangers", "other types", "parts missing", "deep"))
    )
    answers = {"configure": [line(READY)], "train": [line(RUN[1]), *everything, line(epoch(1)), line(RUN[6])[:-10]]}
    play.write_text(json.dumps({**answers, "last": "train", "end": "abort"}))
    app = make_app(worker=shlex.join([sys.executable, "-I", "-S", str(PLAYER), str(play)]))
    async with app.run_test(size=(80, 24)) as pilot:
        await furnished(pilot, app)
        await pilot.press("r")
        await wait_for(pilot, lambda: "The worker is gone" in screen_text(app), "the death is told")
        assert "signal 6" in screen_text(app)
        play.write_text(json.dumps({"configure": [line(READY)], "train": [line(event) for event in RUN], "last": "train", "end": "stay"}))
        await pilot.press("g")
        await wait_for(pilot, lambda: app.client.run and app.client.run.phase is RunPhase.FINISHED, "the run is gone on with")
        assert "Traceback" not in notifications(app)


async def test_a_worker_that_says_nothing_for_long_is_told_and_may_be_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_still(monkeypatch, tmp_path)
    play = tmp_path / "play.json"
    play.write_text(json.dumps({"configure": [line(READY)], "train": [line(RUN[1])], "last": "none", "end": "stay"}))
    app = make_app(worker=shlex.join([sys.executable, "-I", "-S", str(PLAYER), str(play)]))
    async with app.run_test(size=(80, 24)) as pilot:
        await furnished(pilot, app)
        monkeypatch.setattr(silence, "PATIENCE", 0.2)
        app.client.look_for_devices()
        await pilot.pause(0.3)
        assert "silent" not in screen_text(app), "nothing is expected of a worker that has nothing to do"
        monkeypatch.setattr(silence, "PATIENCE", 60.0)
        await pilot.press("r")
        await wait_for(pilot, lambda: app.client.run and app.client.run.phase is RunPhase.TRAINING, "it trains")
        monkeypatch.setattr(silence, "PATIENCE", 0.2)
        app.client.look_for_devices()
        await wait_for(pilot, lambda: "The worker is silent" in screen_text(app), "its silence is told")
        assert "(training)" in screen_text(app)
        await pilot.press("escape")
        assert app.client.run is not None and app.client.run.phase is RunPhase.TRAINING, "it is waited for"
        app.client.stop()
        await wait_for(pilot, lambda: "The worker is silent" in screen_text(app), "its silence is told again")
        monkeypatch.setattr(silence, "PATIENCE", 60.0)
        await pilot.press("e")
        await wait_for(pilot, lambda: "The worker is gone" in screen_text(app), "its end is told")
        play.write_text(json.dumps({"configure": [line(READY)], "train": [line(event) for event in RUN], "last": "train", "end": "stay"}))
        await pilot.press("g")
        await wait_for(pilot, lambda: app.client.run and app.client.run.phase is RunPhase.FINISHED, "the run is gone on with")
