"""Makes cffi quick at the names of C types that wgpu-py gives it.

It reads each, at first use, with all four hundred of wgpu's type names before it: 13 milliseconds a name, and 47 names until a network
trains. Only the names that occur in it matter.
"""

from __future__ import annotations

import re
from typing import Any

TYPEDEF = "typedef "
WORD = re.compile(r"\w+")


def make_quick(ffi: Any) -> None:
    """Changes a ``cffi.FFI``, once; one whose inside is not as it was here stays slow."""
    parser = getattr(ffi, "_parser", None)
    parse, declarations = getattr(parser, "_parse", None), getattr(parser, "_declarations", None)
    if parser is None or parse is None or declarations is None or "_parse" in vars(parser):
        return

    def parse_with_few_names(source: str) -> Any:
        """cffi holds its lock meanwhile."""
        everything = parser._declarations
        words = set(WORD.findall(source))
        parser._declarations = {
            name: found for name, found in everything.items() if not name.startswith(TYPEDEF) or name.removeprefix(TYPEDEF) in words
        }
        try:
            return parse(source)
        finally:
            parser._declarations = everything

    parser._parse = parse_with_few_names
