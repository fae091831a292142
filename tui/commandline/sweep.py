"""``digits-tui sweep``: automatic hyperparameter optimisation without the dashboard."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from engine.process import SIGNALS
from tui.commandline import candidates, options
from tui.commandline.errors import CommandLineError, ExitCode

if TYPE_CHECKING:
    from engine.sweep.coordinator import Coordinator
    from engine.sweep.error import SweepError
    from engine.sweep.request import Request


EXAMPLES = """
\b
Ranges and choices:
  --vary learning_rate.initial=1e-4..1e-1:log    on a logarithmic scale
  --vary regularization.dropout.hidden=0..0.5    on a linear one
  --vary training.batch_size=16..128:16          in steps
  --vary 'network.hidden=[16,16]|[64]|[128,64]'  choices
  --vary network.activation                      the range that comes with it

\b
Examples:
  digits-tui sweep --trials 40
  digits-tui sweep --name lr --preset readme --vary learning_rate.initial
  digits-tui sweep --name lr --trials 200        goes on with it
  digits-tui sweep --name night --minutes 480 --device gpu
  digits-tui sweep --executor population --sampler random --jobs 500
  digits-tui sweep --worker 'ssh gpu-box digits-tui worker'
  digits-tui sweep --executor dask --cluster tcp://10.0.0.1:8786
  digits-tui train --config .../sweeps/lr/best.toml

The study is sweeps/NAME.db in the runs directory; `optuna-dashboard sqlite:///FILE` opens it. Exit codes: 0 done, 1 a failure
while running, 2 bad usage or data, 3 no such device, 130 interrupted, 143 terminated, 129 hung up. An interrupted sweep goes on under
its name.
"""


@click.command(epilog=EXAMPLES, short_help="Find good hyperparameters by training many times.")
@click.option("--name", shell_complete=candidates.sweeps, help="Name the sweep; the name of an earlier one goes on with it.")
@click.option("--trials", type=int, metavar="N", help="Trials in all, with those of earlier parts of the sweep; 50 if nothing is said.")
@click.option("--minutes", type=float, metavar="M", help="Begin no trial after so many minutes in all.")
@click.option(
    "--vary",
    multiple=True,
    metavar="KEY[=SPACE]",
    shell_complete=candidates.varied,
    help="Vary a hyperparameter; may be repeated. See below.",
)
@click.option("--sampler", metavar="NAME", shell_complete=candidates.samplers, help="tpe (the default), cmaes, qmc or random.")
@click.option(
    "--pruner",
    metavar="NAME",
    shell_complete=candidates.pruners,
    help="Ends hopeless trials early: median (the default up to 40 trials), halving, or off.",
)
@click.option("--seed", type=int, help="Seed of the sampler; 0 if nothing is said. That of the trials is training.seed.")
@click.option("--top", type=int, default=5, show_default=True, metavar="N", help="Train so many of the best again with fresh seeds.")
@click.option(
    "--seeds",
    type=int,
    default=5,
    show_default=True,
    metavar="N",
    help="Fresh seeds for each of these; the highest mean wins. 0 leaves this out.",
)
@click.option(
    "--executor",
    default="processes",
    show_default=True,
    metavar="NAME",
    shell_complete=candidates.executors,
    help="processes on this machine, population on a GPU, or dask.",
)
@click.option("--cluster", metavar="ADDRESS", help="The Dask scheduler, tcp://HOST:PORT or tls://HOST:PORT.")
@click.option("--jobs", type=int, metavar="N", help="Trials at once; one an adapter, or one a core, if nothing is said.")
@options.device
@options.worker
@options.dataset
@options.hyperparameters
@options.runs_directory
@click.option("--json", "as_json", is_flag=True, help="Print events, one JSON object a line.")
@click.pass_context
def sweep(
    context: click.Context,
    /,
    preset: str,
    config: Path | None,
    assignments: tuple[str, ...],
    dataset: str,
    runs_directory: Path | None,
    worker: str | None,
    vary: tuple[str, ...],
    as_json: bool,
    **chosen: Any,
) -> None:
    """Find good hyperparameters by training many times.

    What --preset, --config and --set describe is what all trials have in common; --vary names what differs: without it learning rate,
    batch size, activation, dropout of the hidden layers and l2 of the weights. Trials are judged by their validation accuracy. At the end
    the best are trained again with fresh seeds, and the winner is tested once.
    """
    from engine.hyperparameters import configuration
    from engine.sweep.request import Request
    from tui.processes.command import worker_command

    command = worker_command(worker) if worker else None
    is_described = any(map(options.is_given, ("preset", "config", "assignments")))
    request = Request(
        **chosen,
        vary=list(vary) or None,
        worker=command,
        dataset=dataset if options.is_given("dataset") else None,
        runs_directory=str(runs_directory) if runs_directory else None,
        hyperparameters=configuration.plain(options.resolve(preset, config, assignments)) if is_described else None,
    )
    context.exit(_run(request, as_json))


def _run(request: Request, as_json: bool) -> int:
    """The exit code. Raises CommandLineError for what cannot be done."""
    from engine.events import Event, to_json
    from engine.sweep.coordinator import Coordinator
    from engine.sweep.error import SweepError
    from tui.commandline.sweep_reporter import SweepReporter

    reporter = SweepReporter()

    def tell(event: Event) -> None:
        if as_json:
            click.echo(to_json(event))
        else:
            reporter.report(event)

    coordinator = Coordinator(request, tell)
    with _stopped_by_signals(coordinator) as received:
        try:
            finished = coordinator.run()
        except SweepError as error:
            reporter.clear()
            raise CommandLineError(error.message, error.advice, _exit_code(error, reporter.had_a_worker)) from error
    if finished.reason != "stopped":
        return 0
    if not as_json:
        click.echo(f"Interrupted. Go on with: {reporter.how_to_resume}", err=True)
    return 128 + received[0] if received else ExitCode.FAILURE


@contextlib.contextmanager
def _stopped_by_signals(coordinator: Coordinator) -> Iterator[list[int]]:
    """The signals that came, of which the first stops the sweep and the second this process."""
    received: list[int] = []

    def receive(number: int, frame: FrameType | None) -> None:
        if received:
            os._exit(128 + number)
        received.append(number)
        coordinator.stop()

    handlers = {number: signal.signal(number, receive) for number in SIGNALS}
    try:
        yield received
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _exit_code(error: SweepError, had_a_worker: bool) -> int:
    if error.kind in ("configuration", "data"):
        return ExitCode.BAD_INPUT
    if error.kind == "device" and not had_a_worker:
        return ExitCode.NO_DEVICE
    return ExitCode.FAILURE
