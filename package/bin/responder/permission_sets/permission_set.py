"""The AWS permissions of a part of the app that is no playbook, as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .. import permission_sets
from ..discovery import declared
from ..remediation.permission import Permission


@dataclass(frozen=True)
class PermissionSet:
    """Its policy is ``docs/iam/<partition>/<id>.json``; botocore's models of its services ship with the app."""

    id: str
    #: What it is for, in a few words for people.
    title: str
    #: boto3's names.
    services: tuple[str, ...]
    permissions: tuple[Permission, ...]
    #: Whether detections take its calls for the app's own. What an administrator does once is not excused: by a stolen
    #: key of the app's, it would be an attack.
    is_routine: bool = True


def every() -> Iterator[PermissionSet]:
    """All of them, by the names of their files."""
    yield from declared(permission_sets, "PERMISSION_SET")
