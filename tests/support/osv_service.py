#!/usr/bin/env python3
"""
OSV service: the vulnerability database's interface on loopback, with answers as it gave them.

Usage:
    from tests.support.osv_service import RECORD, osv_service

    with osv_service({"requests": [RECORD]}) as address: ...
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# As OSV has it, shortened: what pip-audit reads, and what it has to leave alone.
RECORD: Mapping[str, Any] = {
    "id": "GHSA-9wx4-h78v-vm56",
    "summary": "Requests `Session` object does not verify requests after first with verify=False",
    "details": "When making requests through a Requests `Session`, …",
    "aliases": ["CVE-2024-35195", "PYSEC-2024-1"],
    "modified": "2026-02-04T02:18:33.312Z",
    "published": "2024-05-20T20:15:00Z",
    "references": [{"type": "WEB", "url": "https://nvd.nist.gov/vuln/detail/CVE-2024-35195"}],
    "affected": [
        {
            "package": {"name": "requests", "ecosystem": "PyPI", "purl": "pkg:pypi/requests"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.0"}]}],
            "versions": ["2.31.0"],
        }
    ],
    "schema_version": "1.7.3",
    "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:H/I:H/A:N"}],
}


@contextmanager
def osv_service(
    known: Mapping[str, Sequence[Any]], status: int = 200, asked: list[str] | None = None
) -> Iterator[str]:
    """Answer on loopback as long as the block lasts.

    Args:
        known: Records by name of the package.
        status: Of every answer.
        asked: Gets the packages that were asked about.

    Yields:
        The address of its query.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802 (the name that http.server calls)
            query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name = query["package"]["name"]
            if asked is not None:
                asked.append(name)
            records = list(known.get(name, []))
            body = json.dumps({"vulns": records} if records else {}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1/query"
        finally:
            server.shutdown()
            thread.join()
