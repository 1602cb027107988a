"""Close a Lambda function URL to whoever does not sign his calls.

Facts: Lambda API Reference, GetFunctionUrlConfig, UpdateFunctionUrlConfig (what is not sent stays as it is); Lambda
Developer Guide, "Security and auth model for Lambda function URLs" (with AWS_IAM only signed calls by principals who
are allowed get in; a URL that is deleted never comes back the same).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ....errors import NotFound
from ....findings.lambda_claims import function_call
from ....findings.lambda_claims import statement as statement_claim
from ...made import Made
from ...model import Call, Observation, Resource, Step, Target
from ...permission import Permission
from ...playbook import Playbook
from ...sweeping import Part, Signature, View, Wrong
from . import _lambda

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.claims import Claim
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

AUTH = "authentication"
OPENED = Signature("lambda_url_made_public", "Lambda function URL open to everyone", "T1648")
#: Functions of a part: each is a call.
PAGE = 10
_CALLS = ("CreateFunctionUrlConfig", "UpdateFunctionUrlConfig", "AddPermission")


def _taken_back(record: CloudTrailRecord) -> Iterator[Mapping[str, Any]]:
    for named in _lambda.named_by(record):
        qualifier = next(record.parameters("qualifier"), "")
        yield {**named, "detail": {"qualifier": qualifier, "statements": []}}


class CloseLambdaUrl(Playbook):
    """Has a function URL ask for signed calls (`AWS_IAM`), and removes the statement that let everyone in.

    The URL itself stays, so nothing is lost; a URL that asks for signatures already is left alone. Only a statement
    that the event itself added is removed, and only if it is for everyone. The URL of an alias is the alias's own.
    """

    id = "close_lambda_url"
    title = "Close Lambda function URL"
    accepts = ("AWS::Lambda::Url", "AWS::Lambda::Function")
    required_fields = ("vendor_account", "vendor_region", "object_id")
    detail_note = (
        '`qualifier`, the alias of the URL, and `statements`, those that the event added, a list of `{"statement", '
        '"qualifier"}`: empty where there is none'
    )
    services = ("lambda",)
    deleted_by = ("DeleteFunction20150331",)
    permissions = (
        *_lambda.READ,
        Permission("lambda:GetFunctionUrlConfig", _lambda.FUNCTIONS),
        Permission("lambda:GetPolicy", _lambda.FUNCTIONS),
        Permission("lambda:UpdateFunctionUrlConfig", _lambda.FUNCTIONS),
        Permission("lambda:RemovePermission", _lambda.FUNCTIONS),
        Permission("lambda:AddPermission", _lambda.FUNCTIONS),
    )
    takes_back = (Made("lambda", ("CreateFunctionUrlConfig",), _taken_back),)
    risk = "medium"
    risk_note = "Callers that do not sign their requests, as webhooks of other services, are refused."
    undo_note = "Lets everyone call the URL again, and adds the statement again."
    sweeps = (OPENED,)
    sweep_permissions = (
        Permission("lambda:ListFunctions"),
        Permission("lambda:ListFunctionUrlConfigs", _lambda.FUNCTIONS),
    )

    def claims(self, finding: Finding) -> Sequence[Claim]:
        function, qualifier = _lambda.function_in(finding), _lambda.qualifier_in(finding.detail)
        given = [{"statement": sid, "principal": "*", "qualifier": qualifier} for sid in _sids(finding)]
        return [function_call(function, *_CALLS), *(statement_claim(function, one) for one in given)]

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        name, qualifier = _lambda.function_in(finding), _lambda.qualifier_in(finding.detail)
        return (Target(f"{name}:{qualifier}" if qualifier else name, finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        _, function = _lambda.read_function(target, aws)
        qualifier = target.id.rpartition(":function:")[2].partition(":")[2]
        resource = Resource(**{**vars(function), "id": f"{function.id}:{qualifier}" if qualifier else function.id})
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        name, qualifier = _parts(resource)
        config = aws.read("lambda", "get_function_url_config", resource.region, **_lambda.of(name, qualifier))
        found = _lambda.statements(name, qualifier, resource.region, aws)
        everyone = {sid: one for sid, one in found.items() if _lambda.principal_of(one) == "*"}
        return {
            AUTH: str(config["AuthType"]),
            "url": str(config.get("FunctionUrl")),
            **{f"statement {sid}": one for sid, one in everyone.items()},
        }

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        name, qualifier = _parts(seen.resource)
        steps, now = [], seen.state[AUTH]
        if now != "AWS_IAM":
            call, undo = (
                Call("lambda", "update_function_url_config", {**_lambda.of(name, qualifier), "AuthType": auth})
                for auth in ("AWS_IAM", now)
            )
            steps.append(Step(AUTH, now, "AWS_IAM", call, undo))
        for sid in _sids(finding):
            added = seen.state.get(f"statement {sid}")
            if added:
                call, undo = _lambda.remove(name, qualifier, added), _lambda.put_back(name, qualifier, added)
                steps.append(Step(f"statement {sid}", added, None, call, undo))
        return steps

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        if aspect == AUTH or one is None or other is None:
            return bool(one == other)
        return _lambda.words(one) == _lambda.words(other)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        name, aspects = _lambda.name_in(resource.id), [step.aspect for step in steps]
        parts = [f"have the URL of function {name} ask for signed calls"] if AUTH in aspects else []
        parts += [f"remove {aspect} from its policy" for aspect in aspects if aspect != AUTH]
        text = ", and ".join(parts)
        return f"{text[:1].upper()}{text[1:]}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        everyone = [name for name in sorted(state) if name.startswith("statement ")]
        said = f"The URL of function {_lambda.name_in(resource.id)} has authentication {state[AUTH]}"
        return said + (f"; for everyone: {', '.join(everyone)}." if everyone else ".")

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        return [f"Whoever calls {state.get('url')} without a signature is refused."]

    def look(self, view: View) -> Iterator[Part]:
        pages = view.pages("lambda", "list_functions", "Functions", "Marker", "NextMarker", MaxItems=PAGE)
        for functions, cursor in pages:
            yield Part(tuple(one for each in functions for one in _open(str(each["FunctionName"]), view)), cursor)


def _open(function: str, view: View) -> Iterator[Wrong]:
    """URLs of a function, or of its aliases, that ask for no signature and that a statement lets everyone call."""
    named = _lambda.of(function)
    listed = view.aws.read("lambda", "list_function_url_configs", view.region, **named)["FunctionUrlConfigs"]
    for config in listed:
        if config["AuthType"] != "NONE":
            continue
        qualifier = str(config["FunctionArn"]).partition(":function:")[2].partition(":")[2]
        found = _lambda.statements(function, qualifier, view.region, view.aws)
        everyone = sorted(sid for sid, one in found.items() if _lambda.principal_of(one) == "*")
        if everyone:
            reason = f"Everyone may call the URL of function {function}{f', alias {qualifier}' if qualifier else ''}."
            detail = {
                "function": function,
                "url": str(config.get("FunctionUrl") or ""),
                "qualifier": qualifier,
                "statements": [{"statement": sid, "qualifier": qualifier} for sid in everyone],
            }
            yield Wrong(OPENED, "AWS::Lambda::Url", function, view.region, "high", reason, detail)


def _parts(resource: Resource) -> tuple[str, str]:
    rest = resource.id.partition(":function:")[2]
    if not rest:
        raise NotFound(f"{resource.id} is no function.")
    name, _, qualifier = rest.partition(":")
    return name, qualifier


def _sids(finding: Finding) -> Sequence[str]:
    """Of the statements that the event added for the URL's qualifier."""
    listed = finding.detail.get("statements")
    given = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, (list, tuple)) else []
    qualifier = _lambda.qualifier_in(finding.detail)
    here = [str(one.get("statement")) for one in given if _lambda.qualifier_in(one) == qualifier]
    return list(dict.fromkeys(sid for sid in here if _lambda.SID.fullmatch(sid)))
