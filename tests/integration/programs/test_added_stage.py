#!/usr/bin/env python3
"""Tests of adding a stage: the template of standards 4.1, copied literally, is a stage."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared.core.paths import PROJECT_ROOT
from shared.pipeline.job.record.manifest import Checkpoint
from tests.support.added_stage import (
    STANDARDS,
    TEMPLATE,
    actions,
    add_stage,
    prepare,
    stage_from_template,
    template_in,
    with_types,
)
from tests.support.commands import HANG_SECONDS, copy_checkout, run_command

LAST = "glossary_load"
NAME = "scene_notes"
# Where the stage goes: the stage after it, the stage whose file it reads, that file.
PLACES = {
    "first": ("demux", None, "Tiny.Film.2020.mkv"),
    "middle": ("tmdb", "demux", "media_info.json"),
    "last": ("source_separation", "glossary_load", "glossary.json"),
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copied checkout with venv/common; jobs lie beside it."""
    monkeypatch.setenv("CP_TMDB_ENABLED", "false")
    return copy_checkout(tmp_path / "checkout")


def record_of(job_dir: Path, stage: str = NAME) -> Checkpoint:
    """Return a stage's record."""
    text = (job_dir / ".checkpoints" / f"{stage}.json").read_text(encoding="utf-8")
    return Checkpoint.model_validate_json(text)


def outputs_of(job_dir: Path, stage: str = NAME) -> list[str]:
    """Return the files in a stage's directory."""
    (folder,) = job_dir.glob(f"??_{stage}")
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def run_one(root: Path, film: Path, script: str, before: str = "tmdb") -> tuple[Path, str]:
    """Run a job up to a stage with this script; return job directory and standard error."""
    add_stage(root, NAME, before, script)
    job_dir = prepare(root, film)
    done = run_command("./run-pipeline.sh", "transcribe", job_dir, "--to", NAME, root=root)
    return job_dir, f"exit {done.returncode}\n{done.stderr}"


def with_work(*lines: str) -> str:
    """Return the template with these lines in the place of 'save results'."""
    work = "".join(f"    {line}\n" for line in lines)
    return stage_from_template(NAME, save=False).replace("    # ... save results ...\n", work)


def test_the_kept_template_is_the_standards_own() -> None:
    if not STANDARDS.is_file():
        pytest.skip("the standards are not here")
    assert template_in(TEMPLATE) == template_in(STANDARDS)


@pytest.mark.parametrize("place", PLACES)
def test_the_literal_template_runs_resumes_and_is_cached(
    root: Path, film: Path, place: str
) -> None:
    before, previous, filename = PLACES[place]
    add_stage(root, NAME, before, stage_from_template(NAME, previous, filename))
    last = NAME if place == "last" else LAST
    job_dir = prepare(root, film)
    ran = actions(root, job_dir, "--to", last)
    assert len(ran) == 4 and f"{NAME}: done" in ran
    assert outputs_of(job_dir) == ["output.json"] == list(record_of(job_dir).outputs)
    assert not (job_dir / "output.json").exists()
    assert {"PARAMETER_NAME"} == record_of(job_dir).parameters.keys()
    assert actions(root, job_dir, "--to", last) == []
    other = prepare(root, film, "transcribe", *("--title", "Another"))
    assert f"{NAME}: cached" in actions(root, other, "--to", last)
    assert outputs_of(other) == ["output.json"]
    assert record_of(other).warnings == [] == record_of(job_dir).warnings
    dry = run_command("./run-pipeline.sh", "subtitle", job_dir, "--dry-run", "--json", root=root)
    assert NAME in dry.stdout and "/13]" not in dry.stderr
    shown = run_command("./run-pipeline.sh", "transcribe", job_dir, "--force", NAME, root=root)
    assert "/13]" in shown.stderr


