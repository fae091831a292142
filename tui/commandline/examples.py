"""What the help of each command shows at its end: what to type, and what that does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

TITLE = "Examples:"
Examples = Sequence[tuple[str, str]]

EXAMPLES: Mapping[str, Examples] = {
    "digits-tui": (
        ("digits-tui", "Open the dashboard."),
        ("digits-tui --preset quick --device cpu", "Open it ready for a short training."),
        ("digits-tui --open my-run", "Look at a run that is there."),
        ("digits-tui train --name my-run", "Train without it."),
        ('digits-tui --worker "ssh gpu-box digits-tui worker"', "Train on another machine, watch it here."),
    ),
    "digits-tui train": (
        ("digits-tui train", "Train with the preset default."),
        ("digits-tui train --preset readme --seed 7", "Another preset, and another seed."),
        ("digits-tui train --set network.hidden=[64,32] --set training.epochs=5", "Change single hyperparameters."),
        ("digits-tui train --preset readme --seed 7 --dry-run > mine.toml", "Then: digits-tui train --config mine.toml"),
        ("digits-tui train --dataset fashion-mnist --name clothes", "Other images; they are fetched first."),
        ("digits-tui train --resume clothes", "Go on where it was interrupted."),
        ('digits-tui train --name far --worker "ssh gpu-box digits-tui worker"', "Train on another machine."),
        ("digits-tui train --json | jq -c 'select(.event == \"epoch\")'", "The epochs, for another program."),
        ("digits-tui train --tensorboard logs", "Then: tensorboard --logdir logs"),
    ),
    "digits-tui evaluate": (
        ("digits-tui evaluate my-run", "Accuracy, loss and confusion matrix."),
        ("digits-tui evaluate model.safetensors --dataset DIR", "A model file, on images of your own."),
        ("digits-tui evaluate my-run --json | jq .accuracy", "One figure, for a script."),
    ),
    "digits-tui predict": (
        ("digits-tui predict my-run seven.png", "What the digit in a picture is taken for."),
        ("digits-tui predict my-run scans/*.jpg --json", "Many pictures, for another program."),
        ("convert seven.svg png:- | digits-tui predict my-run -", "A picture that another program makes."),
    ),
    "digits-tui showcase": (
        ("digits-tui showcase my-run", "Three test digits."),
        ("digits-tui showcase my-run --wrong --count 20 | less", "Twenty that it takes for others."),
    ),
    "digits-tui statistics": (
        ("digits-tui statistics my-run", "All figures as text."),
        ("digits-tui statistics my-run --json", "The same for another program."),
    ),
    "digits-tui export": (
        ("digits-tui export my-run --to onnx", "Write my-run.onnx."),
        ("digits-tui export my-run --to html -o report.html --force", "A report, in place of an older one."),
        ("digits-tui export my-run --to toml -o - > mine.toml", "Hyperparameters to start from."),
        ("digits-tui export my-run --to tensorboard -o logs/my-run", "Then: tensorboard --logdir logs"),
    ),
    "digits-tui runs": (
        ("digits-tui runs", "List them."),
        ("digits-tui runs --json | jq -r '.[0].name'", "The name of the newest."),
        ('digits-tui runs note my-run "with dropout"', "Write a note about one."),
    ),
    "digits-tui runs rename": (("digits-tui runs rename 20260131-120000-quick my-run", "Give a run a name of your own."),),
    "digits-tui runs note": (
        ('digits-tui runs note my-run "twice the rate"', "Write a note."),
        ("digits-tui runs note my-run", "Show it."),
        ('digits-tui runs note my-run ""', "Take it away."),
    ),
    "digits-tui runs mark": (
        ("digits-tui runs mark my-run another-run", "Mark two runs."),
        ("digits-tui runs mark my-run --off", "Take the mark away."),
    ),
    "digits-tui runs prune": (
        ("digits-tui runs prune --dry-run", "Show which checkpoints could go, and what they take."),
        ("digits-tui runs prune --keep 20 --older-than 30", "Runs older than 30 days go, but for the 20 best."),
        ("digits-tui runs prune --worse-than 95 --yes", "Runs below 95% go, without a question."),
    ),
    "digits-tui runs delete": (("digits-tui runs delete my-run another-run", "Move two runs to the trash."),),
    "digits-tui runs restore": (("digits-tui runs restore my-run my-sweep", "Take a run and a sweep back from the trash."),),
    "digits-tui runs trash": (
        ("digits-tui runs trash", "List what is in it."),
        ("digits-tui runs trash --empty --yes", "Delete it for good, without a question."),
    ),
    "digits-tui devices": (
        ("digits-tui devices", "List what can train here."),
        ("digits-tui devices --json | jq .auto", "The one that --device auto takes."),
    ),
    "digits-tui dataset": (
        ("digits-tui dataset list", "List those with a name."),
        ("digits-tui dataset get fashion-mnist", "Fetch one."),
        ("digits-tui train --dataset ~/my-letters", "Train on images of your own."),
    ),
    "digits-tui dataset list": (
        ("digits-tui dataset list", "List them, and which are here."),
        ("digits-tui dataset list --json | jq '.[].classes'", "What their classes are called."),
    ),
    "digits-tui dataset get": (
        ("digits-tui dataset get fashion-mnist kmnist", "Fetch two."),
        ("digits-tui dataset get fashion-mnist --from /usr/share/datasets", "Take what is there already."),
        ("digits-tui dataset get emnist-digits --from ~/Downloads/gzip.zip", "Take what a browser fetched."),
    ),
    "digits-tui dataset verify": (
        ("digits-tui dataset verify", "Check the digits that come with the program."),
        ("digits-tui dataset verify ~/my-letters", "Read images of your own to their end."),
    ),
    "digits-tui presets": (
        ("digits-tui presets", "List them."),
        ("digits-tui presets --json | jq .record", "All hyperparameters of one."),
    ),
    "digits-tui bench": (
        ("digits-tui bench --work S", "The tiny network, on every device."),
        ("digits-tui bench --device cpu --to-accuracy", "How long the CPU takes to 97% and 98%."),
    ),
    "digits-tui serve": (
        ("digits-tui serve", "Then: http://localhost:8000 in a browser."),
        ("digits-tui serve --port 9000 --preset quick --device cpu", "Options of the dashboard go with it."),
        ("ssh -L 8000:localhost:8000 gpu-box digits-tui serve", "Another machine's, reached through ssh alone."),
    ),
    "digits-tui completion": (
        ('eval "$(digits-tui completion bash)"', "In ~/.bashrc."),
        ('eval "$(digits-tui completion zsh)"', "In ~/.zshrc, after compinit."),
        ("digits-tui completion fish | source", "In ~/.config/fish/config.fish."),
    ),
    "digits-tui worker": (
        ('digits-tui --worker "ssh gpu-box digits-tui worker"', "A dashboard here, its worker on gpu-box."),
        ("digits-tui worker < commands.jsonl", "Carry out commands, tell events."),
    ),
}
"""By what is typed to get there."""


def add_examples(command: click.Command, path: str) -> None:
    """Gives a command, and those below it, the examples of their help, once."""
    epilog = command.epilog or ""
    if path in EXAMPLES and TITLE not in epilog:
        listed = "\n".join(f"  {typed}\n      {meaning}" for typed, meaning in EXAMPLES[path])
        command.epilog = f"{epilog}\n\n\b\n{TITLE}\n{listed}".lstrip("\n")
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            add_examples(below, f"{path} {name}")
