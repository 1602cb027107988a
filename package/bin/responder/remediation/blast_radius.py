"""Who would notice a change, as far as AWS tells: sentences for whoever reads a plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..errors import NotFound, ResponderError
from .model import Observation, Resource, Target
from .playbook import Playbook

if TYPE_CHECKING:
    from ..aws.client import Aws

#: Sentences that are kept of one resource, and characters of each: names in them are anybody's.
MOST, LONGEST = 8, 400


def blast_radius(
    playbook: Playbook, resource: Resource, seen: Mapping[Target, Observation], aws: Aws
) -> tuple[str, ...]:
    """Never an error: what cannot be found out is a sentence, and the plan is shown all the same."""
    observed = seen.get(resource.target)
    try:
        found = playbook.blast_radius(resource, observed.state if observed else {}, aws)
    except NotFound:
        return ()
    except ResponderError as error:
        return (f"Who would notice it could not be found out: {error.message}"[:LONGEST],)
    return tuple(sentence[:LONGEST] for sentence in found[:MOST])
