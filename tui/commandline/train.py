"""``digits-tui train``: a run without the dashboard."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.backends.plan_names import PLANS
from engine.runs import names as run_names
from tui.commandline import candidates, options
from tui.commandline.errors import CommandLineError, ExitCode
from tui.commandline.output import echo_json
from tui.runs.resume_command import resume_command

if TYPE_CHECKING:
    from engine import commands, events
    from engine.hyperparameters.definitions import Hyperparameters
    from tui.commandline.worker_process import WorkerProcess

EXCLUDED_BY_RESUME = {
    "preset": "--preset",
    "config": "--config",
    "assignments": "--set",
    "seed": "--seed",
    "name": "--name",
    "plan": "--plan",
    "dry_run": "--dry-run",
}

CRASHES = ("SIGABRT", "SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE")


@click.command()
@options.device
@options.dataset
@options.hyperparameters
@click.option("--seed", type=int, help=f"The same as --set {options.SEED}=SEED.")
@click.option("--name", help="Name the run's directory.")
@click.option(
    "--plan",
    type=click.Choice(PLANS),
    metavar="PLAN",
    help="How to compute: layered or resident on an adapter, numpy on the CPU. The fastest, if not given.",
)
@click.option(
    "--resume",
    metavar="RUN",
    shell_complete=candidates.runs,
    help="Go on with a run that was interrupted, or stopped, by its name or directory.",
)
@options.runs_directory
@options.worker
@click.option(
    "--tensorboard",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Also write TensorBoard event files, in a directory of the run's name there.",
)
@click.option("--dry-run", is_flag=True, help="Only show the hyperparameters that this would train with, as --config takes them.")
@click.option("--json", "as_json", is_flag=True, help="Print the worker's events, one JSON object a line.")
@click.pass_context
def train(
    context: click.Context,
    device: str,
    dataset: str,
    preset: str,
    config: Path | None,
    assignments: tuple[str, ...],
    seed: int | None,
    name: str | None,
    plan: str | None,
    resume: str | None,
    runs_directory: Path | None,
    worker: str | None,
    tensorboard: Path | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Train a network, without the dashboard: a line an epoch.

    In a line, LR is the mean learning rate of the epoch; Acc. and Cost are accuracy and loss on the validation part, or on the training
    part where there is no other; the time and the speed are those of training alone.

    With --json, stdout has the worker's events instead: ready, started, progress, epoch and more. The last one is finished or failed; there
    is none after an interruption, and none where the options are wrong. The exit code tells in each case.
    """
    from engine import commands
    from tui.commandline.datasets import ensure
    from tui.commandline.worker_process import WorkerProcess

    if resume is not None:
        _refuse_beside_resume()
        resume = _there(resume, worker, runs_directory)
    if name is not None:
        _check_name(name, worker, runs_directory)
    if dry_run:
        _show(options.resolve(preset, config, assignments, seed), as_json)
        return
    configure = commands.Configure(
        device=device if resume is None or options.is_given("device") else None,
        dataset=dataset if resume is None or options.is_given("dataset") else None,
        run=resume,
        runs_directory=str(runs_directory) if runs_directory else None,
    )
    if worker is None and configure.dataset is not None:
        ensure(configure.dataset)
    with WorkerProcess(worker, runs_directory) as process:  # it takes the longest to start: the hyperparameters are looked at meanwhile
        process.send(configure)
        command = _new_run(preset, config, assignments, seed, name, plan) if resume is None else commands.Train(resume=resume)
        with _recording(tensorboard) as record:
            context.exit(_train(process, configure, command, as_json, record))


def _show(values: Hyperparameters, as_json: bool) -> None:
    from engine.hyperparameters import configuration

    if as_json:
        echo_json(configuration.plain(values))
    else:
        click.echo(configuration.to_toml(values), nl=False)


def _new_run(
    preset: str, config: Path | None, assignments: tuple[str, ...], seed: int | None, name: str | None, plan: str | None
) -> commands.Train:
    from engine import commands
    from engine.hyperparameters import configuration
    from engine.presets import name_of

    values = options.resolve(preset, config, assignments, seed)
    begins_with = preset if options.begins_with_preset(config) else name_of(values)
    return commands.Train(hyperparameters=configuration.plain(values), preset=begins_with, run_name=name, plan=plan)


@contextlib.contextmanager
def _recording(tensorboard: Path | None) -> Iterator[Callable[[events.Event], None]]:
    """What takes the worker's events for TensorBoard, where that is asked for."""
    if tensorboard is None:
        yield lambda event: None
        return
    from engine.export.tensorboard import Recording

    with contextlib.closing(Recording(tensorboard)) as recording:
        yield recording.record


