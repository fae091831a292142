"""The command palette's entries: every action of the table, by its prefixed name, and, for who looks for them, fields and terms."""

from __future__ import annotations

import re
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui.bindings import Action, key_name
from tui.dashboard import dashboard
from tui.glossary import Term, terms

UNLISTED = ("quit_now", "command_palette")


def entry(action: Action) -> str:
    """What the palette calls an action, such as ``train: stop``."""
    return f"{action.group}: {action.title.lower()}"


class ActionProvider(Provider):
    @property
    def _actions(self) -> list[Action]:
        """What can be done in the mode that is shown, anywhere, and, by going there, in the others."""
        here = self.app.current_mode
        actions = [
            action
            for action in dashboard(self).actions
            if action.method not in UNLISTED and (action.where != here or self.screen.check_action(action.method, ()))
        ]
        order = (here, "anywhere")
        return sorted(actions, key=lambda action: order.index(action.where) if action.where in order else len(order))

    async def discover(self) -> Hits:
        for action in self._actions:
            yield DiscoveryHit(entry(action), partial(dashboard(self).perform, action), help=_help(action))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for action in self._actions:
            name = entry(action)
            score = matcher.match(name) + matcher.match(f"{name} {action.help}")  # what is called so comes before what tells of it
            if score > 0:
                yield Hit(score, matcher.highlight(name), partial(dashboard(self).perform, action), help=_help(action))


def _help(action: Action) -> str:
    return f"{key_name(action.keys)}: {action.help}"


class FieldProvider(Provider):
    """The fields of the form, by their dotted keys."""

    async def search(self, query: str) -> Hits:
        from engine.hyperparameters.table import HYPERPARAMETERS

        matcher = self.matcher(query)
        for key, field in HYPERPARAMETERS.items():
            name = f"form: {key}"
            score = matcher.match(name) or matcher.match(f"form: {re.sub('[._]', ' ', key)}")
            if score > 0:
                yield Hit(score, matcher.highlight(name), partial(self._go_to, key), help=field.help)

    async def _go_to(self, key: str) -> None:
        from tui.screens.train import TrainScreen

        await self.app.switch_mode("train")
        if isinstance(self.app.screen, TrainScreen):
            self.app.screen.go_to(key)
        else:
            self.app.notify(f"A dialogue is open over the form: close it, and go to {key} then.", severity="warning", markup=False)


class TermProvider(Provider):
    """The terms of the glossary."""

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for term in terms():
            name = f"explain: {term.name}"
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, matcher.highlight(name), partial(self._explain, term), help=term.text.partition(". ")[0].rstrip(".") + ".")

    def _explain(self, term: Term) -> None:
        from tui.screens.glossary import GlossaryScreen

        self.app.push_screen(GlossaryScreen(term))
