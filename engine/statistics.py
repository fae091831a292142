"""What there is to say about a network and its training, as titled tables of text: for the terminal and for the dashboard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from engine.backend import DeviceError
from engine.backends.plan_names import LAYERED
from engine.durations import duration
from engine.evaluation import ClassFigures, Evaluation
from engine.events import Changed, EpochEnded, MemberEnded
from engine.hyperparameters.choices import DecayMethod, EarlyStoppingMode, Loss, OptimizerName
from engine.hyperparameters.configuration import flatten
from engine.hyperparameters.definitions import Hyperparameters
from engine.hyperparameters.table import HYPERPARAMETERS
from engine.model import DatasetFacts
from engine.network import Layer, Network
from engine.percentages import NOT_MEASURED, percent
from engine.runs.live_changes import described
from engine.runs.phases import Phase
from engine.schedule import PER_STEP
from engine.training.ensemble import member_seed

INTERVAL = "95% interval"


@dataclass(frozen=True)
class Section:
    """A title, and rows of label and value."""

    title: str
    rows: tuple[tuple[str, str], ...]


def sections(
    hyperparameters: Hyperparameters,
    network: Network,
    *,
    dataset: DatasetFacts,
    changes: Sequence[Changed] = (),
    evaluation: Evaluation | None = None,
    evaluated: str = "",
    members: Sequence[MemberEnded] = (),
    epochs: Sequence[EpochEnded] = (),
    epoch: int | None = None,
    device: Mapping[str, Any] | None = None,
    plan: Mapping[str, Any] | None = None,
    phases: Mapping[str, float] | None = None,
) -> list[Section]:
    """All sections that there is something to say for.

    ``changes`` are those of the hyperparameters, in order, ``evaluation`` is over the test digits, ``evaluated`` names its model where
    that is not the kept one, ``members`` are those of an ensemble that are trained, ``epochs`` are the run's epochs, ``epoch`` is the one
    that the parameters are of, ``device`` and ``plan`` are as in ``Started``, ``phases`` as in ``Finished``.
    """
    unused = _unused(hyperparameters)

    def rows(prefix: str, leave_out: str = "\n") -> tuple[tuple[str, str], ...]:
        return tuple(
            (_label(key, prefix), described(value, [change for change in changes if change.key == key], _text))
            for key, value in flatten(hyperparameters).items()
            if key.startswith(prefix) and not key.startswith(leave_out) and key not in unused
        )

    found = [
        Section("Composition", _composition(hyperparameters, network, dataset)),
        Section("Parameters", _parameters(network, hyperparameters.ensemble.members)),
        Section("Regularization", rows("regularization.", leave_out="regularization.dropout.")),
        Section("Dropout", rows("regularization.dropout.")),
        Section("Optimizer", rows("optimizer.")),
        Section("Learning rate", rows("learning_rate.")),
        Section("Training", rows("training.")),
        Section("Augmentation", rows("augmentation.") if hyperparameters.augmentation.is_on else ()),
        Section("Early stopping", rows("early_stopping.")),
        Section("Ensemble", _ensemble(hyperparameters, members, _own_epochs(epochs))),
        Section("Progress", _progress(epochs, epoch, members, hyperparameters.ensemble.members > 1)),
        Section("Time", _time(phases or {})),
    ]
    if evaluation is not None:
        found.append(Section("Evaluation", _evaluation(evaluation, evaluated)))
        figures = zip(dataset.classes, evaluation.classes, strict=True)
        found.append(Section("Classes", tuple((name, _class_text(item)) for name, item in figures)))
    found.append(Section("Device and plan", _device(device or {}, plan or {})))
    return [section for section in found if section.rows]


def span(low: float, high: float) -> str:
    """Two fractions as percentages, such as ``94.28-95.16%``."""
    return f"{100 * low:.2f}-{high:.2%}"


def number(value: float | None) -> str:
    """A figure with four significant digits."""
    return NOT_MEASURED if value is None else f"{value:.4g}"


def _composition(hyperparameters: Hyperparameters, network: Network, dataset: DatasetFacts) -> tuple[tuple[str, str], ...]:
    *hidden, output = network.layers
    normalised = ", layer normalization" if hyperparameters.network.layer_norm else ""
    kind = "softmax" if network.loss is Loss.CROSS_ENTROPY else "linear"
    deskewed = ", deskewed" if hyperparameters.deskews(0) else ""
    return (
        ("Data set", dataset.name),
        ("Input", f"{dataset.height} x {dataset.width} = {network.inputs:,} pixels{deskewed}"),
        *((f"Hidden layer {layer.index + 1}", f"{layer.outputs:,} neurons, {layer.activation}{normalised}") for layer in hidden),
        ("Output", f"{output.outputs} classes, {kind}"),
        ("Loss", network.loss.value),
        ("Initializer", hyperparameters.network.initializer.value),
    )


def _parameters(network: Network, members: int) -> tuple[tuple[str, str], ...]:
    def text(layer: Layer) -> str:
        extra = f" + {layer.outputs:,} gains + {layer.outputs:,} shifts" if layer.layer_norm else ""
        return f"{layer.parameter_count:,} ({layer.inputs:,} x {layer.outputs:,} weights + {layer.outputs:,} biases{extra})"

    layers = network.layers
    names = [*(f"Hidden layer {layer.index + 1}" for layer in layers[:-1]), "Output"]
    rows = [(name, text(layer)) for name, layer in zip(names, layers, strict=True)]
    whole = f", {members * network.parameter_count:,} in all {members} members" if members > 1 else ""
    return (*rows, ("Total", f"{network.parameter_count:,}{whole}"))


def _unused(hyperparameters: Hyperparameters) -> set[str]:
    """Keys without effect beside the others' values."""
    rate, stopping = hyperparameters.learning_rate, hyperparameters.early_stopping
    adaptive, plain = ("beta_1", "beta_2", "epsilon"), ("momentum", "nesterov")
    unused = {f"optimizer.{name}" for name in (adaptive if hyperparameters.optimizer.name is OptimizerName.SGD else plain)}
    if rate.decay.method in (DecayMethod.NONE, *PER_STEP):
        unused |= {"learning_rate.decay.rate", "learning_rate.decay.interval"}
    if not rate.restart.interval:
        unused.add("learning_rate.restart.value")
    if not hyperparameters.network.hidden:
        unused.add("regularization.dropout.hidden")
    if stopping.mode is EarlyStoppingMode.OFF or not hyperparameters.training.validation_split:
        unused |= {"early_stopping.patience", "early_stopping.threshold"}
    return unused


