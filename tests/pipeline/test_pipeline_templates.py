"""CloudFormation and Terraform make the same estate as the app: read back from AWS, and compared setting by setting."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from responder.pipeline import templates
from responder.pipeline.options import Options

from infra.__main__ import main
from sandbox.aws.server import ACCOUNT, REGION, AwsStandIn
from tests.pipeline.site import Site

DOCS = Path(__file__).resolve().parents[2] / "docs"
FOLDER = DOCS / "infra"
#: A call to CloudFormation takes no more (CloudFormation User Guide, "Quotas").
LONGEST_TEMPLATE = 51_200
EXTRA = {"data_events": ["s3:write"], "archive_days": 90, "raw_delivery": True, "tags": {"team": "security"}}
MADE: dict[str, dict[str, Any]] = {
    "reader": {**templates.VARIANTS["reader"], **EXTRA},
    "eventbridge": {**templates.VARIANTS["eventbridge"], "encryption": "s3", "retention_days": 0},
    "cloudtrail": {"notifier": "cloudtrail", "exclude_event_sources": ["kms.amazonaws.com"]},
}


def test_the_files_in_the_documentation_are_what_the_description_says() -> None:
    assert main(["templates", "--docs", str(DOCS), "--check"]) == 0


@pytest.mark.parametrize(
    "name", ["reader", "eventbridge", *(pytest.param(name, marks=pytest.mark.slow) for name in ("sns", "organization"))]
)
def test_the_template_is_one_for_cloudformation(name: str) -> None:
    api = pytest.importorskip("cfnlint.api")
    text = (FOLDER / name / "cloudformation.json").read_text()
    assert len(text.encode()) < LONGEST_TEMPLATE
    # What begins with I is advice.
    assert [str(problem) for problem in api.lint_all(text) if not problem.rule.id.startswith("I")] == []
    assert ACCOUNT not in text and REGION not in text, "one template for every account and region"


def test_data_outlives_the_stack() -> None:
    resources = json.loads((FOLDER / "sns" / "cloudformation.json").read_text())["Resources"]
    kept = {name for name, one in resources.items() if one.get("DeletionPolicy") == "Retain"}
    assert kept == {"Key", "KeyAlias", "Bucket", "BucketPolicy"}


@pytest.fixture(scope="module")
def provisioned(stand_in: AwsStandIn) -> Any:
    """The estates that the app makes, each with the ARN of its key, as AWS's API has them; once a module."""

    @functools.cache
    def estate(kind: str) -> tuple[Site, dict[str, Any]]:
        site = Site(stand_in.url, f"templates-{kind}")
        site.apply(**MADE[kind])
        found = site.estate()
        site.teardown(delete_data=True)
        return site, found

    return estate


@pytest.mark.extended
@pytest.mark.parametrize("kind", MADE)
def test_cloudformation_makes_what_the_app_makes(provisioned: Any, kind: str) -> None:
    site, estate = provisioned(kind)
    text = templates.files(Options.of({**MADE[kind], "stem": site.stem}))["cloudformation.json"]
    made: dict[str, dict[str, Any]] = {}
    for label, one in json.loads(text)["Resources"].items():
        made.setdefault(one["Type"], {})[label] = deployed(one["Properties"], MADE[kind])
    assert of_cloudformation(made) == comparable(estate)


@pytest.mark.extended
@pytest.mark.parametrize("kind", MADE)
def test_terraform_makes_what_the_app_makes(provisioned: Any, kind: str) -> None:
    hcl2 = pytest.importorskip("hcl2")
    site, estate = provisioned(kind)
    text = templates.files(Options.of({**MADE[kind], "stem": site.stem}))["main.tf"]
    parsed = hcl2.loads(text)
    made: dict[str, dict[str, Any]] = {}
    for block in parsed["resource"]:
        for kind_, labels in block.items():
            for label, body in labels.items():
                made.setdefault(bare(kind_), {})[bare(label)] = evaluated(body, MADE[kind])
    assert of_terraform(made) == comparable(estate)


