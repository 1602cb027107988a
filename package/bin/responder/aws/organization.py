"""Which accounts of an organization an entry of the AWS accounts tab stands for, as AWS Organizations itself says.

Facts: Organizations API Reference, DescribeAccount, ListAccounts (pages of 20, which may be empty), ListParents (one
level at a time, of five at most), ListTagsForResource. An account's ARN has the management account's ID in its place
for the account. ``Status`` gives way to ``State`` in 2026; only ACTIVE accounts can be signed in to.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import arn
from ..errors import NotFound, Rejected, Unavailable, one_line

if TYPE_CHECKING:
    from ..settings.model import AwsEntry
    from .client import Aws

#: Seconds for which it is known whether an account is in scope: to plan, and right before something is changed.
KNOWN_FOR, CERTAIN_FOR = 300.0, 30.0
#: Seconds for which the list of all accounts is known.
LISTED_FOR = 900.0
#: Accounts that are remembered; findings name them.
REMEMBERED = 10_000
#: Levels that an account may be below the root, and one more; who finds more goes in a circle.
LEVELS = 7
PARALLEL = 8
#: Accounts that are looked at before it is seen whether there are enough.
TOGETHER = 32


@dataclass(frozen=True)
class _Known:
    at: float
    #: Why the entry does not stand for the account; empty where it does.
    why_not: str


class Organization:
    """Safe to share between threads. ``aws`` acts as whoever may list; ``monotonic``: seconds."""

    def __init__(self, entry: AwsEntry, aws: Aws, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._entry = entry
        self._aws = aws
        self._monotonic = monotonic
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._listed: tuple[float, Sequence[Mapping[str, Any]]] = (float("-inf"), ())
        self._lock = threading.Lock()
        #: One thread asks about an account, and the others wait for what it learns.
        self._asking = [threading.Lock() for _ in range(64)]

    def why_not(self, account_id: str, at_most: float = KNOWN_FOR) -> str:
        """Why the entry does not stand for an account, as known for so many seconds at most; empty where it does.

        Raises a ResponderError where Organizations does not say.
        """
        asked = self._monotonic()
        with self._asking[hash(account_id) % len(self._asking)]:
            with self._lock:
                known = self._known.get(account_id)
            if known is None or asked - known.at > at_most:
                # It counts from before it was asked: so old may the answer be.
                known = _Known(self._monotonic(), self._ask(account_id))
                self._remember(account_id, known)
        return known.why_not

    def _remember(self, account_id: str, known: _Known) -> None:
        with self._lock:
            self._known[account_id] = known
            self._known.move_to_end(account_id)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)

    def known_accounts(self) -> frozenset[str]:
        """Every account of the organization, whether the entry stands for it or not. Raises a ResponderError."""
        return frozenset(str(account["Id"]) for account in self._list())

    def accounts(self, most: int | None = None) -> tuple[str, ...]:
        """Those that the entry stands for now, no more than ``most``, in order. Raises a ResponderError."""
        listed, parents = sorted(self._list(fresh=True), key=lambda account: str(account["Id"])), _Parents(self._aws)
        found: list[str] = []
        with ThreadPoolExecutor(max_workers=PARALLEL) as pool:
            for first in range(0, len(listed), TOGETHER):
                some = listed[first : first + TOGETHER]
                reasons = pool.map(lambda account: self._why_not(account, parents), some)
                found += [str(account["Id"]) for account, why in zip(some, reasons) if not why]
                if most is not None and len(found) >= most:
                    break
        return tuple(found[:most])

    def _list(self, fresh: bool = False) -> Sequence[Mapping[str, Any]]:
        with self._lock:
            at, listed = self._listed
        if fresh or self._monotonic() - at > LISTED_FOR:
            at = self._monotonic()
            listed = self._aws.read_all("Accounts", "organizations", "list_accounts")
            with self._lock:
                self._listed = at, listed
        return listed

    def _ask(self, account_id: str) -> str:
        try:
            account = self._aws.read("organizations", "describe_account", AccountId=account_id)["Account"]
        except (NotFound, Rejected):
            return "it is not in the organization"
        return self._why_not(account, _Parents(self._aws))

    def _why_not(self, account: Mapping[str, Any], parents: _Parents) -> str:
        account_id, entry = str(account["Id"]), self._entry
        state = str(account.get("State") or account.get("Status") or "")
        if state != "ACTIVE":
            return f"it is {one_line(state)[:30].lower().replace('_', ' ') or 'in no known state'}"
        named = arn.parse(str(account.get("Arn")))
        if named is None:
            raise Unavailable(f"AWS Organizations does not say what account {account_id} is.", "It is asked again.")
        if named.account == account_id and entry.management_account_id != account_id:
            return "it is the management account, which the entry does not name"
        units = entry.organizational_units
        if units and not set(units) & parents.of(account):
            return f"it is in none of {', '.join(units)}"
        missing = [f"{key}={value}" for key, value in entry.account_tags if self._tags(account_id).get(key) != value]
        return f"it has no tag {missing[0]}" if missing else ""

    def _tags(self, account_id: str) -> dict[str, str]:
        found = self._aws.read_all("Tags", "organizations", "list_tags_for_resource", ResourceId=account_id)
        return {str(tag["Key"]): str(tag["Value"]) for tag in found}


class _Parents:
    """Units above accounts; what is above a unit is asked once, for as long as one question lasts."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._above: dict[str, frozenset[str]] = {}

    def of(self, account: Mapping[str, Any]) -> frozenset[str]:
        """Ids of all units that an account is in, and of the root."""
        paths: Sequence[str] = account.get("Paths") or ()
        if len(paths) == 1:
            # o-1234567890/r-ab12/ou-ab12-11111111/ou-ab12-22222222/111122223333/
            return frozenset(piece for piece in paths[0].split("/") if piece.startswith(("ou-", "r-")))
        return self._of(str(account["Id"]))

    def _of(self, child: str, level: int = 0) -> frozenset[str]:
        if child in self._above:
            return self._above[child]
        if level > LEVELS:
            raise Unavailable(f"AWS Organizations gives no end of the units above {child}.", "It is asked again.")
        parents = self._aws.read_all("Parents", "organizations", "list_parents", ChildId=child)
        found = {str(parent["Id"]) for parent in parents}
        for parent in parents:
            if parent["Type"] != "ROOT":
                found |= self._of(str(parent["Id"]), level + 1)
        self._above[child] = frozenset(found)
        return self._above[child]