def _label(key: str, prefix: str) -> str:
    *groups, _ = key.removeprefix(prefix).split(".")
    title = HYPERPARAMETERS[key].title
    return " ".join([*(group.capitalize() for group in groups), title.lower() if groups and len(title) > 2 else title])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _progress(
    epochs: Sequence[EpochEnded], epoch: int | None, members: Sequence[MemberEnded], is_ensemble: bool
) -> tuple[tuple[str, str], ...]:
    rows: list[tuple[str, str]] = []
    if epochs:
        seconds = sum(item.seconds for item in epochs)
        rows += [
            ("Epochs trained", str(len(epochs))),
            ("Time of full epochs", duration(seconds)),
            ("Time an epoch", duration(seconds / len(epochs), places=2)),
            *_rate(epochs),
        ]
    if epoch is not None:
        rows.append(("Kept epoch", _kept(epochs, epoch, members)))
    for item in epochs:
        if item.epoch == epoch:
            whose = f" of member {item.member}" if is_ensemble else ""
            rows += [
                ("Training accuracy", percent(item.train_accuracy) + whose),
                ("Training loss", number(item.train_loss) + whose),
                ("Validation accuracy", percent(item.validation_accuracy) + whose),
                ("Validation loss", number(item.validation_loss) + whose),
            ]
    return tuple(rows)


def _rate(epochs: Sequence[EpochEnded]) -> list[tuple[str, str]]:
    """Digits a second while training."""
    measured = [(item.seconds, item.samples_per_second) for item in epochs if item.samples_per_second is not None]
    seconds = sum(each for each, _ in measured)
    return [("Digits a second", f"{sum(each * rate for each, rate in measured) / seconds:,.0f}")] if seconds else []


def _time(phases: Mapping[str, float]) -> tuple[tuple[str, str], ...]:
    """What the time of the whole run went into, with shares of it."""
    total = sum(phases.values())
    if not total:
        return ()
    width = max(len(duration(seconds)) for seconds in (*phases.values(), total))
    rows = [(phase.value.capitalize(), phases[phase]) for phase in Phase if phases.get(phase)]
    shares = ((label, f"{duration(seconds):>{width}}  {percent(seconds / total, 1):>5}") for label, seconds in rows)
    return (*shares, ("Total", f"{duration(total):>{width}}"))


def _evaluation(evaluation: Evaluation, evaluated: str) -> tuple[tuple[str, str], ...]:
    low, high = evaluation.interval
    return (
        *((("Model", evaluated),) if evaluated else ()),
        ("Test digits", f"{evaluation.samples:,}"),
        ("Accuracy", percent(evaluation.accuracy)),
        (INTERVAL, span(low, high)),
        ("Wrong", f"{evaluation.wrong:,}"),
        ("Loss", number(evaluation.loss)),
        ("Calibration error", percent(evaluation.calibration_error)),
    )


