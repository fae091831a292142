"""Which kernels a training step is made of, with which tiles, over which grids."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass

import numpy as np

from engine.backends.wgpu.kernels import Kernel, kernel
from engine.backends.wgpu.tiles import Tiles, grid, groups
from engine.hyperparameters import Hyperparameters, OptimizerName
from engine.network import Layer, Network, padded
from engine.steps import Steps

WIDEST_FUSED_LOSS = 64
"""Classes up to which a workgroup of the output layer goes on to the loss."""


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
        if not self._fuses_loss:
            dispatches.append(self._rowwise("loss", self._network.layers[-1], rows, cell="vec4f", loss=str(self._network.loss)))
        return dispatches

    @property
    def _fuses_loss(self) -> bool:
        """Whether a workgroup of the output layer sees whole samples, and has an invocation for each."""
        last, tile = self._network.layers[-1], self.tiles.layers[-1].forward
        return last.outputs <= WIDEST_FUSED_LOSS and last.stride <= 4 * tile.width and tile.parts > 1 and tile.height <= tile.invocations

    def _rowwise(self, name: str, layer: Layer, rows: int, cell: str = "f32", **constants: object) -> Dispatch:
        lanes = self.tiles.lanes
        return Dispatch(kernel(name, cell=cell, lanes=lanes, **constants), layer.index, (groups(rows, lanes), 1, 1))

    def _forward(self, layer: Layer, rows: int) -> Dispatch:
        tile = self.tiles.layers[layer.index].forward
        fused = layer.activation is not None and not layer.layer_norm
        activation, dropout = (str(layer.activation), self.switches.hidden_dropout) if fused else ("", False)
        loss = str(self._network.loss) if layer.activation is None and self._fuses_loss else ""
        chosen = kernel("forward", cell="vec4f", activation=activation, dropout=dropout, loss=loss, **tile.plain())
        return Dispatch(chosen, layer.index, (*grid(tile, "forward", layer, rows), 1))

    def _delta(self, layer: Layer, rows: int) -> Dispatch:
        tile = self.tiles.layers[layer.index].delta
        activation = str(self._network.layers[layer.index - 1].activation)
        chosen = kernel("delta", cell="vec4f", activation=activation, dropout=self.switches.hidden_dropout, **tile.plain())
        return Dispatch(chosen, layer.index, (*grid(tile, "delta", layer, rows), 1))

    def _updates(self) -> list[Dispatch]:
        """Neighbouring layers with the same tile share a dispatch."""
        optimizer = self._hyperparameters.optimizer
        constants: dict[str, object] = {
            "optimizer": str(optimizer.name),
            "momentum": optimizer.name is OptimizerName.SGD and optimizer.momentum > 0,
            "nesterov": optimizer.nesterov,
        }
        dispatches: list[Dispatch] = []
        for tile, neighbours in itertools.groupby(self._network.layers, key=lambda layer: self.tiles.layers[layer.index].update):
            layers = list(neighbours)
            update = kernel("update", cell="vec4f", elastic_net=self.switches.elastic_net, **constants, **tile.plain())
            across, down = zip(*(grid(tile, "update", layer, 0) for layer in layers), strict=True)
            dispatches.append(Dispatch(update, layers[0].index, (max(across), max(down), len(layers))))
        normalised = [layer for layer in self._network.layers if layer.layer_norm]
        if normalised:
            update_layer_norm = kernel("update_layer_norm", cell="f32", lanes=self.tiles.lanes, **constants)
            widest = max(layer.outputs for layer in normalised)
            dispatches.append(Dispatch(update_layer_norm, 0, (groups(widest, self.tiles.lanes), 1, len(normalised))))
        return dispatches
