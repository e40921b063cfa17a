#!/usr/bin/env python3
"""
LLM answer: reads what a language model's service sends, word by word where it streams.

A slow model may take many minutes for a batch: what counts is that it goes on. The time is between
two pieces of text, not for the whole; a service that does not stream has it for its whole answer.

Usage:
    raw = client.chat.completions.with_raw_response.create(…, stream=True)
    text = read_answer_text(raw, seconds=120.0, heard=lambda thoughts, text: None)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, NamedTuple

from shared.services.deadline import answer_within, each_within
from shared.translation.backend import TransientError

STREAM = "text/event-stream"
# Beyond any batch and what is thought about it: a model that repeats itself does not end.
MOST_CHARACTERS = 400_000

# Told of each piece: characters of thoughts and of text so far, and the piece's text.
Heard = Callable[[int, int, str], None]


class Piece(NamedTuple):
    """A few characters of an answer; `is_text`: not of what the model thinks for itself."""

    text: str
    is_text: bool


def read_answer_text(raw: Any, seconds: float, heard: Heard) -> str:
    """Return the text of an answer.

    Args:
        raw: What `with_raw_response` of openai or anthropic gives, with stream=True or without.
        seconds: The longest time between two pieces.
        heard: Told of each piece that came.

    Returns:
        The text; "" where there was none.

    Raises:
        TransientError: What came is no answer, or broke off.
        TimeoutError: Nothing came in time.
        APIError: Of the library: what the service says went wrong.
    """
    import httpx2

    try:
        if STREAM in str(raw.headers.get("content-type", "")):
            return _streamed(raw.parse(), seconds, heard)
        return _whole(json.loads(answer_within(seconds, raw.http_response.read)))
    except httpx2.TimeoutException as error:
        raise TimeoutError(str(error)) from error
    except httpx2.RequestError as error:
        raise broken_off() from error


def broken_off() -> TransientError:
    """Return the error for an answer of which the rest did not come."""
    return TransientError("The language model's service broke off its answer")


def no_answer() -> TransientError:
    """Return the error for what is none of a model's answers."""
    return TransientError(
        "What the language model's service sent is no answer of a model", hint="Check LLM_BASE_URL"
    )


def _streamed(stream: Any, seconds: float, heard: Heard) -> str:
    parts: list[str] = []
    count = {True: 0, False: 0}
    with closing(stream):
        for piece in each_within(seconds, _pieces(stream)):
            count[piece.is_text] += len(piece.text)
            if piece.is_text:
                parts.append(piece.text)
            if sum(count.values()) > MOST_CHARACTERS:
                raise TransientError("The language model's answer does not end")
            heard(count[False], count[True], piece.text if piece.is_text else "")
    return "".join(parts)


def _pieces(stream: Any) -> Iterator[Piece]:
    """Yield what has text in it; empty pieces keep a connection alive, not an answer."""
    for event in stream:
        delta = getattr(event, "delta", None)  # anthropic
        choices = getattr(event, "choices", None)  # openai
        if isinstance(choices, list) and choices:
            delta = getattr(choices[0], "delta", None)
        for name in ("reasoning_content", "reasoning", "thinking"):
            thought = getattr(delta, name, None)
            if isinstance(thought, str) and thought:
                yield Piece(thought, is_text=False)
        text = getattr(delta, "text", None) or _text_of(getattr(delta, "content", None))
        if isinstance(text, str) and text:
            yield Piece(text, is_text=True)


def _whole(answer: Any) -> str:
    """Return the text of an answer that came in one piece, in either interface's form."""
    if not isinstance(answer, dict):
        raise no_answer()
    if "choices" not in answer:
        if not isinstance(answer.get("content"), list):
            raise no_answer()
        return _text_of(answer["content"])
    choices = answer["choices"]
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise no_answer()
    message = choices[0].get("message")
    return _text_of(message.get("content") if isinstance(message, dict) else None)


def _text_of(content: Any) -> str:
    """Return the text of an answer's content: a text, or parts of which some are text."""
    if content is None or isinstance(content, str):
        return content or ""
    if not isinstance(content, list):
        raise no_answer()
    texts = [
        part.get("text") if isinstance(part, dict) else getattr(part, "text", None)
        for part in content
        if (part.get("type") if isinstance(part, dict) else getattr(part, "type", "")) == "text"
    ]
    return "".join(text for text in texts if isinstance(text, str))
