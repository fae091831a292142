"""Figures as the screens show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.durations import SHORT
from engine.events import EpochEnded, MemberEnded, Progress
from engine.percentages import NOT_MEASURED as NOT_MEASURED
from engine.percentages import percent as percent

OWN_REASONS = {"early_stopping": "early stopping", "epochs": "all epochs done"}
"""Why a training ended by itself."""
REASONS = OWN_REASONS | {"stopped": "stopped by hand"}
"""Why a training ended."""


def done(fraction: float, places: int = 0) -> str:
    """How far something is, as a percentage that is 100% only at the end."""
    most = 1 - 10 ** -(places + 2)
    return f"{min(fraction, most) if fraction < 1 else fraction:.{places}%}"


def spread(mean: float | None, deviation: float | None) -> str:
    """A mean with its standard deviation, in per cent, such as ``97.81% ± 0.06``."""
    return percent(mean) + (f" ± {100 * deviation:.2f}" if deviation is not None else "")


def decimals(value: float | None) -> str:
    """A loss with three decimals."""
    return NOT_MEASURED if value is None else f"{value:.3f}"


def short_decimals(value: float) -> str:
    """A loss in six columns: with three decimals, with fewer where it is large."""
    return f"{value:.3f}" if value < 99.9995 else f"{value:.1f}" if value < 9999.95 else f"{value:.0e}"


def scientific(value: float) -> str:
    """A learning rate, such as ``1.00e-2``."""
    mantissa, _, exponent = f"{value:.2e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def clock(seconds: float) -> str:
    """A span of time, such as ``0:07`` or ``1:02:03``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def span(seconds: float) -> str:
    """A span of time in seven characters at the most, such as ``0:07``, ``1:02:03``, from ten hours on ``27 h``, ``46 d`` or ``3 y``."""
    if round(seconds) < 10 * 3600:
        return clock(seconds)
    value, unit = seconds / 3600, "h"
    for times, larger in ((24, "d"), (365, "y")):
        if value < 999.5:
            break
        value, unit = value / times, larger
    return f"{value:.0f} {unit}"


def size(count: int) -> str:
    """So many bytes, such as ``12.4 MB``."""
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if unit == "B" or value >= 99.95 else f"{value:.1f} {unit}"


def count(number: int, what: str) -> str:
    """So many of something, such as ``1 run`` and ``1,000 runs``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def minutes(number: float) -> str:
    """A budget of time, such as ``1 minute`` and ``2.5 minutes``."""
    return f"{number:g} minute{'' if number == 1 else 's'}"


def seconds(number: float) -> str:
    """What an epoch took, in eight columns, such as ``  1.25 s``, or `` 1.25 ms`` where it is short."""
    return f"{1000 * number:5.2f} ms" if number < SHORT else f"{number:6.2f} s"


def bare_seconds(number: float) -> str:
    """The same in a column of seconds, such as ``1.25``, or ``0.0013`` where it is short."""
    return f"{number:.2g}" if number < SHORT else f"{number:.2f}"


def rate(samples_per_second: float | None) -> str:
    """Digits a second, such as ``11,707/s``."""
    return NOT_MEASURED if samples_per_second is None else f"{samples_per_second:,.0f}/s"


def speed(samples_per_second: float | None) -> str:
    """The same with its unit, such as ``11,707 digits/s``."""
    return NOT_MEASURED if samples_per_second is None else f"{samples_per_second:,.0f} digits/s"


def trained(accuracy: float | None, loss: float | None) -> str:
    """Figures of the training part, in the charts' words: ``training accuracy 91.20%, loss 0.301``."""
    return f"training accuracy {percent(accuracy)}, loss {decimals(loss)}"


def early_stopping(explanation: str) -> str:
    """Why early stopping ended a run, from the words of its rule."""
    return f"Early stopping: {explanation}"


def device(facts: Mapping[str, Any]) -> str:
    """A device with its kind, such as ``CPU``, ``software GPU llvmpipe`` or ``GPU NVIDIA H100``."""
    name = str(facts["name"]).partition(" (")[0]
    match facts["kind"]:
        case "cpu":
            return "CPU"
        case "software":
            return f"software GPU {name}"
        case _:
            return f"GPU {name}"


def member(ended: MemberEnded) -> str:
    """``Member 2/5: test accuracy 99.61%, together 99.66%``: of an ensemble's member alone, and with those before it."""
    alone = f"Member {ended.member}/{ended.members}: test accuracy {percent(ended.test_accuracy)}"
    return alone if ended.member == 1 else f"{alone}, together {percent(ended.committee_accuracy)}"


def place(progress: Progress) -> str:
    """``epoch 37/100``, of an ensemble ``member 2/5 epoch 37/100``."""
    epoch = f"epoch {progress.epoch}/{progress.epochs}"
    return epoch if progress.members == 1 else f"member {progress.member}/{progress.members} {epoch}"


def run_share(progress: Progress) -> float:
    """How much of all the run's epochs is trained."""
    return ((progress.epoch - 1) * progress.steps + progress.step) / (progress.epochs * progress.steps)


def published(epoch: EpochEnded) -> str:
    """``[01] LR: 1.00e-2, Acc.: 90.42%, Cost: 0.106``: of the validation part, or of training where there is none."""
    validated = epoch.validation_accuracy is not None
    accuracy = epoch.validation_accuracy if validated else epoch.train_accuracy
    loss = epoch.validation_loss if validated else epoch.train_loss
    return f"[{epoch.epoch:02}] LR: {scientific(epoch.learning_rate)}, Acc.: {percent(accuracy)}, Cost: {decimals(loss)}"
