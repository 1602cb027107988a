"""Inline policies of IAM users, roles and groups, of which moto takes any length.

Facts: IAM User Guide, "IAM and AWS STS quotas" (what all of one hold together, without white space); IAM API Reference,
PutUserPolicy (``LimitExceeded``). Only what the app adds is counted: whoever builds an estate gives rights by inline
policies as long as it takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.iam.models import iam_backends

from sandbox.aws.double import Answer, Refused, World

#: What the names of the app's own begin with.
OURS = "CloudTrailResponder-"
MOST = {"user": 2_048, "role": 10_240, "group": 5_120}


def _put(kind: str) -> Answer:
    def put(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
        iam: Any = iam_backends[world.account]["aws"]
        name, policy, document = given[f"{kind.title()}Name"], given["PolicyName"], given["PolicyDocument"]
        held = {**getattr(iam, f"get_{kind}")(name).policies, policy: document}
        is_ours = str(policy).startswith(OURS)
        if is_ours and sum(len("".join(text.split())) for text in held.values()) > MOST[kind]:
            raise Refused("LimitExceeded", f"Maximum policy size of {MOST[kind]} bytes exceeded for {kind} {name}")
        getattr(iam, f"put_{kind}_policy")(name, policy, document)
        return {}

    return put


DOUBLES: Mapping[tuple[str, str], Answer] = {("iam", f"Put{kind.title()}Policy"): _put(kind) for kind in MOST}
