"""Accuracy, loss and learning rate, epoch by epoch, with the runs before dimmed behind."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content

from tui.dashboard import dashboard
from tui.runs.comparison import LETTERS, MOST
from tui.runs.view import RunView, later_members
from tui.widgets import learning_curves
from tui.widgets.chart import Series
from tui.widgets.key_hints import key_hints
from tui.widgets.pace import Pace

UNLIKE = 2
"""The first of the curves' colours that is not like those of the run in hand."""
REST = 0.3
"""Seconds between two drawings, at the least: drawing takes a few hundredths of a second."""


class RunCharts(Container, can_focus=True):
    """All charts, or one of them alone; the cursor, if there is one, is in the same epoch in all."""

    DEFAULT_CSS = """
    RunCharts {
        layout: grid;
        grid-size: 2;
        grid-rows: 2fr 1fr;

        Chart {
            height: 100%;
        }

        &.-all #learning-rate {
            column-span: 2;
        }

        &.-zoomed {
            grid-size: 1;
            grid-rows: 1fr;
        }

        Chart.-hidden {
            display: none;
        }
    }
    """

    def __init__(self) -> None:
        super().__init__(classes="-all")
        self._charts = learning_curves.charts("from the first epoch on")
        self._shown: tuple[RunView | None, Sequence[RunView], Sequence[RunView]]
        self._pace = Pace(self, REST, self._draw)
        self._epochs: list[int] = []
        self._zoomed: str | None = None
        self._is_logarithmic = False
        self.cursor: int | None = None
        """The epoch whose values are read."""

    def compose(self) -> ComposeResult:
        yield from self._charts.values()

    def show(self, run: RunView | None, earlier: Sequence[RunView], overlaid: Sequence[RunView] = ()) -> None:
        """Draws a run in front of those that were overlaid, and those in front of earlier ones, the latest of them first; some time later
        where epochs come fast.
        """
        self._shown = run, earlier, overlaid
        self._epochs = sorted({epoch.epoch for item in (run, *earlier, *overlaid) if item is not None for epoch in item.epochs})
        self._pace.ask()

    def _draw(self) -> None:
        run, earlier, overlaid = self._shown
        for field, chart in self._charts.items():
            chart.show([*(_in_front(run, field) if run is not None else ()), *_behind(run, earlier, overlaid, field)])
        if self.cursor is not None and self.cursor not in self._epochs:
            self.point_at(None)
        self._offer_keys()

    def _offer_keys(self) -> None:
        """On the first chart that is shown those of all; that of the scale on those that have one."""
        key = dashboard(self).key
        scale = "linear scale" if self._is_logarithmic else "log scale"
        first = self._zoomed or next(iter(self._charts))
        for name, chart in self._charts.items():
            offered = [(key("train.zoom"), "zoom"), (key("train.cursor"), "read values")] if name == first else []
            if chart.has_log_scale:
                offered.append((key("train.log_scale"), scale))
            if self.cursor is not None:
                offered = [(f"{key('train.cursor_left')} {key('train.cursor_right')} Esc", "")]
            chart.offer(key_hints(*offered, gap="  ") if self._epochs else Content())

    @property
    def is_up_to_date(self) -> bool:
        """Whether all that was to be shown is drawn."""
        return not self._pace.is_resting

    @property
    def has_epochs(self) -> bool:
        return bool(self._epochs)

    def zoom(self) -> None:
        """One chart alone: the next each time, and in the end all again."""
        names = [None, *self._charts]
        self._zoomed = names[(names.index(self._zoomed) + 1) % len(names)]
        self.set_class(self._zoomed is not None, "-zoomed")
        self.set_class(self._zoomed is None, "-all")
        for name, chart in self._charts.items():
            chart.set_class(self._zoomed not in (None, name), "-hidden")
        self._offer_keys()

    def toggle_log_scale(self) -> None:
        """Loss and learning rate on a logarithmic scale, or no longer."""
        self._is_logarithmic = not self._is_logarithmic
        for chart in self._charts.values():
            chart.scale(self._is_logarithmic)
        self._offer_keys()

    def toggle_cursor(self) -> None:
        self.point_at(self._epochs[-1] if self.cursor is None and self._epochs else None)

    def move_cursor(self, by: int) -> None:
        """To another epoch, no further than the first and the last."""
        if self.cursor is None:
            self.toggle_cursor()
        else:
            place = self._epochs.index(self.cursor) + by
            self.point_at(self._epochs[max(0, min(len(self._epochs) - 1, place))])

    def point_at(self, epoch: int | None) -> None:
        self.cursor = epoch
        for chart in self._charts.values():
            chart.point_at(epoch)
        self._offer_keys()


def _in_front(run: RunView, field: str) -> list[Series]:
    """The curves of the run in hand."""
    begins = later_members(run.epochs)
    train = learning_curves.points(run.epochs, field, "train")
    if field == "learning_rate":
        return [Series("rate", train, "train", "━", begins=begins)]
    validation = learning_curves.points(run.epochs, field, "validation")
    return [
        Series("train", train, "train", "━", begins=begins),
        Series("validation", validation, "validation", "•", dotted=True, begins=begins),
    ]


def _behind(run: RunView | None, earlier: Sequence[RunView], overlaid: Sequence[RunView], field: str) -> list[Series]:
    """Those with names first, which are in front; each keeps its letter, whichever run is in hand and drawn in front of them all."""
    named = [
        _one_curve(item, field, f"{LETTERS[place]} {item.name}", f"curve-{(place + UNLIKE) % MOST}", "━", LETTERS[place])
        for place, item in enumerate(overlaid)
        if run is None or item.directory != run.directory
    ]
    return [*named, *(_one_curve(item, field, "earlier", "earlier", "┄") for item in earlier)]


def _one_curve(run: RunView, field: str, name: str, colour: str, sign: str, letter: str = "") -> Series:
    points = learning_curves.points(run.epochs, field, learning_curves.judged_part(run.epochs))
    return Series(name, points, colour, sign, label=letter, begins=later_members(run.epochs))
