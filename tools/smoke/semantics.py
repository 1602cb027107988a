"""What the shipped searches count on and Splunk documents nowhere, or only in passing: each as a search of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .client import Refused
from .outcomes import Outcome, compared, failed
from .site import Site


@dataclass(frozen=True)
class Claim:
    what: str
    #: Gives one row with the field ``got``.
    spl: str
    expected: str


_MAKE = "| makeresults | eval "
_JSON = _MAKE + r'json="{\"a\":{\"b\":[1,2]},\"s\":\"text\"}"'
_LONG = _MAKE + r'json="{\"pad\":\"" . mvjoin(mvrange(0, 3000), "-") . "\",\"late\":\"found\"}"'
_LIST = f'{_MAKE}l=split("b,a", ",")'
_RAW_ONLY = "fields _raw, _time, _indextime, index, source, sourcetype, host"
CLAIMS = (
    Claim(
        "spath leaves a field alone where the path is absent",
        f'{_JSON}, got="kept" | spath input=json output=got path=none',
        "kept",
    ),
    Claim(
        "spath replaces a field where the path is there",
        f'{_JSON}, got="old" | spath input=json output=got path=s',
        "text",
    ),
    Claim(
        "spath gives an object as JSON text",
        f"{_JSON} | spath input=json output=o path=a | spath input=o output=l path=b{{}}"
        ' | eval got=if(isnull(o), "no object", mvjoin(l, "-"))',
        "1-2",
    ),
    Claim(
        "spath with a path reads behind 5,000 characters", f"{_LONG} | spath input=json output=got path=late", "found"
    ),
    Claim(
        "json_object keeps leading zeros",
        f'{_MAKE}got=json_object("account", "012345678901")',
        '{"account":"012345678901"}',
    ),
    Claim("mvmap sees other fields", f'{_LIST}, outer="z" | eval got=mvjoin(mvmap(l, l . outer), "-")', "bz-az"),
    Claim("mvmap drops nulls", f'{_LIST} | eval got=mvjoin(mvmap(l, if(l="b", l, null())), "-")', "b"),
    Claim("mvcount of nothing is null", f"{_MAKE}got=coalesce(mvcount(none), 0)", "0"),
    Claim("replace knows groups", _MAKE + r'got=replace("arn:aws:iam::1:role/x", "^.*:role/(.*)$", "\1")', "x"),
    Claim("cidrmatch knows IPv6", f'{_MAKE}got=if(cidrmatch("2001:db8::/32", "2001:db8::1"), "yes", "no")', "yes"),
    Claim(
        "fields drops what other apps extracted",
        f'{_MAKE}user="other", _raw="text" | {_RAW_ONLY} | eval got=coalesce(user, "gone") . "-" . _raw',
        "gone-text",
    ),
    Claim(
        "inputlookup append=t keeps the rows before it",
        f"{_MAKE}mine=1 | inputlookup append=t responder_accounts | stats count(mine) AS got",
        "1",
    ),
    Claim(
        "spath() of an object gives its JSON text",
        f'{_JSON} | eval inner=spath(json, "a") | spath input=inner output=l path=b{{}} | eval got=mvjoin(l, "-")',
        "1-2",
    ),
    Claim("mvexpand keeps rows without the field", f"{_MAKE}l=none | mvexpand l | stats count AS got", "1"),
    Claim(
        "spath reads the _raw that eval has set",
        _MAKE + r'_raw="{\"s\":\"old\"}" | eval _raw="{\"s\":\"new\"}" | spath output=got path=s',
        "new",
    ),
    Claim(
        "replace puts a group in letter for letter",
        _MAKE + r't="a\\d$1\"b", got=replace(t, "^(.*)$", "<\1>")',
        r'<a\d$1"b>',
    ),
    Claim("a group that took no part is nothing", _MAKE + r'got=replace("a,b", "a,|(b)", "<\1>")', "<><b>"),
    Claim(
        "names with dots are names of JSON",
        _MAKE + r'json="{\"a.b\":\"x\"}", name=json_array_to_mv(json_keys(json)), got=json_extract_exact(json, name)',
        "x",
    ),
    Claim(
        "strptime reads an offset",
        f'{_MAKE}got=floor(strptime("2026-03-04T05:06:07+0000", "%Y-%m-%dT%H:%M:%S%z"))',
        "1772600767",
    ),
    Claim("stats values sorts", f'{_LIST} | mvexpand l | stats values(l) AS v | eval got=mvjoin(v, "-")', "a-b"),
)


def claims(site: Site) -> Iterator[Outcome]:
    for claim in CLAIMS:
        what = f"SPL: {claim.what}"
        try:
            rows = site.admin.search(claim.spl)
            yield compared(what, claim.expected, rows[0].get("got") if rows else "(no row)")
        except Refused as error:
            yield failed(what, str(error))


def key_field(site: Site) -> Iterator[Outcome]:
    """Baselines are updated by ``outputlookup append=t key_field=_key``: the same key replaces, others stay."""
    lookup, detection = "responder_first_seen", site.mark
    site.afterwards(f"rows of {detection} in {lookup}", lambda: site.admin.forget(lookup, {"detection": detection}))
    for key, value in (("one", "first"), ("two", "other"), ("one", "second")):
        site.admin.search(
            f'| makeresults | eval _key="{detection}-{key}", detection="{detection}", subject="{key}", value="{value}",'
            f" first_seen=1, last_seen=2 | outputlookup append=t key_field=_key {lookup}"
        )
    rows = site.admin.search(
        f'| inputlookup {lookup} where detection="{detection}" | sort 0 subject | eval got=subject . "=" . value'
        ' | stats list(got) AS rows | eval got=mvjoin(rows, " ")'
    )
    yield compared(
        "SPL: outputlookup key_field=_key replaces one row", "one=second two=other", rows[0].get("got") if rows else ""
    )
