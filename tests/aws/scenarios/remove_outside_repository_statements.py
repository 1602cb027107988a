"""An image repository from which everybody may pull, beside the owner or alone."""

from __future__ import annotations

from typing import Any

from tests.aws import policies
from tests.aws.scenarios import Admin, Fields


def _without_resource(statement: dict[str, Any]) -> dict[str, Any]:
    """Policies of repositories name none."""
    return {key: value for key, value in statement.items() if key != "Resource"}


PUBLIC = _without_resource(policies.public("ecr:BatchGetImage"))
OWN = _without_resource(policies.own("ecr:*"))


def beside_others(admin: Admin, name: str) -> dict[str, Any]:
    return _repository(admin, name, OWN, PUBLIC)


def alone(admin: Admin, name: str) -> dict[str, Any]:
    return _repository(admin, name, PUBLIC)


def _repository(admin: Admin, name: str, *statements: dict[str, Any]) -> dict[str, Any]:
    admin("ecr").create_repository(repositoryName=f"team/{name}")
    _put(admin, f"team/{name}", *statements)
    detail = {"statements": [dict(PUBLIC)]}
    return {"object_category": "AWS::ECR::ResourcePolicy", "object_id": f"team/{name}", "detail": detail}


def _put(admin: Admin, name: str, *statements: dict[str, Any]) -> None:
    admin("ecr").set_repository_policy(repositoryName=name, policyText=policies.policy(*statements))


def fix(admin: Admin, fields: Fields) -> None:
    admin("ecr").delete_repository_policy(repositoryName=fields["object_id"])


def remove(admin: Admin, fields: Fields) -> None:
    admin("ecr").delete_repository(repositoryName=fields["object_id"])


def drift(admin: Admin, fields: Fields) -> None:
    _put(admin, fields["object_id"], {**OWN, "Sid": "Other"})


VARIANTS = {"beside_others": beside_others, "alone": alone}
