#!/usr/bin/env python3
"""
Memory: engines that really run out of it, or whose device is not there, step down and finish.

Every test is a job through ./run-pipeline.sh; the limit is that of the stage's processes together.
Each rung in every place: tests/integration/programs/test_fallback_ladder.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from shared.core.paths import SPEECH_FIXTURES_DIR
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.output_file import describe_outputs
from shared.pipeline.job.record.manifest import Checkpoint
from shared.stage_order import STAGE_ORDER, get_stage_dir
from shared.transcript.records.schemas import SpeechRegion, SpeechSegments
from tests.integration.conftest import run_pipeline
from tests.support.checkpoints import make_checkpoint
from tests.support.engines import make_tiny_model
from tests.support.jobs import make_job
from tests.support.media import ffmpeg
from tests.support.media_job import output, put, segment, transcript

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        sys.platform != "linux", reason="what memory is shared is told on Linux alone"
    ),
]

# Threads take memory too: the same number everywhere.
THREADS = {"OMP_NUM_THREADS": "2", "NUM_THREADS": "2"}
# MiB that the stage of translation has enough of, and not its engine, a process of its own (500).
SECOND_PROCESS_MEMORY = "300"
# MiB with which the segmentation network hears 4 windows at once and not 16.
WINDOWS_MEMORY = "250"
# MiB with which a tiny wav2vec2 hears two minutes (770) and not ten (1050).
MINUTE_MEMORY = "830"


def record(job_dir: Path, stage: str) -> Checkpoint:
    """Return the checkpoint of a finished stage."""
    found = CheckpointManager(job_dir).load_record(stage)
    assert found is not None
    return found


def run_again(job_dir: Path, stage: str, **settings: str) -> Checkpoint:
    """Run one stage of a job with other settings; return its record."""
    done = run_pipeline(
        *("translate", job_dir, "--only", stage, "--force", "all"),
        cwd=job_dir.parent,
        output_root=job_dir.parent,
        **THREADS,
        **settings,
    )
    assert done.returncode == 0, done.stderr
    found = record(job_dir, stage)
    assert all(warning in done.stderr for warning in found.warnings[:1])
    return found


def start_job(folder: Path, lines: list[Path], last: str, memory: str) -> Path:
    """Run a job in float32 on spoken lines up to a stage; return its directory."""
    inputs = [part for line in lines for part in ("-i", line)]
    joined = ("-filter_complex", f"concat=n={len(lines)}:v=0:a=1", "-c:a", "flac")
    ffmpeg(*inputs, *joined, folder / "film.mka")
    done = run_pipeline(
        *("translate", folder / "film.mka", "-s", "de", "-t", "en", "--to", last),
        cwd=folder,
        output_root=folder / "out",
        COMPUTE_TYPE="float32",
        STAGE_MEMORY_MB=memory,
        **THREADS,
    )
    assert done.returncode == 0, done.stderr
    (job_file,) = (folder / "out").rglob("job.json")
    return job_file.parent


@pytest.fixture(scope="module")
def whisper_memory(finished: Path) -> str:
    """MiB with which Whisper base hears in int8 and not in float32, on this processor."""
    most = {}
    for number_format in ("float32", "int8"):
        found = run_again(finished, "asr", COMPUTE_TYPE=number_format, BATCH_SIZE="1")
        most[number_format] = found.peak_memory_mb
    return str(round((most["int8"] + most["float32"]) / 2))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A job up to its transcript. Its lines fill a window: less sound takes less memory."""
    lines = sorted(SPEECH_FIXTURES_DIR.glob("de-*.opus"))
    return start_job(tmp_path_factory.mktemp("memory"), lines, "export_transcript", "0")


def test_recognition_steps_down_to_int8(finished: Path, whisper_memory: str) -> None:
    found = run_again(finished, "asr", COMPUTE_TYPE="float32", STAGE_MEMORY_MB=whisper_memory)
    assert [one.rung for one in found.rungs] == [
        f"cpu, float32, batch {size}, chunks of 29.5 s" for size in (4, 1)
    ]
    assert all(f" of the {whisper_memory} MiB it may take" in one.reason for one in found.rungs)
    assert found.attempt == len(found.rungs) + 1 and found.summary["segments"] >= 1
    assert found.warnings[0].startswith("Works with cpu, int8")


