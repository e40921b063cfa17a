#!/usr/bin/env python3
"""
TTML fixing: a document with other times and texts in some of its paragraphs.

Everything else stays byte for byte: regions, styles, names, metadata, comments. Only paragraphs
that lie in the same element change places.

Usage:
    from shared.subtitles.checking.ttml_fixing import mended_content, rewrite_ttml

    text = rewrite_ttml(source, [(0, cue), (2, other)])    # the second paragraph goes
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape

from shared.subtitles.base.cue import SourceCue
from shared.subtitles.files.source import SourceFile
from shared.subtitles.reading.markup import unescape
from shared.subtitles.reading.ttml import START_TAG, Document, Paragraph, read_document

BREAK = re.compile(r"<((?:[\w.-]+:)?br)\b[^<>]*?(?:/>|>\s*</\1\s*>)")
ENCODING = re.compile(r"""(\A<\?xml[^>]*\bencoding\s*=\s*["'])[^"']+""")
# What may stand in a paragraph that shows nothing.
SHOWS_NOTHING = re.compile(r"(?:\s|</?(?:[\w.-]+:)?(?:br|span)\b[^<>]*>)*")
LONGEST_TAG = 10_000  # bytes of the last tag of a paragraph
PICTURE = "backgroundImage"


def content_lines(raw: str) -> str:
    """Return the content of a paragraph with a line feed for each of its line breaks.

    Args:
        raw: As the document has it, line ends being spaces.
    """
    return BREAK.sub("\n", re.sub(r"[ \t\r\n]+", " ", raw))


def is_readable(raw: str) -> bool:
    """Return whether the content of a paragraph is nothing but text, tags and references.

    Args:
        raw: Between <p …> and </p>, as it stands in the file.
    """
    return "<!" not in raw and "<?" not in raw and "metadata" not in raw


def shown_as(text: str) -> str:
    """Return what is shown of text with references, without spaces around its lines.

    Args:
        text: With entities (&amp;) and numbered characters.
    """
    return "\n".join(line.strip() for line in unescape(text).split("\n"))


def written(text: str, raw: str) -> str:
    """Return text as the content of a paragraph.

    Args:
        text: Its lines.
        raw: The content that it replaces: its way to break a line is kept.
    """
    tag = BREAK.search(raw)
    return escape(text).replace("\n", tag[0] if tag else "<br/>")


def rewrite_ttml(source: SourceFile, mended: Sequence[tuple[int, SourceCue]]) -> str:
    """Return the text of a document with its cues mended.

    Args:
        source: The document.
        mended: Which of its cues, in the new order, and what becomes of each; cues that are not
            among them go, unless they show something that is no text.
    """
    document = read_document(source.text, source.path)
    content = source.text.encode("utf-8")
    pieces = _pieces(content, document, dict(mended))
    ordered: dict[int, list[int]] = {}
    for index, _ in mended:
        ordered.setdefault(document.paragraphs[index].parent, []).append(index)
    for indexes in ordered.values():
        pieces |= dict(zip(sorted(indexes), [pieces[index] for index in indexes], strict=True))
    made, position = [], 0
    for index, paragraph in enumerate(document.paragraphs):
        made += [content[position : paragraph.start], pieces[index]]
        position = _end(content, paragraph)
    text = b"".join([*made, content[position:]]).decode("utf-8")
    return ENCODING.sub(r"\1UTF-8", text)


def _pieces(content: bytes, document: Document, mended: dict[int, SourceCue]) -> dict[int, bytes]:
    """Return the bytes that each paragraph becomes."""
    pieces = {}
    both = zip(document.cues, document.paragraphs, strict=True)
    for index, (cue, paragraph) in enumerate(both):
        whole = content[paragraph.start : _end(content, paragraph)]
        if index in mended:
            whole = _mended(whole, cue, mended[index], paragraph, document)
        elif not cue.text.strip() and _shows_nothing(cue, paragraph):
            whole = b""
        pieces[index] = whole
    return pieces


def _mended(
    whole: bytes, cue: SourceCue, new: SourceCue, paragraph: Paragraph, document: Document
) -> bytes:
    """Return a paragraph with its new end and content, where they are other ones."""
    length = _tag_length(whole)
    head, rest = whole[:length], whole[length:]
    names = [one for one in ("end", "dur") if one in paragraph.own]
    if new.end != cue.end and len(names) == 1 and paragraph.is_movable:
        since = float(paragraph.offset) if names == ["end"] else cue.start
        value = document.clock.written(new.end - since, paragraph.own[names[0]]).encode()
        attribute = rb"""(\s%s\s*=\s*)("[^"]*"|'[^']*')""" % names[0].encode()
        head = re.sub(attribute, rb'\1"%s"' % value, head, count=1)
    if new.raw != cue.raw:
        rest = rest.replace(cue.raw.encode("utf-8"), new.raw.encode("utf-8"), 1)
    return head + rest


def _end(content: bytes, paragraph: Paragraph) -> int:
    """Return where a paragraph is over: behind its last tag."""
    return paragraph.close + _tag_length(content[paragraph.close : paragraph.close + LONGEST_TAG])


def _tag_length(content: bytes) -> int:
    """Return how long the tag is that stands first."""
    tag = START_TAG.match(content)
    return tag.end() if tag else 0


def _shows_nothing(cue: SourceCue, paragraph: Paragraph) -> bool:
    return PICTURE not in paragraph.own and bool(SHOWS_NOTHING.fullmatch(cue.raw))
