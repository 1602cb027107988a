"""What a task does when it runs: one module an outside service, one function a kind of task.

A handler takes a ``Context`` and returns a ``Result``, or raises a ResponderError; it may run again after a crash at
any point, and then finds ``context.unsure`` set: the effect is looked up before it is repeated.
"""

from __future__ import annotations

from importlib import import_module
from typing import Callable, Mapping, Tuple

from ..errors import Rejected
from .base import Context, Result

Handler = Callable[[Context], Result]

#: kind of task -> (module, function). Modules are imported when a task of theirs runs.
HANDLERS: Mapping[str, Tuple[str, str]] = {
    "ticket.create": ("ticket", "create"),
    "ticket.comment": ("ticket", "comment"),
    "ticket.note": ("ticket", "note"),
    "slack.post": ("slack", "post"),
    "slack.reply": ("slack", "reply"),
    "slack.note": ("slack", "note"),
    "remediation.run": ("remediation", "run"),
    "remediation.undo": ("remediation", "undo"),
}


#: Kinds whose failure is told on, as their success is: (module, function taking the context and the error).
FAILURES: Mapping[str, Tuple[str, str]] = {
    "remediation.run": ("remediation", "failed"),
    "remediation.undo": ("remediation", "undo_failed"),
}


def handler(kind: str) -> Handler:
    """The handler of a kind of task. Raises Rejected for a kind this version does not know."""
    if kind not in HANDLERS:
        raise Rejected(
            f"This version of the app knows no task of kind '{kind[:40]}'.", "Install the version that recorded it."
        )
    found: Handler = load(*HANDLERS[kind])
    return found


def load(module: str, function: str) -> Callable[..., Result]:
    found: Callable[..., Result] = getattr(import_module(f".{module}", __name__), function)
    return found
