"""A row about an event of Security Lake under CloudTrail's own names: a table from OCSF's names to those.

The macro ``cloudtrail_read_ocsf`` rebuilds whole records for the searches; a row needs only the cells that say who did
what to what. Its names are those of versions 1.0.0-rc.2 to 1.5, of which each has some. Sources: OCSF examples,
mappings of AWS CloudTrail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..json_limits import NotPlain, bounded_json

#: The values of a field of the row.
Values = Callable[[str], Sequence[str]]
#: CloudTrail's name -> OCSF's, the first that there is.
_NAMES: Mapping[str, Sequence[str]] = {
    "eventName": ("api.operation",),
    "eventSource": ("api.service.name",),
    "eventTime": ("time_dt", "time"),
    "eventID": ("metadata.uid",),
    "awsRegion": ("cloud.region",),
    "recipientAccountId": ("unmapped.recipientAccountId", "cloud.account.uid"),
    "sourceIPAddress": ("src_endpoint.ip", "src_endpoint.domain"),
    "userAgent": ("http_request.user_agent",),
    "errorCode": ("api.response.error",),
    "errorMessage": ("api.response.message",),
    "userIdentity.type": ("actor.user.type",),
    "userIdentity.userName": ("actor.user.name",),
    "userIdentity.accountId": ("actor.user.account.uid", "actor.user.account_uid"),
    "userIdentity.accessKeyId": ("actor.user.credential_uid",),
    "userIdentity.invokedBy": ("actor.invoked_by",),
    "userIdentity.sessionContext.sessionIssuer.arn": ("actor.session.issuer",),
    "resources{}.ARN": ("resources{}.uid",),
    "resources{}.type": ("resources{}.type",),
}
#: Where request and response are kept whole, as texts of JSON.
_WHOLE = {"requestParameters": "api.request.data", "responseElements": "api.response.data"}
#: What OCSF has no place for and a row is read for. The names there are a caller's in part.
_UNMAPPED = ("requestParameters.", "responseElements.")
#: Names that are looked at in ``unmapped``.
_MOST = 2_000


def is_cloudtrail(values: Values) -> bool:
    """Whether a row is about an event that Security Lake has made of a CloudTrail record."""
    product = values("metadata.product.name")
    return bool(values("api.operation")) and (not product or "CloudTrail" in product)


def cells(values: Values, names: Iterable[str], unmapped: Any) -> dict[str, list[str]]:
    """The cells under CloudTrail's names. ``unmapped`` is that object of the event, where the row has its text."""
    kept = dict(_unmapped(values, names, unmapped))
    found = {name: list(_first(values, sources, kept)) for name, sources in _NAMES.items()}
    found.update({name: [value] for name, value in kept.items() if name.startswith(_UNMAPPED)})
    found.update({name: [value] for name, value in _identity(values).items()})
    found.update({name: [value] for name, value in _target(values, found).items()})
    if not found["userIdentity.invokedBy"] and values("actor.app_name") == values("src_endpoint.domain"):
        # A caller might have chosen it, but not where the call came from.
        found["userIdentity.invokedBy"] = list(values("actor.app_name"))
    if values("api.operation")[:1] == ["ConsoleLogin"] and values("status"):
        # Some versions have no place for what the response says.
        found["responseElements.ConsoleLogin"] = list(values("status"))
    return {name: given for name, given in found.items() if given}


def record(values: Values) -> dict[str, Any]:
    """Request and response as objects, where OCSF keeps them whole, with what the call was."""
    found: dict[str, Any] = {}
    for name, source in _WHOLE.items():
        if len(values(source)) == 1:
            try:
                found[name] = bounded_json(values(source)[0])
            except NotPlain:
                continue
    for name in ("eventName", "errorCode"):
        given = values(_NAMES[name][0])
        if len(given) == 1:
            found[name] = given[0]
    return found


def _first(values: Values, sources: Sequence[str], kept: Mapping[str, str]) -> Sequence[str]:
    for source in sources:
        leaf = source.partition(".")[2] if source.startswith("unmapped.") else ""
        given = [kept[leaf]] if leaf in kept else values(source)
        if given:
            return given
    return ()


def _identity(values: Values) -> dict[str, str]:
    """The first version has the ARN as ``uuid`` and the principal as ``uid``, later ones as ``uid`` and ``uid_alt``."""
    uuid, uid, other = (values(f"actor.user.{name}") for name in ("uuid", "uid", "uid_alt"))
    ids = [given[0] for given in (uuid, uid, other) if len(given) == 1]
    arns, names = [one for one in ids if one.startswith("arn:")], [one for one in ids if not one.startswith("arn:")]
    found = {"userIdentity.arn": arns[0]} if arns else {}
    if names:
        stores = any(":identitystore:" in one for one in values("actor.idp.uid"))
        found["userIdentity.onBehalfOf.userId" if stores else "userIdentity.principalId"] = names[0]
    return found


def _target(values: Values, found: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Whom an account change is about: in the first version that stands nowhere else."""
    names = ("requestParameters.userName", "requestParameters.roleName")
    version = "".join(values("metadata.version"))
    if not version.startswith("1.0") or any(found.get(name) for name in names) or len(values("user.name")) != 1:
        return {}
    is_role = any("Role" in operation for operation in values("api.operation"))
    return {names[is_role]: values("user.name")[0]}


def _unmapped(values: Values, names: Iterable[str], whole: Any) -> Iterator[tuple[str, str]]:
    """What has no place, by its dotted name. It is written as an object, as a list of pairs, or as two lists."""
    if isinstance(whole, (Mapping, list)):
        yield from _pairs(whole)
        return
    for name in names:
        if name.startswith("unmapped.") and len(values(name)) == 1:
            yield name.partition(".")[2], values(name)[0]
    for keys, given in ((values("unmapped.key{}"), values("unmapped.value{}")),
                        (values("unmapped{}.key"), values("unmapped{}.value"))):  # fmt: skip
        # Where one is empty, nobody can say which.
        if len(keys) == len(given):
            yield from zip(keys[:_MOST], given)


def _pairs(whole: Any) -> Iterator[tuple[str, str]]:
    if isinstance(whole, list):
        found = [(one.get("key"), one.get("value")) for one in whole[:_MOST] if isinstance(one, Mapping)]
    elif isinstance(whole.get("key"), list) and isinstance(whole.get("value"), list):
        found = list(zip(whole["key"][:_MOST], whole["value"]))
    else:
        found = list(whole.items())[:_MOST]
    return ((key, value) for key, value in found if isinstance(key, str) and isinstance(value, str) and value.strip())
