"""What the playbooks on rules of a bucket share: S3 keeps all rules of a kind as one configuration.

So some are taken out by writing the others, and the whole is kept for the way back.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ...buckets import BucketPlaybook
from ...model import Call, Observation, Resource, Step

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

Rule = Mapping[str, Any]
#: The whole configuration, as AWS gives it. No step changes it by itself.
WHOLE = "Configuration"


class RulesOfBucket(BucketPlaybook):
    """Takes some rules out of a bucket. The state is the rules, a line each; none where there is no configuration."""

    required_fields = ("vendor_account", "object_id", "detail")
    #: The aspect: ``LifecycleRules``.
    aspect: str
    #: What people call them: ``lifecycle rules``.
    words: str

    @abstractmethod
    def configuration(self, bucket: str, region: str, aws: Aws) -> Mapping[str, Any]:
        """With its ``Rules``; empty where the bucket has none."""

    @abstractmethod
    def is_meant(self, finding: Finding, seen: Observation) -> Callable[[Rule], bool]:
        """Which rules go. Raises InvalidFinding where the finding does not say."""

    @abstractmethod
    def put(self, aws: Aws, bucket: str, whole: Mapping[str, Any]) -> Call:
        """The call that sets the configuration, or removes it where it has no rule."""

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        whole = self.configuration(arn.name_of(resource.id), resource.region, aws)
        return {self.aspect: sorted(map(_line, whole.get("Rules") or ())) if whole else None, WHOLE: whole}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        is_meant, whole = self.is_meant(finding, seen), seen.state[WHOLE]
        rules = whole.get("Rules") or []
        kept = [rule for rule in rules if not is_meant(rule)]
        if len(kept) == len(rules):
            return ()
        bucket, after = arn.name_of(seen.resource.id), sorted(map(_line, kept)) if kept else None
        forth, back = (self.put(aws, bucket, {**whole, "Rules": found}) for found in (kept, rules))
        return (Step(self.aspect, seen.state[self.aspect], after, forth, back),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        (step,) = steps
        gone = [line for line in step.before if line not in (step.after or ())]
        left = len(step.after or ())
        stay = f"{left or 'No'} {'other stays' if left == 1 else 'others stay'}"
        return f"Take out of the {self.words} of bucket {arn.name_of(resource.id)}: {' | '.join(gone)}. {stay}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        found = " | ".join(state[self.aspect] or ["none"])
        return f"Bucket {arn.name_of(resource.id)} has these {self.words}: {found}."


def rules_in(record: CloudTrailRecord, configuration: str) -> list[Rule]:
    """The rules that a call has set, of its parameter of this name."""
    request = record.fields.get("requestParameters")
    whole = request.get(configuration) if isinstance(request, Mapping) else None
    rules = whole.get("Rule") if isinstance(whole, Mapping) else None
    return [one for one in (rules if isinstance(rules, list) else [rules]) if isinstance(one, Mapping)]


def _line(rule: Rule) -> str:
    """As people call it, and all that it says."""
    rest = {key: value for key, value in rule.items() if key not in ("ID", "Status")}
    return f"{rule.get('ID')} ({rule.get('Status')}): {json.dumps(rest, sort_keys=True, default=str)}"
