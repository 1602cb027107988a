"""Search jobs: run on ``spl``, kept in SQLite until they are deleted (``ttl`` is shown, not enforced)."""

from __future__ import annotations

import itertools
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Union

from spl import Results, SplError, parse, search

from .access import Identity
from .errors import ApiError
from .store import Store

SCHEMA = """CREATE TABLE IF NOT EXISTS jobs(sid TEXT PRIMARY KEY, created REAL NOT NULL, about TEXT NOT NULL,
    fields TEXT, rows TEXT);"""
Bound = Union[None, str, float]
#: One for all: the members of a cluster keep their jobs in one store, and a second has room for many.
_NUMBERS = itertools.count(1)


@dataclass
class Job:
    """One search: what was asked and how it went. ``label`` is the saved search it belongs to."""

    sid: str
    search: str
    owner: str
    app: str
    created: float
    earliest: Bound = None
    latest: Bound = None
    index_earliest: Bound = None
    index_latest: Bound = None
    now: float | None = None
    label: str = ""
    ttl: int = 600
    max_count: int = 500_000
    scheduled: bool = False
    #: QUEUED, RUNNING, DONE or FAILED.
    state: str = "QUEUED"
    result_count: int = 0
    duration: float = 0.0
    messages: list[tuple[str, str]] = field(default_factory=list)

    @property
    def done(self) -> bool:
        return self.state in ("DONE", "FAILED")


def qualified(spl: str) -> str:
    """With the leading ``search`` that a saved search may leave out."""
    stripped = spl.strip()
    return (
        stripped
        if not stripped or stripped.startswith("|") or stripped.split()[0].lower() == "search"
        else (f"search {stripped}")
    )


class Jobs:
    """``sources`` gives the events and the knowledge objects that a user sees from an app, in a job if there is one."""

    def __init__(
        self,
        store: Store,
        dispatch: Path,
        sources: Callable[[Identity, str, Job | None], tuple[Any, Any]],
        log: logging.Logger,
    ) -> None:
        self.store = store
        self.dispatch = dispatch
        self.sources = sources
        self.log = log
        store.script(SCHEMA)
        self._lock = threading.Lock()
        self._running: dict[str, threading.Event] = {}

    def check(self, spl: str, identity: Identity, app: str) -> None:
        """Raises ApiError 400 with the interpreter's word on a search that cannot run."""
        try:
            parse(spl, self.sources(identity, app, None)[1])
        except SplError as error:
            raise ApiError(400, str(error), "FATAL") from error

    def start(self, job: Job, identity: Identity) -> Job:
        """Run in the background; ``wait`` waits for it."""
        finished = threading.Event()
        with self._lock:
            self._running[job.sid] = finished
        self._save(job, None)
        threading.Thread(
            target=self._run, args=(job, identity, finished), name=f"search-{job.sid}", daemon=True
        ).start()
        return job

    def run(self, job: Job, identity: Identity) -> Job:
        """Run now. The job says whether it failed; nothing is raised for that."""
        self._run(job, identity, threading.Event())
        return self.get(job.sid)

    def wait(self, sid: str) -> Job:
        with self._lock:
            finished = self._running.get(sid)
        if finished is not None:
            finished.wait()
        return self.get(sid)

    def new_sid(self, kind: str = "", at: float | None = None) -> str:
        """``<epoch>.<n>``, or ``<kind>_<epoch>_<n>`` for a scheduled search, which names the time it is scheduled for.

        Source: Search Manual, "Dispatch directory and search artifacts", naming conventions.
        """
        moment, number = time.time() if at is None else at, next(_NUMBERS)
        return f"{kind}_{moment:.0f}_{number}" if kind else f"{moment:.0f}.{number}"

    def evaluate(self, job: Job, identity: Identity) -> Results:
        """Raises SplError."""
        events, knowledge = self.sources(identity, job.app, job)
        job.messages = knowledge.commands.messages
        return search(
            job.search,
            events=events,
            knowledge=knowledge,
            earliest=job.earliest,
            latest=job.latest,
            now=job.now,
            index_earliest=job.index_earliest,
            index_latest=job.index_latest,
            sid=job.sid,
        )

    def _run(self, job: Job, identity: Identity, finished: threading.Event) -> None:
        job.state, began, results = "RUNNING", time.monotonic(), Results([], [])
        (self.dispatch / job.sid).mkdir(parents=True, exist_ok=True)
        try:
            results = self.evaluate(job, identity)
            results.rows = results.rows[: job.max_count]
            job.messages = [*job.messages, *(("INFO", text) for text in results.messages)]
            job.state = "DONE"
        except SplError as error:
            job.state, job.messages = "FAILED", [("FATAL", str(error)), *job.messages]
            self.log.warning("search %s of %s failed: %s", job.sid, job.owner, error)
        except Exception as error:
            job.state, job.messages = "FAILED", [("FATAL", f"The sandbox failed on this search: {error!r}")]
            self.log.exception("search %s of %s failed inside the stand-in: %s", job.sid, job.owner, job.search)
        finally:
            job.duration, job.result_count = time.monotonic() - began, len(results.rows)
            self._save(job, results)
            with self._lock:
                self._running.pop(job.sid, None)
            finished.set()

    # --- keeping --------------------------------------------------------------------------------------------------

    def _save(self, job: Job, results: Results | None) -> None:
        row = (
            job.sid,
            job.created,
            json.dumps(asdict(job)),
            json.dumps(results.fields if results else []),
            json.dumps(results.rows if results else []),
        )
        with self.store.write() as db:
            db.execute("INSERT OR REPLACE INTO jobs VALUES (?,?,?,?,?)", row)

    def _load(self, about: str) -> Job:
        values: Mapping[str, Any] = json.loads(about)
        job = Job(**{**values, "messages": [tuple(pair) for pair in values["messages"]]})
        if not job.done and job.sid not in self._running:
            job.state, job.messages = "FAILED", [("FATAL", "The search was interrupted: splunkd stopped.")]
        return job

    def get(self, sid: str) -> Job:
        found = self.find(sid)
        if found is None:
            raise ApiError(404, "Unknown sid.", "FATAL")
        return found

    def find(self, sid: str) -> Job | None:
        with self.store.read() as db:
            row = db.execute("SELECT about FROM jobs WHERE sid=?", (sid,)).fetchone()
        return None if row is None else self._load(row[0])

    def results(self, sid: str) -> Results:
        with self.store.read() as db:
            row = db.execute("SELECT fields, rows FROM jobs WHERE sid=?", (sid,)).fetchone()
        if row is None:
            raise ApiError(404, "Unknown sid.", "FATAL")
        return Results(json.loads(row[0]), json.loads(row[1]))

    def list(self) -> list[Job]:
        """Newest first."""
        with self.store.read() as db:
            rows = db.execute("SELECT about FROM jobs ORDER BY created DESC").fetchall()
        return [self._load(row[0]) for row in rows]

    def set_ttl(self, sid: str, ttl: int) -> None:
        job = self.wait(sid)
        job.ttl = ttl
        with self.store.write() as db:
            db.execute("UPDATE jobs SET about=? WHERE sid=?", (json.dumps(asdict(job)), sid))

    def remove(self, sid: str) -> None:
        self.wait(sid)
        with self.store.write() as db:
            db.execute("DELETE FROM jobs WHERE sid=?", (sid,))
