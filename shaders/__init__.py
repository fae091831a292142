"""The compute shaders: WGSL templates, composed and specialised here.

A step of the layered plan is ``gather``, or ``elastic_field`` and ``augment``; ``forward``, ``layer_norm`` and ``loss``; back again
``layer_norm_backward`` and ``delta``; then ``update``, ``update_layer_norm``, ``max_norm`` and ``average``. ``resident`` is all of it in
one kernel, and ``population_evaluation`` what a population needs besides. The other files are parts that kernels include, ``common`` first.

A line that begins with ``//%`` is a Jinja statement, ``{{ name }}`` a constant: so that a tile's loops are unrolled and a kernel holds
only what its network needs.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import jinja2

DIRECTORY = Path(__file__).parent


_making = threading.Lock()


def _environment() -> jinja2.Environment:
    with _making:
        return _the_environment()


@cache
def _the_environment() -> jinja2.Environment:
    import jinja2  # here, so that what only trains on the CPU need not wait for it

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(DIRECTORY),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        line_statement_prefix="//%",
        keep_trailing_newline=True,
    )


@cache
def fingerprint() -> str:
    """Tells versions of the shaders apart."""
    text = b"".join(path.read_bytes() for path in sorted(DIRECTORY.glob("*.wgsl")))
    return hashlib.sha256(text).hexdigest()[:12]


def read(kernels: Iterable[str]) -> None:
    """Reads the templates of kernels, which takes longer than composing their sources; ``source`` does it at first use."""
    for kernel in kernels:
        _environment().get_template(f"{kernel}.wgsl")


def source(kernel: str, **constants: object) -> str:
    """The WGSL of one kernel. Raises jinja2.UndefinedError for a constant that the kernel wants and does not get."""
    return _environment().get_template(f"{kernel}.wgsl").render(**constants)
