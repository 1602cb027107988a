"""Can each dispatch target be reached by its account, and each that an alert names? Sends nothing."""

from __future__ import annotations

from collections.abc import Iterable

from ...settings.reader import DISPATCH
from ..line import Check, Line, green
from ..reach import chosen, each, in_words
from ..surroundings import Surroundings


def look(about: Surroundings) -> Iterable[Line]:
    pairs = chosen(about, DISPATCH, "responder_dispatch", "target", "", "")
    names = [entry for entry, _ in pairs]
    return each(names, lambda name: _test(about, name), "Dispatch target") or [green("No dispatch target is set up.")]


def _test(about: Surroundings, name: str) -> str:
    from ...aws import accounts
    from ...aws.client import Aws
    from ...aws.dispatch.client import Dispatch, account_of
    from ...aws.organization import Organization

    target = about.config.dispatch_target(name)
    account = account_of(
        target, about.config, lambda entry: Organization(entry, Aws(accounts.listing(entry), about.http, attempts=1))
    )
    return in_words(Dispatch(target, Aws(account, about.http, attempts=1)).check())


CHECK = Check("Dispatch targets", 44, look)
