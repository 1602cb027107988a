"""What is made of CloudTrail's records before it goes to AWS again: parameters of the call by its model, or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from responder.remediation import last_known

from tests.aws.support import Connected

FLOW_LOGS = ("ResourceIds", "TrafficType", "MaxAggregationInterval", "DestinationOptions")


def flow_logs(connected: Connected, **given: Any) -> dict[str, Any]:
    return last_known.parameters(connected.aws, "ec2", "create_flow_logs", given, FLOW_LOGS)


def test_only_named_parameters_are_taken_under_the_names_of_the_call(connected: Connected) -> None:
    given = {"trafficType": "ALL", "dryRun": True, "clientToken": "x", "xmlns": "http://..."}
    assert flow_logs(connected, **given) == {"TrafficType": "ALL"}


def test_values_get_the_types_of_the_model(connected: Connected) -> None:
    options = {"fileFormat": "parquet", "hiveCompatiblePartitions": "true", "perHourPartition": False}
    assert flow_logs(connected, maxAggregationInterval="60", destinationOptions=options, resourceIds="vpc-1") == {
        "MaxAggregationInterval": 60,
        "DestinationOptions": {"FileFormat": "parquet", "HiveCompatiblePartitions": True, "PerHourPartition": False},
        "ResourceIds": ["vpc-1"],
    }


@pytest.mark.parametrize("wrapped", [{"items": ["a", "b"]}, {"item": ["a", "b"]}, ["a", "b"]])
def test_lists_may_be_wrapped(connected: Connected, wrapped: Any) -> None:
    assert flow_logs(connected, resourceIds=wrapped) == {"ResourceIds": ["a", "b"]}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"trafficType": "EVERYTHING"}, "none of"),
        ({"trafficType": "HIDDEN_DUE_TO_SECURITY_REASONS"}, "not a text"),
        ({"trafficType": {"a": "b"}}, "not a text"),
        ({"maxAggregationInterval": "sixty"}, "whole number"),
        ({"maxAggregationInterval": True}, "whole number"),
        ({"destinationOptions": "parquet"}, "not an object"),
        ({"destinationOptions": {"perHourPartition": "perhaps"}}, "true or false"),
        ({"destinationOptions": {"perHourPartition": True, "alsoSendTo": "x"}}, "has no alsoSendTo"),
    ],
)
def test_what_the_call_would_not_take_is_no_parameter(connected: Connected, given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        flow_logs(connected, **given)


@pytest.mark.parametrize("given", [None, [], "text", 7])
def test_what_is_no_object_has_no_parameters(connected: Connected, given: Any) -> None:
    with pytest.raises(ValueError, match="no parameters"):
        last_known.parameters(connected.aws, "ec2", "create_flow_logs", given, FLOW_LOGS)


@pytest.mark.parametrize(
    ("value", "texts"),
    [("a, b,,a", ("a", "b")), (["a", 7, "", "b"], ("a", "b")), (None, ()), ({"a": "b"}, ()), (5, ())],
)
def test_a_list_of_a_finding_may_be_one_text(value: Any, texts: tuple[str, ...]) -> None:
    assert last_known.texts(value) == texts
