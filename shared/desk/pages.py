#!/usr/bin/env python3
"""
Pages: what the desk shows, made of templates in which every text is escaped, and its own scripts.

Usage:
    from shared.desk.pages import Pages

    Pages().make("jobs.html", jobs=[…])
    Pages().assets["editor.js"]        # (content, media type)
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shared.report.rendering import TEMPLATES as REPORT_TEMPLATES
from shared.report.rendering import page_environment

HERE = Path(__file__).resolve().parent
TEMPLATES, STATIC = HERE / "templates", HERE / "static"
KINDS = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


class Pages:
    """The templates and the scripts of the desk, read once.

    Attributes:
        assets: Content and media type of each script and style, by the name it is asked by.
    """

    def __init__(self) -> None:
        self._environment = page_environment(TEMPLATES)
        # The film's page has the colours; the desk adds its own.
        files = [*STATIC.iterdir(), REPORT_TEMPLATES / "page.css"]
        self.assets = {
            path.name: (path.read_bytes(), KINDS[path.suffix])
            for path in files
            if path.suffix in KINDS
        }

    def make(self, name: str, **values: Any) -> str:
        """Return a page.

        Args:
            name: Of the template.
            values: What it shows.
        """
        return self._environment.get_template(name).render(**values)
