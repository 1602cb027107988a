"""Where a finding's fields stand in a row that keeps no contract.

CloudTrail's own names come first: the Splunk Add-on for AWS writes ``user``, ``vendor_account`` and others of ours with
meanings of its own (the target instead of the caller, the caller's account instead of the one it happened in). Names
that it does not write are taken as the search's author meant them. Then come CIM's names and a notable's, and those of
findings of GuardDuty and Security Hub (GuardDuty User Guide, "Finding format", alone and in EventBridge's envelope;
AWS Security Finding Format).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

#: Field of the finding -> fields of a row, the first that has a value of the right form wins.
SOURCES: Mapping[str, Sequence[str]] = {
    "vendor_account": (
        "recipientAccountId", "vendor_account", "aws_account_id", "account_id", "userIdentity.accountId",
        "AwsAccountId", "accountId", "detail.accountId", "cloud.account.uid", "aws_account", "account",
    ),
    "vendor_region": ("awsRegion", "vendor_region", "aws_region", "region", "Region", "detail.region", "cloud.region"),
    "user_type": ("userIdentity.type", "user_type"),
    # Whoever renames the ARN to the user means the same.
    "user_arn": ("userIdentity.arn", "user_arn", "user", "src_user", "principal"),
    "access_key_id": (
        "access_key_id", "userIdentity.accessKeyId", "user_access_key", "accessKeyId", "access_key",
        "resource.accessKeyDetails.accessKeyId", "detail.resource.accessKeyDetails.accessKeyId",
    ),
    "src_ip": (
        "sourceIPAddress", "src_ip", "src", "source_ip", "client_ip", "ip",
        "service.action.awsApiCallAction.remoteIpDetails.ipAddressV4",
        "detail.service.action.awsApiCallAction.remoteIpDetails.ipAddressV4",
    ),
    "src_country": ("src_country", "Country", "src_Country", "country"),
    "user_agent": ("userAgent", "user_agent", "http_user_agent"),
    "command": (
        "eventName", "command", "api",
        "service.action.awsApiCallAction.api", "detail.service.action.awsApiCallAction.api",
    ),
    "object_category": ("object_category", "resources{}.type"),
    "object_id": (
        "object_id", "resource_id", "resource_arn", "resource", "Resources{}.Id",
        "resource.instanceDetails.instanceId", "detail.resource.instanceDetails.instanceId",
    ),
    "mitre_technique_id": ("mitre_technique_id", "annotations.mitre_attack", "mitre_attack_id"),
    "recommended_playbook": ("recommended_playbook",),
    "reason": ("reason", "rule_description", "description", "Description", "detail.description", "risk_message"),
}  # fmt: skip
#: Who did it, where the record does not name the person.
USER = (
    "userIdentity.userName", "user", "user_name", "userName", "src_user", "resource.accessKeyDetails.userName",
    "detail.resource.accessKeyDetails.userName",
)  # fmt: skip
EVENT_IDS = ("eventID", "event_ids", "event_id", "eventIDs", "values(eventID)", "orig_event_id")
#: Last, as ``stats`` calls them where nobody has named them.
_EARLIEST = ("first_time", "firstTime", "min(_time)", "earliest(_time)")
_LATEST = ("last_time", "lastTime", "max(_time)", "latest(_time)")
_TIME = ("eventTime", "_time", "orig_time")
FIRST_TIME, LAST_TIME = (*_EARLIEST, *_TIME, *_LATEST), (*_LATEST, *_TIME, *_EARLIEST)
#: Only where a row has none of these: beside an event's own time they are of something else, as of a known address.
FIRST_SEEN = ("first_seen", "start_time", "earliest", "last_seen", "end_time", "latest")
LAST_SEEN = ("last_seen", "end_time", "latest", "first_seen", "start_time", "earliest")
COUNT = ("event_count", "count")
SEVERITY = ("severity", "severity_level", "Severity.Label", "detail.severity")
#: Of GuardDuty's, whose numbers go up to 10; no other service has a number there.
GUARDDUTY_SEVERITY = "detail.severity"
#: What names GuardDuty in a row.
GUARDDUTY = ("service.serviceName", "detail.service.serviceName", "source", "sourcetype")
#: An error code for no error: the Splunk Add-on for AWS writes the word, ``fillnull`` the number.
NO_ERROR = ("", "success", "0", "none", "false")
#: What says ``failure`` of a call or a sign-in that has failed without an error code; ``action`` is CIM's.
FAILED = ("outcome", "responseElements.ConsoleLogin", "serviceEventDetails.CredentialVerification", "action")
#: A notable's urgency is its severity and the priority of who it is about; people sort by it.
URGENCY = "urgency"
#: What people set on findings and investigations of Enterprise Security.
REVIEW = (
    "status_label", "status_group", "owner_realname", "reviewer", "review_time", "disposition", "disposition_label",
    "investigation_id", "investigation_type",
)  # fmt: skip
#: The search behind a row of an ad hoc run, which has no name itself. The source of a notable is its search; that of an
#: event is the file that it came from.
ALERT_NAME = ("search_name", "rule_name", "orig_search_name")
NOTABLE_NAME = ("search_name", "source", "rule_name", "orig_search_name")
#: What the field of a row must look like to be one of ours.
FORMS: Mapping[str, re.Pattern[str]] = {
    "vendor_account": re.compile(r"[0-9]{12}"),
    "vendor_region": re.compile(r"[a-z]{2}[a-z0-9-]{3,30}"),
    "user_arn": re.compile(r"arn:[!-~]{5,2000}"),
    "access_key_id": re.compile(r"A[A-Z0-9]{15,127}"),
    # The Splunk Add-on for AWS writes a new access key here, in place of the user who has got it.
    "object_id": re.compile(r"(?!A[KS]IA[A-Z0-9]{12,124}$).+", re.DOTALL),
    "object_category": re.compile(r"AWS::[A-Za-z0-9:]{3,100}"),
    "mitre_technique_id": re.compile(r"T[0-9]{4}(\.[0-9]{3})?"),
    "recommended_playbook": re.compile(r"[a-z][a-z0-9_]{2,63}"),
}
#: An account as AWS's console shows it, and as people copy it.
ACCOUNT_SHOWN = re.compile(r"^([0-9]{4})-([0-9]{4})-([0-9]{4})$")
#: Fields of which a row with several different values has none: to choose one would be to guess whom to act on.
SINGLE = frozenset((*FORMS, "command", "user_type"))


class ParameterOf(NamedTuple):
    """A request parameter that names the resource of a call."""

    service: str
    parameter: str
    category: str


#: The first that a record of the service has names the resource. Facts: the API references of the services.
RESOURCES = tuple(
    ParameterOf(*one)
    for one in (
        ("s3", "bucketName", "AWS::S3::Bucket"),
        ("cloudtrail", "name", "AWS::CloudTrail::Trail"),
        ("cloudtrail", "trailName", "AWS::CloudTrail::Trail"),
        ("ec2", "groupId", "AWS::EC2::SecurityGroup"),
        ("ec2", "ModifySecurityGroupRulesRequest.GroupId", "AWS::EC2::SecurityGroup"),
        ("ec2", "instanceId", "AWS::EC2::Instance"),
        ("ec2", "instancesSet.items{}.instanceId", "AWS::EC2::Instance"),
        ("ec2", "snapshotId", "AWS::EC2::Snapshot"),
        ("ec2", "volumeId", "AWS::EC2::Volume"),
        ("ec2", "imageId", "AWS::EC2::Image"),
        ("iam", "userName", "AWS::IAM::User"),
        ("iam", "roleName", "AWS::IAM::Role"),
        ("iam", "groupName", "AWS::IAM::Group"),
        ("iam", "policyArn", "AWS::IAM::ManagedPolicy"),
        ("kms", "keyId", "AWS::KMS::Key"),
        ("lambda", "functionName", "AWS::Lambda::Function"),
        ("rds", "dBInstanceIdentifier", "AWS::RDS::DBInstance"),
        ("rds", "dBClusterIdentifier", "AWS::RDS::DBCluster"),
        ("rds", "dBSnapshotIdentifier", "AWS::RDS::DBSnapshot"),
        ("secretsmanager", "secretId", "AWS::SecretsManager::Secret"),
        ("guardduty", "detectorId", "AWS::GuardDuty::Detector"),
        ("config", "configurationRecorderName", "AWS::Config::ConfigurationRecorder"),
        ("logs", "logGroupName", "AWS::Logs::LogGroup"),
        ("dynamodb", "tableName", "AWS::DynamoDB::Table"),
        ("sts", "roleArn", "AWS::IAM::Role"),
    )
)
#: What a playbook reads of ``detail`` is taken out of the request as CloudTrail has it.
DETAIL = ("detail", "requestParameters.ipPermissions (keep _raw in the results)")


def names_of(field: str) -> Sequence[str]:
    """Fields of a row in which a finding's field is looked for, for people who have to add one to their search."""
    if field == "object_id":
        return (*SOURCES[field][:1], *dict.fromkeys(f"requestParameters.{one.parameter}" for one in RESOURCES[:4]))
    if field == "user_arn":
        return SOURCES[field][:2]
    return DETAIL if field == "detail" else EVENT_IDS[:2] if field == "event_ids" else SOURCES.get(field, (field,))[:4]
