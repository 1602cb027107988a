"""AWS stands in front of moto where moto lacks a call, and checks rights by IAM's own names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.aws import doubles
from sandbox.aws.server import AwsStandIn, client


@pytest.fixture(scope="module")
def aws() -> Iterator[AwsStandIn]:
    with AwsStandIn() as started:
        yield started


@pytest.fixture
def somebody(aws: AwsStandIn, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Makes clients of a user who may do what the test's parameter says."""
    iam = aws.client("iam")
    iam.create_user(UserName="somebody")
    allowed = {"Effect": "Allow", "Action": request.param, "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [allowed]}
    iam.put_user_policy(UserName="somebody", PolicyName="p", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName="somebody")["AccessKey"]
    aws.check_rights()
    yield lambda service: client(aws.url, service, key=key["AccessKeyId"], secret=key["SecretAccessKey"])
    aws.check_rights(False)
    aws.reset()


def code_of(call: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return f"{refused.value.response['Error']['Code']} {refused.value.response['ResponseMetadata']['HTTPStatusCode']}"


def test_a_call_that_moto_lacks_is_answered_and_forgotten_at_a_reset(aws: AwsStandIn) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName="ana")
    made = iam.create_service_specific_credential(UserName="ana", ServiceName="codecommit.amazonaws.com")
    kept = iam.list_service_specific_credentials(UserName="ana")["ServiceSpecificCredentials"]
    expected = {**made["ServiceSpecificCredential"]}
    del expected["ServicePassword"]
    assert kept == [expected]
    assert code_of(iam.list_service_specific_credentials, UserName="nobody") == "NoSuchEntity 404"
    aws.reset()
    assert code_of(iam.list_service_specific_credentials, UserName="ana") == "NoSuchEntity 404"


def test_every_double_is_of_a_call_that_botocore_knows(aws: AwsStandIn) -> None:
    for service, operation in doubles.every():
        assert operation in aws.client(service).meta.service_model.operation_names


@pytest.mark.parametrize("somebody", [["s3:GetBucketPublicAccessBlock", "lambda:ListFunctions"]], indirect=True)
def test_rights_are_checked_by_the_names_that_iam_has(aws: AwsStandIn, somebody: Any) -> None:
    aws.client("s3").create_bucket(Bucket="a-bucket")
    assert code_of(somebody("s3").get_public_access_block, Bucket="a-bucket").startswith("NoSuchPublicAccessBlock")
    assert code_of(somebody("s3").get_bucket_acl, Bucket="a-bucket") == "AccessDenied 403"
    assert "Functions" in somebody("lambda").list_functions(), "whatever other tests of the process have made"
    assert code_of(somebody("ec2").describe_vpcs) == "UnauthorizedOperation 403"
    assert code_of(somebody("guardduty").list_detectors) == "AccessDeniedException 403"
    assert code_of(somebody("iam").list_service_specific_credentials, UserName="x") == "AccessDenied 403"
    assert somebody("sts").get_caller_identity()["Account"]
