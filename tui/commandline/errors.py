"""What went wrong, in one line, and what to do, in another; and the exit code that goes with it."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import traceback
from collections.abc import Iterator
from enum import IntEnum

import click

from tui.commandline.output import encodable, printable


class ExitCode(IntEnum):
    FAILURE = 1
    BAD_INPUT = 2
    NO_DEVICE = 3
    INTERRUPTED = 130


NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What a stream says that has no name, such as the output where it goes to a file on a full disk."""


class CommandLineError(Exception):
    """An error for the user: ``message`` says what, ``advice`` what to do."""

    def __init__(self, message: str, advice: str, exit_code: int = ExitCode.BAD_INPUT) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.exit_code = exit_code


@contextlib.contextmanager
def reported() -> Iterator[None]:
    """Turns whatever is raised inside into lines on stderr and an exit code; a traceback goes to the log."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough; nothing more may be written, not even by the interpreter's last flush
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.FAILURE)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(ExitCode.INTERRUPTED)
    except Exception as error:
        sys.exit(ExitCode.INTERRUPTED if _is_interruption(error) else tell(error))


def _is_interruption(error: BaseException | None) -> bool:
    """Whether Ctrl+C is the cause: what comes while a class is being made, as in an import, is raised as another error."""
    return error is not None and (isinstance(error, KeyboardInterrupt) or _is_interruption(error.__cause__))


def tell(error: Exception) -> int:
    """An error in its lines on stderr, where that takes them; its exit code."""
    failure = _failure(error)
    with contextlib.suppress(OSError):
        click.echo(printable(f"Error: {failure.message}\n{failure.advice}"), err=True)
    return failure.exit_code


def _failure(error: Exception) -> CommandLineError:
    if isinstance(error, CommandLineError):
        return error
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx else "digits-tui"
        return CommandLineError(error.format_message(), f"`{path} --help` lists what there is.")
    if isinstance(error, click.ClickException):
        return CommandLineError(error.format_message(), "Check the path and its permissions.", error.exit_code)
    return _expected(error) or _unexpected(error)


def _expected(error: Exception) -> CommandLineError | None:
    """The errors that the engine and the data set readers document."""
    from dataset import DatasetError
    from engine.backend import DeviceError
    from engine.export import ExportError
    from engine.hyperparameters.configuration import HyperparameterError
    from engine.runs.error import RunError
    from engine.storage.tensor_file import ModelFileError

    match error:
        case HyperparameterError():
            return CommandLineError("\nError: ".join(error.problems), error.advice)
        case DeviceError():
            return CommandLineError(error.message, error.advice, ExitCode.NO_DEVICE)
        case DatasetError() | ExportError() | RunError() | ModelFileError():
            return CommandLineError(error.message, error.advice)
        case OSError(filename=str()):
            return CommandLineError(
                f"{error.filename}: {error.strerror}", "Check the path, its permissions and the space left.", ExitCode.FAILURE
            )
        case OSError(errno=number) if number in NO_ROOM:
            return CommandLineError(
                f"the output cannot be written: {error.strerror}", "Make room where it goes, or send it elsewhere.", ExitCode.FAILURE
            )
        case UnicodeEncodeError(encoding="utf-8") if wrong := [word for word in sys.argv if word != encodable(word)]:
            return CommandLineError(f"{encodable(wrong[0])} is not text in UTF-8", "Give it a name that is.")
    return None


def _unexpected(error: Exception) -> CommandLineError:
    from tui import log

    what = f"something unforeseen happened: {type(error).__name__}: {error}"
    try:
        log_file = log.append(f"{sys.argv}\n{''.join(traceback.format_exception(error))}")
    except OSError as denied:
        return CommandLineError(what, f"The details could not be written to {log.error_log()}: {denied.strerror}.", ExitCode.FAILURE)
    return CommandLineError(what, f"The details are in {log_file}.", ExitCode.FAILURE)
