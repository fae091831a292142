"""Strokes become ink, ink becomes what a network was trained on, and both become files."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from textual.geometry import Size

from dataset import DatasetError, idx, registry
from tui import shades
from tui.drawing import files as drawing_files
from tui.drawing.easel import easel
from tui.drawing.sight import look_at
from tui.drawing.strokes import MOST_POINTS, MOST_UNDONE, SIDE, Drawing, Operation, Picture, Stroke, Whole
from tui.drawing.text import DrawingError, from_art, from_json, from_plain, plain, to_json
from tui.resizing import resized

SEVEN = (Stroke(((0.3, 0.2), (0.7, 0.2), (0.45, 0.8)), 0.09),)
DOT = Stroke(((0.5, 0.5),), 0.09)


def seen(*operations: Operation) -> npt.NDArray[np.uint8]:
    return look_at(Drawing(operations).levels, 28, 28, None).image


def test_a_stroke_is_as_wide_as_its_brush_and_its_edge_is_soft() -> None:
    drawing = Drawing()
    drawing.begin((0.25, 0.5), 0.1, erases=False)
    drawing.go_on((0.75, 0.5))
    column = drawing.levels[:, SIDE // 2].astype(int)
    assert column.sum() / 255 == pytest.approx(0.1 * SIDE, rel=0.01)
    assert 0 < column[column > 0].min() < 255 == column.max()
    row = drawing.levels[SIDE // 2]
    assert row[: round(0.19 * SIDE)].max() == 0 and row[round(0.25 * SIDE) : round(0.75 * SIDE)].min() == 255


def test_erasing_takes_ink_away_and_nothing_else() -> None:
    drawing = Drawing([DOT, Stroke(((0.1, 0.1),), 0.05)])
    drawing.do(Stroke(((0.5, 0.5),), 0.15, erases=True))
    np.testing.assert_array_equal(drawing.levels, Drawing([Stroke(((0.1, 0.1),), 0.05)]).levels)


def test_strokes_outside_the_canvas_do_no_harm() -> None:
    assert Drawing([Stroke(((-3.0, 0.5), (-2.0, 9.0)), 0.1)]).is_empty
    assert Drawing([Stroke(((-1.0, 0.5), (2.0, 0.5)), 0.1)]).levels[SIDE // 2].min() == 255


def test_everything_can_be_undone_and_done_again() -> None:
    picture = Picture(np.full((SIDE, SIDE), 40, np.uint8))
    drawing, states = Drawing(), []
    for operation in (DOT, *SEVEN, Whole.INVERT, picture, Whole.CLEAR, DOT):
        states.append(drawing.levels)
        drawing.do(operation)
    states.append(drawing.levels)
    for state in states[-2::-1]:
        assert drawing.undo()
        np.testing.assert_array_equal(drawing.levels, state)
    assert not drawing.undo()
    for state in states[1:]:
        assert drawing.redo()
        np.testing.assert_array_equal(drawing.levels, state)
    assert not drawing.redo()
    drawing.undo()
    drawing.do(DOT)
    assert not drawing.redo()


def test_undo_lifts_the_pen_and_takes_its_whole_stroke_back() -> None:
    drawing = Drawing()
    for x in (0.3, 0.4, 0.5):
        drawing.go_on((x, 0.5)) if drawing.is_drawing else drawing.begin((x, 0.5), 0.1, erases=False)
    drawing.undo()
    assert drawing.is_empty and not drawing.is_drawing


def test_what_a_drawing_is_made_of_makes_it_again_however_long_it_became() -> None:
    drawing = Drawing([Picture(np.full((SIDE, SIDE), 90, np.uint8)), *SEVEN, Whole.CLEAR, DOT, Whole.INVERT])
    drawing.begin((0.1, 0.1), 0.05, erases=True)
    assert len(drawing.operations) == 3
    np.testing.assert_array_equal(Drawing(drawing.operations).levels, drawing.levels)
    for number in range(MOST_UNDONE + 30):
        drawing.do(Stroke(((number / 400, 0.3),), 0.03))
    np.testing.assert_array_equal(Drawing(drawing.operations).levels, drawing.levels)
    drawing.do(Stroke(tuple((0.5, 0.5 + number % 2 / 100) for number in range(MOST_POINTS + 1)), 0.03))
    assert [type(operation) for operation in drawing.operations] == [Picture]


def test_an_image_of_another_size_keeps_its_brightness() -> None:
    levels = Drawing(SEVEN).levels
    for height, width in ((26, 26), (72, 72), (40, 20), (112, 112)):
        assert resized(levels, height, width).mean() == pytest.approx(levels.mean(), abs=0.5)
    np.testing.assert_array_equal(resized(levels, SIDE, SIDE), levels)


# What the network sees


def test_wherever_and_however_large_it_is_drawn_the_network_sees_the_same() -> None:
    wanted = seen(*SEVEN).astype(int)
    rows, columns = np.nonzero(wanted >= 64)
    assert rows.max() - rows.min() in (19, 20) and columns.max() - columns.min() < 20
    centre = [(wanted.sum(axis=axis) @ np.arange(28)) / wanted.sum() for axis in (1, 0)]
    assert centre == pytest.approx([14, 14], abs=0.6)
    small = tuple((0.05 + 0.4 * x, 0.5 + 0.4 * y) for x, y in SEVEN[0].points)
    assert np.abs(seen(Stroke(small, 0.4 * SEVEN[0].width)).astype(int) - wanted).mean() < 6


def test_an_empty_canvas_is_black() -> None:
    assert not seen().any()
    assert not seen(DOT, Whole.CLEAR).any()


def as_strokes(digit: npt.NDArray[np.uint8]) -> list[Operation]:
    """The dark runs of each row of a digit, one stroke each."""
    strokes: list[Operation] = []
    for row in range(28):
        columns = np.flatnonzero(digit[row] >= 128)
        for run in np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1):
            if run.size:
                strokes.append(Stroke(tuple(((column + 0.5) / 28, (row + 0.5) / 28) for column in (run[0], run[-1])), 1.2 / 28))
    return strokes


def linear_classifier(images: npt.NDArray[np.uint8], labels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """Weights [inputs + 1, classes] by ridge regression."""
    inputs = with_bias(images)
    return np.linalg.solve(inputs.T @ inputs + 20 * np.eye(inputs.shape[1]), inputs.T @ np.eye(10)[labels])


def with_bias(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    return np.c_[images.reshape(len(images), -1) / 255, np.ones(len(images))]


def test_redrawn_digits_are_recognised_as_well_as_the_originals() -> None:
    train, test = registry.load_sample("mnist", 4000, 0.1), registry.load_test("mnist").test
    weights = linear_classifier(train.images, train.labels)
    originals, labels = test.images[:200].reshape(-1, 28, 28), test.labels[:200]

    def right(images: npt.NDArray[np.uint8]) -> int:
        return int(((with_bias(images) @ weights).argmax(axis=1) == labels).sum())

    least = 0.97 * right(originals)
    assert least > 150
    assert right(np.stack([seen(Picture(resized(digit, SIDE, SIDE))) for digit in originals])) >= least
    assert right(np.stack([seen(*as_strokes(digit)) for digit in originals])) >= least


# Text and files


def likeness(first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8]) -> float:
    """The correlation of their pixels."""
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


def test_drawings_survive_json() -> None:
    operations = (Picture(Drawing(SEVEN).levels), Stroke(((0.12345, 0.5), (0.2, 0.25)), 0.05, True), Whole.INVERT)
    found = from_json(to_json(operations))
    np.testing.assert_array_equal(Drawing(found).levels, Drawing(from_plain(plain(operations))).levels)
    assert found[1] == Stroke(((0.1235, 0.5), (0.2, 0.25)), 0.05, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"digits-tui drawing": 1}',
        '{"digits-tui drawing": 1, "operations": []}',
        '{"digits-tui drawing": 1, "operations": [7]}',
        '{"digits-tui drawing": 1, "operations": [{"stroke": [], "width": 0.1, "erases": false}]}',
        '{"digits-tui drawing": 1, "operations": [{"stroke": [[0, NaN]], "width": 0.1, "erases": false}]}',
        '{"digits-tui drawing": 1, "operations": [{"stroke": [[0, 1]], "width": -1, "erases": false}]}',
        '{"digits-tui drawing": 1, "operations": [{"stroke": [[0, 1]]}]}',
        '{"digits-tui drawing": 1, "operations": [{"picture": "eJwDAAAAAAE="}]}',
        '{"digits-tui drawing": 1, "operations": [{"picture": "?"}]}',
        '{"digits-tui drawing": 1, "operations": [{"whole": "burn"}]}',
        '{"digits-tui drawing": 1, "operations": [' + '{"whole": "invert"},' * 3000 + '{"whole": "invert"}]}',
    ],
)
def test_what_is_no_drawing_is_refused(text: str) -> None:
    with pytest.raises(DrawingError):
        from_json(text)


def test_art_in_characters_in_blocks_and_in_anything_is_taken() -> None:
    wanted = seen(*SEVEN).astype(int)
    published = "\n".join(shades.rows(seen(*SEVEN)))
    crosses = published.translate({ord(shade): "x" if place > 4 else " " for place, shade in enumerate(shades.SHADES)})
    halves = "\n".join("".join({0: " ", 1: "▀", 2: "▄", 3: "█"}[top + 2 * low] for top, low in zip(*rows, strict=True))
                       for rows in (wanted >= 128).reshape(14, 2, 28))  # fmt: skip
    for art in (published, f"\n\n{published}\n\n", crosses, halves):
        assert np.abs(seen(Picture(from_art(art))).astype(int) - wanted).mean() < 12, art
    for nothing in ("", "  \n\t\n "):
        with pytest.raises(DrawingError):
            from_art(nothing)


@pytest.mark.parametrize("suffix", [".png", ".json", ".idx"])
def test_files_are_written_once_and_read_again(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"seven{suffix}"
    assert drawing_files.write(path, Drawing(SEVEN), seen(*SEVEN)) == ""
    assert likeness(seen(*drawing_files.load(path)), seen(*SEVEN)) > (0.75 if suffix == ".idx" else 0.98)
    assert "is there already" in drawing_files.write(path, Drawing(SEVEN), seen(*SEVEN))
    if suffix == ".idx":
        np.testing.assert_array_equal(idx.read_images(path)[0], seen(*SEVEN))


def test_what_cannot_be_written_or_read_is_told(tmp_path: Path) -> None:
    assert ".png, .json" in drawing_files.write(tmp_path / "seven.gif", Drawing(SEVEN), seen(*SEVEN))
    assert "cannot be written" in drawing_files.write(tmp_path / "no" / "seven.png", Drawing(SEVEN), seen(*SEVEN))
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "black.idx").write_bytes(idx.to_bytes(np.zeros((1, 28, 28), np.uint8)))
    for name in ("none.png", "broken.json", "black.idx"):
        with pytest.raises(DatasetError, match=name):
            drawing_files.load(tmp_path / name)


def test_photographs_are_loaded(tmp_path: Path) -> None:
    paper = np.full((200, 300), 230, np.uint8)
    paper[40 : 40 + SIDE, 100 : 100 + SIDE] -= (Drawing(SEVEN).levels * 0.8).astype(np.uint8)
    Image.fromarray(paper).save(tmp_path / "seven.jpg", quality=90)
    assert np.abs(seen(*drawing_files.load(tmp_path / "seven.jpg")).astype(int) - seen(*SEVEN)).mean() < 6


def test_paths_as_terminals_paste_them(tmp_path: Path) -> None:
    path = tmp_path / "my seven.png"
    path.touch()
    for text in (f"{path}\n", f"'{path}'", f'"{path}" ', str(path).replace(" ", "\\ "), f"file://{path}".replace(" ", "%20")):
        assert drawing_files.pasted_path(text) == path
    for text in ("", " ", "it's", "%%%%", "a\0b", f"{path}\n{path}", "x" * 9000, str(tmp_path)):
        assert drawing_files.pasted_path(text) is None


def test_all_has_its_place_at_every_size() -> None:
    for columns, rows, side in itertools.product(range(60, 401), (16, 22, 30, 38, 58, 120), (1, 12, 28, 64)):
        plan, asked = easel(Size(columns, rows), side, side), (columns, rows, side)
        frame, text = (2, 7) if plan.is_roomy else (0, 3)
        assert plan.canvas.width == 2 * plan.canvas.height and plan.canvas.height + 2 <= rows, asked
        assert plan.canvas.width + 2 + plan.image.width + frame + 2 <= columns, asked
        assert plan.image.height + frame + plan.bars + text <= rows and plan.bars >= 5, asked
        assert plan.shrunk == 1 or side > plan.image.width or side > 2 * plan.image.height, asked
