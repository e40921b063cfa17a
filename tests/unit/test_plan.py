#!/usr/bin/env python3
"""Tests of shared/pipeline/plan/plan.py on checkpoints written by hand."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from shared.config import load_config
from shared.core.errors import InputError
from shared.core.files import sha256_of
from shared.core.identity import model_identity
from shared.environment_manager import EnvironmentManager
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.fingerprint import Fingerprints
from shared.pipeline.job.job import load_job
from shared.pipeline.job.output_file import describe_outputs
from shared.pipeline.plan.plan import Planner, Step
from shared.pipeline.plan.selection import Selection, check_stage, check_workflow, selected_stages
from tests.support.checkpoints import make_checkpoint


def finish_stage(job_dir: Path, directory: str, content: str = "{}", **fields: Any) -> None:
    """Write a stage's output 'out.json' and its checkpoint by hand."""
    folder = job_dir / directory
    folder.mkdir(exist_ok=True)
    (folder / "out.json").write_text(content)
    fields = {"outputs": describe_outputs(folder)} | fields
    CheckpointManager(job_dir).save_record(make_checkpoint(directory[3:], **fields))


def planner(job_dir: Path, **selection: Any) -> Planner:
    """Return the planner of a job as it is now."""
    fingerprints = Fingerprints(
        job_dir, load_job(job_dir), load_config(job_dir), EnvironmentManager(profile="cpu")
    )
    return Planner(job_dir, Selection(**selection), fingerprints)


def decide(job_dir: Path, stage: str, **selection: Any) -> Step:
    """Return what a run would do with a stage now."""
    return planner(job_dir, **selection).decide(stage)


def finish_chain(job_dir: Path) -> None:
    """Finish demux, tmdb, which reads nothing, and glossary_load, which reads tmdb's output."""
    finish_stage(job_dir, "01_demux")
    finish_stage(job_dir, "02_tmdb")
    digest = sha256_of(job_dir / "02_tmdb" / "out.json")
    finish_stage(job_dir, "03_glossary_load", inputs={"job:02_tmdb/out.json": digest})


def test_a_new_job_runs_everything(job_dir: Path) -> None:
    steps = planner(job_dir).plan(["demux", "tmdb"])
    assert steps == [Step(stage, "run", "not done yet") for stage in ("demux", "tmdb")]


def test_a_finished_stage_is_kept(job_dir: Path) -> None:
    finish_chain(job_dir)
    steps = planner(job_dir).plan(["demux", "tmdb", "glossary_load"])
    assert [step.action for step in steps] == ["keep"] * 3


def test_a_skipped_stage_tells_its_reason(job_dir: Path) -> None:
    finish_stage(job_dir, "02_tmdb", status="skipped", reason="no key", outputs={})
    assert decide(job_dir, "tmdb") == Step("tmdb", "skip", "no key")


def test_a_forced_stage_runs(job_dir: Path) -> None:
    finish_chain(job_dir)
    assert decide(job_dir, "demux", forced=("demux",)) == Step("demux", "run", "forced")
    assert decide(job_dir, "tmdb", forced=("demux",)).action == "keep"
    assert decide(job_dir, "tmdb", forced=("all",)).action == "run"


def test_a_lost_output_is_made_again(job_dir: Path) -> None:
    finish_chain(job_dir)
    (job_dir / "01_demux" / "out.json").unlink()
    assert decide(job_dir, "demux").reason == "its output out.json is gone"


def test_an_output_edited_by_hand_is_noticed_by_its_reader(job_dir: Path) -> None:
    finish_chain(job_dir)
    (job_dir / "02_tmdb" / "out.json").write_text('{"edited": 1}')
    assert decide(job_dir, "tmdb").action == "keep"
    assert decide(job_dir, "glossary_load").reason == "02_tmdb/out.json changed"


def test_an_output_touched_but_unchanged_makes_nothing_stale(job_dir: Path) -> None:
    finish_chain(job_dir)
    (job_dir / "02_tmdb" / "out.json").write_text("{}")
    assert decide(job_dir, "glossary_load").action == "keep"


def test_an_input_that_appears_or_goes_is_noticed(job_dir: Path) -> None:
    finish_stage(job_dir, "03_glossary_load", inputs={"job:02_tmdb/enrichment.json": None})
    assert decide(job_dir, "glossary_load").action == "keep"
    (job_dir / "02_tmdb").mkdir()
    (job_dir / "02_tmdb" / "enrichment.json").write_text("{}")
    assert decide(job_dir, "glossary_load").reason == "02_tmdb/enrichment.json changed"


