"""How fast a device trains: fixed works, measured the same way everywhere. Run as a module, it measures one work and prints JSON."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from dataset import DEFAULT_DATASET, Dataset
from engine import counter_random, network
from engine.backend import Backend, TrainingState
from engine.hyperparameters.configuration import from_plain
from engine.hyperparameters.definitions import Hyperparameters
from engine.process import peak_mebibytes
from engine.steps import MOMENT, Steps, batches, epoch_steps

REPEATS = 5
SECONDS_A_REPEAT = 0.5
ACCURACIES = (0.97, 0.98)
MOST_SECONDS_TO_AN_ACCURACY = 20.0


@dataclass(frozen=True)
class Work:
    """A network and how it is trained."""

    name: str
    summary: str
    hyperparameters: Hyperparameters


def _work(name: str, summary: str, hidden: list[int], batch_size: int, dropout: tuple[float, float], activation: str) -> Work:
    values = {
        "network": {"hidden": hidden, "activation": activation},
        "regularization": {"dropout": {"input": dropout[0], "hidden": dropout[1]}},
        "learning_rate": {"initial": 1e-3, "decay": {"method": "none"}},
        "training": {"batch_size": batch_size, "validation_split": 0.0},
        "early_stopping": {"mode": "off"},
    }
    return Work(name, summary, from_plain(values))


_WORKS = (
    _work("S", "784-16-16-10, batch 4, no regularization", [16, 16], 4, (0.0, 0.0), "leaky_relu"),
    _work("M", "784-512-512-10, batch 128, dropout 0.2 and 0.5", [512, 512], 128, (0.2, 0.5), "relu"),
    _work("L", "784-2500-2000-1500-1000-500-10, batch 256", [2500, 2000, 1500, 1000, 500], 256, (0.0, 0.0), "relu"),
    _work("P", "as S, many networks at once, each counted", [16, 16], 4, (0.0, 0.0), "leaky_relu"),
)
POPULATION, POPULATION_PLAN = "P", "population"
WORKS: Mapping[str, Work] = MappingProxyType({work.name: work for work in _WORKS})
MEMBERS = (132, 1056)
"""Networks of a population: as many as a large graphics processor has cores, and eight times that."""


@dataclass(frozen=True)
class Measurement:
    """One work on one device with one plan."""

    work: str
    device: str
    plan: dict[str, Any]
    microseconds: float
    """A training step of one network, the median of ``repeats`` times of ``steps`` steps."""
    fastest: float
    slowest: float
    samples_per_second: float
    repeats: int
    steps: int
    peak_mebibytes: float | None
    """The most that the process held in the host's memory, its resident set; None where the system does not tell."""
    seconds_to: dict[str, float | None]
    """Training time to a test accuracy; empty where it was not asked for, None where it was not reached."""

    def plain(self) -> dict[str, Any]:
        return asdict(self)


class PopulationBench:
    """A population that is ready to train the same steps again and again."""

    def __init__(self, backend: Backend, work: Work, dataset: Dataset, members: int) -> None:
        values = work.hyperparameters
        shape = network.build(values.network, dataset.inputs, len(dataset.classes))
        backend.load(dataset)
        self._population = backend.population(shape, [values] * members)
        self._members, self._samples = members, len(dataset.train)
        initial = network.initial_parameters(shape, values.network.initializer, values.training.seed)
        self._population.set_parameters(np.tile(initial, (members, 1)))
        self._population.set_orders([counter_random.permutation(values.training.seed, 1, self._samples)], np.zeros(members, np.intp))
        self._population.begin_epoch()
        self._moments = np.zeros((members, self._population.steps_a_dispatch), MOMENT)
        self._moments["learning_rate"] = values.learning_rate.initial
        self._moments["first_correction"] = self._moments["second_correction"] = 1

    def times(self) -> tuple[list[float], int]:
        """Seconds a step and network of each repeat, and the steps of a repeat."""
        steps = self._moments.shape[1]
        self._timed()
        count = max(1, round(SECONDS_A_REPEAT / self._timed()))
        return [self._timed(count) / (count * steps * self._members) for _ in range(REPEATS)], count * steps

    def _timed(self, count: int = 1) -> float:
        begin = time.perf_counter()
        for _ in range(count):
            self._population.train(self._moments, 0, self._samples)
        self._population.tally()
        return time.perf_counter() - begin


