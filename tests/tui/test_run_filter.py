"""Finding runs by what is typed, their order, and what differs among them."""

from __future__ import annotations

from typing import Any

import pytest

from engine.hyperparameters.configuration import flatten
from engine.hyperparameters.definitions import Hyperparameters
from engine.runs.summary import Summary
from tui.formats import short_decimals
from tui.runs.columns import COLUMNS, STARTED, ordered
from tui.runs.comparison import rows
from tui.runs.filter import parse


def summary(name: str, **values: Any) -> Summary:
    return Summary(name=name, path=f"/runs/{name}", when="", **values)


RUNS = (
    summary("morning", preset="quick", state="finished", test_accuracy=0.975, epochs=10, note="For the Talk", bytes=2_000_000),
    summary("noon", preset="default", state="failed", device={"name": "NVIDIA H100", "kind": "discrete"}, epochs=2),
    summary("night", preset="default", state="finished", test_accuracy=0.981, test_loss=0.07, epochs=20, seconds=90.0),
)
VALUES = {
    "morning": {"network.hidden": [16, 16], "regularization.dropout.hidden": 0.1, "training.shuffle": True, "network.activation": "relu"},
    "noon": {"network.hidden": [256], "regularization.dropout.hidden": 0.0, "training.shuffle": False, "network.activation": ["elu"]},
    "night": {},
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["morning", "noon", "night"]),
        ("DEFAULT", ["noon", "night"]),
        ("talk quick", ["morning"]),
        ("h100", ["noon"]),
        ("talk default", []),
        ("test>97.6", ["night"]),
        ("test<=97.5%", ["morning"]),
        ("test!=97.5", ["night"]),
        ("state=finished epochs>=20", ["night"]),
        ("state!=finished", ["noon"]),
        ("size>1", ["morning"]),
        ("seconds=90", ["night"]),
        ("test=many default", ["noon", "night"]),
        ("hidden=16,16", ["morning"]),
        ("network.hidden=[16,16]", ["morning"]),
        ("hidden=0.1", ["morning"]),
        ("dropout.hidden<0.05", ["noon"]),
        ("shuffle=True", ["morning"]),
        ("activation=ELU", ["noon"]),
        ("test>", ["morning", "noon", "night"]),
        ("learning=3 default", ["noon", "night"]),
    ],
)
def test_words_and_comparisons(text: str, found: list[str]) -> None:
    assert [run.name for run in parse(text).matching(RUNS, lambda run: VALUES[run.name])] == found


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("batch_siz=64", "There is no batch_siz; did you mean batch_size?"),
        ("tst>3", "There is no tst; did you mean test?"),
        ("name>3", "name is text: use name=, or name!=."),
        ("test>abc", "test is a number in per cent: abc is none."),
        ("size>3MB", "size is a number in MB: 3MB is none."),
        ("epochs=nan", "epochs is a number: nan is none."),
        ("dropout.input>much", "dropout.input is a number: much is none."),
        ("batch_size=64", ""),
        ("test>97.5%", ""),
        ("hidden=16,16", ""),
        ("state=finished", ""),
    ],
)
def test_what_cannot_be_understood_is_said(text: str, problem: str) -> None:
    assert parse(text).problem == problem


def test_files_are_read_only_for_hyperparameters() -> None:
    assert not parse("talk test>97 state=finished").reads_hyperparameters
    assert parse("talk batch_size=64").reads_hyperparameters


@pytest.mark.parametrize(
    ("title", "reverse", "names"),
    [
        ("test", False, ["night", "morning", "noon"]),
        ("test", True, ["morning", "night", "noon"]),
        ("name", False, ["morning", "night", "noon"]),
        ("epochs", False, ["night", "morning", "noon"]),
        ("note", False, ["morning", "noon", "night"]),
    ],
)
def test_the_order_has_what_is_unknown_at_its_end(title: str, reverse: bool, names: list[str]) -> None:
    column = next(column for column in COLUMNS if column.title == title)
    assert [run.name for run in ordered(RUNS, column, reverse)] == names


def test_of_equals_the_newer_one_comes_first() -> None:
    runs = [run.model_copy(update={"when": f"2026-01-0{day}"}) for day, run in enumerate(RUNS, 1)]
    state = next(column for column in COLUMNS if column.title == "state")
    assert [run.name for run in ordered(runs, STARTED, False)] == ["night", "noon", "morning"]
    assert [run.name for run in ordered(runs, state, False)] == ["noon", "night", "morning"]


def test_a_name_that_a_terminal_would_obey_is_shown_in_plain_characters() -> None:
    hostile = summary("a", preset="\x1b[31mred\nblue\x07", device={"name": "\x9b1m", "kind": "cpu"}, dataset="\u202eevil")
    assert all(column.text(hostile).isprintable() for column in COLUMNS)


def test_only_what_differs_is_compared_and_the_best_is_marked() -> None:
    base = flatten(Hyperparameters())
    values = [base, {**base, "training.batch_size": 32, "network.hidden": [], "of.the.future": 1}]
    found = {row.title: row for row in rows([RUNS[0], RUNS[2]], values, is_all=False)}
    assert found["Test accuracy"].cells == ("97.50%", "98.10%") and found["Test accuracy"].best == {1}
    assert found["Test loss"].best == frozenset(), "only one is known"
    assert found["training.batch_size"].cells == ("64", "32")
    assert found["network.hidden"].cells == ("256, 128", "none")
    assert found["of.the.future"].cells == ("-", "1")
    assert "training.epochs" not in found and "Device" not in found
    everything = {row.title for row in rows([RUNS[0], RUNS[2]], values, is_all=True)}
    assert everything > {"training.epochs", "Device", *base}


