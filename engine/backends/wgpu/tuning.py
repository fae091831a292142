"""Chooses tiles by measuring them on the device, at first use, and remembers what it found."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import TypeAdapter, ValidationError

import shaders
from engine.backend import Device
from engine.backends.wgpu.kernels import Kernel
from engine.backends.wgpu.plan import Dispatch, Plan
from engine.backends.wgpu.tiles import PRODUCTS, LayerTiles, Product, Tile, Tiles, Workgroup, candidates, is_large, joined, tiles_for
from engine.hyperparameters.definitions import Hyperparameters
from engine.network import Layer, Network, padded
from engine.storage.files import atomic_write

OFF = "off"
SECONDS_A_MEASUREMENT = 0.004
ROUNDS = 3
WARM_UP_SECONDS = 0.2
"""How long a graphics processor at rest takes to reach its clock."""

Measure = Callable[[Dispatch, int], float]
"""Seconds that a dispatch takes, so many times in a row."""
_FOUND = TypeAdapter(dict[str, dict[str, Tile]])


def is_wanted(device: Device) -> bool:
    """Whether to measure: on hardware, unless DIGITS_TUI_TUNING is off; a software adapter takes seconds to compile all that."""
    return device.kind != "software" and os.environ.get("DIGITS_TUI_TUNING") != OFF


def default_path() -> Path:
    return Path(platformdirs.user_cache_dir("digits-tui", appauthor=False)) / "tiles.json"


def size_class(product: Product, layer: Layer, batch_size: int) -> str:
    """Products with the same name are taken to want the same tile: sizes by powers of two."""
    sizes = (str(size.bit_length()) for size in (batch_size, padded(layer.inputs), layer.stride))
    return " ".join([product, *sizes, *(["large"] if is_large(layer, batch_size) else [])])


class Tuner:
    """The tiles of one device. Those measured before, by any process, are read from a file."""

    def __init__(self, device: Device, workgroup: Workgroup, path: Path) -> None:
        self._device, self._workgroup, self._path = device, workgroup, path
        self._key = f"{device.name}, {device.driver}, {shaders.fingerprint()}"
        self._found = self._read().get(self._key, {})

    def _read(self) -> dict[str, dict[str, Tile]]:
        try:
            return _FOUND.validate_json(self._path.read_bytes())
        except (OSError, ValidationError):
            return {}  # it will be measured again

    def _candidates(self, product: Product, layer: Layer, batch_size: int) -> list[Tile]:
        return candidates(self._device.kind, product, layer, batch_size, self._workgroup)

    def missing(self, network: Network, batch_size: int) -> list[tuple[Product, Layer]]:
        """The products that were never measured, one of each class."""
        wanted: dict[str, tuple[Product, Layer]] = {}
        for layer in network.layers:
            for product in PRODUCTS:
                if product != "delta" or layer.index:
                    wanted.setdefault(size_class(product, layer, batch_size), (product, layer))
        return [item for name, item in wanted.items() if self._found.get(name) not in self._candidates(*item, batch_size)]

    def is_measured(self, plan: Plan) -> bool:
        """Whether every product of a plan was measured."""
        return not self.missing(plan.network, plan.batch_size)

    def tiles(self, network: Network, batch_size: int) -> Tiles:
        """The fastest tiles that are known."""
        usual = tiles_for(self._device.kind, network, batch_size, self._workgroup)

        def fastest(product: Product, layer: Layer, otherwise: Tile) -> Tile:
            found = self._found.get(size_class(product, layer, batch_size))
            return found if found in self._candidates(product, layer, batch_size) else otherwise

        layers = [
            LayerTiles(*(fastest(product, layer, getattr(tiles, product)) for product in PRODUCTS))
            for layer, tiles in zip(network.layers, usual.layers, strict=True)
        ]
        return Tiles(usual.lanes, joined(network, layers), usual.normalisation)

    def kernels(self, network: Network, hyperparameters: Hyperparameters) -> list[Kernel]:
        """Those that ``measure`` runs."""
        missing = self.missing(network, hyperparameters.training.batch_size)
        return [dispatch.kernel for item in missing for dispatch in self._dispatches(*item, network, hyperparameters).values()]

    def measure(self, network: Network, hyperparameters: Hyperparameters, measure: Measure) -> None:
        """Measures what is missing. Raises DeviceError."""
        batch_size = hyperparameters.training.batch_size
        missing = self.missing(network, batch_size)
        warm = False
        for product, layer in missing:
            dispatches = self._dispatches(product, layer, network, hyperparameters)
            if not warm:
                _warm_up(next(iter(dispatches.values())), measure)
                warm = True
            times = _times(dispatches, measure)
            self._found[size_class(product, layer, batch_size)] = min(times, key=times.__getitem__)
        if missing:
            self._write()

    def _dispatches(self, product: Product, layer: Layer, network: Network, hyperparameters: Hyperparameters) -> dict[Tile, Dispatch]:
        tiles = self._candidates(product, layer, hyperparameters.training.batch_size)
        return {tile: self._dispatch(product, layer, tile, network, hyperparameters) for tile in tiles}

    def _dispatch(self, product: Product, layer: Layer, tile: Tile, network: Network, hyperparameters: Hyperparameters) -> Dispatch:
        tiles = tiles_for(self._device.kind, network, hyperparameters.training.batch_size, self._workgroup)
        layers = (LayerTiles(tile, tile, tile),) * len(network.layers)
        return Plan(network, hyperparameters, Tiles(tiles.lanes, layers, tiles.normalisation), 0).product(product, layer)

    def _write(self) -> None:
        everything: dict[str, Any] = self._read() | {self._key: self._found}
        plain = {key: {name: tile.plain() for name, tile in found.items()} for key, found in everything.items()}
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(self._path, json.dumps(plain, indent=1))
        except OSError:
            pass  # a cache that cannot be written is measured again by the next process


def _warm_up(dispatch: Dispatch, measure: Measure) -> None:
    seconds = 0.0
    while seconds < WARM_UP_SECONDS:
        seconds += measure(dispatch, 100)


def _times(dispatches: dict[Tile, Dispatch], measure: Measure) -> dict[Tile, float]:
    """The best of a few times of each; the rounds take turns, so that a disturbance does not fall on one of them."""
    first = next(iter(dispatches.values()))
    few, many = measure(first, 1), measure(first, 41)
    count = max(10, min(1000, round(SECONDS_A_MEASUREMENT / max((many - few) / 40, 1e-6))))
    for dispatch in dispatches.values():
        measure(dispatch, 1)  # drivers finish a kernel at its first dispatch
    rounds = [{tile: measure(dispatch, count) for tile, dispatch in dispatches.items()} for _ in range(ROUNDS)]
    return {tile: min(times[tile] for times in rounds) for tile in dispatches}
