"""One round of a sweep: look at as many places as its calls allow, and have what is wrong answered.

One search head at a time (``share:sweep:<name>`` in ``responder_marks``); should that fail, nothing is recorded twice
all the same. It may be stopped anywhere: an episode is written before its tasks, a place after all that was seen there.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from typing import Any

from ...aws.accounts import Accounts, listing
from ...aws.organization import Organization
from ...cases.recording import Recorded, Recorder, TaskRequest
from ...cases.task import Alert
from ...engine.engine import Engine, lease_seconds
from ...engine.services import Services
from ...engine.share_claims import ShareClaims
from ...errors import ResponderError
from ...findings import public_buckets
from ...findings.finding import Finding
from ...handlers.gathering import Gathering
from ...handlers.routing import routed
from ...health import sweep_rounds
from ...health.sweep_rounds import Round
from ...remediation import registry
from ...remediation.sweeping import Part, View, Wrong
from ...settings.model import AwsAccount, AwsEntry
from ...settings.reader import Configuration
from ...splunk.client import APP, Splunkd
from ...splunk.users import SYSTEM
from .episodes import DAY, Episode, Episodes
from .findings import by_case, finding_of
from .places import Place, Places
from .settings import SCHEME, SweepSettings

log = logging.getLogger("cloudtrail_responder")

#: Places looked at at the same time; AWS is paced for each service of an account and region besides.
THREADS = 8
#: The part of the interval in which a look is begun.
ROUND = 0.75
#: Tasks that are run in one go, and seconds between two looks at whether the round is still this process's.
TOGETHER, LOOK_AGAIN = 50, 2.0


@dataclass
class Swept:
    """What a round has come to."""

    places: int = 0
    #: Places that the calls of this round did not reach.
    left: int = 0
    calls: int = 0
    #: What was seen wrong, and what was recorded of it anew.
    wrong: int = 0
    recorded: int = 0
    #: What was wrong and is not seen any more.
    ended: int = 0
    #: One line each.
    problems: list[str] = field(default_factory=list)


def run_once(
    splunkd: Splunkd, name: str, stanza: Mapping[str, str], interval: float = 120.0, services: Services | None = None
) -> Swept | None:
    """One round; None while another search head sweeps. Raises a ResponderError when it cannot begin."""
    began = splunkd.now()
    try:
        config = Configuration(splunkd)
        settings = SweepSettings.from_stanza(name, stanza)
        claims = ShareClaims(splunkd, splunkd.now, lease_seconds(config))
        if not claims.take(_share(settings)):
            return None
        try:
            swept = _Round(splunkd, config, settings, claims, services or Services(), interval).run()
        finally:
            claims.release(_share(settings))
    except ResponderError as error:
        sweep_rounds.write(splunkd, name, Round(began, splunkd.now(), interval, error=str(error)))
        raise
    _mark(splunkd, settings, began, interval, swept)
    return swept


def _mark(splunkd: Splunkd, settings: SweepSettings, began: float, interval: float, swept: Swept) -> None:
    """For the health check: how it went, and since when places are left."""
    since = 0.0
    if swept.left:
        try:
            before = sweep_rounds.read(splunkd, settings.name)
        except ResponderError:
            before = None
        since = (before.left_since if before else 0.0) or began
    ended = Round(
        began, splunkd.now(), interval, swept.places, swept.left, since, swept.calls, settings.calls, swept.wrong,
        swept.recorded, len(swept.problems), swept.problems[0] if swept.problems else "",
    )  # fmt: skip
    sweep_rounds.write(splunkd, settings.name, ended)


def _share(settings: SweepSettings) -> str:
    return f"sweep:{settings.name}"


class _Round:
    def __init__(
        self,
        splunkd: Splunkd,
        config: Configuration,
        settings: SweepSettings,
        claims: ShareClaims,
        services: Services,
        interval: float,
    ) -> None:
        self._splunkd, self._config, self._settings, self._claims = splunkd, config, settings, claims
        #: Clients that count their calls; those that answer have their own.
        self._looking, self._services = Services(), services
        self._ends_at = time.monotonic() + ROUND * interval
        self._places = Places(splunkd, settings.name, splunkd.now)
        self._episodes = Episodes(
            splunkd, settings.name, settings.days, splunkd.now, lambda: config.safety.longest_excuse_days
        )
        self._run = f"{SCHEME}:{settings.name}:{int(splunkd.now())}"
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._swept = Swept()
        self._waiting: deque[Place] = deque()

    def run(self) -> Swept:
        self._waiting.extend(self._places.listed(self._wanted()))
        with ThreadPoolExecutor(THREADS, "look") as pool, ThreadPoolExecutor(1, "answer") as self._answering:
            looks = [pool.submit(self._look_on) for _ in range(min(THREADS, len(self._waiting)))]
            self._wait_for(looks)
        self._swept.left = len(self._waiting)
        self._forget()
        return self._swept

    def _forget(self) -> None:
        try:
            self._episodes.forget(self._splunkd.now() - self._config.retention_days * DAY)
        except ResponderError as error:
            self._problem(f"What is over was not removed: {error}")

    def _wait_for(self, looks: Sequence[Future[None]]) -> None:
        """And keep the round this process's; once it is another's, nothing more is looked at."""
        left = set(looks)
        while left:
            done, left = wait(left, LOOK_AGAIN)
            if not self._claims.keep(_share(self._settings)):
                self._stopped.set()
            for one in done:
                one.result()

    # -- where -----------------------------------------------------------------------------------------------------

    def _wanted(self) -> Iterator[Place]:
        playbooks = [registry.get(one) for one in self._settings.playbooks]
        for account in self._accounts():
            regions = self._regions(account)
            for playbook in playbooks:
                for region in regions if playbook.sweeps_regions else ("",):
                    yield Place(account, region, playbook)

    def _accounts(self) -> Iterator[AwsAccount]:
        """Every account of every entry that is swept, by the role that reads."""
        named = set(self._settings.accounts)
        entries = Accounts(self._config, self._organization)
        found, failed = entries.every(lambda entry: self._members(entries, entry))
        for name, error in failed:
            if not named or name in named:
                self._problem(f"AWS account entry '{name}' is not looked at everywhere: {error}")
        for account in found:
            if not named or account.name in named:
                reads = account.to_read()
                self._looking.aws(reads, self._config.http).on_request = self._count
                yield reads
        for name in named - {entry.name for entry in self._config.aws_entries()}:
            self._problem(f"There is no AWS account entry '{name}'.")

    def _members(self, entries: Accounts, entry: AwsEntry) -> Sequence[str]:
        if not entry.is_organization or entry.problem is not None:
            return entries.of(entry)
        settings = self._config.fingerprint("aws_account")
        return self._places.accounts(entry.name, settings, lambda: entries.of(entry))

    def _organization(self, entry: AwsEntry) -> Organization:
        aws = self._looking.aws(listing(entry), self._config.http)
        aws.on_request = self._count
        return Organization(entry, aws)

    def _regions(self, account: AwsAccount) -> Sequence[str]:
        try:
            found = self._places.regions(account, lambda: self._switched_on(account))
        except ResponderError as error:
            self._problem(f"Account {account.account_id}: only {account.default_region} is looked at: {error}")
            found = (account.default_region,)
        chosen = self._settings.regions
        return [region for region in found if not chosen or region in chosen]

    def _switched_on(self, account: AwsAccount) -> Sequence[str]:
        aws = self._looking.aws(account, self._config.http)
        return [str(region["RegionName"]) for region in aws.read("ec2", "describe_regions")["Regions"]]

    # -- looking ---------------------------------------------------------------------------------------------------

    def _count(self) -> None:
        with self._lock:
            self._swept.calls += 1

    @property
    def _may_go_on(self) -> bool:
        is_over = self._swept.calls >= self._settings.calls or time.monotonic() >= self._ends_at
        return not is_over and not self._stopped.is_set()

    def _look_on(self) -> None:
        """Place after place, as long as there are calls left."""
        while self._may_go_on:
            try:
                place = self._waiting.popleft()
            except IndexError:
                return
            with self._lock:
                self._swept.places += 1
            self._look_at(place)

    def _look_at(self, place: Place) -> None:
        place, is_first = place.began(self._splunkd.now()), True
        try:
            for part in place.playbook.look(self._view(place)):
                self._saw(place, part)
                is_first = False
                place = replace(place, cursor=part.cursor, is_whole=place.is_whole and not part.problem)
                if part.problem:
                    self._problem(part.problem)
                if not part.cursor:
                    self._concluded(place)
                elif not self._may_go_on:
                    break
        except ResponderError as error:
            self._problem(f"{place.name}: {error}")
            # Where AWS does not take the place in the list, it begins anew; else it goes on there.
            place = replace(place, error=str(error), cursor="" if is_first else place.cursor)
        except Exception as error:
            log.exception("sweep=%s place=%s: internal error", self._settings.name, place.name)
            self._problem(f"{place.name}: internal error ({type(error).__name__}); see the log.")
            place = replace(place, error=type(error).__name__, cursor="")
        try:
            self._places.save(replace(place, tried_at=self._splunkd.now()))
        except ResponderError as error:
            # It is looked at once more, which harms nobody.
            self._problem(f"{place.name}: {error}")

    def _view(self, place: Place) -> View:
        return View(
            aws=self._looking.aws(place.account, self._config.http),
            region=place.region,
            safety=self._config.safety,
            cursor=place.cursor,
            may_be_public=lambda bucket: public_buckets.is_listed(self._splunkd, bucket, self._splunkd.now()),
        )

    def _concluded(self, place: Place) -> None:
        """What was wrong there and is not seen now is right, or gone; unless something could not be read."""
        if not place.is_whole:
            return
        ended = self._episodes.conclude(place.name, place.began_at)
        with self._lock:
            self._swept.ended += ended

    # -- answering -------------------------------------------------------------------------------------------------

    def _saw(self, place: Place, part: Part) -> None:
        cases = by_case(part.wrong, place.account.account_id)
        if not cases or self._stopped.is_set():
            return
        episodes = self._episodes.seen(place.name, cases, place.playbook.id)
        news, noted = list[tuple[Finding, TaskRequest]](), list[Episode]()
        for case_id, episode in episodes.items():
            asked = list(self._asked(place, cases[case_id], episode))
            digest = _digest(episode, asked)
            if episode.recorded != digest:
                news += asked
                noted.append(replace(episode, recorded=digest))
        keys = self._recorded(place, news)
        self._episodes.recorded(noted)
        with self._lock:
            self._swept.wrong += len(part.wrong)
            self._swept.recorded += len(keys)
        for first in range(0, len(keys), TOGETHER):
            self._answering.submit(self._answer, keys[first : first + TOGETHER])

    def _asked(self, place: Place, wrong: Sequence[Wrong], episode: Episode) -> Iterator[tuple[Finding, TaskRequest]]:
        for one in wrong:
            found = finding_of(one, place.account.account_id, place.playbook, episode, self._settings.days)
            # As every finding is read: what AWS says are names that anybody may have given.
            found = Finding.from_row(found.to_dict())
            yield from ((found, request) for request in self._settings.requests(found, bool(episode.is_disputed)))

    def _recorded(self, place: Place, news: Sequence[tuple[Finding, TaskRequest]]) -> list[str]:
        """Keys of those that are new. Raises a ResponderError where they cannot be recorded now."""
        if not news:
            return []
        alert = Alert(f"{SCHEME}://{self._settings.name}", APP)
        recorder = Recorder(self._splunkd, alert, SYSTEM, self._run, self._services.cases)
        gathering = Gathering(self._splunkd, recorder, self._config, alert, self._run)
        found, asked = [], gathering.gathered(routed(self._splunkd, self._config, news))
        for (finding, request), became in zip(asked, recorder.record_many(asked)):
            if isinstance(became, Recorded):
                found += [became.key] if became.is_new else []
            else:
                self._problem(f"{place.name}: {request.kind} about {finding.object_id} was refused: {became}")
        return found

    def _answer(self, keys: Sequence[str]) -> None:
        """At once, as far as there is time; the rest is the worker's."""
        try:
            Engine(self._splunkd, self._services, config=self._config).run(keys, until=self._ends_at)
        except ResponderError as error:
            log.error("sweep=%s: the worker goes on: %s", self._settings.name, error)
        except Exception:
            log.exception("sweep=%s: internal error; the worker goes on", self._settings.name)

    def _problem(self, text: str) -> None:
        log.warning("sweep=%s problem=%s", self._settings.name, text)
        with self._lock:
            self._swept.problems.append(text)


def _digest(episode: Episode, asked: Sequence[tuple[Finding, TaskRequest]]) -> str:
    """What is recorded of an episode: another one where the stanza asks for something else, or more is wrong."""
    said: list[Any] = [
        (found.object_id, dict(found.detail), request.kind, dict(request.request)) for found, request in asked
    ]
    text = json.dumps([episode.since, said], sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
