#!/usr/bin/env python3
"""Tests of shared/services/retry.py, and of the standards' own samples on loopback (6.2, 6.3)."""

from __future__ import annotations

import logging
import time
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
import requests

from shared.config import load_config
from shared.glossary_manager import GlossaryManager
from shared.services.retry import asked_wait
from tests.support.commands import HANG_SECONDS
from tests.support.web import Database, serve

SAMPLE_6_2 = """
# Feature flags for optional functionality
if config.glossary_enabled:
    try:
        glossary = load_glossary()
    except Exception as e:
        logger.warning(f"Failed to load glossary: {e}")
        logger.warning("Continuing without glossary")
        glossary = None
else:
    glossary = None

# Continue with or without optional feature
result = process(data, glossary=glossary)
"""
SAMPLE_6_3 = '''
from tenacity import retry, stop_after_attempt, wait_exponential, retry_if_exception_type

@retry(
    stop=stop_after_attempt(3),
    wait=wait_exponential(multiplier=1, min=4, max=10),
    retry=retry_if_exception_type((ConnectionError, TimeoutError))
)
def download_model(model_name: str):
    """Download model with automatic retry on transient failures"""
    response = requests.get(f"https://models.example.com/{model_name}")
    response.raise_for_status()
    return response.content
'''


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "3"}, 3.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"Retry-After": "0"}, 0.0),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "1e9"}, 1e9),
        ({"Retry-After": "1e999"}, None),
        ({"Retry-After": "7, 9"}, None),
        ({"Retry-After": "\x00"}, None),
        ({"retry-after-ms": "-5", "retry-after": "2"}, 2.0),
        ({"retry-after-ms": "soon"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": ""}, None),
        ({"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}, None),
        ({"Retry-After": "Fri, 31 Dec 999999 23:59:59 GMT"}, None),
    ],
)
def test_every_form_of_retry_after_is_read(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_wait(headers) == seconds


def test_a_date_is_the_time_until_then() -> None:
    left = asked_wait({"Retry-After": formatdate(time.time() + 9000, usegmt=True)})
    assert left is not None and 8000 < left <= 9000


@pytest.mark.parametrize(("strict", "warnings"), [("false", 0), ("true", 2)])
def test_sample_6_2_goes_on_without_a_glossary(
    tmp_path: Path, strict: str, warnings: int, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "terms.tsv").write_text("source\nRaj\nA\tB\n")
    config = load_config(overrides={"GLOSSARY_STRICT": strict})

    def load_glossary() -> Any:
        manager = GlossaryManager()
        manager.add_file(tmp_path / "terms.tsv", "user", None if config.glossary_strict else [])
        return manager.glossary()

    names: dict[str, Any] = {
        "config": config,
        "logger": logging.getLogger("sample"),
        "load_glossary": load_glossary,
        "data": "film",
        "process": lambda data, glossary: (data, glossary and len(glossary.terms)),
    }
    exec(SAMPLE_6_2, names)
    assert names["result"] == ("film", None if warnings else 1)
    assert len(caplog.records) == warnings
    if warnings:
        assert "terms.tsv:3: 2 cells under 1 columns" in caplog.text


@pytest.mark.parametrize(
    ("faults", "asked"), [(["reset"], 2), (["reset", "reset"], 3), (["reset"] * 9, 3), (["404"], 1)]
)
def test_sample_6_3_tries_what_may_pass_three_times(faults: list[str], asked: int) -> None:
    database, waits = Database(list(faults)), list[float]()
    with serve(database) as address:

        class Here:
            """The sample's hub, on loopback."""

            @staticmethod
            def get(url: str) -> requests.Response:
                return requests.get(
                    url.replace("https://models.example.com", address), timeout=HANG_SECONDS
                )

        names: dict[str, Any] = {"requests": Here, "ConnectionError": requests.ConnectionError}
        exec(SAMPLE_6_3, names)
        download = names["download_model"]
        download.retry.sleep = waits.append
        if asked - 1 == len(faults):
            assert b"results" not in download("large-v3") and database.faults == []
        else:
            with pytest.raises(Exception):  # noqa: B017  # tenacity's, or the refusal's
                download("large-v3")
    assert len(database.asked) == asked
    assert waits == [4.0] * (asked - 1)
