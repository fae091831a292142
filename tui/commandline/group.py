"""Commands under one name; of one that is not there, the nearest is named."""

from __future__ import annotations

import click

from dataset.spelling import did_you_mean


class CommandGroup(click.Group):
    def resolve_command(self, context: click.Context, arguments: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        name = arguments[0]
        if self.get_command(context, name) is None and not name.startswith("-"):
            context.fail(f"there is no command {name!r}{did_you_mean(name, self.list_commands(context))}")
        return super().resolve_command(context, arguments)
