#!/usr/bin/env python3
"""
Compliance checker tests: a good set of stages passes, each single fault is found at its line

Usage:
    pytest tests/unit/test_check_compliance.py
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

PROJECT_ROOT = Path(__file__).resolve().parents[2]
CHECKER = PROJECT_ROOT / "tools" / "check_compliance.py"
sys.path.insert(0, str(PROJECT_ROOT))

from tests.support.commands import HANG_SECONDS  # noqa: E402
from tools.compliance.catalogue import CHECKS, StageResult, check_stage, load_stages  # noqa: E402

SCRIPTS = {
    "demux": "demux.py",
    "tmdb": "tmdb_enrichment_stage.py",
    "glossary_load": "glossary_builder.py",
    "source_separation": "source_separation.py",
    "pyannote_vad": "pyannote_vad.py",
    "asr": "whisperx_asr.py",
    "alignment": "mlx_alignment.py",
    "lyrics_detection": "lyrics_detection.py",
    "export_transcript": "export_transcript.py",
    "translation": "translation.py",
    "subtitle_generation": "subtitle_gen.py",
    "mux": "mux.py",
}
STAGE_IO, LOGGER, CONFIG, HARD, ERRORS, DOCS = CHECKS

GOOD = '''#!/usr/bin/env python3
"""
Recognition: turn speech into timed segments

Purpose: recognise the speech of the film
Input: vocals.wav, or audio.wav where nothing was separated
Output: segments.json

Example:
    ./run-pipeline.sh transcribe JOB_DIR --only STAGE
"""
import json
import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from shared.config import Config, load_config  # noqa: E402
from shared.core.errors import InputError, PipelineError, UnavailableError  # noqa: E402
from shared.stage_utils import StageIO, get_stage_logger  # noqa: E402


def recognise(audio: Path, config: Config) -> list[str]:
    """Return the lines of an audio file."""
    if not audio.exists():
        raise InputError(f"No audio at {audio}", hint="Run: ./run-pipeline.sh transcribe JOB")
    try:
        return [str(config.whisper_model), audio.name.split("/")[-1], audio.stem[:2]]
    except KeyError as error:
        raise UnavailableError(f"No model: {error}", hint="See: ./bootstrap.sh --all") from error


def main() -> int:
    """Run the stage; return its exit code."""
    stage_io = StageIO("STAGE")
    logger = get_stage_logger("STAGE", stage_io=stage_io)
    try:
        logger.info("=" * 60)
        logger.info("STAGE: recognise the speech")
        logger.info("=" * 60)
        config = load_config()
        audio = stage_io.get_first_input("vocals.wav", "audio.wav")
        if config.device == "cuda" and not config.enabled:
            return stage_io.skip("switched off: ASR_ENABLED=false")
        lines = recognise(audio, config)
        output = stage_io.get_output_path("segments.json")
        output.write_text(json.dumps(lines, indent=2), encoding="utf-8")
        logger.info(f"Wrote {len(lines)} lines to {output} at 16 kHz in 00:10 / {config.device}")
        return stage_io.succeed(outputs=[output])
    except PipelineError as error:
        logger.error(f"Recognition failed: {error}")
        return error.exit_code
    except Exception as error:  # the stage's error boundary
        return stage_io.fail(error)


if __name__ == "__main__":
    sys.exit(main())
'''


def good(stage: str = "asr") -> str:
    """Return a script that keeps every standard, for one stage."""
    return GOOD.replace("STAGE", stage)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of twelve stage scripts without a fault."""
    root = tmp_path / "project"
    (root / "shared").mkdir(parents=True)
    (root / "scripts").mkdir()
    order = f"STAGE_ORDER = {list(SCRIPTS)!r}\nSTAGE_SCRIPTS = {SCRIPTS!r}\n"
    (root / "shared" / "stage_order.py").write_text(order)
    for stage, file in SCRIPTS.items():
        (root / "scripts" / file).write_text(good(stage), encoding="utf-8")
    return root


def check(project: Path, text: str, stage: str = "asr") -> StageResult:
    """Check one stage with the given script."""
    (project / "scripts" / SCRIPTS[stage]).write_text(text, encoding="utf-8")
    return check_stage(project, stage, load_stages(project))


