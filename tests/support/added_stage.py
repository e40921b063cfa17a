#!/usr/bin/env python3
"""
Added stage: a stage put into a copied checkout by the steps that the documentation names.

Usage:
    from tests.support.added_stage import add_stage, stage_from_template

    add_stage(root, "notes", before="tmdb", script=stage_from_template("notes"))
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from shared.core.paths import PROJECT_ROOT
from shared.stage_order import STAGE_ORDER
from tests.support.commands import run_command

TEMPLATE = PROJECT_ROOT / "tests" / "fixtures" / "standards" / "stage_template.md"
STANDARDS = PROJECT_ROOT.parent / "shared" / "spec" / "developer-standards-v3.md"
# The standards leave the saving to whoever copies the template.
SAVE = "    # ... save results ...\n"
SAVED = '    output_file.write_text(f\'{{"param": "{param}"}}\\n\', encoding="utf-8")\n'
TYPES = {
    "def main():": "def main() -> int:",
    "def process_stage(input_file, output_dir, config, logger):": (
        "def process_stage(\n"
        "    input_file: Path, output_dir: Path, config: PipelineConfig, logger: PipelineLogger\n"
        ") -> bool:"
    ),
    "from shared.config import load_config\n": (
        "from shared.config import load_config\n"
        "from shared.core.settings import PipelineConfig\n"
        "from shared.logger import PipelineLogger\n"
    ),
}


def template() -> str:
    """Return the stage template of standards 4.1, from their text where it is here."""
    return template_in(STANDARDS if STANDARDS.is_file() else TEMPLATE)


def template_in(document: Path) -> str:
    """Return the stage template out of a document.

    Args:
        document: The standards, or what is kept of them here.
    """
    text = document.read_text(encoding="utf-8")
    match = re.search(r"^### 4\.1 .*?^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert match is not None
    return match[1]


def stage_from_template(
    name: str, previous: str | None = "demux", filename: str = "media_info.json", save: bool = True
) -> str:
    """Return the template as a stage of one's own: its names replaced, nothing else.

    Args:
        name: The stage's name.
        previous: The stage whose file it reads; None for a first stage, which has none.
        filename: The file that it reads.
        save: Whether one line stands where the template says "save results".
    """
    text = template().replace("stage_name", name).replace("filename.ext", filename)
    if previous is None:
        text = text.replace(', from_stage="previous_stage"', "")
    text = text.replace("previous_stage", previous or "")
    return text.replace(SAVE, SAVED) if save else text


def with_types(script: str) -> str:
    """Return a script made from the template with the types that standards 12.1 want."""
    return replace_all(script, TYPES)


def replace_all(text: str, changes: Mapping[str, str]) -> str:
    """Return a text with each of the changes made; each must have its place.

    Args:
        text: The text.
        changes: Old to new.
    """
    for old, new in changes.items():
        assert text.count(old) == 1, f"{text.count(old)} times {old!r}"
        text = text.replace(old, new)
    return text


def add_stage(root: Path, name: str, before: str | None, script: str, env: str = "common") -> None:
    """Add a stage to a copied checkout: its script, a line in STAGE_ORDER, one in STAGE_TO_ENV.

    Args:
        root: The checkout.
        name: The new stage.
        before: The stage that comes after it; None puts it last.
        script: Its text.
        env: Its environment.
    """
    (root / "scripts" / f"{name}.py").write_text(script, encoding="utf-8")
    line = f'    "{name}",\n'
    place = f'    "{before or STAGE_ORDER[-1]}",\n'
    change(root, "stage_order.py", {place: line + place if before else place + line})
    row = "STAGE_TO_ENV: dict[str, str] = {\n"
    change(root, "environment_manager.py", {row: f'{row}    "{name}": "{env}",\n'})


def change(root: Path, name: str, changes: Mapping[str, str]) -> None:
    """Change a file of a checkout's shared/.

    Args:
        root: The checkout.
        name: The file's name.
        changes: As for replace_all.
    """
    path = root / "shared" / name
    path.write_text(replace_all(path.read_text(encoding="utf-8"), changes), encoding="utf-8")


def prepare(root: Path, film: Path, workflow: str = "transcribe", *more: str) -> Path:
    """Prepare a job with a copied checkout; return its directory.

    Args:
        root: The checkout.
        film: The film.
        workflow: What to make.
        more: Further arguments.
    """
    command = ["./prepare-job.sh", "--media", str(film), "--workflow", workflow, "--user", "me"]
    done = run_command(*command, "-s", "en", *more, root=root)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.splitlines()[-1])


def actions(root: Path, job_dir: Path, *options: str, workflow: str = "transcribe") -> list[str]:
    """Run a job to its end; return for each stage 'name: what became of it', in order.

    Args:
        root: The checkout.
        job_dir: The job directory.
        options: Of the command.
        workflow: Which.
    """
    before = _count(job_dir)
    done = run_command("./run-pipeline.sh", workflow, job_dir, *options, root=root, seconds=600)
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in _lines(job_dir)[before:]]
    ended = [event for event in events if event["event"] == "end"]
    return [f"{e['stage']}: {'cached' if e['reused_from'] else e['status']}" for e in ended]


def _count(job_dir: Path) -> int:
    return len(_lines(job_dir))


def _lines(job_dir: Path) -> list[str]:
    path = job_dir / "events.jsonl"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
