"""A prefix list that somebody added the two halves of the internet to."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields

HALVES = ("0.0.0.0/1", "128.0.0.0/1")


def halves(admin: Admin, name: str) -> dict[str, Any]:
    entries = [{"Cidr": cidr, "Description": name} for cidr in (*HALVES, "192.0.2.0/24")]
    made = admin("ec2").create_managed_prefix_list(
        PrefixListName=name, MaxEntries=5, AddressFamily="IPv4", Entries=entries
    )
    detail = {"cidr": ", ".join(HALVES)}
    return {
        "object_category": "AWS::EC2::PrefixList",
        "object_id": made["PrefixList"]["PrefixListId"],
        "detail": detail,
    }


def fix(admin: Admin, fields: Fields) -> None:
    ec2, name = admin("ec2"), fields["object_id"]
    version = ec2.describe_managed_prefix_lists(PrefixListIds=[name])["PrefixLists"][0]["Version"]
    gone = [{"Cidr": cidr} for cidr in HALVES]
    ec2.modify_managed_prefix_list(PrefixListId=name, CurrentVersion=version, RemoveEntries=gone)


def remove(admin: Admin, fields: Fields) -> None:
    admin("ec2").delete_managed_prefix_list(PrefixListId=fields["object_id"])


drift = None
VARIANTS = {"halves": halves}
