#!/usr/bin/env python3
"""
A job directory that somebody handed over, as bad as can be: each trick is refused or harmless.

docs/SECURITY.md has a line for each row; tests of the weights themselves are in
tests/integration/test_hostile_weights.py.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from shared.core.files import read_json, write_json
from tests.support.commands import Finished, assert_refused, run_script
from tests.support.jobs import state_of

KEY = "0123456789secretkey0123456789abc"
SECONDS = 60.0
TEN_GB = 10 << 30


class Stage:
    """What an attacker works with: the job, a victim's folder, the address of a thief."""

    def __init__(self, job_dir: Path, folder: Path, thief: str) -> None:
        self.job_dir, self.thief = job_dir, thief
        self.victim = folder / "victim"
        (self.victim / "drafts").mkdir(parents=True)
        (self.victim / "drafts" / "novel.txt").write_text("a year's work")
        (self.victim / "model.bin").write_bytes(b"weights")
        self.before = state_of(self.victim)

    def config(self, **values: Any) -> None:
        """Set keys in job.json."""
        self.job(config=read_json(self.job_dir / "job.json")["config"] | values)

    def job(self, **values: Any) -> None:
        """Set fields of job.json."""
        write_json(self.job_dir / "job.json", read_json(self.job_dir / "job.json") | values)

    def media(self, path: str) -> None:
        """Name another film."""
        self.job(media=read_json(self.job_dir / "job.json")["media"] | {"path": path})

    def env(self, text: str, name: str = ".job-x.env") -> None:
        """Write a file of overrides."""
        (self.job_dir / name).write_text(text)

    def free(self, place: str) -> Path:
        """Return a path in the job where nothing is any more."""
        path = self.job_dir / place
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        return path

    def pipe(self, place: str) -> None:
        """Put a pipe that nobody writes to."""
        os.mkfifo(self.free(place))

    def huge(self, place: str) -> None:
        """Put a file of 10 GB that takes no space."""
        with self.free(place).open("wb") as stream:
            stream.truncate(TEN_GB)

    def link(self, place: str, target: str) -> None:
        """Put a link."""
        self.free(place).symlink_to(target)

    def second_name(self, place: str) -> None:
        """Give a victim's file a second name in the job, as an archive or a neighbour can."""
        os.link(self.victim / "drafts" / "novel.txt", self.free(place))


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """What a thief's server hears; its address comes first."""
    heard: list[str] = []

    class Thief(BaseHTTPRequestHandler):
        """Takes what is brought."""

        def do_GET(self) -> None:
            """Note the address and the headers."""
            heard.append(f"{self.path} {self.headers}")
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Thief)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    heard.append(f"http://127.0.0.1:{server.server_address[1]}")
    yield heard
    server.shutdown()
    server.server_close()


@pytest.fixture
def stage(job_dir: Path, tmp_path: Path, asked: list[str], monkeypatch: Any) -> Stage:
    """A job to be made hostile; the user has a key of TMDB."""
    monkeypatch.setenv("TMDB_API_KEY", KEY)
    return Stage(job_dir, tmp_path, asked[0])


def run(stage: Stage, *options: str) -> Finished:
    """Resume the job as a user does."""
    return run_script(
        "run-pipeline", "transcribe", stage.job_dir, "--to", "glossary_load", *options
    )


