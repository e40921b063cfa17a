#!/usr/bin/env python3
"""Tests of shared/core/redact.py: a secret in any form, in text and in any cut of a stream."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from shared.core.redact import HIDDEN, Redactor

SECRET = 'k"y/é+1'


def test_every_form_of_a_secret_is_hidden() -> None:
    redactor = Redactor([SECRET, "k", ""])
    told = f"{SECRET} {json.dumps(SECRET)} k%22y%2F%C3%A9%2B1 k%22y/%C3%A9+1 kind words"
    assert redactor.text(told) == f'{HIDDEN} "{HIDDEN}" {HIDDEN} {HIDDEN} kind words'
    assert redactor.whole(SECRET.encode()) == HIDDEN.encode()


def test_the_longer_of_two_secrets_goes_first() -> None:
    assert Redactor(["abcd", "abcdefgh"]).text("abcdefgh abcd") == f"{HIDDEN} {HIDDEN}"


@given(st.lists(st.sampled_from(["abcab", "abc", "x", "abcabd", "ab"]), max_size=8), st.data())
def test_a_stream_says_the_same_however_it_is_cut(words: list[str], data: st.DataObject) -> None:
    whole = "".join(words).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    blocks = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    redactor = Redactor(["abcabd"])
    told = b"".join(redactor.feed(block) for block in blocks if block) + redactor.feed(b"")
    assert told == whole.replace(b"abcabd", HIDDEN.encode())
