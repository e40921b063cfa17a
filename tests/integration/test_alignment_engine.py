#!/usr/bin/env python3
"""
Alignment engine: numbers in words, foreign scripts, and a real wav2vec2 network made small.

Skipped where the engine is not; test_engines.py runs this file inside venv/whisperx.

Usage:
    ./tests/run-tests.sh tests/integration/test_alignment_engine.py
"""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from shared.core.errors import InputError
from shared.core.ladder import Rung
from shared.transcript.recognition.words import tokens_of_text
from shared.transcript.records.schemas import Segment
from tests.support.examples import examples
from tests.support.tiny_models import save_wav2vec2

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        importlib.util.find_spec("uroman") is None, reason="runs inside venv/whisperx"
    ),
]
RATE = 16_000
SOUND = numpy.random.default_rng(5).normal(0, 0.1, 40 * RATE).astype(numpy.float32)
CPU = Rung("cpu", "", 1, 30.0)
MIXED = st.text(
    alphabet=st.sampled_from("ab Zé 09१२ नमस्ते привет 東京 ₹$%&.,:;-'😀♪ ßا\u200d\u0301")
)


@pytest.fixture(scope="module", params=["group", "layer"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny CTC model of random weights, saved as the published ones are."""
    made = tmp_path_factory.mktemp(request.param)
    save_wav2vec2(made, request.param)
    return made


def aligned(folder: Path, *segments: Segment, rung: Rung = CPU, source: Any = "wav2vec2") -> Any:
    """Return the segments that the model times, by id."""
    from scripts.alignment.wav2vec2_integration import AlignmentRequest, align_wav2vec2

    return align_wav2vec2(
        SOUND,
        [AlignmentRequest(one, one.start, one.end) for one in segments],
        folder,
        source=source,
        rung=rung,
        threads=0,
        regions=[],
        max_pause=1.0,
        progress=lambda share: None,
    )


def said(number: int, start: float, end: float, text: str, language: str = "en") -> Segment:
    """Return a segment without words."""
    return Segment(id=number, start=start, end=end, text=text, confidence=1, language=language)


@pytest.mark.parametrize(
    ("token", "language", "spoken"),
    [
        ("42", "en", "forty-two"),
        ("1984,", "en", "nineteen eighty-four,"),
        ("₹500", "hi", "पाँच सौ रुपये"),
        ("3.5%", "en", "three point five percent"),
        ("1,234", "en", "one thousand two hundred and thirty-four"),
        ("2,750", "en", "two thousand seven hundred and fifty"),
        ("10,000", "fr", "dix mille"),
        ("12,500,", "de", "zwölftausendfünfhundert,"),
        ("1,234", "fr", "un virgule deux trois quatre"),
        ("0,500", "fr", "zéro virgule cinq"),
        ("3,5%", "de", "drei Komma fünf Prozent"),
        ("&", "en", "and"),
        ("10:30", "en", "ten thirty"),
        ("2nd", "en", "second"),
        ("१९८४", "hi", "एक हज़ार नौ सौ चौरासी"),
        ("1,00,000", "hi", "एक लाख"),
        ("$3.50", "en", "three dollars fifty"),
        ("007", "en", "zero zero seven"),
        ("B2B", "en", "BtwoB"),
        ("42", "xx", "\ufffc"),
    ],
)
def test_what_is_written_is_said_in_words(token: str, language: str, spoken: str) -> None:
    from scripts.alignment.verbalise import spoken_form

    assert spoken_form(token, language) == spoken


def test_the_network_is_that_of_transformers(folder: Path) -> None:
    import torch
    from transformers import Wav2Vec2ForCTC

    from scripts.alignment.wav2vec2_model import load_network

    network = load_network(folder, device="cpu", threads=0, romanised=False)
    ours = network.log_probs([SOUND[: 2 * RATE]])[0]
    with torch.inference_mode():
        logits = Wav2Vec2ForCTC.from_pretrained(folder).eval()(
            torch.tensor(SOUND[None, : 2 * RATE])
        )
        theirs = torch.log_softmax(logits.logits[0], dim=-1).numpy()
    assert ours[:, :-1].shape == theirs.shape
    assert numpy.abs(ours[:, :-1] - theirs).max() < 1e-3


def test_digits_and_foreign_words_are_timed_by_the_sound(folder: Path) -> None:
    found = aligned(folder, said(3, 1.0, 9.0, "Boat 27 left, नमस्ते & 東京 ♪ bye"))[3]
    assert [w.text for w in found.words] == "Boat 27 left, नमस्ते & 東 京 ♪ bye".split()
    assert {w.source for w in found.words} == {"wav2vec2"}
    assert found.words[7].confidence is None and found.words[1].confidence is not None


def test_all_languages_are_read_in_latin_letters_by_mms(folder: Path) -> None:
    segments = [said(0, 1, 5, "नमस्ते दुनिया 42", "hi"), said(1, 6, 9, "Привет мир", "ru")]
    found = aligned(folder, *segments, source="mms")
    assert [len(found[n].words) for n in (0, 1)] == [3, 2]
    assert {w.source for n in (0, 1) for w in found[n].words} == {"mms"}


def test_a_script_that_the_model_cannot_read_is_left_to_others(tmp_path: Path) -> None:
    from scripts.alignment.ctc_labels import Alphabet, label_tokens

    hindi = Alphabet({c: n for n, c in enumerate("नमसतहैमबोल", 1)}, 0, None, 30)
    text = label_tokens(tokens_of_text("hello नमस"), "hi", hindi)
    assert text.owners == [0, 1, 1, 1] and text.codes[0] == 30
    assert text.read < text.letters


def test_a_batch_hears_what_each_sound_alone_gives(folder: Path) -> None:
    from scripts.alignment.wav2vec2_model import load_network

    network = load_network(folder, device="cpu", threads=0, romanised=False)
    sounds = [SOUND[: RATE + RATE // 3 * n * network.pads] for n in range(3)]
    for alone, together in zip(sounds, network.log_probs(sounds), strict=True):
        assert numpy.abs(network.log_probs([alone])[0] - together).max() < 1e-3


def test_a_long_segment_is_heard_in_pieces(folder: Path) -> None:
    long = aligned(folder, said(9, 0.0, 40.0, "word " * 60), rung=Rung("cpu", "", 2, 5.0))[9]
    assert len(long.words) == 60 and long.words[-1].end <= 40.0


@examples(25, suppress_health_check=list(HealthCheck))
@given(text=MIXED, language=st.sampled_from(["en", "hi", "ja", "xx"]), length=st.floats(0.03, 6))
def test_every_token_once_in_order_inside(
    folder: Path, text: str, language: str, length: float
) -> None:
    segment = said(1, 1.0, 1.0 + length, text, language)
    for source in ("wav2vec2", "mms"):
        found = aligned(folder, segment, source=source).get(1)
        if found is None:
            continue
        assert [w.text for w in found.words] == [t.text for t in tokens_of_text(text)]
        times = [t for word in found.words for t in (word.start, word.end)]
        assert times == sorted(times)
        assert segment.start <= times[0] and times[-1] <= segment.end


def test_a_folder_without_a_model_is_refused(tmp_path: Path, folder: Path) -> None:
    from scripts.alignment.wav2vec2_model import load_network

    with pytest.raises(InputError, match="config.json cannot be read"):
        load_network(tmp_path, device="cpu", threads=0, romanised=False)
    (tmp_path / "config.json").write_bytes((folder / "config.json").read_bytes())
    with pytest.raises(InputError, match="no weights"):
        load_network(tmp_path, device="cpu", threads=0, romanised=False)


def test_the_models_of_each_language_are_those_of_whisperx() -> None:
    from shared.models.catalogue import describe, known_names

    spec = importlib.util.find_spec("whisperx")
    assert spec is not None and spec.origin
    source = Path(spec.origin).with_name("alignment.py").read_text(encoding="utf-8")
    tables = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id.startswith("DEFAULT_ALIGN_MODELS")
    }
    theirs = tables["DEFAULT_ALIGN_MODELS_HF"]
    assert len(theirs) > 30
    assert {one: describe("wav2vec2", one).repository for one in theirs} == theirs
    # These are of torchaudio's own format there.
    assert set(tables["DEFAULT_ALIGN_MODELS_TORCH"]) <= set(known_names("wav2vec2"))
