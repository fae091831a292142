"""Deskewing, against a reference that goes pixel by pixel; and what each network of an ensemble sees."""

from __future__ import annotations

import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from dataset import Dataset
from engine.data.deskew import STEEPEST, Slant, deskewed, sheared, slant
from engine.data.preprocessing import View, seen_dataset
from engine.hyperparameters import configuration
from engine.hyperparameters.definitions import Hyperparameters
from engine.training.ensemble import of_member, single

Image = npt.NDArray[np.uint8]
HEIGHT, WIDTH = 11, 14


def images(count: int = 30) -> Image:
    """Some full of ink, some with little of it, none with zeros alone: [count, HEIGHT, WIDTH]."""
    generator = np.random.default_rng(1)
    drawn = generator.integers(1, 256, (count, HEIGHT, WIDTH))
    drawn[::3] *= generator.random((count, HEIGHT, WIDTH))[::3] < 0.08
    drawn[:, 5, 5] = 200
    return drawn.astype(np.uint8)


def reference(image: Image) -> npt.NDArray[np.float64]:
    """The image without its slant, from central moments."""
    points = [(row, column, float(image[row, column])) for row in range(HEIGHT) for column in range(WIDTH)]
    ink = sum(value for _, _, value in points)
    middle, side = sum(row * value for row, _, value in points) / ink, sum(column * value for _, column, value in points) / ink
    spread = sum((row - middle) ** 2 * value for row, _, value in points)
    lean = sum((row - middle) * (column - side) * value for row, column, value in points)
    slope = min(STEEPEST, max(-STEEPEST, lean / spread)) if spread > 1e-9 else 0.0
    result = np.zeros((HEIGHT, WIDTH))
    for row, column in np.ndindex(HEIGHT, WIDTH):
        place = column + slope * (row - middle)
        for near in (math.floor(place), math.floor(place) + 1):
            if 0 <= near < WIDTH:
                result[row, column] += (1 - abs(place - near)) * image[row, near]
    return result


def test_deskewed_images_are_the_references() -> None:
    found = sheared(images(), slant(images()))
    for own, image in zip(found, images(), strict=True):
        # Of values up to 255 in float64, whose places were summed up in another order.
        np.testing.assert_allclose(own, reference(image), atol=1e-9)
    np.testing.assert_array_equal(deskewed(images().reshape(30, -1), HEIGHT, WIDTH), np.rint(found).reshape(30, -1))


def test_what_leans_stands_upright_afterwards() -> None:
    upright = np.zeros((1, 20, 20), np.uint8)
    upright[0, 3:17, 9:11] = 255
    leaning = np.rint(sheared(upright, Slant(np.array([-0.4]), np.array([9.5])))).astype(np.uint8)
    assert slant(leaning).slope[0] == pytest.approx(0.4, abs=0.01)
    again = deskewed(leaning.reshape(1, -1), 20, 20).reshape(1, 20, 20)
    assert abs(slant(again).slope[0]) < 0.01
    np.testing.assert_array_equal(deskewed(upright.reshape(1, -1), 20, 20), upright.reshape(1, -1))


def test_an_empty_image_and_a_line_across_stay_as_they_are() -> None:
    flat = np.zeros((2, HEIGHT, WIDTH), np.uint8)
    flat[1, 4] = np.arange(WIDTH)
    np.testing.assert_array_equal(deskewed(flat.reshape(2, -1), HEIGHT, WIDTH), flat.reshape(2, -1))


def test_what_is_told_of_a_pixel_goes_back_to_where_it_came_from() -> None:
    drawn = np.zeros((1, 21, 21), np.uint8)
    for row in range(5, 16):
        drawn[0, row, row] = 250  # leans by a column a row
    view = View(21, 21, deskew=True)
    seen = view.seen(drawn.reshape(1, -1))
    assert set(np.flatnonzero(seen.reshape(21, 21).any(axis=0))) == {10}
    told = view.traced(seen.astype(np.float32), drawn.reshape(1, -1))
    np.testing.assert_array_equal(told, drawn.reshape(1, -1))
    assert View(21, 21, deskew=False).traced(told, drawn.reshape(1, -1)) is told


def test_the_last_members_see_digits_deskewed() -> None:
    values = configuration.replace(Hyperparameters(), {"ensemble.members": 5, "ensemble.deskewed": 2})
    assert [of_member(values, member).preprocessing.deskew for member in range(5)] == [False, False, False, True, True]
    everyone = configuration.replace(values, {"preprocessing.deskew": True})
    assert all(everyone.deskews(member) for member in range(5))
    assert single(values) == Hyperparameters()
    assert single(configuration.replace(values, {"ensemble.deskewed": 5})).preprocessing.deskew


def test_a_data_set_is_deskewed_once(digits: Dataset) -> None:
    found = seen_dataset(digits, deskew=True)
    assert seen_dataset(digits, deskew=True) is found
    assert seen_dataset(digits, deskew=False) is digits
    np.testing.assert_array_equal(found.test.images, deskewed(digits.test.images, digits.height, digits.width))
    assert found.train.labels is digits.train.labels
    assert (found.train.images != digits.train.images).any()


def test_threads_with_the_same_data_set_share_one(digits: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    own, seen = replace(digits, fingerprint="own"), View.seen
    monkeypatch.setattr(View, "seen", lambda view, images: time.sleep(0.02) or seen(view, images))
    with ThreadPoolExecutor(4) as pool:
        first, *others = pool.map(lambda _: seen_dataset(own, deskew=True), range(4))
    assert all(found is first for found in others)
