"""The worker's protocol, what a worker says: events as frozen dataclasses, and their JSON form, one object a line.

``commands.py`` is the other direction; ``docs/protocol.md`` describes both for programs in other languages.

Every event carries ``seq`` (from 1, without gaps) and ``time`` (seconds on the worker's monotonic clock). Numbers that are not finite
travel as null.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar


class ProtocolError(ValueError):
    """A line that is neither an event nor a command, or a command that does not fit what is going on. The message says why."""


@dataclass(frozen=True, kw_only=True)
class Event:
    name: ClassVar[str]
    seq: int = 0
    time: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Ready(Event):
    """The device is open and the data set is loaded."""

    name = "ready"
    device: dict[str, Any]
    """index, name, kind (cpu, software, integrated, discrete), backend (cpu, wgpu), driver."""
    devices: list[dict[str, Any]]
    """The devices that are known so far, each as ``device``: the CPU alone where it was asked for, which takes no looking, else all."""
    note: str
    """Why this device, in one line; empty where the user asked for it."""
    dataset: dict[str, Any]
    """As ``DatasetFacts``: name, path, height, width, classes (names), fingerprint; and how many digits: train, test."""
    runs_directory: str
    versions: dict[str, str]
    is_remote: bool = False
    """Whether the files that the worker speaks of cannot be seen where its commands come from."""


@dataclass(frozen=True, kw_only=True)
class Devices(Event):
    """Everything that can train here, as asked for."""

    name = "devices"
    devices: list[dict[str, Any]]
    """Each as ``Ready.device``."""


@dataclass(frozen=True, kw_only=True)
class Compiling(Event):
    """The device is preparing its kernels; the first steps wait for it."""

    name = "compiling"
    kernels: int


@dataclass(frozen=True, kw_only=True)
class Started(Event):
    name = "started"
    run: str
    """The run's directory."""
    hyperparameters: dict[str, Any]
    parameters: int
    device: dict[str, Any]
    plan: dict[str, Any]
    """name, and what else decides the bits: threads, tiles."""
    dataset: dict[str, Any]
    epochs: int
    """The most that the run can have; those of all members of an ensemble."""
    steps: int
    """Training steps an epoch."""
    first_epoch: int = 1
    members: int = 1
    """The networks of an ensemble, trained one after another; their epochs are counted through."""


@dataclass(frozen=True, kw_only=True)
class Progress(Event):
    """Where training is, a few times a second; the latest replaces those before it."""

    name = "progress"
    epoch: int
    step: int
    steps: int
    epochs: int
    learning_rate: float
    train_loss: float | None
    """Mean since the epoch's first step."""
    train_accuracy: float | None
    samples_per_second: float | None
    member: int = 1
    members: int = 1


@dataclass(frozen=True, kw_only=True)
class EpochEnded(Event):
    name = "epoch"
    epoch: int
    learning_rate: float
    """The mean of the rates used in the epoch."""
    train_loss: float | None
    train_accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    seconds: float
    """Training alone, without validation and files."""
    samples_per_second: float | None
    best_epoch: int
    """Of the same member."""
    member: int = 1
    """Of an ensemble, from 1."""
    phases: dict[str, float] = field(default_factory=dict)
    """Seconds since the run's start, by ``phases.Phase``."""


@dataclass(frozen=True, kw_only=True)
class MemberEnded(Event):
    """A network of an ensemble is trained. After a resumption, those that were trained before are told of again."""

    name = "member"
    member: int
    """From 1."""
    members: int
    """As many as there will be."""
    seed: int
    best_epoch: int
    validation_accuracy: float | None
    """After that epoch."""
    test_accuracy: float | None
    """Of this network alone, and so the next."""
    test_loss: float | None
    committee_accuracy: float | None
    """Of this network and those before it together, over the test digits, and so the next."""
    committee_loss: float | None
    committee_validation_accuracy: float | None = None
    """Of the same, over the validation part."""
    own_epoch: int | None = None
    """``best_epoch`` as the member counts its own epochs; None where that is not known."""


@dataclass(frozen=True, kw_only=True)
class CheckpointWritten(Event):
    name = "checkpoint"
    path: str
    epoch: int


@dataclass(frozen=True, kw_only=True)
class Snapshot(Event):
    """The newest parameters, as a model file, for live predictions."""

    name = "snapshot"
    path: str
    epoch: int


@dataclass(frozen=True, kw_only=True)
class Evaluated(Event):
    name = "evaluated"
    model: str
    part: str
    """train, validation or test."""
    evaluation: dict[str, Any]
    """As ``Evaluation.plain()``."""


@dataclass(frozen=True, kw_only=True)
class Hint(Event):
    """What a person may want to know of a run, or to change."""

    name = "hint"
    kind: str
    message: str
    changes: dict[str, Any] = field(default_factory=dict)
    """Hyperparameters, by dotted key, that would help."""


@dataclass(frozen=True, kw_only=True)
class HintEnded(Event):
    """The hint of that kind holds no longer: later epochs refute it, or hyperparameters are others now."""

    name = "hint_ended"
    kind: str


@dataclass(frozen=True, kw_only=True)
class Changed(Event):
    """A hyperparameter was changed while training, from ``step`` of ``epoch`` on."""

    name = "changed"
    key: str
    value: float
    epoch: int
    step: int


@dataclass(frozen=True, kw_only=True)
class Paused(Event):
    name = "paused"
    epoch: int
    step: int


