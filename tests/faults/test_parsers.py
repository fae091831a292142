"""Everything that is read from outside, mutated: it is taken, or refused by the documented error, in little time and memory."""

from __future__ import annotations

import gzip
import io
import json
import random
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dataset import DatasetError, csv, idx, image
from engine import commands, events
from engine.backend import Device
from engine.checkpoint import load_checkpoint
from engine.hyperparameters import configuration
from engine.hyperparameters.configuration import HyperparameterError
from engine.hyperparameters.definitions import Hyperparameters
from engine.model_file import load_model
from engine.runs.error import RunError
from engine.runs.history import read_changes
from engine.runs.metrics import read_metrics
from engine.runs.run import Run
from engine.runs.summary import read_summary
from engine.storage.tensor_file import ModelFileError
from engine.sweep import events as sweep_events
from tests.faults.scale import scaled
from tui import settings, state
from tui.drawing import text as drawing_text
from tui.drawing.strokes import Stroke, Whole

CASES = scaled(500, 100_000)
"""Of each kind of input."""
SLOW = {"settings": 50, "picture": 2, "metrics": 2}
"""How many times fewer of those that take long: of keys, all pairs are compared."""
WATCHED = 50
"""Of them, how many with an eye on memory, which is slow."""
MOST_MEMORY = 16 * 2**20
MOST_TIME = 2.0
"""Seconds of the processor's time, far more than any input takes: what does not end by itself is found."""
TOKENS = [
    *(bytes([value]) for value in (0, 1, 8, 9, 10, 13, 34, 44, 91, 92, 123, 127, 128, 255)),
    b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x1f\x8b", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b"\x1b[2J",
    b"null", b"true", b"NaN", b"-Infinity", b"1e999", b"-1", b"0", b"9" * 30, b"9" * 5000, b"1979-05-27", b'"', b'"""', b"''",
    b"[" * 2000, b"]" * 2000, b'{"a":' * 500, b"[[a]]\n", b"a.b.c.", b"{}", b"[]", b":", b",", b"=", b"\n", b"\r\n", b"#", b"\x00" * 100,
]  # fmt: skip


def mutated(generator: random.Random, seeds: list[bytes]) -> bytes:
    """One of the seeds, changed in one to four places."""
    content = generator.choice(seeds)
    for _ in range(generator.randint(1, 4)):
        place = generator.randint(0, len(content))
        length = generator.choice((0, 1, 1, 2, 4, 8, 64))
        match generator.randrange(6):
            case 0:
                new = bytes([content[place] ^ 1 << generator.randrange(8)]) if place < len(content) else b""
                content = content[:place] + new + content[place + 1 :]
            case 1:
                content = content[:place] + generator.randbytes(length) + content[place + length :]
            case 2:
                content = content[:place] + content[place + length :]
            case 3:
                content = content[:place] + generator.choice(TOKENS) + content[place + length :]
            case 4:
                content = content[:place] + content[max(0, place - length) :]
            case _:
                other = generator.choice(seeds)
                content = content[:place] + other[generator.randint(0, len(other)) :]
    return content


@dataclass(frozen=True)
class Reader:
    read: Callable[[Path], object]
    """Of a file in a directory."""
    name: str
    errors: tuple[type[Exception], ...]
    seeds: Callable[[Path], list[bytes]]


def lines_of(told: list[events.Event]) -> list[bytes]:
    return [events.to_json(event).encode() for event in told]


EPOCH = events.EpochEnded(
    epoch=1, learning_rate=0.1, train_loss=0.5, train_accuracy=0.9, validation_loss=None, validation_accuracy=0.8, seconds=1.5,
    samples_per_second=10.0, best_epoch=1, phases={"training": 1.0},
)  # fmt: skip
EVENTS = [
    EPOCH,
    events.Failed(kind="data", message="no", advice="so"),
    events.Hint(kind="a", message="b", changes={"c": 1}),
    events.Changed(key="learning_rate.initial", value=0.1, epoch=1, step=2),
    events.Devices(devices=[Device(0, "a", "cpu", "cpu", "b").plain()]),
]
STARTED = events.Started(
    run="a", hyperparameters=configuration.plain(Hyperparameters()), parameters=1, device=Device(0, "a", "cpu", "cpu", "b").plain(),
    plan={}, dataset={"name": "a", "height": 2, "width": 3, "classes": ["b"], "fingerprint": "0"}, epochs=1, steps=1,
)  # fmt: skip
SWEEP_EVENTS: list[events.Event] = [sweep_events.SweepFailed(kind="data", message="no", advice="so")]
COMMANDS = [
    commands.Configure(device="cpu", dataset="mnist"),
    commands.Train(hyperparameters=configuration.plain(Hyperparameters()), run_name="a"),
    commands.Set(key="learning_rate.initial", value=0.1),
    commands.Evaluate(model="a"),
    commands.StopJob(job=3),
]
IMAGES = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)
LABELS = np.array([0, 1, 2, 1], np.uint8)
TABLE = b"label,1x1,1x2,2x1,2x2\n5,0,255,10,7\n0,1,22,100,9\n63,99,0,0,200\n"
STROKES = [Stroke(((0.5, 0.5), (0.6, 0.6)), 0.1, False), Whole("clear")]
SETTINGS = b'ascii = true\n[keys]\n"train.run" = "f11"\ntrain.pause = "ctrl+s,p"\n'


