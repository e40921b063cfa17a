#!/usr/bin/env python3
"""
Rendering: templates into pages of one file, in which every text is escaped and harmless.

Usage:
    from shared.report.rendering import render_template

    text = render_template("report.html", job=job, ...)
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.config import secret_values
from shared.core.languages import language_name
from shared.core.redact import Redactor
from shared.pipeline.plan.eta import clock
from shared.report.texts import harmless
from shared.subtitles.base.clock import clock_time

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).resolve().parent / "templates"
SIGNS = {"good": "✓", "look": "!", "bad": "✗"}


def render_template(name: str, **values: Any) -> str:
    """Return a page of shared/report/templates, with its style and its script inside.

    Args:
        name: Of the template.
        values: What it shows; every text of them is escaped, without secrets.
    """
    from markupsafe import Markup

    style, script = _asset("page.css"), _asset("page.js")
    return (
        page_environment(TEMPLATES)
        .get_template(name)
        .render(
            style=Markup(style),
            script=Markup(script),
            style_hash=_digest(style),
            script_hash=_digest(script),
            made_at=datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
            signs=SIGNS,
            **values,
        )
    )


def page_environment(folder: Path) -> Environment:
    """Return the templates of a folder, in which every text is escaped and no name may be missing.

    Args:
        folder: Where they lie.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalizer(Redactor(secret_values())),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clock"] = clock
    environment.filters["clock_time"] = clock_time
    environment.filters["language"] = language_name
    return environment


def _finalizer(redactor: Redactor) -> Callable[[Any], Any]:
    """Return what every text goes through on its way into a page."""
    from markupsafe import Markup

    def finalize(value: Any) -> Any:
        if value is None or isinstance(value, Markup | int | float):
            return value
        return harmless(str(value), redactor)

    return finalize


def _asset(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """Return the digest of a style or script by which its page allows it and no other."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return "sha256-" + base64.b64encode(digest).decode("ascii")
