"""The CSV reader takes what is right and refuses all else with file, line and column."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataset import DatasetError, csv

ROWS = np.array([[5, 0, 255, 10, 7], [0, 1, 22, 100, 9], [63, 99, 0, 0, 200]])
LINES = [",".join(map(str, row)) for row in ROWS]
HEADER = "label,1x1,1x2,2x1,2x2"


def written(directory: Path, text: str | bytes) -> Path:
    path = directory / "mnist_train.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(path: Path) -> str:
    with pytest.raises(DatasetError) as caught:
        csv.read_table(path)
    assert caught.value.advice
    return caught.value.message


@pytest.mark.parametrize(
    ("mark", "header", "end", "last"),
    [
        ("", [], "\n", 0),
        ("\ufeff", [], "\r\n", 1),
        ("", [HEADER], "\r\n", 3),
        ("\ufeff", [HEADER], "\n", 1),
        ("", ["label,0,1,2,783"], "\n", 3),
        ("\ufeff", ["label,0,1,2,783"], "\r\n", 0),
    ],
)
def test_reads_every_form_of_the_convention(tmp_path, mark, header, end, last):
    table = csv.read_table(written(tmp_path, mark + end.join(header + LINES) + last * end))
    np.testing.assert_array_equal(table.labels, ROWS[:, 0])
    np.testing.assert_array_equal(table.images, ROWS[:, 1:])
    assert table.side == 2
    assert table.first_line == 1 + len(header)
    assert table.images.flags.c_contiguous


def test_blocks_of_lines_join_seamlessly(tmp_path, monkeypatch):
    rows = np.random.default_rng(1).integers(0, 256, (200, 17))
    rows[:, 0] %= 10
    monkeypatch.setattr(csv, "_BLOCK", 500)
    table = csv.read_table(written(tmp_path, "".join(",".join(map(str, row)) + "\n" for row in rows)))
    np.testing.assert_array_equal(np.column_stack([table.labels, table.images]), rows)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("1,2,x,4,5", "line 3, column 3: 'x' is not a whole number from 0 to 255"),
        ("1,2,256,4,5", "line 3, column 3: '256' is not a whole number from 0 to 255"),
        ("1,2,0003,4,5", "line 3, column 3: '0003' is not a whole number from 0 to 255"),
        ("1,2,3,4.5,5", "line 3, column 4: '4.5' is not a whole number from 0 to 255"),
        ("1,2,-3,4,5", "line 3, column 3: '-3' is not a whole number from 0 to 255"),
        ("1,2,3,4, 5", "line 3, column 5: ' 5' is not a whole number from 0 to 255"),
        ("1,2,3,,5", "line 3, column 4: '' is not a whole number from 0 to 255"),
        ("1,2,3,4", "line 3, column 5: the line has 4 columns, where 5 are wanted"),
        ("1,2,3,4,5,6", "line 3, column 6: the line has 6 columns, where 5 are wanted"),
        ("64,2,3,4,5", "line 3, column 1: the label 64 is above 63"),
        ("", "line 3, column 1: the line is empty"),
    ],
)
def test_damage_is_named_with_line_and_column(tmp_path, line, expected):
    path = written(tmp_path, "\n".join([*LINES[:2], line, LINES[2]]))
    assert refusal(path) == f"{path}, {expected}"


def test_damage_is_counted_from_the_header_line(tmp_path, monkeypatch):
    monkeypatch.setattr(csv, "_BLOCK", 20)
    path = written(tmp_path, "\r\n".join([HEADER, *LINES, "1,2,3,4,five"]))
    assert refusal(path) == f"{path}, line 5, column 5: 'five' is not a whole number from 0 to 255"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "line 1, column 1: the file is empty, or begins with an empty line"),
        ("\n" + LINES[0], "line 1, column 1: the file is empty, or begins with an empty line"),
        (HEADER, "line 2, column 1: the file holds no images"),
        ("1,2,3,4", "line 1, column 4: the line has 4 columns, where a label and the pixels of a square image"),
        ("x,2,x,0,0\n", "line 1, column 1: 'x' is not a whole number from 0 to 255"),
        ("x,2,3,4,5\n", "line 1, column 1: 'x' is not a whole number from 0 to 255"),
    ],
)
def test_a_file_that_begins_wrongly_is_refused(tmp_path, text, expected):
    path = written(tmp_path, text)
    assert refusal(path).startswith(f"{path}, {expected}")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300, derandomize=True)
@given(data=st.data())
def test_mutated_text_loads_or_raises_the_documented_error_and_both_paths_agree(tmp_path, data):
    content = bytearray("\n".join(LINES).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        position = data.draw(st.integers(0, len(content) - 1))
        content[position : position + data.draw(st.integers(0, 2))] = data.draw(
            st.sampled_from([b"", b"0", b"9", b",", b"\n", b"\r", b"x", b"\xff"])
        )
    path = written(tmp_path, bytes(content))
    try:
        table = csv.read_table(path)
    except DatasetError as error:
        assert f"{path}, line " in error.message
    else:
        lines = content.rstrip(b"\r\n").split(b"\n")[table.first_line - 1 :]
        expected = [[int(field) for field in line.removesuffix(b"\r").split(b",")] for line in lines]
        np.testing.assert_array_equal(np.column_stack([table.labels, table.images]), expected)