def picture(kind: str) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.kron(np.eye(4), np.full((3, 3), 255)).astype(np.uint8)).save(stream, kind)
    return stream.getvalue()


def golden(name: str) -> Callable[[Path], list[bytes]]:
    return lambda directory: [(Path(__file__).parent / "golden" / "1" / name).read_bytes()]


def drawing(path: Path) -> object:
    return drawing_text.from_json(path.read_bytes())


READERS = {
    "idx images": Reader(idx.read_images, "a", (DatasetError,), lambda _: [idx.to_bytes(IMAGES)]),
    "idx labels": Reader(idx.read_labels, "a", (DatasetError,), lambda _: [idx.to_bytes(LABELS)]),
    "gzip": Reader(
        idx.read_images, "a", (DatasetError,), lambda _: [gzip.compress(idx.to_bytes(IMAGES)), gzip.compress(idx.to_bytes(IMAGES), 0)]
    ),
    "csv": Reader(csv.read_table, "a", (DatasetError,), lambda _: [TABLE, TABLE[22:]]),
    "picture": Reader(lambda path: image.read_images(path, 12, 12), "a", (DatasetError,), lambda _: [picture("PNG"), picture("JPEG")]),
    "toml": Reader(
        configuration.read_toml, "a", (HyperparameterError,), lambda _: [configuration.to_toml(Hyperparameters()).encode(), b"a.b = 1\n"]
    ),
    "model": Reader(load_model, "model.safetensors", (ModelFileError,), golden("model.safetensors")),
    "checkpoint": Reader(load_checkpoint, "checkpoint.safetensors", (ModelFileError,), golden("checkpoint.safetensors")),
    "metrics": Reader(lambda path: read_metrics(path.parent), "metrics.csv", (RunError,), golden("metrics.csv")),
    "summary": Reader(lambda path: read_summary(path.parent), "summary.json", (), golden("summary.json")),
    "events file": Reader(lambda path: Run.open(path.parent).close(), "events.jsonl", (), lambda _: [b"\n".join(lines_of(EVENTS)) + b"\n"]),
    "changes": Reader(
        lambda path: read_changes(path.parent), "events.jsonl", (), lambda _: [b"\n".join(lines_of([STARTED, *EVENTS, STARTED])) + b"\n"]
    ),
    "event": Reader(lambda path: events.from_json(path.read_bytes()), "a", (events.ProtocolError,), lambda _: lines_of(EVENTS)),
    "sweep event": Reader(
        lambda path: sweep_events.from_json(path.read_bytes()), "a", (events.ProtocolError,), lambda _: lines_of(SWEEP_EVENTS)
    ),
    "command": Reader(
        lambda path: commands.from_json(path.read_bytes()),
        "a",
        (events.ProtocolError,),
        lambda _: [commands.to_json(command).encode() for command in COMMANDS],
    ),
    "settings": Reader(settings.read_settings, "a", (), lambda _: [SETTINGS]),
    "state": Reader(
        lambda path: state.Memory(path), "a", (), lambda _: [json.dumps({"theme": "a", "greeted": True, "layout": {"b": 1}}).encode()]
    ),
    "drawing": Reader(drawing, "a", (drawing_text.DrawingError,), lambda _: [drawing_text.to_json(STROKES).encode()]),
}


