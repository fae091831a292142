"""``digits-tui worker``: the process that trains."""

from __future__ import annotations

import click


@click.command()
def worker() -> None:
    """Train on behalf of a dashboard.

    Commands come on stdin, events go to stdout, one JSON object a line.
    """
    from engine.worker import main

    main()
