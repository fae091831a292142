"""The dashboard: modes, themes, and the keys that work anywhere. Holds no training state; the client does."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from textual import work
from textual.app import SystemCommand
from textual.binding import Binding
from textual.driver import Driver
from textual.events import Event, Key
from textual.filter import LineFilter
from textual.screen import Screen

from engine.process import SIGNALS
from tui import clipboard, exports, messages
from tui.ascii import Ascii
from tui.bindings import Action, bindings, key_name
from tui.colours.legibility import repaired
from tui.colours.themes import DARK, THEMES, defaults
from tui.commands import ActionProvider, FieldProvider, TermProvider
from tui.garbage import INTERVAL, Tidier
from tui.glossary import term_of_page
from tui.importing import imported
from tui.item import Item
from tui.keymap import remapped
from tui.log import note
from tui.modes import MODES, Mode
from tui.options import Options
from tui.parts.choosing import Choosing
from tui.parts.connecting import Connecting
from tui.parts.sweeping import Sweeping
from tui.parts.waiting import Waiting
from tui.processes.niceness import lower_thread
from tui.runs.view import RunPhase
from tui.screens.greeting import Greeting
from tui.screens.help import HelpScreen
from tui.screens.jump import JumpScreen
from tui.screens.mode import SMALLEST, ModeScreen
from tui.screens.notice import Notice
from tui.screens.picker import Picker
from tui.styles import read_ahead

THREADS = 4
"""For what would hold up the interface."""


class DigitsApp(Waiting, Connecting, Choosing, Sweeping):
    TITLE = "digits-tui"
    BINDINGS = bindings("anywhere")
    COMMANDS = {ActionProvider, FieldProvider, TermProvider}
    DEFAULT_MODE = MODES[0].name
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (SMALLEST[0], "-narrow"), (100, "-wide"), (160, "-broad")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (SMALLEST[1], "-short"), (32, "-normal"), (50, "-tall")]

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        super().__init__(self.options)
        self.settings = self.options.settings
        self.actions = remapped(self.settings.keys)
        """The table, with the user's own keys."""
        self.memory = self.options.memory
        self._tidier: Tidier | None = None
        self.fault: Exception | None = None
        """What ended the dashboard that nobody had foreseen."""
        self._quits_after_run = False
        self._ascii = Ascii(enabled=self.settings.ascii)
        self.set_keymap(dict(self.settings.keys))
        if self.settings.reduced_motion:
            self.animation_level = "none"
        for theme in THEMES:
            self.register_theme(theme)
        remembered = self.memory.state.theme
        self.theme = remembered if remembered in self.available_themes else DARK.name
        for mode in MODES:
            self.add_mode(mode.name, partial(mode.make, self.client))

    def get_driver_class(self) -> type[Driver]:
        chosen = super().get_driver_class()
        if chosen.__module__ != "textual.drivers.linux_driver":
            return chosen
        from tui.terminal_driver import TerminalDriver  # not there on Windows

        return TerminalDriver

    def _end_batch(self) -> None:
        """Textual leaves the screen as it was, until something else happens, where what happened meanwhile was held back by a batch."""
        super()._end_batch()
        if not self._batch_count:
            for screen in self.screen_stack[-1:]:
                screen.check_idle()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return defaults(self.current_theme)

    def get_css_variables(self) -> dict[str, str]:
        self.theme_variables = repaired(super().get_css_variables(), self.current_theme.ansi)
        return self.theme_variables

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), *([self._ascii] if self._ascii.enabled else [])]

    def get_key_display(self, binding: Binding) -> str:
        return binding.key_display or key_name(binding.key)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        return ()

    # Life and death

    def on_mount(self) -> None:
        self.client.subscribe(self)
        self.sweeps.subscribe(self)
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, initializer=lower_thread))
        self._catch_signals()
        self.theme_changed_signal.subscribe(self, lambda theme: self.remember(theme=theme.name))
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self.run_worker(self.client.live(), group="client")
        for problem in self.settings.problems:
            self.notify(problem, severity="warning", timeout=20, markup=False)
        if self.options.open is not None:
            self.show_model(self.options.open)
        if not self.memory.state.greeted:
            self._greet()
        elif (mode := self.options.left_in) is not None:
            self._return_to(mode)
        self.mode_change_signal.subscribe(self, lambda mode: self.remember(mode=mode))

    @work
    async def _greet(self) -> None:
        self.remember(greeted=True)
        choice = await self.push_screen_wait(Greeting(self.actions))
        for action in self.actions:
            if action.id == choice:
                await self.perform(action)

    @work
    async def _return_to(self, mode: Mode) -> None:
        """To the mode of the last time, unless another is wanted by the time it is ready."""
        await imported(mode.module)
        if self.current_mode == self.DEFAULT_MODE and not self.screen.is_modal:
            await self.switch_mode(mode.name)

    async def on_event(self, event: Event) -> None:
        if self._tidier is not None and isinstance(event, Key):
            self._tidier.notice_key()
        await super().on_event(event)

    @work(group="import")
    async def _import_ahead(self) -> None:
        """So that the other modes come up without a hitch."""
        await imported(*(mode.module for mode in MODES))
        read_ahead(self)
        if self.options.owns_process and self._tidier is None:
            self._tidier = Tidier()
            self.set_interval(INTERVAL, self._tidier.tidy)

    def _catch_signals(self) -> None:
        if sys.platform != "win32":
            for number, code in SIGNALS.items():
                asyncio.get_running_loop().add_signal_handler(number, partial(self.exit, return_code=code))

    def _handle_exception(self, error: Exception) -> None:
        """Once the dashboard is being left, widgets that were not all there yet find their parts missing: that is for the log alone."""
        if self._exit:
            note("".join(traceback.format_exception(error)))
        else:
            self.fault = error
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Ends without a word: the traceback is not for the terminal."""
        self._close_messages_no_wait()

    async def on_unmount(self) -> None:
        self.memory.write()
        await asyncio.gather(self.client.shutdown(), self.sweeps.shutdown())

    async def action_quit(self) -> None:
        if self.client.is_training:
            self._ask_before_quitting()
        elif self.sweeps.is_running:
            self.ask_before_leaving_sweep()
        else:
            self.exit()

    @work
    async def _ask_before_quitting(self) -> None:
        items = [
            Item("stop", "Finish this epoch, then leave", "The run ends in good order, evaluated and kept."),
            Item("abort", "Leave now", "Finished epochs are kept; the run can be resumed."),
            Item("cancel", "Go on training"),
        ]
        choice = await self.push_screen_wait(Picker("A network is being trained", items))
        if choice == "stop":
            self._quits_after_run = True
            self.client.stop()
            self.notify("Leaving after this epoch.")
        elif choice == "abort":
            self.exit()

    async def action_quit_now(self) -> None:
        """As ``action_quit``; with its question, or any other dialogue, on screen it leaves at once."""
        if self.screen.is_modal:
            self.exit()
        else:
            await self.action_quit()

    # The run in hand

    @work
    async def show_model(self, path: Path) -> None:
        """Takes a run that is over in hand; the worker evaluates it once it is ready."""
        from engine.runs.error import RunError
        from engine.storage.tensor_file import ModelFileError
        from tui.runs.opening import open_run

        try:
            run = await asyncio.to_thread(open_run, path)
        except (ModelFileError, RunError) as error:
            self._refuse_to_open(error.message, error.advice)
        except OSError as error:
            self._refuse_to_open(f"{error.filename or path} cannot be read: {error.strerror}", "Check the path and its permissions.")
        else:
            self.client.show(run)
            self._evaluate_opened()

    def _refuse_to_open(self, message: str, advice: str) -> None:
        self.push_screen(Notice("This run cannot be opened", message, advice))

    def _evaluate_opened(self) -> None:
        run = self.client.run
        if run is not None and run.phase is RunPhase.OPENED and run.model is not None and self.client.ready:
            self.client.evaluate(run.model)

    # What the worker says

    def on_worker_ready(self, message: messages.WorkerReady) -> None:
        self._import_ahead()
        self._evaluate_opened()

    def on_run_changed(self, message: messages.RunChanged) -> None:
        if self._quits_after_run and message.run.is_over:
            self.exit()

    def on_work_failed(self, message: messages.WorkFailed) -> None:
        failure = message.failure
        if failure.kind == "protocol":
            self.notify(failure.message, severity="warning", markup=False)
        else:
            is_a_fault = failure.kind == "internal"
            advice = f"{failure.advice} ({self.client.log.path})" if is_a_fault else failure.advice
            self.push_screen(Notice(f"Failed: {failure.kind}", failure.message, advice, self.client.log.tail() if is_a_fault else ""))

    # Keys that work anywhere

    def action_command_palette(self) -> None:
        if isinstance(self.screen, Greeting):
            self.screen.dismiss(None)
        super().action_command_palette()

    def action_help(self) -> None:
        self.push_screen(HelpScreen())

    def action_explain(self) -> None:
        """The term of the field in focus first, or of the page that is shown."""
        from tui.screens.glossary import GlossaryScreen, term_at

        page = term_of_page(self.screen.shown_page) if isinstance(self.screen, ModeScreen) else None
        self.push_screen(GlossaryScreen(term_at(self.screen.focused) or page))

    @work
    async def action_jump_mode(self) -> None:
        targets = self.screen.jump_targets() if isinstance(self.screen, ModeScreen) else []
        if not targets:
            self.notify("There is one pane here, and nothing else to go to.")
        elif target := await self.push_screen_wait(JumpScreen(targets)):
            target.go()

    def copy_to_clipboard(self, text: str) -> None:
        """By the terminal, and by the system where that can be done."""
        super().copy_to_clipboard(text)
        self.run_worker(partial(clipboard.copy, text), thread=True, group="clipboard")

    async def perform(self, action: Action) -> None:
        """Does an action of the table by its name, in the mode that it belongs to."""
        if action.where != "anywhere":
            await self.switch_mode(action.where)
        is_done = await self.run_action(action.method, self if action.where == "anywhere" else self.screen)
        if not is_done:
            self.notify(f"{action.title} cannot be done now: {action.help}", severity="warning", markup=False)

    # Files for others

    @work
    async def action_picture(self) -> None:
        await exports.write(self, "Write the picture to", f"{self.current_mode}.svg", exports.picture(self))

    @work
    async def action_metrics(self) -> None:
        await exports.export(self, "metrics")

    @work
    async def action_confusion(self) -> None:
        await exports.export(self, "confusion")

    @work
    async def action_digits(self) -> None:
        await exports.export(self, "digits")
