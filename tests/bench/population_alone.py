"""Whether networks trained as one population come out as they do alone, trial by trial, with the same hyperparameters and seed.

python -m tests.bench.population_alone [--trials N] [--epochs N] [--device D] [--dataset D] [--hidden N…] [--lanes N]

The preset ``readme`` without early stopping, its learning rate and L2 varied at random. The data and the device are made ready once; the
population takes seconds on a graphics processor, each network alone a second or two. On llvmpipe: ``--lanes 8 --hidden 8 8``, and a data
set of at most 8 classes.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any, cast

import numpy as np

from dataset import Dataset, registry
from engine import devices, network
from engine.backends.plan_names import RESIDENT
from engine.backends.wgpu.backend import WgpuBackend
from engine.events import Event, JobEpoch
from engine.hyperparameters import configuration
from engine.hyperparameters.definitions import Hyperparameters
from engine.jobs.job import JobTrainer
from engine.jobs.population import MemberEpoch, PopulationTrainer
from engine.presets import preset
from engine.training.control import Control
from engine.training.divergence_error import DivergenceError

POINTS = 0.3
"""Of accuracy, that may lie between the two."""
TOLERANCE = 1e-4
"""Of a loss, relative."""


@dataclass(frozen=True)
class Figures:
    """Of the last epoch; NaN from where the loss was no longer finite."""

    train_loss: float = np.nan
    validation_loss: float = np.nan
    test_loss: float = np.nan
    validation_accuracy: float = np.nan
    test_accuracy: float = np.nan


LOSSES = 3
"""How many of them are losses; the others are accuracies."""


def drawn(trials: int, epochs: int, hidden: Sequence[int]) -> list[Hyperparameters]:
    generator = np.random.default_rng(0)
    base = {"network.hidden": list(hidden), "training.epochs": epochs, "early_stopping.mode": "off"}
    return [
        configuration.replace(
            preset("readme").hyperparameters,
            base
            | {
                "learning_rate.initial": float(10 ** generator.uniform(-4, -1)),
                "regularization.weights.l2": float(10 ** generator.uniform(-7, -2)),
            },
        )
        for _ in range(trials)
    ]


def together(backend: WgpuBackend, dataset: Dataset, members: list[Hyperparameters], lanes: int) -> list[Figures]:
    """In as few populations as there have to be."""
    shape = network.build(members[0].network, dataset.inputs, len(dataset.classes))
    most = WgpuBackend.most_members(backend, shape, members[0]) or len(members)
    found: list[Figures] = []
    for begin in range(0, len(members), most):
        group = members[begin : begin + most]
        population = backend.population(shape, group, lanes)
        trainer = PopulationTrainer(group, dataset, population)
        trainer.begin()
        last: dict[int, MemberEpoch] = {}
        while trainer.active.any():
            last |= {epoch.member: epoch for epoch in trainer.train_epoch()}
        tested = population.evaluate(len(dataset.train), len(dataset.test))
        population.close()
        for member in range(len(group)):
            epoch = last[member]
            accuracy, loss = tested.correct[member] / len(dataset.test), tested.loss[member] / len(dataset.test)
            if epoch.outcome == "diverged":
                found.append(Figures())
            else:
                losses = (cast(float, epoch.train_loss), cast(float, epoch.validation_loss), float(loss))
                found.append(Figures(*losses, cast(float, epoch.validation_accuracy), float(accuracy)))
    return found


def alone(backend: WgpuBackend, dataset: Dataset, values: Hyperparameters, plan: dict[str, Any]) -> Figures:
    told: list[dict[str, Any]] = []

    def listen(event: Event) -> None:
        if isinstance(event, JobEpoch):
            told.append(event.metrics)

    trainer = JobTrainer(1, values, dataset, backend, Control(), listen)
    trainer._plan = plan  # the fastest one might be another
    try:
        trainer.train()
    except DivergenceError:
        return Figures()
    tested, last = backend.evaluate(len(dataset.train), len(dataset.test)), told[-1]
    losses = (last["train_loss"], last["validation_loss"], tested.loss / tested.samples)
    return Figures(*losses, last["validation_accuracy"], tested.correct / tested.samples)


def report(pairs: list[tuple[Figures, Figures]]) -> bool:
    """Prints the largest differences; whether they are within what is promised."""
    rows = np.array([[astuple(figures) for figures in pair] for pair in pairs])
    one, other = rows[:, 0], rows[:, 1]
    has_failed = np.isnan(rows).any(axis=2)
    diverged, unlike = has_failed.any(axis=1).sum(), (has_failed[:, 0] != has_failed[:, 1]).sum()
    print(f"{len(pairs)} trials; {diverged} diverged, {unlike} of them in one way only")
    print(f"{(one[:, 0] == other[:, 0]).sum()} have the same training loss to the last bit")
    difference = np.where(has_failed.any(axis=1, keepdims=True), 0.0, np.abs(one - other))
    difference[:, :LOSSES] /= np.maximum(np.nan_to_num(other[:, :LOSSES], nan=1.0), 1e-12)
    difference[:, LOSSES:] *= 100
    worst, names = difference.argmax(axis=0), list(Figures.__dataclass_fields__)
    for place, name in enumerate(names):
        trial, unit = worst[place], "relative" if place < LOSSES else "points"
        figures = f"{one[trial, place]:.6g} together, {other[trial, place]:.6g} alone"
        print(f"{name.replace('_', ' '):20} differs by {difference[trial, place]:.3g} {unit} at the most, in trial {trial}: {figures}")
    is_accurate = bool(difference[:, LOSSES:].max() <= POINTS)
    are_losses_near = bool(difference[:, :LOSSES].max() <= TOLERANCE)
    same_ends = bool((has_failed[:, 0] == has_failed[:, 1]).all())
    print(f"accuracies within {POINTS} points: {is_accurate}; losses within {TOLERANCE:g} relative: {are_losses_near}")
    return is_accurate and are_losses_near and same_ends


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.population_alone")
    parser.add_argument("--trials", type=int, default=256)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--device", default="gpu")
    parser.add_argument("--dataset", default="mnist")
    parser.add_argument("--hidden", type=int, nargs="+", default=[16, 16])
    parser.add_argument("--lanes", type=int, default=32)
    given = parser.parse_args()
    dataset = registry.load(given.dataset)
    backend = cast(WgpuBackend, devices.open_backend(devices.choose(given.device, devices.known_devices(given.device))[0]))
    backend.load(dataset)
    members = drawn(given.trials, given.epochs, given.hidden)
    begin = time.perf_counter()
    population = together(backend, dataset, members, given.lanes)
    print(f"{backend.device.name}: {len(members)} trained together in {time.perf_counter() - begin:.1f} s", flush=True)
    begin, pairs = time.perf_counter(), []
    for trial, (values, figures) in enumerate(zip(members, population, strict=True), 1):
        layered = backend.plans(network.build(values.network, dataset.inputs, len(dataset.classes)), values)[-1]
        pairs.append((figures, alone(backend, dataset, values, {**layered, "name": RESIDENT, "lanes": given.lanes})))
        if trial % 16 == 0 or trial == len(members):
            print(f"{trial} trained alone in {time.perf_counter() - begin:.1f} s", flush=True)
    return 0 if report(pairs) else 1


if __name__ == "__main__":
    sys.exit(main())
