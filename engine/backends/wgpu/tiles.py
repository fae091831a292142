"""How a layer's matrix products are cut into blocks: which tiles there are, and which suits a layer where nothing was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from engine.backend import DeviceKind, unknown_plan
from engine.backends.plan_names import LAYERED, RESIDENT
from engine.network import Layer, Network, padded

TALLEST_BLOCK = 128
"""Rows of the activity buffer are a multiple of it."""
Count = Annotated[int, Field(strict=True, ge=1, le=256)]


@dataclass(frozen=True)
class Tile:
    """The block of a matrix product that a workgroup computes: ``rows * bands`` by ``lanes * columns`` vectors of four.

    An invocation has ``rows`` by ``columns`` sums, each of them shared by ``parts`` invocations. All of it decides the order of
    additions, and so the bits.
    """

    lanes: Count
    parts: Count
    rows: Annotated[int, Field(strict=True, ge=1, le=32)]
    columns: Count = 1
    bands: Annotated[int, Field(strict=True, ge=1, le=16)] = 1
    unroll: Annotated[int, Field(strict=True, ge=1, le=8)] = 1
    """Terms of a sum that an invocation loads before it adds them: more of them hide the memory's latency."""
    broadcast: Annotated[bool, Field(strict=True)] = False
    """Whether an invocation loads a part of what all need and hands it on: the workgroup is one subgroup, ``parts`` and ``bands`` are 1."""
    depth: Annotated[int, Field(strict=True, ge=0, le=64)] = 0
    """Terms of the sums that the workgroup brings into its memory at a time, so that each is read from the buffers once a block; 0 where
    invocations read the buffers themselves.
    """

    def __post_init__(self) -> None:
        if TALLEST_BLOCK % self.height:
            raise ValueError(f"blocks of {self.height} rows do not fit the activity buffer")
        if self.depth:
            left, right = self.depth * self.rows % (4 * self.lanes), self.depth * self.columns % self.bands
            if self.broadcast or left or right or self.depth % 4 or self.rows % 4:
                raise ValueError("the invocations cannot share evenly what they bring into workgroup memory")

    def plain(self) -> dict[str, int]:
        return dict(vars(self))

    def constants(self) -> dict[str, object]:
        """What the kernels want to know."""
        return {**self.plain(), "vectors": self.memory // 16}

    @property
    def height(self) -> int:
        return self.rows * self.bands

    @property
    def width(self) -> int:
        """In vectors of four."""
        return self.lanes * self.columns

    @property
    def invocations(self) -> int:
        return self.lanes * self.parts * self.bands

    @property
    def memory(self) -> int:
        """Bytes of workgroup memory."""
        staged = 2 * self.depth * self.parts * (self.height // 4 + 1 + self.width + 1)
        return 16 * max(staged, self.invocations * self.rows if self.parts > 1 else 0)


@dataclass(frozen=True)
class LayerTiles:
    """The tiles of one layer's three products; the first layer has no use for the second."""

    forward: Tile
    delta: Tile
    update: Tile


@dataclass(frozen=True)
class Tiles:
    """The tiles of each layer, and the invocations a workgroup of everything else."""

    lanes: Count
    layers: tuple[LayerTiles, ...]
    normalisation: Count
    """The most invocations of a workgroup of layer normalisation."""

    @property
    def is_software(self) -> bool:
        """Whether they suit an adapter that runs on the CPU, where barriers and idle workgroups are dear."""
        return self.normalisation == self.lanes

    def team(self, layer: Layer) -> int:
        """Invocations that share a row in layer normalisation."""
        if self.is_software:
            return 1
        return min(self.normalisation, max(32, 1 << (layer.outputs - 1).bit_length() >> 1))

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def recorded_tiles(plan: Mapping[str, Any], layers: int | None = None) -> Tiles:
    """The tiles of a plan that was in force before, for so many layers. Raises DeviceError for one that is not known."""
    try:
        if plan.get("name") in (LAYERED, RESIDENT):
            tiles = TypeAdapter(Tiles).validate_python(plan.get("tiles"))
            if layers is None or len(tiles.layers) == layers:
                return tiles
    except ValidationError:
        pass
    raise unknown_plan(plan)


@dataclass(frozen=True)
class Workgroup:
    """What the device permits a workgroup."""

    invocations: int = 256
    memory: int = 16 * 1024
    """Bytes."""
    subgroup: int = 0
    """Invocations of a subgroup; 0 where that was not asked."""

    def permits(self, tile: Tile) -> bool:
        fits = tile.invocations <= self.invocations and tile.memory <= self.memory
        return fits and not (tile.broadcast and tile.invocations > self.subgroup)


Product = Literal["forward", "delta", "update"]
PRODUCTS: tuple[Product, ...] = ("forward", "delta", "update")
ENOUGH_INVOCATIONS = 65_536
"""What fills a large graphics processor."""
ENOUGH_STAGED = 16_384
"""The same where no invocation waits for the memory."""

SMALL = 8
"""A layer so many times smaller than another is updated in the time that the other takes."""

_staged = partial(Tile, parts=1, rows=8, depth=8)
STAGED: Mapping[Product, tuple[Tile, ...]] = {
    "forward": (
        _staged(16, columns=2, bands=16, depth=16),
        _staged(16, columns=2, bands=16),
        _staged(8, columns=2, bands=8),
        _staged(8, columns=2, bands=8, parts=4),
        _staged(16, bands=8, parts=2, depth=16),
        _staged(8, rows=4, columns=2, bands=8, parts=2),
    ),
    "delta": (
        _staged(16, columns=2, bands=16, depth=16),
        _staged(16, columns=2, bands=16),
        _staged(8, columns=2, bands=8),
        _staged(8, columns=2, bands=8, parts=4),
        _staged(16, bands=4, parts=2),
    ),
    "update": (
        _staged(16, columns=2, bands=16, depth=16),
        _staged(16, columns=2, bands=16),
        _staged(16, bands=8),
        _staged(8, rows=4, columns=2, bands=8),
        _staged(8, columns=2, bands=8, parts=4),
    ),
}
"""Tiles for the large products of graphics processors, from those that load least to those that busy most invocations."""
LARGE = 2**26
"""Multiplications of a product from which on it gains by workgroup memory."""

_hardware = partial(Tile, rows=4)
HARDWARE: Mapping[Product, tuple[Tile, ...]] = {
    "forward": (
        _hardware(32, 2, bands=8, unroll=4),
        Tile(16, 4, 8, bands=4, unroll=4),
        _hardware(32, 8, bands=2, unroll=4),
        _hardware(16, 16, bands=2, unroll=4),
        _hardware(8, 16, bands=2, unroll=4),
        _hardware(8, 8, bands=2, unroll=2),
        _hardware(8, 32, unroll=2),
    ),
    "delta": (
        _hardware(4, 8, bands=4),
        _hardware(8, 8, bands=2),
        Tile(4, 8, 8, bands=2),
        _hardware(4, 16, bands=2),
        _hardware(8, 32),
    ),
    "update": (
        _hardware(32, 2, bands=2, unroll=8),
        Tile(16, 4, 8, bands=2, unroll=4),
        _hardware(32, 4, bands=2, unroll=8),
        _hardware(16, 4, bands=4, unroll=8),
    ),
}
"""Tiles for the other products of graphics processors, in the same order, whose factors the caches hold."""

_software = partial(Tile, lanes=8, parts=1, broadcast=True)
SOFTWARE: Mapping[Product, tuple[Tile, ...]] = {
    "forward": (_software(rows=32, columns=2), _software(rows=32)),
    "delta": (_software(rows=32),),
    "update": (_software(rows=16, columns=2, unroll=2), _software(rows=16, unroll=2)),
}
"""Tiles for adapters that run on the CPU: few invocations with many sums each, few loads, which are dear there, and no workgroup memory.
More sums would take seconds to compile.
"""
WIDE = 256
"""Neurons of a layer from which on two columns pay for the time that they take to compile."""
NARROWEST_SUBGROUP = 4


def _software_tiles(product: Product, subgroup: int) -> list[Tile]:
    if subgroup >= NARROWEST_SUBGROUP:
        return [replace(tile, lanes=min(tile.lanes, subgroup)) for tile in SOFTWARE[product]]
    return [replace(tile, rows=tile.rows // 2, broadcast=False) for tile in SOFTWARE[product]]


def fitted(tile: Tile, product: Product, layer: Layer, batch_size: int) -> Tile:
    """The tile, no larger than the product: what a layer has no use for adds invocations to each sum instead."""
    cells, terms = layer.stride // 4, batch_size
    if product == "delta":
        cells, terms = padded(layer.inputs) // 4, layer.stride // 4
    elif product == "forward":
        terms = padded(layer.inputs) // 4
    height = padded(layer.inputs) if product == "update" else batch_size
    shared = tile.parts > 1 or tile.bands > 1
    while tile.height > height and tile.height > 1 and not (product == "update" and tile.rows == 4 and tile.bands == 1):
        tile = replace(tile, bands=tile.bands // 2, parts=2 * tile.parts) if tile.bands > 1 else replace(tile, rows=tile.rows // 2)
    while tile.width >= 2 * cells and tile.width > 1:
        if tile.columns > 1:
            tile = replace(tile, columns=tile.columns // 2)
        elif product == "update" and not shared:
            tile = replace(tile, lanes=tile.lanes // 2, bands=2 * tile.bands, broadcast=False)
        else:
            tile = replace(tile, lanes=tile.lanes // 2, parts=tile.parts * 2 if shared else 1)
    while tile.parts > 1 and tile.parts >= 2 * terms:
        tile = replace(tile, parts=tile.parts // 2)
    return tile


def is_large(layer: Layer, batch_size: int) -> bool:
    return batch_size * layer.inputs * layer.outputs >= LARGE


def gains_by_staging(tile: Tile, product: Product, layer: Layer, batch_size: int) -> bool:
    """Whether a product is large enough for the tile, and for workgroup memory at all."""
    rows, cells = batch_size, layer.stride // 4
    if product == "delta":
        cells = padded(layer.inputs) // 4
    elif product == "update":
        rows = padded(layer.inputs)
    return is_large(layer, batch_size) and tile.height <= rows and tile.width <= cells


def candidates(kind: DeviceKind, product: Product, layer: Layer, batch_size: int, workgroup: Workgroup) -> list[Tile]:
    """The tiles worth measuring for a product, each once: those that the device permits, at least one."""
    is_software = kind == "software"
    tiles = _software_tiles(product, workgroup.subgroup) if is_software else HARDWARE[product]
    staged = [tile for tile in STAGED[product] if not is_software and gains_by_staging(tile, product, layer, batch_size)]
    found = [*staged, *dict.fromkeys(fitted(tile, product, layer, batch_size) for tile in tiles)]
    return [tile for tile in found if workgroup.permits(tile)] or [replace(found[-1], parts=1)]


def tiles_for(kind: DeviceKind, network: Network, batch_size: int, workgroup: Workgroup) -> Tiles:
    """Tiles by the kind of device and the size of the work, where nothing was measured."""
    widest = max((layer.stride for layer in network.layers[:-1]), default=4)

    def likely(product: Product, layer: Layer) -> Tile:
        found = candidates(kind, product, layer, batch_size, workgroup)
        if kind == "software":
            return next((tile for tile in found if tile.columns == 1 or widest >= WIDE), found[-1])
        return next((tile for tile in found if is_enough(tile, product, layer, batch_size)), found[-1])

    layers = [LayerTiles(*(likely(product, layer) for product in PRODUCTS)) for layer in network.layers]
    if kind == "software":
        return Tiles(8, tuple(layers), normalisation=8)
    return Tiles(32, joined(network, layers), normalisation=256)


def joined(network: Network, layers: Sequence[LayerTiles]) -> tuple[LayerTiles, ...]:
    """Small layers take over the update tile of the layer before them, and so are updated in the same dispatch."""
    found: list[LayerTiles] = []
    for layer, tiles in zip(network.layers, layers, strict=True):
        if found and SMALL * layer.size <= max(before.size for before in network.layers[: layer.index]):
            tiles = replace(tiles, update=found[-1].update)
        found.append(tiles)
    return tuple(found)


def grid(tile: Tile, product: Product, layer: Layer, batch_size: int) -> tuple[int, int]:
    """Workgroups across and down that a product takes."""
    if product == "update":
        return groups(layer.stride // 4, tile.width), groups(padded(layer.inputs) + 1, tile.height)
    columns = layer.stride if product == "forward" else padded(layer.inputs)
    return groups(columns // 4, tile.width), groups(batch_size, tile.height)


def is_enough(tile: Tile, product: Product, layer: Layer, batch_size: int) -> bool:
    """Whether the tile's workgroups fill a large graphics processor."""
    across, down = grid(tile, product, layer, batch_size)
    return across * down * tile.invocations >= (ENOUGH_STAGED if tile.depth else ENOUGH_INVOCATIONS)


def groups(count: int, size: int) -> int:
    """Workgroups that cover ``count`` with ``size`` each."""
    return -(-count // size)
