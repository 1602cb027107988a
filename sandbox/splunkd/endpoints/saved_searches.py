"""saved/searches: list, get, create, edit, remove, dispatch, history, scheduled_times."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from croniter import croniter

from spl.times import bound

from .. import render
from ..confs import Stanza, parse_bool
from ..errors import ApiError
from ..filters import check_arguments
from ..instance import Instance
from ..jobs import Job, qualified
from ..message import Request
from ..model import Acl, Entry, Feed, one
from ..objects import ConfObjects, content
from ..router import Answer, Router
from ..sharing import change_acl
from .jobs import PATH as JOBS
from .jobs import entry as job_entry

PATH = ("saved", "searches")
#: Name at the endpoint -> name in savedsearches.conf.
_NAMES = {
    "is_scheduled": "enableSched",
    "alert_type": "counttype",
    "alert_comparator": "relation",
    "alert_threshold": "quantity",
}
_BOOLEANS = {
    "is_scheduled",
    "is_visible",
    "disabled",
    "alert.digest_mode",
    "alert.suppress",
    "realtime_schedule",
    "run_on_startup",
    "dispatch.lookups",
    "dispatch.spawn_process",
}
_NUMBERS = {
    "alert.severity",
    "max_concurrent",
    "run_n_times",
    "dispatch.buckets",
    "dispatch.max_count",
    "dispatch.max_time",
}

def register(router: Router, instance: Instance) -> None:
    endpoint = Endpoint(instance)
    router.add("GET", "saved/searches", endpoint.list)
    router.add("POST", "saved/searches", endpoint.create)
    router.add("GET POST", "saved/searches/_reload", endpoint.reload)
    router.add("GET", "saved/searches/{name}", endpoint.get)
    router.add("POST", "saved/searches/{name}", endpoint.edit)
    router.add("DELETE", "saved/searches/{name}", endpoint.remove)
    router.add("POST", "saved/searches/{name}/enable", endpoint.enable)
    router.add("POST", "saved/searches/{name}/disable", endpoint.disable)
    router.add("GET", "saved/searches/{name}/acl", endpoint.get)
    router.add("POST", "saved/searches/{name}/acl", endpoint.acl)
    router.add("POST", "saved/searches/{name}/dispatch", endpoint.dispatch)
    router.add("GET", "saved/searches/{name}/history", endpoint.history)
    router.add("GET", "saved/searches/{name}/scheduled_times", endpoint.scheduled_times)


def saved_content(stanza: Stanza, acl: Acl) -> dict[str, Any]:
    """The stanza in the endpoint's words, with what is derived from it."""
    values: dict[str, Any] = dict(content(stanza, acl))
    for shown, stored in _NAMES.items():
        values[shown] = values.pop(stored, "")
    for key in _BOOLEANS:
        values[key] = parse_bool(str(values.get(key, "")))
    for key in _NUMBERS:
        text = str(values.get(key, ""))
        values[key] = int(text) if text.lstrip("-").isdigit() else text
    values["actions"] = ",".join(actions(stanza.values))
    values["qualifiedSearch"] = qualified(values.get("search", ""))
    values["next_scheduled_time"] = ""
    if values["is_scheduled"] and not values["disabled"] and values.get("cron_schedule"):
        values["next_scheduled_time"] = render.iso(croniter(values["cron_schedule"], time.time()).get_next(float))
    return values


def actions(values: Mapping[str, str]) -> list[str]:
    """The alert actions that are switched on (``action.<name> = 1``)."""
    return sorted(
        key[7:]
        for key, value in values.items()
        if key.startswith("action.") and "." not in key[7:] and parse_bool(value)
    )