def _check_name(name: str, worker: str | None, chosen: Path | None) -> None:
    """Raises RunError for what cannot be a new run's name. Where the worker is on another machine, it alone knows which are taken."""
    if worker is None:
        run_names.check_new_name(name, run_names.runs_directory(chosen))
    else:
        run_names.check_name(name)


def _there(run: str, worker: str | None, runs_directory: Path | None) -> str:
    """What a run is called where the worker is."""
    if worker is None:
        return run
    from engine.runs.error import RunError
    from engine.runs.index import find_run
    from tui.processes.mirror import remote_run

    try:
        return remote_run(find_run(run, run_names.runs_directory(runs_directory)), worker) or run
    except RunError:
        return run


def _refuse_beside_resume() -> None:
    for parameter, option in EXCLUDED_BY_RESUME.items():
        if options.is_given(parameter):
            raise CommandLineError(
                f"{option} cannot be given with --resume", "A run goes on with the name and the hyperparameters that it has."
            )


def _train(
    process: WorkerProcess, configure: commands.Configure, train: commands.Train, as_json: bool, record: Callable[[events.Event], None]
) -> int:
    """Trains to the end; the exit code. Raises CommandLineError for what the worker could not do."""
    from engine import events
    from tui.commandline.persistence import Persistence
    from tui.commandline.reporter import Reporter

    reporter = Reporter()
    started: events.Started | None = None
    last = events.Event()
    is_ready = False
    for event, line in Persistence(process, configure, train, reporter).events():
        last = event
        record(event)
        with contextlib.suppress(*((OSError,) if process.signal else ())):  # the terminal may be gone
            if as_json:
                click.echo(line, nl=False)
            elif process.signal is None or isinstance(event, events.MemberEnded | events.Finished):
                reporter.report(event)
        match event:
            case events.Ready():
                is_ready = True
            case events.Started():
                started = event
            case events.Finished():
                return 0
            case events.Failed():
                reporter.clear()
                raise CommandLineError(
                    event.message, _advice(event, started, process.log.path, process.remote), _exit_code(event, is_ready)
                )
    if process.signal is not None:
        with contextlib.suppress(OSError):
            reporter.clear()
            click.echo(f"Interrupted.{_how_to_resume(started, process.remote)}", err=True)
        return 128 + process.signal
    reporter.clear()
    failed = death(process.wait(), started, process.log.path, process.remote)
    if not is_ready and (words := process.log.last_words()):
        failed = replace(failed, message=f"{failed.message}: {words}")
    if as_json:
        click.echo(events.to_json(replace(failed, seq=last.seq + 1, time=last.time)))
    raise CommandLineError(failed.message, failed.advice, ExitCode.FAILURE)


def death(ended: int, started: events.Started | None, log: Path, worker: str | None = None) -> events.Failed:
    """What a worker that is suddenly gone would have said. ``ended`` is its exit code, or minus the signal that ended it."""
    from engine import events

    name = {number.value: number.name for number in signal.Signals}.get(-ended, str(-ended))
    how, why, elsewhere = f"by signal {name}" if ended < 0 else f"with code {ended}", "", ""
    if name == "SIGKILL":
        why = ", as where memory runs out"
    elif name in CRASHES and started is not None and started.device["backend"] != "cpu":
        why, elsewhere = ", as where a graphics driver fails", " Should it happen again, train on the CPU (--device cpu)."
    return events.Failed(
        kind="device" if why else "internal",
        message=f"the worker ended unexpectedly {how}{why}",
        advice=f"Its log is {log}.{elsewhere}{_how_to_resume(started, worker)}",
    )


def _advice(failed: events.Failed, started: events.Started | None, log: Path, worker: str | None) -> str:
    advice = f"The details are in {log}." if failed.kind == "internal" else failed.advice
    return f"{advice}{_how_to_resume(started, worker)}" if failed.kind in ("device", "file", "internal") else advice


def _how_to_resume(started: events.Started | None, worker: str | None) -> str:
    return f" Go on with: {resume_command(started.run, worker)}" if started else ""


def _exit_code(failed: events.Failed, is_ready: bool) -> int:
    if failed.kind in ("busy", "configuration", "data"):
        return ExitCode.BAD_INPUT
    if failed.kind == "device" and not is_ready:
        return ExitCode.NO_DEVICE
    return ExitCode.FAILURE
