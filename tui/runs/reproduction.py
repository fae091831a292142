"""The command line that trains a run once more."""

from __future__ import annotations

from engine.hyperparameters.configuration import flatten, format_value, from_plain
from engine.presets import PRESETS
from engine.runs.live_changes import described_all
from tui.form.draft import command_line
from tui.runs.view import RunView


def reproduction(run: RunView) -> tuple[str, str]:
    """The command for a run that was started, and in a sentence what it leaves out; an empty one where it leaves out nothing.

    The values are those that the run began with; the device and the data set are those that the run had, whatever was asked for.
    """
    assert run.started is not None
    values = from_plain(run.hyperparameters)
    device, dataset = run.started.device, run.started.dataset
    request = "cpu" if device.get("backend") == "cpu" else str(device.get("name", "auto"))
    preset_name = run.preset if run.preset in PRESETS else "default"
    command = command_line(values, preset_name, request, dataset.get("path") or dataset["name"])
    if not run.changes:
        return command, ""
    changes = described_all(flatten(values), run.changes, format_value)
    return command, f"The run was changed while it trained, which the command leaves out: {changes}."
