#!/usr/bin/env python3
"""
Receiver: a notification service on the loopback, as `json://` addresses of apprise mean it.

Usage:
    from tests.support.receiver import Receiver

    with Receiver() as receiver:
        monkeypatch.setenv("NOTIFY_URLS", receiver.address)
        receiver.messages
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "a-key-that-nobody-may-read"


class Receiver:
    """Takes messages as a notification service does.

    Attributes:
        address: As it is written into NOTIFY_URLS.
        messages: What came, in order.
    """

    def __init__(self, status: int = 200) -> None:
        self.messages: list[dict[str, Any]] = []
        messages = self.messages

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                messages.append({"path": self.path, **json.loads(self.rfile.read(length))})
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"json://127.0.0.1:{self.server.server_port}/{KEY}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self) -> Receiver:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
