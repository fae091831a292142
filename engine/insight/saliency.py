"""Why a network takes a digit for what it does: which pixels moved the decision, and what its hidden neurons made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine import inference
from engine.data.preprocessing import View
from engine.insight import backpropagation
from engine.network import Floats, Network


@dataclass(frozen=True, eq=False)
class Examination:
    """One digit, seen through a network."""

    outputs: Floats
    """Raw, before any softmax: [classes]."""
    probabilities: Floats
    """[classes]."""
    predicted: int
    runner_up: int
    saliency: Floats
    """How much each pixel spoke for ``predicted`` and against ``runner_up``; negative where the other way round: [inputs]."""
    activations: tuple[Floats, ...]
    """Of each hidden layer, of an ensemble in its newest network: [neurons]."""
    agreeing: int
    """How many networks take it for ``predicted``."""


def examine(network: Network, members: Sequence[Floats], views: Sequence[View], image: npt.NDArray[np.uint8]) -> Examination:
    """Looks at ``image``, [inputs], with the parameters of one network or of the members of an ensemble, over which the saliency is the
    mean, and each of which has a view of its own.

    The saliency is gradient times input (Shrikumar et al., 2016) of the difference between the two highest outputs: in a network of
    relu neurons without biases its sum over all pixels is that difference.
    """
    images = image.reshape(1, -1)
    values: list[Floats] = [np.divide(view.seen(images), 255, dtype=np.float32) for view in views]
    passages = [backpropagation.forward(network, parameters, own) for parameters, own in zip(members, values, strict=True)]
    each = [own[-1].sums for own in passages]
    outputs = inference.together(each, network.loss)
    predicted, runner_up = (int(place) for place in inference.rank(outputs[0])[:2])
    delta = np.zeros_like(outputs)
    delta[0, predicted], delta[0, runner_up] = 1, -1
    gradients = [backpropagation.input_gradient(own, parameters, delta) for own, parameters in zip(passages, members, strict=True)]
    shares = [view.traced(gradient * own, images) for view, gradient, own in zip(views, gradients, values, strict=True)]
    return Examination(
        outputs=outputs[0],
        probabilities=inference.probabilities(outputs, network.loss)[0],
        predicted=predicted,
        runner_up=runner_up,
        saliency=np.concatenate(shares).mean(axis=0, dtype=np.float32),
        activations=tuple(passage.activated[0] for passage in passages[-1][:-1]),
        agreeing=sum(int(own[0].argmax()) == predicted for own in each),
    )