@pytest.mark.parametrize("place", PLACES)
def test_with_types_it_keeps_all_six_checks(root: Path, place: str) -> None:
    before, previous, filename = PLACES[place]
    add_stage(root, NAME, before, with_types(stage_from_template(NAME, previous, filename)))
    checker = PROJECT_ROOT / "tools" / "check_compliance.py"
    done = run_command(sys.executable, checker, "--root", root, "--min-score", "100", root=root)
    assert done.returncode == 0 and "Score: 78/78 (100%)" in done.stdout, done.stdout


def test_a_stage_put_in_between_leaves_finished_work_and_edits_done(root: Path, film: Path) -> None:
    job_dir = prepare(root, film)
    assert len(actions(root, job_dir, "--to", LAST)) == 3
    edited = job_dir / "03_glossary_load" / "glossary.json"
    edited.write_text(edited.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    add_stage(root, NAME, "tmdb", stage_from_template(NAME))
    assert actions(root, job_dir, "--to", LAST) == [f"{NAME}: done"]
    assert sorted(p.name for p in job_dir.glob("0*")) == [
        "01_demux",
        "02_scene_notes",
        "04_glossary_load",
    ]
    assert (job_dir / "04_glossary_load" / "glossary.json").read_text("utf-8").endswith("\n\n")
    assert sorted(p.name for p in (job_dir / "logs").glob("0*")) == [
        "01_demux.log",
        "02_scene_notes.log",
        "03_tmdb.log",
        "04_glossary_load.log",
    ]
    other = prepare(root, film, "transcribe", "--title", "Another")
    assert f"{NAME}: cached" in actions(root, other, "--to", LAST)


def test_without_a_saved_file_it_is_done_all_the_same(root: Path, film: Path) -> None:
    job_dir, said = run_one(root, film, stage_from_template(NAME, save=False))
    assert said.startswith("exit 0"), said
    record = record_of(job_dir)
    assert (record.status, record.outputs, record.is_told) == ("done", {}, True)
    assert list(record.inputs) == ["job:01_demux/media_info.json"]
    assert "scripts/scene_notes.py" in record.code


def test_a_parameter_declared_later_makes_the_stage_run_again(root: Path, film: Path) -> None:
    job_dir, _ = run_one(root, film, stage_from_template(NAME))
    path = root / "shared" / "core" / "settings.py"
    text = path.read_text(encoding="utf-8")
    field = '    parameter_name: str = setting("mine", "What a stage of one\'s own wants")\n'
    path.write_text(text.replace("    debug: bool", field + "    debug: bool", 1), encoding="utf-8")
    assert actions(root, job_dir, "--to", NAME) == [f"{NAME}: done"]
    assert "mine" in (job_dir / "02_scene_notes" / "output.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("line", "code", "reason"),
    [
        ("return False", 1, "✗ Stage failed"),
        ('logger.error("Invalid value: 7"); return False', 1, "Invalid value: 7"),
        ('raise ValueError("no such scene")', 1, "Stage error: no such scene"),
        ("import os; os._exit(3)", 3, "ended with exit code 3|Processing with"),
        ("import os; os.kill(os.getpid(), 11)", 1, "was killed by signal 11"),
        ('sys.exit("all is lost")', 1, "all is lost"),
    ],
)
@pytest.mark.parametrize("log_format", ["json"])
def test_another_exit_code_stays_a_failure_with_its_cause(
    root: Path,
    film: Path,
    monkeypatch: pytest.MonkeyPatch,
    line: str,
    code: int,
    reason: str,
    log_format: str,
) -> None:
    monkeypatch.setenv("CP_LOG_FORMAT", log_format)
    monkeypatch.setenv("CP_STAGE_RETRIES", "0")
    job_dir, said = run_one(root, film, with_work('output_file.write_text("x")', line))
    assert said.startswith(f"exit {code}"), said
    assert any(one in said for one in reason.split("|")), said
    assert not (job_dir / "output.json").exists(), "a failed attempt leaves nothing"


def test_an_input_that_is_missing_is_told_in_its_own_words(root: Path, film: Path) -> None:
    _, said = run_one(root, film, stage_from_template(NAME, filename="gone.json"))
    assert said.startswith("exit 1") and "Input file not found: " in said, said


def test_a_configuration_that_cannot_be_loaded_has_its_own_exit_code(
    root: Path, film: Path
) -> None:
    script = stage_from_template(NAME).replace(
        "    config = load_config()", '    config = load_config(overrides={"DEBUGG": "1"})'
    )
    _, said = run_one(root, film, script)
    assert said.startswith("exit 2") and "unknown key DEBUGG" in said and "DEBUG?" in said, said


def test_a_stage_that_ends_without_a_word_runs_again_and_is_never_cached(
    root: Path, film: Path
) -> None:
    script = with_work('stage_io_path = output_file.write_text("x")', "import os; os._exit(0)")
    job_dir, said = run_one(root, film, script)
    assert said.startswith("exit 0") and "Ended without telling what it read" in said
    assert outputs_of(job_dir) == ["output.json"]
    assert actions(root, job_dir, "--to", NAME) == [f"{NAME}: done"]
    other = prepare(root, film, "transcribe", "--title", "Another")
    assert actions(root, other, "--to", NAME) == ["demux: cached", f"{NAME}: done"]


def test_folders_and_files_of_programs_come_to_their_place(root: Path, film: Path) -> None:
    script = with_work(
        "import shutil, subprocess",
        '(output_dir / "frames" / "deep").mkdir(parents=True)',
        '(output_dir / "frames" / "deep" / "1.txt").write_text("1")',
        'subprocess.run(["cp", str(input_file), str(output_dir / "copy.json")], check=True)',
        'shutil.copy(input_file, output_dir / "other.json")',
        '(output_dir / "half").write_text("2")',
        '(output_dir / "half").rename(output_dir / "whole.txt")',
        "import multiprocessing, os, threading",
        'note = lambda name: (output_dir / name).write_text("3")',
        'child = multiprocessing.get_context("fork").Process(target=note, args=("forked.txt",))',
        "child.start(); child.join()",
        'thread = threading.Thread(target=note, args=("threaded.txt",))',
        "thread.start(); thread.join()",
        "os.chdir(output_dir)",
        'open("relative.txt", "a").write("4"); open("relative.txt", "a").write("5")',
        'film = ["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc=d=1:r=2"]',
        'subprocess.run([*film, f"file:{output_dir}/frames/%02d.png"], check=True)',
    )
    job_dir, said = run_one(root, film, script)
    assert said.startswith("exit 0"), said
    names = ["copy.json", "forked.txt", "frames/01.png", "frames/02.png", "frames/deep/1.txt"]
    names += ["other.json", "relative.txt", "threaded.txt", "whole.txt"]
    assert outputs_of(job_dir) == names == sorted(record_of(job_dir).outputs)
    assert (job_dir / "02_scene_notes" / "relative.txt").read_text() == "45"
    assert record_of(job_dir).warnings == [] and not (job_dir / "frames").exists()
    other = prepare(root, film, "transcribe", "--title", "Another")
    assert f"{NAME}: cached" in actions(root, other, "--to", NAME)
    assert outputs_of(other) == names


def test_a_persons_files_are_neither_taken_nor_lost(root: Path, film: Path) -> None:
    script = with_work(
        "import os",
        "os.chdir(output_dir)",
        'os.system("echo mine > notes.txt; echo 1 > .hidden")',  # as somebody in another window
        'output_file.write_text("x")',
    )
    add_stage(root, NAME, "tmdb", script)
    job_dir = prepare(root, film)
    (job_dir / "output.json").write_text("a person's", encoding="utf-8")
    (job_dir / "todo.txt").write_text("a person's", encoding="utf-8")
    assert actions(root, job_dir, "--to", NAME) == ["demux: done", f"{NAME}: done"]
    assert outputs_of(job_dir) == ["output.json"]
    assert (job_dir / "notes.txt").read_text() == "mine\n"
    assert (job_dir / "todo.txt").read_text() == "a person's"
    assert (job_dir / "edited" / "output.json").read_text() == "a person's"
    told = record_of(job_dir).warnings
    assert any("notes.txt appeared in the job" in warning for warning in told), told
    assert any("edited/output.json" in warning for warning in told), told
    other = prepare(root, film, "transcribe", "--title", "Another")
    assert f"{NAME}: done" in actions(
        root, other, "--to", NAME
    ), "perhaps not all of it: not cached"


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ('(output_dir / "01_demux" / "media_info.json").write_text("{}")', "01_demux/media_info.j"),
        ('(output_dir / "job.json").unlink()', "job.json"),
        ('(output_dir / "02_scene_notes").mkdir()', "02_scene_notes"),
        ('stage_io.get_output_path("output.json").write_text("a")', "output.json, both there and"),
        (
            'import subprocess; subprocess.run(["mkdir", str(output_dir / "02_scene_notes")])',
            "",
        ),
    ],
)
def test_what_cannot_have_its_place_is_refused_by_name(
    root: Path, film: Path, line: str, named: str
) -> None:
    script = with_work(
        "global stage_io",
        'stage_io = sys.modules["__main__"].made',
        line,
        'output_file.write_text("b")',
    ).replace(
        '    stage_io = StageIO("scene_notes")',
        '    global made\n    stage_io = made = StageIO("scene_notes")',
    )
    job_dir, said = run_one(root, film, script)
    media_info = (job_dir / "01_demux" / "media_info.json").read_text(encoding="utf-8")
    assert json.loads(media_info) and (job_dir / "job.json").is_file()
    if named:
        assert said.startswith("exit 1") and named in said, said
        assert not (job_dir / "output.json").exists()
    else:
        assert said.startswith("exit 0"), said


