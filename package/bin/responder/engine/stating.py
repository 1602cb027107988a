"""Somebody says whether it was them. It is written down and told, and decides nothing."""

from __future__ import annotations

from ..cases.audit import audit_event, identified
from ..cases.owed import send_or_owe
from ..cases.store import TaskStore
from ..errors import NotFound
from ..handlers.statements import NOT_ME, reports
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from .answering import Answerer
from .engine import Engine
from .services import Services


def state(splunkd: Splunkd, services: Services, key: str, said: str, who: Answerer) -> str:
    """``said``: ``me`` or ``not_me``, of the task whose message was answered. A line for the person.

    Said again it is the same; a no counts whatever was said before. Raises NotFound and what splunkd raises.
    """
    store, config = TaskStore(splunkd), Configuration(splunkd)
    of = store.get(key)
    if of is None or of.finding is None:
        raise NotFound("The case is not recorded any more.", "Tell your security team.")
    step = "actor_denied" if said == NOT_ME else "actor_confirmed"
    event = audit_event(step, of, splunkd.now(), "success", by=who.by, way=who.way)
    send_or_owe(splunkd, identified(event, step, key, who.by), config.audit_index)
    told = reports(of, said, who.by, config.safety.escalation_channel)
    for task in told:
        store.record(task)
    Engine(splunkd, services, config=config).run([task.key for task in told])
    if said == NOT_ME:
        return "Thank you. Your security team was notified that it was not you."
    return "Thank you. It is recorded as your statement; it approves and excuses nothing."
