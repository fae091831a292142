from pathlib import Path

import pytest
from click.testing import CliRunner

from dataset.paths import expanded
from tui.cli import main


def test_the_home_directory_takes_the_place_of_its_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert expanded("~/runs") == Path("/home/me/runs")
    assert expanded("a/~b") == Path("a/~b") == expanded(Path("a/~b"))


@pytest.mark.parametrize("arguments", [["evaluate", "~nobody-here/x"], ["train", "--dataset", "~nobody-here/x", "--device", "cpu"]])
def test_the_home_of_a_user_that_there_is_not_is_a_path_that_there_is_not(arguments: list[str], tmp_path: Path) -> None:
    assert expanded("~nobody-here/x") == Path("~nobody-here/x")
    result = CliRunner().invoke(main, [*arguments, "--runs-dir", str(tmp_path)])
    assert result.exit_code == 2 and "~nobody-here/x" in result.stderr
