"""A small data set, ten noisy patterns of 12 x 12 pixels that a small network learns in an epoch or two; and trainings in small steps."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from dataset import Dataset, registry
from engine import trainer
from engine.runs import recorder

# What is computed and saved must not depend on how fast this machine was when it was asked.
os.environ["DIGITS_TUI_TUNING"] = "off"
recorder.TRAINING_TO_SAVING = 0

SIDE, CLASSES, TRAIN, TEST = 12, 10, 500, 100


def _write_idx(path: Path, array: npt.NDArray[np.uint8]) -> None:
    header = struct.pack(f">HBB{array.ndim}I", 0, 0x08, array.ndim, *array.shape)
    path.write_bytes(header + array.tobytes())


def write_digits(directory: Path) -> None:
    """The data set as four IDX files."""
    generator = np.random.default_rng(1)
    patterns = generator.integers(0, 256, (CLASSES, SIDE, SIDE))
    for name, count in (("train", TRAIN), ("t10k", TEST)):
        labels = np.arange(count, dtype=np.uint8) % CLASSES
        generator.shuffle(labels)
        noise = generator.integers(0, 256, (count, SIDE, SIDE))
        images = (0.6 * patterns[labels] + 0.4 * noise).astype(np.uint8)
        _write_idx(directory / f"{name}-images-idx3-ubyte", images)
        _write_idx(directory / f"{name}-labels-idx1-ubyte", labels)


@pytest.fixture(scope="session")
def digits_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data set's directory."""
    directory = tmp_path_factory.mktemp("digits")
    write_digits(directory)
    return directory


@pytest.fixture(scope="session")
def digits(digits_directory: Path) -> Dataset:
    """The same, in memory."""
    return registry.load(str(digits_directory))


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """At first three steps, then one, between two looks at the control, and progress after each."""
    monkeypatch.setattr(trainer, "FIRST_CHUNK", 3)
    monkeypatch.setattr(trainer, "CHUNK_SECONDS", 0)
    monkeypatch.setattr(trainer, "PROGRESS_SECONDS", 0)
