"""cffi finds C types by name as before, and reads no other names for it."""

from __future__ import annotations

from types import SimpleNamespace

import cffi
import pytest

from engine.backends.wgpu.type_names import make_quick

DECLARATIONS = """
typedef struct Point_ { int x; int y; } Point;
typedef int Number;
typedef void (*Callback)(Point const *, Number);
"""


def opened() -> cffi.FFI:
    ffi = cffi.FFI()
    ffi.cdef(DECLARATIONS)
    return ffi


NAMES = [
    "Point *",
    "Point[3]",
    "Number",
    "Callback",
    "void(*)(Point const *, Number, void *)",
    "unsigned int",
    "struct Point_ *",
    "char []",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_type_is_the_one_it_was(name: str) -> None:
    quick, slow = opened(), opened()
    make_quick(quick)
    found, expected = quick.typeof(name), slow.typeof(name)
    assert (found.kind, found.cname) == (expected.kind, expected.cname)


def test_an_unknown_name_is_still_an_error() -> None:
    ffi = opened()
    make_quick(ffi)
    with pytest.raises(cffi.CDefError):
        ffi.typeof("Pointless *")
    assert ffi.sizeof("Point") == 8


class Parser:
    """Tells which declarations it saw."""

    def __init__(self) -> None:
        self._declarations = {"typedef A": 1, "typedef B": 2, "struct C": 3}

    def _parse(self, source: str) -> set[str]:
        return set(self._declarations)


def test_only_the_names_that_occur_are_read() -> None:
    parser = Parser()
    everything = parser._declarations
    for _ in range(2):
        make_quick(SimpleNamespace(_parser=parser))
        assert parser._parse("void f(A *)") == {"typedef A", "struct C"}
    assert parser._declarations is everything


def test_the_cffi_that_is_installed_is_made_quick_and_another_is_left_alone() -> None:
    ffi = opened()
    make_quick(ffi)
    assert "_parse" in vars(ffi._parser)
    make_quick(SimpleNamespace())