def replaced(old: str, new: str) -> str:
    """Return the good script with one place changed."""
    text = good()
    assert text.count(old) >= 1, f"nothing to change: {old}"
    return text.replace(old, new, 1)


MAKE_IO = 'stage_io = StageIO("asr")'
MAKE_LOG = 'get_stage_logger("asr", stage_io=stage_io)'
WORK = "        lines = recognise(audio, config)\n"
LOAD = "        config = load_config()\n"
IMPORT_JSON = "import json\n"
BOUNDARY = "        return stage_io.fail(error)\n"
GUARD = "    sys.exit(main())"
SIX_FIVE = (
    "    try:\n        result = main()\n        sys.exit(result)\n    except Exception as error:\n"
)
RULE = '        logger.info("=" * 60)\n'
RAISE = next(line.strip() for line in GOOD.splitlines() if "raise Unavailable" in line)
AUDIO = 'stage_io.get_first_input("vocals.wav", "audio.wav")'


def work(line: str) -> tuple[str, str]:
    """Return a change that adds one line of code before the stage's work."""
    return WORK, f"        {line}\n{WORK}"


# check that must fail, (old, new), text of the line that must be named
STAGE_IO_FAULTS = [
    ((MAKE_IO, 'stage_io = StageIO("demux")'), 'StageIO("demux")'),
    ((MAKE_IO, 'StageIO("asr"); stage_io = make()'), "make()"),
    ((MAKE_IO, 'stage_io = make("asr")  # StageIO("asr")'), "import StageIO"),
    ((MAKE_IO, f"{MAKE_IO}\n    stage_io = Path()"), "stage_io = Path()"),
    ((MAKE_IO, "stage_io = StageIO(sys.argv[1])"), "sys.argv"),
    (("import StageIO, get", "import get"), "StageIO("),
    (
        ("import StageIO, get_stage_logger", "import get_stage_logger; from io import StageIO"),
        "io im",
    ),
    (("def recognise", "class StageIO:\n    '''Not it.'''\n\n\ndef recognise"), "class StageIO"),
    (work('open("segments.json").read()'), 'open("segments.json")'),
    (work("other = stage_io.stage_dir.parent / config.other"), "stage_dir.parent"),
    (work('stage_io.get_input_path("a.json", from_stage="mux")'), 'from_stage="mux"'),
    (work('stage_io.get_input_path("a.json", from_stage="vad")'), 'from_stage="vad"'),
    (work('stage_io.output_base / get_stage_dir("demux") / "a.json"'), "get_stage_dir"),
    (work('names = list(stage_io.output_base.glob("*.json"))'), "output_base.glob"),
]
LOGGER_FAULTS = [
    ((MAKE_LOG, 'get_stage_logger("mux", stage_io=stage_io)'), '"mux"'),
    ((MAKE_LOG, 'get_stage_logger("asr")'), 'get_stage_logger("asr")'),
    ((MAKE_LOG, 'get_stage_logger("asr", stage_io=None)'), "stage_io=None"),
    ((MAKE_LOG, "make_logger(stage_io=stage_io)"), "import StageIO, get_stage_logger"),
    ((MAKE_LOG, 'logging.getLogger("asr")'), "logging.getLogger"),
    (("StageIO, get_stage_logger", "StageIO"), "logger = get_stage_logger"),
    (('"=" * 60', '"STAGE"'), "        logger.info"),
    (work('print("done")'), "print("),
    (work("say = print"), "say = print"),
    (work('sys.stdout.write("done")'), "sys.stdout"),
    (work("logging.basicConfig()"), "logging.basicConfig"),
    (work("log = PipelineLogger('asr')"), "PipelineLogger("),
    (work("log = getLogger()"), "log = getLogger()"),
    ((IMPORT_JSON, "import json\nimport loguru\n"), "loguru"),
]
CONFIG_FAULTS = [
    ((LOAD, "        config = make_config()\n"), "import Config, load_config"),
    (("import Config, load_config", "import Config"), "load_config()"),
    ((LOAD, f"{LOAD}        config = Path()\n"), "config = Path()"),
    (
        ("from shared.config import Config, load_config", "from config import Config, load_config"),
        "from config",
    ),
    (work('model = os.environ.get("WHISPER_MODEL")'), "os.environ"),
    (work('model = os.environ["WHISPER_MODEL"]'), "os.environ"),
    (work('model = os.getenv("WHISPER_MODEL")'), "os.getenv"),
    (work('model = o.environ["WHISPER_MODEL"]'), "o.environ"),
    (work('model = getattr(os, "environ")["X"]'), "getattr(os"),
    (work('model = __import__("os").environ'), "__import__"),
    ((IMPORT_JSON, "import json\nfrom os import environ\n"), "from os import environ"),
    ((IMPORT_JSON, "import json\nfrom os import getenv as get\n"), "from os import getenv"),
    ((IMPORT_JSON, "import json\nimport yaml\n"), "import yaml"),
    ((IMPORT_JSON, "import json\nfrom dotenv import load_dotenv\n"), "dotenv"),
    ((IMPORT_JSON, "import json\nimport configparser as c\n"), "configparser"),
    (work('text = open("asr_config.yaml").read()'), "asr_config.yaml"),
    (work('text = (PROJECT_ROOT / ".env.pipeline").read_text()'), ".env.pipeline"),
]
HARD_FAULTS = [
    (work('model = "large-v3"'), '"large-v3"'),
    (work('model = "base"'), '"base"'),
    (work("model = getattr(audio, 'whisper_model', 'large-v3')"), "getattr(audio"),
    (work("threshold = getattr(lines, 'threshold', 0.7)"), "0.7"),
    (work('device = "cuda"'), 'device = "cuda"'),
    (work('lines = recognise(audio, device="cpu")'), 'device="cpu"'),
    (work('stage_dir = "06_asr"'), "06_asr"),
    (work('stage_dir = f"06_asr"'), "06_asr"),
    (work('stage_dir = "06" + "_asr"'), '"06"'),
    (work('stage_dir = f"{number:02d}_{name}"'), ":02d}"),
    (work("stage_num = 6"), "stage_num = 6"),
    (work("stage_number = 1"), "stage_number = 1"),
    (work('output = Path("out/2025/11/26/user/job")'), "out/2025"),
    (work('output = Path("/data/films")'), "/data/films"),
    (work('output = f"/data/{config.user}"'), "/data/"),
    (work('output = Path("~/films")'), "~/films"),
    (work(r'output = "C:\\films"'), "C:"),
    (work('output = PROJECT_ROOT / "venv" / config.name'), '"venv"'),
    (work('output = config.base + "/../x"'), "/../x"),
    (work('terms = Path("glossary/terms.tsv")'), "glossary/"),
    (work('page = "https://example.org/api"'), "https://"),
    (work("rate = 16000"), "16000"),
    (work('command = ["-ar", "16000"]'), '"16000"'),
    (work("first = lines[7]"), "lines[7]"),
    (work("sys.exit(7)"), "sys.exit(7)"),
    (("config: Config)", "config: Config, beam: int = 5)"), "beam: int = 5"),
]
ERROR_FAULTS = [
    ((BOUNDARY, "        return 0\n"), "        return 0"),
    ((BOUNDARY, "        return None\n"), "return None"),
    ((BOUNDARY, "        return True\n"), "return True"),
    ((BOUNDARY, "        return EXIT_SUCCESS\n"), "EXIT_SUCCESS"),
    ((BOUNDARY, "        return stage_io.succeed()\n"), "stage_io.succeed()"),
    ((BOUNDARY, '        return stage_io.skip("x")\n'), 'stage_io.skip("x")'),
    ((BOUNDARY, "        sys.exit(0)\n"), "sys.exit(0)"),
    ((BOUNDARY, "        pass\n"), "except Exception"),
    ((BOUNDARY, "        ...\n"), "except Exception"),
    ((BOUNDARY, "        stage_io.fail(error)\n"), "except Exception"),
    ((BOUNDARY, "        raise\n"), "        raise\n"),
    ((BOUNDARY, f"{BOUNDARY}    finally:\n        return 0\n"), "        return 0"),
    (("return error.exit_code", "return 0"), "return 0"),
    (("    except Exception as error:", "    except:"), "    except:"),
    (
        ("    except Exception as error:", "    except ValueError as error:"),
        "    try:\n        logger",
    ),
    (("        return stage_io.succeed(outputs=[output])\n", ""), "    try:\n        logger"),
    (("return stage_io.succeed(outputs=[output])", "return"), "        return\n"),
    (("return stage_io.succeed(outputs=[output])", "return True"), "return True"),
    (("return stage_io.succeed(outputs=[output])", "return 1"), "        return 1"),
    ((GUARD, "    main()"), "    main()"),
    ((GUARD, "    sys.exit(0 if main() else 1)"), "if main()"),
    ((GUARD, f"{SIX_FIVE}        sys.exit(0)"), "    try:\n        result"),
    (
        (GUARD, SIX_FIVE.replace("exit(r", "exit(not r") + "        sys.exit(1)"),
        "    try:\n        result",
    ),
    (('if __name__ == "__main__":\n    sys.exit(main())\n', ""), BOUNDARY),
    (
        work("try:\n            lines = []\n        except KeyError:\n            pass"),
        "        except KeyError:\n",
    ),
    (
        (
            RAISE,
            "return None",
        ),
        "return None",
    ),
    (
        ("    try:\n        logger.info", f"    audio = {AUDIO}\n    try:\n        logger.info"),
        "    audio =",
    ),
]
DOC_FAULTS = [
    (("Recognition: turn speech", "Turn speech"), '"""'),
    (("Purpose: recognise the speech of the film\n", ""), '"""'),
    (("Input: vocals", "vocals"), '"""'),
    (("Output: segments.json", "Output:"), '"""'),
    (('"""\nRecognition', 'f"""\nRecognition'), "#!"),
    (('    """Run the stage; return its exit code."""\n', ""), "def main"),
    (("def main() -> int:", "def main():"), "def main"),
    (("audio: Path,", "audio,"), "def recognise"),
    (("def recognise", "class Work:\n    pass\n\n\ndef recognise"), "class Work"),
]
FAULTS = [
    *((STAGE_IO, change, where) for change, where in STAGE_IO_FAULTS),
    *((LOGGER, change, where) for change, where in LOGGER_FAULTS),
    *((CONFIG, change, where) for change, where in CONFIG_FAULTS),
    *((HARD, change, where) for change, where in HARD_FAULTS),
    *((ERRORS, change, where) for change, where in ERROR_FAULTS),
    *((DOCS, change, where) for change, where in DOC_FAULTS),
]