Trick = Callable[[Stage], None]
# The trick, and what the user is told.
REFUSED: dict[str, tuple[Trick, str]] = {
    "pickle as DEMUCS_REPO": (
        lambda s: s.config(DEMUCS_REPO=str(s.victim)),
        "DEMUCS_REPO={victim}: this is for the machine to set",
    ),
    "pickle as VAD_WEIGHTS": (
        lambda s: s.env(f"\nVAD_WEIGHTS={s.victim}/model.bin\n"),
        ".job-x.env:2: VAD_WEIGHTS={victim}/model.bin: this is for the machine to set",
    ),
    "foreign TMDB_BASE_URL": (
        lambda s: s.config(TMDB_BASE_URL=s.thief),
        "TMDB_BASE_URL=http://127.0.0.1",
    ),
    "foreign TMDB_BASE_URL in a .env file": (
        lambda s: s.env(f"export TMDB_BASE_URL='{s.thief}'\n"),
        ".job-x.env:1: TMDB_BASE_URL=http",
    ),
    "foreign LLM_BASE_URL": (lambda s: s.config(LLM_BASE_URL=s.thief), "LLM_BASE_URL=http"),
    "foreign TRACES_ENDPOINT": (
        lambda s: s.config(TRACES_ENDPOINT=s.thief),
        "TRACES_ENDPOINT=http",
    ),
    "foreign METRICS_FILE": (
        lambda s: s.config(METRICS_FILE=str(s.victim / "drafts" / "novel.txt")),
        "METRICS_FILE=/",
    ),
    "the key to another provider": (
        lambda s: s.config(LLM_PROVIDER="anthropic"),
        "LLM_PROVIDER=anthropic",
    ),
    "a dear model": (lambda s: s.config(LLM_MODEL="opus"), "LLM_MODEL=opus"),
    "a folder as WHISPER_MODEL": (
        lambda s: s.config(WHISPER_MODEL=str(s.victim)),
        "may name a model, not a folder or a repository",
    ),
    "a folder of the job as WHISPER_MODEL": (
        lambda s: s.config(WHISPER_MODEL="./evil"),
        "WHISPER_MODEL=./evil",
    ),
    "a home folder as WHISPER_MODEL": (
        lambda s: s.config(WHISPER_MODEL="~evil"),
        "WHISPER_MODEL=~evil",
    ),
    "a repository of the hub": (lambda s: s.config(NLLB_MODEL="evil/weights"), "NLLB_MODEL=evil/"),
    "a repository among names": (
        lambda s: s.config(INDICTRANS2_MODELS=["indictrans2-indic-en-1B", "evil/x"]),
        "INDICTRANS2_MODELS=",
    ),
    "a model's name that climbs": (
        lambda s: s.config(DEMUCS_MODEL="../../victim/x"),
        "DEMUCS_MODEL=../../victim/x",
    ),
    "a private file as glossary": (
        lambda s: s.config(GLOSSARY_FILES="/etc/passwd"),
        "GLOSSARY_FILES=/etc/passwd",
    ),
    "a forged seal": (
        lambda s: (s.config(DEMUCS_REPO="/x"), s.job(sealed={"DEMUCS_REPO": "0" * 64}))[0],
        "DEMUCS_REPO=/x",
    ),
    "a seal that is no text": (
        lambda s: (s.config(DEMUCS_REPO="/x"), s.job(sealed={"DEMUCS_REPO": None}))[0],
        "job.json: sealed.DEMUCS_REPO",
    ),
    "a variable of the loader": (lambda s: s.env("LD_PRELOAD=/x.so\n"), "unknown key LD_PRELOAD"),
    "the program's own variable": (lambda s: s.env("CP_SET={}\n"), "unknown key CP_SET"),
    "a secret": (lambda s: s.config(TMDB_API_KEY="mine"), "unknown key TMDB_API_KEY"),
    "a pipe as settings": (lambda s: s.pipe(".job-x.env"), "neither a file nor a folder"),
    "a folder as settings": (lambda s: (s.job_dir / ".job-x.env").mkdir(), ".job-x.env"),
    "a link as settings": (lambda s: s.link(".job-x.env", "/etc/passwd"), "is a link"),
    "a pipe as job.json": (lambda s: s.pipe("job.json"), "neither a file nor a folder"),
    "a pipe as events": (lambda s: s.pipe("events.jsonl"), "neither a file nor a folder"),
    "a pipe as a record": (lambda s: s.pipe(".checkpoints/demux.json"), "neither a file nor"),
    "a pipe as an output": (lambda s: s.pipe("01_demux/audio.wav"), "neither a file nor a folder"),
    "an output that leads to /dev/zero": (
        lambda s: s.link("01_demux/audio.wav", "/dev/zero"),
        "neither a file nor a folder",
    ),
    "logs that lead out": (
        lambda s: ((s.job_dir / "logs").rmdir(), s.link("logs", str(s.victim)))[1],
        "logs is a link",
    ),
    "a stage's folder that leads out": (lambda s: s.link("01_demux", str(s.victim)), "is a link"),
    "a record that leads out": (
        lambda s: s.link(".checkpoints/demux.json", str(s.victim / "model.bin")),
        "is a link",
    ),
    "a draft of the lock that leads out": (
        lambda s: (s.second_name(".lock"), s.link("..lock.own", str(s.victim / "x")))[1],
        "is a link",
    ),
    "a title with half a character": (lambda s: half(s, "title"), "holds '\\ud800'"),
    "an id with half a character": (lambda s: half(s, "job_id"), "holds '\\ud800'"),
    "an id without end": (lambda s: s.job(job_id="x" * 300_000), "job.json: job_id"),
    "a film's path without end": (lambda s: s.media("/x" * 5000), "longer than this disk takes"),
    "a huge job.json": (lambda s: s.huge("job.json"), "larger than any file of this kind"),
    "huge settings": (lambda s: s.huge(".job-x.env"), "larger than any settings"),
    "brackets without end": (
        lambda s: (s.job_dir / "job.json").write_text("[" * 200_000) and None,
        "job.json",
    ),
    "a number without end": (
        lambda s: (s.job_dir / "job.json").write_text('{"year": ' + "9" * 200_000 + "}") and None,
        "job.json",
    ),
    "keys without end": (
        lambda s: s.config(**{f"K{number}": number for number in range(200_000)}),
        "job.json:",
    ),
    "config that is a list": (lambda s: s.job(config=["x"]), "job.json"),
    "a title that is a number": (lambda s: s.job(title=7), "job.json: title"),
    "a language that climbs": (lambda s: s.job(target_languages=["../../x"]), "target_languages.0"),
    "a language that is an option": (lambda s: s.job(target_languages=["-y"]), "target_languages"),
    "a language with a new line": (lambda s: s.job(target_languages=["en\n"]), "target_languages"),
    "a frame rate that divides by zero": (
        lambda s: s.job(media=read_json(s.job_dir / "job.json")["media"] | {"frame_rate": "1/0"}),
        "job.json: media.frame_rate",
    ),
    "a clip without an end": (
        lambda s: s.job(clip={"start": 0, "end": float("inf")}),
        "job.json",
    ),
    "an unknown field": (lambda s: s.job(python="/bin/sh"), "job.json: python"),
    "a film that is a device": (lambda s: s.media("/dev/zero"), "/dev/zero"),
    "a film from the network": (lambda s: s.media(f"{s.thief}/x.mkv"), "x.mkv"),
    "a film that joins files": (lambda s: s.media("concat:/etc/passwd|/etc/group"), "concat"),
    "a film that is an option": (lambda s: s.media("-y"), "-y"),
    "a film that is no film": (lambda s: s.media("/etc/passwd"), "/etc/passwd"),
    "folders without end": (lambda s: deep(s.job_dir / "edited"), "edited"),
}


