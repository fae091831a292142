"""Which of the test digits are gone through, and in what order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from tui.digits.gallery import Digits, Predictions

UNCERTAIN = 100
"""Digits that count as the least certain."""

Indices = npt.NDArray[np.intp]


class Kind(StrEnum):
    ALL = "all"
    WRONG = "wrong ones"
    UNCERTAIN = "least certain"
    LABEL = "one label"
    CONFUSION = "one confusion"


class Order(StrEnum):
    """In the words that are shown."""

    NUMBER = "by number"
    UNCERTAIN = "least certain first"
    CERTAIN = "most certain first"

    @property
    def following(self) -> Order:
        orders = list(Order)
        return orders[(orders.index(self) + 1) % len(orders)]


@dataclass(frozen=True)
class Filter:
    """``label`` is for labels and confusions, ``taken`` for confusions: what digits of that label are taken for."""

    kind: Kind = Kind.ALL
    label: int = 0
    taken: int = 0

    def name(self, classes: Sequence[str]) -> str:
        match self.kind:
            case Kind.LABEL:
                return f"label {classes[self.label]}"
            case Kind.CONFUSION:
                return f"{classes[self.label]} taken for {classes[self.taken]}"
            case Kind.UNCERTAIN:
                return f"the {UNCERTAIN} least certain"
            case kind:
                return kind.value


def select(digits: Digits, predictions: Predictions | None, chosen: Filter, order: Order) -> Indices | None:
    """Indices in the order to go through them; None where that takes predictions which are not there yet."""
    labels = digits.dataset.test.labels
    if predictions is None and (order is not Order.NUMBER or chosen.kind not in (Kind.ALL, Kind.LABEL)):
        return None
    found = _filtered(labels, predictions, chosen)
    if predictions is None or order is Order.NUMBER:
        return found
    certainty = predictions.certainty[found]
    return found[np.argsort(certainty if order is Order.UNCERTAIN else -certainty, kind="stable")]


def _filtered(labels: npt.NDArray[np.uint8], predictions: Predictions | None, chosen: Filter) -> Indices:
    """In rising order."""
    if chosen.kind is Kind.LABEL:
        return np.flatnonzero(labels == chosen.label)
    if predictions is None or chosen.kind is Kind.ALL:
        return np.arange(len(labels))
    if chosen.kind is Kind.WRONG:
        return predictions.wrong
    if chosen.kind is Kind.UNCERTAIN:
        return np.sort(np.argsort(predictions.certainty, kind="stable")[:UNCERTAIN])
    return np.flatnonzero((labels == chosen.label) & (predictions.taken == chosen.taken))


def choices(digits: Digits, predictions: Predictions | None) -> list[tuple[Filter, int]]:
    """Every filter that leaves something, with how many digits: the confusions last, the most frequent first."""
    labels, classes = digits.dataset.test.labels, len(digits.classes)
    found = [(Filter(), len(digits))]
    if predictions is not None:
        found.append((Filter(Kind.WRONG), len(predictions.wrong)))
        found.append((Filter(Kind.UNCERTAIN), min(UNCERTAIN, len(digits))))
    found += [(Filter(Kind.LABEL, label), int(count)) for label, count in enumerate(np.bincount(labels, minlength=classes))]
    if predictions is not None:
        pairs = labels[predictions.wrong].astype(np.intp) * classes + predictions.taken[predictions.wrong]
        counts = np.bincount(pairs, minlength=classes * classes)
        found += [(Filter(Kind.CONFUSION, *divmod(int(pair), classes)), int(counts[pair])) for pair in np.argsort(-counts, kind="stable")]
    return [(chosen, count) for chosen, count in found if count]


def neighbour(selection: Indices, place: int, marked: npt.NDArray[np.bool_], by: int) -> int | None:
    """The next place after ``place`` in ``selection``, or with ``by`` -1 the one before, that holds a marked digit; around the
    ends.

    None where there is none.
    """
    places = np.flatnonzero(marked[selection])
    if not len(places):
        return None
    at = np.searchsorted(places, place, side="right") if by > 0 else np.searchsorted(places, place) - 1
    return int(places[at % len(places)])
