"""Augmentation against a pixel-by-pixel float64 reference, and the two backends against each other."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest

from engine import counter_random
from engine.backend import Backend, TrainingState
from engine.backends.cpu.augmentation import IMAGES_AT_ONCE, SHIFTED_AT_ONCE, Augmenter
from engine.backends.smoothing import smoothing_weights
from engine.hyperparameters.regularization import Augmentation
from tests.engine import support
from tests.engine.reference import layer_key

AFFINE = {"rotation": 20.0, "scale": 0.2, "shear": 0.3, "shift": 1.5, "elastic_sigma": 1.2}
ELASTIC = AFFINE | {"elastic_alpha": 6.0}
FADING = ELASTIC | {"fade": 1.0}
DISTORTIONS = [{"shift": 1.0}, {"shift": 2.6}, AFFINE, ELASTIC, FADING]
NAMES = ["shift", "far", "affine", "elastic", "fading"]
KEY = 123_456_789


def draw(element: int, key: int) -> float:
    return (hashed(element, key) >> 8) / 2**23 - 1


def coarse_draw(element: int, key: int) -> float:
    """Four from one hash."""
    return (hashed(element // 4, key) >> 8 * (element % 4)) % 256 / 127.5 - 1


def hashed(element: int, key: int) -> int:
    return int(counter_random.hashed(np.array([element ^ key], np.uint32))[0])


class Reference:
    """One distorted image, ``number`` in its batch, to a ``share`` of the limits: [height, width]."""

    def __init__(self, limits: dict[str, float], image: npt.NDArray[np.uint8], number: int, step_key: int, share: float) -> None:
        self._limits, self._image, self._number, self._share = Augmentation(**limits), image, number, share
        self._key, self._field_key = (layer_key(step_key, layer) for layer in (0, 1))

    def values(self) -> npt.NDArray[np.float64]:
        height, width = self._image.shape
        return np.array([[self._value(*self._place(y, x)) for x in range(width)] for y in range(height)])

    def _place(self, y: int, x: int) -> tuple[float, float]:
        limits, (height, width) = self._limits, self._image.shape
        angle, stretch_y, stretch_x, shear, shift_y, shift_x = (self._share * draw(self._number * 8 + i, self._key) for i in range(6))
        angle = math.radians(limits.rotation * angle)
        r = (y - (height - 1) / 2) * (1 + limits.scale * stretch_y)
        c = (x - (width - 1) / 2) * (1 + limits.scale * stretch_x) + limits.shear * shear * r
        row = (height - 1) / 2 + math.cos(angle) * r - math.sin(angle) * c + limits.shift * shift_y
        column = (width - 1) / 2 + math.sin(angle) * r + math.cos(angle) * c + limits.shift * shift_x
        return row + self._displacement(0, y, x), column + self._displacement(1, y, x)

    def _displacement(self, axis: int, y: int, x: int) -> float:
        sigma, (height, width) = self._limits.elastic_sigma, self._image.shape
        if not self._limits.elastic_alpha:
            return 0.0
        radius = math.ceil(3 * sigma)
        rows, columns = height + 2 * radius, width + 2 * radius
        numbers = math.ceil(2 * rows * columns / 4) * 4
        total = weights = 0.0
        for dy in range(-radius, radius + 1):
            for dx in range(-radius, radius + 1):
                weight = math.exp(-(dy * dy + dx * dx) / (2 * sigma**2))
                element = self._number * numbers + (axis * rows + y + dy + radius) * columns + x + dx + radius
                total += weight * coarse_draw(element, self._field_key)
                weights += weight
        return self._share * self._limits.elastic_alpha * total / weights

    def _value(self, row: float, column: float) -> float:
        value, (height, width) = 0.0, self._image.shape
        for near_y in (math.floor(row), math.floor(row) + 1):
            for near_x in (math.floor(column), math.floor(column) + 1):
                if 0 <= near_y < height and 0 <= near_x < width:
                    value += (1 - abs(row - near_y)) * (1 - abs(column - near_x)) * self._image[near_y, near_x] / 255
        return value


def trained_inputs(backend: Backend, limits: dict[str, float], count: int) -> tuple[npt.NDArray[np.float64], int, float]:
    """What the backend makes of the first images, [count, height, width], the step's key, and its share of the limits.

    Its gradient tells: without hidden layers, from zero on and at a rate of 1, a step changes the weights of class k by the mean over the
    images of image times ([label is k] - 1 / classes). The images' labels differ, and the last class is none's.
    """
    changes = {"network.hidden": [], "optimizer.name": "sgd", "learning_rate.initial": 1.0, "training.batch_size": count}
    values = support.hyperparameters(changes | {f"augmentation.{name}": limit for name, limit in limits.items()})
    network = support.network_of(values)
    zero = np.zeros(network.size, np.float32)
    support.prepare(backend, values, TrainingState(zero, zero, zero, None))
    _, steps = next(support.run_steps(values, count))
    support.train(backend, np.arange(support.TRAIN, dtype=np.uint32), steps)
    weights = network.layers[0].weight(backend.state().parameters).astype(np.float64)
    images = (weights[:, :count] - weights[:, -1:]).T * count
    return images.reshape(count, support.HEIGHT, support.WIDTH), int(steps["augmentation_key"][0]), float(steps["distortion"][0])


@pytest.mark.parametrize("limits", DISTORTIONS, ids=NAMES)
def test_backends_distort_as_the_reference(backend: Backend, limits: dict[str, float]) -> None:
    count = support.CLASSES - 1
    found, key, share = trained_inputs(backend, limits, count)
    assert (share < 0.99) == ("fade" in limits)
    images = support.DATA.train.images[:count].reshape(found.shape)
    wanted = np.array([Reference(limits, image, number, key, share).values() for number, image in enumerate(images)])
    # float32 places of a few pixels are known to 1e-6; a value changes by at most 1 a pixel.
    np.testing.assert_allclose(found, wanted, atol=2e-5)
    assert abs(found - images / 255).max() > 0.1


@pytest.mark.parametrize("limits", DISTORTIONS, ids=NAMES)
def test_many_steps_are_distorted_at_once(limits: dict[str, float]) -> None:
    """Also images that are not square, and more than go together."""
    height, width, count = 6, 5, SHIFTED_AT_ONCE + IMAGES_AT_ONCE + 3
    generator = np.random.default_rng(3)
    images = generator.integers(1, 256, (count, height * width)).astype(np.uint8)
    keys, rows = (generator.integers(0, 1 << size, count).astype(np.uint32) for size in (32, 10))
    shares = generator.uniform(0.2, 1.0, count).astype(np.float32) if "fade" in limits else np.ones(count, np.float32)
    found = np.empty(images.shape, np.float32)
    Augmenter(Augmentation(**limits), height, width).distort(images, keys, rows, shares, found)
    for index in (0, IMAGES_AT_ONCE, SHIFTED_AT_ONCE + 1, count - 1):
        wanted = Reference(limits, images[index].reshape(height, width), int(rows[index]), int(keys[index]), shares[index]).values()
        np.testing.assert_allclose(found[index], wanted.ravel(), atol=2e-5)


@pytest.mark.parametrize("limits", [AFFINE, FADING], ids=["affine", "fading"])
def test_both_backends_train_on_the_same_distortions(cpu: Backend, wgpu: Backend, limits: dict[str, float]) -> None:
    changes = {f"augmentation.{name}": limit for name, limit in limits.items()} | {"regularization.dropout.input": 0.2}
    values = support.hyperparameters(changes)
    state = support.random_state(values)
    trained = []
    for backend in (cpu, wgpu):
        support.prepare(backend, values, state)
        for order, steps in support.run_steps(values):
            support.train(backend, order, steps)
        trained.append((backend.state().parameters, backend.tally().loss))
    (cpu_parameters, cpu_loss), (wgpu_parameters, wgpu_loss) = trained
    moved = np.linalg.norm(cpu_parameters - state.parameters)
    assert np.linalg.norm(cpu_parameters - wgpu_parameters) < 1e-3 * moved
    assert wgpu_loss == pytest.approx(cpu_loss, rel=1e-4)


def test_a_gaussian_whose_variance_is_too_small_a_number_smooths_nothing() -> None:
    np.testing.assert_array_equal(smoothing_weights(1e-200), [0, 1, 0])