def half(stage: Stage, field: str) -> None:
    """Give a field of job.json a text that no UTF-8 file holds."""
    path = stage.job_dir / "job.json"
    path.write_text(json.dumps(read_json(path) | {field: "a\ud800b"}))


def deep(folder: Path) -> None:
    """Make folders inside each other."""
    folder.mkdir()
    here = os.open(folder, os.O_RDONLY)
    for _ in range(40):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)


@pytest.mark.parametrize("trick", REFUSED)
def test_a_trick_is_refused_in_one_line(trick: str, stage: Stage, asked: list[str]) -> None:
    act, told = REFUSED[trick]
    act(stage)
    done = run(stage)
    assert done.returncode in (2, 3), (done.returncode, done.stderr)
    error = next(line for line in done.stderr.splitlines() if line.startswith("error: "))
    assert told.format(victim=stage.victim) in error
    assert_nothing_happened(stage, done, asked)


def assert_nothing_happened(stage: Stage, done: Finished, asked: list[str]) -> None:
    """Nothing was sent, read into what is told, written elsewhere, or drawn on the terminal."""
    assert asked[1:] == [], "the thief was asked"
    assert KEY not in done.stderr + done.stdout
    assert "root:x:" not in done.stderr + done.stdout, "a private file was told"
    assert state_of(stage.victim) == stage.before, "the victim's files changed"
    assert "\x1b" not in done.stderr + done.stdout, "the terminal was drawn on"
    assert "Traceback" not in done.stderr
    for log in stage.job_dir.glob("logs/*.log"):
        if log.stat().st_size < TEN_GB:
            text = log.read_bytes()
            assert b"\x1b" not in text and KEY.encode() not in text, log