def test_translation_steps_down_ends_with_its_line_and_goes_on_with_more(tmp_path: Path) -> None:
    lines = [SPEECH_FIXTURES_DIR / f"de-0{number}.opus" for number in (1, 2)]
    job_dir = start_job(tmp_path, lines, "export_transcript", "0")
    job = ("translate", job_dir, "--to", "translation")
    place = {"cwd": tmp_path, "output_root": tmp_path / "out", "COMPUTE_TYPE": "float32", **THREADS}
    # The stage itself takes less: what counts is the engine's own process.
    done = run_pipeline(*job, **place, STAGE_MEMORY_MB=SECOND_PROCESS_MEMORY)
    assert done.returncode == 3
    assert f"MiB of the {SECOND_PROCESS_MEMORY} MiB it may take" in done.stderr
    log = (job_dir / "logs" / "10_translation.log").read_text(encoding="utf-8")
    assert "with cpu, int8, batch 1, after failing with cpu, float32, batch 16" in log
    done = run_pipeline(*job, **place, STAGE_MEMORY_MB="0")
    assert done.returncode == 0, done.stderr
    found = record(job_dir, "translation")
    assert not found.rungs and found.summary["by_engine"]["whisper"] >= 1


def test_speech_detection_hears_fewer_windows_at_once(finished: Path, tmp_path: Path) -> None:
    sound = output(finished, "demux", "audio.wav")
    # Longer than 16 windows: the same lines again and again.
    ffmpeg("-stream_loop", 5, "-i", sound, "-c", "copy", tmp_path / "long.wav")
    (tmp_path / "long.wav").replace(sound)
    found = run_again(
        finished,
        "pyannote_vad",
        VAD_ENGINE="pyannote",
        STAGE_MEMORY_MB=WINDOWS_MEMORY,
    )
    assert found.rungs[0].rung == "cpu, float32, batch 16"
    assert found.attempt == len(found.rungs) + 1 and found.summary["regions"] >= 2


def test_recognition_goes_on_without_the_gpu_that_is_gone(finished: Path) -> None:
    found = run_again(finished, "asr", DEVICE="cuda", COMPUTE_TYPE="float16")
    assert [one.rung for one in found.rungs] == ["cuda, float16, batch 4, chunks of 29.5 s"]
    assert found.warnings[0].startswith("Works with cpu, int8, batch 1, chunks of 1")
    assert found.summary["segments"] >= 1


def hand_made_job(tmp_path: Path, minutes: int) -> Path:
    """Return a job done up to asr: minutes of noise, each with a line that somebody wrote."""
    noise = ("-f", "lavfi", "-i", f"anoisesrc=d={60 * minutes}:r=16000:a=0.1")
    ffmpeg(*noise, "-c:a", "flac", tmp_path / "film.mka")
    job_dir = make_job(tmp_path / "film.mka", source="en")
    lines = [segment(n, 60 * n, 60 * n + 59, "please tell me when it ends") for n in range(minutes)]
    regions = [SpeechRegion(start=one.start, end=one.end, score=0.9) for one in lines]
    speech = SpeechSegments(engine="silero", audio_duration=60 * minutes, regions=regions)
    put(job_dir, "pyannote_vad", "speech_segments.json", speech)
    put(job_dir, "asr", "segments.json", transcript(*lines, audio_duration=60 * minutes))
    output(job_dir, "demux", "").mkdir()
    ffmpeg("-i", tmp_path / "film.mka", "-ac", 1, output(job_dir, "demux", "audio.wav"))
    for stage in STAGE_ORDER[: STAGE_ORDER.index("alignment")]:
        folder = job_dir / get_stage_dir(stage)
        outputs = describe_outputs(folder) if folder.exists() else {}
        status = "done" if outputs else "skipped"
        CheckpointManager(job_dir).save_record(
            make_checkpoint(stage, status=status, outputs=outputs)
        )
    return job_dir


def test_alignment_hears_fewer_lines_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_OUTPUT_ROOT", str(tmp_path / "out"))
    folder = make_tiny_model("whisperx", "wav2vec2-layer", tmp_path / "model")
    found = run_again(
        hand_made_job(tmp_path, minutes=20),
        "alignment",
        ALIGNMENT_MODEL=str(folder),
        ALIGNMENT_BATCH_SIZE="10",
        ALIGNMENT_CHUNK_LENGTH="60",
        STAGE_MEMORY_MB=MINUTE_MEMORY,
    )
    ladder = [f"cpu, batch {size}, chunks of 60 s" for size in (10, 2, 1)]
    assert found.rungs and [one.rung for one in found.rungs] == ladder[: len(found.rungs)]
    assert all("MiB it may take" in one.reason for one in found.rungs)
    assert found.summary["sources"] == {"wav2vec2": 120}


def test_alignment_goes_on_without_the_gpu_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CP_OUTPUT_ROOT", str(tmp_path / "out"))
    folder = make_tiny_model("whisperx", "wav2vec2", tmp_path / "model")
    job_dir = hand_made_job(tmp_path, minutes=1)
    found = run_again(job_dir, "alignment", ALIGNMENT_MODEL=str(folder), DEVICE="cuda")
    assert [one.rung.split(",")[0] for one in found.rungs] == ["cuda"]
    assert found.warnings[0].startswith("Works with cpu, batch 1")


def test_nothing_is_tried_again_where_memory_suffices(finished: Path) -> None:
    assert record(finished, "demux").rungs == []
    assert record(finished, "lyrics_detection").attempt == 1
