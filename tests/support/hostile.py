#!/usr/bin/env python3
"""
Hostile: mutations of good files, and the oracle that every reader of foreign text has to meet.

Usage:
    from tests.support.hostile import mutated, refused_or

    @given(mutated(GOOD_SRT))
    def test_it(content: bytes) -> None:
        refused_or(lambda: read(content), content)
"""

from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from hypothesis import strategies as st

from shared.core.errors import EXIT_INVALID, InputError
from tests.support.examples import USUAL

Result = TypeVar("Result")
# Three times what other tests try.
EXAMPLES = 3 * USUAL
# CPU seconds for one file of up to ten megabytes, on a slow machine, with coverage measured; most
# take a thousandth of it.
MOST_SECONDS = 30.0
# Python objects for each byte of a file of very short cues or terms, and what an import takes.
BYTES_FOR_EACH, BYTES_AT_LEAST = 1000, 16 << 20
MOST_TOLD = 2000
FEW_BYTES = st.binary(max_size=8)
# What parsers stumble over.
TOKENS = [
    *(b"\0", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"),
    *("\u2028\x85\x0b\x0c\x1c".encode(), "\u202e\u200d\u0301\uffff".encode(), b"\r", b"\n\n\n"),
    *(b"-->", b"00:00:01,000 --> 00:00:02,000", b"-1:-1:-1.000", b"24:00:00.000", b"99:99:99,999"),
    *(b"<", b"</", b"<i>", b"<v ", b"{", b"}", b"{\\p1}", b"\\N", b"&#", b"&lt;", b"&#1114112;"),
    *(b"<!DOCTYPE a>", b"<![CDATA[", b"<?xml version='1.0' encoding='utf-7'?>", b"<p>", b"</p>"),
    *(b"[Fonts]\n", b"[Events]\n", b"Format: Text\n", b"Style: x,\n", b"Comment: 0,", b"WEBVTT"),
    *(b"\t", b"#", b"|", b"preferred:", b"source\t", b'"', b"'", b"\\u", b"\\ud800", b"$("),
    *(b"[", b"]", b":", b",", b"null", b"true", b"NaN", b"-Infinity", b"1e999", b"-0", b"1e-9"),
    *(b"9" * 5000, b"9" * 400, b"[" * 2000, b"a" * 3000, b" " * 3000, b"../" * 9, b"e\xcc\x81"),
]
LEAF = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ["", "..", "../../x", "/etc/passwd", "\0", "\ud800", "-x", "http://a", "9" * 99]
    ),
    st.sampled_from([10**30, -(10**30), 1 << 63, float("inf"), float("-inf"), float("nan")]),
)
HOSTILE_VALUE = st.recursive(
    LEAF,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)


@st.composite
def mutated(draw: st.DrawFn, *seeds: str | bytes) -> bytes:
    """Return one of several good files with a few bytes changed.

    Args:
        draw: Given by Hypothesis.
        seeds: The good files.
    """
    seed = draw(st.sampled_from(seeds))
    content = seed.encode("utf-8") if isinstance(seed, str) else seed
    for _ in range(draw(st.integers(0, 6))):
        first = draw(st.integers(0, len(content)))
        last = min(len(content), first + draw(st.integers(0, 40)))
        piece = content[first:last]
        put = draw(st.sampled_from(TOKENS) | FEW_BYTES | st.sampled_from([b"", piece * 2]))
        content = content[:first] + put + content[last:]
    encoding = draw(st.sampled_from(["", "", "", "utf-16", "utf-16-le", "utf-32", "cp1252"]))
    if encoding:
        content = content.decode("utf-8", "replace").encode(encoding, "replace")
    return content[: draw(st.integers(0, len(content)))] if draw(st.booleans()) else content


@st.composite
def with_hostile_values(draw: st.DrawFn, seed: Any) -> bytes:
    """Return a good JSON document with one or two of its values, or keys, replaced.

    Args:
        draw: Given by Hypothesis.
        seed: What the document holds.
    """
    document = json.loads(json.dumps(seed))
    for _ in range(draw(st.integers(1, 2))):
        holder, key = draw(st.sampled_from(list(_places(document))))
        if isinstance(holder, dict) and draw(st.integers(0, 4)) == 0:
            holder[draw(st.text(max_size=6))] = holder.pop(key)
        else:
            holder[key] = draw(HOSTILE_VALUE)
    return json.dumps(document).encode("utf-8")


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield (holder, key) of every value in a document."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def refused_or(read: Callable[[], Result], content: bytes | str) -> Result | None:
    """Return what was read, None when it was refused as a person may expect it.

    Args:
        read: Reads it; whatever it raises but InputError passes through, and fails the test.
        content: What is read, told when it takes too long.
    """
    began = time.process_time()
    result: Result | None = None
    try:
        result = read()
    except InputError as error:
        told = error.cause + error.hint
        assert error.exit_code == EXIT_INVALID and error.cause and len(told) <= 2 * MOST_TOLD
        assert told.isprintable(), told
    spent = time.process_time() - began
    assert spent < MOST_SECONDS, f"{spent:.1f} s for {content[:80]!r}…"
    return result


def memory_for(read: Callable[[], Result], content: bytes) -> Result | None:
    """Return what was read, None when it was refused; it took memory in proportion to its content.

    Args:
        read: Reads it.
        content: What it reads.
    """
    tracemalloc.start()
    try:
        result = refused_or(read, content)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < BYTES_AT_LEAST + BYTES_FOR_EACH * len(content), f"{peak >> 20} MiB"
    return result
