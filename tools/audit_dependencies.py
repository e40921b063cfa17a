#!/usr/bin/env python3
"""
Audit dependencies: known vulnerabilities in every lock, by pip-audit and OSV.

One that a newer version mends fails, unless requirements/audit-allowed.toml allows it for a reason
and until a day; one that nothing mends yet is told.

Usage:
    tools/audit-dependencies.sh
    tools/audit-dependencies.sh common web
    tools/audit-dependencies.sh --osv-url http://localhost:8080/v1/query
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.common_python import go_on_in_common  # noqa: E402
from shared.core.usage import CommandParser, usage_of  # noqa: E402

if __name__ == "__main__":
    go_on_in_common(__file__)

from shared.core.errors import (  # noqa: E402
    EXIT_FAILURE,
    EXIT_SUCCESS,
    DependencyError,
    InputError,
    counted,
)
from shared.pipeline.run.command_line import run_command  # noqa: E402

LOCKS = PROJECT_ROOT / "requirements" / "locks"
ALLOWED = PROJECT_ROOT / "requirements" / "audit-allowed.toml"
FIELDS = {"id": str, "package": str, "reason": str, "until": date}
FOUND_SOME = 1
SECONDS = 900.0


@dataclass(frozen=True)
class Vulnerability:
    """One that is known of a locked package; `fixed`: the versions that mend it."""

    package: str
    version: str
    names: frozenset[str]
    fixed: tuple[str, ...]

    def told(self) -> str:
        """Return it as a line."""
        mended = f"mended in {', '.join(self.fixed)}" if self.fixed else "no version mends it yet"
        return f"{self.package} {self.version}: {', '.join(sorted(self.names))}, {mended}"


@dataclass(frozen=True)
class Allowance:
    """A vulnerability that is borne, why, and until which day."""

    id: str
    package: str
    reason: str
    until: date

    def covers(self, one: Vulnerability, today: date) -> bool:
        """Return whether it allows a vulnerability.

        Args:
            one: What was found.
            today: The day on which it is asked.
        """
        return self.package == one.package and self.id in one.names and today <= self.until


def read_allowed(path: Path) -> list[Allowance]:
    """Return what is allowed.

    Args:
        path: requirements/audit-allowed.toml.

    Raises:
        InputError: It is no TOML, or an entry lacks a field or has another one.
    """
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("allowed", [])
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path.name}: {error}", hint="Mend that line") from None
    for number, entry in enumerate(entries, 1):
        wrong = entry.keys() ^ FIELDS.keys()
        wrong |= {name for name in entry.keys() & FIELDS.keys() if _is_none(name, entry[name])}
        if wrong:
            told = f"{path.name}: entry {number}: {', '.join(sorted(wrong))}"
            raise InputError(told, hint="Each has id, package, reason and until = YYYY-MM-DD")
    return [Allowance(**entry) for entry in entries]


def _is_none(name: str, value: Any) -> bool:
    return not isinstance(value, FIELDS[name]) or not str(value).strip()


def vulnerabilities(answer: Any) -> Iterator[Vulnerability]:
    """Yield what pip-audit found.

    Args:
        answer: Its JSON.

    Raises:
        DependencyError: It has another form, or left a package out.
    """
    try:
        for package in answer["dependencies"]:
            if "skip_reason" in package:
                told = f"{package['name']} was not looked at: {package['skip_reason']}"
                raise DependencyError(told, hint="tools/lock-requirements.sh")
            for one in package["vulns"]:
                names = frozenset([one["id"], *one.get("aliases", [])])
                fixed = tuple(one["fix_versions"])
                yield Vulnerability(package["name"], package["version"], names, fixed)
    except (KeyError, TypeError) as error:
        raise DependencyError(f"pip-audit answered in another form ({error})") from None


def ask(lock: Path, service: Sequence[str]) -> list[Vulnerability]:
    """Return what is known of the packages of a lock.

    Args:
        lock: Pinned packages with hashes.
        service: Options of pip-audit that say whom to ask.

    Raises:
        DependencyError: There is no answer.
    """
    program = [sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip"]
    command = [*program, "--format", "json", "--progress-spinner", "off", *service, "-r", str(lock)]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        raise _no_answer(lock, f"not within {SECONDS:g} s") from None
    if done.returncode not in (EXIT_SUCCESS, FOUND_SOME):
        raise _no_answer(lock, done.stderr)
    try:
        answer = json.loads(done.stdout)
    except ValueError:  # it ends with 1 when it fails, too
        raise _no_answer(lock, done.stderr) from None
    return list(vulnerabilities(answer))


def _no_answer(lock: Path, told: str) -> DependencyError:
    last = (told.strip().splitlines() or ["it says nothing"])[-1]
    hint = "Is the service reached? --osv-url names another one"
    return DependencyError(f"The lock {lock.stem} could not be audited: {last}", hint=hint)


def judge(
    found: Iterable[Vulnerability], allowed: Sequence[Allowance], today: date
) -> tuple[list[str], list[str]]:
    """Return what fails, and what is only told.

    Args:
        found: In all locks.
        allowed: What may be there.
        today: The day by which allowances are judged.
    """
    unique = list(dict.fromkeys(found))
    fails, told = [], []
    for one in unique:
        allowance = next((a for a in allowed if a.covers(one, today)), None)
        if allowance is not None:
            told.append(f"{one.told()}: allowed until {allowance.until}: {allowance.reason}")
        elif one.fixed:
            fails.append(one.told())
        else:
            told.append(one.told())
    for allowance in allowed:
        if today > allowance.until:
            told.append(f"{allowance.package}: {allowance.id} was allowed until {allowance.until}")
        elif not any(allowance.covers(one, today) for one in unique):
            told.append(f"{allowance.package}: {allowance.id} is allowed and not there any more")
    return fails, told


def main(arguments: list[str]) -> int:
    """Ask, judge and tell; return the exit code.

    Args:
        arguments: Of the command line.

    Raises:
        PipelineError: The service, the locks or the list cannot be used.
    """
    parser = CommandParser(
        prog="tools/audit-dependencies.sh",
        description=(__doc__ or "").splitlines()[1],
        examples=usage_of(__doc__),
    )
    parser.add_argument("--osv-url", metavar="URL", help="another service with OSV's interface")
    parser.add_argument("environments", nargs="*", metavar="ENV", help="all of them if left out")
    options = parser.parse_args(arguments)
    allowed = read_allowed(ALLOWED)
    locks = [LOCKS / f"{name}.txt" for name in options.environments] or sorted(LOCKS.glob("*.txt"))
    if missing := [lock.stem for lock in locks if not lock.is_file()]:
        raise InputError(f"There is no lock of '{missing[0]}'", hint=f"ls {LOCKS}")
    service = ["-s", "osv", *(["--osv-url", options.osv_url] if options.osv_url else [])]
    found: list[Vulnerability] = []
    for lock in locks:
        here = ask(lock, service)
        print(f"{lock.stem}: {counted(len(here), 'known vulnerability', 'known vulnerabilities')}")
        found += here
    fails, told = judge(found, allowed, date.today())
    for line in [*(f"note: {line}" for line in told), *(f"mend: {line}" for line in fails)]:
        print(line)
    return EXIT_FAILURE if fails else EXIT_SUCCESS


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