def test_two_films_at_once_keep_their_files_apart(root: Path, film: Path) -> None:
    script = with_work("import time", "time.sleep(1)", "output_file.write_text(str(output_dir))")
    add_stage(root, NAME, "tmdb", script)
    jobs = [prepare(root, film, "transcribe", "--title", title) for title in ("One", "Two")]
    command = [str(root / "run-pipeline.sh"), "transcribe"]
    running = [
        subprocess.Popen(
            [*command, job, "--to", NAME], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
        )
        for job in jobs
    ]
    assert [process.wait(HANG_SECONDS) for process in running] == [0, 0]
    for job, process in zip(jobs, running, strict=True):
        assert process.stderr is not None
        process.stderr.close()
        assert (job / "02_scene_notes" / "output.json").read_text() == str(job)


SAMPLES = '''#!/usr/bin/env python3
"""
Samples: those of standards 4.2, 4.3, 5.1, 5.2, 5.3, 6.4, 6.5 and 15 in one stage

Purpose: shows that they work as they are written
Input: media_info.json
Output: segments.json
"""
import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.config import load_config
from shared.logger import PipelineLogger
from shared.stage_order import get_stage_dir, get_stage_number
from shared.stage_utils import StageIO, get_stage_logger

logger = PipelineLogger("module_name", log_level="INFO")


def main():
    global logger
    stage_io = StageIO("scene_notes")
    logger = get_stage_logger("scene_notes", stage_io=stage_io)
    logger.info("=" * 60)
    logger.info("SCENE NOTES: Brief Description")
    logger.info("=" * 60)
    config = load_config()
    input_path = stage_io.get_input_path("media_info.json", from_stage="demux")
    assert input_path == stage_io.get_input_path("media_info.json")
    output_file = stage_io.get_output_path("file.ext")
    assert output_file.parent == stage_io.stage_dir
    assert stage_io.output_base == Path(input_path).parent.parent
    assert stage_io.logs_dir == stage_io.output_base / "logs"
    stage_dir = get_stage_dir("asr")
    stage_num = get_stage_number("asr")
    assert (stage_dir, stage_num) == ("07_asr", 7)
    model = getattr(config, 'whisper_model', 'large-v3')
    threshold = getattr(config, 'confidence_threshold', 0.7)
    logger.info(f"Configuration:")
    logger.info(f"  Parameter 1: {model}")
    logger.info(f"  Parameter 2: {threshold}")
    if config.debug:
        logger.debug(f"Variable state: {stage_dir}")
    assert {"query": "Sholay", "api_key": config.tmdb_api_key}["api_key"] == "0123secret"
    logger.info("Processing complete", extra={
        "file": output_file, "duration_seconds": 1.5, "segments_count": 3,
        "stage": "asr", "job_id": "1"})
    logger.critical(f"System resource exhausted, aborting")
    try:
        result = int("x")
    except Exception as e:
        logger.error(f"Operation failed: {e}")
        if config.debug:
            import traceback
            logger.error(f"Traceback: {traceback.format_exc()}")
        if FAILS:
            raise
    output_file.write_text(str(model), encoding="utf-8")
    logger.info("✓ Stage completed successfully")
    return 0


if __name__ == "__main__":
    try:
        result = main()
        sys.exit(result)
    except Exception as e:
        logger.critical(f"Fatal error: {e}")
        sys.exit(1)
'''


