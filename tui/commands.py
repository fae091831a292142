"""The command palette's entries: every action of the table, by its prefixed name."""

from __future__ import annotations

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui.bindings import ACTIONS, Action, key_name


def entry(action: Action) -> str:
    """What the palette calls an action, such as ``train: stop``."""
    return f"{action.group}: {action.title.lower()}"


class ActionProvider(Provider):
    @property
    def _actions(self) -> list[Action]:
        """What can be done in the mode that is shown, anywhere, and, by going there, in the others."""
        actions = [action for action in ACTIONS if action.method != "quit_now"]
        order = (self.app.current_mode, "anywhere")
        return sorted(actions, key=lambda action: order.index(action.where) if action.where in order else len(order))

    def _do(self, action: Action) -> object:
        from tui.app import DigitsApp

        app = self.app
        assert isinstance(app, DigitsApp)
        return app.perform(action)

    async def discover(self) -> Hits:
        for action in self._actions:
            yield DiscoveryHit(entry(action), lambda action=action: self._do(action), help=_help(action))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for action in self._actions:
            name = entry(action)
            score = matcher.match(f"{name} {action.help}")
            if score > 0:
                yield Hit(score, matcher.highlight(name), lambda action=action: self._do(action), help=_help(action))


def _help(action: Action) -> str:
    return f"{key_name(action.keys)}: {action.help}"
