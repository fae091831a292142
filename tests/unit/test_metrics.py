"""metrics.csv: added to, an epoch at a time, and whole whatever happens in between."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.events import EpochEnded
from engine.runs import metrics
from engine.runs.error import RunError
from engine.runs.metrics import COLUMNS, METRICS_FILE, MetricsFile, read_metrics


def epoch(number: int, loss: float | None = 0.1 + 0.2) -> EpochEnded:
    return EpochEnded(
        epoch=number,
        learning_rate=1 / 3,
        train_loss=loss,
        train_accuracy=0.5,
        validation_loss=None,
        validation_accuracy=None,
        seconds=1.5,
        samples_per_second=400.0,
        best_epoch=1,
    )


EPOCHS = [epoch(1), epoch(2, loss=None), *map(epoch, range(3, 7))]


def write(directory: Path, upto: int, first: int = 1) -> None:
    """Each epoch as it ends, by one process."""
    file = MetricsFile(directory)
    for count in range(first, upto + 1):
        file.write(EPOCHS[:count])


def test_metrics_are_one_line_an_epoch_and_come_back_to_the_bit(tmp_path: Path) -> None:
    assert read_metrics(tmp_path) == []
    write(tmp_path, 6)
    lines = (tmp_path / METRICS_FILE).read_text().splitlines()
    assert lines[0] == ",".join(COLUMNS)
    assert lines[2] == "2,0.3333333333333333,,0.5,,,1.5,400.0,1,1"
    assert len(list(csv.reader(lines))) == 7
    assert read_metrics(tmp_path) == EPOCHS


def test_an_epoch_is_added_and_the_others_are_not_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[Path] = []
    atomic_write = metrics.atomic_write
    monkeypatch.setattr(metrics, "atomic_write", lambda path, text: (writes.append(path), atomic_write(path, text)))
    write(tmp_path, 6)
    assert len(writes) == 1
    assert read_metrics(tmp_path) == EPOCHS


def test_a_line_that_a_killed_writer_left_does_not_count_and_goes_when_the_run_goes_on(tmp_path: Path) -> None:
    write(tmp_path, 3)
    file = tmp_path / METRICS_FILE
    whole = file.read_bytes()
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        assert read_metrics(tmp_path) == EPOCHS[: max(0, whole[:length].count(b"\n") - 1)]
    write(tmp_path, 6, first=3)
    assert read_metrics(tmp_path) == EPOCHS


@pytest.mark.parametrize("lost", [3, 20])
def test_a_line_that_a_full_disk_cut_short_is_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: int) -> None:
    file = MetricsFile(tmp_path)
    file.write(EPOCHS[:1])
    file.write(EPOCHS[:3])
    file.write(EPOCHS[:4])

    def full(descriptor: int) -> None:
        os.truncate(descriptor, os.fstat(descriptor).st_size - lost)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            file.sync()
    file.write(EPOCHS[:5])
    assert read_metrics(tmp_path) == EPOCHS[:5]


@pytest.mark.parametrize("line", ["one,two", "1" * 200_000, "1,2,3,4,5,6,7,8,9,10", "\0", '1,"2'])
def test_a_line_that_is_none_is_named(tmp_path: Path, line: str) -> None:
    write(tmp_path, 1)
    with open(tmp_path / METRICS_FILE, "a") as file:  # noqa: PTH123
        file.write(f"{line}\n2,3\n")
    with pytest.raises(RunError, match=r"metrics\.csv, line \d is not a line of metrics"):
        read_metrics(tmp_path)


@settings(derandomize=True, max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200))
def test_any_bytes_are_metrics_or_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / METRICS_FILE).write_bytes(content)
    try:
        assert isinstance(read_metrics(tmp_path), list)
    except RunError as error:
        assert METRICS_FILE in error.message
