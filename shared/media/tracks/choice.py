#!/usr/bin/env python3
"""
Tracks: which of a film's sounds is its dialogue, as the file says it.

Usage:
    from shared.media.tracks.choice import choose_audio_stream

    stream, why = choose_audio_stream(media, language="hi", wanted=None)
"""

from __future__ import annotations

from shared.core.errors import InputError
from shared.media.probe import AudioStream, MediaInfo


def choose_audio_stream(
    media: MediaInfo, language: str, wanted: int | None, name: str = "the file"
) -> tuple[AudioStream, str]:
    """Choose the audio stream to transcribe: the wanted one, else the language's, else default.

    Args:
        media: What the file holds.
        language: Source language, BCP-47, or 'auto'.
        wanted: Number of the audio track, 1 = the first; None = choose.
        name: The file, for messages.

    Returns:
        The stream and why it was taken.

    Raises:
        InputError: When there is no audio, or no such track; lists what there is.
    """
    candidates = media.audio_streams
    if not candidates:
        held = ", ".join(f"{s.kind} ({s.codec})" for s in media.streams) or "nothing"
        raise InputError(f"No audio stream in {name}: it holds {held}", hint="Take another file")
    if wanted is not None:
        if not 1 <= wanted <= len(candidates):
            raise InputError(
                f"No audio track {wanted} in {name}",
                hint=f"It has {len(candidates)}: {describe_audio(candidates)}",
            )
        return candidates[wanted - 1], "asked for"
    spoken = [stream for stream in candidates if stream.is_dialogue] or candidates
    matching = [stream for stream in spoken if same_language(stream.language, language)]
    pool, why = (matching, f"its language is {language}") if matching else (spoken, "")
    default = [stream for stream in pool if stream.is_default]
    chosen = (default or pool)[0]
    if not why:
        why = "the default track" if default else "the first track"
        why += _passed_over(candidates, chosen)
    if len(pool) == 1 and len(candidates) == 1:
        why = "the only track"
    return chosen, why


def describe_audio(streams: list[AudioStream]) -> str:
    """Return the audio tracks as one readable line, numbered as --audio-track counts.

    Args:
        streams: The film's audio streams in the order of the container.
    """
    parts = []
    for number, stream in enumerate(streams, 1):
        facts = [stream.language or "no language", stream.codec, f"{stream.channels} ch"]
        facts += [stream.title] if stream.title else []
        parts.append(f"{number}: " + ", ".join(facts))
    return "; ".join(parts)


def same_language(tag: str | None, language: str) -> bool:
    """Return whether a file's language tag means the given language (hin = hi, ger = deu = de).

    Args:
        tag: ISO 639-1, 639-2 or BCP-47, or None.
        language: BCP-47, or 'auto' (which no tag means).
    """
    import langcodes  # a tenth of every start: only where tags are compared
    from langcodes.tag_parser import LanguageTagError

    if not tag or tag == "und" or language == "auto":
        return False
    try:
        return langcodes.Language.get(tag).language == langcodes.Language.get(language).language
    except LanguageTagError:
        return False


def _passed_over(candidates: list[AudioStream], chosen: AudioStream) -> str:
    """Return what would have been taken if it were dialogue, and what it is instead."""
    default = [stream for stream in candidates if stream.is_default]
    first = (default or candidates)[0]
    if first.index == chosen.index or first.is_dialogue:
        return ""
    kind = "audio description" if first.is_described else "commentary"
    kind = "music without dialogue" if first.is_music else kind
    return f" of dialogue: track {candidates.index(first) + 1} is {kind}"
