#!/usr/bin/env python3
"""
Report: the results as JSON data, as a table for the terminal and as one HTML page

Usage:
    from tools.compliance.report import as_data, as_html, as_text
"""

from __future__ import annotations

from dataclasses import asdict
from html import escape

from tools.compliance.catalogue import StageResult

HEADINGS = ("StageIO", "Logger", "Config", "No HC", "Error", "Docs")
GENERATED_BY = "tools/check_compliance.py"
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Compliance: {score}%</title>
<style>
body {{ font: 16px/1.5 sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }}
table {{ border-collapse: collapse; }}
th, td {{ border: 1px solid #bbb; padding: .3rem .6rem; text-align: left; }}
.pass {{ background: #dff3e0; color: #14532d; }}
.fail {{ background: #fbe0e0; color: #7f1d1d; }}
code {{ white-space: pre-wrap; }}
</style>
</head>
<body>
<h1>Stage compliance: {passed}/{total} checks, {score}%</h1>
<table>
<thead><tr>{head}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
<h2>What to mend</h2>
{misses}
{more}</body>
</html>
"""


def totals(results: list[StageResult]) -> tuple[int, int, int]:
    """Return (passed, total, score): checks, checks, whole percent rounded down.

    Args:
        results: One for each stage.
    """
    passed = sum(result.passed for result in results)
    total = sum(len(result.reasons) for result in results)
    return passed, total, passed * 100 // total if total else 0


def as_data(results: list[StageResult]) -> dict[str, object]:
    """Return the content of compliance_result.json.

    Args:
        results: One for each stage.
    """
    passed, total, score = totals(results)
    stages = {
        result.stage: {
            "file": result.file,
            "number": result.number,
            "passed": result.passed,
            "total": len(result.reasons),
            "checks": {
                name: {"passed": not found, "reasons": [asdict(reason) for reason in found]}
                for name, found in result.reasons.items()
            },
        }
        for result in results
    }
    return {
        "score": score,
        "passed": passed,
        "total": total,
        "stages": stages,
        "generated_by": GENERATED_BY,
    }


def misses(results: list[StageResult]) -> list[str]:
    """Return one line for each reason: file:line: check: message.

    Args:
        results: One for each stage.
    """
    return [
        f"{reason.file}:{reason.line}: {name}: {reason.message}"
        for result in results
        for name, found in result.reasons.items()
        for reason in found
    ]


def as_text(results: list[StageResult], unicode_marks: bool) -> str:
    """Return the table, the misses and the score as text.

    Args:
        results: One result for each stage.
        unicode_marks: Whether the terminal can show the marks; words in ASCII otherwise.
    """
    good, bad = ("✓", "✗") if unicode_marks else ("ok", "NO")
    rows = [["#", "Stage", "File", *HEADINGS, "Score"]]
    for result in results:
        marks = [bad if found else good for found in result.reasons.values()]
        score = f"{result.passed}/{len(result.reasons)}"
        rows.append([str(result.number), result.stage, result.file, *marks, score])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    found = misses(results)
    passed, total, score_percent = totals(results)
    parts = ["\n".join(lines), *(["\n".join(found)] if found else [])]
    return "\n\n".join([*parts, f"Score: {passed}/{total} ({score_percent}%)"]) + "\n"


def as_html(results: list[StageResult], more: str = "") -> str:
    """Return the report as one HTML page that needs nothing else.

    Args:
        results: One for each stage.
        more: HTML that goes below.
    """
    passed, total, score = totals(results)
    names = ("#", "Stage", "File", *HEADINGS, "Score")
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    items = "\n".join(f"<li><code>{escape(line)}</code></li>" for line in misses(results))
    return PAGE.format(
        score=score,
        more=more,
        passed=passed,
        total=total,
        head=head,
        rows="\n".join(_html_row(result) for result in results),
        misses=f"<ul>\n{items}\n</ul>" if items else "<p>Nothing: every check passes.</p>",
    )


def _html_row(result: StageResult) -> str:
    """Return one row of the table; a failed cell tells its reasons when pointed at."""
    cells = [f"<td>{escape(str(v))}</td>" for v in (result.number, result.stage, result.file)]
    for found in result.reasons.values():
        if found:
            title = escape("; ".join(f"line {r.line}: {r.message}" for r in found))
            cells.append(f'<td class="fail" title="{title}">✗ fail</td>')
        else:
            cells.append('<td class="pass">✓ pass</td>')
    cells.append(f"<td>{result.passed}/{len(result.reasons)}</td>")
    return f"<tr>{''.join(cells)}</tr>"
