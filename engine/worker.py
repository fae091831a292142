"""Trains in a process of its own: commands in on stdin, events out on stdout, one JSON object a line. ``engine.__main__`` starts it.

The main thread reads commands and takes signals; the engine thread owns the device and trains. The process ends with its stdin.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import queue
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from itertools import chain
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO, NoReturn

from dataset import Dataset
from engine import commands, devices
from engine.backend import Backend, Device
from engine.backends.plans import named_plan
from engine.commands import Command
from engine.data.part_sizes import part_sizes
from engine.evaluation import evaluate
from engine.events import Devices, Evaluated, Event, Failed, Finished, Hint, JobEnded, JobFailed, Progress, ProtocolError, Ready, to_json
from engine.failures import failure
from engine.hints.adviser import Adviser
from engine.hyperparameters.configuration import HyperparameterError, from_plain, replace_live
from engine.hyperparameters.definitions import Hyperparameters
from engine.jobs.courier import carried
from engine.jobs.group import GroupControl, JobGroup
from engine.jobs.job import train_job
from engine.model import DatasetFacts
from engine.model_file import load_model
from engine.process import SIGNALS, handle_signals, own_stdout
from engine.runs.courier import Courier
from engine.runs.index import find_run
from engine.runs.names import runs_directory
from engine.runs.resumption import Resumption, choose_device, load_dataset, reopen
from engine.runs.run import Run
from engine.runs.summary import read_summary
from engine.trainer import Trainer
from engine.training.control import Control

GRACE_WITHOUT_PARENT = 0.8
"""Seconds that the engine has to write its files once stdin is closed."""
GRACE_AFTER_SIGNAL = 5.0


class _End(BaseException):
    """Ends the process with ``code``, giving the engine ``grace`` seconds."""

    def __init__(self, code: int, grace: float) -> None:
        self.code = code
        self.grace = grace


class Writer:
    """Sends events, numbered and timed, from any thread."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._sent = 0
        self._is_broken = False

    def send(self, event: Event, before: Callable[[Event], None] | None = None) -> None:
        """Writes a line. ``before`` gets the numbered event first."""
        with self._lock:
            self._sent += 1
            numbered = replace(event, seq=self._sent, time=time.monotonic())
            if before is not None:
                before(numbered)
            if self._is_broken:
                return
            try:
                self._stream.write(to_json(numbered).encode(errors="replace") + b"\n")
                self._stream.flush()
            except OSError as error:
                self._is_broken = True
                print(f"nobody reads the events any more: {error}", file=sys.stderr, flush=True)


