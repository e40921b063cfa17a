#!/usr/bin/env python3
"""
App: the desk over HTTP: its pages, its live streams, and health as tools/health.py tells it.

    GET /                         jobs and batches
    GET /live                     the same, as server-sent events
    GET /jobs/ID                  a job: stages and log, live; links to its page and its editor
    GET /jobs/ID/live, ?log=N     the same, as server-sent events
    GET /batches/ID               a batch: its films, how they stand and what to do next
    GET /batches/ID/live          the same, as server-sent events
    GET /jobs/ID/page             its page, made anew
    POST /jobs/ID/run             run it; {"from": "mux"}: only what follows from there
    POST /jobs/ID/stop            stop its run after this stage; {"now": true}: as Ctrl-C does
    GET /health, /health/live, /health/ready, /metrics

What the editor asks for is in editor.py. It needs the environment web.

Usage:
    from shared.desk.app import make_desk

    app = make_desk(root, Keys(), port=8377)
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.core.errors import PipelineError
from shared.desk.asked import RunRequest, StopRequest, parsed
from shared.desk.batches import batch_view, find_batch
from shared.desk.editor import Editor
from shared.desk.guard import Guard
from shared.desk.jobs import NotThereError, find_job, open_job
from shared.desk.keys import Keys
from shared.desk.live import Overview, job_view, log_names, stream, told
from shared.desk.pages import Pages
from shared.desk.runs import Runs
from shared.desk.stopping import stop_run
from shared.health.app import LOOPBACK_NAMES, make_app
from shared.pipeline.job.lock import RunningJobError
from shared.pipeline.jobs.editing import ChangedFileError
from shared.pipeline.jobs.listing import show_job
from shared.report.clips import ClipLimits
from shared.report.facts import read_facts
from shared.report.page import render

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response

# The page of a job has a policy of its own in it, with the digests of its script and its style.
PAGE_POLICY = "frame-ancestors 'none'"


class Desk:
    """What the pages of a desk are made of.

    Args:
        root: The output folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.pages = Pages()
        self.overview = Overview(root)
        self.runs = Runs()

    def jobs(self, request: Request) -> Response:
        """Return the page of all jobs and batches.

        Args:
            request: GET /.
        """
        return self.page("jobs.html", **self.overview.look())

    def job(self, request: Request) -> Response:
        """Return the page of one job.

        Args:
            request: GET /jobs/ID.
        """
        name = request.path_params["id"]
        job_dir = find_job(self.root, name)
        logs = log_names(job_dir)
        found, view = show_job(job_dir), self.view(job_dir)
        return self.page("job.html", id=name, found=found, job=found.job, view=view, logs=logs)

    def report(self, request: Request) -> Response:
        """Return the page of a film as it is now, with the pictures and sounds that it has.

        Args:
            request: GET /jobs/ID/page.
        """
        from starlette.responses import HTMLResponse

        facts = read_facts(find_job(self.root, request.path_params["id"]))
        text = render(facts, ClipLimits(is_cutting=False), editor="edit")
        return HTMLResponse(text, headers={"content-security-policy": PAGE_POLICY})

    def asset(self, request: Request) -> Response:
        """Return a script or a style.

        Args:
            request: GET /static/NAME.

        Raises:
            NotThereError: There is none of that name.
        """
        from starlette.responses import Response

        found = self.pages.assets.get(request.path_params["name"])
        if found is None:
            raise NotThereError("There is no such file")
        return Response(found[0], media_type=found[1])

    async def live(self, request: Request) -> Response:
        """Tell how all jobs and batches stand, whenever that changes.

        Args:
            request: GET /live.
        """
        return stream(told(self.overview.look))

    def batch(self, request: Request) -> Response:
        """Return the page of one batch.

        Args:
            request: GET /batches/ID.
        """
        folder = find_batch(self.root, request.path_params["id"])
        return self.page("batch.html", view=batch_view(self.root, folder))

    async def batch_live(self, request: Request) -> Response:
        """Tell how one batch stands whenever that changes.

        Args:
            request: GET /batches/ID/live.
        """
        from starlette.concurrency import run_in_threadpool

        folder = await run_in_threadpool(find_batch, self.root, request.path_params["id"])
        return stream(told(lambda: batch_view(self.root, folder)))

    async def job_live(self, request: Request) -> Response:
        """Tell how one job stands whenever that changes, and what its log says.

        Args:
            request: GET /jobs/ID/live, with log=N the name of a log; else that of the latest run.
        """
        from starlette.concurrency import run_in_threadpool

        job_dir = await run_in_threadpool(find_job, self.root, request.path_params["id"])
        wanted = request.query_params.get("log", "")
        return stream(told(lambda: self.view(job_dir), job_dir, wanted))

    async def run(self, request: Request) -> Response:
        """Start a run of a job, or of what follows from a stage; return that it begins.

        Args:
            request: POST /jobs/ID/run, {"from": STAGE or null}.
        """
        from starlette.concurrency import run_in_threadpool
        from starlette.responses import JSONResponse

        asked = parsed(RunRequest, await request.body())
        job_dir, job = await run_in_threadpool(open_job, self.root, request.path_params["id"])
        await run_in_threadpool(self.runs.start, job_dir, job, asked.first)
        return JSONResponse({"begun": True}, status_code=202)

    async def stop(self, request: Request) -> Response:
        """Ask the run of a job to end; return what it was asked.

        Args:
            request: POST /jobs/ID/stop, a StopRequest.
        """
        from starlette.concurrency import run_in_threadpool
        from starlette.responses import JSONResponse

        asked = parsed(StopRequest, await request.body())
        job_dir, job = await run_in_threadpool(open_job, self.root, request.path_params["id"])
        told = await run_in_threadpool(stop_run, self.root, job_dir, job, asked.now)
        return JSONResponse({"told": told}, status_code=202)

    def view(self, job_dir: Path) -> dict[str, Any]:
        """Return how a job stands, and how the run ended that this desk started.

        Args:
            job_dir: The job directory.
        """
        return job_view(job_dir) | {"run": self.runs.told(job_dir)}

    def page(self, template: str, **values: Any) -> Response:
        """Return a page as an answer.

        Args:
            template: Its name.
            values: What it shows.
        """
        from starlette.responses import HTMLResponse

        return HTMLResponse(self.pages.make(template, **values))


