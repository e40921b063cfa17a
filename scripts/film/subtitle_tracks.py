#!/usr/bin/env python3
"""
Subtitle setup: the tracks that the subtitle stage makes, from the stage's inputs and configuration.

Usage:
    phrases = read_tracks(stage_io, config, transcript)
    maker = TrackMaker(stage_io, config, transcript, cuts)
    findings = maker.make("en", phrases["en"])
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.core.errors import DependencyError
from shared.core.languages import language_name, primary
from shared.core.settings import PipelineConfig
from shared.glossary_manager import Glossary
from shared.media.ffmpeg import TooSlowError
from shared.media.shots import SHOTS_FILE, find_shot_changes, read_shot_changes
from shared.stage_utils import StageIO
from shared.subtitles.base.colours import speaker_colours
from shared.subtitles.base.finding import Finding
from shared.subtitles.base.phrase import Phrase, phrase_from_segment
from shared.subtitles.base.profiles import ReadingLimits, limits_from_config
from shared.subtitles.checking.lint import lint_cues
from shared.subtitles.files.formats import look_from_config, write_track
from shared.subtitles.files.names import TrackKind, subtitle_name
from shared.subtitles.layout.tidy import tidy_cues, tidy_words
from shared.subtitles.sdh import sdh
from shared.subtitles.shaping.shaping import shape_cues
from shared.subtitles.shaping.translated import phrases_from_translation
from shared.subtitles.shaping.turns import split_turns
from shared.transcript.languages.alphabets import script_of
from shared.transcript.records.inputs import translated_file
from shared.transcript.records.schemas import Transcript, Translation
from shared.transcript.sound.sounds import SOUNDS_FILE, SoundEvents
from shared.transcript.writing.script_policy import HINDI, ROMAN_HINDI


def read_tracks(
    stage_io: StageIO, config: PipelineConfig, transcript: Transcript
) -> dict[str, list[Phrase]]:
    """Return what is said, by language: the spoken one first, then each translation that is there.

    Args:
        stage_io: The stage's inputs and job.
        config: Whether songs are kept.
        transcript: The source.
    """
    tracks = {spoken_track(transcript): [phrase_from_segment(s) for s in transcript.segments]}
    for language in stage_io.job.target_languages:
        path = stage_io.get_input_path(translated_file(language), from_stage="translation")
        if path.exists():
            translation = stage_io.read_model(path, Translation)
            tracks[language] = phrases_from_translation(transcript, translation)
    if config.lyrics == "drop":
        return {key: [p for p in said if not p.is_lyrics] for key, said in tracks.items()}
    return tracks


def spoken_track(transcript: Transcript) -> str:
    """Return the language of the spoken track: of Hindi that was put into Roman letters, hi-Latn.

    Args:
        transcript: The source.
    """
    roman = script_of(ROMAN_HINDI)
    is_roman = primary(transcript.language) == HINDI and transcript.expected_script == roman
    return ROMAN_HINDI if is_roman else transcript.language


def shot_changes(stage_io: StageIO, config: PipelineConfig) -> list[float] | None:
    """Return the times of shot changes in seconds, found once a film; None without a picture.

    Args:
        stage_io: The stage's job and directory.
        config: Whether they are wanted.
    """
    job = stage_io.job
    if job.media.frame_rate is None:
        return None
    if not config.subtitle_shot_changes:
        return []
    film = stage_io.get_media_path()
    shots = read_shot_changes(stage_io.get_earlier_output(SHOTS_FILE), film, job.clip)
    try:
        shots = shots or find_shot_changes(
            film,
            job.clip,
            stage_io.stage_dir,
            config.ffmpeg_timeout_seconds,
            progress=lambda seconds: stage_io.progress(seconds, job.duration),
            look_ahead=job.media.look_ahead,
        )
    except DependencyError as error:
        # A damaged picture stays so; a machine that was too busy may have time tomorrow.
        tell = stage_io.degrade if isinstance(error, TooSlowError) else stage_io.warn
        tell(f"Shot changes are not known: {error.cause}")
        return []
    stage_io.write_model(SHOTS_FILE, shots)
    return shots.times


class TrackMaker:
    """Makes the files of one track after another.

    Args:
        stage_io: The stage's inputs, outputs and job.
        config: Profile, formats, look.
        transcript: The source.
        cuts: From shot_changes.
    """

    def __init__(
        self,
        stage_io: StageIO,
        config: PipelineConfig,
        transcript: Transcript,
        cuts: Sequence[float] | None,
    ) -> None:
        self._stage_io = stage_io
        self._config = config
        self._transcript = transcript
        self._cuts = cuts

    def make(self, language: str, phrases: Sequence[Phrase]) -> dict[str, list[Finding]]:
        """Write the files of one language; return what is wrong, by file name without suffix.

        Args:
            language: BCP-47.
            phrases: What is said, in order.
        """
        made = self._write(language, "full", phrases, None)
        if self._config.sdh == "on":
            names, sounds = self._read_sdh_inputs()
            segments = self._transcript.segments
            turns, limits = split_turns(phrases), self._limits(language, "sdh")
            named = sdh.name_speakers(turns, segments, names, limits)
            made |= self._write(language, "sdh", named, sounds)
            self._tell_unnamed(sounds, language)
        return made

    def _write(
        self,
        language: str,
        kind: TrackKind,
        phrases: Sequence[Phrase],
        sounds: SoundEvents | None,
    ) -> dict[str, list[Finding]]:
        job, film_end = self._stage_io.job, self._transcript.audio_duration
        limits = self._limits(language, kind)
        shaped = shape_cues(tidy_words(phrases, limits), limits, self._cuts, film_end)
        if sounds is not None:
            has_picture = self._cuts is not None
            shaped = sdh.add_sounds(shaped, phrases, sounds, limits, has_picture)
        cues = tidy_cues(shaped, limits)
        name = subtitle_name(job.file_stem, language, kind=kind)
        colours = speaker_colours(self._transcript.segments, limits.colours)
        look = look_from_config(self._config, limits, job.title, colours)
        write_track(cues, name, self._config.subtitle_formats, look, self._stage_io.get_output_path)
        return {name: lint_cues(cues, limits, self._cuts or [], film_end)}

    def _limits(self, language: str, kind: TrackKind) -> ReadingLimits:
        rate = self._stage_io.job.media.frame_rate
        return limits_from_config(self._config, language, rate, is_sdh=kind == "sdh")

    def _tell_unnamed(self, sounds: SoundEvents | None, language: str) -> None:
        """Warn of sounds that are named in English although the track is not."""
        kinds = sdh.unnamed_sounds(sounds, language) if sounds else []
        if kinds:
            self._stage_io.warn(
                f"Sounds have no {language_name(language)} names: English ones in the "
                f"{language}.sdh track ({', '.join(kinds)})"
            )

    def _read_sdh_inputs(self) -> tuple[dict[str, str], SoundEvents | None]:
        """Return the names of the speakers and the sounds, as far as they are known."""
        stage_io = self._stage_io
        glossary = stage_io.get_input_path("glossary.json", from_stage="glossary_load")
        sounds = stage_io.get_input_path(SOUNDS_FILE, from_stage="lyrics_detection")
        return (
            (
                sdh.names_of_speakers(stage_io.read_model(glossary, Glossary))
                if glossary.exists()
                else {}
            ),
            stage_io.read_model(sounds, SoundEvents) if sounds.exists() else None,
        )
