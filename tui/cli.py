"""The command line. Nothing heavy is imported before it is needed: `digits-tui --help` has to be quick."""

from __future__ import annotations

import importlib
import sys
from typing import Any, NoReturn

import click

from tui.commandline import candidates, options
from tui.commandline.errors import reported
from tui.commandline.examples import add_examples
from tui.commandline.group import CommandGroup

PROGRAM = "digits-tui"
COMMANDS = {
    "train": "train:train",
    "evaluate": "evaluate:evaluate",
    "predict": "predict:predict",
    "showcase": "showcase:showcase",
    "statistics": "statistics:statistics",
    "export": "export:export",
    "runs": "runs:runs",
    "devices": "lists:devices",
    "dataset": "datasets:dataset",
    "presets": "lists:presets",
    "sweep": "sweep:sweep",
    "bench": "bench:bench",
    "serve": "serve:serve",
    "completion": "completion:completion",
    "worker": "worker:worker",
}
"""Where each sub-command is, in the order of the help."""


class CommandLine(CommandGroup):
    """Imports a sub-command when it is asked for, and ends every failure with its exit code."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].partition(":")
        command = getattr(importlib.import_module(f"tui.commandline.{module}"), attribute)
        assert isinstance(command, click.Command)
        add_examples(command, f"{PROGRAM} {name}")
        return command

    def main(self, *arguments: Any, **named: Any) -> NoReturn:
        with reported():
            code = super().main(*arguments, **{**named, "prog_name": PROGRAM, "standalone_mode": False})
        sys.exit(code if isinstance(code, int) else 0)


@click.group(
    cls=CommandLine, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120}
)
@options.device
@options.dataset
@options.hyperparameters
@click.option("--open", "model", metavar="RUN|FILE", shell_complete=candidates.runs_and_files, help="Look at a run or a model file.")
@options.runs_directory
@options.worker
@click.version_option(package_name="digits-tui", message="%(prog)s %(version)s")
@click.pass_context
def main(context: click.Context, /, **chosen: Any) -> None:
    """Train, watch, tune and understand a small neural network that reads handwritten digits.

    Without a command, the dashboard opens.

    Exit codes: 0 done, 1 a failure while running, 2 bad usage, configuration or data, 3 no such device, 130 interrupted, 143 terminated,
    129 hung up.
    """
    if context.invoked_subcommand is None:
        from tui.commandline.dashboard import open_dashboard

        context.exit(open_dashboard(**chosen))
    options.refuse_before_command(context)


add_examples(main, PROGRAM)

if __name__ == "__main__":
    main()
