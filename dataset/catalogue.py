"""The data sets that have a name: what they are, where their files come from, and how to tell that those are the published ones."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from types import MappingProxyType

import platformdirs

from dataset.paths import expanded

DATASETS_DIRECTORY_VARIABLE = "DIGITS_TUI_DATASETS_DIR"
IDX_FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
DIGITS = tuple("0123456789")


@dataclass(frozen=True)
class Published:
    """One of the four IDX files. The SHA-256 that is pinned is that of the unpacked bytes where it is known, since mirrors pack anew;
    or else that of the file as published.
    """

    name: str
    """One of ``IDX_FILES``."""
    digest: str
    is_packed_digest: bool = False

    @property
    def packed_name(self) -> str:
        """What mirrors call it, and what it is called once it is fetched."""
        return f"{self.name}.gz"


@dataclass(frozen=True)
class Archive:
    """A zip that holds the four IDX files: ``members`` gives the name there for each of ``IDX_FILES``. Publishers pack it differently,
    so each address has a SHA-256 of its own.
    """

    digests: Mapping[str, str]
    members: Mapping[str, str]

    @property
    def name(self) -> str:
        return "gzip.zip"


@dataclass(frozen=True)
class Registered:
    """A data set with a name. It has either ``files``, each at any of ``mirrors``, or an ``archive``."""

    name: str
    summary: str
    classes: tuple[str, ...]
    megabytes: int
    """How much there is to fetch, about."""
    files: tuple[Published, ...] = ()
    mirrors: tuple[str, ...] = ()
    archive: Archive | None = None
    is_transposed: bool = False
    """Whether the published images have rows and columns exchanged."""

    @property
    def directory(self) -> Path:
        """Where its files are, or would be: in the program where it comes with it, else in the user's cache."""
        shipped = Path(str(resources.files("dataset") / self.name))
        return shipped if _holds_all(shipped) else datasets_directory() / self.name

    @property
    def is_here(self) -> bool:
        return _holds_all(self.directory)

    @property
    def is_shipped(self) -> bool:
        return _holds_all(self.directory) and self.directory.parent != datasets_directory()


def datasets_directory() -> Path:
    """Where fetched data sets are kept: that of the environment's DIGITS_TUI_DATASETS_DIR, or ``datasets`` in the user's cache."""
    named = os.environ.get(DATASETS_DIRECTORY_VARIABLE)
    return expanded(named).absolute() if named else Path(platformdirs.user_cache_dir("digits-tui", appauthor=False)) / "datasets"


def find(directory: Path, file: str) -> Path | None:
    """One of ``IDX_FILES`` under its usual names: with '-' or '.' before idx, unpacked or not."""
    names = (file, file.replace("-idx", ".idx"))
    return next((path for suffix in ("", ".gz") for name in names if (path := directory / f"{name}{suffix}").is_file()), None)


def _holds_all(directory: Path) -> bool:
    return all(find(directory, file) for file in IDX_FILES)


def _files(*digests: str, is_packed: bool = False) -> tuple[Published, ...]:
    return tuple(Published(name, digest, is_packed) for name, digest in zip(IDX_FILES, digests, strict=True))


_CATALOGUE = (
    Registered(
        "mnist",
        "70,000 handwritten digits, 28x28, 10 classes; comes with the program",
        DIGITS,
        12,
        # The unpacked files that LeCun, Cortes and Burges published; LICENSE.md beside the shipped ones has them too.
        files=_files(
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
        mirrors=(
            "https://ossci-datasets.s3.amazonaws.com/mnist",
            "https://storage.googleapis.com/cvdf-datasets/mnist",
            "http://yann.lecun.com/exdb/mnist",
        ),
    ),
    Registered(
        "fashion-mnist",
        "70,000 pieces of clothing, 28x28, 10 classes",
        ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
        31,
        files=_files(
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
        mirrors=(
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
            "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion",
        ),
    ),
    Registered(
        "kmnist",
        "70,000 handwritten Japanese characters, 28x28, 10 classes",
        ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
        21,
        # As TensorFlow Datasets (url_checksums/kmnist.txt) and torchvision pin them, of the packed files.
        files=_files(
            "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
            "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
            "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
            "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
            is_packed=True,
        ),
        mirrors=(
            "https://codh.rois.ac.jp/kmnist/dataset/kmnist",
            "http://codh.rois.ac.jp/kmnist/dataset/kmnist",
            "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/KMNIST",
        ),
    ),
    Registered(
        "emnist-digits",
        "280,000 handwritten digits, 28x28, 10 classes",
        DIGITS,
        562,
        archive=Archive(
            # The first as TensorFlow Datasets (url_checksums/emnist.txt) pins it, the last as torchvision does.
            MappingProxyType(
                {
                    "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip": (
                        "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e"
                    ),
                    "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/gzip.zip": (
                        "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e"
                    ),
                    "https://rds.westernsydney.edu.au/Institutes/MARCS/BENS/EMNIST/emnist-gzip.zip": (
                        "909a2a39c5e86bdd7662425e9b9c4a49bb582bf8d0edad427f3c3a9d0c6f7259"
                    ),
                }
            ),
            MappingProxyType(
                {
                    "train-images-idx3-ubyte": "emnist-digits-train-images-idx3-ubyte.gz",
                    "train-labels-idx1-ubyte": "emnist-digits-train-labels-idx1-ubyte.gz",
                    "t10k-images-idx3-ubyte": "emnist-digits-test-images-idx3-ubyte.gz",
                    "t10k-labels-idx1-ubyte": "emnist-digits-test-labels-idx1-ubyte.gz",
                }
            ),
        ),
        is_transposed=True,
    ),
)

REGISTERED: Mapping[str, Registered] = MappingProxyType({entry.name: entry for entry in _CATALOGUE})
