"""Which kernels a training step is made of, with which tiles, over which grids."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np

from engine.backends.wgpu.kernels import Kernel, kernel
from engine.backends.wgpu.tiles import Product, Tiles, grid, groups
from engine.hyperparameters.choices import OptimizerName
from engine.hyperparameters.definitions import Hyperparameters
from engine.network import Layer, Network, padded
from engine.steps import Steps

WIDEST_FUSED_LOSS = 64
"""Classes up to which a workgroup of the output layer goes on to the loss."""


@dataclass(frozen=True)
class Dispatch:
    """A kernel, the index of the layer that it works on, or of the first of several, and its grid of workgroups."""

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
    def of_any(cls, members: Sequence[Hyperparameters]) -> Switches:
        """What at least one of the members needs."""
        each = [vars(cls.of(member)) for member in members]
        return cls(**{name: any(switches[name] for switches in each) for name in each[0]})

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
        self.network = network
        self._field_size = field_size
        self._hyperparameters = hyperparameters
        self.batch_size = hyperparameters.training.batch_size
        self.tiles = tiles
        self.switches = Switches.of(hyperparameters)

    def with_switches(self, switches: Switches) -> Plan:
        plan = copy(self)
        plan.switches = switches
        return plan

    def opening(self) -> list[Dispatch]:
        """What comes before the first of consecutive steps."""
        return self._inputs() if self._gathers_ahead else []

    def step(self) -> list[Dispatch]:
        """gather; forward; loss; delta, from the last layer to the second; update of all layers; then what is switched on.

        Where it fits, the last layer's forward, the loss and the last delta are one dispatch, which also gathers for the next step.
        """
        rows = self.batch_size
        inputs = [] if self._gathers_ahead else self._inputs()
        dispatches = [*inputs, *self._forward_pass(rows, trains=True)]
        for layer in reversed(self.network.layers):
            if layer.layer_norm:
                dispatches.append(self._normalisation("layer_norm_backward", layer, rows))
            if layer.index and not (layer.activation is None and self._fuses_loss):
                dispatches.append(self._delta(layer, rows))
        dispatches += self._updates()
        if self.switches.max_norm:
            grid = (groups(max(layer.outputs for layer in self.network.layers), self.tiles.lanes), 1, len(self.network.layers))
            dispatches.append(Dispatch(kernel("max_norm", cell="f32", lanes=self.tiles.lanes), 0, grid))
        if self._hyperparameters.training.averaging:
            cells = self.network.size // 4
            grid = (min(groups(cells, self.tiles.lanes), 4096), 1, 1)
            dispatches.append(Dispatch(kernel("average", cell="vec4f", lanes=self.tiles.lanes), 0, grid))
        return dispatches

    def evaluation(self, rows: int) -> list[Dispatch]:
        """gather; forward, a layer at a time; loss."""
        return [self._gather(rows), *self._forward_pass(rows, trains=False)]

    def product(self, product: Product, layer: Layer) -> Dispatch:
        """One product alone, of a full batch."""
        rows = self.batch_size
        if product == "update":
            return self._update([layer])
        return self._forward(layer, rows, trains=True) if product == "forward" else self._delta(layer, rows)

    @property
    def _gathers_ahead(self) -> bool:
        return self._fuses_loss and len(self.network.layers) > 1 and not self._hyperparameters.augmentation.is_on

    def _inputs(self) -> list[Dispatch]:
        rows = self.batch_size
        return self._augmentation(rows) if self._hyperparameters.augmentation.is_on else [self._gather(rows)]

    def _gather(self, rows: int) -> Dispatch:
        gather = kernel("gather", cell="vec4f", lanes=self.tiles.lanes, input_dropout=self.switches.input_dropout)
        return Dispatch(gather, 0, (groups(padded(self.network.inputs) // 4, self.tiles.lanes), rows, 1))

    def _augmentation(self, rows: int) -> list[Dispatch]:
        lanes, elastic = self.tiles.lanes, self._field_size > 0
        augment = kernel("augment", cell="f32", lanes=lanes, dropout=self.switches.input_dropout, elastic=elastic)
        dispatches = [Dispatch(augment, 0, (groups(self.network.inputs, lanes), rows, 1))]
        if elastic:
            dispatches.insert(0, Dispatch(kernel("elastic_field", cell="f32", lanes=lanes), 0, (groups(self._field_size, lanes), rows, 1)))
        return dispatches

    def _forward_pass(self, rows: int, trains: bool) -> list[Dispatch]:
        dispatches: list[Dispatch] = []
        for layer in self.network.layers:
            dispatches.append(self._forward(layer, rows, trains))
            if layer.layer_norm:
                constants = {"activation": str(layer.activation), "dropout": self.switches.hidden_dropout}
                dispatches.append(self._normalisation("layer_norm", layer, rows, **constants))
        if not self._fuses_loss:
            last, lanes = self.network.layers[-1], self.tiles.lanes
            loss = kernel("loss", cell="vec4f", lanes=lanes, loss=str(self.network.loss))
            dispatches.append(Dispatch(loss, last.index, (groups(rows, lanes), 1, 1)))
        return dispatches

    @property
    def _fuses_loss(self) -> bool:
        """Whether a workgroup of the output layer sees whole samples, and has an invocation for each."""
        last, tile = self.network.layers[-1], self.tiles.layers[-1].forward
        return last.outputs <= WIDEST_FUSED_LOSS and last.stride <= 4 * tile.width and tile.parts > 1 and tile.height <= tile.invocations

    def _normalisation(self, name: str, layer: Layer, rows: int, **constants: object) -> Dispatch:
        team = self.tiles.team(layer)
        lanes = team if team > 1 else self.tiles.lanes
        halvings = tuple(team >> shift for shift in range(1, team.bit_length()))
        chosen = kernel(name, cell="f32", lanes=lanes, team=team, halvings=halvings, **constants)
        return Dispatch(chosen, layer.index, (groups(rows, lanes // team), 1, 1))

    def _forward(self, layer: Layer, rows: int, trains: bool) -> Dispatch:
        tile = self.tiles.layers[layer.index].forward
        activates = layer.activation is not None and not layer.layer_norm
        ends = layer.activation is None and self._fuses_loss
        backward = ends and trains and layer.index > 0
        gathers = backward and self._gathers_ahead
        activation = self.network.layers[layer.index - 1].activation if backward else layer.activation
        chosen = kernel(
            "forward",
            cell="vec4f",
            activation=str(activation) if activates or backward else "",
            activates=activates,
            dropout=self.switches.hidden_dropout and (activates or backward),
            loss=str(self.network.loss) if ends else "",
            backward=backward,
            gathers=gathers,
            input_dropout=gathers and self.switches.input_dropout,
            **tile.constants(),
        )
        across, down = grid(tile, "forward", layer, rows)
        ahead = groups(rows * padded(self.network.inputs) // 4, down * tile.invocations) if gathers else 0
        return Dispatch(chosen, layer.index, (across, down, 1 + ahead))

    def _delta(self, layer: Layer, rows: int) -> Dispatch:
        tile = self.tiles.layers[layer.index].delta
        activation = str(self.network.layers[layer.index - 1].activation)
        chosen = kernel("delta", cell="vec4f", activation=activation, dropout=self.switches.hidden_dropout, **tile.constants())
        return Dispatch(chosen, layer.index, (*grid(tile, "delta", layer, rows), 1))

    def _updates(self) -> list[Dispatch]:
        """Neighbouring layers with the same tile share a dispatch, where the smaller one's idle workgroups cost less than that saves."""
        tiles, lanes, apart = self.tiles.layers, self.tiles.lanes, self.tiles.is_software
        neighbours = itertools.groupby(self.network.layers, key=lambda layer: (tiles[layer.index].update, apart and layer.index))
        dispatches = [self._update(list(layers)) for _, layers in neighbours]
        normalised = [layer for layer in self.network.layers if layer.layer_norm]
        if normalised:
            across = groups(max(layer.outputs for layer in normalised), lanes)
            update = kernel("update_layer_norm", cell="f32", lanes=lanes, parts=self.tiles.normalisation // lanes, **self._optimizer)
            dispatches.append(Dispatch(update, 0, (across, 1, len(normalised))))
        return dispatches

    def _update(self, layers: list[Layer]) -> Dispatch:
        tile = self.tiles.layers[layers[0].index].update
        chosen = kernel("update", cell="vec4f", elastic_net=self.switches.elastic_net, **self._optimizer, **tile.constants())
        across, down = zip(*(grid(tile, "update", layer, 0) for layer in layers), strict=True)
        return Dispatch(chosen, layers[0].index, (max(across), max(down), len(layers)))

    @property
    def _optimizer(self) -> dict[str, object]:
        optimizer = self._hyperparameters.optimizer
        momentum = optimizer.name is OptimizerName.SGD and optimizer.momentum > 0
        return {"optimizer": str(optimizer.name), "momentum": momentum, "nesterov": optimizer.nesterov}
