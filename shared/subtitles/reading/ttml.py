#!/usr/bin/env python3
"""
TTML: documents of any profile, read; shared/subtitles/files/ttml_document.py writes them.

A paragraph is a cue, from when the first of its text is shown to when the last is gone.

Usage:
    from shared.subtitles.reading.ttml import read_document

    read_document(text, path).cues[0].line
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from shared.core.errors import InputError
from shared.subtitles.base.colours import name_of
from shared.subtitles.base.cue import SourceCue
from shared.subtitles.reading.result import NO_END, Reading
from shared.subtitles.reading.ttml_clock import Clock, clock_of
from shared.subtitles.reading.ttml_timing import Span, Timing
from shared.subtitles.reading.ttml_tree import Node, Tree, read_tree

START_TAG = re.compile(rb"""<(?:[^<>"']|"[^"]*"|'[^']*')*>""")
SLANTED = ("italic", "oblique")
CONTENT = ("body", "div", "p", "span")
# What a paragraph without a region of its own may say of its place.
PLACE = ("region", "origin", "extent", "position", "displayAlign")


@dataclass(frozen=True)
class Paragraph:
    """Where the cue of a TTML document stands in its UTF-8 bytes.

    Attributes:
        start: Of its first tag.
        close: Of its last tag; that of an element without content is its first.
        own: Its attributes without namespaces.
        offset: What its end counts from, in seconds.
        parent: Which element it lies in.
        keeps_space: Whether line ends and spaces are shown as they are.
        is_movable: Whether its own end alone decides how long it is shown.
    """

    start: int
    close: int
    own: dict[str, str]
    offset: Fraction
    parent: int
    keeps_space: bool
    is_movable: bool


@dataclass
class Document(Reading):
    """A TTML document that was read: its cues and where each of them stands."""

    paragraphs: list[Paragraph] = field(default_factory=list)
    clock: Clock = field(default_factory=lambda: clock_of({}))


def read_document(text: str, path: Path) -> Document:
    """Return the cues of a TTML document, of any profile.

    Args:
        text: The document.
        path: Its name, for messages.

    Raises:
        InputError: When it is not well-formed or no TTML, with the line number.
    """
    tree = read_tree(text, path)
    try:
        clock = clock_of(tree.root.own)
    except ValueError as error:
        told = f"{path}:{tree.root.line}: not a frame rate: {error}"
        raise InputError(told, hint='ttp:frameRate="24"') from error
    timing = Timing(tree.root, clock)
    styles = _Styles(tree.root)
    made = Document(faults=timing.faults, clock=clock)
    for node in tree.root.walk():
        broken = node.name == "p" and any(one.number in timing.malformed for one in node.walk())
        if node.name == "p" and not broken:
            span = timing.shown(node)
            made.paragraphs.append(_paragraph(tree, node, timing, span))
            made.cues.append(_cue(tree, node, span, made.paragraphs[-1], styles))
    made.unit = clock.unit
    return made


class _Styles:
    """The styles of a document: which are in italics, and their colours."""

    def __init__(self, root: Node) -> None:
        named = [one for one in root.walk() if one.name == "style"]
        self.italic = {one.own.get("id", "") for one in named if is_slanted(one)}
        self.colours = {one.own.get("id", ""): one.own.get("color", "") for one in named}

    def is_italic(self, node: Node) -> bool:
        """Return whether the text of an element is in italics."""
        for one in node.up():
            if one.name not in CONTENT:
                return False
            if is_slanted(one) or self.italic & set(one.own.get("style", "").split()):
                return True
            if one.own.get("fontStyle") == "normal":
                return False
        return False

    def colour(self, node: Node) -> str:
        """Return the colour of the text of an element, '' where nothing says it."""
        for one in node.up():
            if one.name not in CONTENT:
                return ""
            styles = [self.colours.get(name, "") for name in one.own.get("style", "").split()]
            found = one.own.get("color", "") or next((n for n in reversed(styles) if n), "")
            if found:
                return found
        return ""


def is_slanted(node: Node) -> bool:
    """Return whether an element itself says that it is in italics.

    Args:
        node: Any element.
    """
    return node.own.get("fontStyle") in SLANTED


def _paragraph(tree: Tree, node: Node, timing: Timing, span: Span) -> Paragraph:
    own = timing.own(node)
    # The end of <p/> is told to be behind it.
    tag = START_TAG.match(tree.content, node.start)
    is_empty = tag is not None and tag[0].endswith(b"/>")
    return Paragraph(
        start=node.start,
        close=node.start if is_empty else node.close,
        own=node.own,
        offset=own.origin,
        parent=node.parent.number if node.parent else 0,
        keeps_space=_keeps_space(node),
        is_movable=span == own.span and not own.in_sequence,
    )


def _cue(tree: Tree, node: Node, span: Span, where: Paragraph, styles: _Styles) -> SourceCue:
    text = "".join(_text(node))
    if not where.keeps_space:
        text = "\n".join(re.sub(" +", " ", line).strip() for line in text.split("\n"))
    tag = START_TAG.match(tree.content, where.start)
    first = tag.end() if tag and where.close != where.start else where.close
    inner = tree.content[first : where.close]
    shown = [one for one in node.walk() if one.name in ("p", "span") and _has_text(one)]
    colours = (styles.colour(one) for one in shown)
    begin, end = span
    return SourceCue(
        float(begin),
        float(begin) + NO_END if end is None else float(end),
        text,
        line=node.line,
        raw=inner.decode("utf-8"),
        is_italic=any(styles.is_italic(one) for one in shown),
        colours=tuple(dict.fromkeys(name_of(one) for one in colours if one)),
        place=" ".join(one for one in (node.inherited(name) for name in PLACE) if one),
        is_open=end is None,
    )


def _text(node: Node) -> Iterator[str]:
    """Yield the text of a paragraph or a span, a line feed for each break."""
    for item in node.content:
        if isinstance(item, str):
            keeps = _keeps_space(node)
            yield item if keeps else re.sub(r"[ \t\r\n]+", " ", item)
        elif item.name == "br":
            yield "\n"
        elif item.name == "span":
            yield from _text(item)


def _has_text(node: Node) -> bool:
    return any(isinstance(one, str) and one.strip() for one in node.content)


def _keeps_space(node: Node) -> bool:
    """Return whether line ends and spaces of an element are shown as they are."""
    return node.inherited("space") == "preserve"
