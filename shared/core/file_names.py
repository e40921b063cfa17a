#!/usr/bin/env python3
"""
File names: any text as a name that every common file system takes.

Usage:
    from shared.core.file_names import safe_file_name

    safe_file_name("Who? (1999)")     # 'Who (1999)'
"""

from __future__ import annotations

import re

# In UTF-8, so that language and suffix still fit.
MOST_BYTES = 150


def safe_file_name(text: str) -> str:
    """Return text as a file name that every common file system takes.

    Args:
        text: Any text.

    Returns:
        Never empty nor longer than MOST_BYTES, no path separators or reserved characters, no
        leading dot or hyphen, no two dots in a row (they become "…").
    """
    kept = "".join(
        char if char.isprintable() and char not in '/\\:*?"<>|' else " " for char in text
    )
    name = " ".join(kept.split()).lstrip(".- ").rstrip(". ")
    name = re.sub(r"\.{2,}", "…", name)
    cut = name.encode("utf-8")[:MOST_BYTES].decode("utf-8", errors="ignore")
    return (cut if cut == name else cut.rstrip(". ")) or "film"
