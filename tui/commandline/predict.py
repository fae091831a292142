"""``digits-tui predict``: what a model takes pictures for."""

from __future__ import annotations

from pathlib import Path

import click

from tui.commandline import options
from tui.commandline.output import echo_json


@click.command()
@options.model
@click.argument("images", nargs=-1, required=True, metavar="IMAGE...", type=click.Path(path_type=Path))
@options.runs_directory
@options.as_json
def predict(model: str, images: tuple[Path, ...], runs_directory: Path | None, as_json: bool) -> None:
    """Ranked predictions for pictures of digits.

    PNG and JPEG files hold one digit, IDX files of images any number. A digit may be dark on bright or bright on dark, of any size
    and in any place. The images of a file are counted from 1; in JSON, index counts them from 0.
    """
    from dataset import image
    from tui import formats
    from tui.commandline.models import open_model, ranking

    opened = open_model(model, runs_directory)
    facts = opened.model.dataset
    files = [(path, image.read_images(path, facts.height, facts.width)) for path in images]
    answers = []
    for path, digits in files:
        each = opened.model.each_outputs(digits)
        outputs, agreeing = opened.model.together(each), opened.model.agreeing(each)
        for index, (raw, probabilities) in enumerate(zip(outputs, opened.probabilities(outputs), strict=True)):
            ranked = ranking(facts.classes, probabilities)
            answer = {"image": str(path), "index": index, "prediction": ranked[0]["class"], "ranking": ranked, "outputs": raw.tolist()}
            if len(each) > 1:
                answer |= {"members": len(each), "agreeing": int(agreeing[index])}
            answers.append(answer)
            if not as_json:
                vote = f"  ({agreeing[index]} of {len(each)} agree)" if len(each) > 1 else ""
                name = str(path) if len(digits) == 1 else f"{path} [{index + 1}]"
                click.echo(f"{name}: " + "  ".join(f"{item['class']} {formats.probability(item['probability'])}" for item in ranked) + vote)
    if as_json:
        echo_json(answers)
