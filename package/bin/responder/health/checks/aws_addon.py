"""Is the Splunk Add-on for AWS there? The app needs none of its fields; it parses what is indexed."""

from __future__ import annotations

from collections.abc import Iterable

from ..line import Check, Line, amber, green, name
from ..surroundings import Surroundings

#: The add-on, and the one for Firehose that it has taken the place of.
ADDONS = {
    "Splunk_TA_aws": "Splunk Add-on for AWS",
    "Splunk_TA_aws-kinesis-firehose": "Splunk Add-on for Amazon Kinesis Firehose",
}


def look(about: Surroundings) -> Iterable[Line]:
    found = {label: about.entry(f"/services/apps/local/{app}") for app, label in ADDONS.items()}
    there = [
        f"{label} {name(content.get('version'))}" for label, content in found.items() if content and not _off(content)
    ]
    if len(there) > 1:
        return [
            amber(
                f"Both are installed: {' and '.join(there)}. Their settings for aws:cloudtrail merge.",
                "Remove the add-on for Firehose; the Splunk Add-on for AWS contains it.",
            )
        ]
    if there:
        return [green(f"{there[0]} is installed on this search head.")]
    return [green("No add-on for AWS is on this search head. The app needs none to search; what parses the data does.")]


def _off(content: object) -> bool:
    return isinstance(content, dict) and str(content.get("disabled")).lower() in ("1", "true")


CHECK = Check("AWS add-on", 15, look)
