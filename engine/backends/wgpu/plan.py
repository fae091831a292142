"""Which kernels a training step is made of, with which tiles, over which grids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import numpy as np
from pydantic import Field, TypeAdapter, ValidationError

from engine.backend import DeviceKind, unknown_plan
from engine.backends.wgpu.kernels import Kernel, kernel
from engine.hyperparameters import Hyperparameters, OptimizerName
from engine.network import Layer, Network, padded
from engine.steps import Steps

NAME, RESIDENT = "layered", "resident"
TALLEST_TILE = 16
"""Rows of the activity buffer are a multiple of it."""
Count = Annotated[int, Field(strict=True, ge=1, le=256)]


def groups(count: int, size: int) -> int:
    """Workgroups that cover ``count`` with ``size`` each."""
    return -(-count // size)


@dataclass(frozen=True)
class Tile:
    """The block of a matrix product that a workgroup computes: ``rows`` by ``lanes * columns`` vectors of four.

    Each sum is shared by ``parts`` invocations. All of it decides the order of additions, and so the bits.
    """

    lanes: Count
    parts: Count
    rows: Annotated[int, Field(strict=True, ge=1, le=TALLEST_TILE)]
    columns: Count = 1

    def plain(self) -> dict[str, int]:
        return dict(vars(self))


@dataclass(frozen=True)
class Tiles:
    """The tiles of the three products, and the invocations a workgroup of everything else."""

    lanes: Count
    forward: Tile
    delta: Tile
    update: Tile

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def recorded_tiles(plan: Mapping[str, Any]) -> Tiles:
    """The tiles of a plan that was in force before. Raises DeviceError for one that is not known."""
    try:
        if plan.get("name") in (NAME, RESIDENT):
            return TypeAdapter(Tiles).validate_python(plan.get("tiles"))
    except ValidationError:
        pass
    raise unknown_plan(plan)


def tiles_for(kind: DeviceKind, network: Network, batch_size: int) -> Tiles:
    """Tiles by the kind of device and the size of the work: a software adapter wants few invocations with many sums each, a GPU many."""
    if kind != "software":
        if batch_size < 32:
            rows = min(4, 1 << (batch_size.bit_length() - 1))
            return Tiles(32, forward=Tile(8, 32, rows), delta=Tile(8, 32, rows), update=Tile(32, 1, 4))
        lanes = 16 if batch_size < 256 else 32
        update = Tile(32, 8, 8) if batch_size < 256 else Tile(32, 1, 8)
        return Tiles(32, forward=Tile(lanes, 256 // lanes, 8), delta=Tile(8, 16, 8), update=update)
    rows = min(TALLEST_TILE, 1 << (batch_size.bit_length() - 1))
    widest = max((layer.stride for layer in network.layers[:-1]), default=4)
    columns = max(1, min(4, widest // 32))
    return Tiles(8, forward=Tile(8, 1, rows, columns), delta=Tile(8, 1, min(rows, 8)), update=Tile(8, 1, 8 if columns > 1 else 4, columns))


@dataclass(frozen=True)
class Dispatch:
    kernel: Kernel
    layer: int
    grid: tuple[int, int, int]


@dataclass(frozen=True)
class Switches:
    """What a step's kernels must be able to do; any of it may be switched while training."""

    input_dropout: bool
    hidden_dropout: bool
    elastic_net: bool
    max_norm: bool

    @classmethod
    def of(cls, hyperparameters: Hyperparameters) -> Switches:
        regularization = hyperparameters.regularization
        nets = (regularization.weights, regularization.biases)
        return cls(
            input_dropout=regularization.dropout.input > 0,
            hidden_dropout=regularization.dropout.hidden > 0,
            elastic_net=any(net.l1 or net.l2 for net in nets),
            max_norm=regularization.max_norm > 0,
        )

    @classmethod
    def runs(cls, steps: Steps) -> Iterator[tuple[Switches, Steps]]:
        """Splits steps where one of the switches turns."""
        nets = ("weight_l1", "weight_l2", "bias_l1", "bias_l2")
        on = np.stack(
            [
                steps["input_threshold"] > 0,
                steps["hidden_threshold"] > 0,
                np.any([steps[net] > 0 for net in nets], axis=0),
                steps["max_norm"] > 0,
            ],
            axis=1,
        )
        turns = np.flatnonzero(np.any(on[1:] != on[:-1], axis=1)) + 1
        for part, switches in zip(np.split(steps, turns), np.split(on, turns), strict=True):
            yield cls(*map(bool, switches[0])), part


