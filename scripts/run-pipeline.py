#!/usr/bin/env python3
"""
Run pipeline: run or resume a job, prepare and run in one go, or show the demo

Usage:
    ./run-pipeline.sh subtitle out/2026/11/23/me/1
    ./run-pipeline.sh subtitle film.mkv -s hi -t en
    ./run-pipeline.sh why asr out/2026/11/23/me/1
    ./run-pipeline.sh jobs list
    ./run-pipeline.sh batch films/ -s hi -t en
    ./run-pipeline.sh status
    ./run-pipeline.sh demo
"""

import gc
import importlib
import signal
import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))
if __name__ == "__main__":  # Ctrl-C amid imports waits for run_command, which tells it
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
gc.disable()  # nothing that imports make is garbage, and looking for it takes a tenth of a start

from shared.commands.batch_options import STEERING  # noqa: E402
from shared.commands.options import VERBS, run_parser  # noqa: E402
from shared.core.usage import shows_help, tell_help  # noqa: E402

if __name__ == "__main__" and shows_help(sys.argv[1:]):
    verb = sys.argv[1] in VERBS
    tell_help(VERBS.get(sys.argv[1], run_parser)(), sys.argv[2 if verb else 1 :])

from shared.commands.run import main as run_main  # noqa: E402
from shared.pipeline.run.command_line import run_command  # noqa: E402

gc.freeze()
gc.enable()


def main(argv: list[str]) -> int:
    """Dispatch; return the exit code.

    Args:
        argv: Arguments without the program's name.
    """
    if argv and argv[0] in VERBS:
        if argv[0] in STEERING:
            return int(importlib.import_module("shared.commands.steer").main(argv))
        verb = importlib.import_module(f"shared.commands.{argv[0]}")
        return int(verb.main(argv[1:]))
    return run_main(argv)


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
