#!/usr/bin/env python3
"""
Recognition engines: pyannote, Silero and Whisper, run for real on short speech.

Skipped where the engines are not; test_engines.py runs this file inside venv/whisperx. Speech is
synthesised by ffmpeg's flite.

Usage:
    ./tests/run-tests.sh tests/integration/test_asr_engines.py
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import wave
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scripts.speech.regions import detection_rules
from shared.core.machine.cgroup import usable_cpus
from shared.core.settings import PipelineConfig
from tests.support.sounds import RATE, beat, music, noise, pcm, say, tune

ENGINES = importlib.util.find_spec("faster_whisper") is not None
FIRST = "Good evening, Captain. The last boat has already left the harbour."
SECOND = "I will wait here until the morning."
THREADS = min(2, usable_cpus())
GERMAN = Path(__file__).parents[1] / "fixtures" / "speech"

pytestmark = pytest.mark.integration
inside = pytest.mark.skipif(not ENGINES, reason="runs inside venv/whisperx, see test_engines.py")


def nothing(_: float) -> None:
    """Take a progress report."""


def write_wav(path: Path, audio: Any) -> Path:
    """Write sound as the stages hand it on; return the path."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, len(audio), "NONE", ""))
        file.writeframes((np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def silence(seconds: float) -> Any:
    return np.zeros(int(seconds * RATE), np.float32)


@pytest.fixture(scope="module")
def speech() -> Any:
    """Two sentences with 6 s of silence between them, and the times where they lie."""
    first, second = say(FIRST, "slt"), say(SECOND, "rms")
    audio = np.concatenate([silence(1.0), first, silence(6.0), second, silence(1.0)])
    start = 7.0 + len(first) / RATE
    return audio, (1.0, 1.0 + len(first) / RATE), (start, start + len(second) / RATE)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module", params=["whisperx", "whisperx-batched"])
def recogniser(request: pytest.FixtureRequest) -> Any:
    """Whisper base from its packages, in each engine that runs here."""
    from shared.models.store import require_model

    if request.param == "whisperx":
        from scripts.whisperx_integration import load_model
    else:
        from scripts.whisper.whisperx_batched_integration import load_model

    folder = require_model("whisper", "base")
    return load_model(folder, device="cpu", compute_type="int8", threads=THREADS, name="base")


def detect(engine: str, audio: Any, cache: Path) -> Any:
    """Return the speech segments that an engine finds."""
    rules = detection_rules(PipelineConfig())
    if engine == "pyannote":
        from scripts.speech.pyannote_integration import detect_speech as pyannote

        return pyannote(audio, rules, weights=None, cache_dir=cache, progress=nothing)
    from scripts.speech.silero_integration import detect_speech as silero

    return silero(audio, rules, progress=nothing)


def options(**changes: Any) -> Any:
    from scripts.whisperx_integration import DecodeOptions

    values: dict[str, Any] = {
        "language": "en",
        "multilingual": False,
        "beam_size": 5,
        "temperatures": (0.0, 0.2, 0.4),
        "chunk_length": 28.0,
        "max_gap": 2.0,
        "context": 0.2,
        "max_pause": 1.0,
        "max_segment": 15.0,
    }
    return DecodeOptions(**(values | changes))


@pytest.fixture(scope="module")
def heard(recogniser: Any, speech: Any, cache: Path) -> Any:
    """The transcript of the two sentences, and the regions."""
    regions = detect("silero", speech[0], cache).regions
    return recogniser.transcribe(speech[0], regions, options(), progress=nothing), regions


@inside
@pytest.mark.parametrize("engine", ["pyannote", "silero"])
def test_speech_is_found_where_it_is_and_nowhere_else(
    engine: str, speech: Any, cache: Path
) -> None:
    audio, *sentences = speech
    found = detect(engine, audio, cache)
    assert found.engine == engine
    for start, end in sentences:
        inside_it = [r for r in found.regions if r.end > start and r.start < end]
        assert sum(r.duration for r in inside_it) > 0.7 * (end - start)
        assert abs(inside_it[0].start - start) < 0.3
    spoken = sum(r.duration for r in found.regions)
    assert spoken < 1.25 * sum(end - start for start, end in sentences)
    assert all(r.score > 0.5 for r in found.regions)


@inside
@pytest.mark.parametrize("engine", ["pyannote", "silero"])
def test_no_speech_in_silence_and_noise(engine: str, cache: Path) -> None:
    noise = pcm("-f", "lavfi", "-i", "anoisesrc=c=pink:d=12:a=0.2:seed=5")
    whisper_quiet = 1e-6 * np.random.default_rng(1).standard_normal(12 * RATE)
    for audio in (silence(12.0), noise, whisper_quiet.astype(np.float32), silence(0.0)):
        assert detect(engine, audio, cache).regions == []


@inside
def test_the_exported_network_is_used_again_and_agrees_with_torch(
    speech: Any, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnx", reason="nothing is exported without onnx")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    from scripts.runtime.audio_frames import mute_silence
    from scripts.runtime.onnx_network import torch_runner
    from scripts.speech import pyannote_integration as pyannote

    weights = pyannote.find_weights(None)
    # Another test may have exported it already, before this user's cache was another one.
    for old in cache.glob("pyannote-*.onnx"):
        old.unlink()
    exported = pyannote.open_network(weights, cache)
    files = list(cache.glob("pyannote-*.onnx"))
    assert len(files) == 1
    module, window = pyannote._load_with_torch(weights)
    assert exported.window == window
    direct = pyannote.Network(torch_runner(module), window)
    # In digital silence the network normalises rounding noise: only what is heard is compared.
    ours, theirs = (
        mute_silence(
            pyannote.speech_probabilities(network, speech[0], nothing),
            speech[0],
            frame=pyannote.FRAME,
            floor_db=-70.0,
        )
        for network in (exported, direct)
    )
    assert np.abs(ours - theirs).max() < 0.01
    other_checkout = tmp_path / "models"
    for folder in (cache, other_checkout):
        code = (
            "import sys; from pathlib import Path; "
            "from scripts.speech import pyannote_integration as p; "
            f"p.open_network(p.find_weights(None), Path({str(folder)!r}));"
            "print('torch' in sys.modules)"
        )
        again = subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert again.stdout.strip() == "False"
    assert (other_checkout / files[0].name).read_bytes() == files[0].read_bytes()


@inside
def test_both_sentences_are_heard_with_words_in_their_places(speech: Any, heard: Any) -> None:
    transcript, regions = heard
    _, first, second = speech
    text = " ".join(one.text for one in transcript.segments).lower()
    for word in ("captain", "boat", "wait", "morning"):
        assert word in text
    for segment in transcript.segments:
        assert segment.words and segment.text.split() == [w.text for w in segment.words]
        assert 0.3 < segment.confidence <= 1.0 and segment.language == "en"
    words = [word for segment in transcript.segments for word in segment.words]
    for word in words:
        middle = (word.start + word.end) / 2
        assert any(start - 0.3 <= middle <= end + 0.3 for start, end in (first, second))
    waiting = next(word for word in words if "wait" in word.text)
    assert second[0] <= waiting.start < second[0] + 1.0
    assert transcript.quarantined == [] and transcript.coverage.share > 0.97
    missing = sum(span.duration for span in transcript.regions_without_text)
    assert missing == pytest.approx(transcript.coverage.without_text_seconds, abs=0.01)


@inside
def test_recognition_is_the_same_every_time(recogniser: Any, speech: Any, heard: Any) -> None:
    again = recogniser.transcribe(speech[0], heard[1], options(), progress=nothing)
    assert again == heard[0]


@inside
@pytest.mark.parametrize("recogniser", ["whisperx"], indirect=True)
def test_several_chunks_at_once_give_the_same_text(
    recogniser: Any, speech: Any, heard: Any
) -> None:
    from scripts.whisperx_integration import Recogniser

    short = replace(options(), chunk_length=5.0)
    alone = recogniser.transcribe(speech[0], heard[1], short, progress=nothing)
    calls: list[int] = []
    network = recogniser.engine.model

    class Counting:
        def __getattr__(self, name: str) -> Any:
            return getattr(network, name)

        def generate(self, *arguments: Any, **options: Any) -> Any:
            found = network.generate(*arguments, **options)
            calls.append(len(found))
            return found

    recogniser.engine.model = Counting()
    try:
        together = Recogniser(recogniser.engine, "base", batch_size=4)
        shares: list[float] = []
        found = together.transcribe(speech[0], heard[1], short, progress=shares.append)
    finally:
        recogniser.engine.model = network
    assert calls and calls[0] == 2 and alone.segments
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert [one.text for one in found.segments] == [one.text for one in alone.segments]
    for ours, theirs in zip(found.segments, alone.segments, strict=True):
        assert ours.confidence == pytest.approx(theirs.confidence, abs=0.02)
        for a, b in zip(ours.words, theirs.words, strict=True):
            assert abs(a.start - b.start) < 0.1 and abs(a.end - b.end) < 0.1


@inside
def test_progress_rises_to_one(recogniser: Any, speech: Any, heard: Any) -> None:
    shares: list[float] = []
    recogniser.transcribe(speech[0], heard[1], options(), progress=shares.append)
    assert shares == sorted(shares) and shares[-1] == 1.0 and len(shares) >= 2


@inside
def test_what_is_invented_over_noise_is_quarantined(recogniser: Any) -> None:
    from shared.transcript.records.schemas import SpeechRegion

    noise = pcm("-f", "lavfi", "-i", "anoisesrc=c=pink:d=12:a=0.2:seed=5")
    regions = [SpeechRegion(start=0.0, end=12.0, score=0.5)]
    found = recogniser.transcribe(noise, regions, options(), progress=nothing)
    assert found.segments == []
    covered = sum(s.duration for s in found.regions_without_text)
    covered += sum(s.duration for s in found.quarantined)
    assert covered > 9.0
    assert all(one.evidence for one in found.quarantined)


@inside
def test_what_is_invented_over_music_is_quarantined(recogniser: Any) -> None:
    from shared.transcript.records.schemas import SpeechRegion

    regions = [SpeechRegion(start=1.0, end=9.0, score=0.8)]
    found = recogniser.transcribe(music(10.0), regions, options(), progress=nothing)
    assert found.segments == []
    assert found.coverage.text_seconds == 0.0
    assert found.coverage.quarantined_seconds + found.coverage.without_text_seconds > 7.7


@inside
def test_music_noise_and_silence_give_no_line(recogniser: Any, cache: Path) -> None:
    parts = (music(6.0), tune(6.0), silence(3.0), beat(6.0), noise(5.0, 1.0), noise(4.0, 2.0))
    audio = np.concatenate(parts)
    regions = detect("pyannote", audio, cache).regions
    found = recogniser.transcribe(audio, regions, options(), progress=nothing)
    assert found.segments == []
    assert found.coverage.speech_seconds == pytest.approx(
        found.coverage.quarantined_seconds + found.coverage.without_text_seconds, abs=0.01
    )


@inside
@pytest.mark.parametrize("recogniser", ["whisperx"], indirect=True)
def test_speech_without_text_is_heard_again(recogniser: Any, speech: Any, cache: Path) -> None:
    from scripts.whisper.decode import Chunk, decode_chunk
    from scripts.whisper.second_pass import run_second_pass
    from shared.transcript.recognition.transcribed import TranscriptBuilder

    audio, first, second = speech
    regions = detect("silero", audio, cache).regions
    wanted = options()
    builder = TranscriptBuilder(
        regions=regions, limits=wanted.limits, prompt="", max_pause=wanted.word_pause
    )
    chunks = [
        Chunk(tuple(r for r in regions if r.start < end and r.end > start), "en", start, end)
        for start, end in ((first[0] - 0.3, first[1] + 0.3), (second[0] - 0.3, second[1] + 0.3))
    ]
    # The first sentence was heard, the second one was not.
    units = decode_chunk(recogniser.whisper, audio, chunks[0], wanted)
    builder.add(units, "en", start=chunks[0].start, end=chunks[0].end)
    lost = builder.worth_second_pass()
    assert lost and all(span.start > second[0] - 0.3 for span in lost)
    run_second_pass(recogniser.whisper, audio, chunks, builder, wanted, nothing)
    segments, quarantined = builder.result()
    assert "morning" in segments[-1].text and quarantined == []
    assert second[0] - 0.2 < segments[-1].start < second[0] + 0.5
    assert [one.id for one in segments] == list(range(len(segments)))


@inside
@pytest.mark.parametrize("recogniser", ["whisperx"], indirect=True)
def test_several_lost_sentences_are_heard_again_at_once(
    recogniser: Any, speech: Any, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scripts.whisper.decode import Chunk
    from scripts.whisper.second_pass import run_second_pass
    from scripts.whisperx_integration import Recogniser
    from shared.transcript.recognition.transcribed import TranscriptBuilder

    audio, first, second = speech
    regions = detect("silero", audio, cache).regions
    wanted = options()
    builder = TranscriptBuilder(
        regions=regions, limits=wanted.limits, prompt="", max_pause=wanted.word_pause
    )
    lost = builder.worth_second_pass()
    assert len(lost) == 2
    network, encoded = Recogniser(recogniser.engine, "base", batch_size=4).whisper, list[Any]()
    encode = recogniser.engine.encode

    def noted(features: Any) -> Any:
        encoded.append(encode(features))
        return encoded[-1]

    monkeypatch.setattr(recogniser.engine, "encode", noted)
    heard = Chunk(tuple(regions), "en", 0.0, len(audio) / RATE)
    assert run_second_pass(network, audio, [heard], builder, wanted, nothing) == 2
    segments, quarantined = builder.result()
    assert "boat has already left" in " ".join(one.text for one in segments[:-1])
    assert "morning" in segments[-1].text and quarantined == []
    assert segments[-2].end < first[1] + 0.3 and segments[-1].start > second[0] - 0.3
    # Both with sound on either side in one batch, then each by itself, none as 30 s of sound.
    assert [one.shape[0] for one in encoded] == [2, 1, 1]
    assert all(one.shape[1] < 1500 * 0.5 for one in encoded)


@inside
@pytest.mark.parametrize("recogniser", ["whisperx"], indirect=True)
def test_a_loop_lasts_no_longer_than_somebody_could_speak(
    recogniser: Any, speech: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, lengths = recogniser.engine.model, list[int]()

    class Looping:
        """A Whisper that cannot end a text: the sign for that is forbidden."""

        def __getattr__(self, name: str) -> Any:
            return getattr(network, name)

        def generate(self, *arguments: Any, **options: Any) -> Any:
            end = recogniser.engine.hf_tokenizer.token_to_id("<|endoftext|>")
            options["suppress_tokens"] = [*options["suppress_tokens"], end]
            found = network.generate(*arguments, **options)
            lengths.extend(len(one.sequences_ids[0]) for one in found)
            return found

    monkeypatch.setattr(recogniser.engine, "model", Looping())
    audio, first, _ = speech
    piece = audio[int(first[0] * RATE) : int(first[0] * RATE) + 2 * RATE]
    wanted = replace(options(), temperatures=(0.0,))
    recogniser.whisper.decode(piece, 0.0, "en", wanted, wanted.temperatures)
    list(recogniser.whisper.decode_batch([piece, piece], "en", wanted))
    assert len(lengths) >= 3 and all(40 < length <= 100 for length in lengths)


@inside
def test_regions_that_a_person_drew_lose_no_speech_and_double_none(recogniser: Any) -> None:
    from shared.transcript.records.schemas import SpeechRegion

    said = {
        "captain": FIRST,
        "morning": SECOND,
        "storm": "We should go back before the storm begins.",
        "night": "Please tell me what you saw last night.",
        "letter": "Someone left this letter under my door.",
        "door until": "Do not open the door until I come back.",
    }
    pieces = [piece for text in said.values() for piece in (say(text, "slt"), silence(3.5))]
    audio = np.concatenate(pieces)
    end = len(audio) / RATE
    assert end > 35
    drawn = [(20.0, 20.0), (0.0, end + 60.0), (3.0, 9.0), (3.0, 9.0), (end + 1, end + 9)]
    regions = [SpeechRegion(start=start, end=last, score=0.9) for start, last in drawn]
    found = recogniser.transcribe(audio, regions, options(), progress=nothing)
    text = " ".join(one.text for one in found.segments).lower()
    assert {key: text.count(key) for key in said} == dict.fromkeys(said, 1)
    words = [word for segment in found.segments for word in segment.words]
    assert all(a.end <= b.start + 0.01 for a, b in zip(words, words[1:], strict=False))
    assert words[-1].end <= end


@inside
def test_a_word_after_a_long_pause_is_timed_after_the_pause(recogniser: Any, cache: Path) -> None:
    pauses = (1.0, 0.5, 1.4, 6.0, 22.0, 1.0)
    lines = ("Where is my horse?", "I saw it here.", "Then look again.", "We must leave now.")
    audio, starts = silence(0.0), []
    for pause, line in zip(pauses, (*lines, "Captain, the bridge is gone."), strict=False):
        spoken = say(line, "slt")
        audible = np.flatnonzero(np.abs(spoken) > 0.02)
        spoken = spoken[audible[0] : audible[-1]]
        audio = np.concatenate([audio, silence(pause), spoken])
        starts.append(len(audio) / RATE - len(spoken) / RATE)
    audio = np.concatenate([audio, silence(pauses[-1])])
    audio = (audio + 0.01 * noise(len(audio) / RATE, 1.0)[: len(audio)]).astype(np.float32)
    regions = detect("pyannote", audio, cache).regions
    found = recogniser.transcribe(audio, regions, options(), progress=nothing)
    words = [word for segment in found.segments for word in segment.words]
    firsts = [min(words, key=lambda word: abs(word.start - start)) for start in starts]
    assert [word.text.strip(".,?!").lower() for word in firsts] == [
        "where",
        "i",
        "then",
        "we",
        "captain",
    ]
    errors = sorted(abs(w.start - s) for w, s in zip(firsts, starts, strict=True))
    assert errors[len(errors) // 2] < 0.15 and errors[-1] < 0.4, errors
    pause = (starts[3] + 2.5, starts[4] - 0.4)
    assert not [word for word in words if word.end > pause[0] and word.start < pause[1]]
    assert found.coverage is not None and found.coverage.share > 0.97


@inside
def test_without_regions_there_is_no_text_and_no_language(recogniser: Any) -> None:
    found = recogniser.transcribe(silence(3.0), [], options(language=None), progress=nothing)
    assert (found.segments, found.language, found.language_confidence) == ([], "und", 0.0)


@inside
def test_language_is_detected_and_may_change(recogniser: Any, cache: Path) -> None:
    clips = sorted(GERMAN.glob("de-0[2-6].opus"))
    if len(clips) < 3:
        pytest.skip("no German fixtures")
    german = [pcm("-i", str(clip)) for clip in clips]
    parts = [piece for clip in german for piece in (silence(1.0), clip)]
    english = say(FIRST + " " + SECOND, "slt")
    audio = np.concatenate([*parts, silence(4.0), english, silence(1.0)])
    regions = detect("silero", audio, cache).regions
    language, confidence = recogniser.detect_language(audio, regions)
    assert language == "de" and confidence > 0.5
    wanted = options(language=None, multilingual=True)
    found = recogniser.transcribe(audio, regions, wanted, progress=nothing)
    border = (len(audio) - len(english)) / RATE - 3.0
    assert found.language == "de"
    assert {s.language for s in found.segments if s.end < border} == {"de"}
    assert "en" in {s.language for s in found.segments if s.start > border}
    assert [s.id for s in found.segments] == list(range(len(found.segments)))
    # Not asked to change languages, it says what it hears and what to set.
    told: list[str] = []
    recogniser.transcribe(
        audio, regions, options(language=None), progress=nothing, warn=told.append
    )
    (warning,) = told
    assert "English (" in warning and "German" in warning and "ASR_MULTILINGUAL=true" in warning


@inside
@pytest.mark.parametrize("order", [("de", "en"), ("en", "de")])
def test_two_languages_within_one_window_are_both_named(
    recogniser: Any, cache: Path, order: tuple[str, str]
) -> None:
    """Heard at once the longer one drowns the other."""
    files = [sorted(GERMAN.glob(f"{one}-0[1-3].opus")) for one in order]
    if not all(files):
        pytest.skip("no speech fixtures")
    clips = [pcm("-i", str(file)) for both in files for file in both]
    audio = np.concatenate([piece for clip in clips for piece in (silence(0.4), clip)])[: 29 * RATE]
    regions = detect("silero", audio, cache).regions
    told: list[str] = []
    recogniser.transcribe(
        audio, regions, options(language=None), progress=nothing, warn=told.append
    )
    (warning,) = told
    assert "English" in warning and "German" in warning and "ASR_MULTILINGUAL" in warning


@inside
@pytest.mark.parametrize(
    ("said", "told"),
    [("hi", "-s hi was said, but the speech sounds like English (100%)"), ("en", ""), (None, "")],
)
def test_what_was_said_of_the_language_is_checked_against_what_is_heard(
    recogniser: Any, cache: Path, said: str | None, told: str
) -> None:
    audio = np.concatenate([silence(0.5), say(FIRST + " " + SECOND, "slt"), silence(0.5)])
    regions = detect("silero", audio, cache).regions
    warnings: list[str] = []
    recogniser.transcribe(
        audio, regions, options(language=said), progress=nothing, warn=warnings.append
    )
    assert [one[: len(told)] for one in warnings] == [told] * bool(told)
    assert all("-s en or -s auto" in one for one in warnings)


@inside
@pytest.mark.parametrize("recogniser", ["whisperx"], indirect=True)
def test_each_segment_is_translated_by_itself(recogniser: Any, cache: Path, tmp_path: Path) -> None:
    from scripts.translators.whisper_backend import WhisperBackend
    from shared.translation.backend import BackendOptions, SourceLine

    clips = [GERMAN / "de-06.opus", GERMAN / "de-07.opus"]
    if not all(clip.is_file() for clip in clips):
        pytest.skip("no German fixtures")
    parts = [piece for clip in clips for piece in (silence(1.0), pcm("-i", str(clip)))]
    audio = np.concatenate([*parts, silence(1.0)])
    regions = detect("silero", audio, cache).regions
    found = recogniser.transcribe(audio, regions, options(language="de"), progress=nothing)
    sound = write_wav(tmp_path / "audio.wav", audio)
    extra = {
        "audio": str(sound),
        "spans": [(one.start, one.end) for one in found.segments],
        "words": [[w.text, w.start, w.end] for one in found.segments for w in one.words],
        "context": 0.2,
        "temperatures": (0.0, 0.2),
        "limits": asdict(options().limits),
    }
    backend = WhisperBackend(recogniser, BackendOptions(model="base", extra=extra))
    asked = [SourceLine(one.id, one.text, one.start, one.end) for one in found.segments]
    texts = backend.translate(asked, source="de", target="en")
    lines = [texts[one.id] for one in found.segments]
    assert len(lines) == len(found.segments) >= 2
    assert any(word in lines[0].lower() for word in ("night", "cold", "water", "deep"))
    assert any(word in lines[-1].lower() for word in ("police", "way"))


@inside
def test_a_given_text_is_aligned_by_attention(recogniser: Any, speech: Any, heard: Any) -> None:
    transcript, regions = heard
    bare = [one.model_copy(update={"words": []}) for one in transcript.segments]
    aligned = recogniser.align(
        speech[0], bare, regions=regions, context=0.2, max_pause=0.1, progress=nothing
    )
    assert [one.text for one in aligned] == [one.text for one in transcript.segments]
    for before, after in zip(transcript.segments, aligned, strict=True):
        assert [w.text for w in after.words] == after.text.split()
        assert {w.source for w in after.words} == {"attention"}
        shifts = [abs(a.start - b.start) for a, b in zip(before.words, after.words, strict=True)]
        assert float(np.median(shifts)) < 0.25
        assert after.start == after.words[0].start and after.end == after.words[-1].end


@inside
def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    from scripts.whisperx_integration import load_model
    from shared.core.errors import InputError

    with pytest.raises(InputError):
        load_model(tmp_path, device="cpu", compute_type="int8", threads=1)
