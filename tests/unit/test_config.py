#!/usr/bin/env python3
"""Tests of shared/config.py: layers, refusals that name file and line, secrets."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.config import (
    OWN_VARIABLES,
    Config,
    environment_warnings,
    hub_is_offline,
    known_keys,
    load_config,
    load_secret,
    stage_environment,
    stage_location,
)
from shared.core.configuration.env_file import read_env_file
from shared.core.errors import InputError, nearest
from shared.core.paths import PROJECT_ROOT
from shared.core.settings import PipelineConfig


@pytest.fixture
def defaults(tmp_path: Path) -> Path:
    """A short defaults file of this test's own."""
    path = tmp_path / ".env.pipeline"
    path.write_text("# beams\nASR_BEAM_SIZE=2\nLOG_LEVEL=WARNING\n")
    return path


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """A job directory without anything in it."""
    path = tmp_path / "job"
    path.mkdir()
    return path


def write_job(job: Path, **config: object) -> None:
    """Write a job.json that holds only configuration."""
    (job / "job.json").write_text(json.dumps({"config": config}, indent=2))


def refused(text: str, tmp_path: Path) -> InputError:
    """Load a defaults file with this text; return the refusal."""
    path = tmp_path / "broken.env"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_config(pipeline_env=path)
    return caught.value


