#!/usr/bin/env python3
"""
Worker: this machine as a worker of a cluster of batches, or the scheduler of one.

Usage:
    tools/worker.sh tls://HOST:PORT [--folder DIR] [--name NAME]
    tools/worker.sh --scheduler [--port N]
"""

from __future__ import annotations

import argparse
import platform
import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.common_python import go_on_in_common  # noqa: E402
from shared.core.usage import CommandParser  # noqa: E402

if __name__ == "__main__":
    go_on_in_common(__file__, environment="batch")

from shared.config import load_config  # noqa: E402
from shared.core.errors import InputError  # noqa: E402
from shared.pipeline.batch.cluster.member import run_scheduler, run_worker  # noqa: E402
from shared.pipeline.batch.cluster.trust import Trust  # noqa: E402
from shared.pipeline.run.command_line import run_command  # noqa: E402

PORT = 8786


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of this command."""
    parser = CommandParser(
        prog="tools/worker.sh",
        description="Be a worker of a cluster: attempts of its batches run here. Or be the "
        "scheduler, at which workers and batches meet. TERM lets a worker end what it has.",
        examples="""
  tools/worker.sh --scheduler                 on one machine
  tools/worker.sh tls://10.0.0.1:8786         on each that computes
  ./run-pipeline.sh batch films/ -s hi -t en --scheduler tls://10.0.0.1:8786
""",
        codes="0 gone, 2 wrong use, 3 certificates or venv/batch are missing",
    )
    parser.add_argument("address", nargs="?", metavar="tls://HOST:PORT", help="the scheduler's")
    parser.add_argument("--scheduler", action="store_true", help="be the scheduler")
    parser.add_argument("--port", type=int, default=PORT, metavar="N", help="on which it listens")
    parser.add_argument(
        "--folder",
        type=Path,
        default=PROJECT_ROOT / "out" / ".worker",
        metavar="DIR",
        help="the worker's own: files by their content, and its attempts",
    )
    parser.add_argument("--name", default=platform.node(), metavar="NAME", help="of the worker")
    return parser


def main(argv: list[str]) -> int:
    """Be a worker or a scheduler until TERM; return the exit code.

    Args:
        argv: Arguments without the program's name.

    Raises:
        InputError: They make no sense.
        UnavailableError: Certificates are missing.
    """
    arguments = make_parser().parse_args(argv)
    trust = Trust.of(load_config())
    if arguments.scheduler:
        return run_scheduler(arguments.port, trust, _tell)
    if arguments.address is None:
        raise InputError("Name the scheduler", hint="tools/worker.sh tls://HOST:8786")
    return run_worker(arguments.address, trust, arguments.folder.resolve(), arguments.name, _tell)


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
