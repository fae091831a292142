"""The worker's protocol, what a worker is asked: commands, one JSON object a line, ``{"command": "train", …}``. ``events.py`` answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar

from engine.events import ProtocolError


@dataclass(frozen=True, kw_only=True)
class Command:
    name: ClassVar[str]


@dataclass(frozen=True, kw_only=True)
class Configure(Command):
    """Open a device and load a data set; answered by ``ready`` or ``failed``."""

    name = "configure"
    device: str | None = None
    """As for ``devices.choose``; None is the run's, or auto."""
    dataset: str | None = None
    """A name or a directory; None is the run's, or mnist."""
    run: str | None = None
    """The name or directory of a run to go on with."""
    runs_directory: str | None = None
    """Not heeded by a worker that does not see ``witness``: it has its own."""
    witness: str | None = None
    """A file beside the client's runs. A worker that does not see it is on another machine, and hands out files by ``fetch``."""


@dataclass(frozen=True, kw_only=True)
class ListDevices(Command):
    """Look for everything that can train here, which may take a second; answered by ``devices``."""

    name = "devices"


@dataclass(frozen=True, kw_only=True)
class Train(Command):
    """Start a run; refused with ``failed`` (kind protocol) while one is going on."""

    name = "train"
    hyperparameters: dict[str, Any] = field(default_factory=dict)
    preset: str | None = None
    """The preset that the hyperparameters began with, for the record only."""
    run_name: str | None = None
    plan: str | None = None
    """The plan to follow, by name; the fastest where it is None."""
    resume: str | None = None
    """A run's name or directory to go on with; the hyperparameters are then the run's own. Refused on another device than its own, unless
    ``configure`` named that device."""


@dataclass(frozen=True, kw_only=True)
class TrainJob(Command):
    """Train once for a sweep, without a run and without the test digits; answered by ``job_epoch`` for each epoch and ``job_ended`` or
    ``job_failed``. Refused like ``train``.
    """

    name = "job"
    job: int
    """Its number, unlike that of any other job of this worker; every event of the job carries it."""
    hyperparameters: dict[str, Any]
    model: str | None = None
    """The file to write the model to; a worker that does not see the witness sends it by ``job_model``."""
    keep_from: float = -1.0
    """The validation accuracy below which the model is not worth writing."""


@dataclass(frozen=True, kw_only=True)
class TrainJobs(Command):
    """Train many jobs, those of one shape at once where the device can; answered as by ``TrainJob``, for each. Refused like ``train``."""

    name = "jobs"
    jobs: list[dict[str, Any]]
    """The fields of ``TrainJob`` of each."""
    models: int = 1
    """How many models of the best are worth writing."""


@dataclass(frozen=True, kw_only=True)
class StopJob(Command):
    """End a job now, as finished; without effect where another one is going on, or none, so that it may come late."""

    name = "stop_job"
    job: int


@dataclass(frozen=True, kw_only=True)
class Pause(Command):
    name = "pause"


@dataclass(frozen=True, kw_only=True)
class Resume(Command):
    name = "resume"


@dataclass(frozen=True, kw_only=True)
class Stop(Command):
    """Finish this epoch, keep everything."""

    name = "stop"


@dataclass(frozen=True, kw_only=True)
class Abort(Command):
    """Stop now; what the finished epochs gave is kept."""

    name = "abort"


@dataclass(frozen=True, kw_only=True)
class Set(Command):
    """Change a live hyperparameter from the next chunk of steps on."""

    name = "set"
    key: str
    value: float


@dataclass(frozen=True, kw_only=True)
class TakeSnapshot(Command):
    """Write the newest parameters; answered by ``snapshot``."""

    name = "snapshot"


@dataclass(frozen=True, kw_only=True)
class Evaluate(Command):
    """Evaluate a model on the test digits; answered by ``evaluated``."""

    name = "evaluate"
    model: str


@dataclass(frozen=True, kw_only=True)
class Fetch(Command):
    """Hand out a piece of a run's file; answered by ``piece``. The pieces of one file are asked for one after the other, from 0 on."""

    name = "fetch"
    run: str
    """Its name or directory, where the worker is."""
    file: str
    """One of ``courier.FILES``."""
    offset: int = 0


@dataclass(frozen=True, kw_only=True)
class Shutdown(Command):
    name = "shutdown"


_KINDS: tuple[type[Command], ...] = (
    Configure, ListDevices, Train, TrainJob, TrainJobs, StopJob, Pause, Resume, Stop, Abort, Set, TakeSnapshot, Evaluate, Fetch,
    Shutdown,
)  # fmt: skip
COMMANDS: Mapping[str, type[Command]] = {kind.name: kind for kind in _KINDS}


def to_json(command: Command) -> str:
    """One line of JSON, without its newline."""
    return json.dumps({"command": command.name, **asdict(command)}, ensure_ascii=False, allow_nan=False)


def from_json(line: str | bytes) -> Command:
    """The command that ``to_json`` wrote. Raises ProtocolError for a line that is none, or has a key too many or too few."""
    from pydantic import TypeAdapter  # here, so that who only sends commands need not wait for it

    try:
        values = json.loads(line)
        kind = COMMANDS[values.pop("command")]
        unknown = values.keys() - {item.name for item in fields(kind)}
        if unknown:
            raise ProtocolError(f"the command {kind.name} knows no {', '.join(map(repr, sorted(unknown)))[:200]}")
        return TypeAdapter(kind).validate_python(values)
    except ProtocolError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ProtocolError(f"not a command: {line[:200]!r}") from error
