#!/usr/bin/env python3
"""Tests of tools/doctor.py and shared/doctor/: checks on made-up machines, output on real ones."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from shared.config import SECRET_NAMES, load_config
from shared.core.errors import InputError
from shared.core.paths import PROJECT_ROOT
from shared.core.settings import PipelineConfig
from shared.doctor.disk import disk_use
from shared.doctor.engines import PYANNOTE_WEIGHTS, SILERO_WEIGHTS, Choices
from shared.doctor.environments import check_environments
from shared.doctor.finding import Finding, Level
from shared.doctor.languages import check_languages, described
from shared.doctor.machine import (
    SECRET_USES,
    check_ffmpeg,
    check_hardware,
    check_hub,
    check_output,
    check_secrets,
)
from shared.doctor.stages import check_stages
from shared.environment_manager import (
    ENVIRONMENTS,
    STAGE_TO_ENV,
    EnvironmentManager,
    EnvironmentStatus,
    State,
)
from shared.stage_order import STAGE_ORDER
from tests.support.commands import HANG_SECONDS
from tests.support.web import film_database

PACKAGES = "lib/python3.11/site-packages"


def stages(
    root: Path,
    choices: Choices = Choices(),
    models: tuple[str, ...] = ("whisper/base",),
    **states: State,
) -> dict[str, Finding]:
    """Check the stages of a made-up checkout whose environments are good unless said otherwise."""
    manager = EnvironmentManager(root, profile="cpu")
    status = {
        env: EnvironmentStatus(env, states.get(env, "good"), "why", True) for env in ENVIRONMENTS
    }
    found = check_stages(
        replace(choices, whisper_model=choices.whisper_model.replace("auto", "base")),
        manager,
        status,
        lambda family, name: root if f"{family}/{name}" in models else None,
    )
    assert [finding.name for finding in found] == STAGE_ORDER
    return {finding.name: finding for finding in found}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A made-up checkout whose pyannote environment holds both detectors' weights."""
    for name in (PYANNOTE_WEIGHTS, SILERO_WEIGHTS):
        path = tmp_path / "venv" / "pyannote" / PACKAGES / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def test_with_everything_there_every_stage_has_its_engine(root: Path) -> None:
    found = stages(root)
    assert found["asr"] == Finding("asr", "good", "", "", "whisperx base", "whisperx", "")
    assert (found["pyannote_vad"].engine, found["pyannote_vad"].fallback) == ("pyannote", "silero")
    assert all(finding.level != "missing" for finding in found.values())


def test_a_missing_environment_is_missing_for_each_of_its_stages(root: Path) -> None:
    found = stages(root, whisperx="missing", demucs="broken", pyannote="drifted")
    for name in ("asr", "alignment", "translation"):
        assert found[name].level == "missing"
        assert found[name].command == "./bootstrap.sh --env whisperx"
    assert found["lyrics_detection"].detail == "its environment demucs is broken: why"
    assert found["pyannote_vad"].level == "degraded"


@pytest.mark.parametrize(
    ("choices", "models", "level", "engine", "command"),
    [
        (
            {"whisper_model": "large-v3"},
            ("whisper/base",),
            "missing",
            "whisperx",
            "whisper large-v3",
        ),
        ({"whisper_model": "large-v3"}, ("whisper/large-v3",), "good", "whisperx large-v3", ""),
        ({"asr_engine": "mlx"}, ("mlx/base",), "good", "mlx base", ""),
        ({"asr_engine": "mlx"}, ("whisper/base",), "good", "mlx base", ""),
        ({"asr_engine": "mlx"}, (), "missing", "mlx", "mlx base"),
    ],
)
def test_recognition_tells_its_model(
    root: Path,
    choices: dict[str, str],
    models: tuple[str, ...],
    level: Level,
    engine: str,
    command: str,
) -> None:
    found = stages(root, Choices(**choices), models)["asr"]  # type: ignore[arg-type]
    assert (found.level, found.engine) == (level, engine)
    assert found.command == (f"python3 tools/models.py fetch {command}" if command else "")


