"""The IAM permissions that playbooks declare, and those that the app needs beside them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Permission:
    """One IAM action a playbook needs and the narrowest resource it can be granted on."""

    action: str
    #: An ARN of partition ``aws``; policies of other partitions are made from it.
    resource: str = "*"
    #: Operator, key and values (any of them will do) of a condition it can be narrowed by; empty for none.
    condition: tuple[str, ...] = ()
    #: What CloudTrail calls the calls it allows (``eventName``), where that is not the action's name.
    events: tuple[str, ...] = ()
    #: AWS asks for it within another call, as ``iam:PassRole``: no call of the playbook has its name.
    implied: bool = False
    #: Only for what is said of the blast radius: without it the playbook works all the same.
    optional: bool = False

    @property
    def grant(self) -> tuple[str, str, tuple[str, ...]]:
        """What IAM allows: action, resource, condition."""
        return self.action, self.resource, self.condition

    @property
    def event_names(self) -> tuple[str, ...]:
        return self.events or (self.action.partition(":")[2],)


#: What the app itself asks beside the playbooks. None of it decides anything alone: without the first, an undo that
#: stops cannot say who changed the resource; without the second, the user of an account entry that cannot sign in now
#: is protected by its key only; without the last, nobody can say beforehand which rights are missing.
SHARED_PERMISSIONS = (
    Permission("cloudtrail:LookupEvents"),
    Permission("iam:GetAccessKeyLastUsed", "arn:aws:iam::*:user/*"),
    Permission("iam:SimulatePrincipalPolicy", "arn:aws:iam::*:role/*"),
    Permission("iam:SimulatePrincipalPolicy", "arn:aws:iam::*:user/*"),
)
#: What an account entry for an organization asks to know its accounts (``aws.organization``).
LISTING_PERMISSIONS = (
    Permission("organizations:DescribeAccount", "arn:aws:organizations::*:account/*"),
    Permission("organizations:ListAccounts"),
    Permission("organizations:ListParents", "arn:aws:organizations::*:account/*"),
    Permission("organizations:ListParents", "arn:aws:organizations::*:ou/*"),
    Permission("organizations:ListTagsForResource", "arn:aws:organizations::*:account/*"),
)
SHARED_SERVICES = ("cloudtrail", "iam", "organizations", "sts")
#: What the sweep asks beside the playbooks: which regions an account has switched on.
SWEEP_PERMISSIONS = (Permission("ec2:DescribeRegions"),)
