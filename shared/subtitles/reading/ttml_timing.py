#!/usr/bin/env python3
"""
TTML timing: when each element of a document is shown.

Source: TTML 2, section 12 (timing), after SMIL: in parallel, times count from the begin of what an
element lies in; in sequence, from the end of the one in front. Without an end of its own an element
lasts as long as what it holds, text for ever; nothing is shown longer than what it lies in.

Usage:
    from shared.subtitles.reading.ttml_timing import Timing

    timing = Timing(tree.root, clock)
    timing.shown(paragraph)    # (Fraction(1), Fraction(3))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from shared.subtitles.reading.result import Fault
from shared.subtitles.reading.ttml_clock import Clock
from shared.subtitles.reading.ttml_tree import Node

TIMED = frozenset({"body", "div", "p", "span", "br", "set", "region"})
MIXED = frozenset({"p", "span"})
# What may stand at the root; a document without a body is read as well.
CONTAINERS = frozenset({"body", "div", "p"})
# In parallel they have no end of their own.
ENDLESS = frozenset({"br", "set", "region"})
ATTRIBUTES = ("begin", "end", "dur")
# From when to when, in seconds from the film's start; None = without an end.
Span = tuple[Fraction, Fraction | None]
NEVER: Span = (Fraction(0), Fraction(0))


@dataclass(frozen=True)
class Place:
    """When an element is active by itself.

    Attributes:
        span: From when to when.
        origin: What its begin and end count from, in seconds from the film's start.
        in_sequence: Whether those behind it begin when it ends.
    """

    span: Span
    origin: Fraction
    in_sequence: bool


@dataclass
class Timing:
    """The times of a document.

    Attributes:
        root: Of the document.
        clock: Of the document.
        faults: Times that are none, and frames that cannot exist.
        malformed: Numbers of elements with a time that is none.
        places: When elements are active, by their number.
    """

    root: Node
    clock: Clock
    faults: list[Fault] = field(default_factory=list)
    malformed: set[int] = field(default_factory=set)
    places: dict[int, Place] = field(default_factory=dict)
    regions: dict[str, Span] = field(default_factory=dict)
    # Regions that stand inside of an element, by its number.
    inner: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        bodies = [one for one in self.root.children if one.name in CONTAINERS]
        for node in self.root.walk():
            if node.name != "region" or node.parent is None:
                continue
            if any(one.name == "body" for one in node.up()):
                self.inner.setdefault(node.parent.number, []).append(node.number)
            else:
                self._place(node, Fraction(0), False)
                self.regions[node.own.get("id", "")] = self.places[node.number].span
        for body in bodies:
            self._place(body, Fraction(0), False)
        self.faults.sort(key=lambda fault: fault.line)

    def shown(self, paragraph: Node) -> Span:
        """Return from when to when any text of a paragraph is shown; nothing = no length.

        Args:
            paragraph: Of the document.
        """
        begin, end = self._inside(paragraph)
        holders = _holders(paragraph)
        if not holders:
            return begin, end
        spans = (self._inside(one) for one in holders if not _is_sequence(one))
        seen = [span for span in spans if _is_some(span)]
        if not seen:
            return begin, begin
        ends = [end for _, end in seen]
        return min(begin for begin, _ in seen), None if None in ends else max(_known(ends))

    def own(self, paragraph: Node) -> Place:
        """Return when a paragraph is active by its own times.

        Args:
            paragraph: Of the document.
        """
        return self.places.get(paragraph.number, Place(NEVER, Fraction(0), True))

    def _inside(self, node: Node) -> Span:
        """Return when an element is active together with all that it lies in, and its region."""
        begin, end = Fraction(0), None
        named = node.inherited("region")
        chain = [self.regions.get(named, (Fraction(0), None))]
        for one in node.up():
            if one.name in TIMED:
                chain.append(self.own(one).span)
            inner = self.inner.get(one.number, [])
            chain += [self.places[number].span for number in inner if number in self.places]
        for first, last in chain:
            begin = max(begin, first)
            end = last if end is None else end if last is None else min(end, last)
        return begin, end

    def _place(self, node: Node, origin: Fraction, in_sequence: bool) -> Fraction | None:
        """Note when an element and all in it are active; return its end."""
        times = self._own_times(node)
        begin = origin + times.get("begin", Fraction(0))
        lasts: Fraction | None = begin
        if node.name in ENDLESS and not in_sequence:
            lasts = None
        is_sequence = _is_sequence(node)
        at: Fraction | None = begin
        for item in node.content:
            if isinstance(item, str):
                lasts = None if node.name in MIXED and not is_sequence else lasts
            elif item.name not in TIMED:
                continue
            elif not is_sequence:
                end = self._place(item, begin, False)
                lasts = None if lasts is None or end is None else max(lasts, end)
            elif at is not None:  # what follows something without an end is never shown
                at = lasts = self._place(item, at, True)
        ends = [origin + times["end"]] if "end" in times else []
        ends += [begin + times["dur"]] if "dur" in times else []
        own_end = min(ends) if ends else lasts
        self.places[node.number] = Place((begin, own_end), origin, in_sequence)
        return own_end

    def _own_times(self, node: Node) -> dict[str, Fraction]:
        """Return the times that an element has itself, in seconds."""
        times = {}
        for name in ATTRIBUTES:
            if name not in node.own:
                continue
            text = node.own[name]
            try:
                times[name] = self.clock.seconds(text)
            except ValueError as error:
                told = f"not a time: {error}"
                self.faults.append(Fault(node.line, told, "00:01:02.345 or 62.345s"))
                self.malformed.add(node.number)
                continue
            if flaw := self.clock.flaw(text):
                self.faults.append(Fault(node.line, f"{text}: {flaw}", "A lower one", "no-frame"))
        return times


def _holders(paragraph: Node) -> list[Node]:
    """Return the paragraph and the spans in it that hold text themselves."""
    return [
        node
        for node in paragraph.walk()
        if node.name in MIXED and any(isinstance(one, str) and one.strip() for one in node.content)
    ]


def _is_sequence(node: Node) -> bool:
    """Return whether what an element holds is shown one after the other; text for no time."""
    return node.own.get("timeContainer") == "seq"


def _is_some(span: Span) -> bool:
    return span[1] is None or span[1] > span[0]


def _known(ends: Sequence[Fraction | None]) -> list[Fraction]:
    return [end for end in ends if end is not None]