@pytest.mark.parametrize(
    ("lost", "wanted", "level", "engine"),
    [
        ("", "auto", "good", "pyannote"),
        (PYANNOTE_WEIGHTS, "auto", "degraded", "silero"),
        (PYANNOTE_WEIGHTS, "pyannote", "missing", "pyannote"),
        (SILERO_WEIGHTS, "silero", "missing", "silero"),
        (SILERO_WEIGHTS, "auto", "good", "pyannote"),
    ],
)
def test_speech_detection_tells_who_steps_in(
    root: Path, lost: str, wanted: str, level: Level, engine: str
) -> None:
    if lost:
        (root / "venv" / "pyannote" / PACKAGES / lost).unlink()
    found = stages(root, Choices(vad_engine=wanted))["pyannote_vad"]
    assert (found.level, found.engine) == (level, engine)


def test_named_weights_of_speech_detection_are_a_file_or_a_model_of_the_store(root: Path) -> None:
    (root / "own.bin").touch()
    for name, models in ((str(root / "own.bin"), ()), ("owner/name", ("pyannote/owner/name",))):
        found = stages(root, Choices(vad_engine="pyannote", vad_weights=name), models)
        assert found["pyannote_vad"].level == "good"
    lost = stages(root, Choices(vad_engine="pyannote", vad_weights="owner/name"))["pyannote_vad"]
    assert lost.command == "python3 tools/models.py fetch pyannote owner/name"
    assert lost.level == "missing"


@pytest.mark.parametrize(
    ("engine", "model"),
    [("nllb", "nllb-200-distilled-600M"), ("indictrans2", "indictrans2-indic-en-dist-200M")],
)
def test_a_chosen_translation_engine_needs_its_weights(root: Path, engine: str, model: str) -> None:
    found = stages(root, Choices(translation_engine=engine))["translation"]
    command = f"python3 tools/models.py fetch {engine} {model}"
    assert (found.level, found.command) == ("missing", command)
    here = ("whisper/base", f"{engine}/{model}")
    found = stages(root, Choices(translation_engine=engine), here)["translation"]
    assert (found.level, found.engine) == ("good", f"{engine} {model}")
    found = stages(root, models=here)["translation"]
    assert found.detail == f"into English only; {engine} where they know both languages"


def test_a_language_model_translates_where_one_is_set(root: Path) -> None:
    found = stages(root, Choices(llm_model="gemma"))["translation"]
    assert (found.engine, found.environment) == ("llm gemma", "llm")
    assert found.fallback == "Whisper translate into English"
    alone = stages(root, Choices(llm_model="gemma", translation_fallbacks=[]))["translation"]
    assert alone.fallback == ""
    assert stages(root, Choices(translation_engine="llm"))["translation"].level == "missing"


def test_a_folder_of_demucs_models_and_the_multilingual_aligner_are_looked_for(root: Path) -> None:
    own = Choices(source_separation="demucs", demucs_repo=str(root), alignment_engine="mms")
    found = stages(root, own)
    assert (found["source_separation"].level, found["alignment"].level) == ("good", "missing")
    assert stages(root, own, ("wav2vec2/mms",))["alignment"].engine == "mms"


def test_what_is_switched_off_is_off_and_what_is_asked_for_must_be_there(root: Path) -> None:
    off = stages(root, Choices(source_separation="off", lyrics_enabled=False, tmdb_enabled=False))
    assert {off[n].level for n in ("source_separation", "lyrics_detection", "tmdb")} == {"off"}
    deaf = stages(root, Choices(lyrics_enabled=False, sdh="on"))["lyrics_detection"]
    assert deaf.level != "off"
    asked = stages(root, Choices(source_separation="demucs", alignment_model="/none"))
    assert asked["source_separation"].command == "python3 tools/models.py fetch demucs htdemucs"
    assert asked["alignment"].level == "missing"


def test_choices_are_keys_of_the_configuration() -> None:
    names = set(Choices.__dataclass_fields__)
    assert names <= set(PipelineConfig.model_fields)
    defaults = PipelineConfig()
    assert {n: getattr(Choices(), n) for n in names} == {n: getattr(defaults, n) for n in names}


