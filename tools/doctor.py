#!/usr/bin/env python3
"""
Doctor: what this machine can do and what is missing, each with the command that mends it.

Runs with the system's Python when no environment exists; with venv/common it reads the
configuration and the model store too. Exit code 0 when the main job (the workflow subtitle with
today's configuration) can run, 3 when something it needs is missing.

Usage:
    python3 tools/doctor.py [--json]
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.configuration.variables import variables  # noqa: E402
from shared.core.errors import (  # noqa: E402
    EXIT_FAILURE,
    EXIT_SUCCESS,
    EXIT_UNAVAILABLE,
    PipelineError,
)
from shared.core.output import answer, only_tells  # noqa: E402
from shared.core.usage import CommandParser, tell, usage_of  # noqa: E402
from shared.doctor.engines import Choices, Find  # noqa: E402
from shared.doctor.environments import check_environments  # noqa: E402
from shared.doctor.finding import Finding  # noqa: E402
from shared.doctor.machine import check_machine  # noqa: E402
from shared.doctor.stages import check_stages  # noqa: E402
from shared.environment_manager import (  # noqa: E402
    ENVIRONMENTS,
    EnvironmentManager,
    EnvironmentStatus,
)

CODES = "0 the main job can run here, 1 failure, 2 wrong arguments, 3 something is missing for it"
MARKS = {"good": "✓", "degraded": "!", "missing": "✗", "off": "–"}
COLOURS = {"good": "green", "degraded": "yellow", "missing": "red", "off": "dim"}
TITLES = ("stage", "engine", "environment", "state")


@dataclass(frozen=True)
class Diagnosis:
    """Everything that was found."""

    machine: list[Finding]
    environments: list[Finding]
    stages: list[Finding]
    languages: list[Finding]

    @property
    def can_run(self) -> bool:
        """Whether nothing that the main job needs is missing."""
        findings = [*self.machine, *self.stages]
        return all(finding.level != "missing" for finding in findings)

    def document(self) -> str:
        """Return all of it as JSON."""
        return json.dumps({"can_run": self.can_run, **asdict(self)}, indent=2, ensure_ascii=False)

    def hints(self) -> list[str]:
        """Return what mends what, worst first, each command once."""
        told: dict[str, str] = {}
        found = [*self.machine, *self.stages, *self.environments]
        for level in ("missing", "degraded"):
            for finding in found:
                if finding.level == level and finding.command not in ("", *told):
                    told[finding.command] = f"{finding.name}: {finding.detail}"
        return [f"{why}\n    {command}" for command, why in told.items()]


def main(arguments: list[str]) -> int:
    """Look, tell, return the exit code.

    Args:
        arguments: Of the command line.
    """
    summary = (__doc__ or "").splitlines()[1]
    parser = CommandParser(
        prog="python3 tools/doctor.py", description=summary, examples=usage_of(__doc__), codes=CODES
    )
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument(
        "--language",
        action="append",
        default=[],
        metavar="LANG",
        help="tell what translating into this language takes; may be repeated",
    )
    options = parser.parse_args(arguments)
    manager = EnvironmentManager(PROJECT_ROOT)
    states = {env: manager.status(env) for env in ENVIRONMENTS}
    common = manager.folder("common")
    whole = states["common"].state in ("good", "drifted")
    if whole and Path(sys.prefix).resolve() != common.resolve():
        # Its Python can read the configuration and the model store.
        os.execv(str(manager.python("common")), [str(manager.python("common")), *sys.argv])
    diagnosis = examine(manager, states, whole, options.language)
    if options.json:
        print(diagnosis.document())
    else:
        show(diagnosis)
    return EXIT_SUCCESS if diagnosis.can_run else EXIT_UNAVAILABLE


def examine(
    manager: EnvironmentManager,
    states: dict[str, EnvironmentStatus],
    whole: bool,
    languages: Sequence[str] = (),
) -> Diagnosis:
    """Return everything that is found on this machine.

    Args:
        manager: The environments.
        states: The state of each.
        whole: Whether this Python can read the configuration.
        languages: To translate into; none = those that are asked for most.
    """
    choices, problems = Choices(), list[Finding]()
    find: Find = no_store
    if whole:
        from shared.doctor.choices import find_weights, read_choices

        (choices, problems), find = read_choices(), find_weights
    else:
        detail = "not read before venv/common exists; its defaults are taken"
        problems = [Finding("configuration", "off", detail, "./bootstrap.sh --env common")]
    machine = [*check_machine(PROJECT_ROOT, choices.output_root, variables()), *problems]
    tmdb = any("TMDB_API_KEY is set" in finding.detail for finding in machine)
    stages = check_stages(choices, manager, states, find, tmdb)
    told = translations(manager, languages) if whole else []
    return Diagnosis(machine, check_environments(states), stages, told)


def translations(manager: EnvironmentManager, languages: Sequence[str]) -> list[Finding]:
    """Return a finding for each language to translate into; none where settings cannot be read.

    Args:
        manager: The environments.
        languages: As people write them; none = those that are asked for most.

    Raises:
        InputError: There is no such language.
    """
    from shared.config import load_config
    from shared.doctor.languages import check_languages

    try:
        config = load_config()
    except PipelineError:  # told among the machine's findings
        return []
    return check_languages(config, manager, languages)


def no_store(family: str, name: str) -> Path | None:
    """Find nothing: before venv/common exists no stage can run anyhow.

    Args:
        family: The model's engine; not looked at.
        name: The model's name; not looked at.

    Returns:
        Always None.
    """
    return None


def show(diagnosis: Diagnosis) -> None:
    """Print the tables and, below them, the commands that mend what is wrong.

    Args:
        diagnosis: What was found.
    """
    for title, findings in (
        ("This machine", diagnosis.machine),
        ("Environments", diagnosis.environments),
    ):
        print(title)
        for finding in findings:
            print(f"  {MARKS[finding.level]} {finding.name:<16} {finding.detail}")
    show_stages(diagnosis.stages)
    if diagnosis.languages:
        from shared.doctor.languages import described

        print("\n".join(["Translation into", *described(diagnosis.languages)]))
    hints = diagnosis.hints()
    if hints:
        print("\nWhat mends it")
        print("\n".join(f"  {hint}" for hint in hints))
    verdict = "can" if diagnosis.can_run else "cannot"
    print(f"\nThe main job (workflow subtitle, this configuration) {verdict} run here.")


def show_stages(stages: list[Finding]) -> None:
    """Print one line for each stage, as a table where the library for it is installed.

    Args:
        stages: Their findings.
    """
    rows = [
        (finding, (finding.name, finding.engine, finding.environment, words(finding)))
        for finding in stages
    ]
    try:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text
    except ImportError:
        print("Stages")
        for finding, (name, engine, env, state) in rows:
            print(f"  {MARKS[finding.level]} {name:<20} {engine:<30} {env:<11} {state}")
        return
    table = Table(title="Stages", title_justify="left", box=None, pad_edge=False)
    for title in ("", *TITLES):
        table.add_column(title, overflow="fold")
    for finding, cells in rows:
        style = COLOURS[finding.level]
        table.add_row(Text(MARKS[finding.level], style), *(Text(cell) for cell in cells))
    width = shutil.get_terminal_size((140, 24)).columns
    Console(width=width, highlight=False).print(table)


def words(finding: Finding) -> str:
    """Return the state of a stage in words, with what steps in when its engine cannot run.

    Args:
        finding: Of a stage.
    """
    parts = [finding.detail] if finding.detail else []
    parts += [f"otherwise {finding.fallback}"] if finding.fallback else []
    return "; ".join(parts) or "ready"


def told(arguments: list[str]) -> int:
    """Return the exit code of main(), 1 where its answer cannot be written, 2 for wrong usage.

    Args:
        arguments: Without the program's name.
    """
    try:
        return answer(lambda: main(arguments))
    except BrokenPipeError:
        return EXIT_FAILURE
    except PipelineError as error:
        tell(error)
        return error.exit_code
    finally:
        only_tells()


if __name__ == "__main__":
    sys.exit(told(sys.argv[1:]))
