"""A digit of one's own, and what the newest network takes it for while it is drawn."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Paste
from textual.geometry import Size

from dataset import DatasetError
from dataset.paths import expanded
from engine.data.collection import Drawn
from engine.model import Model
from tui import clipboard, shades
from tui.bindings import bindings
from tui.client import WorkerClient
from tui.dashboard import dashboard
from tui.digits.gallery import Digits
from tui.drawing import collecting
from tui.drawing import files as drawing_files
from tui.drawing.collecting import Kept
from tui.drawing.easel import Easel, easel
from tui.drawing.sight import Sight, look_at
from tui.drawing.strokes import SIDE, WIDTHS, Drawing, Operation, Picture, Point, Whole
from tui.drawing.text import DrawingError, from_art, from_plain, plain
from tui.importing import imported
from tui.log import note
from tui.new_files import unused
from tui.resizing import resized
from tui.screens.label import LabelPicker
from tui.screens.model_screen import ModelScreen
from tui.screens.prompt import Prompt
from tui.widgets.canvas import Canvas
from tui.widgets.sight_pane import SightPane
from tui.wording import with_advice

STEPS = 28
"""Places of the cursor, either way, where the canvas has as many lines; else as many as those, so that every step is to be seen."""
CENTRE = (0.5, 0.5)
MARKS = {(False, False): "○", (False, True): "●", (True, False): "✗", (True, True): "✘"}
"""Of the cursor: whether it erases, and whether the pen is down."""
UNKNOWN = (28, 28)
"""Height and width of what the network sees, before there is a data set."""
QUICK = 4_000_000
"""Parameters up to which a network looks in less time than it takes to ask a thread."""
CHROME = 2
"""Lines of header and footer."""


class DrawScreen(ModelScreen):
    MODE = "draw"
    CSS_PATH = ["mode.tcss", "draw.tcss"]
    BINDINGS = bindings("draw")

    def __init__(self, client: WorkerClient) -> None:
        super().__init__(client)
        self.drawing = Drawing()
        self.sight: Sight | None = None
        """What the network sees of it, a moment ago at the most."""
        self._cursor: Point = CENTRE
        self._width, self._erases = len(WIDTHS) // 2, False
        self._wanted = self._looked = (self.drawing.levels, UNKNOWN, self.model)
        """What to look at next, and what ``sight`` is of."""
        self._is_looking = self._is_due = False
        self._plan: Easel | None = None
        self._drawn: Drawn | None = None
        """What has been collected; None before that is known."""
        self._kept: list[Kept] = []

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="panes"):
            with Vertical(id="paper"):
                yield Canvas()
            yield SightPane()

    def on_mount(self) -> None:
        width = dashboard(self).arrangement("draw.width", self._width)
        self._width = min(max(width, 0), len(WIDTHS) - 1)
        try:
            self.drawing = Drawing(from_plain(dashboard(self).arrangement("draw.drawing", [])))
        except DrawingError as error:
            note(f"The last drawing cannot be used, so the canvas is empty: {error}")
        self._change(keep=False)
        self.run_worker(imported("PIL.Image"), group="import")  # before the first stroke has to wait for it

    def on_unmount(self) -> None:
        self._remember()

    def on_screen_suspend(self) -> None:
        self._lift()

    # What there is to show

    def take_digits(self, digits: Digits | None) -> None:
        super().take_digits(digits)
        self._drawn = None
        self._look()
        if digits is not None:
            self._read_collection(digits)

    def take(self, model: Model, run_directory: str) -> None:
        super().take(model, run_directory)
        self._look()

    @work(group="collection", exclusive=True)
    async def _read_collection(self, digits: Digits) -> None:
        try:
            self._drawn = await asyncio.to_thread(collecting.read, digits.dataset)
        except DatasetError as error:
            self.notify(with_advice(error), severity="warning", markup=False)
        self.show()

    async def study(self, model: Model, digits: Digits) -> None:
        """The drawing is looked at as soon as there is a model."""

    @property
    def _shape(self) -> tuple[int, int]:
        return UNKNOWN if self.digits is None else (self.digits.dataset.height, self.digits.dataset.width)

    @property
    def _class_names(self) -> tuple[str, ...]:
        return () if self.digits is None else self.digits.classes

    def _look(self) -> None:
        self._wanted = (self.drawing.levels, self._shape, self.model)
        if self.model is None or self.model.network.parameter_count <= QUICK:
            self.sight, self._looked = look_at(self.drawing.levels, *self._shape, self.model), self._wanted
            self.show()
        elif not self._is_looking:
            self._is_looking = True
            self._look_on()

    @work(group="look")
    async def _look_on(self) -> None:
        """One look at a time; of the strokes made meanwhile, only at the last."""
        try:
            while self._looked is not self._wanted and not self.is_closing:
                wanted = self._wanted
                levels, shape, model = wanted
                self.sight = await asyncio.to_thread(look_at, levels, *shape, model)
                self._looked = wanted
                self.show()
        finally:
            self._is_looking = False

    def show(self) -> None:
        pane, height, width = self.query_one(SightPane), *self._shape
        plan = easel(Size(self.size.width, self.size.height - CHROME), height, width)
        if plan != self._plan:
            self._plan = plan
            canvas = self.query_one(Canvas)
            canvas.styles.width, canvas.styles.height = plan.canvas
            pane.make_room(plan)
        self._show_pen()
        pane.show(self.sight, self._class_names, "Nothing drawn yet" if self.drawing.is_empty else "No prediction")
        pane.advise(self._note(), is_blind=self.model is None or bool(self.problem))
        pane.show_collected(self._drawn, self._class_names)

    def _show_pen(self) -> None:
        """The drawing, the cursor, and what the pen would do."""
        canvas, paper, is_down = self.query_one(Canvas), self.query_one("#paper"), self.drawing.is_drawing
        canvas.levels = self.drawing.levels
        canvas.mark = MARKS[self._erases, is_down]
        paper.border_title = "Canvas"
        tool = "eraser" if self._erases else "pen"
        keys = f"{dashboard(self).key('draw.thinner')} {dashboard(self).key('draw.thicker')}"
        paper.border_subtitle = f"{tool} {'down' if is_down else 'up'} · brush {self._width + 1} of {len(WIDTHS)}: {keys}"

    def _note(self) -> Content:
        if self.problem:
            return Content.styled(self.problem, "$text-error")
        app = dashboard(self)
        if self.model is None:
            return Content(f"There is no model yet. {self.first_steps}")
        if self.drawing.is_empty:
            return Content(f"Draw with the mouse, or with the arrow keys and {app.key('draw.pen')}.")
        keep = f"Is it wrong? {app.key('draw.keep')} keeps it with its right label."
        return Content.styled(f"{self.model.stage.capitalize()}. {keep}", "$foreground-muted")

    # Drawing

    def _change(self, keep: bool = True) -> None:
        """Shows what has been done to the drawing, and looks at it."""
        self._show_pen()
        self._look()
        if keep:
            self._remember()

    def _remember(self) -> None:
        """For the next time."""
        dashboard(self).arrange("draw.drawing", plain(self.drawing.operations))

    def _lift(self) -> None:
        self.drawing.end()
        self._change()

    def on_canvas_touched(self, message: Canvas.Touched) -> None:
        self.query_one(Canvas).cursor = None
        self._cursor = message.point
        self.drawing.begin(message.point, WIDTHS[self._width], self._erases or message.is_right)
        self._change(keep=False)

    def on_canvas_stroked(self, message: Canvas.Stroked) -> None:
        self._cursor = message.point
        self.drawing.go_on(message.point)
        if not self._is_due:
            self._is_due = True
            self.call_later(self._catch_up_with_mouse)

    def _catch_up_with_mouse(self) -> None:
        """Once for all the strokes that have come in."""
        self._is_due = False
        self._change(keep=False)

    def on_canvas_released(self) -> None:
        self._lift()

    def action_move(self, across: int, down: int) -> None:
        """The cursor, and the pen where it is down, by steps; from where the mouse left it, onto the grid of keys."""
        canvas = self.query_one(Canvas)
        steps = max(1, min(STEPS, canvas.size.height))
        places = (round(share * steps - 0.5) + by for share, by in zip(self._cursor, (across, down), strict=True))
        x, y = ((min(max(place, 0), steps - 1) + 0.5) / steps for place in places)
        self._cursor = canvas.cursor = (x, y)
        if self.drawing.is_drawing:
            self.drawing.go_on(self._cursor)
            self._change(keep=False)

    def action_pen(self) -> None:
        self.query_one(Canvas).cursor = self._cursor
        if self.drawing.is_drawing:
            self._lift()
        else:
            self.drawing.begin(self._cursor, WIDTHS[self._width], self._erases)
            self._change()

    def action_leave_field(self) -> None:
        self._lift()
        super().action_leave_field()

    def action_eraser(self) -> None:
        self._erases = not self._erases
        self._lift()

    def action_change_width(self, by: int) -> None:
        self._width = min(max(self._width + by, 0), len(WIDTHS) - 1)
        dashboard(self).arrange("draw.width", self._width)
        self._lift()

    def action_undo(self) -> None:
        if not self.drawing.undo():
            self.notify("There is nothing to undo.")
        self._change()

    def action_redo(self) -> None:
        if not self.drawing.redo():
            self.notify("Nothing was undone.")
        self._change()

    def action_clear(self) -> None:
        self._do(Whole.CLEAR)

    def action_invert(self) -> None:
        self._do(Whole.INVERT)

    def _do(self, *operations: Operation) -> None:
        for operation in operations:
            self.drawing.do(operation)
        self._change()

    def action_random(self) -> None:
        """A test digit on the canvas, to draw in."""
        if self.digits is not None:
            image = self.digits.image(random.randrange(len(self.digits)))
            self._do(Picture(resized(image, SIDE, SIDE)))

    # Files and the clipboard

    @work
    async def action_save(self) -> None:
        if self.drawing.is_empty:
            self.notify("There is nothing drawn to save.", severity="warning")
            return
        seen = await asyncio.to_thread(look_at, self.drawing.levels, *self._shape, None)
        check = partial(_written, drawing=self.drawing, sight=seen)
        path = await self.app.push_screen_wait(Prompt("Save as PNG, JSON (the strokes) or IDX (as seen)", unused("drawing.png"), check))
        if path is not None:
            self.notify(f"Written to {expanded(path).resolve()}.", markup=False)

    @work
    async def action_load(self) -> None:
        loading = drawing_files.Loading()
        title = "Load a picture (PNG, JPEG, IDX) or a drawing (JSON)"
        if await self.app.push_screen_wait(Prompt(title, check=loading.problem)):
            self._show_loaded(loading.operations)

    def _show_loaded(self, operations: Sequence[Operation]) -> None:
        """A picture takes the canvas; strokes begin on an empty one."""
        self._do(*(() if isinstance(operations[0], Picture) else (Whole.CLEAR,)), *operations)

    @work
    async def action_paste(self) -> None:
        text = await asyncio.to_thread(clipboard.paste) or self.app.clipboard
        if text.strip():
            await self._take_text(text)
        else:
            self.notify(
                "The clipboard cannot be read, or holds no text. Paste with the terminal's own key: a picture's path, or ASCII art."
            )

    @work
    async def on_paste(self, event: Paste) -> None:
        await self._take_text(event.text)

    async def _take_text(self, text: str) -> None:
        """The path of a picture, or a drawing in characters."""
        path = drawing_files.pasted_path(text)
        if path is not None:
            loading = drawing_files.Loading()
            problem = await loading.problem(str(path))
            if problem:
                self.notify(problem, severity="warning", markup=False)
            else:
                self._show_loaded(loading.operations)
            return
        try:
            picture = Picture(from_art(text))
        except DrawingError as error:
            self.notify(f"What was pasted is neither the path of a picture nor a drawing: {error}.", severity="warning", markup=False)
        else:
            self._do(picture)

    def action_copy(self) -> None:
        """What the network sees, in characters."""
        if self.sight is None or self.drawing.is_empty:
            self.notify("There is nothing drawn to copy.", severity="warning")
        else:
            self.app.copy_to_clipboard("\n".join(row.rstrip() for row in shades.rows(self.sight.image)) + "\n")
            self.notify("Copied, in characters.")

    # Drawings with labels

    @work
    async def action_keep(self) -> None:
        """Asks for the label, adds the drawing to the collection, and clears the canvas for the next."""
        if self.digits is None or self.drawing.is_empty:
            self.notify("Draw something first; then it can be kept with its label.", severity="warning")
            return
        dataset, look, levels = self.digits.dataset, self.sight and self.sight.look, self.drawing.levels
        label = await self.app.push_screen_wait(LabelPicker(dataset.classes, look.taken if look else 0))
        if label is None:
            return
        key = dashboard(self).key
        try:
            kept, self._drawn, told = await asyncio.to_thread(collecting.keep, dataset, levels, int(label), key("worker.choose_dataset"))
        except DatasetError as error:
            self.notify(with_advice(error), severity="error", markup=False)
            return
        self._kept.append(kept)
        self._do(Whole.CLEAR)
        self.notify(f"{told} {key('draw.take_back')} takes it out again.", timeout=10, markup=False)

    @work
    async def action_take_back(self) -> None:
        """The drawing that was kept last, since the screen was opened."""
        if not self._kept:
            self.notify("No drawing was kept since this screen was opened.", severity="warning")
            return
        kept = self._kept.pop()
        try:
            self._drawn = await asyncio.to_thread(collecting.take_back, kept)
        except DatasetError as error:
            self._kept.append(kept)
            self.notify(with_advice(error), severity="error", markup=False)
            return
        self.show()
        self.notify(f"Taken out again: {len(self._drawn)} are left in {kept.collection.directory}.", markup=False)

    def on_resize(self) -> None:
        self.call_after_refresh(self.show)


def _written(path: str, *, drawing: Drawing, sight: Sight) -> str:
    return drawing_files.write(Path(path), drawing, sight.image)