class Engine:
    """Does what commands say, one at a time, in a thread of its own."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._commands: queue.Queue[Command | None] = queue.Queue()
        self._control: Control | None = None
        """Of the run that is going on or waiting to start. The main thread sets it when there is none, the engine thread takes it away."""
        self._backend: Backend | None = None
        self._dataset: Dataset | None = None
        self._job: int | None = None
        """The sweep's job that ``_control`` belongs to; None for a run."""
        self._is_remote = False
        """Whether the client does not see this machine's disk."""
        self._any_device = False
        """Whether the device was named, so that a run may go on there that was trained on another."""
        self._runs_directory = runs_directory()
        self._courier = Courier()
        self._thread = threading.Thread(target=self._serve, name="engine", daemon=True)
        self._thread.start()

    def take(self, command: Command) -> None:
        """Passes a command on, from the main thread. Raises ProtocolError for one that does not fit what is going on."""
        control = self._control
        match command:
            case commands.Train() | commands.TrainJob() | commands.TrainJobs() | commands.Configure() if control is not None:
                raise ProtocolError(f"the command {command.name} has to wait until the run has ended")
            case commands.TrainJobs():
                self._control = GroupControl()
                self._commands.put(command)
            case commands.Train() | commands.TrainJob():
                self._job = command.job if isinstance(command, commands.TrainJob) else None
                self._control = Control()
                self._commands.put(command)
            case commands.StopJob() if isinstance(control, GroupControl):
                control.drop(command.job)
            case commands.StopJob():
                if control is not None and self._job == command.job:
                    control.abort()
            case commands.Configure() | commands.ListDevices() | commands.Evaluate():
                self._commands.put(command)
            case commands.Fetch():
                self._writer.send(self._courier.piece(self._runs_directory, command))
            case _ if control is None:
                raise ProtocolError(f"the command {command.name} needs a run that is going on")
            case commands.Pause():
                control.pause()
            case commands.Resume():
                control.resume()
            case commands.Stop():
                control.stop()
            case commands.Abort():
                control.abort()
            case commands.TakeSnapshot():
                control.snapshot()
            case commands.Set():
                try:
                    replace_live(Hyperparameters(), command.key, command.value)
                except HyperparameterError as error:
                    raise ProtocolError(str(error)) from None
                control.change(command.key, command.value)
            case _:
                raise ProtocolError(f"the command {command.name} is not known")

    def end(self, grace: float) -> None:
        """Interrupts what is going on, and waits for it for ``grace`` seconds."""
        control = self._control
        if control is not None:
            control.interrupt()
        self._commands.put(None)
        self._thread.join(grace)

    def _serve(self) -> None:
        while (command := self._commands.get()) is not None:
            try:
                self._do(command)
            except Exception as error:
                traceback.print_exc()
                if isinstance(command, commands.Train | commands.TrainJob | commands.TrainJobs):
                    self._control = None
                self._writer.send(failure(error))

    def _do(self, command: Command) -> None:
        match command:
            case commands.Configure():
                self._configure(command)
            case commands.ListDevices():
                self._writer.send(Devices(devices=_plain(devices.find_devices())))
            case commands.Evaluate():
                self._evaluate(command)
            case commands.Train():
                assert self._control is not None
                self._train(command, self._control)
            case commands.TrainJob():
                assert self._control is not None
                self._train_job(command, self._control)
            case commands.TrainJobs():
                assert isinstance(self._control, GroupControl)
                self._train_jobs(command, self._control)

    def _configure(self, command: commands.Configure) -> None:
        is_remote = command.witness is not None and not Path(command.witness).exists()
        root = runs_directory(None if is_remote else command.runs_directory)
        run = read_summary(find_run(command.run, root)) if command.run else None
        with ThreadPoolExecutor(1) as pool:
            loading = pool.submit(load_dataset, command.dataset, run)
            device, note, found = choose_device(command.device, run)
            dataset = loading.result()
        if self._backend is not None:
            self._backend.close()
            self._backend = None
        backend = devices.open_backend(device)
        backend.load(dataset)
        self._backend, self._dataset = backend, dataset
        self._any_device = command.device not in (None, devices.AUTO)
        self._runs_directory, self._is_remote = root, is_remote
        self._writer.send(
            Ready(
                device=device.plain(),
                devices=_plain(found),
                note=note,
                dataset=_facts(dataset),
                runs_directory=str(self._runs_directory),
                versions=_versions(device),
                is_remote=is_remote,
            )
        )

    def _configured(self) -> tuple[Backend, Dataset]:
        if self._backend is None or self._dataset is None:
            raise ProtocolError("the command configure has to come first")
        return self._backend, self._dataset

    def _evaluate(self, command: commands.Evaluate) -> None:
        _, dataset = self._configured()
        path = Path(command.model)
        model = load_model(path if path.exists() else find_run(command.model, self._runs_directory))
        model.check_fit(dataset)
        evaluation = evaluate(model.outputs(dataset.test.images), dataset.test.labels, model.network.loss)
        self._writer.send(Evaluated(model=command.model, part="test", evaluation=evaluation.plain()))

    def _train(self, command: commands.Train, control: Control) -> None:
        backend, dataset = self._configured()
        if command.resume is None:
            begun = self._begin(command, dataset)
        else:
            begun = reopen(find_run(command.resume, self._runs_directory), dataset, backend.device, self._any_device)
        run, adviser = begun.run, Adviser(begun.hyperparameters, dataset)

        def emit(event: Event) -> None:
            for item in adviser.with_hints(event):
                self._writer.send(item, lambda numbered: self._record(run, numbered))

        try:
            if run.summary.state == "finished":
                emit(_finished(run))
                return
            if begun.note:
                emit(Hint(kind="checkpoint", message=begun.note))
            plan = named_plan(command.plan, backend, dataset, begun.hyperparameters) if command.plan else None
            Trainer(begun.hyperparameters, dataset, backend, run, control, emit, begun.checkpoint, plan).train()
        except Exception as error:
            traceback.print_exc()
            failed = failure(error)
            try:
                run.write_summary(state="failed", reason=failed.message)
            except OSError:
                traceback.print_exc()
            emit(failed)
        finally:
            run.close()

    def _train_job(self, command: commands.TrainJob, control: Control) -> None:
        backend, dataset = self._configured()
        with self._carried([command]) as ([job], send):
            ended = train_job(job, dataset, backend, control, send)
            self._control = None
            send(ended)

    def _carried(self, jobs: list[commands.TrainJob]) -> AbstractContextManager[tuple[list[commands.TrainJob], Callable[[Event], None]]]:
        return carried(jobs, self._writer.send) if self._is_remote else nullcontext((jobs, self._writer.send))

    def _train_jobs(self, command: commands.TrainJobs, control: GroupControl) -> None:
        backend, dataset = self._configured()
        last = len(command.jobs)
        with self._carried([commands.TrainJob(**job) for job in command.jobs]) as (jobs, send):

            def emit(event: Event) -> None:
                nonlocal last
                if isinstance(event, JobEnded | JobFailed):
                    last -= 1
                    if not last:
                        self._control = None  # before the event is out, so that the next jobs may follow it
                send(event)

            JobGroup(jobs, command.models, dataset, backend, control, emit).train()
        self._control = None

    def _begin(self, command: commands.Train, dataset: Dataset) -> Resumption:
        hyperparameters = from_plain(command.hyperparameters)
        part_sizes(hyperparameters, dataset)
        run = Run.create(self._runs_directory, hyperparameters, command.preset, command.run_name, DatasetFacts.of(dataset))
        return Resumption(run, hyperparameters)

    def _record(self, run: Run, event: Event) -> None:
        """Keeps an event in the run's files, and lets go of the run before its last event is out. A run that failed before it began is
        not kept.
        """
        if isinstance(event, Progress):
            return
        try:
            if isinstance(event, Failed) and run.is_empty:
                run.discard()
            else:
                run.record(event)
        except OSError:
            traceback.print_exc()
        if isinstance(event, Finished | Failed):
            run.close()
            self._control = None


