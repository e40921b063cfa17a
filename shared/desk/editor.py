#!/usr/bin/env python3
"""
Editor: what the editor of subtitles asks for.

    GET  /jobs/ID/edit                the editor
    GET  /jobs/ID/tracks/KEY          a track: its cues, the digest of its file, its doubts
    PUT  /jobs/ID/tracks/KEY          the same, as the person wants it; 409 with what is there now
    GET  /jobs/ID/tracks/KEY/vtt      the same as WebVTT
    POST /jobs/ID/tracks/KEY/term     a term for the film's glossary
    POST /jobs/ID/tracks/KEY/again    hear a region, or translate a text, again: again/proposals.py
    GET  /jobs/ID/film                what the player plays, by ranges
    GET  /jobs/ID/film/state          whether there is something to play; begins to make a copy
    GET  /jobs/ID/peaks               peaks of the sound, 50 bytes a second

Usage:
    from shared.desk.editor import Editor

    Editor(root, pages).routes()
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.desk.again.proposals import Proposals, models_here
from shared.desk.asked import SaveRequest, TermRequest, parsed
from shared.desk.films import Films
from shared.desk.jobs import NotThereError, open_job
from shared.desk.pages import Pages
from shared.desk.terms import keep_term
from shared.desk.tracks import (
    CueError,
    EditedTrack,
    examine_or_empty,
    find_tracks,
    read_track,
    save_track,
)
from shared.pipeline.job.job import Job
from shared.pipeline.jobs.doubts.queue import find_doubts
from shared.pipeline.jobs.editing import ChangedFileError
from shared.stage_order import get_stage_dir
from shared.subtitles.base.clock import MILLISECONDS
from shared.subtitles.files.conversion import converted

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

Route = tuple[str, Callable[..., Any], str]


class Editor:
    """The part of the desk in which subtitles are edited.

    Args:
        root: The output folder.
        pages: Of the desk.
    """

    def __init__(self, root: Path, pages: Pages) -> None:
        self._root = root
        self._pages = pages
        self._films = Films(root)
        self._proposals = Proposals(self._films, self._track, self._job)

    def routes(self) -> list[Route]:
        """Return address, function and method of all that can be asked for."""
        self._films.forget_old()
        job = "/jobs/{id}"
        return [
            (f"{job}/edit", self.editor, "GET"),
            (f"{job}/tracks/{{key}}", self.track, "GET"),
            (f"{job}/tracks/{{key}}", self.save, "PUT"),
            (f"{job}/tracks/{{key}}/vtt", self.vtt, "GET"),
            (f"{job}/tracks/{{key}}/term", self.term, "POST"),
            (f"{job}/film", self.film, "GET"),
            (f"{job}/film/state", self.film_state, "GET"),
            (f"{job}/peaks", self.peaks, "GET"),
            *self._proposals.routes(),
        ]

    def editor(self, request: Request) -> Response:
        """Return the editor of a job.

        Args:
            request: GET /jobs/ID/edit.
        """
        from starlette.responses import HTMLResponse

        job_dir, job = self._job(request)
        tracks = list(find_tracks(job_dir, job).values())
        name = request.path_params["id"]
        models = models_here()
        shown = {"id": name, "job": job, "tracks": tracks, "models": models}
        return HTMLResponse(self._pages.make("editor.html", **shown))

    def track(self, request: Request) -> Response:
        """Tell the cues of a track, and which of them are doubtful.

        Args:
            request: GET /jobs/ID/tracks/KEY.
        """
        job_dir, _, track = self._track(request)
        return _json({**self._told(job_dir, track), "doubts": _doubts(job_dir, track)})

    async def save(self, request: Request) -> Response:
        """Save a track as the person's edit; return it as it is then.

        Args:
            request: PUT /jobs/ID/tracks/KEY, a SaveRequest.
        """
        from starlette.concurrency import run_in_threadpool

        return await run_in_threadpool(self._save, request, await request.body())

    async def term(self, request: Request) -> Response:
        """Put a term into the film's glossary, for the next run; return the file.

        Args:
            request: POST /jobs/ID/tracks/KEY/term, a TermRequest.
        """
        from starlette.concurrency import run_in_threadpool

        return await run_in_threadpool(self._add_term, request, await request.body())

    def vtt(self, request: Request) -> Response:
        """Return a track as WebVTT.

        Args:
            request: GET /jobs/ID/tracks/KEY/vtt.
        """
        from starlette.responses import Response

        job_dir, _, track = self._track(request)
        text = converted(examine_or_empty(job_dir / track.file), "vtt")
        return Response(text, media_type="text/vtt; charset=utf-8")

    def film(self, request: Request) -> Response:
        """Return what the player plays; FileResponse serves the ranges that it asks for.

        Args:
            request: GET /jobs/ID/film, with copy=1 where this browser refuses the film itself.

        Raises:
            NotThereError: There is nothing to play yet.
        """
        from starlette.responses import FileResponse

        _, job = self._job(request)
        found = self._films.played(job, _is_refused(request))
        if found is None:
            raise NotThereError("There is nothing to play yet")
        return FileResponse(found[0], media_type=found[1])

    def film_state(self, request: Request) -> Response:
        """Tell whether there is something to play.

        Args:
            request: GET /jobs/ID/film/state, with copy=1 as above.
        """
        _, job = self._job(request)
        return _json(self._films.state(job, _is_refused(request)))

    def peaks(self, request: Request) -> Response:
        """Return the peaks of the sound that was heard.

        Args:
            request: GET /jobs/ID/peaks.
        """
        from starlette.responses import Response

        job_dir, _ = self._job(request)
        sound = job_dir / get_stage_dir("demux") / "audio.wav"
        if not sound.is_file():
            return Response(status_code=204)
        content = self._films.peaks(sound)
        return Response(content, media_type="application/octet-stream")

    def _save(self, request: Request, body: bytes) -> Response:
        wanted = parsed(SaveRequest, body)
        job_dir, job, track = self._track(request)
        try:
            save_track(job_dir, job, track, wanted)
        except CueError as error:
            told = {"cause": error.cause, "hint": error.hint, "cue": error.cue}
            return _json(told, 422)
        except ChangedFileError as error:
            theirs = self._told(job_dir, track)
            return _json({"cause": error.cause, "hint": error.hint, "theirs": theirs}, 409)
        _, _, saved = self._track(request)
        return _json(self._told(job_dir, saved))

    def _add_term(self, request: Request, body: bytes) -> Response:
        wanted = parsed(TermRequest, body)
        _, job, track = self._track(request)
        return _json({"file": str(keep_term(job, track, wanted))})

    def _told(self, job_dir: Path, track: EditedTrack) -> dict[str, Any]:
        content = read_track(job_dir, track)
        return {
            "key": track.key,
            "language": track.language,
            "is_edited": track.is_edited,
            "locked": track.locked or "; ".join(content.faults),
            "sha256": content.sha256,
            "cues": [cue.model_dump() for cue in content.cues],
        }

    def _job(self, request: Request) -> tuple[Path, Job]:
        return open_job(self._root, request.path_params["id"])

    def _track(self, request: Request) -> tuple[Path, Job, EditedTrack]:
        job_dir, job = self._job(request)
        track = find_tracks(job_dir, job).get(request.path_params["key"])
        if track is None:
            raise NotThereError("The job has no such track")
        return job_dir, job, track


def _doubts(job_dir: Path, track: EditedTrack) -> list[dict[str, Any]]:
    """Return the doubts of a track, the worst first; times in milliseconds."""
    return [
        {
            "start": round(one.start * MILLISECONDS),
            "end": round(one.end * MILLISECONDS),
            "text": one.text,
            "reasons": [reason.words for reason in one.reasons],
        }
        for one in find_doubts(job_dir)
        if one.track == track.key
    ]


def _is_refused(request: Request) -> bool:
    return bool(request.query_params.get("copy") == "1")


def _json(content: Any, status: int = 200) -> Response:
    from starlette.responses import JSONResponse

    return JSONResponse(content, status_code=status)
