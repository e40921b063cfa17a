#!/usr/bin/env python3
"""
Server: a desk that listens on this machine alone, until somebody stops it.

Usage:
    from shared.desk.server import serve_desk

    serve_desk(root, port=8377, opens_browser=True)
"""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path

from shared.desk.app import make_desk
from shared.desk.keys import Keys
from shared.health.app import LOOPBACK_NAMES, listen

COMMAND = "./run-pipeline.sh desk"
# Streams that browsers hold open are cut when the desk ends.
LAST_SECONDS = 1


def serve_desk(root: Path, port: int, opens_browser: bool) -> None:
    """Serve a desk; its address is told on standard output, and a new one each time it was used.

    Args:
        root: The output folder.
        port: 0 = one that is free.
        opens_browser: Whether the person's browser is asked to open it.

    Raises:
        UnavailableError: Nobody can listen there.
    """
    import uvicorn

    with listen(LOOPBACK_NAMES[0], port, COMMAND) as listening:
        port = listening.getsockname()[1]
        keys = Keys()

        def tell(ticket: str) -> None:
            sys.stdout.write(f"http://{LOOPBACK_NAMES[0]}:{port}/?ticket={ticket}\n")
            sys.stdout.flush()

        tell(keys.ticket)
        keys.told = tell
        settings = uvicorn.Config(
            make_desk(root, keys, port),
            log_level="critical",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=LAST_SECONDS,
        )
        if opens_browser:
            webbrowser.open(f"http://{LOOPBACK_NAMES[0]}:{port}/?ticket={keys.ticket}")
        uvicorn.Server(settings).run(sockets=[listening])
