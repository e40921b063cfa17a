#!/usr/bin/env python3
"""
Report: appendix B's manual list as JSON data, as a table for the terminal and as one in HTML

Usage:
    from tools.compliance.checklist.report import list_data, list_html, list_text
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from html import escape

from tools.compliance.checklist.table import STAGE_ITEMS, Row

TITLE = "Checklist (appendix B)"
NOT_ASKED = "-"


def list_totals(rows: Sequence[Row]) -> tuple[int, int, int]:
    """Return (passed, total, score): items, items, whole percent rounded down.

    Args:
        rows: Those of check_list().
    """
    passed = sum(row.passed for row in rows)
    total = sum(len(row.reasons) for row in rows)
    return passed, total, passed * 100 // total if total else 0


def list_data(rows: Sequence[Row]) -> dict[str, object]:
    """Return what compliance_result.json holds under 'checklist'.

    Args:
        rows: Those of check_list().
    """
    passed, total, score = list_totals(rows)
    found = {
        row.name: {
            item: {"passed": not reasons, "reasons": [asdict(reason) for reason in reasons]}
            for item, reasons in row.reasons.items()
        }
        for row in rows
    }
    return {"score": score, "passed": passed, "total": total, "rows": found}


def list_text(rows: Sequence[Row], unicode_marks: bool) -> str:
    """Return the table, what is missing and the score as text.

    Args:
        rows: Those of check_list().
        unicode_marks: Whether the terminal can show the marks; words in ASCII otherwise.
    """
    good, bad = ("✓", "✗") if unicode_marks else ("ok", "NO")
    cells = [["Stage", *STAGE_ITEMS.values(), "Score"]]
    for row in rows:
        marks = [_mark(row, item, good, bad) for item in STAGE_ITEMS]
        cells.append([row.name, *marks, f"{row.passed}/{len(row.reasons)}"])
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(line, widths)).rstrip() for line in cells]
    lines.insert(1, "  ".join("-" * width for width in widths))
    passed, total, score = list_totals(rows)
    missing = "".join(f"{line}\n" for line in list_misses(rows))
    parts = [f"{TITLE}\n", "\n".join(lines) + "\n", *([missing] if missing else [])]
    return "\n".join([*parts, f"Checklist: {passed}/{total} ({score}%)\n"])


def list_misses(rows: Sequence[Row]) -> list[str]:
    """Return one line for each thing that is missing, as file:line: item: message.

    Args:
        rows: Those of check_list(); what a stage and its folder both miss is told once.
    """
    told = [
        f"{reason.file}:{reason.line}: {item}: {reason.message}"
        for row in rows
        for item, reasons in row.reasons.items()
        for reason in reasons
    ]
    return list(dict.fromkeys(told))


def list_html(rows: Sequence[Row]) -> str:
    """Return heading, table and what is missing as a part of an HTML page.

    Args:
        rows: Those of check_list().
    """
    passed, total, score = list_totals(rows)
    head = "".join(
        f'<th scope="col">{escape(name)}</th>' for name in ("Stage", *STAGE_ITEMS.values())
    )
    body = "\n".join(_html_row(row) for row in rows)
    items = "\n".join(f"<li><code>{escape(line)}</code></li>" for line in list_misses(rows))
    return (
        f"<h2>{TITLE}: {passed}/{total} items, {score}%</h2>\n<table>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n"
        + (f"<ul>\n{items}\n</ul>\n" if items else "<p>Nothing is missing.</p>\n")
    )


def _mark(row: Row, item: str, good: str, bad: str) -> str:
    if item not in row.reasons:
        return NOT_ASKED
    return bad if row.reasons[item] else good


def _html_row(row: Row) -> str:
    cells = [f"<td>{escape(row.name)}</td>"]
    for item in STAGE_ITEMS:
        kind = {"✗": ' class="fail"', "✓": ' class="pass"'}.get(_mark(row, item, "✓", "✗"), "")
        cells.append(f"<td{kind}>{_mark(row, item, '✓ pass', '✗ fail')}</td>")
    return f"<tr>{''.join(cells)}</tr>"