def test_every_environment_and_every_secret_is_described() -> None:
    names = [*ENVIRONMENTS, "scenes"]
    states = {env: EnvironmentStatus(env, "good", "why", True) for env in names}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(STAGE_TO_ENV, "scene_notes", "scenes")
        told = {finding.name: finding.detail for finding in check_environments(states)}
    assert told["scenes"] == "scene_notes: good, why"
    assert set(told) == set(names) and not any(one.startswith("no stage") for one in told.values())
    assert set(SECRET_USES) == set(SECRET_NAMES)


def test_a_secrets_value_is_never_told(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    path.write_text('{"TMDB_API_KEY": "s3cret", "HF_TOKEN": ""}')
    path.chmod(0o644)
    (found,) = check_secrets(path, {})
    assert (found.level, found.command) == ("missing", f"chmod 600 '{path}'")
    path.chmod(0o600)
    (found,) = check_secrets(path, {"LLM_API_KEY": "s3cret"})
    assert "TMDB_API_KEY is set, HF_TOKEN is not set" in found.detail
    assert "LLM_API_KEY is set" in found.detail and "s3cret" not in found.detail
    assert "HF_TOKEN is set" in check_secrets(path, {"CP_HF_TOKEN": "s3cret"})[0].detail
    path.write_text("[]")
    assert check_secrets(path, {})[0].level == "missing"


FEWER_FILTERS = (
    "#!/bin/sh\nprintf ' V.. flac x\\n A.. pcm_s16le x\\n A.. srt x\\n A.. libx264 x\\n'"
)


def test_ffmpeg_without_a_filter_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert check_ffmpeg()[0].detail == "ffmpeg and ffprobe not on PATH"
    for name in ("ffmpeg", "ffprobe"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 127\n")
        (tmp_path / name).chmod(0o755)
    assert check_ffmpeg()[0].detail == "ffmpeg does not start"
    (tmp_path / "ffmpeg").write_text(FEWER_FILTERS)
    levels = {finding.name: finding.level for finding in check_ffmpeg()}
    assert levels["ffmpeg libopus"] == levels["ffmpeg pan"] == "degraded"
    assert levels["ffmpeg aresample"] == "missing"
    assert "ffmpeg flac" not in levels


def test_a_broken_gpu_driver_is_degraded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'NVIDIA-SMI has failed'\nexit 9\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    last = check_hardware()[-1]
    assert (last.name, last.level, last.command) == ("gpu", "degraded", "nvidia-smi")
    assert "NVIDIA-SMI has failed; work is done on the CPU" in last.detail


def test_the_hub_is_asked_unless_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_hub({"HF_HUB_OFFLINE": "1"}).level == "off"
    monkeypatch.setattr("shared.doctor.machine.HUB_SECONDS", HANG_SECONDS)
    with film_database() as address:
        assert check_hub({"HF_ENDPOINT": address}).level == "good"
    assert check_hub({"HF_ENDPOINT": "http://127.0.0.1:9"}).level == "degraded"
    assert check_hub({"HF_ENDPOINT": "nonsense"}).level == "degraded"
    monkeypatch.setattr("shared.doctor.machine.HUB_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert check_hub({"HF_ENDPOINT": f"http://127.0.0.1:{port}"}).level == "degraded"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_output_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert check_output(tmp_path / "out").level == "missing"


def test_an_output_folder_below_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert check_output(tmp_path / "file" / "out").level == "missing"
    assert check_output(tmp_path / "new" / "out").level == "good"


def test_shared_files_count_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    (tmp_path / "a" / "large").write_bytes(b"x" * 1_000_000)
    os.link(tmp_path / "a" / "large", tmp_path / "b" / "large")
    (tmp_path / "b" / "own").write_bytes(b"x" * 100_000)
    (tmp_path / "b" / "link").symlink_to(tmp_path / "a")
    use = disk_use([tmp_path / "a", tmp_path / "b", tmp_path / "none"])
    assert use.largest_name == "b" and use.total == use.largest and use.ratio == 1.0
    assert 1_100_000 <= use.total < 1_200_000
    assert disk_use([]).ratio == 1.0


def doctor(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run the doctor of a checkout."""
    return subprocess.run(
        [*command, str(root / "tools" / "doctor.py")],
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=HANG_SECONDS,
        check=False,
    )


def test_without_any_environment_the_standard_library_is_enough(tmp_path: Path) -> None:
    for name in ("shared", "tools"):
        shutil.copytree(
            PROJECT_ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    bare = doctor(tmp_path, getattr(sys, "_base_executable"), "-I", "-S")
    assert bare.returncode == 3, bare.stderr
    assert "✗ asr " in bare.stdout and "its environment whisperx is missing" in bare.stdout
    assert "    ./bootstrap.sh --env common\n" in bare.stdout
    assert bare.stdout.endswith("cannot run here.\n")


def test_a_diagnosis_that_a_full_disk_does_not_take_is_a_failure() -> None:
    with open("/dev/full", "w") as full:
        told = subprocess.run(
            [sys.executable, str(PROJECT_ROOT / "tools" / "doctor.py"), "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert told.returncode == 1
    cause, hint = told.stderr.splitlines()
    assert cause == "error: Standard output cannot be written: No space left on device"
    assert hint.startswith("hint: ")


@pytest.mark.environments("common")
def test_the_doctor_of_this_checkout_as_json() -> None:
    result = subprocess.run(
        [sys.executable, str(PROJECT_ROOT / "tools" / "doctor.py"), "--json"],
        env={**os.environ, "HF_HUB_OFFLINE": "1", "CP_OUTPUT_ROOT": "/dev/null/jobs"},
        capture_output=True,
        text=True,
        timeout=HANG_SECONDS,
        check=False,
    )
    document = json.loads(result.stdout)
    output = next(one for one in document["machine"] if one["name"] == "output")
    assert (output["level"], output["detail"]) == ("missing", "/dev/null cannot be written")
    assert document["can_run"] == (result.returncode == 0)
    assert [finding["name"] for finding in document["stages"]] == STAGE_ORDER
    for part in ("machine", "environments", "stages"):
        assert {finding["level"] for finding in document[part]} <= set(get_args(Level))


@pytest.mark.parametrize(
    ("choices", "models", "level", "engine"),
    [
        ({"alignment_engine": "auto"}, (), "good", "attention of Whisper"),
        ({"alignment_engine": "wav2vec2"}, (), "missing", "wav2vec2"),
        ({"alignment_engine": "auto"}, ("wav2vec2/hi",), "good", "wav2vec2"),
    ],
)
def test_alignment_is_not_ticked_for_a_model_that_is_not_here(
    root: Path, choices: dict[str, str], models: tuple[str, ...], level: Level, engine: str
) -> None:
    found = stages(root, Choices(**choices), ("whisper/base", *models))  # type: ignore[arg-type]
    assert (found["alignment"].level, found["alignment"].engine) == (level, engine)


def test_a_file_of_a_language_model_that_is_not_there_is_missing(root: Path) -> None:
    named = Choices(translation_engine="llm", llm_provider="local", llm_model="/none/FILE.gguf")
    found = stages(root, named)["translation"]
    assert found.level == "missing" and "there is no file /none/FILE.gguf" in found.detail


def of_languages(tmp_path: Path, *languages: str, **settings: str) -> dict[str, Finding]:
    """Return what the doctor says of languages on a machine whose environments are good."""
    environments = EnvironmentManager(tmp_path, profile="cpu")
    good = {env: EnvironmentStatus(env, "good", "", True) for env in ENVIRONMENTS}
    environments.require = lambda name: good[name]  # type: ignore[method-assign,assignment]
    config = load_config(overrides=settings)
    return {one.name: one for one in check_languages(config, environments, languages)}


def test_each_language_is_told_with_what_it_takes(tmp_path: Path) -> None:
    found = of_languages(tmp_path, "en", "German", "ta", WHISPER_MODEL="large-v2")
    assert found["English (en)"].level == "off", "Whisper translates with a model that is not here"
    assert "nllb-200-distilled-600M (2480 MB)" in found["German (de)"].detail
    assert found["German (de)"].command.startswith("python3 tools/models.py fetch nllb ")
    assert "HF_TOKEN" in found["Tamil (ta)"].detail
    with pytest.raises(InputError, match="Unknown language"):
        of_languages(tmp_path, "klingonese")


def test_languages_that_stand_alike_are_told_together(tmp_path: Path) -> None:
    lines = described(list(of_languages(tmp_path, "de", "fr", "en", WHISPER_MODEL="base").values()))
    assert any("German (de), French (fr)" in line and "nllb" in line for line in lines)
