#!/usr/bin/env python3
"""
Probe of the environment web: FastAPI under uvicorn answers on loopback, with metrics of Prometheus.

Usage:
    venv/web/bin/python tools/probes/web.py [--device cpu|cuda|mps]
"""

from __future__ import annotations

import socket
import sys
import threading
import urllib.request
from pathlib import Path

# In place of this folder, whose files are named as the libraries that they prove.
sys.path[0] = str(Path(__file__).resolve().parents[2])

from tools.probes.probe import require, run_probe  # noqa: E402

SECONDS = 20.0


def work(device: str) -> str:
    """Serve one page, and ask for it.

    Args:
        device: cpu, cuda or mps; nothing here computes.

    Returns:
        What answered.

    Raises:
        RuntimeError: Another answer came.
    """
    import uvicorn
    from fastapi import FastAPI
    from fastapi.responses import PlainTextResponse
    from prometheus_client import CollectorRegistry, Counter, generate_latest

    registry = CollectorRegistry()
    asked = Counter("asked", "How often it was asked", registry=registry)
    app = FastAPI()

    def answer() -> PlainTextResponse:
        asked.inc()
        return PlainTextResponse(generate_latest(registry))

    app.add_api_route("/", answer, response_model=None)

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        listening.listen()
        thread.start()
        with urllib.request.urlopen(address, timeout=SECONDS) as page:
            text = page.read().decode("utf-8")
        server.should_exit = True
        thread.join(SECONDS)
    require("asked_total 1.0" in text, f"it answered {text[:80]!r}")
    return f"uvicorn {uvicorn.__version__}"


if __name__ == "__main__":
    run_probe("FastAPI, uvicorn", work)
