"""Looking at a run that is over."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.runs.metrics import METRICS_FILE
from tests.tui.support import few_digits, furnished, make_app, screen_text, wait_for, write_model, write_run
from tui.runs.view import RunPhase
from tui.screens.notice import Notice


async def test_an_opened_model_is_evaluated_and_its_digits_predicted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.digits.gallery.load_digits", lambda name: few_digits())
    app = make_app(open=write_model(tmp_path) / "model.safetensors")
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: app.client.run and app.client.run.evaluation, "it is opened and evaluated")
        assert app.client.run is not None and app.client.run.phase is RunPhase.OPENED
        await pilot.press("3")
        await wait_for(pilot, lambda: "97.00%" in screen_text(app), "the evaluation is shown")
        await pilot.press("2")
        await wait_for(pilot, lambda: "2 of 12 wrong" in screen_text(app), "the predictions are shown")


async def test_what_cannot_be_opened_is_told(tmp_path: Path) -> None:
    app = make_app(open=tmp_path / "nothing.safetensors")
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, Notice), "it is told")
        await pilot.press("escape")
        await furnished(pilot, app)


async def test_a_run_whose_metrics_cannot_be_read_is_told_of_too(tmp_path: Path) -> None:
    run = write_model(write_run(tmp_path, "unreadable"))
    (run / METRICS_FILE).unlink()
    (run / METRICS_FILE).mkdir()
    app = make_app(open=run)
    async with app.run_test() as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, Notice), "it is told")
        assert "metrics.csv cannot be read" in " ".join(screen_text(app).split())
        await pilot.press("escape")
        await furnished(pilot, app)
