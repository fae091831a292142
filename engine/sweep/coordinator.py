"""Leads a sweep from its request to its end, and holds its lock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from dataset import Dataset, registry
from engine.data.part_sizes import part_sizes
from engine.events import Event
from engine.failures import failure
from engine.hyperparameters.configuration import HyperparameterError
from engine.model import DatasetFacts
from engine.runs.resumption import load_dataset
from engine.storage.lock import holding
from engine.sweep import executors, samplers
from engine.sweep.course import Sweep
from engine.sweep.dispatcher import Wish
from engine.sweep.error import SweepError
from engine.sweep.events import SweepFailed, SweepFinished
from engine.sweep.request import Request, Settings, first_settings, refuse_other, sweep_path
from engine.sweep.results import SETTINGS
from engine.sweep.stored import lock_path
from engine.sweep.study_file import StudyFile

ADVICE_IN_USE = "Wait for it to end, or stop it there."


class Coordinator:
    """Of one sweep, in the thread that calls ``run``. ``emit`` gets the events of ``engine.sweep.events``, in that thread."""

    def __init__(self, request: Request, emit: Callable[[Event], None]) -> None:
        self._request = request
        self._listener = emit
        self._sent = 0
        self._inbox: SimpleQueue[Any] = SimpleQueue()

    def pause(self) -> None:
        """Holds the trials that are going on, where their executor can, and begins no other; like the next two, from any thread and
        any signal handler.
        """
        self._inbox.put(Wish.PAUSE)

    def resume(self) -> None:
        self._inbox.put(Wish.RESUME)

    def stop(self) -> None:
        """Ends now. Trials that were going on begin anew when the sweep is gone on with."""
        self._inbox.put(Wish.STOP)

    def run(self) -> SweepFinished:
        """Leads the sweep to its end; its last event, which has been told.

        Raises SweepError, and what is wrong with a request: HyperparameterError, DatasetError, DeviceError, RunError; and OSError. What
        is finished is in the study file, and the last event is ``failed``.
        """
        try:
            return self._run()
        except Exception as error:
            self._emit(failed(error))
            raise

    def _emit(self, event: Event) -> None:
        self._sent += 1
        self._listener(replace(event, seq=self._sent, time=time.monotonic()))

    def _run(self) -> SweepFinished:
        self._request.check()
        path = sweep_path(self._request)
        new = None if path.exists() else self._new()  # first, so that a request that makes no sense leaves nothing behind
        path.parent.mkdir(parents=True, exist_ok=True)
        with holding(lock_path(path), SweepError(f"the sweep {path.stem} is in use by another process", ADVICE_IN_USE)):
            return self._run_locked(path, None if path.exists() else new)

    def _run_locked(self, path: Path, new: tuple[Settings, Dataset] | None) -> SweepFinished:
        file = StudyFile(path)
        try:
            settings, dataset = new or self._stored(file)
            notes = _check(settings, dataset) + executors.notes(self._request.executor, settings.spaces)
            file.set_attribute(SETTINGS, settings.plain())
            return Sweep(self._request, settings, dataset, file, self._inbox, self._emit).run(notes)
        except Exception:
            if new is not None and file.is_empty:
                file.remove()
            raise
        finally:
            file.close()

    def _new(self) -> tuple[Settings, Dataset]:
        dataset = load_dataset(self._request.dataset, None)
        settings = first_settings(self._request, DatasetFacts.of(dataset))
        _check(settings, dataset)
        return settings, dataset

    def _stored(self, file: StudyFile) -> tuple[Settings, Dataset]:
        stored = file.attribute(SETTINGS)
        if stored is None:
            if not file.is_empty:
                raise SweepError(f"{file.path} is a study, but no sweep of digits-tui", "Choose another name for the sweep.")
            return self._new()
        settings = Settings.from_plain(stored, str(file.path))
        refuse_other(settings, self._request, file.path.stem)
        return settings, self._dataset(settings)

    def _dataset(self, settings: Settings) -> Dataset:
        asked = self._request.dataset
        dataset = settings.facts.load() if asked is None else registry.load(asked)
        if dataset.fingerprint != settings.facts.fingerprint:
            raise SweepError(
                f"the sweep was begun on other data ({settings.facts.name}) than {dataset.name}", "Give that data by --dataset.", "data"
            )
        return dataset


def failed(error: Exception) -> SweepFailed:
    """The event that tells of an exception."""
    known = error if isinstance(error, SweepError) else failure(error)
    return SweepFailed(kind=known.kind, message=known.message, advice=known.advice)


def _check(settings: Settings, dataset: Dataset) -> list[str]:
    """Sentences on what a person should know. Raises HyperparameterError and SweepError."""
    _, validation = part_sizes(settings.base, dataset)
    if not validation:
        raise HyperparameterError(["training.validation_split has to be above 0: trials are judged by their validation accuracy"])
    return samplers.check_sampler(settings.sampler, settings.spaces)
