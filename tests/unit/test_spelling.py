import pytest

from dataset.spelling import did_you_mean

NAMES = ("training.epochs", "training.batch_size", "runs")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("training.epoch", "; did you mean training.epochs?"),
        ("epochs", "; did you mean training.epochs?"),
        ("runns", "; did you mean runs?"),
        ("frobnicate", ""),
    ],
)
def test_the_nearest_name_is_offered(name: str, hint: str) -> None:
    assert did_you_mean(name, NAMES) == hint
