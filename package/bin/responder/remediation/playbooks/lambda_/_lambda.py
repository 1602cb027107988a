"""What playbooks on Lambda share: which function, its policy, and the calls that put a statement back.

Facts: Lambda API Reference, AddPermission, GetPolicy, RemovePermission (a policy for each qualifier; Lambda writes the
parameters of AddPermission as conditions of the statement), ListTags.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding
from ....findings.lambda_claims import function_name
from ...model import Call, Resource, Target
from ...named import names_no
from ...permission import Permission

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding

FUNCTIONS = "arn:aws:lambda:*:*:function:*"
READ = (
    Permission("lambda:GetFunctionConfiguration", FUNCTIONS),
    Permission("lambda:ListTags", FUNCTIONS),
)
_NAME = re.compile(r"[A-Za-z0-9_-]{1,140}")
QUALIFIER = re.compile(r"[A-Za-z0-9_$-]{1,128}")
SID = re.compile(r"[A-Za-z0-9_.-]{1,100}")
#: Condition keys of a statement, in lower case, and the parameters of AddPermission that they came from.
_CONDITIONS = {
    "aws:sourcearn": "SourceArn",
    "aws:sourceaccount": "SourceAccount",
    "aws:principalorgid": "PrincipalOrgID",
    "lambda:eventsourcetoken": "EventSourceToken",
    "lambda:functionurlauthtype": "FunctionUrlAuthType",
    "lambda:invokedviafunctionurl": "InvokedViaFunctionUrl",
}


def function_in(finding: Finding) -> str:
    """The bare name. Raises InvalidFinding."""
    named, name = arn.parse(finding.object_id), function_name(finding.object_id)
    name = "" if named and named.service != "lambda" else name
    if not _NAME.fullmatch(name) or name == "unknown":
        raise names_no("Lambda function", finding, "name or ARN")
    return name


def named_by(record: CloudTrailRecord) -> Iterator[Mapping[str, Any]]:
    """What a finding about a call names: the function."""
    for name in record.parameters("functionName"):
        yield {"object_category": "AWS::Lambda::Function", "object_id": function_name(name)}


def qualifier_in(given: Mapping[str, Any]) -> str:
    """Alias or version; empty for none. Raises InvalidFinding."""
    named = str(given.get("qualifier") or "")
    if named and not QUALIFIER.fullmatch(named):
        raise InvalidFinding(f"'{named[:40]}' is no alias or version.", "Let the search set qualifier to one.")
    return named


def target_of(finding: Finding) -> Target:
    return Target(function_in(finding), finding.vendor_region)


def read_function(target: Target, aws: Aws) -> tuple[Mapping[str, Any], Resource]:
    described = aws.read("lambda", "get_function_configuration", target.region, FunctionName=name_in(target.id))
    # The ARN may end in a version.
    name = ":".join(str(described["FunctionArn"]).split(":")[:7])
    named = arn.parse(name)
    tags = aws.read("lambda", "list_tags", target.region, Resource=name).get("Tags") or {}
    return described, Resource(
        id=name,
        type="AWS::Lambda::Function",
        account=named.account if named else "",
        region=target.region,
        tags={str(key): str(value) for key, value in tags.items()},
    )


def name_in(text: str) -> str:
    return function_name(text)


def of(function: str, qualifier: str = "") -> dict[str, str]:
    """Parameters that name a function and what of it."""
    return {"FunctionName": function, **({"Qualifier": qualifier} if qualifier else {})}


# Policy


def statements(function: str, qualifier: str, region: str, aws: Aws) -> dict[str, dict[str, Any]]:
    """By id; empty where there is no policy."""
    absent = ("ResourceNotFoundException",)
    answer = aws.read_if(absent, "lambda", "get_policy", region, **of(function, qualifier))
    if answer is None:
        return {}
    document = json.loads(answer["Policy"])
    listed = document.get("Statement") or []
    return {str(one.get("Sid")): one for one in (listed if isinstance(listed, list) else [listed])}


def principal_of(statement: Mapping[str, Any]) -> str:
    """In the spelling of AddPermission: ``*``, an account's id, an ARN or a service."""
    return spelled(_single(statement.get("Principal")))


def spelled(principal: Any) -> str:
    """An account's id for its root."""
    found = re.fullmatch(r"(?:arn:[^:]+:iam::)?(\d{12})(?::root)?", str(principal))
    return found.group(1) if found else str(principal)


def _single(value: Any) -> Any:
    if isinstance(value, Mapping):
        value = next(iter(value.values()), "")
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def remove(function: str, qualifier: str, statement: Mapping[str, Any]) -> Call:
    return Call("lambda", "remove_permission", {**of(function, qualifier), "StatementId": str(statement["Sid"])})


def put_back(function: str, qualifier: str, statement: Mapping[str, Any]) -> Call:
    """Raises InvalidFinding where AddPermission cannot say what the statement says."""
    parameters: dict[str, Any] = {
        **of(function, qualifier),
        "StatementId": str(statement["Sid"]),
        "Action": str(_single(statement.get("Action"))),
        "Principal": principal_of(statement),
    }
    for named in (statement.get("Condition") or {}).values():
        for key, value in named.items():
            parameter = _CONDITIONS.get(str(key).lower())
            if parameter is None or isinstance(_single(value), list):
                raise InvalidFinding(
                    f"Statement {statement['Sid']} has a condition ({str(key)[:60]}) that could not be put back.",
                    "Remove the statement by hand.",
                )
            given = str(_single(value))
            parameters[parameter] = given.lower() == "true" if parameter == "InvokedViaFunctionUrl" else given
    # moto writes it beside the conditions.
    if statement.get("FunctionUrlAuthType"):
        parameters["FunctionUrlAuthType"] = str(statement["FunctionUrlAuthType"])
    return Call("lambda", "add_permission", parameters)


def words(statement: Mapping[str, Any]) -> str:
    return f"{_single(statement.get('Action'))} for {principal_of(statement)}"
