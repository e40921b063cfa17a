#!/usr/bin/env python3
"""
Notifications: somebody hears of a film that failed or lacks something, and of the end of a batch.

Sent by apprise, to the addresses in the secret NOTIFY_URLS (mailto://, ntfy://, tgram://, …), which
stand in no log, record or message: what apprise itself would log is not written.

Usage:
    from shared.pipeline.batch.notifications import Notifier

    trouble = Notifier.from_config(config).film_ended(record)
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from shared.config import load_secret, secret_values
from shared.core.errors import counted
from shared.core.redact import Redactor
from shared.core.settings import PipelineConfig
from shared.pipeline.batch.record import BatchRecord, FilmRecord

SECRET = "NOTIFY_URLS"
END = "end"
# Lines of a message; more is read nowhere.
MOST_LINES = 40


@dataclass(frozen=True)
class Notifier:
    """Sends what somebody wants to hear of.

    Attributes:
        addresses: As apprise takes them; empty = nobody.
        occasions: 'end', and states of films.
    """

    addresses: tuple[str, ...] = ()
    occasions: frozenset[str] = frozenset()

    @classmethod
    def from_config(cls, config: PipelineConfig) -> Notifier:
        """Return what a configuration and the secrets ask for.

        Args:
            config: Its `notify_on`.

        Raises:
            InputError: The secrets cannot be read.
        """
        addresses = (load_secret(SECRET) or "").split()
        return cls(tuple(addresses), frozenset(config.notify_on.replace(",", " ").split()))

    def film_ended(self, record: FilmRecord) -> str:
        """Tell of a film, where that is wanted; return what went wrong, '' if nothing.

        Args:
            record: Of the film, which has ended.
        """
        if record.state not in self.occasions:
            return ""
        return self._send(f"{record.name}: {record.state}", [record.reason, record.hint])

    def batch_ended(self, record: BatchRecord) -> str:
        """Tell of the end of a batch that had something to do; return what went wrong.

        Args:
            record: Of the batch.
        """
        films = [film for film in record.films if film.state != "left alone"]
        if END not in self.occasions or not films:
            return ""
        states = Counter(film.state for film in films)
        told = ", ".join(f"{number} {state}" for state, number in states.items())
        lines = [
            f"{one.name}: {one.state}" + f" ({one.reason})" * bool(one.reason) for one in films
        ]
        title = f"Batch ended: {counted(len(films), 'film')}, {told}"
        return self._send(title, [*lines[:MOST_LINES], *["…"] * (len(lines) > MOST_LINES)])

    def _send(self, title: str, lines: Sequence[str]) -> str:
        if not self.addresses:
            return ""
        from apprise import Apprise  # 0.5 s: only where somebody is told

        quiet = logging.getLogger("apprise")
        quiet.propagate, quiet.disabled = False, True
        hidden = Redactor([*secret_values(), *self.addresses])
        body = hidden.text("\n".join(filter(None, lines)) or title)
        troubles = []
        for number, address in enumerate(self.addresses, 1):
            service = Apprise()
            if not service.add(address):
                troubles.append(f"address {number} of {SECRET} is none that apprise knows")
            elif not service.notify(title=hidden.text(title), body=body):
                troubles.append(f"address {number} of {SECRET} took no message")
        return f"Nobody was told: {'; '.join(troubles)}" if troubles else ""
