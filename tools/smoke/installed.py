"""Is the app there, can each of its searches run, does the KV store do what everything rests on?"""

from __future__ import annotations

from collections.abc import Iterator

from .client import APP, Refused, Splunk
from .outcomes import Outcome, compared, failed, note, ok
from .site import Site


def app(site: Site) -> Iterator[Outcome]:
    info = site.admin.content("/services/server/info")
    yield note("Splunk", f"{info.get('version')} on {info.get('os_name')}, {info.get('product_type')}")
    about = site.admin.content(f"/services/apps/local/{APP}")
    if about.get("disabled") in (True, "1", "true"):
        yield failed("app", "it is disabled")
    else:
        yield ok("app", f"{APP} {about.get('version')}")


def searches(site: Site) -> Iterator[Outcome]:
    """Each saved search through the parser, with its macros and lookups."""
    saved = [entry for entry in site.admin.entries("saved/searches") if entry["acl"]["app"] == APP]
    bad = 0
    for entry in saved:
        problem = parse(site.admin, str(entry["content"]["search"]))
        if problem:
            bad += 1
            yield failed(f"search: {entry['name']}", problem)
    if not saved:
        yield failed("saved searches", "the app has none that this user can see")
    elif not bad:
        yield ok("saved searches", f"all {len(saved)} pass the parser")


def parse(splunk: Splunk, spl: str) -> str:
    """Why Splunk would not run a search; empty when it would."""
    spl = spl if spl.lstrip().startswith("|") else f"search {spl}"
    form = {"q": spl, "parse_only": "f", "output_mode": "json"}
    try:
        splunk.post("search/v2/parser", form)
    except Refused as error:
        if error.status != 404:
            return str(error)
        # Splunk before 9.0.1.
        return _parse_v1(splunk, form)
    return ""


def _parse_v1(splunk: Splunk, form: dict[str, str]) -> str:
    try:
        splunk.get("search/parser", **form)
    except Refused as error:
        return str(error)
    return ""


def kv_store(site: Site) -> Iterator[Outcome]:
    """An insert of a key that exists must be refused: that is how search heads claim work."""
    key, marks = f"{site.mark}:1", "responder_marks"
    site.afterwards(f"document {key} in {marks}", lambda: site.admin.forget(marks, {"_key": key}))
    document = {"_key": key, "value": "first", "at": 1}
    yield compared("KV store: insert", 201, site.admin.insert(marks, document))
    yield compared("KV store: the same key again", 409, site.admin.insert(marks, {**document, "value": "second"}))
    found = site.admin.find(marks, {"_key": {"$gte": site.mark, "$lt": f"{site.mark};"}})
    yield compared("KV store: a range of keys", [(key, "first", 1)], [(d["_key"], d["value"], d["at"]) for d in found])
    site.admin.post_json(f"storage/collections/data/{marks}/batch_save", [{**document, "value": "third"}])
    (kept,) = site.admin.find(marks, {"_key": key})
    yield compared("KV store: batch_save replaces", "third", kept["value"])
