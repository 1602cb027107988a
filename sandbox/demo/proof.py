"""The proof: the state of AWS, Jira and Slack, read back without the app."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from sandbox.aws.estate import TRAIL, Estate
from sandbox.aws.server import AwsStandIn
from sandbox.demo.story import Chapter


@dataclass(frozen=True)
class Proof:
    claim: str
    holds: bool
    #: What was seen.
    seen: str


def of_aws(aws: AwsStandIn, estate: Estate, mode: str) -> Iterator[Proof]:
    """In enforce mode the four attacks are undone and nothing else is touched; in simulate mode nothing is."""
    fixed = mode == "enforce"
    logging = aws.client("cloudtrail").get_trail_status(Name=TRAIL)["IsLogging"]
    seen = "logging is on" if logging else "logging is off"
    yield _either(fixed, "The trail is logging again", "The trail is still off", logging, seen)
    stolen = key_status(aws, estate.deploy_key.user)
    inactive = stolen == ["Inactive"]
    yield _either(fixed, "The stolen key is inactive", "The stolen key still works", inactive, listed(stolen))
    others = key_status(aws, estate.responder_key.user) + key_status(aws, estate.admin_key.user)
    yield Proof("Nobody else's key was touched", others == ["Active", "Active"], listed(others))
    open_rules, rest = ingress(aws, estate)
    closed, seen = not open_rules, f"open to the world: {listed(open_rules)}"
    yield _either(fixed, "SSH is closed to the world", "SSH is still open", closed, seen)
    expected = ["22 198.51.100.0/24", "443 0.0.0.0/0"]
    yield Proof("The group's other rules were not touched", rest == expected, f"still there: {listed(rest)}")
    block = public_access_block(aws, estate)
    blocked = len(block) == 4 and all(block.values())
    flags = f"{sum(block.values())} of 4 blocks on"
    yield _either(fixed, "The bucket is closed to the public", "The bucket is still public", blocked, flags)


def listed(values: Iterable[object]) -> str:
    """Values as a reader wants them: without brackets and quotes, and a word where there are none."""
    return ", ".join(map(str, values)) or "none"


def _either(fixed: bool, repaired: str, untouched: str, is_repaired: bool, seen: str) -> Proof:
    if fixed:
        return Proof(repaired, is_repaired, seen)
    return Proof(f"{untouched}: simulate changes nothing", not is_repaired, seen)


def key_status(aws: AwsStandIn, user: str) -> list[str]:
    return [k["Status"] for k in aws.client("iam").list_access_keys(UserName=user)["AccessKeyMetadata"]]


def ingress(aws: AwsStandIn, estate: Estate) -> tuple[list[str], list[str]]:
    """Rules of the web group as "port source": those that open SSH to the world, and all others."""
    filters = [{"Name": "group-id", "Values": [estate.group_id]}]
    rules = aws.client("ec2").describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
    named = sorted(f"{r['FromPort']} {r.get('CidrIpv4') or r.get('CidrIpv6')}" for r in rules if not r["IsEgress"])
    is_open = [rule for rule in named if rule.startswith("22 ") and rule.endswith("/0")]
    return is_open, [rule for rule in named if rule not in is_open]


def public_access_block(aws: AwsStandIn, estate: Estate) -> dict[str, bool]:
    try:
        answer = aws.client("s3").get_public_access_block(Bucket=estate.bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchPublicAccessBlockConfiguration":
            raise
        return {}
    found: dict[str, bool] = answer["PublicAccessBlockConfiguration"]
    return found


def of_jira(issues: Sequence[Any], chapters: Sequence[Chapter]) -> Iterator[Proof]:
    """One ticket for each case, and no others. ``issues``: as the Jira stand-in shows them."""
    for chapter in chapters:
        labels = {f"ctr-{case}" for case in chapter.cases}
        found = [issue.key for issue in issues if labels & set(issue.labels)]
        holds = bool(found) and len(found) == len(chapter.cases)
        yield Proof(f"One ticket for each case: {chapter.step.title}", holds, listed(found))
    expected = sum(len(chapter.cases) for chapter in chapters)
    yield Proof("No other tickets", len(issues) == expected, f"{len(issues)} in all")


def of_slack(messages: Sequence[Any], chapters: Sequence[Chapter]) -> Iterator[Proof]:
    """One message for each case, which starts a thread. ``messages``: as the Slack stand-in shows them."""
    starts = [m for m in messages if not m.thread_ts or m.thread_ts == m.ts]
    for chapter in chapters:
        markers = [str(m.metadata.get("event_payload", {}).get("marker", "")) for m in starts]
        found = sum(marker.partition(".")[0] in chapter.cases for marker in markers)
        holds = bool(found) and found == len(chapter.cases)
        yield Proof(f"One Slack message for each case: {chapter.step.title}", holds, f"{found} found")
    live = [mention for message in messages for mention in message.mentions]
    yield Proof("No event text turned into a mention", not live, f"mentions: {listed(live)}")
