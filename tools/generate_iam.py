"""Writes what docs say of the playbooks from what they declare: IAM policies, pages, the table of finding details.

    python -m tools.generate_iam --docs docs [--check]

``--check`` writes nothing and exits with 1, naming the files, where the docs are not what the playbooks say.
"""

from __future__ import annotations

import argparse
import inspect
import json
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools import playbooks as declared


def files(found: Sequence[Any]) -> dict[str, str]:
    """Every generated file: path below docs, and text."""
    texts = {f"playbooks/{playbook.id}.md": page(playbook, found) for playbook in found}
    texts["playbooks/README.md"] = index(found)
    texts["playbooks/by-hand.md"] = by_hand()
    chosen = _chosen(found)
    for partition in declared.partitions():
        texts.update(_policies(chosen, partition))
    roles = declared.roles().roles_for(found, found)
    texts["iam/roles/cloudformation.json"] = declared.roles().cloudformation(roles)
    texts["iam/roles/main.tf"] = declared.roles().terraform(roles)
    return texts


def _chosen(found: Sequence[Any]) -> dict[str, Sequence[Any]]:
    """The permissions that there is a policy of, by its name."""
    iam = declared.policies()
    return {
        **{playbook.id: iam.to_change([playbook]) for playbook in found},
        "all": iam.to_change(found),
        "simulate": iam.to_read(found),
        "list-accounts": iam.to_list(),
        "sweep": [p for p in declared.sweep_permissions() if iam.reads(p) and not p.optional],
        **{one.id: one.permissions for one in declared.permission_sets()},
    }


def _policies(chosen: Mapping[str, Sequence[Any]], partition: str) -> dict[str, str]:
    written = {
        f"iam/{partition}/{file}.json": _json(document)
        for name, permissions in chosen.items()
        for file, document in _named(name, declared.policies().policies(permissions, partition))
    }
    return {**written, f"iam/{partition}/trust.json": _json(declared.roles().example_trust(partition))}


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


#: What the second proof of a remediation is (docs/proof.md), for those that contain somebody and for all others.
CONTAINS = (
    "It reads the state back. Later it looks in CloudTrail for the record of its own call, and for calls that should "
    "no longer succeed: by whom, and until when, the ticket says. See [proof](../proof.md#after-a-change)."
)
CHANGES = (
    "It reads the state back. Later it looks in CloudTrail for the record of its own call, and the ticket says whether "
    "and how fast that came. See [proof](../proof.md#after-a-change)."
)
#: Comments as the app renders them, written by ``tests/aws/ticket_examples.py``.
EXAMPLES = Path(__file__).resolve().parent / "ticket_examples"


def in_a_ticket(playbook_id: str) -> str:
    """What a ticket says of a plan; nothing while there is no example."""
    written = EXAMPLES / f"{playbook_id}.txt"
    if not written.exists():
        return ""
    about = "A simulation on the AWS of the tests, as the app writes it into a ticket; ids are replaced."
    return f"""
## In a ticket

{about}

```text
{written.read_text(encoding="utf-8").strip()}
```
"""


def page(playbook: Any, found: Sequence[Any]) -> str:
    """The page of one playbook, in Markdown."""
    accepts = ", ".join(f"`{kind}`" for kind in playbook.accepts) or "any resource"
    undo = textwrap.fill(_undo(playbook), 118) if playbook.undoable else "It cannot be undone."
    parts = [playbook, *(part for part in found if playbook.is_composed and part.id in playbook.part_ids)]
    proof = CONTAINS if any(part.contains(declared.example_resource()) is not None for part in parts) else CHANGES
    return f"""{GENERATED}
# {playbook.title}

`{playbook.id}`

{inspect.getdoc(type(playbook))}

## What it needs

- Findings about: {accepts}
- Finding fields: {", ".join(f"`{name}`" for name in playbook.required_fields)}
- Of `detail` it reads {playbook.detail_note}
- IAM permissions, as a policy: {", ".join(_links(playbook.id, declared.policies().to_change([playbook])))}

{_parts(playbook, found) if playbook.is_composed else _permissions(playbook)}

{_sweep(playbook)}## Risk: {playbook.risk}

{textwrap.fill(playbook.risk_note, 118)}

## Undo

{undo}

## Proof

{textwrap.fill(proof, 118)}
{in_a_ticket(playbook.id)}
## Tested on

{textwrap.fill(f"Its calls are tested on {playbook.proved_on}, not on AWS itself.", 118)}
"""


def _undo(playbook: Any) -> str:
    """With how one that was made anew under its name is told from what was changed, where AWS itself does not tell."""
    calls = " or ".join(f"`{call}`" for call in playbook.deleted_by)
    if not calls:
        return str(playbook.undo_note)
    return (
        f"{playbook.undo_note} AWS gives the resource no ID or date by which another one that is made under its name "
        f"could be told. So an undo asks CloudTrail's event history for {calls} by others since, and asks a person if "
        "it finds one. The history is about 15 minutes late."
    )


