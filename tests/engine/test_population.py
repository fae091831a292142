"""The population plan: every member as if it had been trained alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine import counter_random
from engine.backend import Population, TrainingState
from engine.backends.wgpu.backend import WgpuBackend
from engine.hyperparameters import configuration
from engine.hyperparameters.definitions import Hyperparameters
from engine.jobs.population import PopulationTrainer, same_shape
from engine.network import Floats, initial_parameters
from engine.schedule import Schedule
from engine.steps import batches, epoch_steps
from tests.engine.support import DATA, hyperparameters, network_of, resident_plan

EPOCHS = 2
BASE: dict[str, Any] = {"network.hidden": [8, 8], "training.batch_size": 4, "training.validation_split": 0.2, "training.epochs": EPOCHS}
DIFFERENT: dict[str, dict[str, Any]] = {
    "plain": {},
    "rate": {"learning_rate.initial": 0.003, "learning_rate.decay.method": "cosine"},
    "seed": {"training.seed": 7},
    "dropout": {"regularization.dropout.input": 0.2, "regularization.dropout.hidden": 0.3},
    "elastic net": {"regularization.weights.l2": 0.01, "regularization.biases.l1": 0.01},
    "max norm": {"regularization.max_norm": 0.8, "regularization.label_smoothing": 0.1},
    "adam's constants": {"optimizer.beta_1": 0.8, "optimizer.beta_2": 0.99, "optimizer.epsilon": 1e-4, "optimizer.weight_decay": 0.1},
    "no shuffling": {"training.shuffle": False},
}
TOLERANCE = 1e-5
"""Of a loss, and of the parameters' length: kernels with other features switched on may be compiled to other roundings."""


def members() -> list[Hyperparameters]:
    return [hyperparameters(BASE | changes) for changes in DIFFERENT.values()]


def alone(backend: WgpuBackend, lanes: int, values: Hyperparameters) -> tuple[list[float], list[float], np.ndarray[Any, Any]]:
    """Validation losses and hits after each epoch, and the parameters, with the resident plan."""
    network = network_of(values)
    backend.prepare(network, values, resident_plan(values, lanes))
    parameters = initial_parameters(network, values.network.initializer, values.training.seed)
    backend.set_state(TrainingState(parameters, np.zeros_like(parameters), np.zeros_like(parameters), None))
    schedule, (training, validation) = Schedule(values.learning_rate, values.training.epochs), (120, 30)
    count = batches(training, values.training.batch_size)
    losses, hits = [], []
    for epoch in range(EPOCHS):
        order = counter_random.permutation(values.training.seed, epoch + 1, training)
        backend.set_order(order if values.training.shuffle else np.arange(training, dtype=np.uint32))
        backend.train(epoch_steps(values, training, epoch * count, schedule.rates(count)))
        schedule.advance()
        found = backend.evaluate(training, validation)
        losses.append(found.loss / found.samples)
        hits.append(found.correct / found.samples)
    return losses, hits, backend.state().parameters


def newest(population: Population, count: int) -> Floats:
    """The parameters of all ``count`` members as they are now: [members, network.size]. They count as kept from now on."""
    population.keep(np.ones(count, np.bool_))
    return np.stack([population.best(member) for member in range(count)])


def test_members_train_as_they_would_alone(wgpu: WgpuBackend, lanes: int) -> None:
    expected = [alone(wgpu, lanes, values) for values in members()]
    population = wgpu.population(network_of(members()[0]), members(), lanes)
    trainer = PopulationTrainer(members(), DATA, population)
    trainer.begin()
    epochs = [trainer.train_epoch() for _ in range(EPOCHS)]
    assert not trainer.active.any()
    found = newest(population, len(expected))
    for number, (losses, hits, parameters) in enumerate(expected):
        name = list(DIFFERENT)[number]
        assert [epoch[number].validation_loss for epoch in epochs] == pytest.approx(losses, rel=TOLERANCE), name
        assert [epoch[number].validation_accuracy for epoch in epochs] == pytest.approx(hits), name
        assert np.linalg.norm(found[number] - parameters) <= TOLERANCE * np.linalg.norm(parameters), name
    population.close()


def test_what_is_stopped_stays_as_it_is_and_the_others_go_on(wgpu: WgpuBackend, lanes: int) -> None:
    values = [hyperparameters(BASE | {"training.epochs": 3, "training.seed": seed}) for seed in range(3)]
    population = wgpu.population(network_of(values[0]), values, lanes)
    trainer = PopulationTrainer(values, DATA, population)
    trainer.begin()
    trainer.train_epoch()
    before = newest(population, len(values))
    trainer.stop(1)
    assert [epoch.member for epoch in trainer.train_epoch()] == [0, 2]
    after = newest(population, len(values))
    assert np.array_equal(before[1], after[1])
    assert not np.array_equal(before[0], after[0]) and not np.array_equal(before[2], after[2])
    population.close()


def test_an_exploding_member_fails_alone(wgpu: WgpuBackend, lanes: int) -> None:
    loss = {"network.loss": "squared_error", "optimizer.name": "sgd"}
    values = [hyperparameters(BASE | loss | {"learning_rate.initial": rate}) for rate in (1e-3, 1e6)]
    population = wgpu.population(network_of(values[0]), values, lanes)
    trainer = PopulationTrainer(values, DATA, population)
    trainer.begin()
    fine, exploded = trainer.train_epoch()
    assert fine.validation_loss is not None and fine.outcome is None
    assert exploded.train_loss is None and exploded.outcome == "diverged" and not exploded.better
    population.close()


def test_what_may_differ() -> None:
    base = hyperparameters(BASE)
    assert all(same_shape(values) == same_shape(base) for values in members())
    for change in ({"network.hidden": [8, 4]}, {"training.batch_size": 8}, {"optimizer.name": "sgd"}, {"training.validation_split": 0.1}):
        assert same_shape(configuration.replace(base, change)) != same_shape(base)
