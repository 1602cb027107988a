"""What the setup page's tab Notifiers offers, from what each notifier declares: types, and who has a signing secret."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TAB = "notifier"


def complete(config: Mapping[str, Any], sources: Path) -> None:
    """Fill in the tab of globalConfig.json for the app whose ``bin`` is ``sources``."""
    kinds = list(_kinds(sources).values())
    (tab,) = [tab for tab in config["pages"]["configuration"]["tabs"] if tab["name"] == TAB]
    (shown,) = [column for column in tab["table"]["header"] if column["field"] == "type"]
    shown["mapping"] = {kind.type: kind.label for kind in kinds}
    (field,) = [field for field in tab["entity"] if field["field"] == "type"]
    types = [kind.type for kind in kinds]
    field["defaultValue"] = types[0]
    field["validators"] = [
        {"type": "regex", "pattern": f"^({'|'.join(types)})$", "errorMsg": f"Choose one of {', '.join(types)}."}
    ]
    field["options"]["autoCompleteFields"] = [{"value": kind.type, "label": kind.label} for kind in kinds]
    field["modifyFieldsOnValue"] = [
        {
            "fieldValue": kind.type,
            "fieldsToModify": [{"fieldId": "signing_secret", "display": kind.is_signed, "required": kind.is_signed}],
        }
        for kind in kinds
    ]


def _kinds(sources: Path) -> Mapping[str, Any]:
    sys.path.insert(0, str(sources))
    try:
        from responder.notifiers.registry import notifiers
    finally:
        sys.path.remove(str(sources))
    return notifiers()
