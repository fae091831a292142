"""Jobs of a sweep that are trained together: each as a job of its own would be."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from engine.backend import Population
from engine.backends.wgpu.backend import WgpuBackend
from engine.commands import TrainJob
from engine.data.part_sizes import part_sizes
from engine.evaluation import evaluate
from engine.events import Event, JobEnded, JobEpoch, JobFailed
from engine.hyperparameters.configuration import plain
from engine.hyperparameters.definitions import Hyperparameters
from engine.jobs.group import GroupControl, JobGroup
from engine.jobs.job import JobTrainer
from engine.model_file import load_model
from engine.network import Network
from engine.training.control import Control
from tests.engine.support import DATA, hyperparameters

BASE: dict[str, Any] = {
    "network.hidden": [8, 8],
    "training.batch_size": 4,
    "training.validation_split": 0.2,
    "training.epochs": 3,
    "early_stopping.mode": "patience",
}
SAME = 1e-4
"""Of a loss: a population's kernel adds in another order than the layered plan."""


class Narrow:
    """A backend that trains three at once, also where its subgroups are narrower than a graphics processor's."""

    def __init__(self, backend: WgpuBackend, lanes: int) -> None:
        self._backend, self._lanes = backend, lanes
        self.populations: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)

    def most_members(self, network: Network, values: Hyperparameters) -> int:
        return 3 if values.training.batch_size == 4 else 0

    def population(self, network: Network, members: Sequence[Hyperparameters]) -> Population:
        self.populations.append(len(members))
        return self._backend.population(network, members, self._lanes)


def jobs(changes: list[dict[str, Any]], directory: Path) -> list[TrainJob]:
    return [
        TrainJob(job=number, hyperparameters=plain(hyperparameters(BASE | each)), model=str(directory / f"{number}.safetensors"))
        for number, each in enumerate(changes, start=1)
    ]


def run(backend: Any, asked: list[TrainJob], models: int = 1, control: GroupControl | None = None) -> list[Event]:
    told: list[Event] = []
    JobGroup(asked, models, DATA, backend, control or GroupControl(), told.append).train()
    return told


def test_each_ends_as_alone(wgpu: WgpuBackend, lanes: int, tmp_path: Path) -> None:
    backend = Narrow(wgpu, lanes)
    changes: list[dict[str, Any]] = [{"learning_rate.initial": rate} for rate in (0.003, 0.01, 0.02, 0.03)]
    asked = jobs([*changes, {"training.batch_size": 8}], tmp_path)
    told = run(backend, asked, models=5)
    assert backend.populations == [3, 1], "batches of eight are trained alone"
    for job in asked:
        own = [event for event in told if getattr(event, "job", None) == job.job]
        alone: list[Event] = []
        trainer = JobTrainer(
            job.job, hyperparameters(BASE | [*changes, {"training.batch_size": 8}][job.job - 1]), DATA, wgpu, Control(), alone.append
        )
        trainer.train()
        expected = trainer.ended(None, 2.0)
        epochs = [event for event in own if isinstance(event, JobEpoch)]
        assert [event.metrics["epoch"] for event in epochs] == [event.metrics["epoch"] for event in alone if isinstance(event, JobEpoch)]
        for event, other in zip(epochs, alone, strict=True):
            assert isinstance(other, JobEpoch)
            for name in ("validation_accuracy", "validation_loss", "train_loss", "learning_rate"):
                assert event.metrics[name] == pytest.approx(other.metrics[name], rel=SAME), name
        ended = own[-1]
        assert isinstance(ended, JobEnded)
        assert (ended.reason, ended.epochs, ended.best_epoch) == (expected.reason, expected.epochs, expected.best_epoch)
        assert ended.model is not None
        assert load_model(Path(ended.model)).validation_accuracy == ended.validation_accuracy