class Plan:
    """The dispatches of a training step over a full batch, and of an evaluation over ``rows`` samples."""

    def __init__(self, network: Network, hyperparameters: Hyperparameters, tiles: Tiles, field_size: int) -> None:
        """``field_size``: values of an image's elastic field; 0 without elastic distortion."""
        self._network = network
        self._field_size = field_size
        self._hyperparameters = hyperparameters
        self.tiles = tiles
        self.switches = Switches.of(hyperparameters)

    def with_switches(self, switches: Switches) -> Plan:
        plan = copy(self)
        plan.switches = switches
        return plan

    def step(self) -> list[Dispatch]:
        """gather; forward; loss; delta, from the last layer to the second; update of all layers; then what is switched on."""
        rows = self._hyperparameters.training.batch_size
        inputs = self._augmentation(rows) if self._hyperparameters.augmentation.is_on else [self._gather(rows)]
        dispatches = [*inputs, *self._forward_pass(rows)]
        for layer in reversed(self._network.layers):
            if layer.layer_norm:
                dispatches.append(self._rowwise("layer_norm_backward", layer, rows))
            if layer.index:
                dispatches.append(self._delta(layer, rows))
        dispatches += self._updates()
        if self.switches.max_norm:
            grid = (groups(max(layer.outputs for layer in self._network.layers), self.tiles.lanes), 1, len(self._network.layers))
            dispatches.append(Dispatch(kernel("max_norm", cell="f32", lanes=self.tiles.lanes), 0, grid))
        if self._hyperparameters.training.averaging:
            cells = self._network.size // 4
            grid = (min(groups(cells, self.tiles.lanes), 4096), 1, 1)
            dispatches.append(Dispatch(kernel("average", cell="vec4f", lanes=self.tiles.lanes), 0, grid))
        return dispatches

    def evaluation(self, rows: int) -> list[Dispatch]:
        """gather; forward, a layer at a time; loss."""
        return [self._gather(rows), *self._forward_pass(rows)]

    def _gather(self, rows: int) -> Dispatch:
        gather = kernel("gather", cell="vec4f", lanes=self.tiles.lanes, dropout=self.switches.input_dropout)
        return Dispatch(gather, 0, (groups(padded(self._network.inputs) // 4, self.tiles.lanes), rows, 1))

    def _augmentation(self, rows: int) -> list[Dispatch]:
        lanes, elastic = self.tiles.lanes, self._field_size > 0
        augment = kernel("augment", cell="f32", lanes=lanes, dropout=self.switches.input_dropout, elastic=elastic)
        dispatches = [Dispatch(augment, 0, (groups(self._network.inputs, lanes), rows, 1))]
        if elastic:
            dispatches.insert(0, Dispatch(kernel("elastic", cell="f32", lanes=lanes), 0, (groups(self._field_size, lanes), rows, 1)))
        return dispatches

    def _forward_pass(self, rows: int) -> list[Dispatch]:
        dispatches: list[Dispatch] = []
        for layer in self._network.layers:
            dispatches.append(self._forward(layer, rows))
            if layer.layer_norm:
                dispatches.append(
                    self._rowwise("layer_norm", layer, rows, activation=str(layer.activation), dropout=self.switches.hidden_dropout)
                )
        last = self._network.layers[-1]
        dispatches.append(self._rowwise("loss", last, rows, loss=str(self._network.loss)))
        return dispatches

    def _rowwise(self, name: str, layer: Layer, rows: int, **constants: object) -> Dispatch:
        lanes = self.tiles.lanes
        return Dispatch(kernel(name, cell="f32", lanes=lanes, **constants), layer.index, (groups(rows, lanes), 1, 1))

    def _forward(self, layer: Layer, rows: int) -> Dispatch:
        tile = self.tiles.forward
        fused = layer.activation is not None and not layer.layer_norm
        activation, dropout = (str(layer.activation), self.switches.hidden_dropout) if fused else ("", False)
        chosen = kernel("forward", cell="vec4f", activation=activation, dropout=dropout, **tile.plain())
        return Dispatch(chosen, layer.index, (groups(layer.stride // 4, tile.lanes * tile.columns), groups(rows, tile.rows), 1))

    def _delta(self, layer: Layer, rows: int) -> Dispatch:
        tile = self.tiles.delta
        activation = str(self._network.layers[layer.index - 1].activation)
        chosen = kernel("delta", cell="vec4f", activation=activation, dropout=self.switches.hidden_dropout, **tile.plain())
        return Dispatch(chosen, layer.index, (groups(padded(layer.inputs) // 4, tile.lanes), groups(rows, tile.rows), 1))

    def _updates(self) -> list[Dispatch]:
        tile, lanes, optimizer = self.tiles.update, self.tiles.lanes, self._hyperparameters.optimizer
        constants: dict[str, object] = {
            "optimizer": str(optimizer.name),
            "momentum": optimizer.name is OptimizerName.SGD and optimizer.momentum > 0,
            "nesterov": optimizer.nesterov,
        }
        update = kernel("update", cell="vec4f", elastic_net=self.switches.elastic_net, **constants, **tile.plain())
        update_layer_norm = kernel("update_layer_norm", cell="f32", lanes=lanes, **constants)
        dispatches: list[Dispatch] = []
        for layer in self._network.layers:
            grid = (groups(layer.stride // 4, tile.lanes * tile.columns), groups(padded(layer.inputs) + 1, tile.rows), 1)
            dispatches.append(Dispatch(update, layer.index, grid))
            if layer.layer_norm:
                dispatches.append(Dispatch(update_layer_norm, layer.index, (groups(layer.outputs, lanes), 1, 1)))
        return dispatches
