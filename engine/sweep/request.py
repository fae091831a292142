"""What a person asks of a sweep, and what a sweep remembers of it when it is gone on with."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.hyperparameters import configuration
from engine.hyperparameters.definitions import Hyperparameters
from engine.model import DatasetFacts
from engine.process import usable_processors
from engine.runs.names import check_name, runs_directory, study_path
from engine.sweep import samplers
from engine.sweep.error import SweepError
from engine.sweep.space import Space, parse_space

DEFAULT_TRIALS = 50
MOST_WORKERS = 256
EXECUTORS = ("processes", "population", "dask")
TOP = SEEDS = 5
CLUSTER = re.compile(r"(tcp|tls)://[^/\s]+:\d{1,5}")
"""The address of a Dask scheduler."""
TOLD = ("hyperparameters", "dataset", "sampler", "pruner", "seed")
"""Settings that ``sweep_started`` passes on."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is None is what the sweep has already, or a default."""

    name: str | None = None
    runs_directory: str | None = None
    trials: int | None = None
    """How many in all, with those of earlier parts of the sweep."""
    minutes: float | None = None
    """For the trials of all parts of the sweep together."""
    vary: list[str] | None = None
    """As ``--vary``: KEY or KEY=SPACE."""
    hyperparameters: dict[str, Any] | None = None
    """What the trials have in common, nested."""
    sampler: str | None = None
    pruner: str | None = None
    seed: int | None = None
    """Of the sampler."""
    dataset: str | None = None
    """A name or a directory."""
    device: str = "auto"
    executor: str = "processes"
    jobs: int | None = None
    worker: list[str] | None = None
    """The command that starts a worker, on another machine for example, and its arguments."""
    cluster: str | None = None
    """The address of a Dask scheduler."""
    top: int = TOP
    """How many of the best are trained again with fresh seeds."""
    seeds: int = SEEDS
    """With how many."""

    def check(self) -> None:
        """Raises SweepError for what cannot be meant."""
        for name, choices in (("sampler", samplers.SAMPLERS), ("pruner", samplers.PRUNERS), ("executor", EXECUTORS)):
            value = getattr(self, name)
            if value is not None and value not in choices:
                raise SweepError(f"there is no {name} {value!r}", f"Choose one of {', '.join(choices)}.")
        for name, least in (("trials", 1), ("minutes", 0), ("jobs", 1), ("top", 1), ("seeds", 0), ("seed", 0)):
            value = getattr(self, name)
            if value is not None and not value >= least:
                raise SweepError(f"{name} cannot be {value}", f"Give {least} or more.")
        if self.executor == "processes" and self.jobs is not None and self.jobs > (most := self._most_workers()):
            raise SweepError(f"jobs cannot be {self.jobs}: each is a process of its own", f"Give at most {most}.")
        if (self.executor == "dask") != (self.cluster is not None):
            raise SweepError(
                "the executor dask and the address of a cluster go together", "Give --executor dask --cluster tcp://HOST:8786."
            )
        if self.cluster is not None and self.worker is not None:
            raise SweepError("a cluster has workers of its own", "Give either --cluster or --worker.")
        if self.cluster is not None and not CLUSTER.fullmatch(self.cluster):
            raise SweepError(f"{self.cluster!r} is not the address of a cluster", "Give one like tcp://HOST:8786 or tls://HOST:8786.")

    def _most_workers(self) -> int:
        """More would fill the memory, and none would be the faster for it. Of another machine the cores are not known."""
        return MOST_WORKERS if self.worker is not None else min(MOST_WORKERS, max(16, 4 * usable_processors()))

    def budget(self, before: list[Any] | None) -> tuple[int | None, float | None]:
        """Trials and minutes: those asked for, else those of ``before``."""
        if self.trials is not None or self.minutes is not None:
            return self.trials, self.minutes
        return (before[0], before[1]) if before else (DEFAULT_TRIALS, None)


@dataclass(frozen=True)
class Settings:
    """What makes trials of a sweep comparable, and so is kept in its study file."""

    vary: list[str]
    hyperparameters: dict[str, Any]
    dataset: dict[str, Any]
    """As ``DatasetFacts``."""
    sampler: str
    pruner: str
    seed: int
    format_version: int = field(default=1)

    @classmethod
    def from_plain(cls, plain: Any, where: str) -> Settings:
        """What ``asdict`` gave. Raises SweepError."""
        try:
            settings = cls(**plain)
            Hyperparameters.model_validate(settings.hyperparameters)
            DatasetFacts.model_validate(settings.dataset)
        except (TypeError, ValueError):
            raise SweepError(f"{where} was not written by this version of digits-tui", "Choose another name for the sweep.") from None
        return settings

    @property
    def base(self) -> Hyperparameters:
        return configuration.from_plain(self.hyperparameters)

    @property
    def facts(self) -> DatasetFacts:
        return DatasetFacts.model_validate(self.dataset)

    @property
    def spaces(self) -> dict[str, Space]:
        return parse_space(self.vary, self.base)

    @property
    def told(self) -> dict[str, Any]:
        """The fields of ``sweep_started`` that they decide."""
        space = {key: space.text for key, space in self.spaces.items()}
        return {"space": space, **{name: getattr(self, name) for name in TOLD}}

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def first_settings(request: Request, facts: DatasetFacts) -> Settings:
    """The settings of a new sweep. Raises HyperparameterError."""
    base = configuration.from_plain(request.hyperparameters or {})
    spaces = parse_space(request.vary or [], base)
    return Settings(
        vary=[f"{key}={space.text}" for key, space in spaces.items()],
        hyperparameters=configuration.plain(base),
        dataset=facts.model_dump(mode="json"),
        sampler=request.sampler or "tpe",
        pruner=request.pruner or samplers.default_pruner(request.trials),
        seed=request.seed or 0,
    )


def refuse_other(settings: Settings, request: Request, name: str) -> None:
    """Raises SweepError where a request wants another sweep than the one that is there, and HyperparameterError."""
    for what, wanted in (("sampler", request.sampler), ("pruner", request.pruner), ("seed", request.seed)):
        if wanted is not None and wanted != getattr(settings, what):
            raise _other(name, what, str(getattr(settings, what)))
    if request.hyperparameters is not None:
        wanted_base, base = configuration.from_plain(request.hyperparameters), settings.base
        for key, value in configuration.changed(base, wanted_base).items():
            raise _other(name, key, configuration.format_value(value))
    if request.vary is not None:
        spaces = parse_space(request.vary, settings.base)
        if {key: space.text for key, space in spaces.items()} != {key: space.text for key, space in settings.spaces.items()}:
            raise _other(name, "vary", " ".join(settings.vary))


def _other(name: str, what: str, value: str) -> SweepError:
    return SweepError(
        f"the sweep {name} has {what} {value}", "Leave it out to go on with that sweep, or choose another name for a new one: --name."
    )


def sweep_path(request: Request) -> Path:
    """The study file that is asked for. Raises SweepError, and RunError for what cannot be a name."""
    root = runs_directory(request.runs_directory)
    if request.name is not None:
        check_name(request.name)
        return study_path(root, request.name)
    now = f"{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    number = 1
    while (path := study_path(root, now if number == 1 else f"{now}-{number}")).exists():
        number += 1
    return path
