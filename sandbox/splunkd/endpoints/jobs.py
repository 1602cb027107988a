"""search/jobs and search/v2/jobs: create (normal, blocking, oneshot), export, status, results, control."""

from __future__ import annotations

import re
import time
from typing import Any

from .. import render, results
from ..access import Identity
from ..errors import ApiError, bad_argument
from ..filters import check_arguments
from ..instance import Instance
from ..jobs import Job
from ..message import Request, Response, json_response
from ..model import Acl, Entry, Feed
from ..router import Answer, Router

PATH = ("search", "jobs")
#: Taken and without effect here: they tune how Splunk works, not what it answers.
_TUNING = {
    "adhoc_search_level",
    "allow_partial_results",
    "auto_cancel",
    "auto_finalize_ec",
    "auto_pause",
    "check_risky_command",
    "enable_lookups",
    "force_bundle_replication",
    "indexedRealtime",
    "max_lines",
    "max_time",
    "namespace",
    "preview",
    "provenance",
    "reduce_freq",
    "reload_macros",
    "remote_server_list",
    "required_field_list",
    "rf",
    "rt_blocking",
    "segmentation",
    "show_metadata",
    "spawn_process",
    "status_buckets",
    "sync_bundle_replication",
    "timeout",
    "truncation_mode",
}
_OWN = {
    "search",
    "exec_mode",
    "earliest_time",
    "latest_time",
    "index_earliest",
    "index_latest",
    "now",
    "id",
    "label",
    "max_count",
    "ttl",
    "search_mode",
    "count",
    "offset",
    "output_mode",
    "f",
    "field_list",
    "_",
}
_CONTROL = {
    "cancel": "Search job cancelled.",
    "pause": "Search job paused.",
    "unpause": "Search job unpaused.",
    "finalize": "Search job finalized.",
    "touch": "Search job touched.",
    "setttl": "Search job TTL set.",
    "save": "Search job saved.",
    "unsave": "Search job unsaved.",
    "enablepreview": "Search job preview enabled.",
    "disablepreview": "Search job preview disabled.",
}


def register(router: Router, instance: Instance) -> None:
    endpoint = Endpoint(instance)
    for path in ("search/jobs", "search/v2/jobs"):
        router.add("GET POST", path + "/export", endpoint.export)
        router.add("POST", path + "/oneshot", endpoint.oneshot)
        router.add("GET", path, endpoint.list)
        router.add("POST", path, endpoint.create)
        router.add("GET", path + "/{sid}", endpoint.get)
        router.add("DELETE", path + "/{sid}", endpoint.remove)
        router.add("POST", path + "/{sid}", endpoint.get)
        router.add("POST", path + "/{sid}/control", endpoint.control)
        router.add("GET", path + "/{sid}/search.log", endpoint.log)
        for kind in ("results", "results_preview", "events"):
            router.add("GET POST", path + f"/{{sid}}/{kind}", getattr(endpoint, kind))


