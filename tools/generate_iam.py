"""Writes what docs say of the playbooks from what they declare: IAM policies, pages, the table of finding details.

    python -m tools.generate_iam --docs docs [--check]

``--check`` writes nothing and exits with 1, naming the files, where the docs are not what the playbooks say.
"""

from __future__ import annotations

import argparse
import inspect
import json
import re
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tools import playbooks as declared

#: What an action's name begins with when it changes nothing.
READING = ("Describe", "Get", "List", "Lookup")
#: Characters that a managed policy holds, without white space (IAM User Guide, "IAM and AWS STS quotas").
MOST = 6_144


def reads(permission: Any) -> bool:
    return str(permission.action).partition(":")[2].startswith(READING)


# Policies


def policies(permissions: Iterable[Any], partition: str = "aws") -> list[dict[str, Any]]:
    """IAM policy documents, none too long for IAM, and the same number in every partition.

    A statement for each service, kind (read or change), resource and condition.
    """
    permissions = list(permissions)
    longest = max(declared.partitions(), key=len)
    parts = zip(_statements(permissions, partition), _statements(permissions, longest))
    documents: list[list[dict[str, Any]]] = [[]]
    size = 0
    for statement, at_longest in parts:
        length = len(_dense(at_longest)) + 1
        if documents[-1] and size + length >= MOST - len(_dense(_document([]))):
            documents.append([])
            size = 0
        documents[-1].append(statement)
        size += length
    return [_document(statements) for statements in documents]


def _document(statements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}