def comparable(estate: dict[str, Any]) -> dict[str, Any]:
    """One form for AWS's answers and for both kinds of template: what each resource is set to."""
    (bucket,) = estate["buckets"].values()
    (trail,) = estate["trails"].values()
    notifications = bucket["notifications"]
    topic = next(iter(notifications.get("TopicConfigurations") or ()), None)
    found: dict[str, Any] = {
        "bucket": {
            "block": sorted(name for name, flag in bucket["block"].items() if flag),
            "ownership": bucket["ownership"]["Rules"][0]["ObjectOwnership"],
            "encryption": encryption(bucket["encryption"]["Rules"][0]),
            "versioning": bucket["versioning"],
            "lifecycle": lifecycle(bucket["lifecycle"][0]),
            "policy": bucket["policy"],
            "eventbridge": "EventBridgeConfiguration" in notifications,
            "topic": [topic["TopicArn"], topic["Events"], filters(topic)] if topic else None,
        },
        "trail": {
            "multi": trail["IsMultiRegionTrail"],
            "global": trail["IncludeGlobalServiceEvents"],
            "organization": trail["IsOrganizationTrail"],
            "validation": trail["LogFileValidationEnabled"],
            "key": trail.get("KmsKeyId") or "",
            "topic": trail.get("SnsTopicName") or "",
            "bucket": trail["S3BucketName"],
            "logging": trail["logging"],
            "selectors": [[one["Name"], one["FieldSelectors"]] for one in trail["selectors"]],
        },
        "queues": {name: queue(one) for name, one in estate["queues"].items()},
    }
    for key in estate.get("keys", ()):
        found["key"] = {"policy": key["policy"], "rotation": key["rotation"], "aliases": key["aliases"]}
    for topic in estate.get("topics", {}).values():
        (subscription,) = topic["subscriptions"]
        found["topic"] = {"policy": topic["policy"], "key": topic["key"]}
        found["subscription"] = {"endpoint": subscription[0], "raw": subscription[1].lower() == "true"}
    for rule in estate.get("rules", {}).values():
        found["rule"] = {"pattern": rule["pattern"], "state": rule["state"], "target": rule["targets"]}
    for role in estate.get("roles", {}).values():
        found["role"] = {"trust": role["trust"], "permissions": role["policies"][0]}
    return found


def encryption(rule: dict[str, Any]) -> list[Any]:
    default = rule.get("ApplyServerSideEncryptionByDefault") or rule["ServerSideEncryptionByDefault"]
    return [default["SSEAlgorithm"], default.get("KMSMasterKeyID") or "", bool(rule.get("BucketKeyEnabled"))]


def lifecycle(rule: dict[str, Any]) -> dict[str, Any]:
    return {
        "prefix": (rule.get("Filter") or {}).get("Prefix", ""),
        "old": rule["NoncurrentVersionExpiration"]["NoncurrentDays"],
        "unfinished": rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"],
        "days": (rule.get("Expiration") or {}).get("Days"),
        "moves": [[one["Days"], one["StorageClass"]] for one in rule.get("Transitions") or ()],
        "on": rule["Status"],
    }


def filters(topic: dict[str, Any]) -> dict[str, str]:
    return {one["Name"].lower(): one["Value"] for one in topic["Filter"]["Key"]["FilterRules"]}


def queue(one: dict[str, Any]) -> dict[str, Any]:
    redrive = one.get("RedrivePolicy")
    return {
        "visibility": int(one["VisibilityTimeout"]),
        "retention": int(one["MessageRetentionPeriod"]),
        "wait": int(one["ReceiveMessageWaitTimeSeconds"]),
        "key": one.get("KmsMasterKeyId") or "",
        "redrive": [redrive["deadLetterTargetArn"], int(redrive["maxReceiveCount"])] if redrive else None,
        "allow": one.get("RedriveAllowPolicy"),
        "policy": one.get("Policy"),
    }