def test_only_a_parameter_that_was_read_makes_a_stage_stale(
    job_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish_stage(job_dir, "01_demux", parameters={"AUDIO_LOSS_TOLERANCE": 0.02})
    monkeypatch.setenv("CP_ASR_BEAM_SIZE", "9")
    assert decide(job_dir, "demux").action == "keep"
    monkeypatch.setenv("CP_AUDIO_LOSS_TOLERANCE", "0.5")
    reason = "AUDIO_LOSS_TOLERANCE changed from 0.02 to 0.5"
    assert decide(job_dir, "demux") == Step("demux", "run", reason)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"job_fields": {"TITLE": "Another"}}, "title in job.json changed"),
        ({"parameters": {"KEY_OF_YESTERDAY": 1}}, "KEY_OF_YESTERDAY changed from 1 to None"),
        ({"code": {"shared/media/probe.py": "0" * 64}}, "shared/media/probe.py changed"),
        ({"code": {"shared/gone.py": "0" * 64}}, "shared/gone.py changed"),
        ({"environment_lock": "0" * 64}, "the environment common changed"),
        ({"environment": "llm"}, "it runs in environment common, was llm"),
        ({"inputs": {"media:/gone.mkv": "0" * 64}}, "/gone.mkv changed"),
        ({"inputs": {"project:glossary/gone.tsv": "0" * 64}}, "glossary/gone.tsv changed"),
    ],
)
def test_whatever_a_stage_depends_on_makes_it_stale(
    job_dir: Path, fields: dict[str, Any], reason: str
) -> None:
    finish_stage(job_dir, "01_demux", **fields)
    assert decide(job_dir, "demux") == Step("demux", "run", reason)


def test_another_tokenizer_makes_stale_what_used_its_model(job_dir: Path, tmp_path: Path) -> None:
    model, other = tmp_path / "model", tmp_path / "other"
    for folder in (model, other):
        folder.mkdir()
        for name in ("config.json", "model.bin", "tokenizer.json", "vocabulary.txt"):
            (folder / name).write_text("{}")
    for stage, folder in (("06_asr", model), ("07_alignment", model), ("10_translation", other)):
        inputs = {f"model:whisper/{folder}": model_identity(folder)}
        finish_stage(job_dir, stage, inputs=inputs, environment="whisperx")
    finish_stage(job_dir, "01_demux")
    stages = ["demux", "asr", "alignment", "translation"]
    assert [decide(job_dir, stage).action for stage in stages] == ["keep"] * 4
    (model / "tokenizer.json").write_text('{"merges": []}')
    assert [decide(job_dir, stage).action for stage in stages] == ["keep", "run", "run", "keep"]
    assert decide(job_dir, "asr").reason == f"the whisper model {model} changed"


def test_what_follows_a_stage_that_runs_is_announced(job_dir: Path) -> None:
    finish_chain(job_dir)
    steps = planner(job_dir, forced=("tmdb",)).plan(["demux", "tmdb", "glossary_load"])
    assert [(step.action, step.reason) for step in steps[1:]] == [
        ("run", "forced"),
        ("run", "if the result of tmdb changes"),
    ]
    assert steps[0].action == "keep"
    steps = planner(job_dir, forced=("demux",)).plan(["demux", "tmdb", "glossary_load"])
    assert [step.action for step in steps] == ["run", "keep", "keep"]


def test_a_selection_without_its_earlier_stages_is_refused(job_dir: Path) -> None:
    with pytest.raises(InputError, match="glossary_load cannot start: demux has not been done"):
        planner(job_dir).require_earlier_stages(["glossary_load"])
    finish_chain(job_dir)
    planner(job_dir).require_earlier_stages(["glossary_load"])


def test_a_broken_checkpoint_means_not_done(job_dir: Path) -> None:
    finish_chain(job_dir)
    (job_dir / ".checkpoints" / "demux.json").write_text("{")
    assert decide(job_dir, "demux").reason == "not done yet"


def test_a_selection_is_a_part_of_the_workflow() -> None:
    assert selected_stages("transcribe", Selection("asr", "alignment")) == ["asr", "alignment"]
    assert selected_stages("transcribe", Selection(last="tmdb")) == ["demux", "tmdb"]
    assert selected_stages("subtitle", Selection(first="mux")) == ["mux"]


