"""Which regions an account entry may be called in. Findings name them, and each becomes a host and a client.

Known are the regions of the partition that the entry's default region is in, as botocore lists them, and what an
administrator has entered: AWS opens regions that this version of the app has never heard of.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from .. import arn
from ..errors import ConfigurationError, one_line
from ..settings.model import AwsAccount
from .session import loader


@dataclass(frozen=True)
class _Partition:
    id: str
    #: The form of its regions.
    form: str
    regions: frozenset[str]

    def has(self, region: str) -> bool:
        return region in self.regions or re.fullmatch(self.form, region) is not None


def check(account: AwsAccount, region: str) -> None:
    """Raises ConfigurationError, one line, for what is no region of the entry's partition."""
    if not arn.is_region(region):
        is_entered = region == account.default_region
        hint = "Correct it on the AWS accounts tab." if is_entered else "Look at the finding's vendor_region."
        raise ConfigurationError(f"'{one_line(region)[:60]}' is not an AWS region.", hint)
    if region == account.default_region or region in account.regions:
        return
    partition = next((each for each in _partitions() if each.has(account.default_region)), None)
    if partition is None or region not in partition.regions:
        where = f"of partition {partition.id}" if partition else "that this version of the app knows"
        raise ConfigurationError(
            f"'{region}' is not an AWS region {where}, so AWS account entry '{account.name}' cannot act there.",
            "Look at the finding's vendor_region. If AWS has opened it since, update the app, or list it with all "
            "others under Regions in scope on the AWS accounts tab.",
        )


def check_roles(account: AwsAccount) -> None:
    """Raises ConfigurationError, one line, where a role is in another partition than the entry's default region.

    Credentials are good in one partition only, so such a role can never be assumed.
    """
    home = partition_of(account.default_region)
    for role in account.roles:
        named = arn.parse(role)
        if home and named and named.partition != home:
            raise ConfigurationError(
                f"AWS account entry '{account.name}': role {one_line(role)} is in partition {named.partition}, but "
                f"region {account.default_region} is in {home}.",
                "Correct the role or the default region on the AWS accounts tab.",
            )


def known() -> list[str]:
    """Regions of every partition, by name; those of the commercial partition first."""
    return [name for each in _partitions() for name in sorted(each.regions)]


def partition_of(region: str) -> str:
    """``aws``, ``aws-cn``, ...; empty for a region that is of none that this version of the app knows."""
    return next((each.id for each in _partitions() if each.has(region)), "")


@functools.cache
def _partitions() -> tuple[_Partition, ...]:
    """botocore's ``partitions.json``, without what it lists among the regions and is none, such as ``aws-global``."""
    return tuple(
        _Partition(
            str(each["id"]),
            str(each["regionRegex"]),
            frozenset(name for name in each["regions"] if re.fullmatch(each["regionRegex"], name)),
        )
        for each in loader().load_data("partitions")["partitions"]
    )