@pytest.mark.parametrize("debug", ["false", "true"])
def test_the_samples_work_as_they_are_written(
    root: Path, film: Path, monkeypatch: pytest.MonkeyPatch, debug: str
) -> None:
    monkeypatch.setenv("CP_DEBUG", debug)
    monkeypatch.setenv("TMDB_API_KEY", "0123secret")
    job_dir, said = run_one(root, film, SAMPLES.replace("FAILS", "False"))
    assert said.startswith("exit 0"), said
    record = record_of(job_dir)
    read = {"WHISPER_MODEL", "CONFIDENCE_THRESHOLD", "DEBUG", "TMDB_API_KEY"}
    assert read == record.parameters.keys() and record.parameters["TMDB_API_KEY"] is True
    log = (job_dir / "logs" / "02_scene_notes.log").read_text(encoding="utf-8")
    assert "TMDB_API_KEY: set" in log and "0123secret" not in log
    assert "segments_count=3" in log and "duration_seconds=1.5" in log
    assert ("Traceback" in log) == (debug == "true")


def test_the_samples_boundary_tells_the_error(
    root: Path, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMDB_API_KEY", "0123secret")
    _, said = run_one(root, film, SAMPLES.replace("FAILS", "True"))
    assert said.startswith("exit 1") and "Fatal error: invalid literal for int()" in said, said


@pytest.mark.parametrize("python", ["its environment's", "another", "one with pydantic"])
def test_a_script_started_by_hand_says_how_to_start_it(
    root: Path, tmp_path: Path, python: str
) -> None:
    add_stage(root, NAME, "tmdb", stage_from_template(NAME))
    program = str(root / "venv" / "common" / "bin" / "python")
    bare = [program] if python == "its environment's" else [sys.executable, "-S"]
    if python == "one with pydantic":
        (tmp_path / "own" / "pydantic").mkdir(parents=True)
        (tmp_path / "own" / "pydantic" / "__init__.py").touch()
    for script in (NAME, "demux", "whisperx_asr", "mux"):
        done = subprocess.run(
            [*bare, f"scripts/{script}.py"],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
            env={k: v for k, v in os.environ.items() if not k.startswith("CP_")}
            | {"PYTHONPATH": str(tmp_path / "own")},
        )
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        cause, hint = done.stderr.splitlines()
        assert cause.startswith("error: A stage script runs inside a job")
        assert hint.startswith("hint: ./run-pipeline.sh WORKFLOW JOB_DIR --only")
