"""Accuracy, loss and learning rate, epoch by epoch, with the runs before dimmed behind."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.timer import Timer

from tui import formats
from tui.comparison import LETTERS, MOST
from tui.dashboard import dashboard
from tui.run_view import RunView, later_members
from tui.widgets.chart import Chart, Point, Series
from tui.widgets.key_hints import key_hints

UNLIKE = 2
"""The first of the curves' colours that is not like those of the run in hand."""
EMPTY = "from the first epoch on"
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

        &.-all #learning_rate {
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
        self._charts = {
            "accuracy": Chart("Accuracy", "%", EMPTY, lambda value: f"{value:.2f}%", has_log_scale=False, id="accuracy"),
            "loss": Chart("Loss", "", EMPTY, formats.decimals, id="loss"),
            "learning_rate": Chart("Learning rate", "", EMPTY, formats.scientific, id="learning_rate"),
        }
        self._shown: tuple[RunView | None, Sequence[RunView], Sequence[RunView]]
        self._drawn: tuple[RunView | None, Sequence[RunView], Sequence[RunView]]
        self._rest: Timer | None = None
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
        if self._rest is None:
            self._draw()
            self._rest = self.set_timer(REST, self._end_rest)

    def _end_rest(self) -> None:
        self._rest = None
        if self._shown is not self._drawn:
            self.show(*self._shown)

    def _draw(self) -> None:
        run, earlier, overlaid = self._drawn = self._shown
        begins = _begins(run)
        for name, factor in (("accuracy", 100.0), ("loss", 1.0)):
            series = [
                Series("train", _points(run, f"train_{name}", factor), "train", "━", begins=begins),
                Series("validation", _points(run, f"validation_{name}", factor), "validation", "•", dotted=True, begins=begins),
            ]
            self._charts[name].show([*series, *_behind(run, earlier, overlaid, name, factor)])
        rates = [Series("rate", _points(run, "learning_rate", 1.0), "train", "━", begins=begins)]
        self._charts["learning_rate"].show([*rates, *_behind(run, earlier, overlaid, "learning_rate", 1.0)])
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
        return self._rest is None

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


def _part(run: RunView) -> str:
    """The part of the data whose figures stand for the run."""
    return "train" if run.epochs and run.epochs[0].validation_loss is None else "validation"


def _behind(run: RunView | None, earlier: Sequence[RunView], overlaid: Sequence[RunView], chart: str, factor: float) -> list[Series]:
    """Those with names first, which are in front; each keeps its letter, whichever run is in hand and drawn in front of them all."""

    def points(item: RunView) -> list[Point]:
        return _points(item, chart if chart == "learning_rate" else f"{_part(item)}_{chart}", factor)

    named = [
        Series(
            f"{LETTERS[place]} {item.name}",
            points(item),
            f"curve-{(place + UNLIKE) % MOST}",
            "━",
            label=LETTERS[place],
            begins=_begins(item),
        )
        for place, item in enumerate(overlaid)
        if run is None or item.directory != run.directory
    ]
    return [*named, *(Series("earlier", points(item), "earlier", "┄", begins=_begins(item)) for item in earlier)]


def _begins(run: RunView | None) -> frozenset[float]:
    return later_members(run.epochs) if run is not None else frozenset()


def _points(run: RunView | None, field: str, factor: float) -> list[Point]:
    values = ((epoch.epoch, getattr(epoch, field)) for epoch in (run.epochs if run is not None else ()))
    return [(epoch, None if value is None else value * factor) for epoch, value in values]
