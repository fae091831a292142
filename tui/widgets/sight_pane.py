"""What a network sees of a drawing, what it takes it for, and what to do next."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from engine.data.collection import Drawn
from tui.digits.ranked import Ranked
from tui.drawing.easel import Easel
from tui.drawing.sight import Sight
from tui.resizing import resized
from tui.widgets.contact_sheet import ContactSheet, Thumbnail
from tui.widgets.digit_view import DigitView
from tui.widgets.prediction_bars import PredictionBars


class SightPane(Vertical):
    """Is laid out anew only where its room, or whether there is a network, changes: that takes longer than a stroke may."""

    DEFAULT_CSS = """
    SightPane {
        width: 1fr;
        padding: 0 1;

        #caption {
            height: 1;
        }

        #seen-frame {
            width: auto;
            height: auto;
            border-title-color: $foreground-muted;
        }

        #seen {
            background: $surface;
        }

        #note {
            height: 2;
        }

        PredictionBars {
            max-width: 76;
        }

        ContactSheet {
            display: none;
        }

        &.-roomy {
            #caption, PredictionBars, #note, ContactSheet {
                margin-top: 1;
            }

            #seen-frame {
                border: round $border-blurred;
            }

            #note {
                height: 3;
            }

            ContactSheet {
                display: block;
            }
        }

        &.-blind {
            PredictionBars {
                display: none;
            }

            #note {
                height: auto;
            }
        }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._shrunk = 1

    def compose(self) -> ComposeResult:
        yield Static(id="caption")
        with Vertical(id="seen-frame"):
            yield DigitView(id="seen")
        yield PredictionBars()
        yield Static(id="note")
        yield ContactSheet()

    def make_room(self, plan: Easel) -> None:
        self._shrunk = plan.shrunk
        self.set_class(plan.is_roomy, "-roomy")
        seen = self.query_one("#seen")
        seen.styles.width, seen.styles.height = plan.image
        self.query_one(PredictionBars).styles.height = plan.bars

    def show(self, sight: Sight | None, classes: tuple[str, ...], nothing: str) -> None:
        """What was seen, or ``nothing`` to be said where nothing was taken for anything."""
        look = None if sight is None else sight.look
        if look is None or len(look.order) != len(classes):
            ranked, caption = [], Content.styled(nothing, "$foreground-muted")
        else:
            ranked = [Ranked(classes[place], float(look.probabilities[place]), None) for place in look.order]
            caption = Content.assemble(("Prediction  ", "$foreground-muted"), (ranked[0].name, "bold $text-accent"))
            if look.agreement:
                caption = Content.assemble(caption, (f"  {look.agreement}", "$foreground-muted"))
        self.query_one(PredictionBars).ranked = tuple(ranked)
        self._tell("#caption", caption)
        if sight is not None:
            height, width = sight.image.shape
            self.query_one("#seen-frame").border_title = f"As seen: {width}x{height}{', deskewed' if sight.is_deskewed else ''}"
            small = (-(-height // self._shrunk), -(-width // self._shrunk))
            self.query_one("#seen", DigitView).image = sight.seen if self._shrunk == 1 else resized(sight.seen, *small)

    def advise(self, note: Content, is_blind: bool) -> None:
        """``is_blind`` gives it all the room that it needs: there are no predictions."""
        self.set_class(is_blind, "-blind")
        self._tell("#note", note)

    def _tell(self, selector: str, content: Content) -> None:
        static = self.query_one(selector, Static)
        if static.content != content:
            static.update(content, layout=self.has_class("-blind"))

    def show_collected(self, drawn: Drawn | None, classes: tuple[str, ...]) -> None:
        """The newest of each part, where there is room for it."""
        sheet = self.query_one(ContactSheet)
        if drawn is None or not len(drawn) or not sheet.display:
            sheet.thumbnails = ()
            return
        newest = drawn.newest(sheet.room(*drawn.train[0].shape[1:]))
        sheet.thumbnails = tuple(Thumbnail(image, f"{place}: {classes[label]}") for image, label, place in newest)