class Endpoint:
    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.objects = ConfObjects(instance.confs, "savedsearches", "savedsearch")

    def list(self, request: Request) -> Answer:
        check_arguments(request, "earliest_time", "latest_time")
        pairs = [(stanza, acl) for stanza, acl in self.objects.list(request) if stanza.name != "default"]
        return Feed(PATH, [self._entry(stanza, acl) for stanza, acl in pairs])

    def _entry(self, stanza: Stanza, acl: Acl) -> Entry:
        links = {"dispatch": "dispatch", "history": "history", "disable": "disable"}
        return Entry(stanza.name, saved_content(stanza, acl), acl, links)

    def get(self, request: Request, name: str, status: int = 200) -> Answer:
        if name == "_new":
            default = self.instance.confs.merged("savedsearches", None).get("default", Stanza("default", "system"))
            return one(PATH, self._entry(Stanza("_new", request.app, dict(default.values)), Acl(app=request.app)))
        return one(PATH, self._entry(*self.objects.get(request, name)), status)

    def create(self, request: Request) -> Answer:
        name = request.required("name")
        if len(name) > 100:
            raise ApiError(400, "The name of a saved search has at most 100 characters.")
        request.required("search")
        self.objects.create(request, name, self._values(request))
        return self.get(request, name, 201)

    def edit(self, request: Request, name: str) -> Answer:
        stanza, _ = self.objects.get(request, name)
        self.objects.edit(request, name, self._values(request, stanza.values))
        return self.get(request, name)

    def _values(self, request: Request, known: Mapping[str, str] | None = None) -> dict[str, str]:
        """The arguments as savedsearches.conf keeps them."""
        values = request.fields()
        if "actions" in values:
            wanted = [word.strip() for word in values.pop("actions").split(",") if word.strip()]
            values.update({f"action.{action}": "0" for action in actions(known or {}) if action not in wanted})
            values.update({f"action.{action}": "1" for action in wanted})
        cron = values.get("cron_schedule", "")
        if cron and not croniter.is_valid(cron):
            raise ApiError(400, f"Invalid cron_schedule: '{cron}'.")
        if parse_bool(values.get("is_scheduled")):
            request.identity.require("schedule_search")
            if not (cron or (known or {}).get("cron_schedule")):
                raise ApiError(400, "A scheduled search needs a cron_schedule.")
        return {_NAMES.get(key, key): value for key, value in values.items()}

    def remove(self, request: Request, name: str) -> Answer:
        self.objects.remove(request, name)
        return Feed(PATH)

    def enable(self, request: Request, name: str) -> Answer:
        self.objects.edit(request, name, {"disabled": "0"})
        return self.get(request, name)

    def disable(self, request: Request, name: str) -> Answer:
        self.objects.edit(request, name, {"disabled": "1"})
        return self.get(request, name)

    def acl(self, request: Request, name: str) -> Answer:
        return self.get(change_acl(self.objects, self.instance.access, request, name), name)

    def reload(self, request: Request) -> Answer:
        return Feed(PATH)

    # --- running ----------------------------------------------------------------------------------------------------

    def dispatch(self, request: Request, name: str) -> Answer:
        stanza, acl = self.objects.get(request, name)
        for key in request.args:
            if not key.startswith(("dispatch.", "args.")) and key not in (
                "now",
                "trigger_actions",
                "force_dispatch",
                "output_mode",
                "replay_speed",
            ):
                raise ApiError(400, f'Argument "{key}" is not supported by this handler.')
        values = {**stanza.values, **{k: v[-1] for k, v in request.args.items() if k.startswith("dispatch.")}}
        trigger: Callable[..., None] | None = None
        if parse_bool(request.arg("trigger_actions")):
            trigger = self.instance.trigger_actions
            if trigger is None:
                raise ApiError(503, "No alert runner is attached: actions cannot be triggered here.")
        now = request.arg("now")
        job = self.instance.saved_job(name, stanza.app, values, request.identity, float(now) if now else None)
        self.instance.jobs.check(job.search, request.identity, stanza.app)
        if trigger is not None:
            done = self.instance.jobs.run(job, request.identity)
            trigger(name, stanza.app, acl.owner, done)
        else:
            self.instance.jobs.start(job, request.identity)
        return render.element(request.output_mode, "sid", job.sid, 201)

    def history(self, request: Request, name: str) -> Answer:
        stanza, _ = self.objects.get(request, name)
        check_arguments(request, "savedsearch")
        jobs = [job for job in self.instance.jobs.list() if job.label == name and job.app == stanza.app]
        return Feed((*PATH, name, "history"), [self._past(job) for job in jobs])

    def _past(self, job: Job) -> Entry:
        found = job_entry(job)
        found.title, found.collection = job.sid, JOBS
        return found

    def scheduled_times(self, request: Request, name: str) -> Answer:
        stanza, acl = self.objects.get(request, name)
        check_arguments(request, "earliest_time", "latest_time")
        now = time.time()
        start = bound(request.required("earliest_time"), now, now)
        end = bound(request.required("latest_time"), now, now)
        times: list[int] = []
        if parse_bool(stanza.values.get("enableSched")):
            cron = croniter(stanza.values["cron_schedule"], start)
            while (moment := cron.get_next(float)) < end and len(times) < 10_000:
                times.append(int(moment))
        return one(PATH, Entry(name, {"scheduled_times": [str(moment) for moment in times]}, acl))