@pytest.mark.parametrize("stage", SCRIPTS)
def test_good_stage_passes_every_check(project: Path, stage: str) -> None:
    result = check_stage(project, stage, load_stages(project))
    assert result.reasons == {name: [] for name in CHECKS}


@pytest.mark.parametrize(
    "name, change, where", FAULTS, ids=[f"{n}-{c[1].strip()[:40]}" for n, c, _ in FAULTS]
)
def test_single_fault_fails_its_check_only_and_names_the_line(
    project: Path, name: str, change: tuple[str, str], where: str
) -> None:
    text = replaced(*change)
    if change[0] == '"=" * 60':
        text = text.replace(*change)
    if "import logging" not in text and ("logging." in text or "getLogger" in text):
        text = text.replace(IMPORT_JSON, "import json, logging; from logging import getLogger\n")
    if "PipelineLogger" in text:
        text = text.replace(IMPORT_JSON, "import json; from shared.logger import PipelineLogger\n")
    if any(part in text for part in ("os.", "(os", "o.env")):
        text = text.replace(IMPORT_JSON, "import json, os; import os as o\n")
    line = text[: text.index(where)].count("\n") + 1
    result = check(project, text)
    failed = [check_name for check_name, reasons in result.reasons.items() if reasons]
    assert failed == [name], result.reasons
    found = {reason.line for reason in result.reasons[name]}
    assert line in found, (sorted(found), line)
    assert all(reason.file == "scripts/whisperx_asr.py" for reason in result.reasons[name])


