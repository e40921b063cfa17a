#!/usr/bin/env python3
"""
TTML tree: the elements of a document that are TTML's own, with the bytes at which they stand.

Usage:
    from shared.subtitles.reading.ttml_tree import read_tree

    read_tree(text, path).root.content
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from shared.core.errors import InputError

SEPARATOR = "}"
DEEPEST = 100
XML_SPACE = "http://www.w3.org/XML/1998/namespace}space"


@dataclass
class Node:
    """An element.

    Attributes:
        name: Without its namespace.
        own: Its attributes without namespaces; those without any win over foreign ones.
        line: On which it begins.
        start: Of its first tag, in bytes.
        number: Of the element in the document.
        parent: What it lies in, None of the root.
        close: Of its last tag, in bytes.
        content: Elements of TTML and text, in order.
    """

    name: str
    own: dict[str, str]
    line: int
    start: int
    number: int
    parent: Node | None
    close: int = 0
    content: list[Node | str] = field(default_factory=list)

    @property
    def children(self) -> Iterator[Node]:
        """The elements in it."""
        return (one for one in self.content if isinstance(one, Node))

    def walk(self) -> Iterator[Node]:
        """Yield it and all elements in it, in the order of the document."""
        yield self
        for child in self.children:
            yield from child.walk()

    def up(self) -> Iterator[Node]:
        """Yield it and all that it lies in, the nearest first."""
        node: Node | None = self
        while node is not None:
            yield node
            node = node.parent

    def inherited(self, name: str) -> str:
        """Return an attribute of its own or of the nearest element that has it, else ''.

        Args:
            name: Without its namespace.
        """
        return next((one.own[name] for one in self.up() if name in one.own), "")


@dataclass
class Tree:
    """A document: its root, and its UTF-8 bytes."""

    root: Node
    content: bytes


def read_tree(text: str, path: Path) -> Tree:
    """Return the elements of a TTML document; those of other namespaces are left out.

    Args:
        text: The document.
        path: Its name, for messages.

    Raises:
        InputError: When it is not well-formed or not TTML, with the line number.
    """
    builder = _Builder(path, text.encode("utf-8"))
    try:
        builder.parser.Parse(builder.content, True)
    except expat.ExpatError as error:
        reason = expat.errors.messages[error.code]
        raise InputError(
            f"{path}:{error.lineno}: not well-formed XML: {reason}", hint="Is it a TTML file?"
        ) from error
    if builder.root is None or builder.root.name != "tt":
        raise InputError(f"{path}:1: not a TTML document", hint="Its root must be <tt>")
    return Tree(builder.root, builder.content)


@dataclass
class _Builder:
    """Builds the tree while expat reads."""

    path: Path
    content: bytes
    root: Node | None = None
    space: str = ""
    open: list[Node] = field(default_factory=list)
    # How deep in elements that are not TTML's.
    foreign: int = 0
    count: int = 0

    def __post_init__(self) -> None:
        self.parser = expat.ParserCreate("utf-8", SEPARATOR)
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.stop
        self.parser.CharacterDataHandler = self.characters
        self.parser.StartDoctypeDeclHandler = self.refuse_doctype

    def refuse_doctype(self, *declared: object) -> None:
        """Entities could make a small file a huge one."""
        raise self._error("a DOCTYPE is not read", "Remove it")

    def start(self, qualified: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        space, _, name = qualified.rpartition(SEPARATOR)
        if self.root is None:
            self.space = space
        if len(self.open) + self.foreign >= DEEPEST:
            raise self._error(f"more than {DEEPEST} elements inside each other")
        if self.foreign or space != self.space:
            self.foreign += 1
            return
        if name == "p" and (not self.open or any(one.name == "p" for one in self.open)):
            raise self._error("a paragraph where none can be")
        parent = self.open[-1] if self.open else None
        own = {key.rpartition(SEPARATOR)[2]: value for key, value in attributes.items()}
        own |= {key: value for key, value in attributes.items() if SEPARATOR not in key}
        own.pop("space", None)
        own |= {"space": attributes[XML_SPACE]} if XML_SPACE in attributes else {}
        self.count += 1
        line, at = self.parser.CurrentLineNumber, self.parser.CurrentByteIndex
        node = Node(name, own, line, at, self.count, parent)
        if parent is None:
            self.root = node
        else:
            parent.content.append(node)
        self.open.append(node)

    def characters(self, text: str) -> None:
        """Text is read; expat gives it in pieces."""
        if self.foreign or not self.open:
            return
        content = self.open[-1].content
        if content and isinstance(content[-1], str):
            content[-1] += text
        else:
            content.append(text)

    def stop(self, qualified: str) -> None:
        """An element ends."""
        if self.foreign:
            self.foreign -= 1
        else:
            self.open.pop().close = self.parser.CurrentByteIndex

    def _error(self, told: str, hint: str = "Is it a TTML file?") -> InputError:
        return InputError(f"{self.path}:{self.parser.CurrentLineNumber}: {told}", hint=hint)
