"""Tables that commands print."""

from __future__ import annotations

from rich.cells import cell_len

from tui.commandline import output


def test_columns_stand_below_each_other_whatever_is_written_in_them() -> None:
    lines = output.table([("name", "state"), ("漢字", "finished"), ("mine", "stopped")]).splitlines()
    assert lines == ["name  state", "漢字  finished", "mine  stopped"]


def test_a_confusion_matrix_has_columns_of_one_width_whatever_the_classes_are_called() -> None:
    lines = output.confusion_matrix([[12, 3], [0, 7]], ["漢字", "a"]).splitlines()[1:]
    assert [line.split() for line in lines] == [["漢字", "a"], ["漢字", "12", "3"], ["a", "0", "7"]]
    assert [cell_len(line) for line in lines] == [15, 15, 15]
