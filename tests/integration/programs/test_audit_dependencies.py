#!/usr/bin/env python3
"""Tests of tools/audit_dependencies.py: what fails, what is borne, what pip-audit really says."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from shared.core.errors import DependencyError, InputError
from shared.core.paths import PROJECT_ROOT
from tests.support.commands import assert_refused, run_command
from tests.support.osv_service import RECORD, osv_service
from tools.audit_dependencies import (
    ALLOWED,
    Allowance,
    Vulnerability,
    judge,
    read_allowed,
    vulnerabilities,
)

AUDIT = "tools/audit-dependencies.sh"
TODAY = date(2026, 11, 30)
FOUND = Vulnerability("requests", "2.31.0", frozenset({"GHSA-1", "CVE-1"}), ("2.32.0",))
UNMENDED = Vulnerability("torch", "2.8.0", frozenset({"CVE-2"}), ())
ENTRY = '[[allowed]]\nid = "CVE-1"\npackage = "requests"\nreason = "r"\nuntil = 2026-12-31\n'


def test_what_can_be_mended_fails_and_the_rest_is_told() -> None:
    fails, told = judge([FOUND, FOUND, UNMENDED], [], TODAY)
    assert fails == ["requests 2.31.0: CVE-1, GHSA-1, mended in 2.32.0"]
    assert told == ["torch 2.8.0: CVE-2, no version mends it yet"]


@pytest.mark.parametrize("name", ["CVE-1", "GHSA-1"])
def test_what_is_allowed_is_told_with_its_reason(name: str) -> None:
    allowed = [Allowance(name, "requests", "not called here", TODAY)]
    fails, told = judge([FOUND], allowed, TODAY)
    assert fails == [] and "not called here" in told[0]


@pytest.mark.parametrize(
    "allowance",
    [
        Allowance("CVE-1", "requests", "r", date(2026, 11, 29)),
        Allowance("CVE-1", "another", "r", date(2027, 1, 1)),
        Allowance("CVE-9", "requests", "r", date(2027, 1, 1)),
    ],
)
def test_what_is_over_or_of_something_else_allows_nothing(allowance: Allowance) -> None:
    fails, told = judge([FOUND], [allowance], TODAY)
    assert len(fails) == 1 and len(told) == 1


def test_the_list_of_this_project_can_be_read() -> None:
    assert all(one.until <= date(2028, 1, 1) for one in read_allowed(ALLOWED))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ENTRY.replace('reason = "r"', 'reason = " "'), "reason"),
        (ENTRY.replace('reason = "r"\n', ""), "reason"),
        (ENTRY.replace("until = 2026-12-31", 'until = "some day"'), "until"),
        (ENTRY + 'more = "x"\n', "more"),
        ("[[allowed", "allowed.toml"),
    ],
)
def test_an_entry_without_reason_or_date_is_refused(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "allowed.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=re.escape(told)):
        read_allowed(path)
    path.write_text(ENTRY)
    assert read_allowed(path) == [Allowance("CVE-1", "requests", "r", date(2026, 12, 31))]


@pytest.mark.parametrize(
    "answer",
    [
        [],
        {"dependencies": [{"name": "x"}]},
        {"dependencies": [{"name": "x", "skip_reason": "not found"}]},
        {"dependencies": [{"name": "x", "version": "1", "vulns": [{"id": "y"}]}]},
    ],
)
def test_an_answer_that_leaves_something_out_is_none(answer: object) -> None:
    with pytest.raises(DependencyError):
        list(vulnerabilities(answer))


def test_every_package_of_a_lock_is_asked_about() -> None:
    asked: list[str] = []
    with osv_service({}, asked=asked) as address:
        done = run_command(AUDIT, "--osv-url", address, "web")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "web: 0 known vulnerabilities\n"
    lock = (PROJECT_ROOT / "requirements" / "locks" / "web.txt").read_text("utf-8")
    names = re.findall(r"^([\w.-]+)==", lock, re.M)
    assert len(asked) == len(set(asked)) and {"fastapi", "uvicorn", "pydantic"} <= set(asked)
    assert set(asked) <= {name.lower() for name in names}


def test_a_known_one_that_can_be_mended_fails() -> None:
    with osv_service(
        {"fastapi": [RECORD | {"affected": []}], "uvicorn": [mended("uvicorn")]}
    ) as at:
        done = run_command(AUDIT, "--osv-url", at, "web")
    assert done.returncode == 1, done.stderr
    assert "note: fastapi" in done.stdout and "no version mends it" in done.stdout
    assert re.search(r"^mend: uvicorn \S+: .*CVE-2024-35195.*, mended in 99\.0$", done.stdout, re.M)


def mended(package: str) -> dict[str, object]:
    """Return a record about a package that a version mends."""
    (affected,) = RECORD["affected"]
    named = affected | {"package": affected["package"] | {"name": package}}
    return {**RECORD, "affected": [named]}


def test_a_service_that_is_not_reached_is_no_clean_bill() -> None:
    done = run_command(AUDIT, "--osv-url", "http://127.0.0.1:9/v1/query", "web")
    assert_refused(done, 4, "could not be audited", "--osv-url")
    with osv_service({}, status=500) as address:
        assert run_command(AUDIT, "--osv-url", address, "web").returncode == 4


def test_a_lock_that_there_is_not() -> None:
    assert_refused(run_command(AUDIT, "nowhere"), 2, "no lock of 'nowhere'", "ls ")
