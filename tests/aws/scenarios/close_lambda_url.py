"""A function URL that everyone may call."""

from __future__ import annotations

from typing import Any

from tests.aws import estates
from tests.aws.scenarios import Admin, Fields


def public(admin: Admin, name: str) -> dict[str, Any]:
    function = estates.function(admin, name)
    admin("lambda").create_function_url_config(FunctionName=function, AuthType="NONE")
    admin("lambda").add_permission(
        FunctionName=function,
        StatementId="everyone",
        Action="lambda:InvokeFunctionUrl",
        Principal="*",
        FunctionUrlAuthType="NONE",
    )
    detail = {"statements": [{"statement": "everyone"}]}
    return {"object_category": "AWS::Lambda::Url", "object_id": function, "detail": detail}


def fix(admin: Admin, fields: Fields) -> None:
    admin("lambda").update_function_url_config(FunctionName=fields["object_id"], AuthType="AWS_IAM")
    admin("lambda").remove_permission(FunctionName=fields["object_id"], StatementId="everyone")


def remove(admin: Admin, fields: Fields) -> None:
    admin("lambda").delete_function(FunctionName=fields["object_id"])


drift = None
VARIANTS = {"public": public}
