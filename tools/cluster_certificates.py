#!/usr/bin/env python3
"""
Cluster certificates: an authority of your own and a member's certificate, in one folder.

Copy ca.pem, member.pem and member.key (never ca.key) to each machine, readable by its user only:
who has them is a member of the cluster, and members run code on each other. --from makes another
member's by the authority of a folder that has ca.key: one machine can then be shut out by making
all others anew.

Usage:
    python3 tools/cluster_certificates.py [--to DIR] [--from DIR] [--days N]
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.common_python import go_on_in_common  # noqa: E402
from shared.core.usage import CommandParser  # noqa: E402

if __name__ == "__main__":
    go_on_in_common(__file__)

from shared.core.errors import (  # noqa: E402
    EXIT_SUCCESS,
    DependencyError,
    InputError,
    UnavailableError,
)
from shared.pipeline.batch.cluster.trust import AUTHORITY, CERTIFICATE, KEY  # noqa: E402
from shared.pipeline.run.command_line import run_command  # noqa: E402

AUTHORITY_KEY = "ca.key"
PRIVATE, PRIVATE_FOLDER = 0o600, 0o700
CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-sha256")
DAYS = 825


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of this command."""
    parser = CommandParser(
        prog="python3 tools/cluster_certificates.py",
        description="Make the certificates of a cluster of machines: an authority of your own and "
        "a member's certificate.",
        examples="""
  python3 tools/cluster_certificates.py
  python3 tools/cluster_certificates.py --from config/cluster --to other-machine
""",
        codes="0 made, 2 something lies there already, 3 openssl is missing, 4 it failed",
    )
    usual = PROJECT_ROOT / "config" / "cluster"
    parser.add_argument("--to", type=Path, default=usual, metavar="DIR", help="an empty folder")
    parser.add_argument("--from", dest="source", type=Path, metavar="DIR", help="has ca.key")
    parser.add_argument("--days", type=int, default=DAYS, metavar="N", help="how long they hold")
    return parser


def main(argv: list[str]) -> int:
    """Parse and make; return the exit code.

    Args:
        argv: Arguments without the program's name.

    Raises:
        InputError: Something lies there already.
        UnavailableError: openssl is not installed.
        DependencyError: It failed.
    """
    arguments = make_parser().parse_args(argv)
    make_certificates(arguments.to, arguments.source, arguments.days)
    sys.stdout.write(f"{arguments.to}\n")
    return EXIT_SUCCESS


def make_certificates(folder: Path, source: Path | None = None, days: int = DAYS) -> None:
    """Make the certificates of a member, and of an authority where none is named.

    Args:
        folder: Where they are put; holds none.
        source: A folder with an authority and its key; None = a new authority, kept there, too.
        days: How long they hold.

    Raises:
        InputError: Something lies there already, or the authority has no key.
        UnavailableError: openssl is not installed.
        DependencyError: It failed.
    """
    if any((folder / name).exists() for name in (AUTHORITY, CERTIFICATE, KEY)):
        raise InputError(f"{folder} holds certificates already", hint="--to another folder")
    if shutil.which("openssl") is None:
        raise UnavailableError("openssl is not installed", hint="apt-get install openssl")
    if source is not None and not (source / AUTHORITY_KEY).is_file():
        raise InputError(f"{source} has no {AUTHORITY_KEY}", hint="Name the folder of the first")
    folder.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
    mask = os.umask(0o777 & ~PRIVATE)
    try:
        with tempfile.TemporaryDirectory() as name:
            made = Path(name)
            os.chmod(made, PRIVATE_FOLDER)
            _authority(made, source, days)
            _member(made, days)
            names = [AUTHORITY, CERTIFICATE, KEY, *([AUTHORITY_KEY] if source is None else [])]
            for one in names:
                shutil.copyfile(made / one, folder / one)
    finally:
        os.umask(mask)


def _authority(made: Path, source: Path | None, days: int) -> None:
    if source is not None:
        for name in (AUTHORITY, AUTHORITY_KEY):
            shutil.copyfile(source / name, made / name)
        return
    _openssl(
        *("req", "-x509", *CURVE, "-subj", "/CN=CP-WhisperX cluster", "-days", str(days)),
        *("-keyout", str(made / AUTHORITY_KEY), "-out", str(made / AUTHORITY)),
        *("-addext", "basicConstraints=critical,CA:TRUE,pathlen:0"),
        *("-addext", "keyUsage=critical,keyCertSign"),
    )


def _member(made: Path, days: int) -> None:
    request, extensions = made / "member.csr", made / "member.cnf"
    extensions.write_text(
        "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
        "extendedKeyUsage=serverAuth,clientAuth\nsubjectKeyIdentifier=hash\n"
        "authorityKeyIdentifier=keyid\n",
        encoding="ascii",
    )
    _openssl(
        *("req", *CURVE, "-subj", "/CN=CP-WhisperX member"),
        *("-keyout", str(made / KEY), "-out", str(request)),
    )
    _openssl(
        *("x509", "-req", "-sha256", "-days", str(days), "-in", str(request)),
        *("-CA", str(made / AUTHORITY), "-CAkey", str(made / AUTHORITY_KEY)),
        *("-CAserial", str(made / "serial"), "-CAcreateserial"),
        *("-extfile", str(extensions), "-out", str(made / CERTIFICATE)),
    )


def _openssl(*arguments: str) -> None:
    done = subprocess.run(
        ["openssl", *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise DependencyError(
            f"openssl {arguments[0]} failed: {said[-1] if said else done.returncode}",
            hint="openssl version: 3 or later",
        )


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