class Endpoint:
    """A job is seen by its owner and by ``admin_all_objects``."""

    def __init__(self, instance: Instance) -> None:
        self.jobs = instance.jobs

    # --- making -----------------------------------------------------------------------------------------------------

    def create(self, request: Request) -> Answer:
        mode = request.arg("exec_mode") or "normal"
        if mode == "oneshot":
            return self.oneshot(request)
        if mode not in ("normal", "blocking"):
            raise ApiError(400, f"Invalid exec_mode '{mode}'.")
        job = self.job(request)
        if mode == "blocking":
            self.jobs.run(job, request.identity)
        else:
            self.jobs.start(job, request.identity)
        return render.element(request.output_mode, "sid", job.sid, 201)

    def oneshot(self, request: Request) -> Answer:
        found = self._now(request)
        offset = request.number("offset", 0)
        shown = results.page(found, request.number("count", 100), offset, _wanted(request))
        return results.render(shown, request.output_mode, offset)

    def export(self, request: Request) -> Answer:
        found = self._now(request)
        return results.export(results.page(found, 0, 0, _wanted(request)), request.output_mode)

    def _now(self, request: Request) -> Any:
        job = self.jobs.run(self.job(request), request.identity)
        if job.state == "FAILED":
            raise ApiError(400, job.messages[0][1], "FATAL")
        return self.jobs.results(job.sid)

    def job(self, request: Request) -> Job:
        """The job in a request, checked. Raises 400."""
        request.identity.require("search")
        for name in request.args:
            # Splunk's dashboards send an empty sid with each new search.
            if name not in _OWN and name not in _TUNING and not name.startswith("custom.") and (
                name != "sid" or request.arg("sid")
            ):
                raise bad_argument(name)
        spl = request.required("search").strip()
        if not re.match(r"(?i)search\b|\||\[|from\b", spl):
            word = spl.split()[0]
            raise ApiError(400, f"Unknown search command '{word}'.", "FATAL")
        if request.arg("search_mode") not in ("", "normal"):
            raise ApiError(400, "Real-time searches are not supported by the sandbox.", "FATAL")
        app = "search" if request.app in ("-", "system") else request.app
        self.jobs.check(spl, request.identity, app)
        now = request.arg("now")
        return Job(
            request.arg("id") or self.jobs.new_sid(),
            spl,
            request.identity.user,
            app,
            time.time(),
            request.arg("earliest_time") or None,
            request.arg("latest_time") or None,
            request.arg("index_earliest") or None,
            request.arg("index_latest") or None,
            float(now) if now and now != "now" else None,
            request.arg("label"),
            max_count=request.number("max_count", 500_000),
        )

    # --- reading ----------------------------------------------------------------------------------------------------

    def _job(self, request: Request, sid: str) -> Job:
        job = self.jobs.get(sid)
        if not _may(request.identity, job):
            raise ApiError(403, f"You (user={request.identity.user}) do not have permission to access this search job.")
        return job

    def list(self, request: Request) -> Answer:
        """``id``: only the jobs with these; Splunk's dashboards ask for the state of several at once."""
        check_arguments(request, "id")
        wanted = request.args.get("id", [])
        found = [job for job in self.jobs.list() if _may(request.identity, job) and (not wanted or job.sid in wanted)]
        return Feed(PATH, [entry(job) for job in found])

    def get(self, request: Request, sid: str) -> Answer:
        found = entry(self._job(request, sid))
        if request.output_mode == "json":
            return Feed(PATH, [found], single=True)
        href = f"/services/search/jobs/{sid}"
        head = ' xmlns="http://www.w3.org/2005/Atom" xmlns:s="http://dev.splunk.com/ns/rest"'
        return Response(
            200, '<?xml version="1.0" encoding="UTF-8"?>\n' + render.atom_entry(request.origin, href, found, head=head)
        )

    def results(self, request: Request, sid: str) -> Answer:
        job = self._job(request, sid)
        if not job.done:
            return Response(204)
        if request.arg("search"):
            raise ApiError(400, "The sandbox does not post-process results (argument search).")
        offset = request.number("offset", 0)
        shown = results.page(self.jobs.results(sid), request.number("count", 100), offset, _wanted(request))
        return results.render(shown, request.output_mode, offset, job)

    results_preview = results

    def events(self, request: Request, sid: str) -> Answer:
        """The events behind the results; a transforming search keeps none."""
        job = self._job(request, sid)
        if not job.done:
            return Response(204)
        found = self.jobs.results(sid)
        found.rows = [row for row in found.rows if "_raw" in row]
        offset = request.number("offset", 0)
        shown = results.page(found, request.number("count", 100), offset, _wanted(request))
        return results.render(shown, request.output_mode, offset, job)

    def log(self, request: Request, sid: str) -> Answer:
        lines = [f"{kind} {text}" for kind, text in self._job(request, sid).messages]
        return Response(200, "\n".join(lines), "text/plain; charset=UTF-8")

    # --- changing ---------------------------------------------------------------------------------------------------

    def control(self, request: Request, sid: str) -> Answer:
        self._job(request, sid)
        action = request.required("action")
        if action not in _CONTROL:
            raise ApiError(400, f"Invalid control action '{action}'.")
        if action == "cancel":
            self.jobs.remove(sid)
        elif action == "setttl":
            self.jobs.set_ttl(sid, request.number("ttl", 600))
        return self._info(request, _CONTROL[action])

    def remove(self, request: Request, sid: str) -> Answer:
        self._job(request, sid)
        self.jobs.remove(sid)
        return self._info(request, _CONTROL["cancel"])

    def _info(self, request: Request, text: str) -> Response:
        if request.output_mode == "json":
            return json_response({"messages": [{"type": "INFO", "text": text}]})
        return Response(200, f'<response><messages><msg type="INFO">{text}</msg></messages></response>')


def entry(job: Job) -> Entry:
    """The job as its endpoint shows it."""
    messages: dict[str, list[str]] = {}
    for kind, text in job.messages:
        messages.setdefault(kind.lower(), []).append(text)
    content: dict[str, Any] = {
        "sid": job.sid,
        "search": job.search,
        "label": job.label or None,
        "dispatchState": job.state,
        "isDone": job.done,
        "isFailed": job.state == "FAILED",
        "isFinalized": False,
        "isPaused": False,
        "isSaved": False,
        "isSavedSearch": job.scheduled,
        "isZombie": False,
        "isPreviewEnabled": False,
        "isRealTimeSearch": False,
        "doneProgress": 1.0 if job.done else 0.0,
        "priority": 5,
        "ttl": job.ttl,
        "resultCount": job.result_count,
        "resultPreviewCount": job.result_count,
        "eventCount": job.result_count,
        "eventAvailableCount": job.result_count,
        "scanCount": job.result_count,
        "dropCount": 0,
        "runDuration": round(job.duration, 3),
        "earliestTime": str(job.earliest or ""),
        "latestTime": str(job.latest or ""),
        "messages": messages,
        "request": {"search": job.search},
        "eventSearch": job.search,
        "numPreviews": 0,
        "statusBuckets": 0,
        "delegate": "scheduler" if job.scheduled else "",
    }
    acl = Acl(app=job.app, owner=job.owner, read=(job.owner,), write=(job.owner,), sharing="global", removable=True)
    links = {
        "search.log": "search.log",
        "events": "events",
        "results": "results",
        "results_preview": "results_preview",
        "control": "control",
    }
    return Entry(job.sid, content, acl, links, title=job.search, updated=job.created, services=True)


def _may(identity: Identity, job: Job) -> bool:
    return job.owner == identity.user or identity.may("admin_all_objects")


def _wanted(request: Request) -> list[str]:
    listed = [name for text in request.args.get("field_list", []) for name in text.split(",")]
    return request.args.get("f", []) + listed
