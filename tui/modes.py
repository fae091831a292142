"""The modes: all that the rest of the dashboard knows of a screen is its row here."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.client import WorkerClient
    from tui.screens.mode import ModeScreen


@dataclass(frozen=True)
class Mode:
    name: str
    """What actions name as the place where they work; the screen's ``MODE``."""
    keys: str
    """Those that show it, separated by commas; the first is shown."""
    title: str
    help: str
    screen: str
    """The module of ``tui.screens`` and the class, imported when it is shown first."""
    needs_run: bool = False
    """Whether there is little to see in it before a run is in hand."""

    @property
    def action(self) -> str:
        """The id of the action that shows it."""
        return f"view.show_{self.name}"

    @property
    def module(self) -> str:
        return f"tui.screens.{self.screen.partition(':')[0]}"

    @property
    def screen_class(self) -> type[ModeScreen]:
        found: type[ModeScreen] = getattr(import_module(self.module), self.screen.partition(":")[2])
        return found

    def make(self, client: WorkerClient) -> ModeScreen:
        return self.screen_class(client)


MODES = (
    Mode("train", "1,f1", "Train", "Hyperparameters, the run in hand, its charts and its log.", "train:TrainScreen"),
    Mode("digits", "2,f2", "Digits", "Test digits, and what the network takes them for.", "digits:DigitsScreen", needs_run=True),
    Mode(
        "statistics",
        "3,f3",
        "Statistics",
        "The network, its training and its errors in figures.",
        "statistics:StatisticsScreen",
        needs_run=True,
    ),
    Mode("sweep", "4,f4", "Sweep", "Automatic search for good hyperparameters, and what it has found.", "sweep:SweepScreen"),
    Mode("draw", "5,f5", "Draw", "A digit of your own, and what the network takes it for.", "draw:DrawScreen"),
    Mode("runs", "6,f6", "Runs", "All runs: find them, compare them, tidy them up.", "runs:RunsScreen"),
)
"""In the order of the header and of the keys. The first is the one that the dashboard opens with."""

PLACES = {"anywhere": "Anywhere", **{mode.name: mode.title for mode in MODES}}
"""Where keys may work, and what the help calls it."""
