"""Random numbers without state: a hash of a counter and a key, the same here and in the shaders (``shaders/common.wgsl``).

The hash is the output permutation of PCG-RXS-M-XS-32 (O'Neill, 2014; recommended for GPUs by Jarzynski and Olano, JCGT 9(3), 2020).
"""

from __future__ import annotations

import enum

import numpy as np
import numpy.typing as npt

UInt32 = npt.NDArray[np.uint32]


_MULTIPLIER, _INCREMENT, _TOP_BITS, _LEAST_SHIFT, _WORD_MULTIPLIER, _WORD_SHIFT = (
    np.array(value, np.uint32) for value in (747796405, 2891336453, 28, 4, 277803737, 22)
)


class Stream(enum.IntEnum):
    """What a random number is for; keeps the draws of one purpose apart from those of another."""

    ORDER = 1
    DROPOUT = 2
    AUGMENTATION = 3


def hashed(counters: UInt32) -> UInt32:
    """The hash of each counter, uint32 in, uint32 out, any shape."""
    drawn = counters.copy()
    hash_in_place(drawn, np.empty_like(drawn))
    return drawn


def hash_in_place(counters: UInt32, scratch: UInt32) -> None:
    """Puts its hash in the place of each counter; spoils ``scratch``, of the same shape."""
    np.multiply(counters, _MULTIPLIER, out=counters)
    np.add(counters, _INCREMENT, out=counters)
    np.right_shift(counters, _TOP_BITS, out=scratch)
    np.add(scratch, _LEAST_SHIFT, out=scratch)
    np.right_shift(counters, scratch, out=scratch)
    np.bitwise_xor(counters, scratch, out=counters)
    np.multiply(counters, _WORD_MULTIPLIER, out=counters)
    np.right_shift(counters, _WORD_SHIFT, out=scratch)
    np.bitwise_xor(counters, scratch, out=counters)


def _hashed(counter: int) -> int:
    return int(hashed(np.array([counter & 0xFFFFFFFF], np.uint32))[0])


def key(seed: int, stream: Stream, number: int) -> int:
    """The key of one use of a stream, such as step ``number``; below 2**32."""
    return _hashed(number + _hashed(stream + _hashed(seed)))


def keys(seed: int, stream: Stream, numbers: UInt32) -> UInt32:
    """``key`` of many numbers at once."""
    return hashed(numbers + np.uint32(_hashed(stream + _hashed(seed))))


def permutation(seed: int, epoch: int, count: int) -> UInt32:
    """A random order of ``range(count)`` for one epoch."""
    places = np.arange(count, dtype=np.uint32)
    drawn = hashed(places ^ np.uint32(key(seed, Stream.ORDER, epoch)))
    # Each number with its place below it: NumPy sorts numbers many times as fast as it finds out their order.
    both = drawn.astype(np.uint64) << np.uint64(32) | places
    both.sort()
    return both.astype(np.uint32)


def epoch_order(seed: int | None, epoch: int, count: int) -> UInt32:
    """The order of an epoch's samples: ``permutation``, or as they are without a seed."""
    return np.arange(count, dtype=np.uint32) if seed is None else permutation(seed, epoch, count)


def threshold(probability: float) -> int:
    """The number below which a hash falls with ``probability``; a uint32."""
    return min(round(probability * 2**32), 2**32 - 1)
