"""``digits-tui train``: a run without the dashboard."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.commandline import options
from tui.commandline.errors import CommandLineError, ExitCode

if TYPE_CHECKING:
    from engine import commands, events
    from tui.commandline.worker_process import WorkerProcess

EXCLUDED_BY_RESUME = {"preset": "--preset", "config": "--config", "assignments": "--set", "seed": "--seed", "name": "--name"}


@click.command()
@options.device
@options.dataset
@options.hyperparameters
@click.option("--seed", type=int, help="The same as --set training.seed=SEED.")
@click.option("--name", help="Name the run's directory.")
@click.option("--resume", metavar="RUN", help="Go on with a run that was interrupted, or stopped, by its name or directory.")
@options.runs_directory
@options.worker
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
    resume: str | None,
    runs_directory: Path | None,
    worker: str | None,
    as_json: bool,
) -> None:
    """Train a network, without the dashboard: a line an epoch."""
    from engine import commands, configuration
    from tui.commandline.worker_process import WorkerProcess

    if resume is None:
        values = configuration.plain(options.resolve(preset, config, assignments, seed))
        command = commands.Train(hyperparameters=values, preset=preset, run_name=name)
    else:
        _refuse_beside_resume(context)
        command = commands.Train(resume=resume)
    configure = commands.Configure(device=device, dataset=dataset, runs_directory=str(runs_directory) if runs_directory else None)
    with WorkerProcess(worker) as process:
        context.exit(_train(process, configure, command, as_json))


def _refuse_beside_resume(context: click.Context) -> None:
    for parameter, option in EXCLUDED_BY_RESUME.items():
        if context.get_parameter_source(parameter) is click.core.ParameterSource.COMMANDLINE:
            raise CommandLineError(
                f"{option} cannot be given with --resume", "A run goes on with the name and the hyperparameters that it has."
            )


def _train(process: WorkerProcess, configure: commands.Configure, train: commands.Train, as_json: bool) -> int:
    """Trains to the end; the exit code. Raises CommandLineError for what the worker could not do."""
    from engine import events
    from tui.commandline.reporter import Reporter

    reporter = Reporter()
    run: str | None = None
    is_ready = False
    process.send(configure)
    for event, line in process.events():
        with contextlib.suppress(*((OSError,) if process.signal else ())):  # the terminal may be gone
            if as_json:
                click.echo(line, nl=False)
            elif process.signal is None:
                reporter.report(event)
        match event:
            case events.Ready():
                is_ready = True
                process.send(train)
            case events.Started():
                run = event.run
            case events.Finished():
                return 0
            case events.Failed():
                reporter.clear()
                advice = f"The details are in {process.log.path}." if event.kind == "internal" else event.advice
                raise CommandLineError(event.message, advice, _exit_code(event, is_ready))
    if process.signal is not None:
        with contextlib.suppress(OSError):
            reporter.clear()
            click.echo(f"Interrupted.{_how_to_resume(run)}", err=True)
        return 128 + process.signal
    reporter.clear()
    ended = process.wait()
    how = f"by signal {-ended}" if ended < 0 else f"with code {ended}"
    raise CommandLineError(f"the worker ended unexpectedly {how}", f"Its log is {process.log.path}.{_how_to_resume(run)}", ExitCode.FAILURE)


def _how_to_resume(run: str | None) -> str:
    return f" Go on with: digits-tui train --resume {run}" if run else ""


def _exit_code(failed: events.Failed, is_ready: bool) -> int:
    if failed.kind in ("configuration", "data"):
        return ExitCode.BAD_INPUT
    if failed.kind == "device" and not is_ready:
        return ExitCode.NO_DEVICE
    return ExitCode.FAILURE
