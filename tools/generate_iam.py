"""Writes the IAM policies (docs/iam) and the playbooks' pages (docs/playbooks) from what the playbooks declare.

    python -m tools.generate_iam --docs docs [--check]

``--check`` writes nothing and exits with 1, naming the files, that are out of date.
"""

from __future__ import annotations

import argparse
import inspect
import json
import sys
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).resolve().parents[1] / "package" / "bin"
#: What an action's name begins with when it changes nothing.
READING = ("Describe", "Get", "List")


def playbooks() -> Sequence[Any]:
    """Every playbook of the app."""
    if str(SOURCES) not in sys.path:
        sys.path.insert(0, str(SOURCES))
    from responder.remediation import registry

    return registry.every()


def reads(permission: Any) -> bool:
    return str(permission.action).partition(":")[2].startswith(READING)


def policy(permissions: Iterable[Any]) -> dict[str, Any]:
    """An IAM policy document: one statement for each service, kind (read or change), resource and condition."""
    grouped: dict[tuple[str, bool, str, tuple[str, ...]], set[str]] = {}
    for p in permissions:
        key = (p.action.partition(":")[0], not reads(p), p.resource, tuple(p.condition))
        grouped.setdefault(key, set()).add(p.action)
    return {"Version": "2012-10-17", "Statement": [_statement(*key, grouped[key]) for key in sorted(grouped)]}


def _statement(
    service: str, changes: bool, resource: str, condition: tuple[str, ...], actions: set[str]
) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Sid": _sid(service, changes, resource, condition),
        "Effect": "Allow",
        "Action": sorted(actions),
        "Resource": resource,
    }
    if condition:
        operator, key, value = condition
        statement["Condition"] = {operator: {key: value}}
    return statement


def _sid(service: str, changes: bool, resource: str, condition: tuple[str, ...]) -> str:
    """Letters and digits only, as IAM demands."""
    words = resource.rpartition(":")[2].replace("-", " ").replace("/", " ").replace("*", " ").split()
    words += ["when", *condition[-1:]] if condition else []
    return service.title() + ("Change" if changes else "Read") + "".join(word[:1].upper() + word[1:] for word in words)


def files(found: Sequence[Any]) -> dict[str, str]:
    """Every generated file: path below docs, and text."""
    texts = {f"iam/{playbook.id}.json": _json(policy(playbook.permissions)) for playbook in found}
    every = [permission for playbook in found for permission in playbook.permissions]
    texts["iam/all.json"] = _json(policy(every))
    texts["iam/simulate.json"] = _json(policy(permission for permission in every if reads(permission)))
    texts.update({f"playbooks/{playbook.id}.md": page(playbook) for playbook in found})
    texts["playbooks/README.md"] = index(found)
    return texts


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2) + "\n"


GENERATED = "<!-- Written by tools/generate_iam.py from the playbook itself; change it there. -->\n"


def page(playbook: Any) -> str:
    """The page of one playbook, in Markdown."""
    rows = "\n".join(
        f"| `{p.action}` | `{p.resource}` | {'read' if reads(p) else 'change'} |" for p in playbook.permissions
    )
    accepts = ", ".join(f"`{kind}`" for kind in playbook.accepts) or "any resource"
    undo = inspect.getdoc(type(playbook).undo) if playbook.undoable else "It cannot be undone."
    return f"""{GENERATED}
# {playbook.title}

`{playbook.id}`

{inspect.getdoc(type(playbook))}

## What it needs

- Findings about: {accepts}
- Finding fields: {", ".join(f"`{name}`" for name in playbook.needs)}
- IAM permissions, as a policy: [`{playbook.id}.json`](../iam/{playbook.id}.json)

| action | narrowest resource | |
| --- | --- | --- |
{rows}

## Risk: {playbook.risk}

{textwrap.fill(playbook.risk_note, 118)}

## Undo

{undo}
"""


def index(found: Sequence[Any]) -> str:
    rows = "\n".join(
        f"| [{p.title}]({p.id}.md) | `{p.id}` | {p.risk} | {'yes' if p.undoable else 'no'} "
        f"| [policy](../iam/{p.id}.json) |"
        for p in found
    )
    return f"""{GENERATED}
# Playbooks

A playbook is a remediation that can plan, apply, verify and undo itself. In mode `simulate` it only plans, which needs
no more than [`simulate.json`](../iam/simulate.json) allows. [`all.json`](../iam/all.json) allows every playbook of this
table. The guardrails of the Safety tab are asked before every change.

| playbook | id | risk | undo | IAM |
| --- | --- | --- | --- | --- |
{rows}

The policies are written for partition `aws` and every account and region; put your account id and regions in place of
the `*` to narrow them, and `aws-cn` or `aws-us-gov` where that is your partition. Tests hold the actions against the
calls that the playbooks make; the AWS of the tests does not evaluate resources and conditions, which rest on AWS's
Service Authorization Reference.

An account entry that assumes a role needs `sts:AssumeRole` on that role for its key (or host role), and the role a
trust policy with the entry's external id:

```json
{{
  "Version": "2012-10-17",
  "Statement": [
    {{
      "Effect": "Allow",
      "Principal": {{"AWS": "arn:aws:iam::111122223333:user/responder"}},
      "Action": "sts:AssumeRole",
      "Condition": {{"StringEquals": {{"sts:ExternalId": "the external id of the entry"}}}}
    }}
  ]
}}
```
"""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Write the IAM policies and the playbooks' pages.")
    parser.add_argument("--docs", type=Path, required=True, help="the folder docs")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is out of date")
    options = parser.parse_args(arguments)
    wanted = {options.docs / path: text for path, text in files(playbooks()).items()}
    present = {path for folder in ("iam", "playbooks") for path in (options.docs / folder).glob("*") if path.is_file()}
    stale = sorted(str(path) for path, text in wanted.items() if path not in present or path.read_text() != text)
    strangers = sorted(str(path) for path in present - set(wanted))
    if options.check:
        for path in (*stale, *strangers):
            print(f"{path} is out of date. Run python -m tools.generate_iam --docs docs.", file=sys.stderr)
        return 1 if stale or strangers else 0
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for path in strangers:
        Path(path).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
