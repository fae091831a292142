"""``digits-tui predict``: what a model takes pictures for."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui.commandline import options
from tui.commandline.errors import tell
from tui.commandline.output import echo_json, encodable, printable

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from tui.commandline.models import Opened

STDIN = "-"


@click.command()
@options.model
@click.argument("images", nargs=-1, required=True, metavar="IMAGE...", type=click.Path(path_type=Path))
@options.runs_directory
@options.as_json
@click.pass_context
def predict(context: click.Context, model: str, images: tuple[Path, ...], runs_directory: Path | None, as_json: bool) -> None:
    """Ranked predictions for pictures of digits.

    PNG and JPEG files hold one digit, IDX files of images any number. A digit may be dark on bright or bright on dark, of any size
    and in any place. The images of a file are counted from 1; in JSON, index counts them from 0. A file that cannot be read is told
    on stderr, and the others are read; the exit code is 2 then. - is what comes on stdin.
    """
    from dataset import DatasetError
    from tui.commandline.models import open_model

    opened = open_model(model, runs_directory)
    facts = opened.model.dataset
    answers: list[dict[str, Any]] = []
    code = 0
    for path in images:
        try:
            digits = _digits(path, facts.height, facts.width)
        except DatasetError as error:
            code = tell(error)
            continue
        found = _answers(opened, path, digits)
        answers += found
        for answer in () if as_json else found:
            click.echo(_line(answer, is_alone=len(found) == 1))
    if as_json:
        echo_json(answers)
    context.exit(code)


def _digits(path: Path, height: int, width: int) -> npt.NDArray[np.uint8]:
    """The images of a file, or of the standard input: [count, height * width]. Raises DatasetError."""
    from dataset import DatasetError, image
    from dataset.files import MAXIMUM_BYTES

    if str(path) != STDIN:
        return image.read_images(path, height, width)
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory) / "stdin"
        copy.write_bytes(sys.stdin.buffer.read(MAXIMUM_BYTES + 1))
        try:
            return image.read_images(copy, height, width)
        except DatasetError as error:
            raise DatasetError(error.message.replace(str(copy), "the standard input"), error.advice) from None


def _answers(opened: Opened, path: Path, digits: npt.NDArray[np.uint8]) -> list[dict[str, Any]]:
    """Of each image of a file."""
    from tui.commandline.models import ranking

    each = opened.model.each_outputs(digits)
    outputs, agreeing = opened.model.together(each), opened.model.agreeing(each)
    answers = []
    for index, (raw, probabilities) in enumerate(zip(outputs, opened.probabilities(outputs), strict=True)):
        ranked = ranking(opened.model.dataset.classes, probabilities)
        answer = {
            "image": encodable(str(path)),
            "index": index,
            "prediction": ranked[0]["class"],
            "ranking": ranked,
            "outputs": raw.tolist(),
        }
        if len(each) > 1:
            answer |= {"members": len(each), "agreeing": int(agreeing[index])}
        answers.append(answer)
    return answers


def _line(answer: dict[str, Any], is_alone: bool) -> str:
    """``is_alone``: the only image of its file."""
    from tui import formats

    file = printable(answer["image"]).replace("\n", "?")
    name = file if is_alone else f"{file} [{answer['index'] + 1}]"
    ranked = "  ".join(f"{item['class']} {formats.percent(item['probability'])}" for item in answer["ranking"])
    vote = f"  ({answer['agreeing']} of {answer['members']} agree)" if "members" in answer else ""
    return f"{name}: {ranked}{vote}"
