"""What the setup page's tab Dispatch offers, from what each dispatcher declares: types, and which can be waited for."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TAB = "dispatch"


def complete(config: Mapping[str, Any], sources: Path) -> None:
    """Fill in the tab of globalConfig.json for the app whose ``bin`` is ``sources``."""
    kinds = list(_kinds(sources).values())
    (tab,) = [tab for tab in config["pages"]["configuration"]["tabs"] if tab["name"] == TAB]
    (shown,) = [column for column in tab["table"]["header"] if column["field"] == "type"]
    shown["mapping"] = {kind.type: kind.label for kind in kinds}
    (field,) = [field for field in tab["entity"] if field["field"] == "type"]
    types = [kind.type for kind in kinds]
    field["validators"] = [
        {"type": "regex", "pattern": f"^({'|'.join(types)})$", "errorMsg": f"Choose one of {', '.join(types)}."}
    ]
    field["options"]["autoCompleteFields"] = [{"value": kind.type, "label": kind.label} for kind in kinds]
    field["modifyFieldsOnValue"] = [
        {
            "fieldValue": kind.type,
            "fieldsToModify": [
                {"fieldId": "waits", "display": kind.can_wait},
                *({"fieldId": name, "display": kind.can_remediate} for name in ("is_remediation", "undo_target")),
            ],
        }
        for kind in kinds
    ]


def _kinds(sources: Path) -> Mapping[str, Any]:
    sys.path.insert(0, str(sources))
    try:
        from responder.aws.dispatch.registry import dispatchers
    finally:
        sys.path.remove(str(sources))
    return dispatchers()
