#!/usr/bin/env python3
"""
Compliance checker: do the stage scripts keep the developer standards

Reads every stage script as a syntax tree (never by searching its text) and runs six checks on each:
StageIO, logger, config, no hard-coded values, error handling, documentation. A second table, with a
score of its own, is appendix B's manual list: what tests, docstrings and types say. Always writes
compliance_result.json into the project root. Standard library only: runs without any environment.

Usage:
    python3 tools/check_compliance.py
    python3 tools/check_compliance.py --stage=asr
    python3 tools/check_compliance.py --output=compliance_report.html --min-score=100
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import sys
import tempfile
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.errors import (  # noqa: E402
    EXIT_FAILURE,
    EXIT_INTERRUPTED,
    EXIT_SUCCESS,
    InputError,
    PipelineError,
    UnavailableError,
    one_line,
)
from shared.core.usage import CommandParser, named_path  # noqa: E402
from tools.compliance.catalogue import check_stage, load_stages  # noqa: E402
from tools.compliance.checklist.report import (  # noqa: E402
    list_data,
    list_html,
    list_text,
    list_totals,
)
from tools.compliance.checklist.table import check_list  # noqa: E402
from tools.compliance.report import as_data, as_html, as_text, totals  # noqa: E402

RESULT_FILE = "compliance_result.json"
EPILOG = """exit codes:
  0  checked (and the score is at least --min-score)
  1  the score is below --min-score, or the checklist's below --min-checklist
  2  wrong arguments, or no project under --root
  3  a report cannot be written

examples:
  python3 tools/check_compliance.py
  python3 tools/check_compliance.py --stage=asr
  python3 tools/check_compliance.py --output=compliance_report.html --min-score=80
"""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = CommandParser(
        prog="python3 tools/check_compliance.py",
        description="Check the stage scripts against the developer standards: 12 stages, 6 checks "
        f"each. Always writes {RESULT_FILE} into the project root.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--stage", metavar="NAME", help="check this stage only (default: all)")
    parser.add_argument(
        "--output", metavar="FILE.html", type=named_path, help="write an HTML report as well"
    )
    parser.add_argument(
        "--min-score", metavar="N", type=_percent, help="exit 1 when the score is below N (0..100)"
    )
    parser.add_argument(
        "--min-checklist",
        metavar="N",
        type=_percent,
        help="exit 1 when the score of the second table is below N (0..100)",
    )
    parser.add_argument(
        "--root",
        metavar="DIR",
        type=named_path,
        default=PROJECT_ROOT,
        help="project to check (default: the one this tool stands in)",
    )
    return parser


def _percent(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 100):
        raise argparse.ArgumentTypeError(f"must be a whole number from 0 to 100, not {text!r}")
    return int(text)


def choose_stages(stages: dict[str, str], name: str | None) -> list[str]:
    """Return the stages to check.

    Args:
        stages: Every stage, in order.
        name: The one asked for, or None for all.

    Raises:
        InputError: There is no such stage; the hint names the nearest one.
    """
    if name is None:
        return list(stages)
    if name in stages:
        return [name]
    near = difflib.get_close_matches(name, stages, n=1, cutoff=0.4)
    nearest = f"Did you mean {near[0]}? " if near else ""
    raise InputError(f"Unknown stage {name!r}", hint=f"{nearest}Stages: {', '.join(stages)}")


def write_atomically(path: Path, text: str) -> None:
    """Write a text file so that its name never holds a part of it.

    Args:
        path: The final name; its folder must exist.
        text: The content; half a character becomes an escape.

    Raises:
        UnavailableError: The file cannot be written there.
    """
    temporary = ""
    try:
        with tempfile.NamedTemporaryFile(
            "wb", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as handle:
            temporary = handle.name
            handle.write(text.encode("utf-8", errors="backslashreplace"))
            handle.flush()
            os.fsync(handle.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        cause = f"Cannot write {path}: {error.strerror}"
        raise UnavailableError(cause, hint=f"Check the folder: ls -ld '{path.parent}'") from error


def run(arguments: list[str]) -> int:
    """Check, write the reports, print the table; return the exit code.

    Args:
        arguments: Without the program's name.

    Raises:
        PipelineError: Wrong arguments, no project, or a report that cannot be written.
    """
    options = build_parser().parse_args(arguments)
    if options.output and options.output.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"--output is not an HTML file: {options.output}", hint="Name it X.html")
    if options.output and not options.output.parent.is_dir():
        folder = options.output.parent
        raise InputError(f"No folder {folder} for --output", hint=f"Make it: mkdir -p '{folder}'")
    root = options.root.resolve()
    stages = load_stages(root)
    chosen = choose_stages(stages, options.stage)
    results = [check_stage(root, stage, stages) for stage in chosen]
    rows = check_list(root, stages, chosen)
    data = as_data(results) | {"checklist": list_data(rows)}
    write_atomically(root / RESULT_FILE, json.dumps(data, indent=2) + "\n")
    if options.output:
        write_atomically(options.output, as_html(results, list_html(rows)))
    marks = _can_show_marks()
    _show(list_text(rows, marks) + "\n" + as_text(results, marks))
    is_enough = [
        _reaches("Score", totals(results)[2], options.min_score),
        _reaches("Checklist", list_totals(rows)[2], options.min_checklist),
    ]
    return EXIT_SUCCESS if all(is_enough) else EXIT_FAILURE


def _reaches(name: str, score: int, least: int | None) -> bool:
    """Tell whether a score is high enough; say so where it is not."""
    if least is None or score >= least:
        return True
    _show(f"{name} {score}% is below the minimum of {least}%\n", error=True)
    return False


def _can_show_marks() -> bool:
    try:
        "✓✗".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _show(text: str, error: bool = False) -> None:
    """Write text in whatever encoding the stream has; a reader that has gone is no failure."""
    stream = sys.stderr if error else sys.stdout
    encoding = stream.encoding or "ascii"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def main(arguments: list[str] | None = None) -> int:
    """Run the checker; return its exit code, with one line and a hint for a user's error.

    Args:
        arguments: Without the program's name; None takes those of the process.
    """
    try:
        return run(sys.argv[1:] if arguments is None else arguments)
    except PipelineError as error:
        _show(f"error: {one_line(str(error))}\n", error=True)
        if error.hint:
            _show(f"hint: {error.hint}\n", error=True)
        return error.exit_code
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
