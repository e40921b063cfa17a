#!/usr/bin/env python3
"""Tests of shared/core/settings.py: every key documented, read by some code, and in range."""

from __future__ import annotations

import ast
import functools
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.config import known_keys
from shared.core.configuration.env_file import read_env_file
from shared.core.configuration.layers import STANDARD_NAMES
from shared.core.configuration.powers import scope_of
from shared.core.configuration.stage_parameters import parameter_of
from shared.core.paths import PIPELINE_ENV_FILE, PROJECT_ROOT
from shared.core.settings import PipelineConfig
from tools.documentation.settings_file import SettingsFile

# The standards' comment form (3.5).
DOCUMENTED = re.compile(
    r"# (?P<key>[A-Z0-9_]+): (?P<purpose>\S.*)\n"
    r"#   Values: (?P<values>\S.*)\n"
    r"#   Default: (?P<default>\S.*)\n"
    r"(#   Note: \S.*\n)?"
    r"(?P=key)=(?P<value>.*)\n"
)
SETTINGS_MODULE = PROJECT_ROOT / "shared" / "core" / "settings.py"


@functools.cache
def attributes_read() -> set[str]:
    """Return every attribute that code of scripts/ and shared/ reads from a configuration."""
    names: set[str] = set()
    for folder in ("scripts", "shared"):
        for path in (PROJECT_ROOT / folder).rglob("*.py"):
            if path == SETTINGS_MODULE:
                continue
            tree = ast.parse(path.read_text(encoding="utf-8"))
            names |= {name for node in ast.walk(tree) if (name := parameter_of(node))}
    return names


@pytest.fixture(scope="module")
def documented() -> dict[str, re.Match[str]]:
    """The entries of config/.env.pipeline by key, each with its default."""
    text = SettingsFile(PROJECT_ROOT / "no settings").made_anew()
    return {match["key"]: match for match in DOCUMENTED.finditer(text)}


def test_every_key_stands_documented_in_the_defaults_file(
    documented: dict[str, re.Match[str]],
) -> None:
    assert list(documented) == known_keys()
    assert set(read_env_file(PIPELINE_ENV_FILE)) <= set(known_keys()), "a person may leave some out"


def test_documented_values_are_the_real_defaults(documented: dict[str, re.Match[str]]) -> None:
    defaults = PipelineConfig().model_dump()
    for key, entry in documented.items():
        told = entry["default"].replace("(empty)", "")
        assert told == entry["value"], key
        read = PipelineConfig.model_validate({key.lower(): told}).model_dump()
        assert read[key.lower()] == defaults[key.lower()], key


def test_documented_limits_are_the_real_limits(documented: dict[str, re.Match[str]]) -> None:
    for key, entry in documented.items():
        limits = re.findall(r"(>=|<=|>|<) (-?[\d.]+)", entry["values"])
        for sign, number in limits:
            inside, outside = float(number), float(number) + (1 if "<" in sign else -1)
            if sign in ("<", ">"):
                inside, outside = (
                    (inside - 1e-3, inside) if sign == "<" else (inside + 1e-3, inside)
                )
            whole = entry["values"].startswith("integer")
            PipelineConfig.model_validate({key.lower(): int(inside) if whole else inside})
            with pytest.raises(ValidationError):
                PipelineConfig.model_validate({key.lower(): int(outside) if whole else outside})


def test_documented_choices_are_the_real_choices(documented: dict[str, re.Match[str]]) -> None:
    for key, entry in documented.items():
        if "|" in entry["values"]:
            for choice in entry["values"].split(" | "):
                PipelineConfig.model_validate({key.lower(): choice})
            with pytest.raises(ValidationError):
                PipelineConfig.model_validate({key.lower(): "no such choice"})


def test_every_number_that_has_a_unit_names_it_once(documented: dict[str, re.Match[str]]) -> None:
    for key, entry in documented.items():
        if key.endswith("_SECONDS"):
            assert "second" in entry["purpose"], key


def test_every_key_is_read_by_some_code() -> None:
    unread = {name for name in PipelineConfig.model_fields if name not in attributes_read()}
    assert unread == set()


def test_the_attribute_search_finds_a_key_that_nobody_reads() -> None:
    assert "no_code_reads_this" not in attributes_read()
    assert {"whisper_model", "log_max_mb"} <= attributes_read()


def test_lists_are_split_at_commas() -> None:
    config = PipelineConfig.model_validate(
        {"glossary_files": " a.tsv, ,b.tsv ", "whisper_temperature": "0.0, 0.5"}
    )
    assert config.glossary_files == ["a.tsv", "b.tsv"]
    assert config.whisper_temperature == [0.0, 0.5]


def test_reads_are_recorded_with_their_values() -> None:
    config = PipelineConfig(asr_beam_size=3)
    assert config.parameters_read() == {}
    assert config.asr_beam_size + 1 == 4
    assert config.whisper_temperature[0] == 0.0
    assert config.parameters_read() == {
        "ASR_BEAM_SIZE": 3,
        "WHISPER_TEMPERATURE": [0.0, 0.2, 0.4, 0.6],
    }


@given(st.sampled_from(known_keys()), st.text(max_size=20) | st.integers() | st.floats())
def test_any_value_is_taken_or_refused_and_what_is_taken_is_stable(
    key: str, value: str | int | float
) -> None:
    name = key.lower()
    try:
        taken = PipelineConfig.model_validate({name: value})
    except ValidationError as error:
        assert error.errors()[0]["loc"][0] == name
        return
    # What a job.json holds must be read back as the same value.
    dumped = json.loads(json.dumps(taken.model_dump(mode="json")[name]))
    assert getattr(PipelineConfig.model_validate({name: dumped}), name) == getattr(taken, name)


# What a parameter is called that names a place, a program, an address or a limit.
REACHES_OUT = re.compile(
    r"_(root|dir|folder|url|host|address|repo|files?|weights|path|command|mode)$"
)


def test_what_reaches_beyond_a_job_is_for_the_machine_to_set() -> None:
    reaching = {name for name in PipelineConfig.model_fields if REACHES_OUT.search(name)}
    assert {"output_root", "cache_dir", "tmdb_base_url", "vad_weights"} <= reaching
    assert {name for name in reaching if scope_of(name.upper()) == "job"} == set()


def test_tests_set_the_names_that_count() -> None:
    """A bare name that has no effect would make a test pass for nothing."""
    told = []
    about_just_that = ("test_config.py", "test_backup.py")
    for path in (PROJECT_ROOT / "tests").rglob("*.py"):
        for name in re.findall(r"setenv\(\s*\"([A-Z_]+)\"", path.read_text(encoding="utf-8")):
            if (
                name in known_keys()
                and name not in STANDARD_NAMES
                and path.name not in about_just_that
            ):
                told.append(f"{path.name}: {name} has no effect: CP_{name} is the name")
    assert told == []
