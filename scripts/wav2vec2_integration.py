#!/usr/bin/env python3
"""
Wav2vec2: times for the words of a given text, by CTC forced alignment as WhisperX does it.

The only place that imports whisperx.alignment (torch, transformers; 8 s). Its lower functions are
used, not its align(): that one needs an NLTK download. Characters that the model does not know
(digits, symbols, another script) are left out; a token without any known one is interpolated.

Usage:
    from scripts.wav2vec2_integration import align_wav2vec2

    aligned = align_wav2vec2(
        audio, segments, folder, language="hi", device="cpu", regions=regions,
        context=0.2, max_pause=1.0, progress=lambda share: None,
    )
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from scripts.audio_frames import SAMPLE_RATE
from shared.core.errors import InputError
from shared.transcript.schemas import Segment, SpeechRegion
from shared.transcript.words import TimedToken, place_words, tokens_of_text

# Fewer samples than this give wav2vec2 no frame at all.
LEAST_SAMPLES = 400
# Longer segments are not aligned in one piece: memory grows with the square of their length.
MOST_SECONDS = 60.0


def align_wav2vec2(
    audio: Any,
    segments: Sequence[Segment],
    model_dir: Path,
    *,
    language: str,
    device: str,
    regions: Sequence[SpeechRegion],
    context: float,
    max_pause: float,
    progress: Callable[[float], None],
) -> list[Segment]:
    """Return the segments with every token timed by a wav2vec2 CTC model.

    Args:
        audio: float32 array, 16 kHz mono, shape (samples,).
        segments: In order; text and id stay as they are.
        model_dir: Folder of a Wav2Vec2ForCTC model with its processor.
        language: BCP-47 language of the model; segments in another stay as they are.
        device: "cpu", "cuda" or "mps".
        regions: Where somebody speaks.
        context: Seconds heard on either side of a segment, never into a neighbour.
        max_pause: No word crosses a longer stretch without speech, seconds.
        progress: Called with the share done, 0 to 1.

    Returns:
        As many segments, whose start and end are those of their words.

    Raises:
        InputError: The folder holds no such model.
    """
    from whisperx.alignment import load_align_model

    code = language.split("-")[0]
    if not (model_dir / "config.json").is_file():
        raise InputError(f"No alignment model in {model_dir}", hint="Check ALIGNMENT_MODEL")
    try:
        model, metadata = load_align_model(code, device, str(model_dir), model_cache_only=True)
    except ValueError as error:
        raise InputError(
            f"{model_dir} is no wav2vec2 CTC model with its processor", hint="Check ALIGNMENT_MODEL"
        ) from error
    model.eval()
    progress(0.0)
    aligned: list[Segment] = []
    for index, segment in enumerate(segments):
        lower = aligned[-1].end if aligned else 0.0
        upper = segments[index + 1].start if index + 1 < len(segments) else len(audio) / SAMPLE_RATE
        start = min(segment.end, max(lower, segment.start - context))
        end = max(start, segment.end, min(upper, segment.end + context))
        if segment.language.split("-")[0] == code and end - start <= MOST_SECONDS:
            tokens = _timed_tokens(model, metadata, device, audio, segment.text, start, end)
            words = place_words(tokens, start=start, end=end, regions=regions, max_pause=max_pause)
            if words:
                segment = segment.model_copy(
                    update={"start": words[0].start, "end": words[-1].end, "words": words}
                )
        aligned.append(segment)
        progress((index + 1) / len(segments))
    return aligned


def _timed_tokens(
    model: Any,
    metadata: dict[str, Any],
    device: str,
    audio: Any,
    text: str,
    start: float,
    end: float,
) -> list[TimedToken]:
    """Return the tokens of a text with the times of their characters, where they have any."""
    from whisperx.alignment import backtrack, get_trellis, merge_repeats

    tokens = tokens_of_text(text)
    dictionary = metadata["dictionary"]
    owners, codes = _known_characters(tokens, dictionary)
    piece = audio[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)]
    if not codes or len(piece) < LEAST_SAMPLES:
        return tokens
    emission = _emission(model, metadata["type"], device, piece)
    blank = next((dictionary[one] for one in ("[pad]", "<pad>") if one in dictionary), 0)
    if len(codes) >= len(emission):
        return tokens
    trellis = get_trellis(emission, codes, blank)
    path = backtrack(trellis, emission, codes, blank)
    if path is None:
        return tokens
    spans = merge_repeats(path, [str(one) for one in owners])
    seconds = (len(piece) / SAMPLE_RATE) / len(emission)
    return _times_of_tokens(tokens, spans, seconds, start)


def _known_characters(
    tokens: Sequence[TimedToken], dictionary: dict[str, int]
) -> tuple[list[int], list[int]]:
    """Return, for each character that the model knows, the index of its token and its code.

    The space between two tokens ("|") belongs to no token: index -1.
    """
    owners: list[int] = []
    codes: list[int] = []
    for index, token in enumerate(tokens):
        known = [dictionary[one] for one in token.text.lower() if one in dictionary and one != "|"]
        if known and codes and token.spaced and "|" in dictionary:
            owners.append(-1)
            codes.append(dictionary["|"])
        owners += [index] * len(known)
        codes += known
    return owners, codes


def _emission(model: Any, kind: str, device: str, piece: Any) -> Any:
    """Return the log-probabilities of a piece of audio, tensor of shape (frames, characters)."""
    import torch

    waveform = torch.from_numpy(piece).unsqueeze(0).to(device)
    with torch.inference_mode():
        output = model(waveform)
        scores = output.logits if kind == "huggingface" else output[0]
        return torch.log_softmax(scores, dim=-1)[0].cpu()


def _times_of_tokens(
    tokens: Sequence[TimedToken], spans: Sequence[Any], seconds: float, offset: float
) -> list[TimedToken]:
    """Give each token the time from its first to its last aligned character."""
    found: dict[int, list[Any]] = {}
    for span in spans:
        if int(span.label) >= 0:
            found.setdefault(int(span.label), []).append(span)
    timed: list[TimedToken] = []
    for index, token in enumerate(tokens):
        characters = found.get(index)
        if not characters:
            timed.append(token)
            continue
        frames = sum(one.length for one in characters)
        score = sum(one.score * one.length for one in characters) / max(1, frames)
        timed.append(
            TimedToken(
                text=token.text,
                start=offset + characters[0].start * seconds,
                end=offset + characters[-1].end * seconds,
                confidence=min(1.0, max(0.0, float(score))),
                source="wav2vec2",
                spaced=token.spaced,
            )
        )
    return timed