@pytest.mark.parametrize(
    "change",
    [
        work("model = getattr(config, 'whisper_model', 'large-v3')"),  # standards 15.1
        work("threshold = getattr(config, 'confidence_threshold', 0.7)"),  # standards 3.3
        (GUARD, f"{SIX_FIVE}        sys.exit(1)"),
        ("config: Config)", "config: Config, log: PipelineLogger | None = None)"),  # 12.1
        ("Example:", "So:"),  # asked for by appendix B's second list, not by the six checks
        (
            RAISE,
            "return 1",
        ),
    ],
)
def test_what_the_standards_show_is_no_fault(project: Path, change: tuple[str, str]) -> None:
    text = replaced(*change)
    if "PipelineLogger" in text:
        text = text.replace(IMPORT_JSON, f"{IMPORT_JSON}from shared.logger import PipelineLogger\n")
    assert not any(check(project, text).reasons.values())


# One violation of each check, put into each stage as it really is: after the configuration is
# loaded, or in the place of something.
PLANTED: dict[str, tuple[str, str]] = {
    STAGE_IO: ("", 'text = open("segments.json").read()'),
    LOGGER: ("", 'print("done")'),
    CONFIG: ("", '__import__("os").environ.get("WHISPER_MODEL")'),
    HARD: ("", 'stage_dir = "06_asr"'),
    ERRORS: ("return stage_io.fail(error)", "return 0"),
    DOCS: ("\nPurpose:", "\nReason:"),
}


