"""Writes a model, or the run that it is of, in the formats of other programs."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

from dataset import Dataset
from engine.advised_error import AdvisedError
from engine.events import EpochEnded
from engine.extras import how_to_install
from engine.model import Model
from engine.runs.history import History
from engine.runs.summary import Summary

EXTRA = "export"


class ExportError(AdvisedError, RuntimeError):
    """Why something cannot be exported."""


@dataclass(frozen=True, eq=False)
class Source:
    """What there is to export: a model, and what is known of its training and its data."""

    name: str
    model: Model
    history: History | None = None
    """Of its run, if it comes from one, and so the next."""
    summary: Summary | None = None
    epochs: Sequence[EpochEnded] = ()
    dataset: Dataset | None = None
    """The data that it was trained on, if that is still there."""

    @property
    def trained_with(self) -> History:
        """Its run's history, or what the model alone says."""
        return self.history or History(self.model.hyperparameters)


def library(name: str, purpose: str) -> ModuleType:
    """A library of the extra ``export``. Raises ExportError where it is not installed."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != name.partition(".")[0]:
            raise
        raise ExportError(f"{purpose} needs the package {name.partition('.')[0]}, which is not installed", how_to_install(EXTRA)) from None
