#!/usr/bin/env python3
"""
Mux plan: what goes into the finished film.

Usage:
    from shared.media.mux.plan import MuxPlan, SubtitleTrack

    plan = MuxPlan(media, [SubtitleTrack(path, "en", is_default=True)])
    kept, left_out = plan.streams
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from shared.core.languages import native_name
from shared.media.clip import ClipRange
from shared.media.mux.containers import COVER_TYPES, MATROSKA, Container
from shared.media.probe import MediaInfo, MediaStream
from shared.subtitles.files.names import TrackKind

TITLE_ENDS = {"full": "", "sdh": " (SDH)", "forced": " (forced)"}
Repair = Literal["none", "pass_over", "encode"]
DISPOSITIONS = {"full": [], "sdh": ["hearing_impaired"], "forced": ["forced"]}


@dataclass(frozen=True)
class SubtitleTrack:
    """A subtitle file to add; sdh is for those who do not hear, forced for foreign lines only.

    `remark`: what a viewer should know before choosing it. `second`: another language in its cues.
    """

    path: Path
    language: str
    is_default: bool
    kind: TrackKind = "full"
    remark: str = ""
    second: str = ""

    @property
    def title(self) -> str:
        """What players show in their menu."""
        remark = f" [{self.remark}]" if self.remark else ""
        names = " + ".join(native_name(one) for one in (self.language, self.second) if one)
        return names + TITLE_ENDS[self.kind] + remark

    @property
    def disposition(self) -> str:
        """What it is for, as ffmpeg writes it."""
        return "+".join(["default"] * self.is_default + DISPOSITIONS[self.kind]) or "0"


@dataclass(frozen=True)
class Attachment:
    """A file to attach: a cover or a font."""

    path: Path
    media_type: str


@dataclass(frozen=True)
class BurntIn:
    """ASS subtitles to draw into the picture.

    `fonts`: the folder of their fonts, None for the system's. `shown`: width and height of the
    picture as it is shown, where its pixels are no squares; letters are drawn for that.
    """

    path: Path
    fonts: Path | None
    shown: tuple[int, int] | None = None


@dataclass(frozen=True)
class MuxPlan:
    """What goes into the film.

    `media`: what the original holds. `tracks`: in the order they will have. `clip`: the part to
    take, None for all. `attached`: covers and fonts, where the container holds attachments.
    `turns_picture`: the picture is turned upright, where a copy would be shown on its side.
    `hides_frames`, `hides_sound`: players leave out what lies before the film's start; a copy would
    show it, or begin later by it.
    `uncopied`: numbers of streams whose packets the container does not take. `repair`: what is done
    about damage that stops a copy: nothing, it is passed over, or all is encoded anew.
    """

    media: MediaInfo
    tracks: Sequence[SubtitleTrack]
    clip: ClipRange | None = None
    container: Container = MATROSKA
    attached: Sequence[Attachment] = ()
    burnt_in: BurntIn | None = None
    turns_picture: bool = False
    hides_frames: bool = False
    hides_sound: bool = False
    uncopied: frozenset[int] = frozenset()
    repair: Repair = "none"

    @property
    def encodes_picture(self) -> bool:
        """Whether the picture cannot be copied."""
        wanted = self.clip is not None or self.burnt_in is not None or self.turns_picture
        uncopied = any(picture.index in self.uncopied for picture in self.media.video_streams)
        return wanted or self.hides_frames or uncopied or self.repair == "encode"

    def audio_codec(self, stream: MediaStream) -> str:
        """Return how a sound stream gets in: copied, or made anew in a codec that is held.

        Args:
            stream: A sound stream of the film.
        """
        if stream.index in self.uncopied or self.repair == "encode":
            return self.container.encoded_audio
        return self.container.audio_codec(stream)

    @property
    def streams(self) -> tuple[list[MediaStream], list[MediaStream]]:
        """The original's streams that go in, and those that are left out."""
        kept: list[MediaStream] = []
        left: list[MediaStream] = []
        for stream in self.media.streams:
            (kept if self._holds(stream) else left).append(stream)
        return kept, left

    def _holds(self, stream: MediaStream) -> bool:
        """Return whether a stream goes in; a clip's own subtitles would have wrong times."""
        if stream.kind == "subtitle" and self.clip is not None:
            return False
        if stream.kind == "video" and not stream.is_cover and self.encodes_picture:
            return True
        return self.container.holds(stream)


def cover_streams(media: MediaInfo) -> list[MediaStream]:
    """Return the covers that can be attached.

    Args:
        media: What the film holds.
    """
    return [s for s in media.streams if s.is_cover and s.codec in COVER_TYPES]