@pytest.mark.parametrize("name", PLANTED)
@pytest.mark.parametrize("stage", SCRIPTS)
def test_a_violation_in_a_stage_as_it_is_is_caught(tmp_path: Path, stage: str, name: str) -> None:
    for folder in ("scripts", "shared"):
        (tmp_path / folder).mkdir()
    order = Path("shared", "stage_order.py")
    (tmp_path / order).write_bytes((PROJECT_ROOT / order).read_bytes())
    script = Path("scripts", SCRIPTS[stage])
    text = (PROJECT_ROOT / script).read_text(encoding="utf-8")
    old, new = PLANTED[name]
    if old:
        assert old in text
        text = text.replace(old, new)
    else:
        (load,) = re.findall(r"^( +)config = load_config\(\)\n", text, re.MULTILINE)
        line = f"{load}config = load_config()\n"
        text = text.replace(line, f"{line}{load}{new}\n")
    (tmp_path / script).write_text(text, encoding="utf-8")
    reasons = check_stage(tmp_path, stage, load_stages(tmp_path)).reasons
    assert reasons[name], "not caught"


EVASIONS = {
    "dead call": (LOAD, "        if False:\n            config = load_config()\n"),
    "call after return": (LOAD, "        return 1\n        config = load_config()\n"),
    "call in a comment": (LOAD, "        # config = load_config()\n"),
    "call in a string": (LOAD, '        """config = load_config()"""\n'),
    "result unused": (
        'config.device == "cuda" and not config.enabled',
        "audio.exists()",
    ),
}


@pytest.mark.parametrize("name", EVASIONS)
def test_config_that_is_only_there_for_show_fails(project: Path, name: str) -> None:
    text = replaced(*EVASIONS[name]).replace("recognise(audio, config)", "recognise(audio)")
    text = text.replace("audio: Path, config: Config", "audio: Path").replace(
        "str(config.whisper_model), ", ""
    )
    text = text.replace(" / {config.device}", "")
    assert check(project, text).reasons[CONFIG]


def test_read_of_another_stage_folder_fails_both_checks(project: Path) -> None:
    text = replaced(*work('old = open("../05_pyannote_vad/segments.json").read()'))
    failed = [name for name, reasons in check(project, text).reasons.items() if reasons]
    assert failed == [STAGE_IO, HARD]


def test_alias_and_helper_function_are_understood(project: Path) -> None:
    text = replaced("import StageIO, get_stage_logger", "import StageIO as Files, get_stage_logger")
    text = text.replace("= StageIO(", "= Files(").replace(
        f"audio = {AUDIO}", "audio = find(stage_io)"
    )
    helper = f'def find(files: Files) -> Path:\n    """Find the audio."""\n    return {AUDIO}\n'
    text = text.replace("def main", helper.replace("stage_io.", "files.") + "\n\ndef main")
    assert not any(check(project, text).reasons.values())


@pytest.mark.parametrize("text, line", [("def main(:\n", 1), (good() + "x = (\n", 60)])
def test_syntax_error_fails_every_check_at_its_line(project: Path, text: str, line: int) -> None:
    result = check(project, text)
    assert result.passed == 0
    assert {r.line for reasons in result.reasons.values() for r in reasons} == {line}


def test_missing_script_fails_every_check_with_a_reason(project: Path) -> None:
    (project / "scripts" / "mux.py").unlink()
    result = check_stage(project, "mux", load_stages(project))
    assert result.passed == 0
    assert all(len(reasons) == 1 for reasons in result.reasons.values())


