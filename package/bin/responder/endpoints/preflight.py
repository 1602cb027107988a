"""``preflight``: which playbooks could do their work, in each account. It changes nothing.

Post ``{"accounts": [id, ...], "playbooks": [id, ...]}``, each optional: all of them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..aws.accounts import Accounts
from ..errors import ResponderError, Unavailable
from ..handlers import own_remediations
from ..handlers.own_readiness import Told, readiness
from ..handlers.own_remediations import OwnRemediation
from ..remediation import armed
from ..remediation.preflight import UNKNOWN, Readiness, preflight
from ..remediation.target_playbook import PREFIX
from ..settings.model import AwsAccount
from ..settings.reader import Configuration
from .base import Endpoint, Request

if TYPE_CHECKING:
    from ..aws.client import Aws
    from ..remediation.playbook import Playbook

#: Accounts at the same time; seconds for all of them, after which the rest is said to be unknown.
AT_ONCE, LONGEST = 16, 60.0
LATE = f"It was not looked at within {LONGEST:.0f} seconds."


@dataclass(frozen=True)
class Preflight:
    cells: Sequence[Readiness]


def answer(request: Request) -> Mapping[str, Any]:
    """``{"cells": [{account, entry, playbook, mode, status, missing, note}]}``, lists of texts.

    ``status`` is ``ready``, ``missing`` or ``unknown``. A cell without a playbook is about the whole account, one
    without an account about an entry.
    """
    config, services = Configuration(request.splunkd), request.services
    began, safety, http = time.monotonic(), config.safety, config.http
    playbooks, own = _playbooks(request, config)
    accounts, cells = _accounts(request, config)
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="preflight")

    def aws(account: AwsAccount) -> Aws:
        found: Aws = services.aws(account, http)
        return found

    def told(one: OwnRemediation, may_run: bool) -> Told:
        return readiness(one, may_run, config, lambda entry: services.organization(entry, http), aws)

    asked = {
        pool.submit(preflight, account, playbooks, safety, aws): account for account in accounts if playbooks
    }
    # Who calls a target is the same wherever the finding is: each is asked about once for what it may do.
    modes = {(one.id, account): armed.highest_mode_of(one.id, safety, account) for one in own for account in accounts}
    runs = {(one.id, mode != "simulate") for one in own for (name, _), mode in modes.items() if name == one.id}
    by_id = {one.id: one for one in own}
    asked_own = {key: pool.submit(told, by_id[key[0]], key[1]) for key in runs}
    pending: list[Future[Any]] = [*asked, *asked_own.values()]
    wait(pending, max(0.0, LONGEST - (time.monotonic() - began)))
    # What hangs is left behind: its own time-outs end it.
    pool.shutdown(wait=False, cancel_futures=True)
    for future, account in asked.items():
        cells += _cells(future, account)
    for (name, account), mode in modes.items():
        said = _told(asked_own[name, mode != "simulate"])
        cells.append(Readiness(account.account_id, account.name, name, mode, said.status, said.missing, said.note))
    return {"cells": [{**vars(cell), "missing": list(cell.missing)} for cell in cells]}


def _playbooks(request: Request, config: Configuration) -> tuple[Sequence[Playbook], Sequence[OwnRemediation]]:
    """Those of the app, and the company's own: all, where none is named. Raises Rejected."""
    wanted = request.texts("playbooks")
    own = [name for name in wanted if name.startswith(PREFIX)]
    others = [name for name in wanted if name not in own]
    if not wanted:
        return armed.named(()), own_remediations.every(config)
    return armed.named(others) if others else (), own_remediations.named(config, own)


def _told(future: Future[Told]) -> Told:
    if not future.done() or future.cancelled():
        return Told(UNKNOWN, note=LATE)
    return future.result()


def _accounts(request: Request, config: Configuration) -> tuple[list[AwsAccount], list[Readiness]]:
    """Those that are asked about, and what there is to say of those that cannot be looked at."""
    accounts = Accounts(config, lambda entry: request.services.organization(entry, config.http))
    wanted = request.texts("accounts")
    if not wanted:
        found, failed = accounts.every()
        return found, [Readiness("", name, "", "", UNKNOWN, note=str(error)) for name, error in failed]
    found, cells = [], []
    for account_id in dict.fromkeys(wanted):
        try:
            found.append(accounts.account_for(account_id))
        except ResponderError as error:
            cells.append(Readiness(account_id[:40], "", "", "", UNKNOWN, note=str(error)))
    return found, cells


def _cells(future: Future[list[Readiness]], account: AwsAccount) -> list[Readiness]:
    error: ResponderError
    if not future.done() or future.cancelled():
        error = Unavailable(LATE, "Name this account, or fewer playbooks.")
    else:
        try:
            return future.result()
        except ResponderError as raised:
            error = raised
    return [Readiness(account.account_id, account.name, "", "", UNKNOWN, note=str(error))]


ENDPOINT = Endpoint("preflight", "cloudtrail_responder_view", answer, Preflight)
