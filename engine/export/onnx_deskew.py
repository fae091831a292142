"""``engine.data.deskew`` as nodes of an ONNX graph: the same to the bit, in float64."""

from __future__ import annotations

import numpy as np

from engine.data.deskew import STEEPEST
from engine.export.onnx_graph import Graph

ACROSS = 2
"""The axis of an image's columns."""


def deskewed(graph: Graph, images: str, height: int, width: int) -> str:
    """Of images uint8 [n, height, width], each without its slant: float64 [n, height, width]."""
    pixels = graph.cast(images, np.float64)
    slope, centre = _slant(graph, pixels, height, width)
    rows = graph.constant(np.arange(height, dtype=np.float64))
    shift = graph.node("Mul", slope, graph.node("Sub", rows, centre))
    whole = graph.node("Floor", shift)
    across = graph.constant(np.array([ACROSS], np.int64))
    part = graph.node("Unsqueeze", graph.node("Sub", shift, whole), across)
    steps = graph.node("Unsqueeze", graph.cast(whole, np.int64), across)
    return graph.node("Round", _between(graph, pixels, steps, part, width))


def _slant(graph: Graph, pixels: str, height: int, width: int) -> tuple[str, str]:
    """Slope and centre: [n, 1] each."""
    rows = np.arange(height, dtype=np.float64)[:, np.newaxis]
    down_rows, squares = graph.constant(rows), graph.constant(rows**2)
    ones = graph.constant(np.ones((height, 1)))
    by_row = graph.node("MatMul", pixels, graph.constant(np.ones(width)))
    moved = graph.node("MatMul", pixels, graph.constant(np.arange(width, dtype=np.float64)))
    ink, down, right = (graph.node("MatMul", *pair) for pair in ((by_row, ones), (by_row, down_rows), (moved, ones)))

    def product(first: str, second: str) -> str:
        return graph.node("Mul", first, second)

    spread = graph.node("Sub", product(ink, graph.node("MatMul", by_row, squares)), product(down, down))
    lean = graph.node("Sub", product(ink, graph.node("MatMul", moved, down_rows)), product(down, right))
    least, steepest = (graph.constant(np.array(value, np.float64)) for value in (1, STEEPEST))
    slope = graph.node("Div", lean, graph.node("Max", spread, least))
    clipped = graph.node("Clip", slope, graph.node("Neg", steepest), steepest)
    return clipped, graph.node("Div", down, graph.node("Max", ink, least))


def _between(graph: Graph, pixels: str, steps: str, part: str, width: int) -> str:
    """Each row some whole ``steps`` and a ``part`` of one further on: [n, height, width]."""
    framed = graph.node("Pad", pixels, graph.constant(np.array([0, 0, 1, 0, 0, 1], np.int64)))
    columns = graph.constant(np.arange(1, width + 2, dtype=np.int64))
    least, most = (graph.constant(np.array(value, np.int64)) for value in (0, width + 1))
    places = graph.node("Clip", graph.node("Add", steps, columns), least, most)
    found = graph.node("GatherElements", framed, places, axis=ACROSS)

    def cut(begin: int) -> str:
        return graph.node("Slice", found, *(graph.constant(np.array([value], np.int64)) for value in (begin, begin + width, ACROSS)))

    rest = graph.node("Sub", graph.constant(np.array(1, np.float64)), part)
    return graph.node("Add", graph.node("Mul", rest, cut(0)), graph.node("Mul", part, cut(1)))
