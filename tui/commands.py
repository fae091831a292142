"""The command palette's entries: every action of the table, by its prefixed name."""

from __future__ import annotations

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui.bindings import Action, key_name
from tui.dashboard import dashboard

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
            score = matcher.match(f"{name} {action.help}")
            if score > 0:
                yield Hit(score, matcher.highlight(name), partial(dashboard(self).perform, action), help=_help(action))


def _help(action: Action) -> str:
    return f"{key_name(action.keys)}: {action.help}"
