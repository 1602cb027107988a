"""What Splunk needs of the search commands, made from what each declares (``COMMAND``).

ucc-gen writes commands.conf and searchbnf.conf from globalConfig.json; its script is replaced by our own.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

DOOR = '''"""Search command {name}: the thin door; the work is in responder/commands."""

import import_declare_test  # noqa: F401 - first, since it puts lib/ on the path

from responder.commands import run
from responder.commands.{module} import COMMAND

if __name__ == "__main__":
    run.main({arguments})
'''


def commands(sources: Path) -> Sequence[tuple[str, Any]]:
    """(module, command) of the app whose ``bin`` is ``sources``, by name of the module."""
    sys.path.insert(0, str(sources))
    try:
        from responder.commands import registry
    finally:
        sys.path.remove(str(sources))
    return sorted(registry.commands().items())


def global_config(sources: Path) -> list[dict[str, Any]]:
    """``customSearchCommand`` of globalConfig.json."""
    return [
        {
            "commandName": command.name,
            # It has to be some file of bin; the script that would import it is replaced by ours.
            "fileName": "responder_executor.py",
            "commandType": "generating" if command.generate else "dataset processing",
            "requiredSearchAssistant": True,
            "description": command.description,
            "syntax": command.syntax,
            "usage": "public",
            "arguments": [{"name": name, "required": False} for name in _options(command, sources)],
        }
        for _, command in commands(sources)
    ]


def commands_conf(sources: Path) -> str:
    """What ucc-gen does not write: Splunk asks before it runs one that changes something from a link or dashboard, and
    runs none that acts on the rows of a search for a preview of them."""
    found = []
    for _, command in commands(sources):
        lines = ["is_risky = true"] if command.is_risky else []
        lines += [] if command.generate else ["run_in_preview = false"]
        if lines:
            found.append("\n".join([f"[{command.name}]", *lines, ""]))
    return "\n".join(found)


def searchbnf_conf(sources: Path) -> str:
    """What ucc-gen does not write of the help that the search assistant shows while somebody types a command."""
    every = [command for _, command in commands(sources)]
    return "\n".join(_help(command, [one.name for one in every if one is not command]) for command in every)


def _help(command: Any, others: Sequence[str]) -> str:
    lines = [
        f"[{command.name}-command]",
        f"shortdesc = {command.description.partition('. ')[0].rstrip('.')}.",
        "category = reporting",
        "tags = cloudtrail aws responder",
        f"related = {' '.join(others)}",
    ]
    for number, (search, purpose) in enumerate(command.examples, 1):
        lines += [f"comment{number} = {purpose}", f"example{number} = {search}"]
    return "\n".join([*lines, ""])


def default_meta(sources: Path) -> str:
    """Any app may use them: they ask with the searcher's own rights, and who gets an answer is decided there."""
    named = (command.name for _, command in commands(sources))
    access = "access = read : [ * ], write : [ admin, sc_admin ]\nexport = system\n"
    return "\n".join(f"[commands/{name}]\n{access}" for name in named)


def write_doors(folder: Path, sources: Path) -> None:
    """The scripts, in the ``bin`` of a copy of the sources."""
    for module, command in commands(sources):
        arguments = "COMMAND" if command.generate else f"COMMAND, {parameters(sources)!r}"
        door = DOOR.format(name=command.name, module=module, arguments=arguments)
        (folder / f"{command.name}.py").write_text(door, encoding="utf-8")


def parameters(sources: Path) -> dict[str, list[str]]:
    """Of each alert action: to import what declares them takes longer than a command may take to start."""
    sys.path.insert(0, str(sources))
    try:
        from responder.handlers import action
    finally:
        sys.path.remove(str(sources))
    return {name: [one.name for one in found.parameters] for name, found in sorted(action.actions().items())}


def _options(command: Any, sources: Path) -> list[str]:
    """Names of the options, those of the alert actions behind its own."""
    if command.generate:
        return list(command.options)
    return list(dict.fromkeys([*command.options, *(name for names in parameters(sources).values() for name in names)]))