def make_desk(root: Path, keys: Keys, port: int) -> FastAPI:
    """Return the application of a desk.

    Args:
        root: The output folder.
        keys: Who may come in.
        port: At which it is asked.
    """
    app = make_app(LOOPBACK_NAMES)
    desk = Desk(root)
    for path, endpoint, method in (
        ("/", desk.jobs, "GET"),
        ("/live", desk.live, "GET"),
        ("/static/{name}", desk.asset, "GET"),
        ("/batches/{id}", desk.batch, "GET"),
        ("/batches/{id}/live", desk.batch_live, "GET"),
        ("/jobs/{id}", desk.job, "GET"),
        ("/jobs/{id}/live", desk.job_live, "GET"),
        ("/jobs/{id}/page", desk.report, "GET"),
        ("/jobs/{id}/run", desk.run, "POST"),
        ("/jobs/{id}/stop", desk.stop, "POST"),
        *Editor(root, desk.pages).routes(),
    ):
        app.router.add_route(path, endpoint, methods=[method])
    for error, status in STATUSES.items():
        app.add_exception_handler(error, _teller(status))
    app.add_middleware(Guard, keys=keys, port=port)
    return app


# The most special first: a running job is no lack, another's change no mistake.
STATUSES: dict[type[Exception], int] = {
    NotThereError: 404,
    ChangedFileError: 409,
    RunningJobError: 423,
    PipelineError: 422,
}


def _teller(status: int) -> Callable[[Request, Exception], Response]:
    def tell(request: Request, error: Exception) -> Response:
        from starlette.responses import JSONResponse

        told = {"cause": str(error), "hint": getattr(error, "hint", "") or ""}
        return JSONResponse(told, status_code=status)

    return tell
