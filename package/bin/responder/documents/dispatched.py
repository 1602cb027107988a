"""What a dispatch target is sent about a finding: an envelope, the result's own fields, or the target's template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Union

from ..findings.finding import Finding
from ..findings.templates import filled_exactly
from . import cloudevents
from .document import clean

#: What a template is, before any value is in it.
Template = Union[str, Mapping[str, Any]]


def row(finding: Finding) -> dict[str, Any]:
    """The result's own fields; of a result that keeps the finding contract, those of the finding."""
    own = finding.row or {n: v for n, v in finding.to_dict().items() if n not in ("row", "rows") and v not in ("", ())}
    found: dict[str, Any] = cloudevents.cut(dict(own))
    return found


def from_template(template: Template, finding: Finding, account: Mapping[str, str]) -> str | dict[str, Any]:
    """A template with the finding's fields in its texts. What is no text of a JSON template stays as it is.

    Values stand in texts that are already apart, so none can end its own and begin another.
    """
    filled = _filled(template, finding, account)
    assert isinstance(filled, (str, dict))
    return filled


def _filled(template: Any, finding: Finding, account: Mapping[str, str]) -> Any:
    if isinstance(template, str):
        return clean(filled_exactly(template, finding, account))
    if isinstance(template, Mapping):
        return {name: _filled(value, finding, account) for name, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, finding, account) for value in template]
    return template