@pytest.mark.parametrize(
    ("workflow", "selection", "cause"),
    [
        ("transcribe", Selection(last="mux"), "The workflow transcribe has no stage mux"),
        ("translate", Selection(first="mux"), "The workflow translate has no stage mux"),
        ("subtitle", Selection("mux", "asr"), "asr comes before mux"),
    ],
)
def test_an_impossible_selection_is_refused(
    workflow: str, selection: Selection, cause: str
) -> None:
    with pytest.raises(InputError, match=cause):
        selected_stages(workflow, selection)


def test_unknown_names_come_with_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        check_workflow("subtitel")
    assert caught.value.hint == "Did you mean subtitle?"
    with pytest.raises(InputError, match="'aser' .--from") as caught:
        check_stage("aser", "--from")
    assert caught.value.hint == "Did you mean asr?"
    with pytest.raises(InputError) as caught:
        check_stage("qqqq", "--to")
    assert "demux, tmdb" in caught.value.hint
    assert check_stage("all", "--force", also=("all",)) == "all"


def test_an_edited_output_is_kept_whatever_changed_unless_forced(
    job_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish_stage(job_dir, "01_demux", parameters={"AUDIO_LOSS_TOLERANCE": 0.02})
    (job_dir / "01_demux" / "out.json").write_text('{"edited": 1}')
    assert decide(job_dir, "demux") == Step("demux", "keep", "edited by hand: out.json", True)
    monkeypatch.setenv("CP_AUDIO_LOSS_TOLERANCE", "0.5")
    step = decide(job_dir, "demux")
    assert step.action == "keep" and "AUDIO_LOSS_TOLERANCE changed" in step.reason
    assert "--force demux" in step.reason
    assert decide(job_dir, "demux", forced=("demux",)).action == "run"


@pytest.mark.parametrize(
    ("name", "content", "how"),
    [
        ("out.json", b"", "empty"),
        ("out.json", bytes(20), "nothing but zeros"),
        ("sound.wav", b"RIFF half", "cut off"),
    ],
)
def test_an_output_that_nobody_can_have_edited_so_is_made_again(
    job_dir: Path, name: str, content: bytes, how: str
) -> None:
    (job_dir / "01_demux").mkdir()
    (job_dir / "01_demux" / name).write_text("RIFF, the content as the stage wrote it")
    finish_stage(job_dir, "01_demux", content="the content of the other file")
    (job_dir / "01_demux" / name).write_bytes(content)
    step = decide(job_dir, "demux")
    assert (step.action, step.reason) == ("run", f"its output {name} is {how}")


def test_sound_with_flipped_bytes_is_damage_and_no_edit(job_dir: Path) -> None:
    folder = job_dir / "01_demux"
    folder.mkdir()
    sound = folder / "audio.wav"
    sound.write_bytes(b"RIFF as the stage wrote it")
    finish_stage(job_dir, "01_demux")
    was = sound.stat()
    copied = folder / "copy"
    copied.write_bytes(b"RIFF as the stage wrOte it")
    os.utime(copied, ns=(was.st_atime_ns, was.st_mtime_ns))
    copied.replace(sound)
    assert decide(job_dir, "demux").reason == "its output audio.wav is not as it was written"
    # What a person edits as well is kept, and told.
    (folder / "out.json").write_text('{"edited": 1}')
    step = decide(job_dir, "demux")
    assert (step.action, step.edited) == ("keep", True)
    assert "kept although its output audio.wav is not as it was written" in step.reason


def test_another_place_of_the_same_film_or_another_engine_choice_changes_nothing(
    job_dir: Path,
) -> None:
    job = load_job(job_dir)
    media = job.media.model_dump(mode="json") | {"path": "/elsewhere.mkv", "audio_choice": "x"}
    resolved = dict(job.resolved) | {"TRANSLATION_ENGINE": "llm"}
    finish_stage(job_dir, "01_demux", job_fields={"MEDIA": media, "RESOLVED": resolved})
    assert decide(job_dir, "demux").action == "keep"
    finish_stage(job_dir, "01_demux", job_fields={"MEDIA": media | {"size": 1}})
    assert decide(job_dir, "demux").reason == "media in job.json changed"


def test_a_key_that_was_not_there_makes_a_stage_run(
    job_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish_stage(job_dir, "02_tmdb", status="skipped", parameters={"TMDB_API_KEY": False})
    assert decide(job_dir, "tmdb").action == "skip"
    monkeypatch.setenv("TMDB_API_KEY", "hush")
    assert decide(job_dir, "tmdb").reason == "TMDB_API_KEY changed from False to True"
