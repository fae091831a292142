"""The study as Optuna keeps it in SQLite: one writer, write-ahead log. What is in it survives the death of its writer at any moment.

Optuna makes the file, checks its version and reads its trials. They are written here, in the schema that Optuna has had since 3.2:
through its own storage a trial costs 30 ms, and its end is not one transaction.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from engine.sweep.error import SweepError
from engine.sweep.quiet import quiet

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

BUSY_SECONDS = 30
"""How long to wait for a reader that holds the file."""
DISK_ADVICE = "Check the file and the space on its disk; then go on with the sweep."


class StudyFile:
    """A study, made if need be, by the name of its file. Every method raises SweepError where the file cannot be read or written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read = self._optuna()
        with self._explained():
            self._connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            [self._study] = self._connection.execute("SELECT study_id FROM studies WHERE study_name = ?", (path.stem,)).fetchone()
            numbers = self._connection.execute("SELECT number, trial_id FROM trials WHERE study_id = ?", (self._study,))
            self._ids: dict[int, int] = dict(numbers.fetchall())

    def _optuna(self) -> list[FrozenTrial]:
        """Makes the study unless it is there; its trials, in the order of their numbers."""
        with quiet():
            from optuna.exceptions import StorageInternalError
            from optuna.storages import RDBStorage
            from optuna.study import StudyDirection
        from sqlalchemy import URL
        from sqlalchemy.exc import SQLAlchemyError

        try:
            storage = RDBStorage(URL.create("sqlite", database=str(self.path)).render_as_string())
            try:
                if not any(study.study_name == self.path.stem for study in storage.get_all_studies()):
                    storage.create_new_study([StudyDirection.MAXIMIZE], self.path.stem)
                return storage.get_all_trials(storage.get_study_id_from_name(self.path.stem))
            finally:
                storage.remove_session()
                storage.engine.dispose()
        except (StorageInternalError, SQLAlchemyError) as error:
            cause = error.__cause__ or error
            raise self._unusable(getattr(cause, "orig", None) or cause) from error
        except RuntimeError as error:  # the file is of another version of Optuna
            raise SweepError(f"the study {self.path} cannot be used: {error}", "Choose another name for the sweep.", "file") from error

    @property
    def trials(self) -> list[FrozenTrial]:
        """Those that were there when the file was opened, in the order of their numbers."""
        return self._read

    @property
    def is_empty(self) -> bool:
        """Whether it has no trial yet."""
        return not self._ids

    def attribute(self, name: str) -> Any:
        """A user attribute of the study, or None."""
        return self._study_attributes("user").get(name)

    def set_attribute(self, name: str, value: Any) -> None:
        with self._transaction():
            self._set("study_user_attributes", "study_id", self._study, {name: value})

    def notes(self) -> dict[str, Any]:
        """What a sampler has put down."""
        return self._study_attributes("system")

    def set_note(self, name: str, value: Any) -> None:
        with self._transaction():
            self._set("study_system_attributes", "study_id", self._study, {name: value})

    def begin(self, trial: FrozenTrial) -> None:
        """Adds a running trial; or starts one again that is there, without what it had reported."""
        from optuna.distributions import distribution_to_json

        with self._transaction() as connection:
            if (identity := self._ids.get(trial.number)) is not None:
                connection.execute("UPDATE trials SET state = 'RUNNING', datetime_start = ? WHERE trial_id = ?", (_now(), identity))
                connection.execute("DELETE FROM trial_intermediate_values WHERE trial_id = ?", (identity,))
                return
            cursor = connection.execute(
                "INSERT INTO trials (number, study_id, state, datetime_start) VALUES (?, ?, 'RUNNING', ?)",
                (trial.number, self._study, _now()),
            )
            assert cursor.lastrowid is not None
            connection.executemany(
                "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) VALUES (?, ?, ?, ?)",
                [
                    (cursor.lastrowid, name, distribution.to_internal_repr(trial.params[name]), distribution_to_json(distribution))
                    for name, distribution in trial.distributions.items()
                ],
            )
        self._ids[trial.number] = cursor.lastrowid

    def report(self, number: int, step: int, value: float) -> None:
        with self._transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO trial_intermediate_values (trial_id, step, intermediate_value, intermediate_value_type)"
                " VALUES (?, ?, ?, 'FINITE')",
                (self._ids[number], step, value),
            )

    def end(
        self,
        number: int,
        state: Literal["COMPLETE", "PRUNED", "FAIL"],
        value: float | None,
        attributes: Mapping[str, Any],
        notes: Mapping[str, Any],
    ) -> None:
        """Writes that a trial has ended and how, all at once."""
        identity = self._ids[number]
        with self._transaction() as connection:
            self._set("trial_user_attributes", "trial_id", identity, attributes)
            self._set("trial_system_attributes", "trial_id", identity, notes)
            if value is not None:
                connection.execute(
                    "INSERT OR REPLACE INTO trial_values (trial_id, objective, value, value_type) VALUES (?, 0, ?, 'FINITE')",
                    (identity, value),
                )
            connection.execute("UPDATE trials SET state = ?, datetime_complete = ? WHERE trial_id = ?", (state, _now(), identity))

    def put_back(self, number: int) -> None:
        """Marks a running trial as waiting."""
        with self._transaction() as connection:
            connection.execute("UPDATE trials SET state = 'WAITING' WHERE trial_id = ?", (self._ids[number],))

    def remove(self) -> None:
        """Takes the file away, and the sweep's directory. Raises OSError."""
        self.close()
        self.path.unlink()
        shutil.rmtree(self.path.with_suffix(""), ignore_errors=True)

    def close(self) -> None:
        self._connection.close()

    def _study_attributes(self, kind: Literal["user", "system"]) -> dict[str, Any]:
        with self._explained():
            rows = self._connection.execute(f"SELECT key, value_json FROM study_{kind}_attributes WHERE study_id = ?", (self._study,))
            return {key: json.loads(value) for key, value in rows}

    def _set(self, table: str, column: str, identity: int, values: Mapping[str, Any]) -> None:
        self._connection.executemany(
            f"INSERT OR REPLACE INTO {table} ({column}, key, value_json) VALUES (?, ?, ?)",
            [(identity, name, json.dumps(value)) for name, value in values.items()],
        )

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._explained():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _unusable(self, error: object) -> SweepError:
        return SweepError(f"the study {self.path} cannot be used: {error}", DISK_ADVICE, "file")


def _now() -> str:
    return datetime.now().isoformat(" ", "microseconds")
