"""Can people answer in Slack? Whether a search head serves each workspace, and whether answers are carried out."""

from __future__ import annotations

from collections.abc import Iterable

from ...engine import slack_records
from ...engine.share_claims import key_of
from ...remediation.verdicts import SLACK
from ..answers import late, silence
from ..line import Check, Line, green, name, red
from ..surroundings import Surroundings

#: Seconds without a sign after which nobody serves a workspace; claims are prolonged each ten seconds.
SILENT = 90.0
_LOG = "cloudtrail_responder_slack.log"


def look(about: Surroundings) -> Iterable[Line]:
    workspaces = [one for one in about.config.slack_workspaces() if one.is_answered]
    if not workspaces:
        return [green("No Slack workspace says who may answer, so nobody answers there.")]
    lines = (_link(about, one.name) if one.takes_answers else _polled(one.name) for one in workspaces)
    return [*lines, *late(about, SLACK, "Slack", _LOG)]


def _polled(workspace: str) -> Line:
    return green(f"The worker reads the reactions in Slack workspace {name(workspace)} once a minute.")


def _link(about: Surroundings, workspace: str) -> Line:
    silent = silence(about, key_of(slack_records.claim_of(workspace)))
    if silent is None or silent > SILENT:
        what = f"No search head listens to Slack workspace {name(workspace)}: clicks are lost."
        return red(what, f"Inputs page: enable the input 'main' of Slack answers. Then see {_LOG}.")
    return green(f"A search head listens to Slack workspace {name(workspace)}.")


CHECK = Check("Slack answers", 43, look)
