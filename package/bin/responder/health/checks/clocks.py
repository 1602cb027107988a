"""Do the clocks agree: splunkd's, this process's, those of the services outside? AWS refuses what is 5 minutes off."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterable
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Callable

from ...settings.reader import AWS_ACCOUNT, JIRA_SITE
from ..line import Check, Line, amber, green, name, red, span
from ..surroundings import Surroundings

#: Seconds: a Date has whole ones, and an answer is under way for a while; signatures of AWS are valid for five minutes.
TOLERANCE, LIMIT = 10.0, 240.0
SET_CLOCK = "Let this host set its clock by NTP (chrony, systemd-timesyncd, Windows Time)."


def look(about: Surroundings) -> Iterable[Line]:
    # Any answer brings splunkd's clock up to date.
    about.entry("/services/server/info")
    yield _line("This process's clock", time.time() - about.splunkd.now(), "splunkd's")
    for account in list(about.stanzas(AWS_ACCOUNT))[:1]:
        yield from _outside(f"AWS (entry {name(account)})", functools.partial(_aws, about, account), about)
    for site in list(about.stanzas(JIRA_SITE))[:1]:
        yield from _outside(f"Jira site {name(site)}", functools.partial(_jira, about, site), about)


def _outside(what: str, date: Callable[[], str], about: Surroundings) -> Iterable[Line]:
    try:
        theirs = parsedate_to_datetime(date()).timestamp()
    except Exception:
        # It does not answer: that has a line of its own, and says nothing about clocks.
        return
    yield _line("splunkd's clock", about.splunkd.now() - theirs, f"that of {what}")


def _line(ours: str, ahead: float, theirs: str) -> Line:
    if abs(ahead) <= TOLERANCE:
        return green(f"{ours} and {theirs} agree.")
    said = f"{ours} is {span(ahead)} {'ahead of' if ahead > 0 else 'behind'} {theirs}."
    return red(said, SET_CLOCK) if abs(ahead) > LIMIT else amber(said, SET_CLOCK)


def _aws(about: Surroundings, entry: str) -> str:
    from botocore.exceptions import ClientError

    from ...aws.client import Aws

    (template,) = [each.template for each in about.config.aws_entries() if each.name == entry]
    try:
        # Whom AWS sees before any role is assumed is enough.
        alone = replace(template, role_arn="", read_role_arn="")
        answered = Aws(alone, about.http, attempts=1).client("sts").get_caller_identity()
    except ClientError as error:
        # A refusal has a date, too, and a wrong clock is a reason to be refused.
        answered = error.response
    return str(answered["ResponseMetadata"]["HTTPHeaders"]["date"])


def _jira(about: Surroundings, entry: str) -> str:
    from ...http_transport import Transport

    site = about.config.jira_site(entry)
    # It needs no credentials, and whatever the status, the answer has a date.
    transport = Transport(f"Jira site '{site.name}'", "on the Jira sites tab", about.http.on(site.network))
    answer = transport.read("GET", f"{site.url}/rest/api/2/serverInfo")
    return str(answer.headers["Date"])


CHECK = Check("Clocks", 25, look)
