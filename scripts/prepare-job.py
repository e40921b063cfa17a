#!/usr/bin/env python3
"""
Prepare job: check a film and create its job directory

Usage:
    ./prepare-job.sh --media film.mkv --workflow subtitle -s hi -t en

The last line on standard output is the job directory.
"""

import signal
import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))
if __name__ == "__main__":  # Ctrl-C amid imports waits for run_command, which tells it
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

from shared.commands.options import prepare_parser  # noqa: E402
from shared.core.usage import shows_help, tell_help  # noqa: E402

if __name__ == "__main__" and shows_help(sys.argv[1:]):
    tell_help(prepare_parser(), sys.argv[1:])

from shared.pipeline.prepare.options import request_from  # noqa: E402
from shared.pipeline.prepare.prepare import prepare_job  # noqa: E402
from shared.pipeline.run.command_line import run_command  # noqa: E402


def main(argv: list[str]) -> int:
    """Parse, prepare, print the job directory; return the exit code.

    Args:
        argv: Arguments without the program's name.
    """
    arguments = prepare_parser().parse_args(argv)
    prepared = prepare_job(request_from(arguments, arguments.media, arguments.workflow))
    for note in prepared.notes:
        sys.stderr.write(note + "\n")
    sys.stdout.write(f"{prepared.job_dir}\n")
    return 0


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
