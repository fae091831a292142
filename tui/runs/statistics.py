"""What the statistics say of a run in words, column by column."""

from __future__ import annotations

from collections.abc import Mapping

from engine.evaluation import Evaluation
from engine.hyperparameters.configuration import from_plain
from engine.model import DatasetFacts
from engine.statistics import Section, sections
from tui.runs.view import RunView

_RESULTS = ("Ensemble", "Evaluation", "Progress", "Time", "Device and plan")
_NETWORK = ("Composition", "Parameters")
_REGULARIZATION = ("Regularization", "Dropout")
_TRAINING = ("Optimizer", "Learning rate", "Training", "Early stopping")
COLUMNS = {
    1: ((*_RESULTS, *_NETWORK, *_REGULARIZATION, *_TRAINING),),
    2: ((*_RESULTS, *_REGULARIZATION), (*_NETWORK, *_TRAINING)),
    3: (_RESULTS, (*_NETWORK, *_REGULARIZATION), _TRAINING),
}
"""Which sections stand where, by the number of columns; the classes have a table of their own."""


def dataset_facts(run: RunView, ready: Mapping[str, object] | None) -> DatasetFacts | None:
    """Of the run, or of what the worker has loaded until the run says."""
    source = run.started.dataset if run.started else ready
    return DatasetFacts.model_validate({name: source[name] for name in DatasetFacts.model_fields if name in source}) if source else None


def columns(run: RunView, facts: DatasetFacts, evaluation: Evaluation | None, count: int, evaluated: str = "") -> list[list[Section]]:
    """The sections that there is something to say for, in 1, 2 or 3 columns; as in ``sections``."""
    hyperparameters = from_plain(run.hyperparameters)
    found = {
        section.title: section
        for section in sections(
            hyperparameters,
            facts.network(hyperparameters),
            dataset=facts,
            changes=run.changes,
            evaluation=evaluation,
            evaluated=evaluated,
            members=run.members,
            epochs=run.epochs,
            epoch=run.best_epoch or None,
            device=run.started.device if run.started else None,
            plan=run.started.plan if run.started else None,
            phases=run.phases,
        )
    }
    return [[found[title] for title in titles if title in found] for titles in COLUMNS[count]]
