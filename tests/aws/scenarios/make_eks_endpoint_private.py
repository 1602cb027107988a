"""A cluster whose endpoint is on the internet."""

from __future__ import annotations

from typing import Any

from tests.aws import estates
from tests.aws.scenarios import Admin, Fields


def public(admin: Admin, name: str) -> dict[str, Any]:
    return {"object_category": "AWS::EKS::Cluster", "object_id": estates.cluster(admin, name)}


def fix(admin: Admin, fields: Fields) -> None:
    _set(admin, fields, endpointPublicAccess=False, endpointPrivateAccess=True)


def remove(admin: Admin, fields: Fields) -> None:
    admin("eks").delete_cluster(name=fields["object_id"])


def drift(admin: Admin, fields: Fields) -> None:
    _set(admin, fields, endpointPublicAccess=True, endpointPrivateAccess=True)


def _set(admin: Admin, fields: Fields, **config: bool) -> None:
    admin("eks").update_cluster_config(name=fields["object_id"], resourcesVpcConfig=config)


VARIANTS = {"public": public}
