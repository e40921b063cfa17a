#!/usr/bin/env python3
"""Tests of shared/core/redact.py: a secret in any form, in text and in any cut of a stream."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.redact import HIDDEN, Redactor, mask_addresses, secrets_in_addresses

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


ADDRESSES = [
    "https://me:s3cret@host/simple",
    "https://s3cret@host/simple",
    "https://me:s3cret@part@host/simple",
    "see git+https://x-access-token:s3cret@host/r.git, please",
    "https://host/simple?token=s3cret",
    "https://host/v1?a=b&api_key=s3cret&c=d",
    "https://host/v1?X-Amz-Signature=s3cret",
    "socks5h://me:s3cret@proxy:1080",
    '{"TMDB_BASE_URL": "https://me:s3cret@host"}',
    "https://host/cb#access_token=s3cret",
]


@pytest.mark.parametrize("text", ADDRESSES)
def test_secrets_in_addresses_are_hidden_in_text_and_in_any_cut_of_a_stream(text: str) -> None:
    masked = mask_addresses(text)
    assert "s3cret" not in masked and "host" in masked or "proxy" in masked
    assert any("s3cret" in found for found in secrets_in_addresses(text))
    assert mask_addresses(masked) == masked
    whole = f"before {text} after\n".encode()
    for cut in range(len(whole) + 1):
        redactor = Redactor([])
        told = redactor.feed(whole[:cut]) if cut else b""
        told += redactor.feed(whole[cut:] or b" ") + redactor.feed(b"")
        assert b"s3cret" not in told, f"cut after {cut} bytes"


@pytest.mark.parametrize(
    "text",
    [
        "https://host/a@b",
        "mail me@example.org about https://host/page?monkey=1",
        "https://host/simple?page=2&q=word",
        "http://127.0.0.1:8000/v1",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    kept = text.replace("?monkey=1", f"?monkey={HIDDEN}")  # a name with "key" in it: rather hidden
    assert mask_addresses(text) == kept


def test_a_quoted_password_is_hidden_as_it_is_meant_too() -> None:
    assert {"p%40ss-w0rd", "p@ss-w0rd"} <= secrets_in_addresses("https://me:p%40ss-w0rd@host")
