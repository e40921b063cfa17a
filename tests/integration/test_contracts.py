#!/usr/bin/env python3
"""
Contracts: what each stage hands on, checked on real output and with engines swapped by settings.

Every transcript, whoever made it, passes the same checks.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import BaseModel

from shared.core.paths import SPEECH_FIXTURES_DIR
from shared.environment_manager import EnvironmentManager
from shared.glossary.records import Glossary, RecognitionTerms, Terms, TranslationTerms
from shared.glossary.report import AdherenceReport
from shared.media.audio import SPEECH_RATE
from shared.media.probe import MediaInfo
from shared.media.speech_audio import SpeechAudio
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.stage_order import STAGE_ORDER, get_stage_dir
from shared.subtitles.base.finding import LintReport
from shared.transcript.records.schemas import SpeechSegments, Transcript, Translation
from shared.transcript.sound.sounds import SoundEvents
from tests.integration.conftest import FinishedJob, run_pipeline
from tests.support.engines import make_tiny_model
from tests.support.language_model import KEY, language_model, marked
from tests.support.media import ffmpeg
from tests.support.media_job import log_of, make_job, put, run_stage
from tests.support.media_job import segment as make_segment
from tests.support.media_job import transcript as make_transcript
from tests.support.tiny_models import HTDEMUCS_NAME, SEGMENT
from tests.support.tiny_translators import sentences, translated

pytestmark = pytest.mark.integration

FILES: dict[str, dict[str, type[BaseModel]]] = {
    "demux": {"media_info.json": MediaInfo},
    "glossary_load": {
        "glossary.json": Glossary,
        "recognition_terms.json": RecognitionTerms,
        "transcript_terms.json": Terms,
        "translation_terms_en.json": TranslationTerms,
    },
    "pyannote_vad": {"speech_segments.json": SpeechSegments},
    "asr": {"segments.json": Transcript},
    "alignment": {"segments_aligned.json": Transcript},
    "lyrics_detection": {"segments_lyrics.json": Transcript, "sounds.json": SoundEvents},
    "export_transcript": {
        "transcript.json": Transcript,
        "glossary_adherence.json": AdherenceReport,
    },
    "translation": {
        "segments_translated_en.json": Translation,
        "glossary_adherence.json": AdherenceReport,
    },
    "subtitle_generation": {"lint.json": LintReport},
}


def stage_file(job_dir: Path, stage: str, name: str) -> Path:
    """Return the path of a stage's file."""
    return job_dir / get_stage_dir(stage) / name


def read_transcript(job_dir: Path, stage: str) -> Transcript:
    """Return the transcript that a stage wrote, validated."""
    name = next(iter(FILES[stage]))
    return Transcript.model_validate_json(stage_file(job_dir, stage, name).read_bytes())


@pytest.mark.parametrize("stage", FILES)
def test_a_stage_writes_what_its_model_says(finished_job: FinishedJob, stage: str) -> None:
    for name, model in FILES[stage].items():
        text = stage_file(finished_job.job_dir, stage, name).read_text(encoding="utf-8")
        parsed = model.model_validate_json(text)
        assert model.model_validate_json(parsed.model_dump_json()) == parsed


@pytest.mark.parametrize("stage", STAGE_ORDER)
def test_a_manifest_names_what_is_there(finished_job: FinishedJob, stage: str) -> None:
    checkpoint = CheckpointManager(finished_job.job_dir).load_record(stage)
    assert checkpoint is not None
    folder = finished_job.job_dir / get_stage_dir(stage)
    there = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert set(checkpoint.outputs) == there
    assert all(checkpoint.outputs[name].matches(folder / name) for name in there)
    assert any(name.startswith("scripts/") for name in checkpoint.code)


def test_the_speech_sound_is_16_khz_mono_and_as_long_as_the_film(
    finished_job: FinishedJob,
) -> None:
    audio = SpeechAudio(stage_file(finished_job.job_dir, "demux", "audio.wav"))[:]
    assert len(audio) / SPEECH_RATE == pytest.approx(finished_job.film.duration, abs=0.1)


def test_stage_contract_asr(finished_job: FinishedJob) -> None:
    """ASR stage must output segments.json with required fields."""
    path = finished_job.job_dir / get_stage_dir("asr") / "segments.json"
    segments = json.loads(path.read_text(encoding="utf-8"))["segments"]
    required_fields = ["start", "end", "text", "confidence"]
    assert segments
    assert all(field in segment for field in required_fields for segment in segments)


