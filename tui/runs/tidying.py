"""What can be done about the room that runs take, as a picker offers it. Knows no widgets; everything here touches the disk."""

from __future__ import annotations

from pathlib import Path

from tui import formats
from tui.item import Item
from tui.wording import in_one_line

EMPTY, CHECKPOINTS, RESTORE = "empty", "checkpoints", "restore "
QUESTIONS = {EMPTY: "Delete what is in the trash for good?", CHECKPOINTS: "Delete the checkpoints of finished runs for good?"}


def items(root: Path) -> list[Item]:
    """What there is to do under a runs directory. Raises OSError."""
    from engine.runs.moves import list_trash
    from engine.runs.names import TRASH
    from engine.runs.pruning import needless_checkpoints
    from engine.storage.files import bytes_in

    deleted, needless = list_trash(root), needless_checkpoints(root)
    room = formats.size(sum(item.bytes for item in needless))
    return [
        *(Item(f"{RESTORE}{run.name}", f"Restore {in_one_line(run.name)}", _facts(run.test_accuracy, run.bytes)) for run in deleted),
        Item(EMPTY, "Empty the trash", f"{formats.count(len(deleted), 'run')}, {formats.size(bytes_in(root / TRASH))}"),
        Item(CHECKPOINTS, "Delete the checkpoints of finished runs", f"{room}; nothing goes on from them, and their models stay."),
    ]


def _facts(accuracy: float | None, size: int) -> str:
    return " · ".join(filter(None, (formats.percent(accuracy) if accuracy is not None else "", formats.size(size))))


def question(chosen: str) -> str:
    """What to ask before it is done; empty where it can be undone."""
    return QUESTIONS.get(chosen, "")


def perform(root: Path, chosen: str) -> str:
    """Does what was chosen; what was done, in a sentence. Raises RunError and OSError."""
    from engine.runs.moves import empty_trash, restore_run
    from engine.runs.pruning import needless_checkpoints, remove

    if chosen == EMPTY:
        empty_trash(root)
        return "The trash is empty."
    if chosen == CHECKPOINTS:
        needless = needless_checkpoints(root)
        remove(needless)
        return f"{formats.size(sum(item.bytes for item in needless))} of checkpoints deleted."
    return f"{restore_run(root, chosen.removeprefix(RESTORE)).name} is back."
