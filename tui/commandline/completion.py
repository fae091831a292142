"""``digits-tui completion``: a script that lets the shell complete commands, options, runs, presets and hyperparameters."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

COMPLETE_VARIABLE = "_DIGITS_TUI_COMPLETE"
"""The environment's, by which a script asks; click derives it from the program's name."""


class _Bash(BashComplete):
    # Bash puts a space after a candidate; after KEY= it must not.
    source_template = BashComplete.source_template.replace(
        "    return 0\n", "    [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace 2>/dev/null\n    return 0\n"
    )


SHELLS: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": ZshComplete, "fish": FishComplete}


@click.command()
@click.argument("shell", type=click.Choice(list(SHELLS)))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a script that completes what is typed in a shell.

    It completes commands and options, the names of runs, presets, devices and data sets, and for --set the keys of hyperparameters and
    their values.
    """
    root = context.find_root()
    click.echo(SHELLS[shell](root.command, {}, "digits-tui", COMPLETE_VARIABLE).source(), nl=False)
