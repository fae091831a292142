from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.durations import duration
from engine.evaluation import evaluate
from engine.events import EpochEnded
from engine.hyperparameters import configuration
from engine.hyperparameters.choices import Loss
from engine.hyperparameters.definitions import Hyperparameters
from engine.hyperparameters.table import HYPERPARAMETERS
from engine.model import DatasetFacts, Member
from engine.presets import preset
from engine.statistics import Section, sections
from engine.training.ensemble import member_events

MNIST = DatasetFacts(name="mnist", fingerprint="0" * 64, height=28, width=28, classes=tuple("0123456789"))
EPOCHS = [
    EpochEnded(
        epoch=epoch,
        time=45.5 * epoch,
        learning_rate=0.01,
        train_loss=0.5,
        train_accuracy=0.8,
        validation_loss=0.12345,
        validation_accuracy=0.9042,
        seconds=45.0,
        samples_per_second=1e3,
        best_epoch=epoch,
    )
    for epoch in (1, 2)
]


def rows(found: list[Section], title: str) -> dict[str, str]:
    [section] = [section for section in found if section.title == title]
    return dict(section.rows)


def test_the_published_network() -> None:
    values = preset("readme").hyperparameters
    found = sections(values, MNIST.network(values), dataset=MNIST)
    assert rows(found, "Composition") == {
        "Data set": "mnist",
        "Input": "28 x 28 = 784 pixels",
        "Hidden layer 1": "16 neurons, leaky_relu",
        "Hidden layer 2": "16 neurons, leaky_relu",
        "Output": "10 classes, softmax",
        "Loss": "cross_entropy",
        "Initializer": "he_normal",
    }
    assert rows(found, "Parameters") == {
        "Hidden layer 1": "12,560 (784 x 16 weights + 16 biases)",
        "Hidden layer 2": "272 (16 x 16 weights + 16 biases)",
        "Output": "170 (16 x 10 weights + 10 biases)",
        "Total": "13,002",
    }
    assert rows(found, "Regularization")["Weights L1"] == "1e-07"
    assert rows(found, "Dropout") == {"Input": "0.002", "Hidden": "0.005"}
    assert rows(found, "Learning rate") == {
        "Initial": "0.01",
        "Decay method": "exponential",
        "Decay rate": "0.9",
        "Decay interval": "2",
        "Restart interval": "10",
        "Restart value": "0.001",
        "Warm-up": "0",
    }
    assert rows(found, "Training")["Shuffle"] == "true", "as in the form and in TOML"
    assert not {"Evaluation", "Classes", "Progress", "Device and plan"} & {section.title for section in found}


def test_only_what_has_an_effect_is_shown() -> None:
    values = Hyperparameters()
    found = sections(values, MNIST.network(values), dataset=MNIST)
    assert "Momentum" not in rows(found, "Optimizer")
    assert "Decay rate" not in rows(found, "Learning rate")
    shown = sum(
        len(rows(found, title)) for title in ("Regularization", "Dropout", "Optimizer", "Learning rate", "Training", "Early stopping")
    )
    assert (
        shown
        == len([key for key in HYPERPARAMETERS if not key.startswith(("network.", "preprocessing.", "augmentation.", "ensemble."))]) - 5
    )


def test_deskewing_and_distortions_are_shown_where_there_are_any() -> None:
    values = configuration.replace(Hyperparameters(), {"preprocessing.deskew": True, "augmentation.shift": 1.5})
    found = sections(values, MNIST.network(values), dataset=MNIST)
    assert rows(found, "Composition")["Input"] == "28 x 28 = 784 pixels, deskewed"
    assert rows(found, "Augmentation")["Shift"] == "1.5"


@pytest.mark.parametrize(
    ("changes", "seen", "told"),
    [
        ({"ensemble.members": 3, "ensemble.deskewed": 2}, "28 x 28 = 784 pixels", "the last 2"),
        ({"ensemble.members": 3, "ensemble.deskewed": 3}, "28 x 28 = 784 pixels, deskewed", None),
        ({"ensemble.members": 3, "ensemble.deskewed": 1, "preprocessing.deskew": True}, "28 x 28 = 784 pixels, deskewed", None),
        ({"ensemble.deskewed": 1}, "28 x 28 = 784 pixels, deskewed", None),
    ],
)
def test_who_sees_digits_deskewed_is_said_once(changes: dict[str, object], seen: str, told: str | None) -> None:
    values = configuration.replace(Hyperparameters(), changes)
    found = sections(values, MNIST.network(values), dataset=MNIST)
    assert rows(found, "Composition")["Input"] == seen
    deskewed = [section.rows for section in found if section.title == "Ensemble"]
    assert dict(deskewed[0] if deskewed else ()).get("Deskewed") == told


