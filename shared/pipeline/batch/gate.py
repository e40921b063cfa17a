#!/usr/bin/env python3
"""
Gate: which attempt goes next, and into which slot, so that no machine is ever overfull.

Films are finished first: of the attempts that wait for the same kind of slot, the one of the latest
stage goes first, then that of the film which began first; a film that somebody wants first comes
before all. What is too large for what is free is waited for: nothing smaller slips by, so that
nothing waits for ever.

Usage:
    from shared.pipeline.batch.gate import Gate, Need

    gate = Gate(slots)
    with gate.place(Need("CPU", 500, rank=6, order=1), stop) as slot: ...
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from shared.pipeline.batch.executor import Kind, Slot
from shared.pipeline.batch.ledger import Ledger
from shared.pipeline.run.interrupt import LOOK_SECONDS, Stop


@dataclass(frozen=True)
class Need:
    """What an attempt takes, and how soon it is its turn.

    Attributes:
        kind: Of slot.
        units: How much of one.
        rank: Number of its stage; preparing a film comes before the first.
        order: Number of its film.
        label: What it is, for who looks: film and stage.
        only: Name of the one slot that will do; empty where any does.
        wants: What the slot has to offer.
        cpus: On how many it computes; 0: as many as it likes.
    """

    kind: Kind
    units: int
    rank: int
    order: int
    label: str = ""
    only: str = ""
    wants: frozenset[str] = frozenset()
    cpus: int = 0

    def suits(self, slot: Slot) -> bool:
        """Return whether it could run in a slot, were that free.

        Args:
            slot: Any.
        """
        is_named = self.only in ("", slot.name)
        return self.kind == slot.kind and is_named and self.wants <= slot.offers


@dataclass
class _Ticket:
    need: Need
    number: int
    slot: Slot | None = None
    since: float = field(default_factory=time.time)


@dataclass(frozen=True)
class Occupied:
    """What runs in a slot.

    Attributes:
        slot: Its name.
        units: How much of it is taken.
        label: By what.
    """

    slot: str
    units: int
    label: str


@dataclass
class _State:
    free: dict[str, int]
    waiting: list[_Ticket] = field(default_factory=list)
    running: list[_Ticket] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    closed: str = ""
    crowded: str = ""


class Gate:
    """Lets attempts into slots; may be asked from any thread.

    Args:
        slots: Those there are.
        ledger: What other batches of this machine hold of them; None = they are not asked.
    """

    def __init__(self, slots: Sequence[Slot], ledger: Ledger | None = None) -> None:
        self._slots = list(slots)
        self._ledger = ledger
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._state = _State({slot.name: slot.units for slot in slots})

    @contextmanager
    def place(self, need: Need, stop: Stop) -> Iterator[Slot]:
        """Wait for a place and hold it.

        Args:
            need: What is to run; more than a slot has is all of it.
            stop: Who may ask to give up waiting.

        Yields:
            The slot to run in.

        Raises:
            InterruptedRun: Somebody asked to stop.
        """
        ticket = _Ticket(self._fitting(need), next(self._numbers))
        with self._changed:
            self._state.waiting.append(ticket)
            self._let_in()
        try:
            yield self._wait(ticket, stop)
        finally:
            with self._changed:
                self._leave(ticket)

    def close(self, why: str) -> None:
        """Let nothing in any more; what runs goes on.

        Args:
            why: Shown to who looks.
        """
        with self._changed:
            self._state.closed = why
            self._want_nothing()

    def open(self) -> None:
        """Let attempts in again."""
        with self._changed:
            was_closed, self._state.closed = self._state.closed, ""
            if was_closed or self._state.waiting:  # another batch may have given something back
                self._let_in()

    def set_slots(self, slots: Sequence[Slot]) -> None:
        """Have other slots from now on; what runs in one that is gone ends there.

        Args:
            slots: All that there are now.
        """
        with self._changed:
            taken: dict[str, int] = {}
            for ticket in self._state.running:
                if ticket.slot is not None:
                    name = ticket.slot.name
                    taken[name] = taken.get(name, 0) + ticket.need.units
            self._slots = list(slots)
            self._state.free = {one.name: one.units - taken.get(one.name, 0) for one in slots}
            self._let_in()

    def can_ever(self, need: Need) -> bool:
        """Return whether there is a slot that suits, free or not.

        Args:
            need: What would run.
        """
        with self._changed:
            return any(need.suits(slot) for slot in self._slots)

    def put_first(self, order: int) -> None:
        """Have a film's attempts come before all others.

        Args:
            order: Number of the film; the latest that was put first is the first.
        """
        with self._changed:
            self._state.first = [order, *(one for one in self._state.first if one != order)]

    @property
    def closed(self) -> str:
        """Why nothing is let in; empty where attempts are."""
        return self._state.closed

    @property
    def crowded(self) -> str:
        """Who else has what the next attempt waits for; empty where it is this batch's own."""
        return self._state.crowded

    def is_idle_for(self, units: int) -> bool:
        """Return whether nobody waits, and a machine has so much free: another film may begin.

        Args:
            units: Of the machine's cores and memory.
        """
        with self._changed:
            free = [self._state.free[one.name] for one in self._slots if one.kind == "CPU"]
            return not self._state.closed and not self._state.waiting and max(free) >= units

    def occupied(self) -> list[Occupied]:
        """Return what runs where."""
        with self._changed:
            return [
                Occupied(ticket.slot.name, ticket.need.units, ticket.need.label)
                for ticket in self._state.running
                if ticket.slot is not None
            ]

    def waiting(self) -> list[str]:
        """Return what waits, the next one first."""
        with self._changed:
            return [ticket.need.label for ticket in sorted(self._state.waiting, key=self._turn)]

    def _fitting(self, need: Need) -> Need:
        """Return a need that the largest slot of its kind can meet."""
        most = max((slot.units for slot in self._slots if need.suits(slot)), default=need.units)
        return replace(need, units=min(need.units, most))

    def _wait(self, ticket: _Ticket, stop: Stop) -> Slot:
        with self._changed:
            while ticket.slot is None:
                stop.check()
                self._changed.wait(LOOK_SECONDS)
        stop.check()
        return ticket.slot

    def _leave(self, ticket: _Ticket) -> None:
        if ticket.slot is None:
            self._state.waiting.remove(ticket)
        else:
            self._state.running.remove(ticket)
            if ticket.slot.name in self._state.free:
                self._state.free[ticket.slot.name] += ticket.need.units
            if self._ledger is not None:
                self._ledger.give_back(ticket.slot, ticket.need.units)
        self._let_in()

    def _let_in(self) -> None:
        """Give places to those whose turn it is, kind by kind."""
        if self._state.closed:
            return
        blocked: set[tuple[Kind, str, frozenset[str]]] = set()
        crowded = ""
        for ticket in sorted(self._state.waiting, key=self._turn):
            wanted = (ticket.need.kind, ticket.need.only, ticket.need.wants)
            if wanted in blocked:
                continue
            ticket.need = self._fitting(ticket.need)
            slot = self._roomiest(ticket.need)
            if slot is None or self._state.free[slot.name] < ticket.need.units:
                blocked.add(wanted)
                continue
            if self._ledger is not None:
                told = self._ledger.take(slot, ticket.need.units, ticket.since)
                if told:
                    blocked.add(wanted)
                    crowded = crowded or told
                    continue
            self._state.free[slot.name] -= ticket.need.units
            ticket.slot = slot
            self._state.waiting.remove(ticket)
            self._state.running.append(ticket)
        self._state.crowded = crowded
        if not crowded:
            self._want_nothing()
        self._changed.notify_all()

    def _want_nothing(self) -> None:
        """Let other batches have what this one does not wait for any more."""
        if self._ledger is not None:
            self._ledger.want_nothing()

    def _roomiest(self, need: Need) -> Slot | None:
        places = [slot for slot in self._slots if need.suits(slot)]
        return max(places, key=lambda slot: self._state.free[slot.name], default=None)

    def _turn(self, ticket: _Ticket) -> tuple[int, int, int, int]:
        need, first = ticket.need, self._state.first
        wanted = first.index(need.order) if need.order in first else len(first)
        return wanted, -need.rank, need.order, ticket.number
