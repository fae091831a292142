"""The options that several sub-commands share, and what their values mean together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dataset import DEFAULT_DATASET
from tui.commandline import candidates
from tui.commandline.errors import CommandLineError

if TYPE_CHECKING:
    from engine.hyperparameters.definitions import Hyperparameters

Function = TypeVar("Function", bound=Callable[..., Any])

DEFAULT_PRESET = "default"
SEED = "training.seed"
"""What --seed is short for."""

device = click.option(
    "--device",
    default="auto",
    show_default=True,
    metavar="DEVICE",
    shell_complete=candidates.devices,
    help="auto, cpu, gpu, or an index or a part of a name of `digits-tui devices`.",
)
dataset = click.option(
    "--dataset",
    default=DEFAULT_DATASET,
    show_default=True,
    metavar="NAME|DIR",
    shell_complete=candidates.datasets,
    help="A name of `digits-tui dataset list`, or a directory.",
)
test_dataset = click.option(
    "--dataset",
    metavar="NAME|DIR",
    shell_complete=candidates.datasets,
    help="Test digits other than those of the model's own data set.",
)
runs_directory = click.option(
    "--runs-dir",
    "runs_directory",
    type=click.Path(path_type=Path),
    help="Where runs are kept, if not where DIGITS_TUI_RUNS_DIR says, or in the user's data directory.",
)


def _check_worker(context: click.Context, parameter: click.Parameter, command: str | None) -> str | None:
    """Raises CommandLineError for a command that cannot be split into words."""
    if command is not None and not context.resilient_parsing:
        from engine.process import WORKER_ADVICE
        from tui.processes.command import worker_command

        try:
            worker_command(command)
        except ValueError as error:
            raise CommandLineError(f"the worker cannot be started: {error}", WORKER_ADVICE) from None
    return command


worker = click.option(
    "--worker",
    metavar="COMMAND",
    callback=_check_worker,
    help="Starts the worker, on another machine for example: 'ssh gpu-box digits-tui worker'. Its runs are copied here; a connection that "
    "breaks is made again, and the run goes on.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
model = click.argument("model", metavar="RUN|FILE", shell_complete=candidates.runs_and_files)


def hyperparameters(function: Function) -> Function:
    """--preset, --config and --set."""
    for option in (
        click.option(
            "--set",
            "assignments",
            multiple=True,
            metavar="KEY=VALUE",
            shell_complete=candidates.assignments,
            help="Set one hyperparameter, in TOML; may be repeated. Wins over --config.",
        ),
        click.option(
            "--config", type=click.Path(path_type=Path), metavar="FILE", help="Hyperparameters from a TOML file. Wins over --preset."
        ),
        click.option(
            "--preset",
            default=DEFAULT_PRESET,
            show_default=True,
            metavar="NAME",
            shell_complete=candidates.presets,
            help="A name of `digits-tui presets`.",
        ),
    ):
        function = option(function)
    return function


def is_given(parameter: str, context: click.Context | None = None) -> bool:
    """Whether a command, that which is running if none is named, was given an option, as opposed to taking its default."""
    return (context or click.get_current_context()).get_parameter_source(parameter) is click.core.ParameterSource.COMMANDLINE


def begins_with_preset(config: Path | None) -> bool:
    """Whether what is trained is of the preset: not where a file alone says what it is."""
    return config is None or is_given("preset")


def refuse_before_command(context: click.Context) -> None:
    """Raises CommandLineError for an option that stands before the sub-command that it is meant for."""
    for parameter in context.command.params:
        if parameter.name is not None and is_given(parameter.name, context):
            what = f"{parameter.opts[0]} stands before {context.invoked_subcommand}"
            raise CommandLineError(what, f"Put it after: `{context.command_path} {context.invoked_subcommand} {parameter.opts[0]} …`.")


def resolve(preset: str, config: Path | None, assignments: Sequence[str], seed: int | None = None) -> Hyperparameters:
    """The hyperparameters that the options describe: --seed and --set over --config over --preset.

    Raises HyperparameterError, and CommandLineError where --seed and --set contradict each other.
    """
    from engine import presets
    from engine.hyperparameters import configuration

    values = presets.preset(preset).hyperparameters
    if config is not None:
        values = configuration.read_toml(config, base=values)
    changes = dict(configuration.parse_assignment(assignment) for assignment in assignments)
    if seed is not None:
        other = changes.setdefault(SEED, seed)
        if other != seed:
            raise CommandLineError(f"--seed {seed} contradicts --set {SEED}={other}", "Give one of them.")
    return configuration.replace(values, changes)
