"""Which findings of a run are told in one ticket and one thread: those of one actor, and many of one detection.

A remediation stays in the case of its finding, and reports to the case that tells of it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..cases.incidents import HOUR, Candidate, Incidents, subject_of
from ..cases.recording import Recorder, TaskRequest
from ..cases.task import Alert
from ..errors import ConfigurationError
from ..findings import automation_roles
from ..findings.finding import Finding
from ..findings.incident_actors import actors, role_arn
from ..settings.incidents import Grouping
from ..settings.reader import Configuration
from ..splunk.client import Splunkd

log = logging.getLogger("cloudtrail_responder")

Wanted = tuple[Finding, TaskRequest]
#: The family of tasks of which a ticket or a thread hears.
REMEDIATE = "remediate"


@dataclass(frozen=True)
class Gathering:
    """For the findings of one batch of a run."""

    splunkd: Splunkd
    recorder: Recorder
    config: Configuration
    alert: Alert
    #: The run, as Splunk names it.
    sid: str
    #: Whether it is of one result, as of an alert that triggers for each result.
    one_by_one: bool = False

    def gathered(self, wanted: Sequence[Wanted]) -> list[Wanted]:
        """The same with the case that tells of each. Raises ResponderError where that cannot be found out now."""
        grouping = self._grouping()
        places = [place for place, (_, request) in enumerate(wanted) if request.gathers or request.family == REMEDIATE]
        if not places or not (grouping.incident_hours or grouping.digest_limit):
            return list(wanted)
        candidates = [self._candidate(wanted[place][0], grouping) for place in places]

        def stay(chosen: Mapping[int, str]) -> list[int]:
            told = [one for one in chosen if wanted[places[one]][1].gathers]
            asked = [(wanted[places[one]][0], replace(wanted[places[one]][1], parent=chosen[one])) for one in told]
            return [one for one, stays in zip(told, self.recorder.stay_in_own_case(asked)) if stays]

        window = grouping.incident_hours * HOUR
        incidents = Incidents(self.splunkd, self.sid, window, grouping.digest_limit, stay, self.one_by_one)
        parents = dict(zip(places, incidents.parents(candidates)))
        self._leave_excused(wanted, parents)
        told = list(wanted)
        for place, parent in parents.items():
            finding, request = wanted[place]
            if request.gathers:
                told[place] = finding, replace(request, parent=parent)
            elif parent != finding.case_id:
                told[place] = finding, replace(request, reports_to=parent)
        return told

    def _leave_excused(self, wanted: Sequence[Wanted], parents: dict[int, str]) -> None:
        """What is excused stays in its own case, where it ends."""
        moved = [place for place, parent in parents.items() if parent != wanted[place][0].case_id]
        if not moved:
            return
        try:
            longest = self.config.safety.longest_excuse_days
        except ConfigurationError as error:
            log.error("No excuse counts: %s", error)
            return
        excused = self.recorder.are_excused([wanted[place][0] for place in moved], longest)
        for place, is_excused in zip(moved, excused):
            if is_excused:
                parents[place] = wanted[place][0].case_id

    def _grouping(self) -> Grouping:
        try:
            return self.config.grouping
        except ConfigurationError as error:
            # It must keep nobody from a ticket, nor change which one it is.
            log.error("The usual numbers count: %s", error)
            return Grouping()

    def _candidate(self, finding: Finding, grouping: Grouping) -> Candidate:
        owner = self.recorder.owner
        named = actors(finding) if grouping.incident_hours else ()
        role = role_arn(finding) if named else ""
        if role and automation_roles.has(self.splunkd, role):
            named = ()
        detection = subject_of("detection", owner, *self.alert.name, finding.signature_id)
        return Candidate(
            case_id=finding.case_id,
            time=finding.last_time or finding.first_time,
            actors=tuple(subject_of("actor", owner, name) for name in named),
            detection=detection if grouping.digest_limit else "",
        )
