"""Could a company's own remediations (``run_<target>``) that may change something be run, by whoever calls them?"""

from __future__ import annotations

from collections.abc import Iterable

from ...errors import Curable, Unavailable
from ...settings.model import AwsAccount, AwsEntry
from ..line import Check, Line, some
from ..reach import each
from ..surroundings import Surroundings

WHERE = "| respondpreflight shows all playbooks, | respondpolicy dispatch=1 the policies."


def look(about: Surroundings) -> Iterable[Line]:
    from ...aws.accounts import listing
    from ...aws.client import Aws
    from ...aws.organization import Organization
    from ...handlers import own_remediations
    from ...handlers.own_readiness import readiness
    from ...remediation import armed
    from ...remediation.preflight import MISSING, READY

    config = about.config
    every = own_remediations.every(config)
    may_change = {one.id: one for one in every if armed.highest_mode_of(one.id, config.safety) != "simulate"}

    def aws(account: AwsAccount) -> Aws:
        return Aws(account, about.http, attempts=1)

    def organization(entry: AwsEntry) -> Organization:
        return Organization(entry, aws(listing(entry)))

    def test(playbook: str) -> str:
        told = readiness(may_change[playbook], True, config, organization, aws)
        missing = f"Missing: {some(told.missing, 8)}. " if told.missing else ""
        if told.status == MISSING:
            raise Curable(f"It cannot be run. {missing}{told.note}", WHERE)
        if told.status != READY:
            raise Unavailable(f"Whether it can be run is not known. {told.note}", WHERE)
        return f"It can be run. {told.note}"

    return each(list(may_change), test, "Playbook")


CHECK = Check("Own remediations", 46, look)
