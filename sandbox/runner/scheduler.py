"""The scheduler: runs saved searches at their times, decides whether they trigger, starts their alert actions."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from croniter import croniter

from sandbox.splunkd.confs import parse_bool
from sandbox.splunkd.jobs import Job
from spl import SplError

from . import scheduler_log
from .alerts import ActionRun, AlertActions, Search
from .condition import condition_search
from .host import Host, Row
from .processes import OnStart
from .saved import SavedSearch, find, saved_searches
from .triggers import BadAlert, Throttle, condition_met, counted

#: How far back continuous searches are caught up with, as limits.conf's scheduler does not go on for ever either.
CATCH_UP = 24 * 3600.0


@dataclass
class Firing:
    """One run of a saved search. ``error``: why it could not run, or why its alert settings make no sense."""

    search: str
    app: str
    owner: str
    scheduled_time: float
    sid: str = ""
    result_count: int = 0
    triggered: bool = False
    #: Results that throttling kept back.
    suppressed: int = 0
    actions: list[ActionRun] = field(default_factory=list)
    error: str = ""
    wall_seconds: float = 0.0

    @property
    def status(self) -> str:
        return "failed" if self.error else "success"


@dataclass(frozen=True)
class TriggeredAlert:
    """An entry of Activity > Triggered Alerts."""

    search: str
    app: str
    owner: str
    sid: str
    time: float
    severity: int
    actions: tuple[str, ...]


class Scheduler:
    """``tick(now)`` does what is due and comes back when it is done; ``start()`` ticks from a thread by the clock.

    ``history`` has every run, ``triggered`` the tracked alerts, ``skipped`` (name, scheduled time) what was left out
    because the search still ran (``max_concurrent``) or came too late. A continuous search is never skipped: what
    cannot run now is due again at the next tick (savedsearches.conf.spec, ``realtime_schedule``; scheduler.log says
    ``continued``).
    """

    def __init__(self, host: Host, alerts: AlertActions | None = None) -> None:
        self.host = host
        self.alerts = alerts or AlertActions(host)
        self.throttle = Throttle()
        self.history: list[Firing] = []
        self.triggered: list[TriggeredAlert] = []
        self.skipped: list[tuple[str, float]] = []
        #: Gets every process of an alert action as it starts, so that a test can end it.
        self.on_start: OnStart | None = None
        self._last: dict[tuple[str, str, str], float] = {}
        self._counts: dict[tuple[str, str, str], int] = {}
        self._running: dict[tuple[str, str, str], int] = {}
        self._continued: list[tuple[tuple[str, str, str], float]] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._pool: ThreadPoolExecutor | None = None
        self._warned: set[tuple[str, str, str]] = set()

    # --- by the clock -------------------------------------------------------------------------------------------

    def start(self) -> Scheduler:
        """Schedule from now on. Searches that are due at the same time run side by side."""
        self._stopping.clear()
        self._pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="sandbox-search")
        self._thread = threading.Thread(target=self._loop, name="sandbox-scheduler", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Start nothing more, and await what runs."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def _loop(self) -> None:
        self.due(time.time())
        while not self._stopping.wait(0.5):
            for search, moment in self.due(time.time()):
                assert self._pool is not None
                self._pool.submit(self._guarded, search, moment)

    def _guarded(self, search: SavedSearch, moment: float) -> None:
        try:
            self.fire(search, moment)
        except Exception as error:
            # A bug of ours must not end unseen in a thread of the pool.
            self.host.log.write("ERROR", "SavedSplunker", f'savedsearch_id="{search.name}": sandbox failed: {error!r}')
            raise

    # --- step by step -------------------------------------------------------------------------------------------

    def tick(self, now: float) -> list[Firing]:
        """Run what became due since the last tick, in order of its time. The first tick only sets the clock."""
        return [self.fire(search, moment) for search, moment in self.due(now)]

    def due(self, now: float) -> list[tuple[SavedSearch, float]]:
        """The searches that became due since the last call, with their scheduled times; each is given once.

        A continuous search (``realtime_schedule = 0``) gets every time it missed, any other the last one only.
        """
        found: list[tuple[SavedSearch, float]] = []
        with self._lock:
            continued, self._continued = self._continued, []
        for search in saved_searches(self.host):
            key = search.key
            if search.scheduled:
                found.extend((search, moment) for of, moment in continued if of == key)
            if not search.scheduled:
                self._last.pop(key, None)
                continue
            last = self._last.get(key)
            self._last[key] = now
            if last is None:
                continue
            try:
                times = _times(search.cron, max(last, now - CATCH_UP), now)
            except BadAlert as error:
                self._warn_once(search, str(error))
                continue
            if not search.continuous:
                self.skipped.extend((search.name, moment) for moment in times[:-1])
                times = times[-1:]
            found.extend((search, moment) for moment in times)
        return sorted(found, key=lambda pair: (pair[1], pair[0].app, pair[0].name))

    def run_search(self, name: str, app: str = "", now: float | None = None) -> Firing:
        """Run a saved search at once, scheduled or not, with its alert actions. Raises LookupError."""
        return self.fire(find(self.host, name, app), time.time() if now is None else now)

    def run_all(self, app: str = "", now: float | None = None) -> list[Firing]:
        """Run every enabled scheduled search at once, one after the other: for a demo that does not wait for cron."""
        searches = [search for search in saved_searches(self.host) if search.scheduled and app in ("", search.app)]
        return [self.fire(search, time.time() if now is None else now) for search in searches]

    def fire(self, search: SavedSearch, moment: float) -> Firing:
        """One run for the scheduled time ``moment``: search, condition, throttling, actions."""
        key = search.key
        firing = Firing(search.name, search.app, search.owner, moment)
        began = time.monotonic()
        with self._lock:
            if self._running.get(key, 0) >= int(search.values.get("max_concurrent") or 1):
                status = "continued" if search.continuous else "skipped"
                if search.continuous:
                    self._continued.append((key, moment))
                else:
                    self.skipped.append((search.name, moment))
                reason = "The maximum number of concurrent running jobs for it has been reached"
                scheduler_log.write(self.host, "WARN", search, moment, status, reason=reason)
                firing.error = f"{status}: it is still running (max_concurrent)"
                return firing
            self._running[key] = self._running.get(key, 0) + 1
        try:
            self._fire(search, firing)
        except (BadAlert, SplError, LookupError) as error:
            firing.error = str(error)
            scheduler_log.write(self.host, "ERROR", search, moment, "failed", reason=error)
        finally:
            firing.wall_seconds = time.monotonic() - began
            with self._lock:
                self._running[key] -= 1
                self.history.append(firing)
        return firing

    def _fire(self, search: SavedSearch, firing: Firing) -> None:
        splunkd = self.host.splunkd
        identity = splunkd.user(search.owner)
        job = splunkd.jobs.run(
            splunkd.saved_job(search.name, search.app, search.values, identity, firing.scheduled_time, scheduled=True),
            identity,
        )
        firing.sid = job.sid
        if job.state != "DONE":
            raise BadAlert("; ".join(text for _, text in job.messages))
        results = splunkd.jobs.results(job.sid)
        self.trigger(search, firing, results.fields, results.rows)

    # --- alerting -----------------------------------------------------------------------------------------------

    def trigger(self, search: SavedSearch, firing: Firing, fields: Sequence[str], rows: Sequence[Row]) -> Firing:
        """Decide on the results of a run, and start the alert actions. Raises BadAlert and SplError."""
        key = search.key
        firing.result_count = len(rows)
        previous, self._counts[key] = self._counts.get(key), counted(search.values, rows)
        met = condition_met(search.values, rows, previous)
        condition = search.values.get("alert_condition", "").strip()
        if met and condition:
            met = condition_search(self.host, search, condition, fields, rows, firing.scheduled_time)
        if met:
            name = "/".join(filter(None, search.key))
            passed = self.throttle.let_through(name, search.values, rows, firing.scheduled_time)
            firing.suppressed = len(rows) - len(passed or ())
            firing.triggered = passed is not None
            if passed is not None:
                self._act(search, firing, fields, passed)
        scheduler_log.write(
            self.host,
            "INFO",
            search,
            firing.scheduled_time,
            "success",
            sid=firing.sid,
            result_count=firing.result_count,
            suppressed=firing.suppressed,
            alert_actions=",".join(run.action for run in firing.actions),
        )
        return firing

    def trigger_actions(self, name: str, app: str, owner: str, job: Job) -> None:
        """The alert of a search dispatched with ``trigger_actions=1``; ``job`` is done."""
        firing = Firing(name, app, owner, job.now or job.created, job.sid)
        results = self.host.splunkd.jobs.results(job.sid)
        try:
            self.trigger(find(self.host, name, app, owner), firing, results.fields, results.rows)
        except (BadAlert, SplError, LookupError) as error:
            firing.error = str(error)
            self.host.log.write("ERROR", "SavedSplunker", f'savedsearch_id="{name}", status=failed, {error}')
        self.history.append(firing)

    def _act(self, search: SavedSearch, firing: Firing, fields: Sequence[str], rows: Sequence[Row]) -> None:
        values = search.values
        tokens = {
            "search": values.get("search", ""),
            "cron_schedule": values.get("cron_schedule", ""),
            "description": values.get("description", ""),
            "alert.severity": values.get("alert.severity", "3"),
            "alert.expires": values.get("alert.expires", "24h"),
            "trigger_time": str(int(firing.scheduled_time)),
            "job.earliestTime": values.get("dispatch.earliest_time", ""),
            "job.latestTime": values.get("dispatch.latest_time", ""),
        }
        period = search.period(firing.scheduled_time) if values.get("cron_schedule") else 60.0
        about = Search(search.name, search.app, search.owner, firing.sid, rows, fields, tokens, period)

        def run(action: str) -> list[ActionRun]:
            return self.alerts.run(
                action,
                about,
                search.parameters(action),
                digest=search.digest,
                overrides=search.overrides(action),
                on_start=self.on_start,
            )

        if search.actions:
            # Splunk promises no order between the actions of an alert: they run side by side.
            with ThreadPoolExecutor(max_workers=len(search.actions)) as pool:
                firing.actions = [done for runs in pool.map(run, search.actions) for done in runs]
        if self._tracked(search):
            severity = int(values.get("alert.severity") or 3)
            self.triggered.append(
                TriggeredAlert(
                    search.name,
                    search.app,
                    search.owner,
                    firing.sid,
                    firing.scheduled_time,
                    severity,
                    tuple(search.actions),
                )
            )

    def _tracked(self, search: SavedSearch) -> bool:
        wanted = search.values.get("alert.track", "auto").strip().lower()
        if wanted != "auto":
            return parse_bool(wanted)
        stanzas = self.host.confs.merged("alert_actions", search.app)
        named = [stanzas[action] for action in search.actions if action in stanzas]
        return any(parse_bool(stanza.values.get("track_alert")) for stanza in named)

    def _warn_once(self, search: SavedSearch, text: str) -> None:
        if (search.app, search.name, text) not in self._warned:
            self._warned.add((search.app, search.name, text))
            self.host.log.write("ERROR", "SavedSplunker", f'savedsearch_id="{search.name}", {text}')


def _times(cron: str, after: float, until: float) -> list[float]:
    """The times of a cron line with after < time <= until."""
    times, line = [], croniter(cron, after)
    while (moment := line.get_next(float)) <= until:
        times.append(float(moment))
    return times