# CloudFormation

KEY = "key-0"
PSEUDO = {"AWS::Partition": "aws", "AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "Stem": "STEM", "Key.Arn": KEY}


def deployed(value: Any, options: dict[str, Any]) -> Any:
    """As CloudFormation resolves it, for the sandbox's account and region."""
    known = {**PSEUDO, "Reader": options.get("reader", ""), "ExternalId": options.get("external_id", "")}
    if isinstance(value, dict) and set(value) == {"Fn::Sub"}:
        return re.sub(r"\$\{([\w:.]+)\}", lambda found: known[found[1]], value["Fn::Sub"])
    if isinstance(value, dict) and set(value) == {"Ref"}:
        return known.get(value["Ref"], f"ref {value['Ref']}")
    if isinstance(value, dict) and set(value) == {"Fn::GetAtt"}:
        return KEY if value["Fn::GetAtt"][0] == "Key" else f"arn of {value['Fn::GetAtt'][0]}"
    if isinstance(value, dict):
        return {name: deployed(one, options) for name, one in value.items()}
    return [deployed(one, options) for one in value] if isinstance(value, list) else value


def of_cloudformation(made: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """In the form of ``comparable``."""
    bucket, trail = made["AWS::S3::Bucket"]["Bucket"], made["AWS::CloudTrail::Trail"]["Trail"]
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    notified = bucket.get("NotificationConfiguration", {})
    topic = next(iter(notified.get("TopicConfigurations") or ()), None)
    policies = {one["Queues"][0]: one["PolicyDocument"] for one in made.get("AWS::SQS::QueuePolicy", {}).values()}
    found: dict[str, Any] = {
        "bucket": {
            "block": sorted(name for name, flag in bucket["PublicAccessBlockConfiguration"].items() if flag),
            "ownership": bucket["OwnershipControls"]["Rules"][0]["ObjectOwnership"],
            "encryption": encryption(bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]),
            "versioning": bucket["VersioningConfiguration"]["Status"],
            "lifecycle": {
                "prefix": rule["Prefix"],
                "old": rule["NoncurrentVersionExpiration"]["NoncurrentDays"],
                "unfinished": rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"],
                "days": rule.get("ExpirationInDays"),
                "moves": [[one["TransitionInDays"], one["StorageClass"]] for one in rule.get("Transitions") or ()],
                "on": rule["Status"],
            },
            "policy": made["AWS::S3::BucketPolicy"]["BucketPolicy"]["PolicyDocument"],
            "eventbridge": "EventBridgeConfiguration" in notified,
            "topic": [
                topic["Topic"],
                [topic["Event"]],
                {one["Name"]: one["Value"] for one in topic["Filter"]["S3Key"]["Rules"]},
            ]
            if topic
            else None,
        },
        "trail": {
            "multi": trail["IsMultiRegionTrail"],
            "global": trail["IncludeGlobalServiceEvents"],
            "organization": trail["IsOrganizationTrail"],
            "validation": trail["EnableLogFileValidation"],
            "key": trail.get("KMSKeyId", ""),
            "topic": trail.get("SnsTopicName", ""),
            "bucket": trail["S3BucketName"],
            "logging": trail["IsLogging"],
            "selectors": [[one["Name"], one["FieldSelectors"]] for one in trail["AdvancedEventSelectors"]],
        },
        "queues": {
            one["QueueName"]: queue({**one, "Policy": policies.get(f"ref {label}")})
            for label, one in made["AWS::SQS::Queue"].items()
        },
    }
    for key in made.get("AWS::KMS::Key", {}).values():
        aliases = [one["AliasName"] for one in made["AWS::KMS::Alias"].values()]
        found["key"] = {"policy": key["KeyPolicy"], "rotation": key["EnableKeyRotation"], "aliases": aliases}
    for one in made.get("AWS::SNS::Topic", {}).values():
        policy = made["AWS::SNS::TopicPolicy"]["TopicPolicy"]
        found["topic"] = {"policy": policy["PolicyDocument"], "key": one.get("KmsMasterKeyId", "")}
        assert policy["Topics"] == ["ref Topic"]
    for one in made.get("AWS::SNS::Subscription", {}).values():
        assert (one["Endpoint"], one["TopicArn"], one["Protocol"]) == ("arn of Queue", "ref Topic", "sqs")
        found["subscription"] = {"endpoint": QUEUE_ARN, "raw": one["RawMessageDelivery"]}
    for one in made.get("AWS::Events::Rule", {}).values():
        assert [target["Arn"] for target in one["Targets"]] == ["arn of Queue"]
        found["rule"] = {"pattern": one["EventPattern"], "state": one["State"], "target": [QUEUE_ARN]}
    for one in made.get("AWS::IAM::Role", {}).values():
        (inline,) = one["Policies"]
        found["role"] = {"trust": one["AssumeRolePolicyDocument"], "permissions": inline["PolicyDocument"]}
    return found


QUEUE_ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:STEM"


# Terraform


def bare(label: str) -> str:
    return label.strip('"')


def evaluated(value: Any, options: dict[str, Any]) -> Any:
    """As Terraform evaluates it, for the sandbox's account and region."""
    if isinstance(value, dict):
        # The parser marks blocks by a name of its own.
        plain = {name: one for name, one in value.items() if not name.startswith("__")}
        return {bare(name): evaluated(one, options) for name, one in plain.items()}
    if isinstance(value, list):
        return [evaluated(one, options) for one in value]
    if not isinstance(value, str):
        return value
    known = {
        "data.aws_partition.current.partition": "aws",
        "data.aws_caller_identity.current.account_id": ACCOUNT,
        "data.aws_region.current.id": REGION,
        "aws_kms_key.key.arn": KEY,
        "var.stem": "STEM",
        "var.reader": options.get("reader", ""),
        "var.external_id": options.get("external_id", ""),
    }
    document = re.fullmatch(r"\$\{jsonencode\((.*)\)\}", value, re.DOTALL)
    if document:
        quoted = re.sub(r"([{,\[]\s*)(\"?)([\w:.-]+)\2 = ", r'\1"\3": ', document[1])
        for name, text in known.items():
            quoted = quoted.replace(f"${{{name}}}", text)
            quoted = re.sub(rf"(?<![\w.\"]){re.escape(name)}(?![\w.])", json.dumps(text), quoted)
        return json.loads(re.sub(r",(\s*[}\]])", r"\1", quoted))
    text = bare(value)
    for name, known_text in known.items():
        text = text.replace(f"${{{name}}}", known_text)
    return text


def of_terraform(made: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """In the form of ``comparable``."""
    part = {kind.removeprefix("aws_s3_bucket_"): one["bucket"] for kind, one in made.items() if "s3_bucket_" in kind}
    found: dict[str, Any] = {
        "bucket": of_terraform_bucket(part),
        "trail": of_terraform_trail(made["aws_cloudtrail"]["trail"]),
        "queues": {one["name"]: of_terraform_queue(label, one, made) for label, one in made["aws_sqs_queue"].items()},
    }
    for key in made.get("aws_kms_key", {}).values():
        aliases = [one["name"] for one in made["aws_kms_alias"].values()]
        found["key"] = {"policy": key["policy"], "rotation": key["enable_key_rotation"], "aliases": aliases}
    for one in made.get("aws_sns_topic", {}).values():
        policy = made["aws_sns_topic_policy"]["topic"]["policy"]
        found["topic"] = {"policy": policy, "key": one.get("kms_master_key_id", "")}
    for one in made.get("aws_sns_topic_subscription", {}).values():
        assert (one["endpoint"], one["protocol"]) == ("${aws_sqs_queue.queue.arn}", "sqs")
        found["subscription"] = {"endpoint": QUEUE_ARN, "raw": one["raw_message_delivery"]}
    for one in made.get("aws_cloudwatch_event_rule", {}).values():
        assert made["aws_cloudwatch_event_target"]["queue"]["arn"] == "${aws_sqs_queue.queue.arn}"
        found["rule"] = {"pattern": one["event_pattern"], "state": one["state"], "target": [QUEUE_ARN]}
    for one in made.get("aws_iam_role", {}).values():
        inline = made["aws_iam_role_policy"]["reader"]["policy"]
        found["role"] = {"trust": one["assume_role_policy"], "permissions": inline}
    return found


def of_terraform_bucket(part: dict[str, Any]) -> dict[str, Any]:
    (rule,) = part["lifecycle_configuration"]["rule"]
    (encrypted,) = part["server_side_encryption_configuration"]["rule"]
    (default,) = encrypted["apply_server_side_encryption_by_default"]
    notified, flags = part.get("notification", {}), part["public_access_block"]
    topic = next(iter(notified.get("topic") or ()), None)
    return {
        "block": sorted(
            "".join(word.title() for word in name.split("_")) for name, flag in flags.items() if flag is True
        ),
        "ownership": part["ownership_controls"]["rule"][0]["object_ownership"],
        "encryption": [
            default["sse_algorithm"],
            default.get("kms_master_key_id", ""),
            encrypted["bucket_key_enabled"],
        ],
        "versioning": part["versioning"]["versioning_configuration"][0]["status"],
        "lifecycle": {
            "prefix": rule["filter"][0]["prefix"],
            "old": rule["noncurrent_version_expiration"][0]["noncurrent_days"],
            "unfinished": rule["abort_incomplete_multipart_upload"][0]["days_after_initiation"],
            "days": next((one["days"] for one in rule.get("expiration") or ()), None),
            "moves": [[one["days"], one["storage_class"]] for one in rule.get("transition") or ()],
            "on": rule["status"],
        },
        "policy": part["policy"]["policy"],
        "eventbridge": notified.get("eventbridge") is True,
        "topic": [
            topic["topic_arn"],
            topic["events"],
            {"prefix": topic["filter_prefix"], "suffix": topic["filter_suffix"]},
        ]
        if topic
        else None,
    }


def of_terraform_trail(trail: dict[str, Any]) -> dict[str, Any]:
    return {
        "multi": trail["is_multi_region_trail"],
        "global": trail["include_global_service_events"],
        "organization": trail["is_organization_trail"],
        "validation": trail["enable_log_file_validation"],
        "key": trail.get("kms_key_id", ""),
        "topic": trail.get("sns_topic_name", ""),
        "bucket": trail["s3_bucket_name"],
        "logging": trail["enable_logging"],
        "selectors": [
            [one["name"], [compared(field) for field in one["field_selector"]]]
            for one in trail["advanced_event_selector"]
        ],
    }


def of_terraform_queue(label: str, one: dict[str, Any], made: dict[str, dict[str, Any]]) -> dict[str, Any]:
    def document(kind: str, attribute: str) -> Any:
        return made.get(f"aws_sqs_queue_{kind}", {}).get(label, {}).get(attribute)

    redrive = document("redrive_policy", "redrive_policy")
    return {
        "visibility": one["visibility_timeout_seconds"],
        "retention": one["message_retention_seconds"],
        "wait": one["receive_wait_time_seconds"],
        "key": one.get("kms_master_key_id", ""),
        "redrive": [redrive["deadLetterTargetArn"], redrive["maxReceiveCount"]] if redrive else None,
        "allow": document("redrive_allow_policy", "redrive_allow_policy"),
        "policy": document("policy", "policy"),
    }


def compared(field: dict[str, Any]) -> dict[str, Any]:
    """A field of a selector by CloudTrail's names."""
    spelled = {name: "".join(word.title() for word in name.split("_")) for name in field if name != "field"}
    return {"Field": field["field"], **{theirs: field[name] for name, theirs in spelled.items()}}