def attempt(reader: Reader, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    begin = time.process_time()
    try:
        reader.read(path)
    except reader.errors as error:
        assert str(error).isprintable() and len(str(error)) < 3000, str(error)[:3000]
    except Exception as error:
        raise AssertionError(f"{type(error).__name__}: {error} from {content[:2000]!r}") from error
    assert time.process_time() - begin < MOST_TIME, content[:2000]


@pytest.mark.parametrize("name", READERS)
def test_mutated_input_is_taken_or_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(state, "note", lambda line: None)
    reader, generator = READERS[name], random.Random(name)
    path, seeds = tmp_path / reader.name, reader.seeds(tmp_path)
    for seed in seeds:
        attempt(reader, path, seed)
    tracemalloc.start()
    watched = max(1, WATCHED // SLOW.get(name, 1))
    for _ in range(watched):
        content = mutated(generator, seeds)
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        attempt(reader, path, content)
        assert tracemalloc.get_traced_memory()[1] - before < MOST_MEMORY, content[:2000]
    tracemalloc.stop()
    for _ in range(CASES // SLOW.get(name, 1) - watched):
        attempt(reader, path, mutated(generator, seeds))


@pytest.mark.parametrize(
    "text",
    ["a = " + "[" * 20_000, "a." * 20_000 + "b = 1", "[" + "a." * 20_000 + "b]", "epochs = " + "1" * 5000, "a = 1\n" * 20_000],
    ids=["deep", "dotted", "table", "number", "long"],
)
def test_toml_that_would_take_long_or_nest_deep_is_refused_at_once(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.toml").write_text(f"[training]\n{text}\n")
    with pytest.raises(HyperparameterError, match=r"is not valid TOML: more than") as caught:
        configuration.read_toml(tmp_path / "a.toml")
    assert len(caught.value.problems[0]) < 400
    with pytest.raises(HyperparameterError) as caught:
        configuration.replace(Hyperparameters(), dict([configuration.parse_assignment(f"training.epochs={text}")]))
    assert len(caught.value.problems[0]) < 400


def test_a_gzip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """A gigabyte in a megabyte, behind a header that promises three images."""
    path, bomb = tmp_path / "bomb", io.BytesIO()
    with gzip.GzipFile(fileobj=bomb, mode="wb", compresslevel=9, mtime=0) as file:
        file.write(idx.to_bytes(IMAGES))
        for _ in range(scaled(64, 1024)):
            file.write(bytes(2**20))
    path.write_bytes(bomb.getvalue())
    tracemalloc.start()
    with pytest.raises(DatasetError, match="goes on after the last number"):
        idx.read_images(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 2**20


DEEP: Any = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize("line", [DEEP, '{"event": "hint", "kind": "a", "message": "b", "changes": {"a": ' + DEEP + "}}"])
def test_lines_that_nest_deep_are_no_events_and_no_commands(line: str) -> None:
    for read in (events.from_json, sweep_events.from_json, commands.from_json):
        with pytest.raises(events.ProtocolError):
            read(line)


OTHER_TYPES: list[dict[str, Any]] = [
    {"epoch": "1"}, {"learning_rate": []}, {"train_loss": "a"}, {"phases": 3}, {"seq": None}, {"best_epoch": 1.5},
]  # fmt: skip


@pytest.mark.parametrize("change", OTHER_TYPES)
def test_an_event_whose_fields_are_of_other_types_is_none(change: dict[str, Any]) -> None:
    plain = json.loads(events.to_json(EPOCH))
    assert events.from_json(json.dumps(plain)) == EPOCH
    with pytest.raises(events.ProtocolError):
        events.from_json(json.dumps(plain | change))


def test_the_names_of_unknown_fields_do_not_write_on_the_terminal() -> None:
    with pytest.raises(events.ProtocolError) as caught:
        commands.from_json(json.dumps({"command": "stop", "\x1b[2J\n" + "x" * 10_000: 1}))
    assert str(caught.value).isprintable() and len(str(caught.value)) < 300