def test_later_stages_drop_nothing(finished_job: FinishedJob) -> None:
    heard = read_transcript(finished_job.job_dir, "asr")
    for stage in ("alignment", "lyrics_detection", "export_transcript"):
        later = read_transcript(finished_job.job_dir, stage)
        assert [s.id for s in later.segments] == [s.id for s in heard.segments]
        assert [s.text for s in later.segments] == [s.text for s in heard.segments]
        assert later.quarantined == heard.quarantined


def test_no_reference_line_lies_outside_speech(finished_job: FinishedJob) -> None:
    path = stage_file(finished_job.job_dir, "pyannote_vad", "speech_segments.json")
    regions = SpeechSegments.model_validate_json(path.read_bytes()).regions
    for line in finished_job.film.lines:
        covered = sum(max(0.0, min(r.end, line.end) - max(r.start, line.start)) for r in regions)
        assert covered >= 0.8 * (line.end - line.start), line


@pytest.fixture(scope="module")
def short_film(demo_film_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stretch of the demo film with two English lines, as a file of its own."""
    target = tmp_path_factory.mktemp("short") / "Short (2026).mka"
    command = ["ffmpeg", "-v", "error", "-ss", "33.5", "-t", "7", "-i", str(demo_film_path)]
    subprocess.run([*command, "-vn", "-c:a", "flac", str(target)], check=True)
    return target


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes a folder with a tiny model, inside the environment that runs it."""

    def make(environment: str, kind: str, maker: str = "tiny_models.py") -> Path:
        return make_tiny_model(environment, kind, tmp_path_factory.mktemp(kind) / "model", maker)

    return make


# Each engine that may take another's place; what else may be set goes along with them.
SWAPS = {
    "silero, greedy search, no margin": {
        "VAD_ENGINE": "silero",
        "ASR_BEAM_SIZE": "1",
        "VAD_PAD": "0",
    },
    "pyannote, lines at once": {
        "VAD_ENGINE": "pyannote",
        "BATCH_SIZE": "4",
        "ASR_MAX_GAP": "0.2",
    },
    "float32, glossary words": {"COMPUTE_TYPE": "float32", "ASR_HOTWORDS_LENGTH": "200"},
}


@pytest.mark.parametrize("settings", SWAPS.values(), ids=SWAPS)
def test_the_same_contract_with_another_engine(
    short_film: Path, tmp_path: Path, settings: dict[str, str]
) -> None:
    transcript = transcribe(short_film, tmp_path, settings)
    assert "storm begins" in " ".join(s.text for s in transcript.segments)


# Engine, its environment, its name in the transcript, its module. Words of the line that all must
# hear.
ASR_ENGINES = (
    ("whisperx", "whisperx", "faster-whisper", "whisperx_integration"),
    ("whisperx-batched", "whisperx", "whisperx", "whisper/whisperx_batched_integration"),
    ("mlx", "mlx", "mlx-whisper", "whisper/mlx/mlx_integration"),
)
SHORT_LINE, SHORT_TEXT = "en-02.opus", "I will wait here until the morning"


@pytest.mark.parametrize(("engine", "environment", "named", "module"), ASR_ENGINES)
def test_recognition_by_every_engine(
    tmp_path: Path, engine: str, environment: str, named: str, module: str
) -> None:
    EnvironmentManager().require(environment)
    done = run_pipeline(
        *("transcribe", SPEECH_FIXTURES_DIR / SHORT_LINE, "-s", "en", "--to", "asr"),
        *("--set", f"ASR_ENGINE={engine}", "--set", "WHISPER_MODEL=base"),
        cwd=tmp_path,
        output_root=tmp_path / "out",
    )
    assert done.returncode == 0, done.stderr
    (job_file,) = (tmp_path / "out").rglob("job.json")
    transcript = read_transcript(job_file.parent, "asr")
    check_transcript(transcript)
    assert (transcript.engine, transcript.model) == (named, "base")
    heard = " ".join(s.text for s in transcript.segments)
    assert SHORT_TEXT.lower() in heard.lower().replace(",", "")
    for segment in transcript.segments:
        assert segment.text.split() == [word.text for word in segment.words]
        assert all(word.confidence is not None for word in segment.words)
        assert segment.no_speech_probability is not None
        assert segment.compression_ratio is not None
    record = CheckpointManager(job_file.parent).load_record("asr")
    assert record is not None and record.environment == environment
    assert f"scripts/{module}.py" in record.code
    assert record.warnings == []


@pytest.fixture(scope="module")
def two_voices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people in turn: lines of the two English voices, with pauses between them."""
    target = tmp_path_factory.mktemp("voices") / "Two (2026).mka"
    lines = [SPEECH_FIXTURES_DIR / f"en-0{number}.opus" for number in (1, 2, 3, 4)]
    inputs = [part for line in lines for part in ("-i", str(line))]
    padded = "".join(f"[{n}]apad=pad_dur=0.5[p{n}];" for n in range(len(lines)))
    names = "".join(f"[p{n}]" for n in range(len(lines)))
    joined = f"{padded}{names}concat=n={len(lines)}:v=0:a=1"
    command = ["ffmpeg", "-v", "error", *inputs, "-filter_complex", joined, "-c:a", "flac"]
    subprocess.run([*command, str(target)], check=True)
    return target


def test_two_voices_are_told_apart_up_to_the_exported_text(
    two_voices: Path, tmp_path: Path
) -> None:
    transcript = transcribe(two_voices, tmp_path, {"DIARIZATION": "embedding"})
    said = {one.speaker: "" for one in transcript.segments}
    for one in transcript.segments:
        said[one.speaker] += one.text.lower()
    assert set(said) == {"SPEAKER_00", "SPEAKER_01"}
    assert "captain" in said["SPEAKER_00"] and "storm" in said["SPEAKER_00"]
    assert "morning" in said["SPEAKER_01"] and "last night" in said["SPEAKER_01"]
    (job_file,) = (tmp_path / "out").rglob("job.json")
    text = stage_file(job_file.parent, "export_transcript", "transcript.txt").read_text("utf-8")
    assert text.count("SPEAKER_00:") == text.count("SPEAKER_01:") == 2


@pytest.mark.parametrize("engine", ["auto", "mms"])
def test_a_ctc_model_times_the_words(
    short_film: Path, tmp_path: Path, tiny_model: Callable[..., Path], engine: str
) -> None:
    folder = tiny_model("whisperx", "wav2vec2")
    settings = {"ALIGNMENT_MODEL": str(folder), "ALIGNMENT_ENGINE": engine}
    transcript = transcribe(short_film, tmp_path, settings)
    assert "storm begins" in " ".join(s.text for s in transcript.segments)
    by = "mms" if engine == "mms" else "wav2vec2"
    assert by in {word.source for s in transcript.segments for word in s.words}


def test_attention_times_a_text_that_somebody_wrote(short_film: Path, tmp_path: Path) -> None:
    transcribe(short_film, tmp_path, {"ALIGNMENT_ENGINE": "attention"})
    (job_file,) = (tmp_path / "out").rglob("job.json")
    path = stage_file(job_file.parent, "asr", "segments.json")
    heard = read_transcript(job_file.parent, "asr")
    for one in heard.segments:
        one.words = []
    path.write_text(heard.model_dump_json(), encoding="utf-8")
    done = run_pipeline("transcribe", job_file.parent, cwd=tmp_path, output_root=tmp_path / "out")
    assert done.returncode == 0, done.stderr
    transcript = checked_transcript(job_file.parent)
    assert [s.text for s in transcript.segments] == [s.text for s in heard.segments]
    assert "attention" in {word.source for s in transcript.segments for word in s.words}


def test_the_centre_channel_is_taken_where_there_is_one(short_film: Path, tmp_path: Path) -> None:
    noise = "anoisesrc=a=0.3:c=pink:d=7:r=48000[n];[n]asplit=5[a][b][c][d][e]"
    voice = "[0:a]aresample=48000,pan=mono|c0=0.5*c0+0.5*c1[v]"
    order = "|".join(f"c{n}=c{n}" for n in range(6))
    joined = f"[a][b][v][c][d][e]amerge=inputs=6,pan=5.1|{order}[m]"
    surround = tmp_path / "Surround (2026).mka"
    ffmpeg(
        *("-i", short_film, "-filter_complex", f"{noise};{voice};{joined}"),
        *("-map", "[m]", "-t", 7, "-c:a", "flac", surround),
    )
    transcript = transcribe(surround, tmp_path, {"SOURCE_SEPARATION": "center"})
    assert "storm begins" in " ".join(s.text for s in transcript.segments)
    (job_file,) = (tmp_path / "out").rglob("job.json")
    record = CheckpointManager(job_file.parent).load_record("source_separation")
    assert record is not None and record.summary == {"method": "center"}


def test_demucs_separates_the_voice(
    short_film: Path, tmp_path: Path, tiny_model: Callable[..., Path]
) -> None:
    # Random weights leave no speech: only the files' contract can be judged here.
    settings = {"SOURCE_SEPARATION": "demucs", "DEMUCS_SEGMENT": str(SEGMENT)}
    settings |= {
        "DEMUCS_REPO": str(tiny_model("demucs", "htdemucs")),
        "DEMUCS_MODEL": HTDEMUCS_NAME,
    }
    transcribe(short_film, tmp_path, settings)
    (job_file,) = (tmp_path / "out").rglob("job.json")
    whole = SpeechAudio(stage_file(job_file.parent, "demux", "audio.wav"))[:]
    vocals = SpeechAudio(stage_file(job_file.parent, "source_separation", "vocals.wav"))[:]
    assert abs(len(vocals) - len(whole)) <= 1
    assert CheckpointManager(job_file.parent).load_record("asr").inputs.keys() >= {
        "job:04_source_separation/vocals.wav"
    }


def test_a_language_model_translates_when_settings_say_so(
    short_film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLM_API_KEY", KEY)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with language_model(["short", "garbage"], rate=0.5) as service:
        settings = {"TRANSLATION_ENGINE": "llm", "LLM_MODEL": "marker"}
        settings |= {"LLM_BASE_URL": service.openai_url}
        done = run_pipeline(
            *("translate", short_film, "-s", "en", "-t", "de"),
            *(part for pair in settings.items() for part in ("--set", "=".join(pair))),
            cwd=tmp_path,
            output_root=tmp_path / "out",
        )
        assert done.returncode == 0, done.stderr
        assert service.keys == {KEY}
    (job_file,) = (tmp_path / "out").rglob("job.json")
    path = stage_file(job_file.parent, "translation", "segments_translated_de.json")
    translation = Translation.model_validate_json(path.read_bytes())
    segments = read_transcript(job_file.parent, "lyrics_detection").segments
    assert segments and [line.id for line in translation.lines] == [s.id for s in segments]
    for line, segment in zip(translation.lines, segments, strict=True):
        assert (line.status, line.text) == ("translated", marked(segment.text)), line
        assert (line.engine, line.source_text) == ("llm", segment.text)
    record = CheckpointManager(job_file.parent).load_record("translation")
    assert record is not None and record.environment == "llm"
    assert "scripts/translators/llm_integration.py" in record.code
    assert record.summary["by_engine"] == {"llm": len(segments)}
    for file in job_file.parent.rglob("*"):
        assert not file.is_file() or KEY.encode() not in file.read_bytes(), file


def test_a_term_with_five_spellings_has_its_preferred_form_from_end_to_end(
    short_film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One job of all stages; what was heard is edited, so that the spellings are sure to come."""
    monkeypatch.setenv("LLM_API_KEY", KEY)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    spellings = ("Veeroo", "Viru", "Beeru", "Weeru", "Veerou")
    glossary = tmp_path / "terms.tsv"
    glossary.write_text(
        f"source\tpreferred\talternatives\nVeeru\tVeeru\t{'|'.join(spellings)}\n", "utf-8"
    )
    with language_model(["short", "garbage", "429"], rate=0.3) as service:
        settings = {"TRANSLATION_ENGINE": "llm", "LLM_MODEL": "marker", "LYRICS_ENABLED": "false"}
        settings |= {"LLM_BASE_URL": service.openai_url, "GLOSSARY_FILES": str(glossary)}
        given = [part for pair in settings.items() for part in ("--set", "=".join(pair))]
        arguments = ("subtitle", short_film, "-s", "en", "-t", "de", *given, "--to", "asr")
        places: dict[str, Path] = {"cwd": tmp_path, "output_root": tmp_path / "out"}
        assert run_pipeline(*arguments, **places).returncode == 0
        (job_file,) = (tmp_path / "out").rglob("job.json")
        job_dir = job_file.parent
        heard = read_transcript(job_dir, "asr")
        for number, one in enumerate(heard.segments):
            said = spellings[number :: len(heard.segments)]
            one.text, one.words = " ".join(f"And {name} came home." for name in said), []
        path = stage_file(job_dir, "asr", "segments.json")
        path.write_text(heard.model_dump_json(), encoding="utf-8")
        done = run_pipeline("subtitle", job_dir, **places)
        assert done.returncode == 0, done.stderr
    for stage, name in (
        ("export_transcript", "transcript.txt"),
        ("translation", "segments_translated_de.json"),
        ("subtitle_generation", "*.en.srt"),
        ("subtitle_generation", "*.de.srt"),
    ):
        (file,) = (job_dir / get_stage_dir(stage)).glob(name)
        text = file.read_text(encoding="utf-8")
        if stage == "translation":
            text = " ".join(line.text for line in Translation.model_validate_json(text).lines)
        assert text.count("Veeru") == len(spellings), text
        assert not [name for name in spellings if name in text or name[::-1] in text], text
    report = AdherenceReport.model_validate_json(
        stage_file(job_dir, "translation", "glossary_adherence.json").read_bytes()
    )
    (term,) = report.terms
    assert (term.transcript.due, term.transcript.preferred) == (len(spellings),) * 2
    assert (term.translations["de"].due, term.translations["de"].preferred) == (len(spellings),) * 2


@pytest.mark.parametrize(
    ("engine", "setting"), [("nllb", "NLLB_MODEL"), ("indictrans2", "INDICTRANS2_MODELS")]
)
def test_a_translation_model_translates_when_settings_say_so(
    engine: str,
    setting: str,
    short_film: Path,
    tmp_path: Path,
    tiny_model: Callable[..., Path],
) -> None:
    folder = tiny_model(engine, engine, "tiny_translators.py")
    texts = sentences(30, seed=5)
    settings = {"TRANSLATION_ENGINE": engine, setting: str(folder)}
    job_dir = make_job(tmp_path, short_film, source="hi", targets=("en",), **settings)
    lines = [make_segment(n, n * 2.0, n * 2.0 + 1.5, text) for n, text in enumerate(texts)]
    lines = [line.model_copy(update={"language": "hi"}) for line in lines]
    put(job_dir, "lyrics_detection", "segments_lyrics.json", make_transcript(*lines, language="hi"))
    assert run_stage(job_dir, "translation").status == "done", log_of(job_dir, "translation")
    path = stage_file(job_dir, "translation", "segments_translated_en.json")
    made = Translation.model_validate_json(path.read_bytes())
    assert [(line.id, line.source_text) for line in made.lines] == list(enumerate(texts))
    assert {(line.status, line.engine) for line in made.lines} == {("translated", engine)}
    right = [line.text == translated(line.source_text) for line in made.lines]
    assert sum(right) >= 0.9 * len(right)
    record = CheckpointManager(job_dir).load_record("translation")
    assert record is not None and f"scripts/translators/{engine}_integration.py" in record.code
    assert f"model:{engine}/{folder}" in record.inputs


def transcribe(film: Path, folder: Path, settings: dict[str, str]) -> Transcript:
    """Run the workflow transcribe with settings; return the aligned transcript, checked."""
    done = run_pipeline(
        *("transcribe", film, "-s", "en"),
        *(part for pair in settings.items() for part in ("--set", "=".join(pair))),
        cwd=folder,
        output_root=folder / "out",
    )
    assert done.returncode == 0, done.stderr
    (job_file,) = (folder / "out").rglob("job.json")
    return checked_transcript(job_file.parent)


def checked_transcript(job_dir: Path) -> Transcript:
    """Return the aligned transcript of a job in English, checked."""
    transcript = read_transcript(job_dir, "alignment")
    check_transcript(transcript)
    return transcript


def check_transcript(transcript: Transcript) -> None:
    """Check what holds for every English transcript, whoever made it."""
    for segment in transcript.segments:
        times = [t for word in segment.words for t in (word.start, word.end)]
        assert times and times == sorted(times)
        assert segment.start <= times[0] and times[-1] <= segment.end
        assert 0 <= segment.confidence <= 1 and segment.language == "en"