def test_later_layers_win(defaults: Path, job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def beams() -> int:
        return load_config(job, pipeline_env=defaults).asr_beam_size

    assert PipelineConfig().asr_beam_size == 5
    assert beams() == 2
    write_job(job, ASR_BEAM_SIZE=3)
    assert beams() == 3
    (job / ".job-asr.env").write_text("ASR_BEAM_SIZE=4\n")
    assert beams() == 4
    (job / ".job-b.env").write_text("ASR_BEAM_SIZE=6\n")
    assert beams() == 6
    monkeypatch.setenv("CP_ASR_BEAM_SIZE", "7")
    assert beams() == 7
    # What no later layer names stays as the first one says.
    assert load_config(job, pipeline_env=defaults).log_level == "WARNING"


def test_a_users_own_file_lies_over_the_global_one(defaults: Path, job: Path) -> None:
    local = defaults.with_name(".env.local")
    local.write_text("ASR_BEAM_SIZE=8\n")
    config = load_config(job, pipeline_env=defaults)
    assert (config.asr_beam_size, config.log_level) == (8, "WARNING")
    assert (config.origin("asr_beam_size"), config.origin("log_level")) == (".env.local", "")
    write_job(job, ASR_BEAM_SIZE=3)
    assert load_config(job, pipeline_env=defaults).asr_beam_size == 3
    local.write_text("\nASR_BEAM_SIEZ=8\n")
    with pytest.raises(InputError, match=r"\.env\.local:2: unknown key ASR_BEAM_SIEZ"):
        load_config(pipeline_env=defaults)


def test_a_users_own_file_is_not_in_git() -> None:
    asked = ["git", "check-ignore", "config/.env.local"]
    if subprocess.run(["git", "rev-parse"], cwd=PROJECT_ROOT, capture_output=True).returncode:
        pytest.skip("no git checkout")
    assert subprocess.run(asked, cwd=PROJECT_ROOT, capture_output=True).returncode == 0


def test_another_file_may_stand_in_for_the_global_one(
    defaults: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_CONFIG", str(defaults))
    assert load_config().asr_beam_size == 2


def test_a_prefix_keeps_a_variable_apart_from_other_programs(
    defaults: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASR_BEAM_SIZE", "7")
    assert load_config(pipeline_env=defaults).asr_beam_size == 2
    told = "environment variable ASR_BEAM_SIZE has no effect. CP_ASR_BEAM_SIZE is the name"
    assert environment_warnings() == [told]
    monkeypatch.setenv("CP_ASR_BEAM_SIZE", "6")
    assert environment_warnings() == []
    assert load_config(pipeline_env=defaults).asr_beam_size == 6
    monkeypatch.setenv("CP_ASR_BEAM_SIZE", "x")
    with pytest.raises(InputError, match="environment variable CP_ASR_BEAM_SIZE: "):
        load_config(pipeline_env=defaults)
    assert not {key for key in known_keys() if f"CP_{key}" in OWN_VARIABLES}


# What other programs read, and what lies near to our names there.
OF_OTHERS = (
    "PATH HOME LANG LC_ALL SHELL TERM USER DISPLAY XDG_CACHE_HOME XDG_CONFIG_HOME PYTHONPATH "
    "OMP_NUM_THREADS MKL_NUM_THREADS OPENBLAS_NUM_THREADS NUMEXPR_NUM_THREADS CUDA_VISIBLE_DEVICES "
    "CUDA_DEVICE_ORDER CUDA_HOME HF_HOME HF_TOKEN HF_HUB_OFFLINE HF_HUB_CACHE HF_DATASETS_CACHE "
    "TRANSFORMERS_CACHE TORCH_HOME TORCH_DEVICE DEBUGINFOD_URLS DEBUG_MODE DEBUGGER LOGLEVEL "
    "LOG_DIR LOG_FILE CACHE CACHE_HOME PIP_CACHE_DIR UV_CACHE_DIR NPM_CONFIG_CACHE "
    "DEVICE_ID OUTPUT OUTPUT_DIR OUTPUT_FORMAT OPENAI_API_KEY OPENAI_BASE_URL ANTHROPIC_API_KEY "
    "OLLAMA_MODELS LLM_PROVIDERS_URL LLM_API_BASE WHISPER_HOME WHISPER_MODEL_DIR WHISPERX_CACHE "
    "TMDB_API_KEY TMDB_TOKEN SUBTITLE_DIR GITHUB_TOKEN GITHUB_WORKSPACE RUNNER_TEMP CI SSH_AGENT "
    "LD_LIBRARY_PATH MANPATH EDITOR PAGER LESS LESSOPEN LS_COLORS HTTP_PROXY HTTPS_PROXY NO_PROXY "
    "MODEL_NAME MODEL_PATH BATCH BATCH_SIZE_TRAIN NUM_WORKERS MAX_MEMORY DIARIZE SDH_TRACK"
)


def test_a_variable_that_was_meant_for_this_program_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in OF_OTHERS.split():
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("CP_ASR_BEAM_SIZE", "1")
    assert environment_warnings() == []
    monkeypatch.setenv("WHISPER_MODLE", "base")
    monkeypatch.setenv("TMDB_APIKEY", "k")
    monkeypatch.setenv("SUBTITLES_FORMATS", "srt")
    monkeypatch.setenv("CP_BEAMS", "1")
    monkeypatch.setenv("CP_LOGLEVEL", "1")
    told = environment_warnings()
    assert [line.split()[2].rstrip(":") for line in told] == [
        *("CP_BEAMS", "CP_LOGLEVEL", "SUBTITLES_FORMATS", "TMDB_APIKEY", "WHISPER_MODLE")
    ]
    assert told[-1].endswith("WHISPER_MODLE has no effect. Did you mean WHISPER_MODEL?")
    assert "Did you mean LOG_LEVEL?" in told[1] and "Did you mean TMDB_API_KEY?" in told[3]


def test_another_programs_debug_is_left_out_with_a_warning(
    defaults: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEBUG", "express:*")
    monkeypatch.setenv("LOG_LEVEL", "trace")
    config = load_config(pipeline_env=defaults)
    assert (config.debug, config.log_level) == (False, "WARNING")
    first, second = environment_warnings()
    assert first.startswith("environment variable DEBUG=express:* is another program's")
    assert second.endswith("CP_LOG_LEVEL")
    monkeypatch.setenv("DEBUG", "1")
    assert load_config(pipeline_env=defaults).debug is True
    monkeypatch.setenv("CP_LOG_LEVEL", "trace")
    with pytest.raises(InputError, match="environment variable CP_LOG_LEVEL: "):
        load_config(pipeline_env=defaults)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("DEVICE", value) for value in ("/dev/sda1", "0", "tpu", "GPU-1f2e", "")),
        *(("BATCH_SIZE", value) for value in ("4096", "-1", "32k", "0.5", "")),
        *(("DEBUG", value) for value in ("*", "2", "app:verbose", "")),
        *(("LOG_LEVEL", value) for value in ("trace", "20", "info;net=debug", "")),
        *(("GLOSSARY_ENABLED", value) for value in ("maybe", "")),
        *(("WHISPER_TEMPERATURE", value) for value in ("hot", "")),
        ("WHISPER_MODEL", ""),
    ],
)
def test_what_another_program_means_by_a_bare_name_is_left_out_with_a_warning(
    defaults: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    usual = load_config(pipeline_env=defaults).model_dump()
    monkeypatch.setenv(name, value)
    assert load_config(pipeline_env=defaults).model_dump() == usual
    (warning,) = environment_warnings()
    assert warning.startswith(f"environment variable {name}={value} is another program's")
    assert warning.endswith(f"CP_{name}")
    monkeypatch.setenv(f"CP_{name}", value)
    with pytest.raises(InputError, match=f"^environment variable CP_{name}: "):
        load_config(pipeline_env=defaults)


def test_a_parameter_of_ones_own_has_its_default_and_is_told_where_to_declare_it(
    tmp_path: Path,
) -> None:
    config: Config = load_config()
    assert getattr(config, "parameter_name", "default_value") == "default_value"
    assert getattr(config, "confidence_threshold", 0.7) == 0.7
    error = refused("MY_QUITE_DIFFERENT_THING=1\n", tmp_path)
    assert "shared/core/settings.py" in error.hint


def test_the_samples_of_the_standards_work() -> None:
    """Section 3.4: a validated object from a mapping, checked at every assignment."""
    mapping = {"whisper_model": "large-v3", "batch_size": 8, "device": "cpu", "debug": True}
    config = PipelineConfig(**mapping)
    assert (config.whisper_model, config.batch_size, config.debug) == ("large-v3", 8, True)
    assert Config is PipelineConfig and config.glossary_enabled is True
    for key, value in [("batch_size", 129), ("device", "tpu"), ("no_such_key", 1)]:
        with pytest.raises(ValidationError, match=key):
            PipelineConfig(**{key: value})
    with pytest.raises(ValidationError):
        config.batch_size = -1
    assert PipelineConfig(batch_size="auto").batch_size == PipelineConfig().batch_size == 0


def test_the_names_of_the_standards_count_without_a_prefix(
    defaults: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of 3.3, 3.4, 3.5 and 5.1, and no other."""
    values = {
        "WHISPER_MODEL": "small",
        "WHISPER_TEMPERATURE": "0.0,0.1",
        "BATCH_SIZE": "3",
        "DEVICE": "cpu",
        "GLOSSARY_ENABLED": "false",
        "DEBUG": "true",
        "LOG_LEVEL": "ERROR",
    }
    usual = load_config(pipeline_env=defaults).model_dump()
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    config = load_config(pipeline_env=defaults).model_dump()
    assert {name.upper() for name in config if config[name] != usual[name]} == values.keys()
    assert environment_warnings() == []
    others = set(known_keys()) - values.keys()
    for name in others:
        monkeypatch.setenv(name, str(usual[name.lower()]))
    assert load_config(pipeline_env=defaults).model_dump() == config
    assert all("CP_" in line and "is the name" in line for line in environment_warnings())


def test_set_stands_above_the_environment(defaults: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    overrides = {"ASR_BEAM_SIZE": "9"}
    monkeypatch.setenv("CP_ASR_BEAM_SIZE", "7")
    assert load_config(pipeline_env=defaults).asr_beam_size == 7
    assert load_config(overrides=overrides, pipeline_env=defaults).asr_beam_size == 9


def test_what_set_gave_to_a_job_stands_above_the_environment_of_its_runs(
    job: Path, defaults: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = {"config": {"ASR_BEAM_SIZE": "9", "ASR_MAX_GAP": "1"}, "given": ["ASR_BEAM_SIZE"]}
    (job / "job.json").write_text(json.dumps(content))
    monkeypatch.setenv("CP_ASR_BEAM_SIZE", "7")
    monkeypatch.setenv("CP_ASR_MAX_GAP", "3")
    config = load_config(job, pipeline_env=defaults)
    assert (config.asr_beam_size, config.asr_max_gap) == (9, 3)
    (told,) = config.remarks
    assert told.startswith("environment variable CP_ASR_BEAM_SIZE has no effect: --set gave")
    assert told.endswith("For this run: --set ASR_BEAM_SIZE=7")
    (job / ".job-mine.env").write_text("ASR_BEAM_SIZE=4\n")
    config = load_config(job, pipeline_env=defaults)
    assert (config.asr_beam_size, config.remarks) == (7, [])


@pytest.mark.parametrize("text", ["[]", "{", "1", '"A=b"'])
def test_a_foreign_variable_of_the_programs_own_name_is_refused(
    text: str, defaults: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_SET", text)
    with pytest.raises(InputError, match="CP_SET is not what this program wrote") as caught:
        load_config(pipeline_env=defaults)
    assert caught.value.hint.startswith("unset CP_SET")


def test_a_stage_takes_the_job_it_runs_in(job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_job(job, ASR_BEAM_SIZE=11)
    monkeypatch.setenv("CP_JOB_DIR", str(job))
    assert load_config().asr_beam_size == 11


@pytest.mark.parametrize(
    ("text", "cause", "hint"),
    [
        ("\n# c\n\nASR_BEAN_SIZE=5\n", ":4: unknown key ASR_BEAN_SIZE", "mean ASR_BEAM_SIZE?"),
        ("log_level=INFO\n", ":1: unknown key log_level", "mean LOG_LEVEL?"),
        ("QQQQ=1\n", ":1: unknown key QQQQ", "docs/CONFIGURATION.md"),
        ("LOG_LEVEL=INFO\nASR_BEAM_SIZE=many\n", ":2: ASR_BEAM_SIZE=many: ", "#asr_beam_size"),
        ("ASR_BEAM_SIZE=2.5\n", ":1: ASR_BEAM_SIZE=2.5: ", "#asr_beam_size"),
        ("ASR_BEAM_SIZE=\n", ":1: ASR_BEAM_SIZE=: ", "#asr_beam_size"),
        ("ASR_BEAM_SIZE=0\n", "greater than or equal to 1", "#asr_beam_size"),
        ("STAGE_MEMORY_MB=80\n", "must be 0 (no limit) or at least 200: ", "#stage_memory_mb"),
        ("STAGE_MEMORY_MB=-1\n", "greater than or equal to 0", "#stage_memory_mb"),
        ("LOG_LEVEL=INFOS\n", ":1: LOG_LEVEL=INFOS: ", "Did you mean INFO?"),
        ("DEBUG=perhaps\n", ":1: DEBUG=perhaps: ", "#debug"),
        ("WHISPER_TEMPERATURE=0.0,hot\n", ":1: WHISPER_TEMPERATURE=0.0,hot: ", "#whisper_temp"),
        ("LOG_LEVEL\n", ":1: not a KEY=VALUE line", "KEY=VALUE"),
        ("\n\nDEBUG=true\n= 5\n", ":4: not a KEY=VALUE line", "KEY=VALUE"),
        ("DEBUG=true\n\nDEBUG=false\n", ":3: DEBUG stands there twice", "line 1"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_what_was_meant(
    tmp_path: Path, text: str, cause: str, hint: str
) -> None:
    error = refused(text, tmp_path)
    assert error.exit_code == 2
    assert f"{tmp_path}/broken.env:" in error.cause and cause in error.cause
    assert hint in error.hint


@pytest.mark.parametrize("megabytes", [0, 200, 16_000])
def test_no_limit_and_a_sensible_one_are_taken(tmp_path: Path, megabytes: int) -> None:
    path = tmp_path / "good.env"
    path.write_text(f"STAGE_MEMORY_MB={megabytes}\n")
    assert load_config(pipeline_env=path).stage_memory_mb == megabytes


def test_a_mistake_in_job_json_is_named_with_its_line(job: Path, defaults: Path) -> None:
    write_job(job, LOG_LEVEL="INFO", ASR_BEAM_SIZE=99)
    with pytest.raises(InputError, match=r"job\.json:4: ASR_BEAM_SIZE=99: .*20"):
        load_config(job, pipeline_env=defaults)
    write_job(job, ASR_BEAN_SIZE=9)
    with pytest.raises(InputError, match=r"job\.json:3: unknown key ASR_BEAN_SIZE"):
        load_config(job, pipeline_env=defaults)


def test_a_mistake_in_a_job_file_is_named(job: Path, defaults: Path) -> None:
    (job / ".job-mine.env").write_text("\nASR_BEAM_SIZE=x\n")
    with pytest.raises(InputError, match=r"\.job-mine\.env:2: ASR_BEAM_SIZE=x"):
        load_config(job, pipeline_env=defaults)


def test_a_mistake_in_the_environment_is_named(
    defaults: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_DEVICE", "tpu")
    with pytest.raises(InputError, match="^environment variable CP_DEVICE: DEVICE=tpu: "):
        load_config(pipeline_env=defaults)


def test_a_mistake_in_set_is_named(defaults: Path) -> None:
    with pytest.raises(InputError, match="^--set: unknown key WHISPER_MODLE") as caught:
        load_config(overrides={"WHISPER_MODLE": "base"}, pipeline_env=defaults)
    assert caught.value.hint == "Did you mean WHISPER_MODEL?"


def test_a_missing_or_unreadable_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the configuration file is missing"):
        load_config(pipeline_env=tmp_path / "none.env")
    (tmp_path / "latin.env").write_bytes(b"TMDB_LANGUAGE=\xe9\n")
    with pytest.raises(InputError, match="not a UTF-8 text file"):
        load_config(pipeline_env=tmp_path / "latin.env")


@pytest.mark.parametrize("content", ["[1]", '{"config": [1]}'])
def test_a_job_json_without_an_object_is_refused(job: Path, defaults: Path, content: str) -> None:
    (job / "job.json").write_text(content)
    with pytest.raises(InputError, match='"config" is not an object'):
        load_config(job, pipeline_env=defaults)


@given(
    st.dictionaries(
        st.from_regex(r"[A-Z][A-Z0-9_]{0,10}", fullmatch=True),
        st.text(st.characters(codec="utf-8", exclude_characters="'\\\0\r")),
        max_size=5,
    )
)
@example({"A": 'say "hi"  # not a comment', "B": "two\nlines"})
def test_quoted_values_are_read_as_they_are(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, str]
) -> None:
    path = tmp_path_factory.getbasetemp() / "values.env"
    text = "".join(f"\n# c\nexport {key}='{value}'\n" for key, value in values.items())
    path.write_text(text, encoding="utf-8", newline="")
    read = read_env_file(path)
    assert {key: item.value for key, item in read.items()} == values
    lines = re.split("\n", text)
    for key, item in read.items():
        assert lines[item.origin.line - 1].startswith(f"export {key}='")


@given(st.text())
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.env"
    path.write_text(text, encoding="utf-8", newline="")
    try:
        read = read_env_file(path)
    except InputError as error:
        assert error.hint and str(path) in error.cause
    else:
        assert all(item.origin.line >= 1 for item in read.values())


def test_nearest_offers_nothing_when_nothing_is_near() -> None:
    assert nearest("whisperx", ["mlx", "whisper"]) == "Did you mean whisper?"
    assert nearest("zzzz", ["mlx", "whisper"]) == ""


def test_a_secret_comes_from_the_file_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secrets.json"
    assert load_secret("TMDB_API_KEY", path) is None
    path.write_text('{"TMDB_API_KEY": "from the file", "HF_TOKEN": ""}')
    path.chmod(0o600)
    assert load_secret("TMDB_API_KEY", path) == "from the file"
    assert load_secret("HF_TOKEN", path) is None
    assert load_secret("LLM_API_KEY", path) is None
    monkeypatch.setenv("TMDB_API_KEY", "from the environment")
    assert load_secret("TMDB_API_KEY", path) == "from the environment"
    monkeypatch.setenv("CP_TMDB_API_KEY", "with the prefix")
    assert load_secret("TMDB_API_KEY", path) == "with the prefix"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_secrets_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secrets.json"
    path.write_text('{"HF_TOKEN": "hush"}')
    path.chmod(mode)
    with pytest.raises(InputError, match="others may read it") as caught:
        load_secret("HF_TOKEN", path)
    assert caught.value.hint == f"chmod 600 '{path}'"


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ('{"HF_TOKEN": "hush"', "not valid JSON"),
        ('["hush"]', "not a JSON object"),
        ('{"HF_TOKEN": ["hush"]}', "HF_TOKEN is not a string"),
        ('{"HF_TOKEN": "hushé"}', "HF_TOKEN holds a character that no key has"),
        ('{"HF_TOKEN": "hush\\n"}', "HF_TOKEN holds a character that no key has"),
    ],
)
def test_a_broken_secrets_file_is_refused_without_telling_the_secret(
    tmp_path: Path, content: str, cause: str
) -> None:
    path = tmp_path / "secrets.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(InputError, match=cause) as caught:
        load_secret("HF_TOKEN", path)
    assert "hush" not in caught.value.cause + caught.value.hint
    assert caught.value.hint


def test_a_stage_gets_no_other_python_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = "PYTHONPATH PYTHONHOME PYTHONSTARTUP VIRTUAL_ENV PYTHONDONTWRITEBYTECODE"
    for name in names.split():
        monkeypatch.setenv(name, "/foreign")
    monkeypatch.setenv("ASR_BEAM_SIZE", "3")
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    variables = stage_environment(tmp_path, tmp_path / "scratch", {"CP_LOCK_FD": 9})
    assert variables["OPENBLAS_NUM_THREADS"] == "1"
    assert "/foreign" not in variables.values()
    assert variables["ASR_BEAM_SIZE"] == "3"
    assert variables["CP_LOCK_FD"] == "9"
    assert variables["CP_STAGE_SCRATCH"] == str(tmp_path / "scratch")


def test_a_stage_outside_a_job_is_refused() -> None:
    with pytest.raises(InputError, match="runs inside a job") as caught:
        stage_location()
    assert caught.value.hint.startswith("./run-pipeline.sh")


@pytest.mark.parametrize(
    ("value", "offline"), [("1", True), ("TRUE", True), ("0", False), ("", False)]
)
def test_the_hub_can_be_switched_off(
    value: str, offline: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", value)
    assert hub_is_offline() is offline


def test_a_gpu_may_be_named_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEVICE", "cuda:1")
    assert load_config().device == "cuda:1"
    monkeypatch.setenv("CP_DEVICE", "cuda:x")
    with pytest.raises(InputError, match="DEVICE=cuda:x"):
        load_config()
