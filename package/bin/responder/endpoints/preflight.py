"""``preflight``: which playbooks could do their work, in each account. It changes nothing.

Post ``{"accounts": [id, ...], "playbooks": [id, ...]}``, each optional: all of them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from ..aws.accounts import Accounts
from ..errors import ResponderError, Unavailable
from ..remediation import armed
from ..remediation.preflight import UNKNOWN, Readiness, preflight
from ..settings.model import AwsAccount
from ..settings.reader import Configuration
from .base import Endpoint, Request

#: Accounts at the same time; seconds for all of them, after which the rest is said to be unknown.
AT_ONCE, LONGEST = 16, 60.0


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
    playbooks = armed.named(request.texts("playbooks"))
    accounts, cells = _accounts(request, config)
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="preflight")
    asked = {
        pool.submit(preflight, account, playbooks, safety, lambda one: services.aws(one, http)): account
        for account in accounts
    }
    wait(asked, max(0.0, LONGEST - (time.monotonic() - began)))
    # What hangs is left behind: its own time-outs end it.
    pool.shutdown(wait=False, cancel_futures=True)
    for future, account in asked.items():
        cells += _cells(future, account)
    return {"cells": [{**vars(cell), "missing": list(cell.missing)} for cell in cells]}


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
        late = f"It was not looked at within {LONGEST:.0f} seconds."
        error = Unavailable(late, "Name this account, or fewer playbooks.")
    else:
        try:
            return future.result()
        except ResponderError as raised:
            error = raised
    return [Readiness(account.account_id, account.name, "", "", UNKNOWN, note=str(error))]


ENDPOINT = Endpoint("preflight", "cloudtrail_responder_view", answer, Preflight)
