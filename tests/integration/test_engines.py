#!/usr/bin/env python3
"""
Engines: each engine's own tests, run with the libraries of its environment.

Those files are skipped where their libraries are missing (as in venv/common); here they must run.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.engines import run_inside

pytestmark = pytest.mark.integration

# Environment, file, the tests in it that this environment has libraries for.
ENGINE_TESTS = (
    ("demucs", "test_sound_engines.py", ""),
    ("whisperx", "test_asr_engines.py", "not exported_network"),
    ("whisperx", "test_alignment_engine.py", ""),
    ("whisperx", "test_ctc_alignment.py", ""),
    ("mlx", "test_mlx_engine.py", ""),
    ("pyannote", "test_asr_engines.py", "speech_is_found or no_speech or exported_network"),
    ("pyannote", "test_vad_engine.py", ""),
    ("llm", "test_llm_engine.py", ""),
    ("llm", "test_llm_answers.py", ""),
    ("llm", "test_llm_services.py", ""),
    ("nllb", "test_mt_engines.py", "nllb"),
    ("indictrans2", "test_mt_engines.py", "indictrans2"),
    ("indictrans2", "test_glossary_engines.py", ""),
    ("indictrans2", "test_hinglish_engine.py", ""),
    ("demucs", "test_hostile_weights.py", "demucs or any_library or nothing_is_held"),
    ("pyannote", "test_hostile_weights.py", "pyannote"),
    ("whisperx", "test_hostile_weights.py", "wav2vec2"),
    ("indictrans2", "test_hostile_weights.py", "indictrans2"),
    ("nllb", "test_hostile_weights.py", "nllb"),
)


@pytest.mark.timeout(1100)  # a whole file of tests
@pytest.mark.parametrize(
    ("environment", "name", "chosen"),
    [pytest.param(*row, marks=pytest.mark.environments(row[0])) for row in ENGINE_TESTS],
)
def test_an_engine_passes_its_tests_in_its_environment(
    environment: str, name: str, chosen: str
) -> None:
    done = run_inside(environment, Path(__file__).with_name(name), "-rs", "-k", chosen)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert re.search(r"\b\d+ passed", done.stdout), done.stdout[-2000:]
    assert not re.search(r"\b\d+ skipped", done.stdout), done.stdout[-2000:]
