"""Loads the data set that a worker will be asked for while its process still imports the rest of the engine.

Unpacking it lets go of Python's lock.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

from dataset import Dataset, registry

_begun: tuple[str, Future[Dataset]] | None = None


def begin(name_or_directory: str) -> None:
    global _begun
    pool = ThreadPoolExecutor(1, "loading")
    _begun = name_or_directory, pool.submit(registry.load, name_or_directory)
    pool.shutdown(wait=False)


def load(name_or_directory: str) -> Dataset:
    """As ``registry.load``: what was begun, once, if it is that. Raises DatasetError."""
    global _begun
    begun, _begun = _begun, None
    if begun is not None and begun[0] == name_or_directory:
        return begun[1].result()
    return registry.load(name_or_directory)
