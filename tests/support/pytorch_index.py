#!/usr/bin/env python3
"""
PyTorch index: PyTorch's index of CPU wheels on the loopback interface, behind a proxy of its own.

uv asks one host, whatever is set; a proxy hears which, and leads uv here, with a certificate made
for the test. The wheels are real ones, with nothing in them.

Usage:
    with serve_pytorch_index(folder, uv, ["torch==2.8.0"]) as index:
        run(command, env=index.environment)
"""

from __future__ import annotations

import hashlib
import io
import os
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

HERE = f"cp3{sys.version_info.minor}"
TAGS = (HERE, "cp39")


@dataclass
class Index:
    """`wheels`: file name to content, to be changed at will. `host`: whom uv asks.
    `environment`: what leads uv here.
    """

    wheels: dict[str, bytes]
    host: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    def digest(self, package: str) -> str:
        """Return the SHA-256 of a package's wheel for the Python that runs the tests."""
        name = next(n for n in self.wheels if n.startswith(f"{package}-") and HERE in n)
        return hashlib.sha256(self.wheels[name]).hexdigest()

    def spoil(self, package: str) -> None:
        """Serve another wheel under the old name."""
        for name in list(self.wheels):
            if name.startswith(f"{package}-"):
                self.wheels[name] = make_wheel(name, b"evil = True\n")


def make_wheel(name: str, code: bytes = b"") -> bytes:
    """Return a wheel that installs one module."""
    package, version, *_ = name.split("-")
    described = f"{package}-{version}.dist-info"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as wheel:
        wheel.writestr(f"{package}/__init__.py", code)
        metadata = f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
        wheel.writestr(f"{described}/METADATA", metadata)
        tag = name.removesuffix(".whl").partition(f"{version}-")[2]
        facts = f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: {tag}\n"
        wheel.writestr(f"{described}/WHEEL", facts)
        wheel.writestr(f"{described}/RECORD", "")
    return content.getvalue()


@contextmanager
def serve_pytorch_index(folder: Path, uv: Path, pins: Sequence[str]) -> Iterator[Index]:
    """Serve an index with CPU wheels of some packages, for two versions of Python each."""
    names = [
        f"{name}-{version}+cpu-{tag}-{tag}-manylinux_2_28_x86_64.whl"
        for name, _, version in (pin.partition("==") for pin in pins)
        for tag in TAGS
    ]
    index = Index({name: make_wheel(name) for name in names})
    with ThreadingHTTPServer(("127.0.0.1", 0), _pages(index)) as pages:
        tunnel = _tunnel(index, pages.server_address)
        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), tunnel) as proxy:
            pages.daemon_threads = proxy.daemon_threads = True
            where = f"http://127.0.0.1:{proxy.server_address[1]}"
            index.environment = {
                **{"ALL_PROXY": where, "HTTPS_PROXY": where, "NO_PROXY": "", "no_proxy": ""},
                **{"UV_HTTP_RETRIES": "0", "UV_CACHE_DIR": str(folder / "cache")},
            }
            threading.Thread(target=proxy.serve_forever, daemon=True).start()
            _hear_the_host(index, uv)
            certificate = _secure(pages, index.host, folder)
            index.environment["SSL_CERT_FILE"] = str(certificate)
            threading.Thread(target=pages.serve_forever, daemon=True).start()
            yield index
            for server in (pages, proxy):
                server.shutdown()


def _hear_the_host(index: Index, uv: Path) -> None:
    """Have uv ask, in vain, so that the proxy hears whom."""
    asked = "pip install --dry-run --no-deps --torch-backend cpu --target none torch".split()
    environment = {**os.environ, **index.environment}
    subprocess.run([str(uv), *asked], env=environment, capture_output=True, check=False)
    assert index.host


def _secure(pages: ThreadingHTTPServer, host: str, folder: Path) -> Path:
    """Give a server a certificate for a host; return the certificate's file."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    asked = f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={host}".split()
    extra = ["-addext", f"subjectAltName=DNS:{host}", "-addext", "basicConstraints=CA:FALSE"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", *asked, *extra, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    pages.socket = context.wrap_socket(pages.socket, server_side=True)
    return certificate


def _pages(index: Index) -> type[BaseHTTPRequestHandler]:
    class Pages(BaseHTTPRequestHandler):
        """Answers with the list of a package's files, or a file."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Answer."""
            path = unquote(self.path.partition("?")[0]).removeprefix("/whl/cpu/").rstrip("/")
            content = index.wheels.get(path)
            named = [name for name in index.wheels if name.startswith(f"{path}-")]
            if content is None and named:
                links = (
                    f'<a href="/whl/cpu/{_quoted(n)}#{_digest(index, n)}">{n}</a>' for n in named
                )
                content = f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>".encode()
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Type", "text/html" if named else "application/octet-stream")
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, format: str, *values: object) -> None:
            """Say nothing."""

    return Pages


def _quoted(name: str) -> str:
    return name.replace("+", "%2B")


def _digest(index: Index, name: str) -> str:
    return f"sha256={hashlib.sha256(index.wheels[name]).hexdigest()}"


def _tunnel(index: Index, address: tuple[str, int]) -> type[socketserver.StreamRequestHandler]:
    class Tunnel(socketserver.StreamRequestHandler):
        """Leads what is for PyTorch to the pages, refuses everything else."""

        def handle(self) -> None:
            """Connect."""
            asked = self.rfile.readline().decode()
            while self.rfile.readline().strip():
                pass
            host = asked.removeprefix("CONNECT ").partition(":")[0]
            is_known = index.host == host
            index.host = index.host or host
            if not is_known:
                self.wfile.write(b"HTTP/1.1 502 not here\r\n\r\n")
                return
            with socket.create_connection(address) as pages:
                self.wfile.write(b"HTTP/1.1 200 connected\r\n\r\n")
                back = threading.Thread(target=_copy, args=(pages, self.connection), daemon=True)
                back.start()
                _copy(self.connection, pages)
                back.join()

    return Tunnel


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while block := source.recv(1 << 16):
            target.sendall(block)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