def _class_text(figures: ClassFigures) -> str:
    precision, recall, f1 = (f"{percent(figure):>7}" for figure in (figures.precision, figures.recall, figures.f1))
    return f"precision {precision}  recall {recall}  F1 {f1}  digits {figures.support:,}"


def _kept(epochs: Sequence[EpochEnded], epoch: int, members: Sequence[MemberEnded]) -> str:
    """An epoch of a run as its member counts."""
    for each in members:
        if each.best_epoch == epoch and each.own_epoch and each.members > 1:
            return f"{each.own_epoch} of member {each.member}"
    member = {item.epoch: item.member for item in epochs}.get(epoch, 1)
    return f"{_own_epochs(epochs)[epoch]} of member {member}" if member > 1 else str(epoch)


def _own_epochs(epochs: Sequence[EpochEnded]) -> dict[int, int]:
    """The number that each epoch of a run has among those of its member."""
    finished: Counter[int] = Counter()
    own: dict[int, int] = {}
    for item in epochs:
        finished[item.member] += 1
        own[item.epoch] = finished[item.member]
    return own


def _ensemble(
    hyperparameters: Hyperparameters, members: Sequence[MemberEnded], own_epochs: Mapping[int, int]
) -> tuple[tuple[str, str], ...]:
    """Accuracies over the test digits and the validation part, each alone and all together, and the epochs that are kept."""
    wanted = hyperparameters.ensemble.members
    if wanted == 1:
        return ()
    deskewed = hyperparameters.ensemble.deskewed
    seeds = [member_seed(hyperparameters, member) for member in (0, wanted - 1)]
    rows = [("Members", str(wanted) if len(members) == wanted else f"{len(members)} of {wanted} trained")]
    if deskewed and not hyperparameters.deskews(0):
        rows += [("Deskewed", f"the last {deskewed}" if deskewed > 1 else "the last one")]
    rows += [("Seeds", "{} to {}".format(*seeds))]
    known = [each.own_epoch or own_epochs.get(each.best_epoch) for each in members]
    kept = [str(own or f"{each.best_epoch} of the run") for own, each in zip(known, members, strict=True)]
    if not members:
        return tuple(rows)
    alone = [(each.test_accuracy, each.validation_accuracy) for each in members]
    mean = [_mean(accuracies) for accuracies in zip(*alone, strict=True)]
    together = members[-1].committee_accuracy, members[-1].committee_validation_accuracy
    validates = any(validation is not None for _, validation in alone)

    def figures(test: str, validation: str) -> str:
        return f"{test:>7}  {validation:>7}" if validates else f"{test:>7}"

    rows += [("Accuracy", figures("test", "valid."))]
    rows += [
        (f"Member {each.member}", f"{figures(*map(percent, accuracies))}  epoch {epoch}")
        for each, accuracies, epoch in zip(members, alone, kept, strict=True)
    ]
    return (*rows, ("Mean", figures(*map(percent, mean))), ("Together", figures(*map(percent, together))))


def _mean(accuracies: Sequence[float | None]) -> float | None:
    """None where one is not known."""
    known = [accuracy for accuracy in accuracies if accuracy is not None]
    return fmean(known) if len(known) == len(accuracies) else None


def _device(device: Mapping[str, Any], plan: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    named = (("Device", "name"), ("Kind", "kind"), ("Backend", "backend"), ("Driver", "driver"))
    rows = [(label, str(device[key])) for label, key in named if device.get(key)]
    rows += [("Plan" if key == "name" else f"Plan: {key}", _text(value)) for key, value in plan.items() if key != "tiles"]
    if plan.get("name") == LAYERED:
        rows += [(f"Tiles of layer {number}", text) for number, text in enumerate(_tiles(plan), start=1)]
    return tuple(rows)


def _tiles(plan: Mapping[str, Any]) -> list[str]:
    """``forward 64 x 128 by 2, …`` of each layer: rows by columns of a workgroup's block, the invocations that share a sum, and
    whether they multiply out of workgroup memory. Empty where another version recorded them otherwise.
    """
    from engine.backends.wgpu.tiles import PRODUCTS, Tile, recorded_tiles

    def block(tile: Tile) -> str:
        return f"{tile.height} x {4 * tile.width}" + (f" by {tile.parts}" if tile.parts > 1 else "") + (" staged" if tile.depth else "")

    try:
        layers = recorded_tiles(plan).layers
    except DeviceError:
        return []
    return [", ".join(f"{product} {block(getattr(layer, product))}" for product in PRODUCTS) for layer in layers]
