"""What Splunk needs of the alert actions, made from what each declares beside its handler (``ACTION``).

The pages and parameters (globalConfig.json), the script, the further keys of alert_actions.conf and the searches behind
an adaptive response's results.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tools import dispatchers, notifiers, search_commands

PREFIX = "responder_"
_DROP_DOWN = "<splunk-search-dropdown"
_AUDIT = "`cloudtrail_responder_audit_index` sourcetype=cloudtrail_responder:audit"
#: From an adaptive response in Enterprise Security to the story of its case, which goes on for days.
STORY = f'search {_AUDIT} [search {_AUDIT} sid="$sid$" rid="$rid$" | dedup case_id | fields case_id] | sort 0 time'
#: Enterprise Security fills in what stands between dollar signs.
DRILLDOWN = f"search?q={quote(STORY, safe='$')}&earliest=-30d&latest=now"
DOOR = '''"""Alert action {stanza}: the thin door; the work is in responder/actions."""

import sys

from responder.actions.run import main

if __name__ == "__main__":
    sys.exit(main("{name}"))
'''


def actions(sources: Path) -> Sequence[Any]:
    """Every alert action of the app whose ``bin`` is ``sources``, by name."""
    sys.path.insert(0, str(sources))
    try:
        from responder.handlers import action
    finally:
        sys.path.remove(str(sources))
    return [declared for _, declared in sorted(action.actions().items())]


def global_config(root: Path) -> dict[str, Any]:
    """globalConfig.json with the alert actions and search commands that the app below ``root`` declares."""
    config: dict[str, Any] = json.loads((root / "globalConfig.json").read_text(encoding="utf-8"))
    sources = root / "package" / "bin"
    notifiers.complete(config, sources)
    dispatchers.complete(config, sources)
    return {
        **config,
        "alerts": [_alert(action) for action in actions(sources)],
        "customSearchCommand": search_commands.global_config(sources),
    }


def prepare(stage: Path) -> None:
    """Complete a copy of the sources, for ucc-gen to build from."""
    config = global_config(stage)
    (stage / "globalConfig.json").write_text(json.dumps(config, indent=2, ensure_ascii=False), encoding="utf-8")
    search_commands.write_doors(stage / "package" / "bin", stage / "package" / "bin")
    static = stage / "package" / "appserver" / "static"
    for action in actions(stage / "package" / "bin"):
        stanza = f"{PREFIX}{action.name}"
        door = DOOR.format(stanza=stanza, name=action.name)
        (stage / "package" / "bin" / f"{stanza}.py").write_text(door, encoding="utf-8")
        if not (static / f"{stanza}.png").exists():
            shutil.copy(stage / "package" / "static" / "appIcon_2x.png", static / f"{stanza}.png")


def alert_actions_conf(sources: Path) -> str:
    """Keys of alert_actions.conf that ucc-gen does not write.

    maxtime: after that Splunk kills the process; what is left the worker does. track_alert: an entry under Triggered
    Alerts, whichever way the alert itself is tracked. forceCsvResults: results.csv.gz is what the actions read.
    """
    keys = "payload_format = json\nmaxtime = 5m\nttl = 10p\ntrack_alert = 1\nforceCsvResults = true\n"
    return "\n".join(f"[{PREFIX}{action.name}]\n{keys}" for action in actions(sources))


def eventtypes_conf(sources: Path) -> str:
    """The searches behind "results" of an adaptive response; ucc-gen's own match every audit event for each action."""
    return "\n".join(
        f"[{PREFIX}{action.name}_modaction_result]\nsearch = sourcetype=cloudtrail_responder:audit ({action.results})\n"
        for action in actions(sources)
    )


def _alert(action: Any) -> dict[str, Any]:
    filed = action.adaptive_response
    return {
        "name": f"{PREFIX}{action.name}",
        "label": action.label,
        "description": action.description,
        "iconFileName": f"{PREFIX}{action.name}.png",
        "customScript": "responder.actions",
        "adaptiveResponse": {
            "task": list(filed.task),
            "subject": list(filed.subject),
            "category": list(filed.category),
            "technology": [{"vendor": filed.vendor, "product": filed.product, "version": ["1"]}],
            "supportsAdhoc": True,
            "supportsCloud": True,
            "sourcetype": "cloudtrail_responder:audit",
            "drilldownUri": DRILLDOWN,
        },
        "entity": [_entity(parameter) for parameter in action.parameters],
    }


def _entity(parameter: Any) -> dict[str, Any]:
    entity = {
        "type": _type(parameter),
        "field": parameter.name,
        "label": parameter.label,
        "help": parameter.help,
        "required": False,
    }
    if parameter.options:
        entity["defaultValue"] = parameter.options[0][0]
        entity["options"] = {"items": [{"value": value, "label": label} for value, label in parameter.options]}
    if parameter.offered:
        entity["search"] = f"| respondchoices of={parameter.offered}"
        entity["valueField"], entity["labelField"] = "value", "label"
        # Without a time Splunk's element does not search at all.
        entity["options"] = {"items": [{"label": "earliest", "value": "-1m"}, {"label": "latest", "value": "now"}]}
    return entity


def _type(parameter: Any) -> str:
    if parameter.options:
        return "singleSelect"
    if parameter.offered:
        return "singleSelectSplunkSearch"
    return "textarea" if parameter.multiline else "text"


def let_people_type(app: Path) -> None:
    """Have the drop-downs of the built alert forms take what they do not offer, which ucc-gen cannot write.

    Source: Splunk's developer guide, "Custom alert action UI", ``allow-custom-value``. Raises ValueError where ucc-gen
    has written no form with a drop-down.
    """
    written = 0
    for form in sorted((app / "default" / "data" / "ui" / "alerts").glob(f"{PREFIX}*.html")):
        text = form.read_text(encoding="utf-8")
        written += text.count(_DROP_DOWN)
        # An element that HTML does not know is not closed by "/>": what stood behind it would be within it.
        text = re.sub(rf"({_DROP_DOWN}[^>]*?)\s*/>", r'\1 allow-custom-value="true"></splunk-search-dropdown>', text)
        form.write_text(text, encoding="utf-8")
    if not written:
        raise ValueError("no alert form has a drop-down that searches")