def _dense(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _statements(permissions: Iterable[Any], partition: str) -> list[dict[str, Any]]:
    grouped: dict[tuple[str, bool, str, tuple[str, ...]], set[str]] = {}
    for p in permissions:
        key = (p.action.partition(":")[0], not reads(p), in_partition(p.resource, partition), tuple(p.condition))
        grouped.setdefault(key, set()).add(p.action)
    return [_statement(*key, grouped[key]) for key in sorted(grouped)]


def in_partition(resource: str, partition: str) -> str:
    """An ARN of partition ``aws``, as playbooks declare them, in another one."""
    return resource.replace("arn:aws:", f"arn:{partition}:", 1) if resource.startswith("arn:aws:") else resource


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
    words = re.sub(r"[^A-Za-z0-9]", " ", resource.split(":", 5)[-1]).split()
    if not words and resource != "*":
        # Buckets, topics and queues are named by nothing but their name.
        words = ["each"]
    words += ["when", *condition[-1].replace(".", " ").split()] if condition else []
    kind = "Change" if changes else "Read"
    text = service.title() + kind + "".join(word[:1].upper() + word[1:] for word in words)
    return "".join(letter for letter in text if letter.isalnum())


# Files


def files(found: Sequence[Any]) -> dict[str, str]:
    """Every generated file: path below docs, and text."""
    texts = {f"playbooks/{playbook.id}.md": page(playbook) for playbook in found}
    texts["playbooks/README.md"] = index(found)
    texts["playbooks/by-hand.md"] = by_hand()
    for partition in declared.partitions():
        texts.update(_policies(found, partition))
    return texts


def _policies(found: Sequence[Any], partition: str) -> dict[str, str]:
    shared = declared.shared_permissions()
    every = [*shared, *(permission for playbook in found for permission in playbook.permissions)]
    chosen = {playbook.id: (*shared, *playbook.permissions) for playbook in found}
    chosen["all"], chosen["simulate"] = tuple(every), tuple(permission for permission in every if reads(permission))
    return {
        f"iam/{partition}/{file}.json": _json(document)
        for name, given in chosen.items()
        for file, document in _named(name, policies(given, partition))
    }


def _named(name: str, documents: Sequence[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """Numbered where there are several."""
    if len(documents) == 1:
        return [(name, documents[0])]
    return [(f"{name}-{number}", document) for number, document in enumerate(documents, 1)]


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2) + "\n"


GENERATED = "<!-- Written by tools/generate_iam.py from the playbook itself; change it there. -->\n"
BEGIN = "<!-- The table is written by tools/generate_iam.py from the playbooks; change it there. -->\n"
END = "<!-- End of the table. -->\n"


def page(playbook: Any) -> str:
    """The page of one playbook, in Markdown."""
    rows = "\n".join(
        f"| `{p.action}` | `{p.resource}` | {'read' if reads(p) else 'change'} |" for p in playbook.permissions
    )
    accepts = ", ".join(f"`{kind}`" for kind in playbook.accepts) or "any resource"
    undo = textwrap.fill(playbook.undo_note, 118) if playbook.undoable else "It cannot be undone."
    return f"""{GENERATED}
# {playbook.title}

`{playbook.id}`

{inspect.getdoc(type(playbook))}

## What it needs

- Findings about: {accepts}
- Finding fields: {", ".join(f"`{name}`" for name in playbook.required_fields)}
- Of `detail` it reads {playbook.detail_note}
- IAM permissions, as a policy: [`{playbook.id}.json`](../iam/aws/{playbook.id}.json)

| action | narrowest resource | |
| --- | --- | --- |
{rows}

## Risk: {playbook.risk}

{textwrap.fill(playbook.risk_note, 118)}

## Undo

{undo}

## Tested on

{textwrap.fill(f"Its calls are tested on {playbook.proved_on}, not on AWS itself.", 118)}
"""


def by_hand() -> str:
    """The page of all guides, with the instructions as they are for a finding that names nothing."""
    lines = [GENERATED, "# What a person has to do", ""]
    about = (
        "Where no call of the app can help, a detection recommends a guide in place of a playbook. It changes nothing: "
        "ticket and thread say what to do, with links into the AWS console of the finding's partition and region."
    )
    lines += [textwrap.fill(about, 118)]
    for guide in declared.guides().values():
        lines += ["", f"## {guide.id}", "", f"**{guide.title}.** {guide.why}", ""]
        lines += [f"{number}. {text}" for number, text in enumerate(declared.example_of(guide), 1)]
    return "\n".join(lines) + "\n"


INDEX = """{generated}
# Playbooks

A playbook is a remediation: it reads its target, plans, makes the change, reads it back, and can undo it. Where no call
can help, there is a [guide for a person](by-hand.md). [What answers each detection](../detections/answers.md).

| playbook | id | risk | undo | IAM |
| --- | --- | --- | --- | --- |
{rows}

## Modes

| mode | what happens | needs |
| --- | --- | --- |
| `simulate` | it plans and reports what it would change | {simulate} |
| `approve` | it plans, and waits until a person approves this very plan | {all} |
| `enforce` | it changes | {all} |

The mode that counts is the lowest of the alert's own (or the default mode) and the ceilings that administrators set:
globally, for an account, for a playbook. An approval covers one plan: if the plan that is made right before changing
anything differs from it, it has to be approved again; what is left of an approved plan after a failure does not. Also
in mode `enforce`, a person is asked when a run, or all runs within an hour, would make more changes than the Safety tab
allows.

## Guardrails

They are checked before every write, on what AWS says at that moment: owner, region, tags and principals of the
resource. A protected tag that was set after the plan counts. Protected ARNs match in every partition. Nothing that an
entry of the AWS accounts tab uses is ever changed: its access key, the user of that key and the user's other keys, its
role, the host's role.

## Evidence and undo

Before each write the app keeps what it is about to do and how the state was; after it, that AWS has done it, and what
was read back (collection `responder_evidence`; documents are only ever added). Undo goes by that, not by the plan: it
takes back what the app itself has done, and only where the state still is as the app left it. Otherwise it changes
nothing, says what has changed since and, if CloudTrail's event history has it, by whom, and waits for a person to
approve or reject it. The same goes for a write whose answer was lost, when CloudTrail does not tell whose it was.
Evidence that cannot be read is never guessed at: a person has to look.

## Policies

There is a set for each AWS partition: {folders}.
A managed policy holds 6,144 characters, so what is longer is numbered, each file a policy of its own. Attach all of
them: {count_all} for changing, {count_simulate} for simulating (IAM lets a user or role have ten, and more on request).
To use a few playbooks only, attach the policies of these: the table above links each.
They are written for every account and region; put your account id and regions in place of the `*` to narrow them. Tests
hold the actions against the calls that the playbooks make; the AWS of the tests does not evaluate resources and
conditions, which rest on AWS's Service Authorization Reference.

Each policy has two permissions for the app itself. It works without them: an undo that stops then cannot say who
changed the resource, and the user of an account entry that cannot sign in is protected by its key alone.

| action | narrowest resource |
| --- | --- |
{shared}

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


def index(found: Sequence[Any]) -> str:
    rows = "\n".join(
        f"| [{p.title}]({p.id}.md) | `{p.id}` | {p.risk} | {'yes' if p.undoable else 'no'} "
        f"| [policy](../iam/aws/{p.id}.json) |"
        for p in found
    )
    shared = "\n".join(f"| `{p.action}` | `{p.resource}` |" for p in declared.shared_permissions())
    folders = ", ".join(f"[`{name}`](../iam/{name})" for name in declared.partitions())
    links = {name: _links(found, name) for name in ("all", "simulate")}
    return INDEX.format(
        generated=GENERATED,
        rows=rows,
        shared=shared,
        folders=folders,
        **{name: ", ".join(files) for name, files in links.items()},
        **{f"count_{name}": len(files) for name, files in links.items()},
    )


def _links(found: Sequence[Any], name: str) -> list[str]:
    """To each file of a policy that may be several."""
    files = sorted(Path(path).stem for path in _policies(found, "aws"))
    stems = [file for file in files if file == name or file.startswith(f"{name}-")]
    return [f"[`{stem}.json`](../iam/aws/{stem}.json)" for stem in stems]


def with_details(text: str, found: Sequence[Any]) -> str:
    """``docs/finding.md`` with the table of what playbooks read. Raises ValueError when it has no place for it."""
    return _with_table(text, "reads", {playbook.id: playbook.detail_note for playbook in found})


def with_needs(text: str, found: Sequence[Any]) -> str:
    """``docs/your-own-alert.md`` with the table of what a row must have. Raises ValueError as ``with_details``."""
    return _with_table(text, "needs", {playbook.id: _needs(playbook) for playbook in found})


def _needs(playbook: Any) -> str:
    fields = ", ".join(f"`{name}`" for name in playbook.required_fields)
    if "detail" in playbook.required_fields:
        return f"{fields}: {playbook.detail_note}"
    # What is said of ``detail`` where nothing of it is read says which fields it acts on.
    nothing, _, instead = playbook.detail_note.partition("nothing: ")
    return f"{fields}; {instead}" if instead and not nothing else fields


def _with_table(text: str, column: str, rows: Mapping[str, str]) -> str:
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page has no marks between which the table of the playbooks stands")
    lines = "".join(f"| `{name}` | {said} |\n" for name, said in rows.items())
    return f"{before}{BEGIN}\n| playbook | {column} |\n|---|---|\n{lines}\n{END}{after}"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Write what docs say of the playbooks.")
    parser.add_argument("--docs", type=Path, required=True, help="the folder docs")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is out of date")
    options = parser.parse_args(arguments)
    found = declared.load()
    wanted = {options.docs / path: text for path, text in files(found).items()}
    for page_name, filled in (("finding.md", with_details), ("your-own-alert.md", with_needs)):
        written = options.docs / page_name
        if written.exists():
            wanted[written] = filled(written.read_text(), found)
    folders = [options.docs / name for name in ("iam", "playbooks")]
    present = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
    stale = sorted(str(path) for path, text in wanted.items() if not path.exists() or path.read_text() != text)
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