@dataclass(frozen=True, kw_only=True)
class Resumed(Event):
    name = "resumed"
    epoch: int
    step: int


@dataclass(frozen=True, kw_only=True)
class _Ended(Event):
    reason: str
    """early_stopping, epochs or stopped."""
    epochs: int
    best_epoch: int
    test_accuracy: float | None
    test_loss: float | None
    run: str
    phases: dict[str, float] = field(default_factory=dict)
    """Seconds since the run's start, by ``phases.Phase``."""
    explanation: str = ""
    """Which rule of early stopping ended it, and what that found, in words; of an ensemble, its last member."""


@dataclass(frozen=True, kw_only=True)
class Stopped(_Ended):
    """Training was stopped by hand; ``finished`` follows."""

    name = "stopped"


@dataclass(frozen=True, kw_only=True)
class Finished(_Ended):
    name = "finished"


@dataclass(frozen=True, kw_only=True)
class JobEpoch(Event):
    """An epoch of a sweep's job."""

    name = "job_epoch"
    job: int
    metrics: dict[str, Any]
    """epoch, learning_rate, train_loss, train_accuracy, validation_loss, validation_accuracy, seconds: as in ``EpochEnded``."""


@dataclass(frozen=True, kw_only=True)
class JobEnded(Event):
    name = "job_ended"
    job: int
    reason: str
    """early_stopping, epochs or stopped."""
    epochs: int
    best_epoch: int
    """The epoch of the model that training keeps; 0 where no epoch was finished."""
    validation_accuracy: float | None
    """Of that epoch, and so the next."""
    validation_loss: float | None
    seconds: float
    """Training alone."""
    model: str | None = None
    """The file that it was, or is to be, written to, if it is worth it."""


@dataclass(frozen=True, kw_only=True)
class JobModel(Event):
    """A piece of a job's model, for a client that does not see the worker's disk; ``job_ended`` comes after the last."""

    name = "job_model"
    job: int
    offset: int
    size: int
    """Of the whole file."""
    sha256: str
    """Of the whole file."""
    data: str
    """The bytes from ``offset`` on, in base64."""


@dataclass(frozen=True, kw_only=True)
class JobFailed(Event):
    """A job that cannot be trained; the worker is ready for another."""

    name = "job_failed"
    job: int
    kind: str
    message: str
    """As in ``Failed``."""


@dataclass(frozen=True, kw_only=True)
class FilePiece(Event):
    """A piece of a run's file."""

    name = "piece"
    run: str
    file: str
    offset: int
    size: int
    """Of the whole file."""
    sha256: str | None = None
    """Of the whole file; None where there is none."""
    data: str
    """The bytes from ``offset`` on, in base64."""


@dataclass(frozen=True, kw_only=True)
class Failed(Event):
    """A command could not be done, or a run has ended in failure."""

    name = "failed"
    kind: str
    """busy (another process has the run), configuration, data, device, divergence, file, internal, or protocol."""
    message: str
    advice: str


EVENTS: Mapping[str, type[Event]] = {
    kind.name: kind
    for kind in (
        Ready, Devices, Compiling, Started, Progress, EpochEnded, MemberEnded, CheckpointWritten, Snapshot, Evaluated, Hint, HintEnded,
        Changed, Paused, Resumed, Stopped, Finished, JobEpoch, JobModel, JobEnded, JobFailed, FilePiece, Failed,
    )
}  # fmt: skip


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


def dumps(value: Any) -> str:
    """JSON on one line; numbers that are not finite become null."""
    return json.dumps(_finite(value), ensure_ascii=False, allow_nan=False)


def to_json(event: Event) -> str:
    """One line of JSON, without its newline."""
    return dumps({"event": event.name, **asdict(event)})


_TYPES: Mapping[str, tuple[type, ...]] = {
    "str": (str,), "int": (int,), "float": (int, float), "bool": (bool,), "dict": (dict,), "list": (list,), "None": (type(None),),
}  # fmt: skip


_KEYS: Mapping[str, frozenset[str]] = {
    "device": frozenset(("index", "name", "kind", "backend", "driver")),
    "dataset": frozenset(("name", "height", "width", "classes", "fingerprint")),
}
"""What a field of that name, in any event, has to hold at least."""


_FIELD_TYPES: dict[type[Event], dict[str, tuple[type, ...]]] = {}


def _field_types(kind: type[Event]) -> dict[str, tuple[type, ...]]:
    """What JSON may hold for each field: the names before the brackets of its annotation."""
    if kind not in _FIELD_TYPES:
        _FIELD_TYPES[kind] = {
            item.name: tuple(each for part in str(item.type).split(" | ") for each in _TYPES[part.partition("[")[0]])
            for item in fields(kind)
        }
    return _FIELD_TYPES[kind]


def from_json(line: str | bytes, kinds: Mapping[str, type[Event]] = EVENTS) -> Event:
    """The event, one of ``kinds``, that ``to_json`` wrote. Raises ProtocolError for a line that is none."""
    try:
        values = json.loads(line)
        kind = kinds[values.pop("event")]
        types = _field_types(kind)
        known = {key: value for key, value in values.items() if key in types}
        for key, value in known.items():
            if not isinstance(value, types[key]) or (isinstance(value, dict) and not value.keys() >= _KEYS.get(key, frozenset())):
                raise TypeError(key)
        return kind(**known)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ProtocolError(f"not an event: {line[:200]!r}") from error
