"""Augmentation against a pixel-by-pixel float64 reference, and the two backends against each other."""

import math

import numpy as np
import pytest

from engine import counter_random
from engine.backend import Backend
from engine.backends.augmentation import Augmenter
from engine.hyperparameters import Augmentation
from tests.engine import support

HEIGHT, WIDTH = 6, 5
LIMITS = {"rotation": 20.0, "scale": 0.2, "shear": 0.3, "shift": 1.5, "elastic_alpha": 6.0, "elastic_sigma": 1.2}
KEY = 123_456_789


def draw(element: int, key: int) -> float:
    drawn = int(counter_random.hashed(np.array([element ^ key], np.uint32))[0])
    return (drawn >> 8) / 2**23 - 1


def displacement(limits: Augmentation, image: int, axis: int, y: int, x: int) -> float:
    radius, key = math.ceil(3 * limits.elastic_sigma), counter_random.layer_key(KEY, 1)
    rows, columns = HEIGHT + 2 * radius, WIDTH + 2 * radius
    total = weights = 0.0
    for dy in range(-radius, radius + 1):
        for dx in range(-radius, radius + 1):
            weight = math.exp(-(dy * dy + dx * dx) / (2 * limits.elastic_sigma**2))
            element = ((image * 2 + axis) * rows + y + dy + radius) * columns + x + dx + radius
            total += weight * draw(element, key)
            weights += weight
    return limits.elastic_alpha * total / weights


def reference(limits: Augmentation, images: np.ndarray, image: int, y: int, x: int) -> float:
    """One pixel of one distorted image, 0 to 1."""
    key = counter_random.layer_key(KEY, 0)
    angle, stretch_y, stretch_x, shear, shift_y, shift_x = (draw(image * 8 + i, key) for i in range(6))
    angle = math.radians(limits.rotation * angle)
    r = (y - (HEIGHT - 1) / 2) * (1 + limits.scale * stretch_y)
    c = (x - (WIDTH - 1) / 2) * (1 + limits.scale * stretch_x) + limits.shear * shear * r
    row = (HEIGHT - 1) / 2 + math.cos(angle) * r - math.sin(angle) * c + limits.shift * shift_y
    column = (WIDTH - 1) / 2 + math.sin(angle) * r + math.cos(angle) * c + limits.shift * shift_x
    if limits.elastic_alpha:
        row += displacement(limits, image, 0, y, x)
        column += displacement(limits, image, 1, y, x)
    value = 0.0
    for near_y in (math.floor(row), math.floor(row) + 1):
        for near_x in (math.floor(column), math.floor(column) + 1):
            if 0 <= near_y < HEIGHT and 0 <= near_x < WIDTH:
                weight = (1 - abs(row - near_y)) * (1 - abs(column - near_x))
                value += weight * images[image].reshape(HEIGHT, WIDTH)[near_y, near_x] / 255
    return value


@pytest.mark.parametrize("limits", [LIMITS | {"elastic_alpha": 0.0}, LIMITS], ids=["affine", "elastic"])
def test_numpy_distorts_as_the_reference(limits: dict[str, float]) -> None:
    augmentation = Augmentation(**limits)
    images = np.random.default_rng(3).integers(1, 256, (3, HEIGHT * WIDTH)).astype(np.uint8)
    found = Augmenter(augmentation, HEIGHT, WIDTH).distorted(images, KEY).reshape(3, HEIGHT, WIDTH)
    wanted = np.array([[[reference(augmentation, images, i, y, x) for x in range(WIDTH)] for y in range(HEIGHT)] for i in range(3)])
    # float32 places of a few pixels are known to 1e-6; a value changes by at most 1 a pixel.
    np.testing.assert_allclose(found, wanted, atol=2e-5)
    assert abs(found - images.reshape(found.shape) / 255).max() > 0.1


@pytest.mark.parametrize("limits", [LIMITS | {"elastic_alpha": 0.0}, LIMITS], ids=["affine", "elastic"])
def test_both_backends_train_on_the_same_distortions(cpu: Backend, wgpu: Backend, limits: dict[str, float]) -> None:
    changes = {f"augmentation.{name}": limit for name, limit in limits.items()} | {"regularization.dropout.input": 0.2}
    values = support.hyperparameters(changes)
    state = support.random_state(values)
    trained = []
    for backend in (cpu, wgpu):
        support.prepare(backend, values, state)
        for order, steps in support.run_steps(values):
            support.train(backend, order, steps)
        trained.append((backend.state().parameters, backend.metrics().loss))
    (cpu_parameters, cpu_loss), (wgpu_parameters, wgpu_loss) = trained
    moved = np.linalg.norm(cpu_parameters - state.parameters)
    assert np.linalg.norm(cpu_parameters - wgpu_parameters) < 1e-3 * moved
    assert wgpu_loss == pytest.approx(cpu_loss, rel=1e-4)
