"""Hyperparameters, data and a backend become a trained model, and events on the way."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from dataset import Dataset
from engine import configuration, counter_random, network
from engine.backend import Backend, Metrics, TrainingState
from engine.checkpoint import Checkpoint, DatasetFacts, Model, load_model, save_checkpoint, save_model
from engine.configuration import HyperparameterError
from engine.control import Control
from engine.early_stopping import EarlyStopping
from engine.evaluation import Evaluation, evaluate
from engine.events import (
    Changed, CheckpointWritten, Compiling, EpochEnded, Evaluated, Event, Finished, Hint, Paused, Progress, Resumed, Snapshot, Started, Stopped,
)  # fmt: skip
from engine.hyperparameters import Hyperparameters
from engine.runs import Run, read_metrics
from engine.schedule import Schedule
from engine.steps import batches, epoch_steps

CHUNK_SECONDS = 0.1
"""How long the trainer leaves the control unread."""
PROGRESS_SECONDS = 0.2
PAUSE_SECONDS = 0.2
FIRST_CHUNK = 8
"""Steps, before any was timed."""

Outcome = Literal["early_stopping", "epochs", "stopped", "interrupted"]


class DivergenceError(ArithmeticError):
    """Training left the finite numbers: ``message`` says where, ``advice`` what to do."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