def _permissions(playbook: Any) -> str:
    reads = declared.policies().reads
    rows = (f"| `{p.action}` | `{p.resource}` | {'read' if reads(p) else 'change'} |" for p in playbook.permissions)
    return "\n".join(["| action | narrowest resource | |", "| --- | --- | --- |", *rows])


def _parts(playbook: Any, found: Sequence[Any]) -> str:
    """Of a composed playbook: what it consists of, and which calls each part takes back."""
    parts = sorted((p for p in found if p.id in playbook.part_ids), key=lambda p: (_turn(p), p.id))
    rows = [f"| [`{p.id}`]({p.id}.md) | {_calls(p)} | {'yes' if p.undoable else 'no'} |" for p in parts]
    said = "The policy is that of all playbooks it may use; without the permissions of one, that part fails alone."
    return "\n".join([f"{said}\n", "| part | takes back the calls | undo |", "| --- | --- | --- |", *rows])


def _turn(playbook: Any) -> int:
    return min((int(made.turn) for made in playbook.takes_back), default=-1)


def _calls(playbook: Any) -> str:
    calls = [f"`{made.service}:{name}`" for made in playbook.takes_back for name in made.operations]
    return ", ".join(calls) or "none: it is for the actor itself"


def _sweep(playbook: Any) -> str:
    """What it looks for by itself; empty where it does not."""
    if not playbook.sweeps:
        return ""
    detections = ", ".join(f"[`{one.id}`](../detections/{one.id}.md)" for one in playbook.sweeps)
    more = ", ".join(f"`{permission.action}`" for permission in playbook.sweep_permissions)
    needs = f"For that it also needs {more}." if more else "For that it needs no more than to read."
    where = "every region" if playbook.sweeps_regions else "every account"
    text = (
        f"The [sweep](../sweep.md) looks for it in {where}, and opens the case that these detections would: "
        f"{detections}. {needs}"
    )
    return f"## Sweep\n\n{textwrap.fill(text, 118, break_long_words=False, break_on_hyphens=False)}\n\n"


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

The [sweep](../sweep.md) also needs {sweep}, to look for what is wrong.

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

Each policy has these permissions for the app itself. It works without them: an undo that stops then cannot say who
changed the resource, the user of an account entry that cannot sign in is protected by its key alone, and
`| respondpreflight` cannot say which rights are missing.

| action | narrowest resource |
| --- | --- |
{shared}

## Roles

Use two roles in each account: one that changes, and one that reads. The app plans and simulates by *Role for reading*,
and assumes *Role to assume* only when something is about to be changed. Both roles, with all playbooks, are there as a
CloudFormation template (also for a StackSet) and as a Terraform module, the same in every partition:
[`cloudformation.json`](../iam/roles/cloudformation.json), [`main.tf`](../iam/roles/main.tf). What both roles may read
stands in policies that are attached to both. For the playbooks that you use, and the modes that the Safety tab allows
them, make your own with [`| respondpolicy`](../install.md#many-accounts).

The credentials of the entry (the user of its key, or the host role) need `sts:AssumeRole` on both roles, and with *Tag
sessions* `sts:TagSession` and `sts:SetSourceIdentity`. The roles' [trust policy](../iam/aws/trust.json) names
these credentials and the entry's external ID. An entry for an organization needs
[`list-accounts.json`](../iam/aws/list-accounts.json), for its credentials or for its *Role to list accounts*.
"""


def index(found: Sequence[Any]) -> str:
    chosen = _chosen(found)
    rows = "\n".join(
        f"| [{p.title}]({p.id}.md) | `{p.id}` | {p.risk} | {'yes' if p.undoable else 'no'} "
        f"| {', '.join(_links(p.id, chosen[p.id], 'policy'))} |"
        for p in found
    )
    shared = "\n".join(f"| `{p.action}` | `{p.resource}` |" for p in declared.shared_permissions())
    folders = ", ".join(f"[`{name}`](../iam/{name})" for name in declared.partitions())
    links = {name: _links(name, chosen[name]) for name in ("all", "simulate", "sweep")}
    return INDEX.format(
        generated=GENERATED,
        rows=rows,
        shared=shared,
        folders=folders,
        **{name: ", ".join(files) for name, files in links.items()},
        **{f"count_{name}": len(files) for name, files in links.items()},
    )


def _links(name: str, permissions: Sequence[Any], text: str = "") -> list[str]:
    """To each file of a policy that may be several."""
    stems = [stem for stem, _ in _named(name, declared.policies().policies(permissions))]
    return [f"[{text or f'`{stem}.json`'}](../iam/aws/{stem}.json)" for stem in stems]


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
