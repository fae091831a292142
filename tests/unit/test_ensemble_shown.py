"""What is said of an ensemble: on the command line, in the statistics, beside a digit, in the log of epochs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from dataset import Dataset
from engine import inference, network
from engine.data.deskew import deskewed
from engine.data.preprocessing import View
from engine.evaluation import evaluate
from engine.events import EpochEnded, Finished, MemberEnded, Progress, Started
from engine.hyperparameters import configuration
from engine.hyperparameters.definitions import Hyperparameters
from engine.insight.saliency import examine
from engine.model import DatasetFacts, Member, Model
from engine.model_file import save_model
from engine.statistics import sections
from tui import formats
from tui.cli import main
from tui.digits.gallery import Digits, predict_all
from tui.drawing.sight import look_at
from tui.drawing.strokes import Drawing, Stroke
from tui.runs.farewell import farewell
from tui.runs.view import RunView, after
from tui.widgets.epoch_log import rows, text


@pytest.fixture
def model(digits: Dataset) -> Model:
    """Three networks that disagree."""
    values = configuration.replace(
        Hyperparameters(), {"network.hidden": [8], "training.seed": 5, "ensemble.members": 3, "ensemble.deskewed": 1}
    )
    facts = DatasetFacts.of(digits)
    built = facts.network(values)
    members = [Member(network.initial_parameters(built, values.network.initializer, seed), epoch=4 * seed) for seed in (1, 2, 3)]
    return Model(values, built, members[0].parameters, facts, 1).of(members)


@pytest.fixture
def file(tmp_path: Path, model: Model) -> Path:
    save_model(tmp_path / "committee.safetensors", model)
    return tmp_path / "committee.safetensors"


def said(*arguments: object) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_members_with_one_view_share_what_they_see(model: Model, digits: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    values = configuration.replace(model.hyperparameters, {"ensemble.deskewed": 2})
    looks, seen = [], View.seen
    monkeypatch.setattr(View, "seen", lambda view, images: looks.append(view.deskew) or seen(view, images))
    assert len(replace(model, hyperparameters=values).each_outputs(digits.test.images)) == 3
    assert looks == [False, True]


def accuracies(model: Model, digits: Dataset) -> list[float]:
    """Of each member, and of all together."""
    each = model.each_outputs(digits.test.images)
    return [evaluate(outputs, digits.test.labels, model.network.loss).accuracy for outputs in (*each, model.together(each))]


def test_evaluate_names_the_members_and_the_whole(file: Path, model: Model, digits: Dataset) -> None:
    *each, whole = accuracies(model, digits)
    printed = said("evaluate", file)
    assert "committee.safetensors, 3 members, epoch 12" in printed
    for number, accuracy in enumerate(each, start=1):
        assert f"Member {number}/3: test accuracy {accuracy:.2%}" in printed
    assert f"Member 3/3: test accuracy {each[2]:.2%}, together {whole:.2%}" in printed
    assert f"\nTest accuracy: {whole:.2%}" in printed
    document = json.loads(said("evaluate", file, "--json"))
    assert [member["test_accuracy"] for member in document["members"]] == each
    assert document["accuracy"] == document["members"][-1]["committee_accuracy"] == whole


def test_the_statistics_have_a_section_of_it(file: Path, model: Model, digits: Dataset) -> None:
    *each, whole = accuracies(model, digits)
    section = json.loads(said("statistics", file, "--json"))["sections"]["Ensemble"]
    assert section == {
        "Members": "3",
        "Deskewed": "the last one",
        "Seeds": "5 to 7",
        "Accuracy": "   test",
        **{f"Member {number}": f"{accuracy:>7.2%}  epoch {4 * number} of the run" for number, accuracy in enumerate(each, start=1)},
        "Mean": f"{sum(each) / 3:>7.2%}",
        "Together": f"{whole:>7.2%}",
    }


def test_the_statistics_set_validation_accuracies_beside_test_accuracies(model: Model) -> None:
    values = configuration.replace(model.hyperparameters, {"ensemble.deskewed": 0})
    members = [
        told(1, validation_accuracy=0.91, committee_validation_accuracy=0.91),
        told(2, validation_accuracy=0.93, committee_validation_accuracy=0.97),
    ]
    [section] = [each for each in sections(values, model.network, dataset=model.dataset, members=members) if each.title == "Ensemble"]
    assert dict(section.rows) == {
        "Members": "2 of 3 trained",
        "Seeds": "5 to 7",
        "Accuracy": "   test   valid.",
        "Member 1": " 90.00%   91.00%  epoch 2 of the run",
        "Member 2": " 90.00%   93.00%  epoch 4 of the run",
        "Mean": " 90.00%   92.00%",
        "Together": " 95.00%   97.00%",
    }


def test_how_many_members_agree_is_known_of_every_digit(model: Model, digits: Dataset) -> None:
    found = predict_all(model, Digits(digits, digits.name), lambda: True)
    assert found is not None
    votes = [outputs.argmax(axis=1) for outputs in model.each_outputs(digits.test.images)]
    for index in range(0, len(digits.test), 20):
        agreeing = sum(int(vote[index] == found.taken[index]) for vote in votes)
        assert found.of(index).agreement == f"{agreeing} of 3 agree"
    assert len({found.of(index).agreement for index in range(len(digits.test))}) > 1


def test_the_saliency_is_that_of_the_members_mean(model: Model, digits: Dataset) -> None:
    image = digits.test.images[0]
    found = examine(model.network, [member.parameters for member in model.members], model.views, image)
    np.testing.assert_allclose(found.outputs, model.outputs(image[np.newaxis])[0], atol=1e-5)
    np.testing.assert_allclose(found.probabilities.sum(), 1, atol=1e-6)
    alike = examine(model.network, [model.parameters] * 3, model.views[:1] * 3, image)
    np.testing.assert_allclose(alike.saliency, examine(model.network, [model.parameters], model.views[:1], image).saliency, atol=1e-6)
    assert alike.agreeing == 3
    assert found.predicted == int(inference.rank(found.outputs)[0])


def test_a_drawing_is_shown_as_the_first_network_sees_it(model: Model) -> None:
    drawing = Drawing([Stroke(((0.7, 0.2), (0.4, 0.8)), 0.1)])
    everyone = replace(model, hyperparameters=configuration.replace(model.hyperparameters, {"preprocessing.deskew": True}))
    sight, upright = (look_at(drawing.levels, 12, 12, each) for each in (model, everyone))
    np.testing.assert_array_equal(sight.seen, sight.image)
    np.testing.assert_array_equal(upright.image, sight.image)
    np.testing.assert_array_equal(upright.seen.reshape(1, -1), deskewed(sight.image.reshape(1, -1), 12, 12))
    assert (upright.seen != upright.image).any()
    assert upright.look is not None and upright.look.members == 3


def told(member: int, **changes: Any) -> MemberEnded:
    figures = MemberEnded(
        member=member, members=3, seed=member, best_epoch=2 * member, validation_accuracy=None, test_accuracy=0.9, test_loss=0.3,
        committee_accuracy=0.95, committee_loss=0.2,
    )  # fmt: skip
    return replace(figures, **changes)


def epoch(number: int, member: int) -> EpochEnded:
    return EpochEnded(
        epoch=number, learning_rate=0.1, train_loss=1.0, train_accuracy=0.5, validation_loss=None, validation_accuracy=None, seconds=1.0,
        samples_per_second=10.0, best_epoch=number, member=member,
    )  # fmt: skip


def started(first_epoch: int = 1) -> Started:
    return Started(
        run="/runs/a", hyperparameters={}, parameters=1, device={}, plan={}, dataset={}, epochs=6, steps=1, first_epoch=first_epoch,
        members=3,
    )  # fmt: skip


def test_the_log_has_a_row_for_each_member_after_its_last_epoch() -> None:
    run = RunView(hyperparameters={}, preset="committee")
    for event in (epoch(1, 1), epoch(2, 1), told(1), epoch(3, 2), epoch(4, 2), told(2), epoch(5, 3)):
        run = after(run, event)
    log = [text(row).partition("]")[0] for row in rows(run)]
    first, second = "Member 1/3: test accuracy 90.00%", "Member 2/3: test accuracy 90.00%, together 95.00%"
    assert log == ["[01", "[02", first, "[03", "[04", second, "[05"]
    for event in (started(first_epoch=5), told(1), told(2)):
        run = after(run, event)
    assert [text(row).partition("]")[0] for row in rows(run)] == log[:-1], "told of again after a resumption"


def test_the_log_ends_with_what_made_early_stopping_end_the_run() -> None:
    run = RunView(hyperparameters={}, preset="committee")
    ended = Finished(
        reason="early_stopping", epochs=1, best_epoch=1, test_accuracy=0.9, test_loss=0.1, run="/runs/a", explanation="no rise"
    )
    for event in (started(), epoch(1, 1), ended):
        run = after(run, event)
    assert [text(row).partition("]")[0] for row in rows(run)] == ["[01", "Early stopping: no rise"]
    assert [text(row) for row in rows(after(run, told(1)))][1:] == [formats.member(told(1)), "Early stopping: no rise"]
    assert len(rows(after(run, replace(ended, explanation="")))) == 1
    _, *lines = rows(after(run, replace(ended, explanation="validation accuracy did not rise " + 9 * "very ")))
    assert len(lines) == 2 and all(isinstance(line, str) and len(line) <= 66 for line in lines), "in sight as a whole"


def test_the_last_words_have_the_validation_accuracy_of_the_members_together() -> None:
    run = RunView(hyperparameters={}, preset="committee")
    first, second = epoch(1, 1), replace(epoch(2, 2), validation_accuracy=0.93)
    for event in (started(), first, told(1), second, told(2, committee_validation_accuracy=0.97)):
        run = after(run, event)
    assert farewell(run)[1] == "Best validation accuracy 93.00%"
    ended = Finished(reason="epochs", epochs=2, best_epoch=2, test_accuracy=0.95, test_loss=0.2, run="/runs/a")
    assert farewell(after(run, ended))[1] == "Validation accuracy 97.00% of 2 members together, test accuracy 95.00%"


def test_progress_names_the_member() -> None:
    progress = Progress(epoch=7, step=1, steps=2, epochs=12, learning_rate=0.1, train_loss=1.0, train_accuracy=0.5, samples_per_second=1.0)
    assert formats.place(progress) == "epoch 7/12"
    assert formats.place(replace(progress, member=2, members=3)) == "member 2/3 epoch 7/12"
