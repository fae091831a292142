"""Folders of images, names of classes, and the sizes that can be used."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from dataset import DatasetError, folders, registry
from tui.cli import main

GENERATOR = np.random.default_rng(3)


def save(path: Path, levels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(levels).save(path)


def picture(height: int = 3, width: int = 4) -> np.ndarray:
    return GENERATOR.integers(0, 256, (height, width), np.uint8)


def refusal(directory: Path) -> str:
    with pytest.raises(DatasetError) as caught:
        registry.load(str(directory))
    assert caught.value.advice
    return caught.value.message


@pytest.fixture
def parts(tmp_path) -> dict[Path, np.ndarray]:
    """Images in ``train`` and ``test``, by their paths; the class 10 comes after 9."""
    images = {
        tmp_path / part / name / f"{number}.png": picture()
        for part, count in (("train", 5), ("test", 2))
        for name in ("10", "9")
        for number in range(count)
    }
    for path, levels in images.items():
        save(path, levels)
    return images


def test_images_are_read_as_they_are_with_their_folders_as_classes(tmp_path, parts):
    (tmp_path / "train" / ".DS_Store").write_bytes(b"x")
    (tmp_path / "train" / "9" / ".thumbnails").mkdir()
    loaded = registry.load(str(tmp_path))
    assert (loaded.classes, loaded.height, loaded.width, len(loaded.train), len(loaded.test)) == (("9", "10"), 3, 4, 10, 4)
    for part, split in (("train", loaded.train), ("test", loaded.test)):
        expected = {(loaded.classes.index(path.parent.name), levels.tobytes()) for path, levels in parts.items() if part in path.parts}
        assert {(int(label), row.tobytes()) for label, row in zip(split.labels, split.images, strict=True)} == expected
    assert len(set(loaded.train.labels[-4:])) == 2, "the validation part would hold one class only"
    assert registry.load(str(tmp_path)).fingerprint == loaded.fingerprint


def test_without_a_folder_for_the_test_a_fifth_is_put_aside(tmp_path):
    images = {(name, number): picture() for name in ("cat", "dog") for number in range(10)}
    for (name, number), levels in images.items():
        save(tmp_path / name / f"{number}.png", levels)
    loaded = registry.load(str(tmp_path))
    assert loaded.classes == ("cat", "dog")
    aside = {images[name, number].tobytes() for name in loaded.classes for number in (4, 9)}
    assert {row.tobytes() for row in loaded.test.images} == aside
    assert len(loaded.train) == 16
    again = registry.load_test(str(tmp_path))
    np.testing.assert_array_equal(again.test.images, loaded.test.images)


def test_colours_become_grey_levels(tmp_path):
    for name in ("a", "b"):
        for number in range(2):
            save(tmp_path / name / f"{number}.JPG", np.full((8, 8, 3), 77, np.uint8))
    assert set(registry.load(str(tmp_path)).train.images.flat) == {77}


def test_what_is_wrong_is_named(tmp_path, parts):
    first = tmp_path / "train" / "10" / "3.png"
    content = first.read_bytes()
    first.write_bytes(b"no picture")
    assert refusal(tmp_path) == f"{first} is neither a PNG nor a JPEG"
    first.write_bytes(content[:45])
    assert refusal(tmp_path).startswith(f"{first} is damaged")
    save(first, picture(5, 4))
    assert f"{first} measures 4x5 pixels, but " in refusal(tmp_path) or " measures 4x3 pixels, but " in refusal(tmp_path)
    save(first, picture(65, 65))
    assert refusal(tmp_path) == f"{first} measures 65x65 pixels; at most 64x64 can be used"
    first.write_bytes(content)
    (first.parent / "notes.txt").write_text("hello")
    assert refusal(tmp_path) == f"{first.parent / 'notes.txt'} is neither a PNG nor a JPEG"
    (first.parent / "notes.txt").unlink()
    save(tmp_path / "test" / "cow" / "1.png", picture())
    assert refusal(tmp_path) == f"{tmp_path / 'test' / 'cow'}: no training images have this class"


def test_folders_that_are_no_data_set_are_refused(tmp_path):
    (tmp_path / "train").mkdir()
    assert refusal(tmp_path) == f"{tmp_path / 'test'} does not exist"
    (tmp_path / "test").mkdir()
    assert refusal(tmp_path) == f"{tmp_path} has folders for 0 classes"
    for name in ("a", "b"):
        save(tmp_path / "train" / name / "1.png", picture())
    assert refusal(tmp_path) == f"{tmp_path / 'test'} holds no images"
    (tmp_path / "train" / "c").mkdir()
    assert refusal(tmp_path) == f"the folder of the class c in {tmp_path} holds no images"


def test_a_class_with_a_single_image_cannot_be_shared_out(tmp_path):
    save(tmp_path / "a" / "1.png", picture())
    save(tmp_path / "b" / "1.png", picture())
    assert refusal(tmp_path) == f"{tmp_path / 'a'} holds a single image"


def test_more_than_memory_holds_is_refused(tmp_path, parts, monkeypatch):
    monkeypatch.setattr(folders, "MAXIMUM_BYTES", 100)
    assert refusal(tmp_path) == f"{tmp_path} holds 14 images; at most 8 of this size are read"


def write_tables(directory: Path, side: int, classes: int) -> None:
    labels = np.arange(classes * 2) % classes
    for file in registry.CSV_FILES:
        rows = np.column_stack([labels, GENERATOR.integers(0, 256, (len(labels), side * side))])
        np.savetxt(directory / file, rows, fmt="%d", delimiter=",")


@pytest.mark.parametrize("content", [None, "Aal\nBär\n"])
def test_classes_have_the_names_of_classes_txt(tmp_path, content):
    write_tables(tmp_path, side=2, classes=2)
    if content:
        (tmp_path / "classes.txt").write_text(content, encoding="utf-8")
    assert registry.load(str(tmp_path)).classes == (("Aal", "Bär") if content else ("0", "1"))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"one\n", " names 1 class, but the labels fill 2"),
        (b"one\ntwo\nthree\n", " names 3 classes, but the labels fill 2"),
        (b"one\none\n", ", line 2: the name 'one' is there already"),
        (b"one\n\ntwo\n", ", line 2: '' cannot be the name of a class"),
        (b"one\n\x1b[31m\n", ", line 2: '\\x1b[31m' cannot be the name of a class"),
        (b"\xff\n", " is not a text file in UTF-8"),
    ],
)
def test_a_bad_classes_txt_is_refused(tmp_path, content, problem):
    write_tables(tmp_path, side=2, classes=2)
    (tmp_path / "classes.txt").write_bytes(content)
    assert refusal(tmp_path) == f"{tmp_path / 'classes.txt'}{problem}"


@pytest.mark.parametrize(("side", "classes"), [(1, 2), (64, 64)])
def test_the_smallest_and_the_largest_data_set_train(tmp_path, side, classes):
    write_tables(tmp_path, side, classes)
    (tmp_path / "classes.txt").write_text("".join(f"class {number}\n" for number in range(classes)))
    options = ["--dataset", str(tmp_path), "--device", "cpu", "--set", "network.hidden=[8]", "--set", "training.epochs=1"]
    trained = CliRunner().invoke(main, ["train", *options, "--runs-dir", str(tmp_path), "--name", "run"])
    assert trained.exit_code == 0, trained.output
    found = CliRunner().invoke(main, ["evaluate", str(tmp_path / "run"), "--json"])
    assert len(json.loads(found.stdout)["confusion"]) == classes