@pytest.mark.parametrize("members", [1, 3])
def test_a_job_sees_digits_as_the_first_member_would(wgpu: WgpuBackend, lanes: int, tmp_path: Path, members: int) -> None:
    ensembles: list[dict[str, Any]] = [{"ensemble.members": members, "ensemble.deskewed": deskewed} for deskewed in (members, 0)]
    backend = Narrow(wgpu, lanes)
    told = run(backend, jobs(ensembles, tmp_path), models=2)
    assert backend.populations == [1, 1]
    ended = [event for event in told if isinstance(event, JobEnded)]
    training, validation = part_sizes(hyperparameters(BASE), DATA)
    part = slice(training, training + validation)
    for event, deskew in zip(ended, (True, False), strict=True):
        assert event.model is not None
        model = load_model(Path(event.model))
        assert [view.deskew for view in model.views] == [deskew]
        found = evaluate(model.outputs(DATA.train.images[part]), DATA.train.labels[part], model.network.loss)
        assert (found.accuracy, found.loss) == (event.validation_accuracy, pytest.approx(event.validation_loss, rel=SAME))


def test_only_the_best_models_are_written(wgpu: WgpuBackend, lanes: int, tmp_path: Path) -> None:
    told = run(Narrow(wgpu, lanes), jobs([{"learning_rate.initial": rate} for rate in (1e-6, 0.01, 1e-5)], tmp_path))
    ended = {event.job: event for event in told if isinstance(event, JobEnded)}
    assert [job for job, event in ended.items() if event.model] == [max(ended, key=lambda job: ended[job].validation_accuracy or 0.0)]
    assert len(list(tmp_path.iterdir())) == 1


def test_early_stopping_in_the_last_epoch_is_told_as_that(wgpu: WgpuBackend, lanes: int, tmp_path: Path) -> None:
    """As by ``MemberCourse.outcome``, which a job that is trained alone goes by."""
    never = {"early_stopping.patience": 2, "early_stopping.threshold": 1.0, "training.epochs": 3}
    told = run(Narrow(wgpu, lanes), jobs([never, never | {"training.batch_size": 8}], tmp_path))
    assert [(event.reason, event.epochs) for event in told if isinstance(event, JobEnded)] == [("early_stopping", 3)] * 2


def test_a_job_that_is_dropped_ends_and_the_others_go_on(wgpu: WgpuBackend, lanes: int, tmp_path: Path) -> None:
    control = GroupControl()
    control.drop(2)
    told = run(Narrow(wgpu, lanes), jobs([{"training.seed": seed} for seed in range(3)], tmp_path), control=control)
    epochs = [event.job for event in told if isinstance(event, JobEpoch)]
    assert sorted(epochs) == [1, 1, 1, 3, 3, 3]
    assert {event.job: event.reason for event in told if isinstance(event, JobEnded)} == {1: "epochs", 2: "stopped", 3: "epochs"}


def test_a_job_that_is_dropped_while_it_is_trained_alone_ends(wgpu: WgpuBackend, lanes: int, tmp_path: Path) -> None:
    control, told = GroupControl(), []

    def tell(event: Event) -> None:
        told.append(event)
        if isinstance(event, JobEpoch):
            control.drop(1)

    asked = jobs([{"training.batch_size": 8, "training.epochs": 50, "training.seed": seed} for seed in range(2)], tmp_path)
    JobGroup(asked, 1, DATA, Narrow(wgpu, lanes), control, tell).train()
    first, second = (event for event in told if isinstance(event, JobEnded))
    assert (first.reason, first.epochs) == ("stopped", 1)
    assert second.epochs > 1


def test_an_exploding_job_fails_alone(wgpu: WgpuBackend, lanes: int, tmp_path: Path) -> None:
    exploding = {"network.loss": "squared_error", "optimizer.name": "sgd"}
    told = run(Narrow(wgpu, lanes), jobs([exploding | {"learning_rate.initial": rate} for rate in (1e-3, 1e6)], tmp_path))
    assert [event.kind for event in told if isinstance(event, JobFailed)] == ["divergence"]
    assert [event.job for event in told if isinstance(event, JobEnded)] == [1]
