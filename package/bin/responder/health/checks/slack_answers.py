"""Can people answer in Slack? Whether a search head serves each workspace, and whether answers are carried out."""

from __future__ import annotations

from collections.abc import Iterable

from ...engine import answer_records, slack_records
from ...engine.breaker import MARKS
from ...engine.share_claims import key_of
from ...remediation.verdicts import SLACK
from ..line import Check, Line, amber, green, name, red, span
from ..surroundings import Surroundings

#: Seconds without a sign after which nobody serves a workspace; claims are prolonged each ten seconds.
SILENT = 90.0
#: Seconds after which an answer should have been carried out.
LATE = 120.0
_LOG = "Inputs page: enable the input 'main' of Slack answers. Then see cloudtrail_responder_slack.log."


def look(about: Surroundings) -> Iterable[Line]:
    workspaces = [one for one in about.config.slack_workspaces() if one.is_answered]
    if not workspaces:
        return [green("No Slack workspace says who may answer, so nobody answers there.")]
    return [*(_link(about, one.name) if one.takes_answers else _polled(one.name) for one in workspaces), *_late(about)]


def _polled(workspace: str) -> Line:
    return green(f"The worker reads the reactions in Slack workspace {name(workspace)} once a minute.")


def _link(about: Surroundings, workspace: str) -> Line:
    claim = about.splunkd.fetch(MARKS, key_of(slack_records.claim_of(workspace)))
    silent = about.splunkd.now() - float(claim.get("at") or 0) if claim else None
    if silent is None or silent > SILENT:
        return red(f"No search head listens to Slack workspace {name(workspace)}: clicks are lost.", _LOG)
    return green(f"A search head listens to Slack workspace {name(workspace)}.")


def _late(about: Surroundings) -> Iterable[Line]:
    late = [one for one in answer_records.open_ones(about.splunkd, SLACK) if about.splunkd.now() - one.at > LATE]
    if late:
        waits = span(about.splunkd.now() - min(one.at for one in late))
        said = f"{len(late)} answers from Slack are not carried out yet, the oldest for {waits}."
        yield amber(said, "They are tried again for an hour; see cloudtrail_responder_slack.log for the reason.")


CHECK = Check("Slack answers", 43, look)