def test_what_a_network_lacks_has_no_figures() -> None:
    values = configuration.replace(Hyperparameters(), {"network.hidden": [], "training.validation_split": 0.0})
    found = sections(values, MNIST.network(values), dataset=MNIST)
    assert rows(found, "Dropout") == {"Input": "0"}
    assert rows(found, "Early stopping") == {"Mode": "patience"}


def test_the_parameters_of_an_ensemble_are_those_of_a_member_and_of_all() -> None:
    values = configuration.replace(Hyperparameters(), {"network.hidden": [16], "ensemble.members": 3})
    found = sections(values, MNIST.network(values), dataset=MNIST)
    assert rows(found, "Parameters")["Total"] == "12,730, 38,190 in all 3 members"


def test_progress_evaluation_and_device() -> None:
    values = Hyperparameters()
    evaluation = evaluate(np.eye(10, dtype=np.float32)[[0, 1, 2, 2]], np.array([0, 1, 2, 3], np.uint8), Loss.CROSS_ENTROPY)
    device, plan = {"name": "EPYC", "kind": "cpu", "backend": "cpu", "driver": ""}, {"name": "numpy", "threads": 2}
    found = sections(values, MNIST.network(values), dataset=MNIST, evaluation=evaluation, epochs=EPOCHS, epoch=2, device=device, plan=plan)
    assert "Time" not in {section.title for section in found}
    assert rows(found, "Progress") == {
        "Epochs trained": "2",
        "Time of full epochs": "1 min 30 s",
        "Time an epoch": "45.00 s",
        "Digits a second": "1,000",
        "Kept epoch": "2",
        "Training accuracy": "80.00%",
        "Training loss": "0.5",
        "Validation accuracy": "90.42%",
        "Validation loss": "0.1235",
    }
    assert rows(found, "Evaluation")["Accuracy"] == "75.00%"
    assert rows(found, "Evaluation")["Wrong"] == "1"
    assert rows(found, "Classes")["2"] == "precision  50.00%  recall 100.00%  F1  66.67%  digits 1"
    assert rows(found, "Classes")["9"] == "precision       -  recall       -  F1       -  digits 0"
    assert rows(found, "Device and plan") == {"Device": "EPYC", "Kind": "cpu", "Backend": "cpu", "Plan": "numpy", "Plan: threads": "2"}


def test_the_time_of_a_run_with_shares() -> None:
    values = Hyperparameters()
    phases = {"training": 90.0, "validation": 6.0, "saving": 3.979, "other": 0.021}
    found = sections(values, MNIST.network(values), dataset=MNIST, phases=phases)
    assert rows(found, "Time") == {
        "Training": "1 min 30 s  90.0%",
        "Validation": "     6.0 s   6.0%",
        "Saving": "     4.0 s   4.0%",
        "Other": "     21 ms  <0.1%",
        "Total": "1 min 40 s",
    }


def test_no_time_is_rounded_to_nothing_or_to_the_next_unit() -> None:
    times = {0.00127: "1.3 ms", 0.0994: "99 ms", 0.0996: "0.1 s", 59.94: "59.9 s", 59.96: "1 min 0 s", 90.0: "1 min 30 s", 599.6: "10 min"}
    assert [duration(seconds) for seconds in times] == list(times.values())
    assert duration(3590) == "1 h 0 min"


def test_the_time_in_an_unfinished_epoch_is_told_apart() -> None:
    values = Hyperparameters()
    seconds = sum(epoch.seconds for epoch in EPOCHS)
    found = sections(values, MNIST.network(values), dataset=MNIST, epochs=EPOCHS, phases={"training": seconds + 30.0})
    assert rows(found, "Progress")["Time of full epochs"] == "1 min 30 s"
    assert rows(found, "Time")["Training"].split() == ["2", "min", "0", "s", "100.0%"]


def test_the_epochs_of_an_ensemble_are_counted_in_each_member() -> None:
    values = configuration.replace(Hyperparameters(), {"ensemble.members": 2})
    epochs = [replace(EPOCHS[0], epoch=number, member=member) for number, member in ((1, 1), (2, 1), (3, 2), (4, 2))]
    members = member_events(values, [Member(np.empty(0, np.float32), epoch=epoch) for epoch in (1, 4)])
    found = sections(values, MNIST.network(values), dataset=MNIST, epochs=epochs, members=members, epoch=4)
    assert rows(found, "Progress")["Kept epoch"] == "2 of member 2"
    assert rows(found, "Progress")["Validation accuracy"].endswith("% of member 2")
    assert [rows(found, "Ensemble")[f"Member {number}"].split("  ")[-1] for number in (1, 2)] == ["epoch 1", "epoch 2"]
    alone = sections(values, MNIST.network(values), dataset=MNIST, members=[members[0], replace(members[1], own_epoch=2)], epoch=4)
    assert rows(alone, "Progress")["Kept epoch"] == "2 of member 2", "known without its run, too"
