"""Drawings of one's own with their labels become a data set."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dataset import Dataset, DatasetError, Split, registry
from engine.data.collection import Collection, collection_of, drawings_directory
from engine.storage.files import atomic_write
from engine.storage.lock import Lock

CLASSES = ("zero", "one", "two")


def image(number: int) -> np.ndarray:
    return np.full((9, 7), number, np.uint8)


def filled(directory: Path, each: int) -> Collection:
    collection = Collection(directory, 9, 7, CLASSES)
    for number in range(each * len(CLASSES)):
        collection.add(image(number + 1), number % len(CLASSES))
    return collection


def test_a_collection_can_be_trained_on_as_soon_as_it_says_so(tmp_path: Path) -> None:
    collection = Collection(tmp_path / "deep" / "drawn", 9, 7, CLASSES)
    assert len(collection.read()) == 0
    assert "none yet of one, two" in collection.missing(collection.add(image(1), 0))
    collection.add(image(2), 2)
    with pytest.raises(DatasetError):
        registry.load(str(collection.directory))
    assert "a second one" in collection.missing(collection.add(image(3), 1))
    assert collection.missing(collection.add(image(4), 1)) == ""
    found = registry.load(str(collection.directory))
    assert found.classes == CLASSES and (found.height, found.width) == (9, 7)
    assert found.train.labels.tolist() == [0, 2, 1] and found.train.images[:, 0].tolist() == [1, 2, 3]
    assert found.test.labels.tolist() == [1] and found.test.images[:, 0].tolist() == [4]


def test_a_class_that_is_still_missing_is_named_by_the_reader(tmp_path: Path) -> None:
    collection = Collection(tmp_path, 9, 7, CLASSES)
    for number, label in enumerate((0, 1, 0)):
        collection.add(image(number), label)
    with pytest.raises(DatasetError, match="names 3 classes, but the labels fill 2"):
        registry.load(str(tmp_path))


def test_every_fifth_of_a_class_is_for_the_test(tmp_path: Path) -> None:
    drawn = filled(tmp_path, 12).read()
    assert drawn.counts(3) == [12, 12, 12] and len(drawn) == 36
    assert np.bincount(drawn.test[1]).tolist() == [3, 3, 3]
    assert [(int(pixels[0, 0]), label, place) for pixels, label, place in drawn.newest(4)] == [
        (33, 2, "27"), (36, 2, "test 9"), (32, 1, "26"), (35, 1, "test 8"),
    ]  # fmt: skip


def test_a_crash_between_images_and_labels_costs_the_last_drawing_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    collection = filled(tmp_path, 1)

    def crash(path: Path, *parts: bytes) -> None:
        if "labels" in path.name:
            raise OSError(28, "No space left on device")
        atomic_write(path, *parts)

    with monkeypatch.context() as context:
        context.setattr("engine.data.collection.atomic_write", crash)
        with pytest.raises(OSError, match="No space"):
            collection.add(image(77), 0)
    assert len(collection.read()) == 3
    drawn = collection.add(image(78), 0)
    assert len(drawn) == 4 and drawn.test[0][0, 0, 0] == 78


def test_other_classes_sizes_and_damage_are_refused(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    with pytest.raises(DatasetError, match=r"classes\.txt names other classes"):
        Collection(tmp_path, 9, 7, ("a", "b", "c")).read()
    with pytest.raises(DatasetError, match="3 of 9x7, and there are 3 of 7x9"):
        Collection(tmp_path, 7, 9, CLASSES).add(np.zeros((7, 9), np.uint8), 0)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"nonsense")
    with pytest.raises(DatasetError, match="no IDX file"):
        Collection(tmp_path, 9, 7, CLASSES).read()


def test_two_dashboards_do_not_write_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.data.collection.LOCK_WAIT", 0.0)
    collection = filled(tmp_path, 1)
    lock = Lock(tmp_path / ".lock")
    with pytest.raises(DatasetError, match="another dashboard"):
        collection.add(image(1), 0)
    lock.release()
    assert len(collection.add(image(1), 0)) == 4


def test_a_collection_goes_by_its_data_set_and_continues_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *names, **options: str(tmp_path))
    nothing = Split(np.empty((0, 63), np.uint8), np.empty(0, np.uint8))
    dataset = Dataset("shapes", "/somewhere", nothing, nothing, 9, 7, CLASSES, "")
    directory = collection_of(dataset).directory
    assert directory == drawings_directory() / "shapes-drawn"
    assert collection_of(replace(dataset, name="shapes-drawn", path=str(directory))).directory == directory


def test_what_was_kept_by_mistake_is_taken_out_again(tmp_path: Path) -> None:
    collection = filled(tmp_path, 2)
    assert len(collection.remove(image(99), 0)) == 6
    for number, label in ((4, 0), (5, 1), (6, 2), (1, 0)):
        assert (number, label) not in [(int(pixels[0, 0]), found) for pixels, found, _ in collection.remove(image(number), label).newest(9)]
    drawn = collection.read()
    assert drawn.train[1].tolist() == [1, 2] and not len(drawn.test[1])
    assert not (tmp_path / "t10k-labels-idx1-ubyte").exists()
    assert collection.add(image(9), 0).train[1].tolist() == [1, 2, 0]