ESCAPE = "\x1b]0;owned\x07\x1b[2J"
HARMLESS: dict[str, Trick] = {
    "CACHE_DIR of a victim": lambda s: s.config(CACHE_DIR=str(s.victim)),
    "a cache too small for all": lambda s: s.config(CACHE_MAX_GB=0.000001, CACHE_MAX_DAYS=0.001),
    "OUTPUT_ROOT of a victim": lambda s: s.config(OUTPUT_ROOT=str(s.victim)),
    "no limits": lambda s: s.env(
        "STAGE_TIMEOUT_FACTOR=1000\nSTAGE_STALL_SECONDS=0\nLOG_MAX_MB=10000\n"
        "STAGE_RETRIES=20\nSTAGE_RETRY_SECONDS=3600\nFFMPEG_TIMEOUT_SECONDS=864000\n"
    ),
    "limits that are no numbers": lambda s: s.config(STAGE_RETRIES=["x"], STAGE_MEMORY_MB={}),
    "a service given up for all": lambda s: s.config(
        SERVICE_FAILURES=1, SERVICE_RECOVERY_SECONDS=86400, TMDB_TIMEOUT_SECONDS=0.0001
    ),
    "a title that climbs": lambda s: s.job(title="../../../victim/drafts/novel.txt"),
    "a title that is an option": lambda s: s.job(title="-y"),
    "a title that draws": lambda s: s.job(title=f"Film{ESCAPE}\nerror: not this line"),
    "a user who climbs": lambda s: s.job(user="../../victim"),
    "an id that climbs": lambda s: s.job(job_id="../../victim/drafts"),
    "an id that draws": lambda s: s.job(job_id=f"x{ESCAPE}\r\nerror: not this line"),
    "a choice that draws": lambda s: s.job(
        media=read_json(s.job_dir / "job.json")["media"] | {"audio_choice": ESCAPE}
    ),
    "a variable in a value": lambda s: s.env("ASR_INITIAL_PROMPT=${TMDB_API_KEY}$(id)\n"),
    "a lock that is somebody's file": lambda s: s.second_name(".lock"),
    "a log that is somebody's file": lambda s: s.second_name("logs/01_demux.log"),
    "events that are somebody's file": lambda s: s.second_name("events.jsonl"),
    "a huge record": lambda s: s.huge(".checkpoints/demux.json"),
    "a huge list of events": lambda s: s.huge("events.jsonl"),
    "a huge log": lambda s: s.huge("logs/01_demux.log"),
    "events that draw": lambda s: (s.job_dir / "events.jsonl").write_text(ESCAPE * 9) and None,
    "a huge copy of job.json": lambda s: s.huge(".checkpoints/job.json.kept"),
    "files of other names": lambda s: [
        (s.job_dir / name).write_text("x")
        for name in ("-y", "a\nb", f"c{ESCAPE}", "$(id)", ".job-.env.", "..x", "*")
    ]
    and None,
    "a name that is no text": lambda s: (open(os.fsencode(s.job_dir) + b"/\xff\xfe", "wb").close()),
    "a record that names files elsewhere": lambda s: forge(s, "../../../../../../victim/model.bin"),
    "a record that names an absolute file": lambda s: forge(s, str(s.victim / "model.bin")),
    "an announced record of files elsewhere": lambda s: forge(
        s, "../../../../../../victim/model.bin", ".checkpoints/demux.announced.json"
    ),
    "an output that leads out": lambda s: s.link(
        "01_demux/audio.wav", str(s.victim / "drafts" / "novel.txt")
    ),
    "code beside the job": lambda s: [
        (s.job_dir / name).write_text(f"open({str(s.victim / 'ran')!r}, 'w')")
        for name in ("sitecustomize.py", "json.py", "demux.py", "conftest.py")
    ]
    and None,
    "given that is not there": lambda s: s.job(given=["NO_SUCH", "../x", ESCAPE]),
}


def forge(stage: Stage, name: str, place: str = ".checkpoints/demux.json") -> None:
    """Write a record of demux that claims a file of somebody else as its output."""
    from shared.pipeline.job.output_file import OutputFile
    from tests.support.checkpoints import make_checkpoint

    job_id = read_json(stage.job_dir / "job.json")["job_id"]
    record = make_checkpoint("demux", job_id=job_id).model_dump(mode="json")
    claimed = OutputFile.of(stage.victim / "model.bin").model_dump(mode="json")
    (stage.job_dir / place).parent.mkdir(exist_ok=True)
    write_json(stage.job_dir / place, record | {"outputs": {name: claimed}})