@pytest.mark.parametrize(
    "content", [b"", b"\0", b"\xff\xfe", b"x = " + b"(" * 5000, b"1" + b"+1" * 9999]
)
def test_file_that_is_no_script_fails_without_a_traceback(project: Path, content: bytes) -> None:
    (project / "scripts" / "mux.py").write_bytes(content)
    assert check_stage(project, "mux", load_stages(project)).passed < len(CHECKS)


def run(
    project: Path, *arguments: str, encoding: str = "utf-8"
) -> subprocess.CompletedProcess[str]:
    """Run the checker as a user does."""
    return subprocess.run(
        [sys.executable, str(CHECKER), "--root", str(project), *arguments],
        capture_output=True,
        encoding="utf-8",
        cwd=project.parent,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        timeout=HANG_SECONDS,
    )


def result_of(project: Path) -> dict[str, Any]:
    """Return what the checker wrote into the project root."""
    data: dict[str, Any] = json.loads((project / "compliance_result.json").read_text("utf-8"))
    return data


def test_good_project_scores_72_of_72(project: Path) -> None:
    done = run(project, "--min-score=100")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("Score: 72/72 (100%)\n")
    data = result_of(project)
    assert (data["score"], data["passed"], data["total"]) == (100, 72, 72)
    assert [stage["number"] for stage in data["stages"].values()] == list(range(1, 13))
    assert list(data["stages"]["asr"]["checks"]) == list(CHECKS)


def test_fault_is_shown_and_lowers_the_score_below_the_minimum(project: Path) -> None:
    check(project, replaced(*work("rate = 16000")))
    line = good().splitlines().index(WORK.rstrip()) + 1
    done = run(project, "--min-score", "99")
    assert done.returncode == 1
    assert "Score 98% is below the minimum of 99%" in done.stderr
    assert f"scripts/whisperx_asr.py:{line}: no_hardcoded: hard-coded number 16000" in done.stdout
    assert "Score: 71/72 (98%)" in done.stdout
    stage = result_of(project)["stages"]["asr"]
    assert stage["checks"]["no_hardcoded"]["reasons"][0]["line"] == line
    assert run(project, "--min-score", "98").returncode == 0


def test_single_stage_is_scored_alone(project: Path) -> None:
    (project / "scripts" / "mux.py").unlink()
    assert run(project, "--stage=demux", "--min-score=100").returncode == 0
    assert list(result_of(project)["stages"]) == ["demux"]
    assert run(project, "--stage=mux", "--min-score=1").returncode == 1
    assert result_of(project)["score"] == 0


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--stage", "dmux"], "Did you mean demux?"),
        (["--min-score", "101"], "0 to 100"),
        (["--min-score", "-1"], "--min-score"),
        (["--min-score", "8.5"], "0 to 100"),
        (["--output", "scripts/mux.py"], "HTML"),
        (["--output", "nowhere/report.html"], "mkdir -p"),
        (["--root", "nowhere"], "stage_order.py"),
        (["--unknown"], "--unknown"),
    ],
)
def test_wrong_arguments_exit_2_with_a_line_and_a_hint(
    project: Path, arguments: list[str], words: str
) -> None:
    done = run(project, *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 2 and "Traceback" not in done.stderr


def test_terminal_without_unicode_gets_ascii(project: Path) -> None:
    (project / "scripts" / "mux.py").unlink()
    done = run(project, encoding="ascii")
    assert done.returncode == 0
    assert done.stdout.isascii() and "NO" in done.stdout and "66/72" in done.stdout


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_report_is_escaped_and_complete(project: Path) -> None:
    evil = '/<script>alert("x")</script>'
    check(project, replaced(*work(f"bad = {'/tmp' + evil!r}")))
    report = project / "report.html"
    assert run(project, "--output", str(report)).returncode == 0
    page = _Page()
    page.feed(report.read_text("utf-8"))
    assert "script" not in page.tags and "link" not in page.tags and "img" not in page.tags
    assert f"/tmp{evil}" in page.text
    first_table = page.text.partition("Checklist (appendix B)")[0]
    assert first_table.count("pass") >= 71 and first_table.count("✗ fail") == 1
    assert "71/72 checks, 98%" in page.text


def test_help_names_every_option(project: Path) -> None:
    done = run(project, "--help")
    assert done.returncode == 0
    for option in ("--stage", "--output", "--min-score", "--root", "exit codes"):
        assert option in done.stdout