def _plain(found: list[Device]) -> list[dict[str, Any]]:
    return [device.plain() for device in found]


def _facts(dataset: Dataset) -> dict[str, Any]:
    return {**DatasetFacts.of(dataset).model_dump(mode="json"), "train": len(dataset.train), "test": len(dataset.test)}


def _finished(run: Run) -> Finished:
    summary = run.summary
    return Finished(
        reason=summary.reason or "epochs",
        explanation=summary.explanation,
        epochs=summary.epochs,
        best_epoch=summary.best_epoch,
        test_accuracy=summary.test_accuracy,
        test_loss=summary.test_loss,
        run=str(run.path),
    )


def _versions(device: Device) -> dict[str, str]:
    packages = ("digits-tui", "numpy", *(("wgpu",) if device.backend == "wgpu" else ()))
    return {"python": platform.python_version(), **{package: importlib.metadata.version(package) for package in packages}}


def _on_signal(number: int, frame: FrameType | None) -> NoReturn:
    handle_signals(signal.SIG_IGN)
    raise _End(SIGNALS[number], GRACE_AFTER_SIGNAL)


def _read_commands(engine: Engine, writer: Writer, first: bytes) -> NoReturn:
    """Passes commands on until there are no more; ends by raising _End."""
    for line in chain([first] if first else [], sys.stdin.buffer):
        try:
            command = commands.from_json(line)
            if isinstance(command, commands.Shutdown):
                break
            engine.take(command)
        except ProtocolError as error:
            writer.send(failure(error))
    raise _End(0, GRACE_WITHOUT_PARENT)


def main(events: BinaryIO | None = None, first: bytes = b"") -> NoReturn:
    """Serves until stdin is closed, ``shutdown`` comes, or a signal: exit code 0, 0, or 129, 130, 143.

    ``events`` is where to send events if not to stdout, ``first`` what was read of stdin already, a line.
    """
    if sys.platform != "win32":
        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    writer = Writer(events or own_stdout())
    try:
        engine = Engine(writer)
        handle_signals(_on_signal)
        _read_commands(engine, writer, first)
    except _End as end:
        handle_signals(signal.SIG_IGN)
        engine.end(end.grace)
        sys.stderr.flush()
        os._exit(end.code)


if __name__ == "__main__":
    from engine.__main__ import main as begin

    begin()
