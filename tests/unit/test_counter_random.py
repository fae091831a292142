"""The order of an epoch's samples."""

from __future__ import annotations

import numpy as np
import pytest

from engine import counter_random
from engine.counter_random import Stream


@pytest.mark.parametrize("count", [1, 2, 1000])
def test_an_epoch_takes_its_samples_by_the_numbers_drawn_for_them(count: int) -> None:
    key = counter_random.key(3, Stream.ORDER, 5)
    drawn = counter_random.hashed(np.arange(count, dtype=np.uint32) ^ np.uint32(key))
    order = counter_random.permutation(3, 5, count)
    assert order.dtype == np.uint32
    assert order.tolist() == sorted(range(count), key=drawn.__getitem__)


def test_each_epoch_and_seed_has_an_order_of_its_own() -> None:
    orders = [counter_random.permutation(seed, epoch, 100) for seed in (0, 1) for epoch in (1, 2)]
    assert len({order.tobytes() for order in orders}) == 4


def test_without_a_seed_samples_stay_as_they_are() -> None:
    assert counter_random.epoch_order(None, 1, 5).tolist() == [0, 1, 2, 3, 4]