@pytest.mark.parametrize("trick", HARMLESS)
def test_a_trick_is_harmless(
    trick: str, stage: Stage, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_TMDB_BASE_URL", "http://127.0.0.1:9/3")
    monkeypatch.setenv("CP_STAGE_RETRY_SECONDS", "0")
    HARMLESS[trick](stage)
    here = set(stage.job_dir.parents[5].iterdir())
    for options in (("--dry-run",), ("--force", "all")):
        done = run(stage, *options)
        assert_nothing_happened(stage, done, asked)
        assert done.returncode == 0, done.stderr
        assert "not this line" not in [line[:16] for line in done.stderr.splitlines()]
    assert set(stage.job_dir.parents[5].iterdir()) == here, "something was made beside out/"
    assert json.loads((stage.job_dir / "job.json").read_text())


def test_a_limit_that_is_left_out_is_told(stage: Stage) -> None:
    stage.config(STAGE_RETRIES=20)
    done = run(stage, "--dry-run")
    (told,) = (line for line in done.stderr.splitlines() if line.startswith("warning: "))
    assert "job.json:" in told and "STAGE_RETRIES=20 is left out: it is a limit of this" in told
    assert "--set STAGE_RETRIES=" in told


@pytest.mark.parametrize("way", ["--set", "CP_TMDB_BASE_URL", ".env.local"])
def test_the_machine_can_give_what_a_job_asks_for(
    way: str, stage: Stage, asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.config(TMDB_BASE_URL=stage.thief)
    options: tuple[str, ...] = ()
    if way == "--set":
        options = ("--set", f"TMDB_BASE_URL={stage.thief}/mine")
    elif way == ".env.local":
        (tmp_path / ".env.pipeline").touch()
        (tmp_path / ".env.local").write_text(f"TMDB_BASE_URL={stage.thief}\n")
        monkeypatch.setenv("CP_CONFIG", str(tmp_path / ".env.pipeline"))
    else:
        monkeypatch.setenv(way, stage.thief)
    done = run(stage, *options)
    assert done.returncode == 0, done.stderr
    assert len(asked) > 1 and KEY in asked[1]
    assert asked[1].startswith("/mine") is (way == "--set")


def test_what_set_gave_when_the_job_was_prepared_holds_and_moves_to_no_other_user(
    film: Path, output_root: Path, tmp_path: Path, asked: list[str], monkeypatch: Any
) -> None:
    monkeypatch.setenv("TMDB_API_KEY", KEY)
    address = f"TMDB_BASE_URL={asked[0]}"
    made = run_script(
        *("prepare-job", "--media", film, "--workflow", "transcribe", "-s", "hi"),
        *("--set", address, "--set", "STAGE_RETRIES=0"),
    )
    job_dir = Path(made.stdout.splitlines()[-1])
    sealed = read_json(job_dir / "job.json")["sealed"]
    assert sealed.keys() == {"TMDB_BASE_URL", "STAGE_RETRIES"}
    resume = ("run-pipeline", "transcribe", job_dir, "--to", "tmdb")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another"))
    told = f"job.json:{line_of(job_dir, 'TMDB_BASE_URL')}: {address}"
    assert_refused(run_script(*resume), 2, told, f"--set {address.partition('=')[0]}=")
    assert asked[1:] == []
    monkeypatch.undo()
    monkeypatch.setenv("TMDB_API_KEY", KEY)
    monkeypatch.setenv("CP_OUTPUT_ROOT", str(output_root))
    done = run_script(*resume)
    assert done.returncode == 0 and "warning" not in done.stderr, done.stderr
    assert KEY in asked[1]
    # A seal is of one value: another one has none.
    changed = read_json(job_dir / "job.json")
    changed["config"]["TMDB_BASE_URL"] += "/other"
    write_json(job_dir / "job.json", changed)
    assert_refused(run_script(*resume), 2, f"{address}/other", "--set")


def line_of(job_dir: Path, key: str) -> int:
    """Return the line of a key in job.json."""
    lines = (job_dir / "job.json").read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if f'"{key}"' in line)


def test_a_job_of_yesterday_that_recorded_every_setting_goes_on(stage: Stage) -> None:
    from shared.config import load_config

    settings = load_config().model_dump(mode="json")
    stage.config(**{name.upper(): value for name, value in settings.items()})
    old = read_json(stage.job_dir / "job.json")
    del old["given"], old["sealed"]
    write_json(
        stage.job_dir / "job.json", old | {"config": old["config"] | {"TMDB_ENABLED": False}}
    )
    done = run(stage)
    assert done.returncode == 0 and "warning" not in done.stderr, done.stderr
    assert "0 of 3" in (again := run(stage)).stderr or again.returncode == 0
