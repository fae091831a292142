"""Who posts messages to whoever subscribed to them."""

from __future__ import annotations

from typing import Any

from textual.message import Message
from textual.message_pump import MessagePump


class Publisher:
    def __init__(self) -> None:
        self._subscribers: list[MessagePump] = []

    def subscribe(self, subscriber: MessagePump) -> None:
        """Every message is posted to ``subscriber`` from now on."""
        self._subscribers.append(subscriber)

    def unsubscribe(self, subscriber: MessagePump) -> None:
        self._subscribers.remove(subscriber)

    def _tell(self, kind: type[Message], **values: Any) -> None:
        for subscriber in self._subscribers:
            subscriber.post_message(kind(**values))
