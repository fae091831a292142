"""Turns pictures of digits into what MNIST's makers made of theirs: a bright digit on black, of a fixed size, centred by its mass.

The steps are those of http://yann.lecun.com/exdb/mnist: the digit is scaled to fit a box of 20/28 of the image's size with its proportions
kept, and its centre of mass is brought to the centre of the image.
"""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dataset import MAXIMUM_SIDE, DatasetError, idx
from dataset.files import read

if TYPE_CHECKING:
    from PIL import Image

Levels = npt.NDArray[np.float64]
"""Grey levels, 0 to 255: [height, width]."""

MAXIMUM_PIXELS = 50_000_000
BOX = 20 / 28
"""The share of the image's size that the digit fills."""

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_LEAST_CONTRAST = 16
_WORKING_SIDE = 1024
"""Larger pictures are scaled down to it first."""
_INK = 0.25
"""From this share of the darkest ink on, a pixel counts as ink when the digit is cropped."""
_PAPER = 0.1
"""Up to this share of the darkest ink, a pixel counts as paper: noise and shadows."""


def read_images(path: Path, height: int, width: int) -> npt.NDArray[np.uint8]:
    """The digits of a PNG or JPEG file (one) or of an IDX file of images (all): [count, height * width].

    Raises DatasetError for a file that is missing, damaged, too large or of another kind, and for IDX images of another size.
    """
    content = read(path)
    if content.startswith((_PNG, _JPEG)):
        return normalise(_grey_levels(path), height, width, str(path)).reshape(1, height * width)
    if content.startswith((idx.GZIP_MAGIC, idx.IMAGES_MAGIC)):
        images = idx.read_images(path)
        if images.shape[1:] != (height, width):
            size = f"{images.shape[1]}x{images.shape[2]}"
            raise DatasetError(f"{path} holds images of {size}, but the model reads {height}x{width}", "Use images of the model's size.")
        return images.reshape(len(images), height * width)
    raise DatasetError(f"{path} is neither a PNG, a JPEG nor an IDX file of images", "Convert it to PNG.")


def read_grey(path: Path) -> npt.NDArray[np.uint8]:
    """The grey levels of a small PNG or JPEG as they are: [height, width]. Raises DatasetError for one that is damaged, or too large."""
    if not read(path).startswith((_PNG, _JPEG)):
        raise DatasetError(f"{path} is neither a PNG nor a JPEG", "Convert it to PNG.")
    levels = _grey_levels(path)
    if max(levels.shape) > MAXIMUM_SIDE:
        what = f"{path} measures {levels.shape[1]}x{levels.shape[0]} pixels; at most {MAXIMUM_SIDE}x{MAXIMUM_SIDE} can be used"
        raise DatasetError(what, "Scale all images to one size.")
    return np.rint(levels).astype(np.uint8)


def normalise(levels: Levels, height: int, width: int, source: str) -> npt.NDArray[np.uint8]:
    """The digit of a grey image, bright on black: [height, width]. Dark ink is told by the paper at the border being the brighter.

    An image that has the size already is only inverted where it needs to be. Raises DatasetError, naming ``source``, for an empty image.
    """
    paper = _border_level(levels)
    is_dark_ink = paper - levels.min() > levels.max() - paper
    ink = paper - levels if is_dark_ink else levels - paper
    if ink.max() < _LEAST_CONTRAST:
        raise DatasetError(f"{source} shows no digit: it is nearly of one brightness", "Use an image of a digit on an even background.")
    if levels.shape == (height, width):
        return np.rint(255 - levels if is_dark_ink else levels).astype(np.uint8)
    return fit(np.clip((ink / ink.max() - _PAPER) / (1 - _PAPER), 0, 1), height, width)


def fit(ink: Levels, height: int, width: int) -> npt.NDArray[np.uint8]:
    """Ink, 0 to 1, cropped, scaled to its box and centred by its mass: [height, width]. Black where there is no ink."""
    if not has_ink(ink):
        return np.zeros((height, width), np.uint8)
    return _centre(_scale(_crop(ink), height, width), height, width)


def has_ink(ink: Levels) -> bool:
    """Whether anything of it is dark enough to count."""
    return bool(ink.max() >= _INK)


def _border_level(levels: Levels) -> float:
    return float(np.median(np.concatenate([levels[0], levels[-1], levels[:, 0], levels[:, -1]])))


def _crop(ink: Levels) -> Levels:
    rows, columns = np.nonzero(ink >= _INK)
    return ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def _scale(ink: Levels, height: int, width: int) -> Levels:
    """The ink fitted to its box, 0 to 255: at most [BOX * height, BOX * width], at least [1, 1]."""
    from PIL import Image

    factor = min(BOX * height / ink.shape[0], BOX * width / ink.shape[1])
    size = (max(1, round(ink.shape[1] * factor)), max(1, round(ink.shape[0] * factor)))
    resized = Image.fromarray(ink.astype(np.float32)).resize(size, Image.Resampling.BICUBIC)
    scaled: Levels = np.clip(np.asarray(resized, np.float64), 0, None)
    return scaled * (255 / float(scaled.max()))


def _centre(digit: Levels, height: int, width: int) -> npt.NDArray[np.uint8]:
    """The digit in an image of its own, its centre of mass on the pixel at half of height and width, as far as it stays inside."""
    mass = digit.sum()
    row = round(height / 2 - float(digit.sum(axis=1) @ np.arange(digit.shape[0])) / mass)
    column = round(width / 2 - float(digit.sum(axis=0) @ np.arange(digit.shape[1])) / mass)
    row = min(max(row, 0), height - digit.shape[0])
    column = min(max(column, 0), width - digit.shape[1])
    image = np.zeros((height, width), np.uint8)
    image[row : row + digit.shape[0], column : column + digit.shape[1]] = np.rint(digit)
    return image


def _grey_levels(path: Path) -> Levels:
    """A picture's brightness, turned upright as its camera noted it. Raises DatasetError."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    advice = "Save the picture again as a PNG, or use another."
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=("PNG", "JPEG")) as picture:
                pixels = math.prod(picture.size)
                if pixels > MAXIMUM_PIXELS:
                    raise DatasetError(f"{path} has {pixels:,} pixels; at most {MAXIMUM_PIXELS:,} are read", "Scale the picture down.")
                upright = ImageOps.exif_transpose(picture)
                upright.thumbnail((_WORKING_SIDE, _WORKING_SIDE))
                return _flatten(upright)
    except DatasetError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DatasetError(f"{path} has more than {MAXIMUM_PIXELS:,} pixels", "Scale the picture down.") from None
    except UnidentifiedImageError:
        raise DatasetError(f"{path} is damaged: it begins as a picture does, and goes on as none", advice) from None
    except Exception as error:  # a decoder fails on damaged data in many ways
        raise DatasetError(f"{path} is damaged: {error}", advice) from error


def _flatten(picture: Image.Image) -> Levels:
    """Grey levels; what is transparent becomes white behind dark ink and black behind bright."""
    if picture.mode.startswith("I"):
        return np.asarray(picture, np.float64) / 257
    if not picture.has_transparency_data:
        return np.asarray(picture.convert("L"), np.float64)
    levels, alpha = (np.asarray(band, np.float64) for band in picture.convert("LA").split())
    opacity = alpha / 255
    visible = levels[opacity > 0.5]
    is_bright_ink = visible.size > 0 and visible.max() > 255 - visible.min()
    return levels * opacity + (0 if is_bright_ink else 255) * (1 - opacity)
