#!/usr/bin/env python3
"""
App: health and metrics over HTTP (standards 10.1, 10.2), for Prometheus and whoever starts servers.

    GET /health         200 as long as it answers: status, timestamp, version
    GET /health/live    200 {"alive": true}
    GET /health/ready   200 or 503: each check, and why one is not as it should be
    GET /metrics        Prometheus' text form

It tells figures and names of stages: no path, no title of a film, no secret. It serves no file and
takes nothing but these addresses. Who asks by a name that is not this server's is refused, so that
no page in a browser reaches it by a name of its own (DNS rebinding).

Usage:
    from shared.health.app import make_app, serve

    serve(make_app(["localhost", "127.0.0.1"]), "127.0.0.1", 9464)
"""

from __future__ import annotations

import socket
import sys
import threading
import time
import tomllib
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared.core.errors import UnavailableError
from shared.core.paths import PROJECT_ROOT
from shared.health.checks import Readiness, check_readiness
from shared.health.exposition import Exposition

if TYPE_CHECKING:
    from fastapi import FastAPI

# Looking costs a start of each environment's Python; monitors may ask as often as they like.
KEPT_SECONDS = 10.0
LOOPBACK_NAMES = ("127.0.0.1", "localhost")
ANYWHERE = ("0.0.0.0", "::")  # addresses to listen at, which no monitor asks by
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class KeptReadiness:
    """What was found, looked at anew after KEPT_SECONDS, by one caller at a time."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._found: Readiness | None = None
        self._until = 0.0

    def get(self) -> Readiness:
        """Return what was found last, or now."""
        with self._turn:
            if self._found is None or time.monotonic() >= self._until:
                self._found = check_readiness()
                self._until = time.monotonic() + KEPT_SECONDS
            return self._found


def make_app(hosts: Sequence[str] = LOOPBACK_NAMES) -> FastAPI:
    """Return the application; it needs the environment web.

    Args:
        hosts: The names and addresses by which it may be asked (the Host header without its port).
    """
    from fastapi import FastAPI
    from fastapi.responses import JSONResponse, PlainTextResponse
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    # Its own pages of documentation would load scripts from elsewhere.
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    names = [_in_address(host).lower() for host in hosts if host not in ANYWHERE]
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=names, www_redirect=False)
    exposition, readiness, version = Exposition(), KeptReadiness(), project_version()

    def health_check() -> JSONResponse:
        return answer({"status": "healthy", "timestamp": _now(), "version": version})

    def readiness_check() -> JSONResponse:
        found = readiness.get()
        status = "ready" if found.is_ready else "not_ready"
        told = {"status": status, "checks": found.checks, "reasons": found.reasons}
        return answer({**told, "timestamp": _now()}, 200 if found.is_ready else 503)

    def liveness_check() -> JSONResponse:
        return answer({"alive": True})

    def metrics() -> PlainTextResponse:
        return PlainTextResponse(exposition.text(), headers=NO_STORE, media_type=exposition.type)

    for address, page in (
        ("/health", health_check),
        ("/health/ready", readiness_check),
        ("/health/live", liveness_check),
        ("/metrics", metrics),
    ):
        app.add_api_route(address, page, methods=["GET"], response_model=None)

    def answer(content: dict[str, Any], status: int = 200) -> JSONResponse:
        return JSONResponse(content, status_code=status, headers=NO_STORE)

    return app


def serve(app: FastAPI, host: str, port: int) -> None:
    """Serve until somebody stops it.

    Args:
        app: What answers.
        host: The address to listen at.
        port: 0 = one that is free; it is told on standard output.

    Raises:
        UnavailableError: Nobody can listen there.
    """
    import uvicorn

    with listen(host, port, "tools/health.py") as listening:
        sys.stdout.write(f"http://{_in_address(host)}:{listening.getsockname()[1]}/health\n")
        sys.stdout.flush()
        settings = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
        uvicorn.Server(settings).run(sockets=[listening])


def listen(host: str, port: int, command: str) -> socket.socket:
    """Return a socket that listens.

    Args:
        host: The address to listen at.
        port: 0 = one that is free.
        command: What to type with another port, for the hint.

    Raises:
        UnavailableError: Nobody can listen there.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except OSError as error:
        told = f"Cannot listen at {host}, port {port}: {error.strerror}"
        raise UnavailableError(told, hint=f"{command} --port 0 takes one that is free") from error


def project_version() -> str:
    """Return the version of this checkout, as pyproject.toml has it."""
    with (PROJECT_ROOT / "pyproject.toml").open("rb") as stream:
        return str(tomllib.load(stream)["project"]["version"])


def _in_address(host: str) -> str:
    """Return a host as addresses and the Host header have it."""
    is_bare = ":" in host and not host.startswith("[")
    return f"[{host}]" if is_bare else host


def _now() -> str:
    return datetime.now().astimezone().isoformat()
