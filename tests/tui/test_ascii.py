"""Characters beyond ASCII, and what stands for them."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from tui.ascii import plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("╭─╮│╰╯", "+-+|++"),
        ("▸ ▾ ✓ ✗ …", "> v + x ."),
        ("⠉⠒⠤⣀", "'-._"),
        ("⡇⠀", ": "),
        ("café", "cafe"),
        ("漢½", "???"),
    ],
)
def test_likenesses(text: str, expected: str) -> None:
    assert plain(text) == expected
    assert cell_len(plain(text)) == cell_len(text)
