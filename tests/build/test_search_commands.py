"""The search commands of the built app, made from what each declares."""

from __future__ import annotations

from pathlib import Path

from test_conf import conf


def test_our_script_replaces_the_generated_one(app_dir: Path) -> None:
    script = (app_dir / "bin" / "responderhealth.py").read_text()
    assert "from responder.commands.health import COMMAND" in script and "GeneratingCommand" not in script


def test_the_command_is_registered_and_explained(app_dir: Path) -> None:
    stanza = conf(app_dir, "default/commands.conf")["responderhealth"]
    assert stanza["chunked"] == "true" and stanza["filename"] == "responderhealth.py"
    help_text = conf(app_dir, "default/searchbnf.conf")["responderhealth-command"]
    assert help_text["syntax"] == "| responderhealth [level=(green|amber|red)]" and help_text["usage"] == "public"


def test_any_app_may_use_it(app_dir: Path) -> None:
    """Who gets an answer is decided by the endpoint."""
    stanza = conf(app_dir, "metadata/default.meta")["commands/responderhealth"]
    assert stanza["export"] == "system" and stanza["access"].startswith("read : [ * ]")


def test_the_endpoint_asks_for_the_right_to_view(app_dir: Path) -> None:
    stanza = conf(app_dir, "default/restmap.conf")["script:cloudtrail_responder_health"]
    assert stanza["capability"] == stanza["capability.post"] == "cloudtrail_responder_view"
