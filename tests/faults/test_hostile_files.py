"""Model files and checkpoints that mean ill: refused in a sentence, before anything large is allocated."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import network
from engine.backend import Device, Tally, TrainingState
from engine.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from engine.hyperparameters.configuration import from_plain, to_toml
from engine.model import DatasetFacts, Model
from engine.model_file import load_model, save_model
from engine.storage.tensor_file import LENGTH_BYTES, MAXIMUM_HEADERS, METADATA_KEY, ModelFileError
from tests.faults.scale import scaled
from tests.tensor_headers import crafted, header_of, with_header
from tui.cli import main

MEBIBYTE = 2**20
SMALL, LARGER = 8 * MEBIBYTE, 32 * MEBIBYTE
"""The most that may be allocated for a hostile file: of most kinds, and with the largest header that a checkpoint may have."""
FACTS = DatasetFacts(name="tiny", fingerprint="0" * 64, height=2, width=3, classes=("a", "b"))
HYPERPARAMETERS = from_plain({"network": {"hidden": [3], "layer_norm": True}, "training": {"averaging": 0.9}})
NETWORK = FACTS.network(HYPERPARAMETERS)
PARAMETERS = network.initial_parameters(NETWORK, HYPERPARAMETERS.network.initializer, 1)
MODEL = Model(HYPERPARAMETERS, NETWORK, PARAMETERS, FACTS, 7, validation_loss=0.25)
CHECKPOINT = Checkpoint(
    hyperparameters=HYPERPARAMETERS,
    dataset=FACTS,
    device=Device(0, "Some CPU", "cpu", "cpu", "NumPy"),
    plan={"name": "numpy", "threads": 1},
    state=TrainingState(PARAMETERS, PARAMETERS, PARAMETERS, PARAMETERS),
    epoch=2,
    step=5,
    rate=0.1,
    validation=((0.5, 0.3), (None, None)),
    partial=Tally(0.5, 3, 9),
    partial_seconds=0.7,
)
MODEL_NAME, CHECKPOINT_NAME = "model.safetensors", "checkpoint.safetensors"
HOSTILE = settings(
    derandomize=True,
    deadline=None,
    max_examples=scaled(60, 5000),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A run's directory with a good model and a good checkpoint."""
    save_model(tmp_path / MODEL_NAME, MODEL)
    save_checkpoint(tmp_path, CHECKPOINT)
    return tmp_path


def read(directory: Path, name: str, most: int = SMALL) -> Model | Checkpoint | None:
    """What the file holds, or None where it is refused, as it has to be: in a line, and with little memory."""
    tracemalloc.start()
    try:
        return load_model(directory) if name == MODEL_NAME else load_checkpoint(directory)[0]
    except ModelFileError as error:
        assert error.message.isprintable() and error.message.startswith(str(directory)), error.message
        assert len(error.message) < len(str(directory)) + 600
        assert error.advice
        return None
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < most, f"{peak / MEBIBYTE:.0f} MiB were allocated"


def is_harmless(found: Model | Checkpoint | None) -> bool:
    """Whether a file was refused, or holds what was written."""
    if isinstance(found, Model):
        return replace(found, parameters=PARAMETERS).__dict__ == MODEL.__dict__ and found.parameters.tobytes() == PARAMETERS.tobytes()
    if isinstance(found, Checkpoint):
        buffers = [buffer.tobytes() for buffer in vars(found.state).values()]
        return replace(found, state=CHECKPOINT.state).__dict__ == CHECKPOINT.__dict__ and buffers == [PARAMETERS.tobytes()] * 4
    return True


splices = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.binary(max_size=40)), min_size=1, max_size=4)


