#!/usr/bin/env python3
"""
Probe of the environment llm: both client libraries ask a server on this machine for one line.

Usage:
    venv/llm/bin/python tools/probes/llm.py [--device cpu|cuda|mps]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

# In place of this folder, whose files are named as the libraries that they prove.
sys.path[0] = str(Path(__file__).resolve().parents[2])

from tools.probes.probe import require, run_probe  # noqa: E402

ANSWER = "Good evening."
SECONDS = 20.0


class Handler(BaseHTTPRequestHandler):
    """Answers every request with one line, in the form of the service that was asked."""

    def do_POST(self) -> None:  # noqa: N802 (the name that http.server calls)
        """Read the request, then answer."""
        self.rfile.read(int(self.headers["Content-Length"]))
        document: dict[str, Any] = {"id": "1", "model": "test"}
        if self.path.endswith("/messages"):
            usage = {"input_tokens": 1, "output_tokens": 1}
            content = [{"type": "text", "text": ANSWER}]
            document |= {"type": "message", "role": "assistant", "content": content}
            document |= {"stop_reason": "end_turn", "stop_sequence": None, "usage": usage}
        else:
            message = {"role": "assistant", "content": ANSWER}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            document |= {"object": "chat.completion", "created": 0, "choices": [choice]}
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing.

        Args:
            format: The line, with places for arguments.
            arguments: What goes there.
        """


@contextmanager
def server() -> Iterator[str]:
    """Give the address of a server that lives as long as the block.

    Yields:
        The address of a service on loopback that answers as a language model's does.
    """
    with HTTPServer(("127.0.0.1", 0), Handler) as web:
        thread = Thread(target=web.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{web.server_port}"
        web.shutdown()
        thread.join()


def work(device: str) -> str:
    """Ask with each library.

    Args:
        device: cpu, cuda or mps: where the libraries compute.

    Returns:
        What ran and what came out, in one line.
    """
    import anthropic
    import openai

    question: Any = [{"role": "user", "content": "Guten Abend."}]
    # A proxy of the user's must not come between this machine and itself.
    own: dict[str, Any] = {"trust_env": False, "timeout": SECONDS}
    with server() as address:
        chat = openai.OpenAI(
            base_url=f"{address}/v1",
            api_key="none",
            max_retries=0,
            http_client=openai.DefaultHttpxClient(**own),
        ).chat.completions.create(model="test", messages=question)
        message = anthropic.Anthropic(
            base_url=address,
            api_key="none",
            max_retries=0,
            http_client=anthropic.DefaultHttpxClient(**own),
        ).messages.create(model="test", max_tokens=16, messages=question)
    require(chat.choices[0].message.content == ANSWER, "the openai library lost the answer")
    require(getattr(message.content[0], "text", "") == ANSWER, "the anthropic library lost it")
    return f"openai {openai.__version__} and anthropic {anthropic.__version__} had their answer"


if __name__ == "__main__":
    run_probe("openai, anthropic", work)
