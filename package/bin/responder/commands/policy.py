"""``| respondpolicy``: IAM policies and roles for the playbooks in use, as JSON, CloudFormation and Terraform."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import Rejected
from ..splunk.client import Splunkd
from .base import Command, Row, ask, names_in

FORMATS = ("json", "cloudformation", "terraform")


def generate(splunkd: Splunkd, options: Mapping[str, str]) -> Iterable[Row]:
    """``playbooks``: IDs, separated by commas; ``mode``: as if the Safety tab allowed it; ``format``: only these.

    ``dispatch``: 1 for the policies of the saved dispatch targets instead.
    """
    form = options["format"]
    if form and form not in FORMATS:
        raise Rejected(f"format is '{form[:20]}'.", f"Use one of {', '.join(FORMATS)}.")
    given = {name: options[name] for name in ("mode", "partition") if options[name]}
    if options["dispatch"] not in ("", "0", "1"):
        raise Rejected(f"dispatch is '{options['dispatch'][:20]}'.", "Use dispatch=1 or leave it out.")
    body: dict[str, Any] = {**given, "playbooks": names_in(options["playbooks"])}
    if options["dispatch"] == "1":
        body["dispatch"] = True
    answer = ask(splunkd, "policies", body, "cloudtrail_responder_view")
    modes = " ".join(f"{one['playbook']}={one['mode']}" for one in answer["playbooks"])
    return [{**file, "playbooks": modes} for file in answer["files"] if form in ("", file["format"])]


COMMAND = Command(
    name="respondpolicy",
    description="Shows the IAM policies and roles that the chosen playbooks of CloudTrail Responder need, and no more.",
    syntax="| respondpolicy [playbooks=<ids>] [mode=<mode>] [format=<format>] [partition=<name>] [dispatch=1]",
    fields=("file", "format", "role", "text", "playbooks"),
    options=("playbooks", "mode", "format", "partition", "dispatch"),
    generate=generate,
    examples=(
        ("| respondpolicy playbooks=revoke_open_ingress,deactivate_access_key", "The IAM policy for two playbooks."),
    ),
)