class Bench:
    """A backend that is ready to train one work again and again."""

    def __init__(self, backend: Backend, work: Work, dataset: Dataset, plan: Mapping[str, Any] | None) -> None:
        self._backend, self._work, self._dataset = backend, work, dataset
        self._network = network.build(work.hyperparameters.network, dataset.inputs, len(dataset.classes))
        backend.load(dataset)
        backend.prepare(self._network, work.hyperparameters, plan)
        self._start()

    def _start(self) -> None:
        values = self._work.hyperparameters
        parameters = network.initial_parameters(self._network, values.network.initializer, values.training.seed)
        self._backend.set_state(TrainingState.untrained(parameters, averaging=False))
        self._epoch = 0
        self._pending: Steps = self._next_epoch()

    def _next_epoch(self) -> Steps:
        values, samples = self._work.hyperparameters, len(self._dataset.train)
        self._backend.set_order(counter_random.permutation(values.training.seed, self._epoch, samples))
        self._backend.reset_tally()
        count = batches(samples, values.training.batch_size)
        steps = epoch_steps(values, samples, self._epoch * count, np.full(count, values.learning_rate.initial))
        self._epoch += 1
        return steps

    def _take(self, count: int) -> Steps:
        if not len(self._pending):
            self._pending = self._next_epoch()
        taken, self._pending = self._pending[:count], self._pending[count:]
        return taken

    def _timed(self, count: int) -> float:
        """Seconds that ``count`` steps take, an epoch's turn left out of the time."""
        seconds = 0.0
        while count:
            steps = self._take(count)
            begin = time.perf_counter()
            self._backend.train(steps)
            self._backend.tally()
            seconds += time.perf_counter() - begin
            count -= len(steps)
        return seconds

    def times(self) -> tuple[list[float], int]:
        """Seconds a step of each repeat, and the steps of a repeat."""
        self._timed(2)
        count = 2
        while (seconds := self._timed(count)) < SECONDS_A_REPEAT / 4:
            count *= 4
        count = max(1, round(count * SECONDS_A_REPEAT / seconds))
        return [self._timed(count) / count for _ in range(REPEATS)], count

    def seconds_to(self, accuracies: tuple[float, ...]) -> dict[str, float | None]:
        """Training time until the test digits are first read that well, looked at four times an epoch."""
        self._start()
        samples, total = len(self._dataset.train), 0.0
        count = -(-batches(samples, self._work.hyperparameters.training.batch_size) // 4)
        reached: dict[str, float | None] = {f"{accuracy:.0%}": None for accuracy in accuracies}
        while total < MOST_SECONDS_TO_AN_ACCURACY and None in reached.values():
            total += self._timed(count)
            found = self._backend.evaluate(samples, len(self._dataset.test)).accuracy or 0.0
            for accuracy in accuracies:
                if found >= accuracy and reached[f"{accuracy:.0%}"] is None:
                    reached[f"{accuracy:.0%}"] = total
        return reached


def measure(backend: Backend, work: Work, dataset: Dataset, plan: Mapping[str, Any] | None, to_accuracy: bool) -> Measurement:
    """Raises DeviceError where the device cannot do the work."""
    of_population = plan is not None and plan["name"] == POPULATION_PLAN
    bench = PopulationBench(backend, work, dataset, plan["members"]) if plan and of_population else Bench(backend, work, dataset, plan)
    times, steps = bench.times()
    median = statistics.median(times)
    return Measurement(
        work=work.name,
        device=backend.device.name,
        plan=dict(plan) if plan and of_population else backend.plan,
        microseconds=median * 1e6,
        fastest=min(times) * 1e6,
        slowest=max(times) * 1e6,
        samples_per_second=samples_a_step(work, len(dataset.train)) / median,
        repeats=len(times),
        steps=steps,
        peak_mebibytes=peak_mebibytes(),
        seconds_to=bench.seconds_to(ACCURACIES) if to_accuracy and isinstance(bench, Bench) else {},
    )


def samples_a_step(work: Work, samples: int) -> float:
    """The mean over an epoch of ``samples``, whose last step may have fewer than the others."""
    return samples / batches(samples, work.hyperparameters.training.batch_size)


def plans(backend: Backend, work: Work, dataset: Dataset) -> Iterator[dict[str, Any]]:
    """The plans that the backend can follow for a work."""
    shape = network.build(work.hyperparameters.network, dataset.inputs, len(dataset.classes))
    if work.name == POPULATION:
        most = backend.most_members(shape, work.hyperparameters)
        yield from ({"name": POPULATION_PLAN, "members": members} for members in MEMBERS if members <= most)
    else:
        backend.prepare(shape, work.hyperparameters)  # measures what it has to know to choose
        yield from backend.plans(shape, work.hyperparameters)


def main() -> None:
    """Measures in this process, so that each measurement's memory is its own: see ``tui/commandline/bench.py``."""
    from dataset.registry import load
    from engine.devices import choose, known_devices, open_backend

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", choices=WORKS)
    parser.add_argument("device")
    parser.add_argument("--plan", type=json.loads, help="as JSON; without it the plans are listed")
    parser.add_argument("--to-accuracy", action="store_true")
    arguments = parser.parse_args()
    device, _ = choose(arguments.device, known_devices(arguments.device))
    dataset, work = load(DEFAULT_DATASET), WORKS[arguments.work]
    backend = open_backend(device)
    backend.load(dataset)
    if arguments.plan is None:
        print(json.dumps(list(plans(backend, work, dataset))))
    else:
        print(json.dumps(measure(backend, work, dataset, arguments.plan, arguments.to_accuracy).plain()))


if __name__ == "__main__":
    main()
