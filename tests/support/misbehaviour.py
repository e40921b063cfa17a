#!/usr/bin/env python3
"""
Misbehaviour: what servers on the loopback interface do instead of answering, over real HTTP.

hang: take the call and say nothing; reset: break the connection; truncated: half of the body that
was announced; long: more than was announced; drip: a byte every 50 ms; a status: "503", or
"429 1" with the seconds of its Retry-After.

Usage:
    misbehave(handler, "drip", body, over)
"""

from __future__ import annotations

import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler

DRIP_SECONDS = 0.05
# With blanks after the body: ten minutes, longer than anybody waits.
DRIP_BYTES = 12_000


def misbehave(
    handler: BaseHTTPRequestHandler, fault: str, body: bytes, over: threading.Event
) -> None:
    """Answer a request wrongly.

    Args:
        handler: Has read the request.
        fault: See the module.
        body: What a good server would send.
        over: Set when the server ends.
    """
    handler.close_connection = True
    if fault == "hang":
        over.wait()
    elif fault == "reset":
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()
    elif fault[0].isdigit():
        status, _, wait = fault.partition(" ")
        handler.send_response(int(status))
        if wait:
            handler.send_header("Retry-After", wait)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
    else:
        if fault == "drip":
            body = body.ljust(DRIP_BYTES)
        announced = {"truncated": len(body), "long": len(body) // 2, "drip": len(body)}[fault]
        handler.send_response(200)
        handler.send_header("Content-Length", str(announced))
        handler.end_headers()
        _send(handler, fault, body, over)


def _send(handler: BaseHTTPRequestHandler, fault: str, body: bytes, over: threading.Event) -> None:
    if fault != "drip":
        handler.wfile.write(body[: len(body) // 2] if fault == "truncated" else body)
        handler.wfile.flush()
        return
    for place in range(len(body)):
        try:
            handler.wfile.write(body[place : place + 1])
            handler.wfile.flush()
        except OSError:
            return
        if over.wait(DRIP_SECONDS):
            return
