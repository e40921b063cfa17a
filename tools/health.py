#!/usr/bin/env python3
"""
Health: tell monitors over HTTP whether this machine can work, with metrics for Prometheus.

Listens on this machine alone unless --host says otherwise, in the environment web.

Usage:
    python3 tools/health.py
    python3 tools/health.py --port 9464
    python3 tools/health.py --host 0.0.0.0 --allow-host films.example.org
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.common_python import go_on_in_common  # noqa: E402
from shared.core.usage import CommandParser, usage_of  # noqa: E402

if __name__ == "__main__":
    go_on_in_common(__file__, "web")

from shared.core.errors import EXIT_SUCCESS  # noqa: E402
from shared.health.app import LOOPBACK_NAMES, make_app, serve  # noqa: E402
from shared.pipeline.run.command_line import run_command  # noqa: E402

PORT, LAST_PORT = 9464, 65_535


def port_number(text: str) -> int:
    """Return a port, for argparse's type=.

    Args:
        text: As it was typed.

    Raises:
        ValueError: It is none.
    """
    number = int(text)
    if not 0 <= number <= LAST_PORT:
        raise ValueError(text)
    return number


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of this command."""
    parser = CommandParser(
        prog="tools/health.py",
        description=(__doc__ or "").splitlines()[1],
        examples=usage_of(__doc__),
        more="GET /health, /health/live, /health/ready (503 when it is not), /metrics.",
    )
    parser.add_argument("--host", default=LOOPBACK_NAMES[0], help="address to listen at")
    parser.add_argument(
        "--port", type=port_number, default=PORT, help=f"0 = a free one; {PORT} if left out"
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name by which others reach it; may be repeated",
    )
    return parser


def main(arguments: list[str]) -> int:
    """Serve until stopped; return the exit code.

    Args:
        arguments: Of the command line.

    Raises:
        PipelineError: The arguments make no sense, or nobody can listen there.
    """
    options = make_parser().parse_args(arguments)
    names = [*LOOPBACK_NAMES, options.host, *options.allow_host]
    serve(make_app(names), options.host, options.port)
    return EXIT_SUCCESS


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
