#!/usr/bin/env python3
"""
Trust: who belongs to a cluster: whoever has a certificate of its own authority, and nobody else.

    CLUSTER_CERTIFICATES/ca.pem        the authority's certificate
    CLUSTER_CERTIFICATES/member.pem    this machine's, signed by it
    CLUSTER_CERTIFICATES/member.key    its key, which only its owner may read

Addresses are not compared with names: who is signed by the authority is a member, wherever it is.

Usage:
    from shared.pipeline.batch.cluster.trust import Trust

    Trust(folder).server_context()
"""

from __future__ import annotations

import ssl
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from shared.core.errors import InputError, UnavailableError
from shared.core.paths import PROJECT_ROOT
from shared.core.settings import PipelineConfig

AUTHORITY, CERTIFICATE, KEY = "ca.pem", "member.pem", "member.key"
MAKE = "python3 tools/cluster_certificates.py --to {folder}"


@dataclass(frozen=True)
class Trust:
    """The certificates of one machine of a cluster.

    Attributes:
        folder: Where they lie.
    """

    folder: Path

    @classmethod
    def of(cls, config: PipelineConfig) -> Trust:
        """Return those that a configuration names, checked.

        Args:
            config: Its `cluster_certificates`; a relative folder lies in the project.

        Raises:
            UnavailableError: One is missing.
            InputError: Others may read the key.
        """
        trust = cls(PROJECT_ROOT / Path(config.cluster_certificates).expanduser())
        trust.check()
        return trust

    def check(self) -> None:
        """Refuse a folder that lacks a file, or whose key others may read.

        Raises:
            UnavailableError: One is missing.
            InputError: Others may read the key.
        """
        for name in (AUTHORITY, CERTIFICATE, KEY):
            if not (self.folder / name).is_file():
                raise UnavailableError(
                    f"{self.folder / name} is missing: a cluster needs certificates",
                    hint=MAKE.format(folder=self.folder),
                )
        key = self.folder / KEY
        if key.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise InputError(f"{key}: others may read it", hint=f"chmod 600 '{key}'")

    def server_context(self) -> ssl.SSLContext:
        """Return what a server speaks TLS with, to members only."""
        return self._context(ssl.PROTOCOL_TLS_SERVER)

    def client_context(self) -> ssl.SSLContext:
        """Return what a client speaks TLS with, to members only."""
        return self._context(ssl.PROTOCOL_TLS_CLIENT)

    def security(self) -> Any:
        """Return the same for dask.distributed."""
        from distributed import Security

        certificate, key = str(self.folder / CERTIFICATE), str(self.folder / KEY)
        pairs = {
            f"tls_{role}_{what}": path
            for role in ("client", "scheduler", "worker")
            for what, path in (("cert", certificate), ("key", key))
        }
        return Security(tls_ca_file=str(self.folder / AUTHORITY), require_encryption=True, **pairs)

    def _context(self, kind: int) -> ssl.SSLContext:
        context = ssl.SSLContext(kind)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.check_hostname = False
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(self.folder / AUTHORITY)
        context.load_cert_chain(self.folder / CERTIFICATE, self.folder / KEY)
        return context


def parse_address(address: str) -> tuple[str, int]:
    """Return host and port of a cluster's scheduler.

    Args:
        address: As tls://host:port. Nothing else is taken: what is spoken there runs code.

    Raises:
        InputError: It is none.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme != "tls" or not host or not port:
        raise InputError(
            f"{address!r} is no address of a cluster", hint="--scheduler tls://HOST:PORT"
        )
    return host, port
