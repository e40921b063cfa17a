#!/usr/bin/env python3
"""
Generate docs: config/.env.pipeline, docs/CONFIGURATION.md and docs/API.md from the code itself.

In config/.env.pipeline only the documentation is made and compared; values, own comments, the order
and what was taken out are the user's: --check tells of the last and finds nothing wrong with it.

Usage:
    venv/common/bin/python tools/generate_docs.py            # write
    venv/common/bin/python tools/generate_docs.py --check    # exit 1 when one is out of date
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.core.common_python import tell_purpose  # noqa: E402

if __name__ == "__main__":
    tell_purpose(__file__, without="pydantic")

from shared.core.configuration.layers import STANDARD_NAMES  # noqa: E402
from shared.core.paths import PIPELINE_ENV_FILE  # noqa: E402
from shared.core.usage import CommandParser, ended, usage_of  # noqa: E402
from tools.documentation.fields import (  # noqa: E402
    default_text,
    documentation,
    keys,
    values_text,
)
from tools.documentation.settings_file import SettingsFile  # noqa: E402
from tools.documentation.wishes import wishes_table  # noqa: E402

CONFIGURATION_PAGE = PROJECT_ROOT / "docs" / "CONFIGURATION.md"
API_PAGE = PROJECT_ROOT / "docs" / "API.md"
LAYERS = """\
Made by `tools/generate_docs.py` from `shared/core/settings.py`. Layers, later ones win:

1. `config/.env.pipeline`
2. `config/.env.local` (not in git)
3. `job.json` of the job
4. `.job-*.env` in the job directory
5. the environment: `CP_` and the key, as in `CP_ASR_BEAM_SIZE=3`; without `CP_` only {bare}, left
   out with a warning where the value does not fit: it is another program's
6. `--set KEY=VALUE`, of this command or of the one that prepared the job

A job directory may have been handed over, so what reaches beyond it is the machine's to set (layers
1, 2, 5 and 6). In a job that was not prepared here, a value of a setting marked **machine's own**
is refused (exit 2), and one of a setting marked **machine's limit** is left out with a warning.
[SECURITY.md](SECURITY.md) says what a job can and cannot do.
"""
MARKS = {
    "job": "",
    "name": " · a path or a repository: **machine's own**",
    "limit": " · **machine's limit**",
    "power": " · **machine's own**",
}


def main() -> int:
    """Write or check the generated files; return the exit code."""
    parser = CommandParser(
        prog="tools/generate_docs.py",
        description=(__doc__ or "").splitlines()[1],
        examples=usage_of(__doc__),
    )
    parser.add_argument("--check", action="store_true", help="only compare")
    check = parser.parse_args().check
    settings = SettingsFile(PIPELINE_ENV_FILE)
    for item in settings.unknown():
        print(f"{item.origin}: no such parameter, left out: {item.written}")
    wanted = {CONFIGURATION_PAGE: configuration_page(), API_PAGE: api_page()}
    if not check or settings.is_stale():
        wanted = {PIPELINE_ENV_FILE: settings.made_anew(), **wanted}
    for line in settings.left_out():
        print(f"{PIPELINE_ENV_FILE.relative_to(PROJECT_ROOT)}: {line}")
    stale = [p for p, t in wanted.items() if not p.is_file() or p.read_text("utf-8") != t]
    for path in stale:
        print(f"{'out of date' if check else 'written'}: {path.relative_to(PROJECT_ROOT)}")
        if not check:
            path.write_text(wanted[path], encoding="utf-8")
    return 1 if check and stale else 0


def configuration_page() -> str:
    """Return docs/CONFIGURATION.md."""
    parts = ["# Configuration\n", wishes_table(), "## Where settings stand\n"]
    bare = ", ".join(f"`{name}`" for name in sorted(STANDARD_NAMES))
    parts.append(LAYERS.format(bare=bare))
    for key, field in keys():
        extra = documentation(field)
        if extra["section"]:
            parts.append(f"## {extra['section']}\n")
        note = f" {extra['note']}." if extra["note"] else ""
        parts.append(
            f"### {key}\n\n{field.description}.{note}\n\n"
            f"Values: {values_text(field)} · Default: `{default_text(field)}`"
            f"{MARKS[extra['scope']]}\n"
        )
    return "\n".join(parts)


def api_page() -> str:
    """Return docs/API.md: every public function and class of shared/ with its first line."""
    parts = ["# API\n", "Made by `tools/generate_docs.py` from the docstrings of `shared/`.\n"]
    for path in sorted((PROJECT_ROOT / "shared").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        rows = list(public_rows(tree))
        if rows:
            module = ".".join(path.relative_to(PROJECT_ROOT).with_suffix("").parts)
            parts.append(f"## {module}\n")
            parts.append(title_of(tree) + "\n")
            parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def public_rows(tree: ast.Module) -> Iterator[str]:
    """Yield one list item for each public function and class of a module, methods indented.

    Args:
        tree: The module.
    """
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield f"- `{signature(node)}` {first_line(node)}".rstrip()
            for child in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(child, ast.FunctionDef) and not child.name.startswith("_"):
                    yield f"  - `{signature(child)}` {first_line(child)}".rstrip()


def signature(node: ast.FunctionDef | ast.ClassDef) -> str:
    """Return how a function is called, or a class's name.

    Args:
        node: A definition of the module.
    """
    if isinstance(node, ast.ClassDef):
        return node.name
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    arguments = ast.unparse(node.args).removeprefix("self, ").removeprefix("self")
    return f"{node.name}({arguments}){returns}"


def first_line(node: ast.FunctionDef | ast.ClassDef) -> str:
    """Return the first line of a docstring.

    Args:
        node: A definition with a docstring.
    """
    return (ast.get_docstring(node) or "").partition("\n")[0]


def title_of(tree: ast.Module) -> str:
    """Return the first line of a module's docstring.

    Args:
        tree: The module.
    """
    return (ast.get_docstring(tree) or "").strip().partition("\n")[0]


if __name__ == "__main__":
    sys.exit(ended(main))
