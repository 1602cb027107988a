"""Searches that tell what an entry of a list keeps from being found: a detection's own, as if it were not there.

Only rows that the entry is about are looked at. Where other rules of the detection may find such a row all the same, a
second search counts those.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any, Callable, NamedTuple

_ACCOUNT = re.compile(r"\d{12}")
_BUCKET = re.compile(r"[a-z0-9.*-]{1,63}")
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d{1,2}")
_COUNTRY = re.compile(r"[^\W\d_][\w .,'()-]{1,80}")
_NETWORK = re.compile(r"[0-9A-Fa-f.:]{2,45}(/\d{1,3})?")
_KNOWN = re.compile(r"\| `cloudtrail_known_account\((\w+)\)`")
_PUBLIC = re.compile(r"\| `cloudtrail_allowed_public_bucket\((\w+)\)`")
_OUTSIDE = re.compile(r"`cloudtrail_outside_allowed_networks\((\w+)\)`")


class Silenced(NamedTuple):
    """Empty where the list plays no part in the search."""

    #: Finds what there would be about the entry if it were not there; and what there is although it is there.
    without: str
    still: str = ""


NOTHING = Silenced("")
#: Of a detection's search, the entry's key and document, and the definitions of macros.
Silencing = Callable[[str, str, str, Mapping[str, Any], Mapping[str, str]], Silenced]


def _judged(
    lookup: str, spl: str, detection: str, key: str, entry: Mapping[str, Any], macros: Mapping[str, str]
) -> Silenced:
    """Exceptions are judged on the rows of a detection; somebody may have taken that out of the search."""
    judged = (
        f'| eval is_finding=1\n| inputlookup append=t {lookup} where _key="{key}"\n'
        f"| `cloudtrail_judge_exceptions({detection})`\n| where isnotnull(exception)"
    )
    before, macro, after = spl.partition(f"| `cloudtrail_apply_exceptions({detection})`")
    return Silenced(before + judged + after) if macro else NOTHING


def _own_account(spl: str, detection: str, key: str, entry: Mapping[str, Any], macros: Mapping[str, str]) -> Silenced:
    trusted = "coalesce(mvcount(trusted_entry), 0)>coalesce(mvcount(trusted_past), 0)"
    return _account(spl, entry, f"| eval known_account=if({trusted}, known_account, null())")


def _trusted(spl: str, detection: str, key: str, entry: Mapping[str, Any], macros: Mapping[str, str]) -> Silenced:
    return _account(spl, entry, "| eval known_account=if(isnotnull(own_account), known_account, null())")


def _account(spl: str, entry: Mapping[str, Any], unknown: str) -> Silenced:
    account = _fitting(_ACCOUNT, entry.get("account_id"))
    return _around(_KNOWN, spl, lambda field: f'{field}="{account}"', unknown) if account else NOTHING


def _bucket(spl: str, detection: str, key: str, entry: Mapping[str, Any], macros: Mapping[str, str]) -> Silenced:
    bucket = _fitting(_BUCKET, entry.get("bucket"))
    form = "".join(".*" if one == "*" else "[.]" if one == "." else one for one in bucket)
    others = "| eval allowed_public_bucket=if(isnotnull(mvfind(public_others, \".\")), allowed_public_bucket, null())"
    others = f'| eval public_others=mvfilter(public_entry!="{bucket}")\n{others}'
    return _around(_PUBLIC, spl, lambda field: f'match({field}, "^{form}$")', others) if bucket else NOTHING


def _around(macro: re.Pattern[str], spl: str, about: Callable[[str], str], undone: str) -> Silenced:
    """Rows about the entry alone go into the macro; what it says of them is undone behind it."""
    if not macro.search(spl):
        return NOTHING
    still = macro.sub(lambda found: f"| where {about(found[1])}\n{found[0]}", spl)
    return Silenced(macro.sub(lambda found: f"{found[0]}\n{undone}", still), still)


def _country(spl: str, detection: str, key: str, entry: Mapping[str, Any], macros: Mapping[str, str]) -> Silenced:
    country = _fitting(_COUNTRY, entry.get("country")).lower()
    about = f'lower(Country)="{country}"'
    return _in_place(spl, "responder_allowed_countries", "country", f'lower(country)="{country}"', about, country)


def _region(spl: str, detection: str, key: str, entry: Mapping[str, Any], macros: Mapping[str, str]) -> Silenced:
    region = _fitting(_REGION, entry.get("region")).lower()
    about = f'lower(category_values)="{region}"'
    return _in_place(spl, "responder_expected_regions", "region", f'lower(region)="{region}"', about, region)


def _network(spl: str, detection: str, key: str, entry: Mapping[str, Any], macros: Mapping[str, str]) -> Silenced:
    network = _fitting(_NETWORK, entry.get("cidr"))
    field = "src_ip"
    if found := _OUTSIDE.search(spl):
        field, definition = found[1], macros.get("cloudtrail_outside_allowed_networks(1)", "")
        spl = spl.replace(found[0], definition.replace("$address$", field))
    wide = network if "/" in network else f"{network}/{128 if ':' in network else 32}"
    lookup, about = "responder_allowed_networks", f'cidrmatch("{wide}", {field})'
    return _in_place(spl, lookup, "cidr", f'cidr="{network}"', about, network)


#: Stands for an entry that is not there, in lists without which their detections are quiet.
_NONE = {"country": "-", "region": "-", "cidr": "255.255.255.255"}


def _in_place(spl: str, lookup: str, column: str, is_it: str, about: str, value: str) -> Silenced:
    """Entries are appended to the rows: this one becomes another that nothing is about."""
    read = f"inputlookup append=t {lookup}"
    if not value or spl.count(read) != 1:
        return NOTHING
    gone = f'| eval {column}=if({is_it}, "{_NONE[column]}", {column})\n| where isnotnull({column}) OR {about}'
    return Silenced(spl.replace(read, f"{read}\n{gone}"))


def _fitting(form: re.Pattern[str], value: Any) -> str:
    """Empty for what is no such value: lists can be written by searches, and this becomes part of one."""
    text = "" if value is None else str(value)
    return text if form.fullmatch(text) else ""


#: Lists whose entries keep something from being found.
SILENCING: Mapping[str, Silencing] = {
    "responder_allowed_principals": partial(_judged, "responder_allowed_principals"),
    "responder_automation_roles": partial(_judged, "responder_automation_roles"),
    "responder_trusted_accounts": _trusted,
    "responder_public_buckets": _bucket,
    "responder_allowed_networks": _network,
    "responder_allowed_countries": _country,
    "responder_expected_regions": _region,
    "responder_accounts": _own_account,
}
