"""An attacker with a stolen key: four attacks, made with plain boto3.

The trail is stopped last: from then on CloudTrail writes nothing, and an attacker who knows that would start there;
the order here lets all four be seen, since the responder cannot see what was never logged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.aws.actors import Actor
from sandbox.aws.estate import TRAIL, Estate


@dataclass(frozen=True)
class Step:
    """One attack: its title in the report, and the detections and the playbook that respond to it."""

    title: str
    detections: tuple[str, ...]
    playbook: str
    #: The eventNames that CloudTrail logs for it.
    events: tuple[str, ...]
    do: Callable[[Actor, Estate], None]


def _enumerate(attacker: Actor, estate: Estate) -> None:
    attacker.client("sts").get_caller_identity()
    attacker.client("s3").list_buckets()
    attacker.client("ec2").describe_instances()
    attacker.client("iam").list_users()


def _open_group(attacker: Actor, estate: Estate) -> None:
    everyone = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
    attacker.client("ec2").authorize_security_group_ingress(
        GroupId=estate.group_id, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, **everyone}]
    )


def _open_bucket(attacker: Actor, estate: Estate) -> None:
    s3 = attacker.client("s3")
    s3.delete_public_access_block(Bucket=estate.bucket)
    s3.put_bucket_acl(Bucket=estate.bucket, ACL="public-read")


def _stop_trail(attacker: Actor, estate: Estate) -> None:
    attacker.client("cloudtrail").stop_logging(Name=TRAIL)


STEPS = (
    Step(
        title="A stolen access key is used from abroad",
        detections=("api_use_from_foreign_country",),
        playbook="deactivate_access_key",
        events=("GetCallerIdentity",),
        do=_enumerate,
    ),
    Step(
        title="SSH is opened to the whole world",
        detections=("security_group_opened_to_world",),
        playbook="revoke_open_ingress",
        events=("AuthorizeSecurityGroupIngress",),
        do=_open_group,
    ),
    Step(
        title="A bucket of customer data is made public",
        detections=("s3_public_access_block_removed", "s3_bucket_acl_made_public"),
        playbook="block_public_bucket",
        events=("DeleteBucketPublicAccessBlock", "PutBucketAcl"),
        do=_open_bucket,
    ),
    Step(
        title="The trail is switched off",
        detections=("trail_logging_stopped",),
        playbook="restart_trail_logging",
        events=("StopLogging",),
        do=_stop_trail,
    ),
)
