"""How good a network is: loss, accuracy, confusion, precision and recall, calibration, and where it is surest and wrong."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine import inference
from engine.hyperparameters.choices import Loss
from engine.network import Floats

CALIBRATION_BINS = 10
HARDEST = 100
"""The most samples listed as the hardest."""
SCORE = 1.959964
"""Standard deviations within which 95% of a normal distribution lie."""


def interval(accuracy: float, samples: int) -> tuple[float, float]:
    """What holds the accuracy on all such digits in 95 of 100 samples like this one: the score interval (Wilson, 1927, equation 2)."""
    share = SCORE**2 / samples
    middle = accuracy + share / 2
    reach = math.sqrt(accuracy * (1 - accuracy) * share + share**2 / 4)
    return max(0.0, (middle - reach) / (1 + share)), min(1.0, (middle + reach) / (1 + share))


@dataclass(frozen=True)
class ClassFigures:
    """Of one class: ``precision``, what share of the samples taken for it belong to it (None where none was); ``recall``, what share of
    its samples were taken for it (None where it has none); ``f1``, their harmonic mean; ``support``, its samples.
    """

    precision: float | None
    recall: float | None
    f1: float | None
    support: int


@dataclass(frozen=True)
class CalibrationBin:
    """The samples whose highest probability lies above ``lower`` and at most at ``upper``: mean of that probability, and how many of
    them are right. None where empty.
    """

    lower: float
    upper: float
    samples: int
    confidence: float | None
    accuracy: float | None


@dataclass(frozen=True)
class Evaluation:
    """Figures over ``samples`` samples. ``confusion[true][predicted]`` counts them; ``calibration_error`` is the expected calibration
    error (Guo et al., 2017).
    """

    samples: int
    loss: float
    accuracy: float
    confusion: tuple[tuple[int, ...], ...]
    classes: tuple[ClassFigures, ...]
    calibration_error: float
    calibration: tuple[CalibrationBin, ...]
    hardest: tuple[int, ...]
    """Indices of wrongly classified samples, the one with the highest probability first; at most ``HARDEST``."""
    wrong: int

    @property
    def interval(self) -> tuple[float, float]:
        return interval(self.accuracy, self.samples)

    def plain(self) -> dict[str, Any]:
        """Nested dictionaries, lists and numbers, fit for JSON."""
        return asdict(self)


def evaluate(outputs: Floats, labels: npt.NDArray[np.uint8], loss: Loss) -> Evaluation:
    """Figures of raw outputs [n, classes] against labels [n], n at least 1. Of equal outputs the lower class counts as the prediction."""
    probabilities = inference.probabilities(outputs, loss)
    predicted = outputs.argmax(axis=1)
    right = predicted == labels
    confidence = probabilities[np.arange(len(labels)), predicted].astype(np.float64)
    classes = outputs.shape[1]
    confusion = np.bincount(labels.astype(np.intp) * classes + predicted, minlength=classes * classes).reshape(classes, classes)
    bins = _calibration(confidence, right)
    wrong = np.flatnonzero(~right)
    hardest = wrong[np.argsort(-confidence[wrong], kind="stable")][:HARDEST]
    return Evaluation(
        samples=len(labels),
        loss=float(inference.sample_losses(outputs, labels, loss).mean(dtype=np.float64)),
        accuracy=float(right.mean()),
        confusion=tuple(tuple(int(count) for count in row) for row in confusion),
        classes=tuple(_class_figures(confusion, index) for index in range(classes)),
        calibration_error=sum(
            abs(item.confidence - item.accuracy) * item.samples
            for item in bins
            if item.confidence is not None and item.accuracy is not None
        )
        / len(labels),
        calibration=bins,
        hardest=tuple(int(index) for index in hardest),
        wrong=len(wrong),
    )


def _class_figures(confusion: npt.NDArray[np.intp], index: int) -> ClassFigures:
    hits, taken, support = int(confusion[index, index]), int(confusion[:, index].sum()), int(confusion[index].sum())
    return ClassFigures(
        precision=hits / taken if taken else None,
        recall=hits / support if support else None,
        f1=2 * hits / (taken + support) if taken + support else None,
        support=support,
    )


def _calibration(confidence: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> tuple[CalibrationBin, ...]:
    edges = np.linspace(0, 1, CALIBRATION_BINS + 1)
    places = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, CALIBRATION_BINS - 1)
    bins = []
    for index in range(CALIBRATION_BINS):
        inside = places == index
        count = int(inside.sum())
        bins.append(
            CalibrationBin(
                lower=float(edges[index]),
                upper=float(edges[index + 1]),
                samples=count,
                confidence=float(confidence[inside].mean()) if count else None,
                accuracy=float(right[inside].mean()) if count else None,
            )
        )
    return tuple(bins)
