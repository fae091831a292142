"""Data sets are found by name or in a directory; what does not belong together is refused."""

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from dataset import DatasetError, registry

LABELS = {"train": np.array([0, 1, 2, 1], np.uint8), "t10k": np.array([2, 0], np.uint8)}
IMAGES = {part: np.full((len(labels), 2, 2), 7, np.uint8) + labels[:, None, None] for part, labels in LABELS.items()}


def encode(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


def write_idx(directory: Path, images=IMAGES, labels=LABELS, dot="-", pack=False) -> None:
    for part in ("train", "t10k"):
        for name, array in ((f"{part}-images{dot}idx3-ubyte", images[part]), (f"{part}-labels{dot}idx1-ubyte", labels[part])):
            (directory / (name + ".gz" * pack)).write_bytes(gzip.compress(encode(array)) if pack else encode(array))


def write_csv(directory: Path, images=IMAGES, labels=LABELS) -> None:
    for part, file in (("train", "mnist_train.csv"), ("t10k", "mnist_test.csv")):
        rows = np.column_stack([labels[part], images[part].reshape(len(labels[part]), -1)])
        (directory / file).write_text("".join(",".join(map(str, row)) + "\n" for row in rows))


def refusal(name: object) -> DatasetError:
    with pytest.raises(DatasetError) as caught:
        registry.load(str(name))
    assert caught.value.advice
    return caught.value


def test_the_shipped_mnist_is_the_published_one():
    mnist = registry.load("mnist")
    assert (mnist.name, mnist.height, mnist.width, mnist.classes) == ("mnist", 28, 28, tuple("0123456789"))
    assert mnist.train.images.shape == (60_000, 784)
    assert mnist.test.images.shape == (10_000, 784)
    assert mnist.train.images.flags.c_contiguous
    assert mnist.train.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert mnist.test.labels[:5].tolist() == [7, 2, 1, 0, 4]
    checks = registry.verify("mnist")
    assert len(checks) == 4
    assert all(check.is_good for check in checks)


def test_the_pinned_digests_are_those_of_the_licence_note():
    note = (Path(registry.__file__).parent / "mnist" / "LICENSE.md").read_text()
    assert all(
        f"| {file} | {digest} |" in note for file, digest in ((file.name, file.digest) for file in registry.REGISTERED["mnist"].files)
    )


@pytest.mark.parametrize("dot", ["-", "."])
@pytest.mark.parametrize("pack", [False, True])
def test_idx_directories_load_under_all_usual_names(tmp_path, dot, pack):
    write_idx(tmp_path, dot=dot, pack=pack)
    loaded = registry.load(str(tmp_path))
    np.testing.assert_array_equal(loaded.train.images, IMAGES["train"].reshape(4, 4))
    np.testing.assert_array_equal(loaded.test.labels, LABELS["t10k"])
    assert (loaded.name, loaded.path, loaded.classes) == (tmp_path.name, str(tmp_path), ("0", "1", "2"))


def test_idx_and_csv_of_the_same_digits_have_the_same_fingerprint(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    write_idx(tmp_path / "a")
    write_csv(tmp_path / "b")
    first, second = registry.load(str(tmp_path / "a")), registry.load(str(tmp_path / "b"))
    content = b"2 2 4 2\n" + b"".join(IMAGES[part].tobytes() + LABELS[part].tobytes() for part in ("train", "t10k"))
    assert first.fingerprint == second.fingerprint == hashlib.sha256(content).hexdigest()


def test_unknown_names_are_refused_with_the_nearest_known_one(tmp_path):
    assert refusal("mnst").message == "there is no data set and no directory mnst; did you mean mnist?"
    assert refusal(tmp_path / "nothing").message == f"there is no data set and no directory {tmp_path / 'nothing'}"


def test_a_registered_data_set_that_was_not_fetched_says_how_to_fetch_it(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITS_TUI_DATASETS_DIR", str(tmp_path))
    error = refusal("fashion-mnist")
    assert error.message == "the data set fashion-mnist is not on this machine yet"
    assert error.advice == "Fetch it (about 31 MB) with: digits-tui dataset get fashion-mnist"


def test_a_data_set_is_found_again_by_its_name_or_its_directory(tmp_path):
    mine = tmp_path / "mnist"
    mine.mkdir()
    write_idx(mine)
    own, shipped = registry.load(str(mine)), registry.load("mnist")
    assert (own.name, registry.is_registered(own), registry.is_registered(shipped)) == ("mnist", False, True)
    assert registry.load_again("mnist", str(mine)).fingerprint == own.fingerprint
    assert registry.load_again("mnist", "").fingerprint == shipped.fingerprint


@pytest.mark.parametrize(
    ("name", "path", "expected"), [("mnist", "/nowhere", "is no longer in /nowhere"), ("mine", "", "not a registered")]
)
def test_a_data_set_that_is_not_found_again_says_what_to_do(name, path, expected):
    with pytest.raises(DatasetError, match=expected) as caught:
        registry.load_again(name, path)
    assert "--dataset" in caught.value.advice


def test_directories_without_a_whole_data_set_are_refused(tmp_path):
    assert refusal(tmp_path).message == f"{tmp_path} holds no data set"
    (tmp_path / "mnist_train.csv").write_text("0,1\n1,1\n")
    assert refusal(tmp_path).message == f"{tmp_path} lacks mnist_test.csv"
    write_idx(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    assert refusal(tmp_path).message == f"{tmp_path} lacks t10k-labels-idx1-ubyte"
    assert refusal(tmp_path / "mnist_train.csv").message.endswith("is a file, not a directory")


def test_labels_with_a_gap_are_refused(tmp_path):
    write_idx(tmp_path, labels=LABELS | {"train": np.array([0, 1, 3, 1], np.uint8)})
    assert refusal(tmp_path).message == f"{tmp_path}: no training image has the label 2, though labels go up to 3"


def test_a_single_class_is_refused(tmp_path):
    write_idx(tmp_path, labels=LABELS | {"train": np.zeros(4, np.uint8)})
    error = refusal(tmp_path)
    assert error.message == f"{tmp_path}: all training labels are 0" and "classes can be learnt" in error.advice


@pytest.mark.parametrize(
    ("write", "where"), [(write_idx, "t10k-labels-idx1-ubyte, byte 9"), (write_csv, "mnist_test.csv, line 2, column 1")]
)
def test_a_test_label_that_was_never_trained_is_named_with_its_place(tmp_path, write, where):
    write(tmp_path, labels=LABELS | {"t10k": np.array([2, 3], np.uint8)})
    assert refusal(tmp_path).message == f"{tmp_path / where}: the label 3 is not among the training labels, 0 to 2"


def test_counts_and_sizes_that_disagree_are_refused(tmp_path):
    write_idx(tmp_path, images=IMAGES | {"train": IMAGES["train"][:3]})
    assert refusal(tmp_path).message == f"{tmp_path / 'train-images-idx3-ubyte'}, byte 4: there are 3 images, but 4 labels"
    write_idx(tmp_path, images=IMAGES | {"t10k": np.zeros((2, 2, 3), np.uint8)})
    assert refusal(tmp_path).message == f"{tmp_path}: training and test images differ in size, 2x2 and 2x3"


@pytest.mark.parametrize("as_tables", [False, True])
def test_the_test_part_alone(digits_directory: Path, tmp_path: Path, as_tables: bool) -> None:
    whole = registry.load(str(digits_directory))
    if as_tables:
        table = np.column_stack([whole.train.labels, whole.train.images]), np.column_stack([whole.test.labels, whole.test.images])
        for name, rows in zip(registry.CSV_FILES, table, strict=True):
            np.savetxt(tmp_path / name, rows, fmt="%d", delimiter=",")
    found = registry.load_test(str(tmp_path if as_tables else digits_directory))
    np.testing.assert_array_equal(found.test.images, whole.test.images)
    np.testing.assert_array_equal(found.test.labels, whole.test.labels)
    assert (found.height, found.width, found.classes, len(found.train)) == (whole.height, whole.width, whole.classes, 0)


@pytest.mark.parametrize("write", [write_idx, write_csv])
def test_a_sample_is_of_the_digits_that_are_trained_on(tmp_path, write):
    write(tmp_path)
    for most, left_out, count in ((2, 0.0, 2), (9, 0.0, 4), (9, 0.25, 3)):
        sample = registry.load_sample(str(tmp_path), most, left_out)
        assert sample.labels.tolist() == LABELS["train"][:count].tolist()
        assert sample.images.tolist() == IMAGES["train"][:count].reshape(count, 4).tolist()
