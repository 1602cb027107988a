"""The search commands of the built app, made from what each declares."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from responder.commands.base import Command, check_origin
from responder.commands.registry import commands
from responder.errors import Rejected
from responder.handlers.action import actions
from test_conf import conf

EACH = sorted(commands().items())
every_command = pytest.mark.parametrize(("module", "command"), EACH, ids=[command.name for _, command in EACH])


def options_of(command: Command) -> set[str]:
    """Those of one that hands rows over are the parameters of the alert actions, too."""
    handed = {one.name for action in actions().values() for one in action.parameters} if command.hand_over else set()
    return {*command.options, *handed}


@every_command
def test_our_script_replaces_the_generated_one(app_dir: Path, module: str, command: Command) -> None:
    script = (app_dir / "bin" / f"{command.name}.py").read_text()
    assert f"from responder.commands.{module} import COMMAND" in script and "GeneratingCommand" not in script


@every_command
def test_the_command_is_registered_and_explained(app_dir: Path, module: str, command: Command) -> None:
    name = command.name
    stanza = conf(app_dir, "default/commands.conf")[name]
    assert stanza["chunked"] == "true" and stanza["filename"] == f"{name}.py"
    help_text = conf(app_dir, "default/searchbnf.conf")[f"{name}-command"]
    assert help_text["syntax"] == command.syntax and help_text["usage"] == "public"
    assert help_text["syntax"].startswith(f"| {name}")
    assert help_text["shortdesc"] and help_text["description"].startswith(help_text["shortdesc"].rstrip("."))
    assert [help_text[f"example{number}"] for number in range(1, len(command.examples) + 1)] == [
        search for search, _ in command.examples
    ]


@every_command
def test_each_example_is_one_of_the_command_with_options_that_it_has(module: str, command: Command) -> None:
    assert command.examples
    for search, purpose in command.examples:
        parts = search.removeprefix("| ").split(" | ")
        ours = parts[0] if command.generate else parts[-1]
        assert ours.split()[0] == command.name and purpose.endswith(".")
        assert set(re.findall(r"(\w+)=", ours)) <= options_of(command)


@every_command
def test_splunk_asks_before_it_runs_what_changes_something(app_dir: Path, module: str, command: Command) -> None:
    """From a link or a dashboard: whoever opens one must not approve by that."""
    stanza = conf(app_dir, "default/commands.conf")[command.name]
    changes = module in ("approve", "undo", "retry", "excuse", "kill_switch", "change_limits", "trailpeek", "respond")
    assert (stanza.get("is_risky") == "true") is changes
    assert (stanza.get("run_in_preview") == "false") is bool(command.hand_over), "a preview runs it more than once"


def test_respond_knows_each_alert_action_and_its_parameters(app_dir: Path) -> None:
    """From the build, not by hand: an alert action is one file."""
    script = (app_dir / "bin" / "respond.py").read_text()
    known = ast.literal_eval(script.partition("run.main(COMMAND, ")[2].strip()[:-1])
    assert known == {name: [one.name for one in action.parameters] for name, action in actions().items()}
    said = conf(app_dir, "default/searchbnf.conf")["respond-command"]["description"]
    assert all(name in said for name in actions())


@every_command
@pytest.mark.parametrize(
    "sid",
    [
        "scheduler__kim__search__RMD5ac2e_at_1764320400_12",
        "rt_scheduler__kim__search__RMD5ac2e_at_1764320400_12.0",
        "subsearch_scheduler__kim__search__RMD5ac2e_at_1764320400_12_1764320401.1",
    ],
)
def test_no_schedule_runs_what_changes_something(module: str, command: Command, sid: str) -> None:
    """It runs with the rights of the search's owner, whoever has written it since."""
    check_origin(command, "1764320400.7")
    if not command.is_risky or command.may_be_scheduled:
        assert module == "respond" or not command.is_risky, "it does what the alert actions of its owner do"
        return check_origin(command, sid)
    with pytest.raises(Rejected, match="scheduled"):
        check_origin(command, sid)


@every_command
def test_any_app_may_use_it(app_dir: Path, module: str, command: Command) -> None:
    """Who gets an answer is decided by the endpoint."""
    stanza = conf(app_dir, "metadata/default.meta")[f"commands/{command.name}"]
    assert stanza["export"] == "system" and stanza["access"].startswith("read : [ * ]")


@pytest.mark.parametrize(
    ("endpoint", "capability"),
    [
        ("health", "view"),
        ("waiting", "view"),
        ("approve", "approve"),
        ("undo", "undo"),
        ("failures", "view"),
        ("retry", "approve"),
        ("kill_switch", "approve"),
        ("allow_changes", "admin"),
        ("change_limits", "view"),
        ("reset_change_limit", "admin"),
        ("record", "run"),
    ],
)
def test_the_endpoint_behind_it_asks_for_a_right(app_dir: Path, endpoint: str, capability: str) -> None:
    stanza = conf(app_dir, "default/restmap.conf")[f"script:cloudtrail_responder_{endpoint}"]
    assert stanza["capability"] == stanza["capability.post"] == f"cloudtrail_responder_{capability}"