@pytest.mark.parametrize(
    ("accuracies", "digits", "best"),
    [
        ((0.9474, 0.9482), 10_000, set()),
        ((0.9474, 0.9582), 10_000, {1}),
        ((0.9474, 0.9582), 0, {1}),
        ((0.9474, 0.9482), 0, {1}),
        ((0.9474, 0.9482, 0.9073), 10_000, {0, 1}),
        ((0.9482, 0.9482, 0.9474), 10_000, set()),
        ((0.9482, 0.9482, 0.9482), 10_000, set()),
        ((0.9482, None, 0.9474), 10_000, set()),
        ((0.9482, None, 0.9074), 10_000, {0}),
        ((0.9474, 0.9482), 10_000_000, {1}),
    ],
)
def test_what_may_be_chance_makes_no_run_the_best(accuracies: tuple[float | None, ...], digits: int, best: set[int]) -> None:
    """By the 95% intervals; of older runs it is not known how many digits they were tested on."""
    runs = [
        summary(str(place), test_accuracy=accuracy, validation_accuracy=accuracy, test_digits=digits, validation_digits=digits)
        for place, accuracy in enumerate(accuracies)
    ]
    found = {row.title: row for row in rows(runs, [{}] * len(runs), is_all=False)}
    assert found["Test accuracy"].best == found["Validation acc."].best == best


def test_the_interval_stands_below_the_accuracy() -> None:
    runs = [summary("a", test_accuracy=0.9474, test_digits=10_000), summary("older", test_accuracy=0.9482)]
    found = rows(runs, [{}, {}], is_all=False)
    [place] = [place for place, row in enumerate(found) if row.title == "Test accuracy"]
    assert (found[place + 1].title, found[place + 1].cells) == ("95% interval", ("94.29-95.16%", "-"))


def test_why_runs_ended_is_said_in_words() -> None:
    runs = [run.model_copy(update={"reason": reason}) for run, reason in zip(RUNS, ("early_stopping", "epochs", None), strict=True)]
    ended = next(row for row in rows(runs, [{}, {}, {}], is_all=False) if row.title == "Ended by")
    assert ended.cells == ("early stopping", "all epochs done", "finished")


@pytest.mark.parametrize(("epochs", "best"), [((9, 9), {1}), ((9, 2), set())])
def test_the_time_of_runs_of_different_lengths_is_no_contest(epochs: tuple[int, int], best: set[int]) -> None:
    runs = [
        run.model_copy(update={"epochs": count, "seconds": 60 / number})
        for number, (run, count) in enumerate(zip(RUNS[:2], epochs, strict=True), 1)
    ]
    assert next(row.best for row in rows(runs, [{}, {}], is_all=False) if row.title == "Training time") == best


def test_the_best_epoch_of_an_ensemble_is_counted_as_its_member_does() -> None:
    runs = [
        summary("alone", best_epoch=12, epochs=20, best_member_epoch=12),
        summary("ensemble", best_epoch=2174, epochs=2240, best_member=4, best_member_epoch=494),
        summary("older", best_epoch=2174, epochs=2240),
    ]
    found = next(row for row in rows(runs, [{}, {}, {}], is_all=False) if row.title == "Kept epoch")
    assert found.cells == ("12 of 20", "494 of member 4", "2174 of 2240")


def test_the_same_hyperparameters_are_said_to_be() -> None:
    base = flatten(Hyperparameters())
    assert rows(RUNS[:2], [base, base], is_all=False)[-1].title == "The same hyperparameters"


@pytest.mark.parametrize(
    ("loss", "text"), [(0.07606, "0.076"), (99.9994, "99.999"), (301.506, "301.5"), (9999.9, "9999.9"), (20000.0, "2e+04")]
)
def test_a_loss_fits_its_column_however_large_it_is(loss: float, text: str) -> None:
    column = next(column for column in COLUMNS if column.title == "test loss")
    assert short_decimals(loss) == text
    assert len(text) <= column.width


def test_losses_of_different_kinds_are_not_set_against_each_other() -> None:
    runs = [summary("a", test_loss=0.07, test_accuracy=0.97), summary("b", test_loss=0.02, test_accuracy=0.96)]

    def best(*losses: str) -> dict[str, frozenset[int]]:
        return {row.title: row.best for row in rows(runs, [{"network.loss": loss} for loss in losses], is_all=False)}

    alike, unlike = best("cross_entropy", "cross_entropy"), best("cross_entropy", "squared_error")
    assert (alike["Test loss"], unlike["Test loss"]) == ({1}, frozenset())
    assert alike["Test accuracy"] == unlike["Test accuracy"] == {0}


def test_runs_on_different_data_sets_are_not_set_against_each_other() -> None:
    figures = {"test_accuracy": 0.9, "test_loss": 0.3, "validation_accuracy": 0.9}
    better = {"test_accuracy": 0.98, "test_loss": 0.07, "validation_accuracy": 0.98}

    def best(*fingerprints: str) -> set[str]:
        runs = [summary(name, dataset_fingerprint=name, **each) for name, each in zip(fingerprints, (figures, better), strict=True)]
        return {row.title for row in rows(runs, [{}, {}], is_all=False) if row.best}

    assert best("digits", "digits") >= {"Test accuracy", "Test loss", "Validation acc."}
    assert not best("clothes", "digits") & {"Test accuracy", "Test loss", "Validation acc."}
