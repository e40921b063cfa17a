#!/usr/bin/env python3
"""
Desk: the verb that serves jobs, their pages and the editor of subtitles to a browser here.

Usage:
    ./run-pipeline.sh desk
    ./run-pipeline.sh desk --port 9000 --no-browser
"""

from __future__ import annotations

from shared.commands.options import desk_parser
from shared.config import load_config
from shared.core.errors import EXIT_SUCCESS
from shared.pipeline.job.job import output_root
from shared.pipeline.prepare.set_up import go_on_in

ENVIRONMENT = "web"


def main(argv: list[str]) -> int:
    """Serve until stopped; return the exit code.

    Args:
        argv: The arguments after 'desk'.

    Raises:
        UnavailableError: Nobody can listen there, or the environment cannot be made.
    """
    arguments = desk_parser().parse_args(argv)
    root = output_root(load_config())
    go_on_in(ENVIRONMENT, "the desk", ["desk", *argv])
    from shared.desk.server import serve_desk

    serve_desk(root, arguments.port, not arguments.no_browser)
    return EXIT_SUCCESS