@pytest.mark.parametrize("name", [MODEL_NAME, CHECKPOINT_NAME])
@HOSTILE
@given(changes=splices, cut=st.none() | st.floats(0, 1))
def test_mutated_bytes_are_refused_or_harmless(
    directory: Path, name: str, changes: list[tuple[float, int, bytes]], cut: float | None
) -> None:
    save_model(directory / MODEL_NAME, MODEL)
    save_checkpoint(directory, CHECKPOINT)
    (directory / "checkpoint.previous.safetensors").unlink(missing_ok=True)
    raw = (directory / name).read_bytes()
    for place, length, replacement in changes:
        start = round(place * len(raw))
        raw = raw[:start] + replacement + raw[start + length :]
    (directory / name).write_bytes(raw if cut is None else raw[: round(cut * len(raw))])
    assert is_harmless(read(directory, name))


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from([10**300, -1, 2**31, "\x1b[2J", "a\nb"])
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4), max_leaves=8
)


def replace_somewhere(content: Any, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
    """Puts any value in the place of one in ``content``, or adds one."""
    while True:
        key = draw(st.sampled_from(sorted(content))) if isinstance(content, dict) else draw(st.integers(0, len(content) - 1))
        inside = content[key]
        if not isinstance(inside, dict | list) or not inside or draw(st.booleans()):
            if isinstance(content, dict) and draw(st.booleans()):
                key = draw(st.text(max_size=8))
            content[key] = draw(values)
            return
        content = inside


@pytest.mark.parametrize("name", [MODEL_NAME, CHECKPOINT_NAME])
@HOSTILE
@given(data=st.data())
def test_whatever_a_file_says_of_itself_is_checked(directory: Path, name: str, data: st.DataObject) -> None:
    save_model(directory / MODEL_NAME, MODEL)
    save_checkpoint(directory, CHECKPOINT)
    (directory / "checkpoint.previous.safetensors").unlink(missing_ok=True)
    crafted(directory / name, lambda content: replace_somewhere(content, data.draw))
    found = read(directory, name)
    assert found is None or found.hyperparameters.network.hidden == (3,), "there are numbers for no other network"


def test_the_hashes_of_a_crafted_file_are_right(directory: Path) -> None:
    crafted(directory / MODEL_NAME, lambda content: content.update(epoch=8))
    assert load_model(directory).epoch == 8


@pytest.mark.parametrize("name", [MODEL_NAME, CHECKPOINT_NAME])
@pytest.mark.parametrize("hidden", [[8192] * 8, [], [3, 3], [2], [4]])
def test_hyperparameters_of_another_network_are_refused(directory: Path, name: str, hidden: list[int]) -> None:
    crafted(directory / name, lambda content: content["hyperparameters"]["network"].update(hidden=hidden))
    assert read(directory, name) is None


def test_a_header_and_a_size_that_agree_are_not_enough(directory: Path) -> None:
    """Ten million numbers are announced, and room for them is there, but nobody wrote them."""
    path = directory / MODEL_NAME
    large = from_plain({"network": {"hidden": [8192, 1200]}})
    shapes = network.tensor_shapes(FACTS.network(large))
    crafted(path, lambda content: content["hyperparameters"]["network"].update(hidden=[8192, 1200], layer_norm=False))
    header, _ = header_of(path.read_bytes())
    entries, offset = {}, 0
    for name, shape in shapes.items():
        end = offset + 4 * int(np.prod(shape))
        entries[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [offset, end]}
        offset = end
    path.write_bytes(with_header({"__metadata__": header["__metadata__"], **entries}, b""))
    with open(path, "r+b") as file:  # noqa: PTH123
        file.truncate(path.stat().st_size + offset)
    assert path.stat().st_size > 35 * MEBIBYTE
    assert read(directory, MODEL_NAME) is None


def _nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize(
    "header",
    [
        _nested(1000),
        _nested(100_000),
        b'{"__metadata__": ' + _nested(100_000) + b"}",
        b'{"__metadata__": {"' + METADATA_KEY.encode() + b'": "' + _nested(100_000) + b'"}}',
        b'{"__metadata__": {"' + METADATA_KEY.encode() + b'": 1}}',
        b'{"__metadata__": {"' + METADATA_KEY.encode() + b'": null, "more": "text"}}',
        b'{"__metadata__": []}',
        b'{"__metadata__": {"' + METADATA_KEY.encode() + b'": "' + b"1" * 5000 + b'"}}',
        b"[" + b"[]," * 80_000 + b"[]]",
        b'["' + b"\xff" * 1000 + b'"]',
        b"NaN",
        b"{}",
        b"",
    ],
)
def test_headers_that_are_bombs_or_nonsense_are_refused(directory: Path, header: bytes) -> None:
    for name in (MODEL_NAME, CHECKPOINT_NAME):
        (directory / name).write_bytes(with_header(header, b"\0" * 1000))
        assert read(directory, name) is None


@pytest.mark.parametrize("unit", [b"[],", b"1.5,", b'"ab",', b'{"a":1},', b'{"a":{}},', b"x"])
def test_the_largest_header_is_parsed_only_where_it_holds_little(directory: Path, unit: bytes) -> None:
    size = MAXIMUM_HEADERS["checkpoint"]
    separators = sum(map(unit.count, (b",", b":", b"[", b"{")))
    for count in (size // len(unit) - 4, 390_000 // max(1, separators)):
        header = b"[" + unit * count + b"0]"
        (directory / CHECKPOINT_NAME).write_bytes(with_header(header[:size], b""))
        assert read(directory, CHECKPOINT_NAME, LARGER) is None


@pytest.mark.parametrize("announced", [17, 2**18 + 1, 10 * 2**30, 2**63, 2**64 - 1])
def test_a_header_that_is_longer_than_the_file_or_than_any_of_ours_is_not_read(directory: Path, announced: int) -> None:
    for name in (MODEL_NAME, CHECKPOINT_NAME):
        (directory / name).write_bytes(announced.to_bytes(LENGTH_BYTES, "little") + b"{}")
        assert read(directory, name) is None


def test_texts_that_would_write_on_the_terminal_are_refused(directory: Path) -> None:
    for text in ("\x1b]0;gotcha\x07", "two\nlines", "\x9b2J", "\ud800"):
        save_model(directory / MODEL_NAME, MODEL)
        crafted(directory / MODEL_NAME, lambda content, text=text: content["dataset"].update(name=text))
        assert read(directory, MODEL_NAME) is None
        save_model(directory / MODEL_NAME, MODEL)
        crafted(directory / MODEL_NAME, lambda content, text=text: content.update({text: 1}))
        assert read(directory, MODEL_NAME) is None


@pytest.mark.skipif(os.name == "nt", reason="named pipes are POSIX")
def test_what_is_no_file_is_not_waited_for(directory: Path) -> None:
    (directory / CHECKPOINT_NAME).unlink()
    os.mkfifo(directory / CHECKPOINT_NAME)
    assert read(directory, CHECKPOINT_NAME) is None


BOMB = with_header(_nested(100_000), b"")


def refusal(*arguments: object) -> str:
    """The first of two lines: what is wrong."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    what, advice = result.stderr.splitlines()
    assert what.startswith("Error: ") and advice
    return what.removeprefix("Error: ")


@pytest.mark.parametrize("command", ["evaluate", "statistics", "showcase", "predict"])
def test_a_command_ends_with_a_sentence(directory: Path, command: str) -> None:
    path = directory / MODEL_NAME
    path.write_bytes(BOMB)
    assert refusal(command, path, *([path] if command == "predict" else [])).startswith(str(path))


def test_a_run_with_a_hostile_checkpoint_does_not_go_on(
    directory: Path, digits_directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (directory / "hyperparameters.toml").write_text(to_toml(HYPERPARAMETERS))
    (directory / CHECKPOINT_NAME).write_bytes(BOMB)
    runner = CliRunner().invoke(main, ["train", "--resume", str(directory), "--device", "cpu", "--dataset", str(digits_directory)])
    assert runner.exit_code == 2
    assert f"Error: {directory / CHECKPOINT_NAME} is not a safetensors file" in runner.stderr
