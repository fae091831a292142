"""Which digits are gone through."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.model_file import load_model
from tests.tui.support import few_digits, write_model
from tui.digits.gallery import Predictions, predict_all
from tui.digits.selection import Filter, Kind, Order, choices, neighbour, select


@pytest.fixture
def predictions(tmp_path: Path) -> Predictions:
    """Of twelve digits: 3 is taken for 4, and 11, a 1, for 0."""
    found = predict_all(load_model(write_model(tmp_path)), few_digits(), lambda: True)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("chosen", "indices"),
    [
        (Filter(), list(range(12))),
        (Filter(Kind.WRONG), [3, 11]),
        (Filter(Kind.LABEL, 1), [1, 11]),
        (Filter(Kind.CONFUSION, 3, 4), [3]),
        (Filter(Kind.CONFUSION, 3, 3), []),
        (Filter(Kind.UNCERTAIN), list(range(12))),
    ],
)
def test_filters(predictions: Predictions, chosen: Filter, indices: list[int]) -> None:
    found = select(few_digits(), predictions, chosen, Order.NUMBER)
    assert found is not None and found.tolist() == indices


def test_by_certainty(predictions: Predictions) -> None:
    ordered = {order: select(few_digits(), predictions, Filter(), order) for order in Order}
    # Rows 10 and 11 say nothing to the network: every class is as likely.
    assert ordered[Order.UNCERTAIN].tolist()[:2] == [10, 11]  # type: ignore[union-attr]
    assert sorted(ordered[Order.CERTAIN].tolist()[-2:]) == [10, 11]  # type: ignore[union-attr]
    assert Order.CERTAIN.following is Order.NUMBER


def test_without_predictions_only_labels_are_known() -> None:
    digits = few_digits()
    assert select(digits, None, Filter(Kind.WRONG), Order.NUMBER) is None
    assert select(digits, None, Filter(), Order.UNCERTAIN) is None
    found = select(digits, None, Filter(Kind.LABEL, 0), Order.NUMBER)
    assert found is not None and found.tolist() == [0, 10]
    assert {chosen.kind for chosen, _ in choices(digits, None)} == {Kind.ALL, Kind.LABEL}


def test_choices_leave_something_and_say_how_much(predictions: Predictions) -> None:
    offered = dict(choices(few_digits(), predictions))
    assert offered[Filter(Kind.WRONG)] == 2
    assert {chosen: count for chosen, count in offered.items() if chosen.kind is Kind.CONFUSION} == {
        Filter(Kind.CONFUSION, 1, 0): 1,
        Filter(Kind.CONFUSION, 3, 4): 1,
    }
    assert Filter(Kind.CONFUSION, 3, 4).name(tuple("0123456789")) == "3 taken for 4"


@pytest.mark.parametrize(("place", "by", "found"), [(0, 1, 1), (1, 1, 3), (3, 1, 1), (1, -1, 3), (0, -1, 3), (2, -1, 1)])
def test_neighbours_go_around_the_ends(place: int, by: int, found: int) -> None:
    marked = np.isin(np.arange(10), [3, 5])
    assert neighbour(np.array([9, 3, 2, 5]), place, marked, by) == found
    assert neighbour(np.array([9, 2]), 0, marked, by) is None
