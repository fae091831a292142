"""``digits-tui worker``: the process that trains."""

from __future__ import annotations

import click


@click.command(short_help="Train on behalf of a dashboard, which starts it.")
def worker() -> None:
    """Train on behalf of a dashboard, which starts it here, or by --worker on another machine.

    Commands come on stdin, events go to stdout, one JSON object a line; the log goes to stderr. Commands: configure, devices, train,
    pause, resume, stop, abort, set, snapshot, evaluate, fetch, shutdown, and job, jobs and stop_job for a sweep. Configure
    comes first, and ready or failed answers. A run's last event is finished, or failed of another kind than protocol: that kind tells of a
    command that could not be obeyed.

    It ends with its stdin, within a second, and writes a checkpoint before: a run goes on from there. Where it does not see the dashboard's
    disk, it keeps runs in its user's data directory, or the one that DIGITS_TUI_RUNS_DIR names, and hands out their files.

    Exit codes: 0 after shutdown or the end of stdin, 129, 130, 143 after a signal.
    """
    from engine.__main__ import main

    main()
