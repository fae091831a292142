"""What the statistics are drawn from: a model, looked at with all test digits. Slow, and meant for a thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dataset import DatasetError
from engine.evaluation import Evaluation, evaluate
from engine.insight.histograms import LayerHistograms, layer_histograms
from engine.model import Model
from tui import formats
from tui.digits.gallery import Digits, Predictions, predict_all, training_sample


@dataclass(frozen=True, eq=False)
class Analysis:
    digits: Digits
    predictions: Predictions
    evaluation: Evaluation
    layers: tuple[LayerHistograms, ...]
    """Activations and gradients over a few training digits; nothing where those cannot be had."""
    sampled: int
    """How many training digits those are."""

    @property
    def model(self) -> Model:
        return self.predictions.model

    def first_weights(self) -> npt.NDArray[np.float32]:
        """What each neuron of the first layer looks for: [neurons, height, width]."""
        first, dataset = self.model.network.layers[0], self.digits.dataset
        weights: npt.NDArray[np.float32] = first.weight(self.model.parameters).T.reshape(-1, dataset.height, dataset.width)
        return weights

    def first_names(self) -> list[str]:
        """Of the same neurons: numbers from 1; the classes where there is no hidden layer."""
        if len(self.model.network.layers) == 1:
            return [f"class {name}" for name in self.digits.classes]
        return [f"{number:,}" for number in range(1, self.model.network.layers[0].outputs + 1)]

    def mistake(self, index: int) -> str:
        """What a test digit is taken for, and how surely."""
        digits, look = self.digits, self.predictions.of(index)
        label, taken = digits.classes[digits.label(index)], digits.classes[look.taken]
        return f"{label} for {taken}, {formats.percent(float(look.probabilities[look.taken]))}"


def analyse(model: Model, digits: Digits, is_wanted: Callable[[], bool]) -> Analysis | None:
    """None where it was no longer wanted."""
    predictions = predict_all(model, digits, is_wanted)
    if predictions is None:
        return None
    layers, sampled = _layers(model, digits)
    return Analysis(
        digits=digits,
        predictions=predictions,
        evaluation=evaluate(predictions.outputs, digits.dataset.test.labels, model.network.loss),
        layers=layers,
        sampled=sampled,
    )


def _layers(model: Model, digits: Digits) -> tuple[tuple[LayerHistograms, ...], int]:
    try:
        sample = training_sample(digits.source, model.hyperparameters.training.validation_split)
    except DatasetError:
        return (), 0
    return tuple(layer_histograms(model.network, model.parameters, model.views[-1].seen(sample.images), sample.labels)), len(sample)
