"""The members of an ensemble: each is the network that a run of its own would train, from a seed of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from dataset import Split
from engine.evaluation import Evaluation, evaluate
from engine.events import MemberEnded
from engine.hyperparameters import configuration
from engine.hyperparameters.definitions import Hyperparameters
from engine.model import Member, Model
from engine.network import Floats


def member_seed(hyperparameters: Hyperparameters, member: int) -> int:
    """The seed of a member, counted from 0: that of the run, and the ones after it."""
    return hyperparameters.training.seed_after(member)


def of_member(hyperparameters: Hyperparameters, member: int) -> Hyperparameters:
    """The hyperparameters that a member, counted from 0, is trained with: its own seed, and whether it sees digits deskewed."""
    changes = {"training.seed": member_seed(hyperparameters, member), "preprocessing.deskew": hyperparameters.deskews(member)}
    return configuration.replace(hyperparameters, changes)


def single(hyperparameters: Hyperparameters) -> Hyperparameters:
    """The hyperparameters that train the first member, or the one network, alone: no ensemble, and digits as that member sees them."""
    alone = {"ensemble.members": 1, "ensemble.deskewed": 0, "preprocessing.deskew": hyperparameters.deskews(0)}
    return configuration.replace(hyperparameters, alone)


def with_test_figures(model: Model, test: Split, outputs: Sequence[Floats] | None = None) -> tuple[Model, Evaluation]:
    """The model with figures over the test digits in each of its networks, and the evaluation of all of them together.

    ``outputs`` are the raw outputs of each network for them, [n, classes], where they are known already. A network's ``committee_``
    figures are those of it and the networks before it.
    """
    outputs, labels = model.each_outputs(test.images) if outputs is None else outputs, test.labels
    members: list[Member] = []
    for count, member in enumerate(model.networks, start=1):
        alone = evaluate(outputs[count - 1], labels, model.network.loss)
        whole = evaluate(model.together(outputs[:count]), labels, model.network.loss) if count > 1 else alone
        own = replace(member, test_loss=alone.loss, test_accuracy=alone.accuracy)
        members.append(replace(own, committee_loss=whole.loss, committee_accuracy=whole.accuracy))
    return model.of(members), whole


def with_validation_figures(model: Model, outputs: Sequence[Floats], labels: npt.NDArray[np.uint8]) -> Model:
    """The model with figures over the validation part of each of its networks together with those before it, from the raw
    outputs of each network for it, [n, classes], and its labels, [n]. What each has alone is known from its training.
    """
    members: list[Member] = []
    for count, member in enumerate(model.networks, start=1):
        whole = evaluate(model.together(outputs[:count]), labels, model.network.loss)
        members.append(replace(member, committee_validation_loss=whole.loss, committee_validation_accuracy=whole.accuracy))
    return model.of(members)


def member_events(hyperparameters: Hyperparameters, members: Sequence[Member]) -> tuple[MemberEnded, ...]:
    """The event ``member`` for each of the ``members`` that are trained, which are the first ones of the ensemble, in order."""
    return tuple(
        MemberEnded(
            member=number,
            members=hyperparameters.ensemble.members,
            seed=member_seed(hyperparameters, number - 1),
            best_epoch=member.epoch,
            own_epoch=member.own_epoch,
            validation_accuracy=member.validation_accuracy,
            test_accuracy=member.test_accuracy,
            test_loss=member.test_loss,
            committee_accuracy=member.committee_accuracy,
            committee_loss=member.committee_loss,
            committee_validation_accuracy=member.committee_validation_accuracy,
        )
        for number, member in enumerate(members, start=1)
    )
