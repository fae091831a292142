"""Exceptions as people should read them: what went wrong, and what to do."""

from __future__ import annotations

from dataset import DatasetError
from engine.backend import DeviceError
from engine.events import Failed, ProtocolError
from engine.hyperparameters.configuration import HyperparameterError
from engine.runs.error import RunError, RunInUseError
from engine.storage.tensor_file import ModelFileError
from engine.training.divergence_error import DivergenceError


def failure(error: Exception) -> Failed:
    """The event that tells of an exception."""
    match error:
        case HyperparameterError():
            return Failed(kind="configuration", message="; ".join(error.problems), advice=error.advice)
        case RunInUseError():
            return Failed(kind="busy", message=error.message, advice=error.advice)
        case RunError():
            return Failed(kind="configuration", message=error.message, advice=error.advice)
        case DatasetError() | ModelFileError():
            return Failed(kind="data", message=error.message, advice=error.advice)
        case DeviceError():
            return Failed(kind="device", message=error.message, advice=error.advice)
        case DivergenceError():
            return Failed(kind="divergence", message=error.message, advice=error.advice)
        case ProtocolError():
            return Failed(kind="protocol", message=str(error), advice="Send one command a line, as JSON.")
        case MemoryError():
            return Failed(
                kind="device", message="there is not enough memory for this network", advice="Choose smaller layers or a smaller batch."
            )
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            return Failed(
                kind="file",
                message=f"{where}{error.strerror or error}",
                advice="Check the path, its permissions and the space on the disk.",
            )
        case _:
            return Failed(kind="internal", message=f"{type(error).__name__}: {error}", advice="The log has the details.")
