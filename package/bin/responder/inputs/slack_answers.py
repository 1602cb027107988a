"""Takes what people answer in Slack: a link to each workspace that has an app-level token, from one search head.

An answer is written down before it is acknowledged, and carried out after. Whatever dies in between, somebody goes on
with it: this input when it starts again, the one of another search head, or any worker.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
import zlib
from collections.abc import Sequence
from typing import Any

from ..documents.document import Document, Paragraph, plain
from ..engine import answer_records, slack_answering, slack_records
from ..engine.answer_records import Recorded
from ..engine.services import Services
from ..engine.share_claims import ShareClaims
from ..errors import NotPermitted, ResponderError
from ..remediation.verdicts import SLACK
from ..remembered import Remembered
from ..settings.model import Http, SlackWorkspace
from ..settings.reader import Configuration
from ..settings.secret import Secret
from ..slack import interaction, replies
from ..slack.socket_mode import Envelope, SocketMode
from ..splunk.client import Splunkd

log = logging.getLogger("cloudtrail_responder")

#: Seconds between two looks at the settings and at what was left behind, and between two removals of what is over.
LOOK, REMOVE = 5.0, 3_600.0
#: Seconds after which the claim of a search head that died is free.
LEASE = 30.0
#: Seconds in which one answer is written down, or is not; and each of the two requests by which several are. Slack
#: waits three for the acknowledgement.
WRITTEN_WITHIN, EACH_WITHIN = 2.5, 1.25
#: Threads that carry answers out; those about one task go to the same, in order.
THREADS = 8
#: Seconds for which a person can be answered.
ANSWERABLE = 1_800.0
#: Seconds for goodbyes when the input is stopped.
GOODBYE = 1.7


def run(splunkd: Splunkd, stop: threading.Event) -> None:
    """Serve until ``stop``; returns at once where nobody can answer in Slack.

    Raises a ResponderError at the start, and NotPermitted when splunkd does not know the session any more: splunkd
    starts a new process with a new one.
    """
    workspaces = _serving(splunkd)
    if not workspaces:
        return
    carrier = _Carrier(splunkd)
    served = _Served(splunkd, carrier)
    is_first = True
    try:
        while not stop.is_set() and workspaces:
            served.keep(workspaces)
            carrier.look_behind(at_once=is_first)
            is_first = False
            stop.wait(LOOK)
            workspaces = _read_again(splunkd, workspaces)
    finally:
        served.close()


def _serving(splunkd: Splunkd) -> dict[str, tuple[SlackWorkspace, Http]]:
    config = Configuration(splunkd)
    return {one.name: (one, config.http) for one in config.slack_workspaces() if one.takes_answers}


def _read_again(
    splunkd: Splunkd, known: dict[str, tuple[SlackWorkspace, Http]]
) -> dict[str, tuple[SlackWorkspace, Http]]:
    """As they are saved now. Where that cannot be read, it goes on as before. Raises NotPermitted."""
    try:
        return _serving(splunkd)
    except NotPermitted:
        raise
    except ResponderError as error:
        log.warning("the settings cannot be read now: %s", error)
        return known


class _Served:
    """The links that this search head keeps: to workspaces that no other one serves."""

    def __init__(self, splunkd: Splunkd, carrier: _Carrier) -> None:
        self._splunkd = splunkd
        self._carrier = carrier
        self._claims = ShareClaims(_hasty(splunkd), splunkd.now, LEASE)
        self._running: dict[str, tuple[Any, threading.Event, threading.Thread]] = {}

    def keep(self, workspaces: dict[str, tuple[SlackWorkspace, Http]]) -> None:
        """End what is not wanted any more or was taken over, begin what is new or free."""
        for name, (settings, _, thread) in list(self._running.items()):
            is_ours = self._claims.keep(slack_records.claim_of(name))
            if workspaces.get(name) != settings or not is_ours or not thread.is_alive():
                self._end([name], release=is_ours)
        for name, settings in workspaces.items():
            if name not in self._running and self._claims.take(slack_records.claim_of(name)):
                self._begin(name, settings)

    def close(self) -> None:
        self._end(list(self._running), release=True)

    def _begin(self, name: str, settings: tuple[SlackWorkspace, Http]) -> None:
        stop, (workspace, http) = threading.Event(), settings
        try:
            mode = SocketMode(workspace, http, lambda given: self._carrier.take(workspace, http, given), stop)
        except ResponderError as error:
            log.error("workspace=%s: %s", name, error)
            self._claims.release(slack_records.claim_of(name))
            return
        thread = threading.Thread(target=mode.run, name=f"slack-{name}", daemon=True)
        self._running[name] = settings, stop, thread
        thread.start()

    def _end(self, names: Sequence[str], release: bool) -> None:
        ended = [self._running.pop(name) for name in names]
        for _, stop, _ in ended:
            stop.set()
        ends_at = time.monotonic() + GOODBYE
        for _, _, thread in ended:
            thread.join(max(0.0, ends_at - time.monotonic()))
        for name in names if release else ():
            self._claims.release(slack_records.claim_of(name))


def _hasty(splunkd: Splunkd, seconds: float = WRITTEN_WITHIN) -> Splunkd:
    """For what is of no use late."""
    return Splunkd(splunkd.uri, splunkd.session_key, timeout=seconds, pauses=())


class _Carrier:
    """Writes answers down, and carries them out in threads of its own."""

    def __init__(self, splunkd: Splunkd) -> None:
        self._splunkd = splunkd
        self._one, self._several = _hasty(splunkd), _hasty(splunkd, EACH_WITHIN)
        self._services = Services()
        self._lock = threading.Lock()
        self._in_hand: set[str] = set()
        self._remove_at = 0.0
        self._replies: Remembered[tuple[SlackWorkspace, Http, Secret]] = Remembered(ANSWERABLE)
        self._queues: list[queue.SimpleQueue[Recorded]] = [queue.SimpleQueue() for _ in range(THREADS)]
        for waiting in self._queues:
            self._serve(waiting)

    def take(self, workspace: SlackWorkspace, http: Http, envelopes: Sequence[Envelope]) -> None:
        """Write down what is an answer. Raises a ResponderError; then nothing is acknowledged."""
        given = [found for found in map(interaction.read, envelopes) if found is not None]
        if not given:
            return
        hasty = self._one if len(given) == 1 else self._several
        fresh = slack_records.write_down(hasty, workspace.name, given)
        urls = {f"{workspace.name}:{one.id}": one.response_url for one in given}
        for answer in fresh:
            if urls[answer.key]:
                self._replies.put(answer.key, (workspace, http, urls[answer.key]))
            self._put(answer)

    def look_behind(self, at_once: bool) -> None:
        """Take up what somebody else has left; ``at_once``: whoever it was is gone, as when this has just begun.

        Raises NotPermitted.
        """
        try:
            left = answer_records.open_ones if at_once else answer_records.due
            for answer in left(self._splunkd, SLACK):
                self._put(answer)
            if time.monotonic() >= self._remove_at:
                answer_records.remove_old(self._splunkd)
                self._remove_at = time.monotonic() + REMOVE
        except NotPermitted:
            raise
        except ResponderError as error:
            log.error("answers that were left behind cannot be read now: %s", error)

    def _put(self, answer: Recorded) -> None:
        with self._lock:
            if answer.key in self._in_hand:
                return
            self._in_hand.add(answer.key)
        place = zlib.crc32((answer.task or answer.user).encode()) % THREADS
        self._queues[place].put(answer)

    def _serve(self, waiting: queue.SimpleQueue[Recorded]) -> None:
        # One that is under way keeps nobody from ending the process: it is gone on with.
        threading.Thread(target=self._work, args=(waiting,), name="answers", daemon=True).start()

    def _work(self, waiting: queue.SimpleQueue[Recorded]) -> None:
        while True:
            answer = waiting.get()
            message: str | None = None
            try:
                message = slack_answering.carry_out(self._splunkd, self._services, answer)
            except ResponderError as error:
                # It stays open, and somebody comes back to it.
                log.error("answer=%s not carried out: %s", answer.key, error)
            finally:
                with self._lock:
                    self._in_hand.discard(answer.key)
            if message is not None:
                self._reply(answer, message)

    def _reply(self, answer: Recorded, message: str) -> None:
        """Once, and to the person alone. What is lost is in the thread, too."""
        known = self._replies.get(answer.key)
        if known is None:
            return
        workspace, http, url = known
        document = Document(tuple(Paragraph((plain(line),)) for line in message.splitlines() if line.strip()))
        try:
            replies.reply(workspace, http, url, document)
        except ResponderError as error:
            log.warning("answer=%s: the person was not answered: %s", answer.key, error)
