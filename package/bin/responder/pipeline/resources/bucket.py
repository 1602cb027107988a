"""The bucket that CloudTrail writes its files into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ...errors import NotPermitted, Rejected, Unavailable
from .. import tagging
from ..calls import Calls
from ..resource import Found, Known, Resource, Template

BLOCKED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
RULE = "cloudtrail-responder"
#: Versions that were overwritten or deleted are kept that long; uploads that never ended are dropped.
OLD_VERSIONS, UNFINISHED = 30, 7
_ABSENT = ("404", "NoSuchBucket")


def lifecycle(prefix: str, retention_days: int, archive_days: int) -> dict[str, Any]:
    """Our rule, as S3 has it."""
    rule: dict[str, Any] = {
        "ID": RULE,
        "Status": "Enabled",
        "Filter": {"Prefix": prefix},
        "NoncurrentVersionExpiration": {"NoncurrentDays": OLD_VERSIONS},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": UNFINISHED},
    }
    if retention_days:
        rule["Expiration"] = {"Days": retention_days}
    if archive_days:
        rule["Transitions"] = [{"Days": archive_days, "StorageClass": "GLACIER_IR"}]
    return rule


@dataclass(frozen=True)
class Bucket(Resource):
    """``wanted``: public_access_block, ownership, encryption, versioning, lifecycle (our rule)."""

    kind: ClassVar[str] = "S3 bucket"
    stays_with_data: ClassVar[bool] = True

    def read(self, calls: Calls, known: Known) -> Found | None:
        try:
            there = calls.read_if(_ABSENT, "s3", "head_bucket", **self._of)
        except NotPermitted as error:
            raise Rejected(
                f"Bucket {self.name} belongs to another account, or its policy keeps us out.",
                "Choose another name (names: bucket), or have yourself let in.",
            ) from error
        if there is None:
            return None
        region = there.get("BucketRegion") or self.place.region
        if region != self.place.region:
            raise Rejected(
                f"Bucket {self.name} is in {region}, and the pipeline in {self.place.region}.",
                f"Use --region {region}, or choose another name (names: bucket).",
            )
        return self._found(calls)

    @property
    def _of(self) -> dict[str, Any]:
        """A bucket of this name in another account is none of ours, whatever its policy lets us do."""
        return {"Bucket": self.name, "ExpectedBucketOwner": self.place.account}

    def _found(self, calls: Calls) -> Found:
        def read(operation: str, key: str, absent: str) -> Any:
            return calls.read_or_empty((absent,), "s3", operation, **self._of).get(key)

        block = "PublicAccessBlockConfiguration"
        encrypted = read(
            "get_bucket_encryption",
            "ServerSideEncryptionConfiguration",
            "ServerSideEncryptionConfigurationNotFoundError",
        )
        owned = read("get_bucket_ownership_controls", "OwnershipControls", "OwnershipControlsNotFoundError")
        rules = read("get_bucket_lifecycle_configuration", "Rules", "NoSuchLifecycleConfiguration") or []
        tags = tagging.mapped(read("get_bucket_tagging", "TagSet", "NoSuchTagSet"))
        state = {
            "public_access_block": read("get_public_access_block", block, f"NoSuch{block}"),
            "ownership": next((rule["ObjectOwnership"] for rule in (owned or {}).get("Rules") or ()), None),
            "encryption": _encryption(encrypted),
            "versioning": read("get_bucket_versioning", "Status", ""),
            "lifecycle": next((_rule(one) for one in rules if one.get("ID") == RULE), None),
        }
        is_empty = not tags and not calls.read("s3", "list_objects_v2", **self._of, MaxKeys=1).get("KeyCount")
        return Found(self.place.bucket_arn(self.name), state, tags, {"rules": rules}, is_empty)

    def create(self, calls: Calls, tags: Mapping[str, str]) -> None:
        where = {"LocationConstraint": self.place.region}
        more: dict[str, Any] = {} if self.place.region == "us-east-1" else {"CreateBucketConfiguration": where}
        calls.write("s3", "create_bucket", Bucket=self.name, **more)
        self.claim(calls, tags)

    def claim(self, calls: Calls, tags: Mapping[str, str]) -> None:
        calls.write("s3", "put_bucket_tagging", **self._of, Tagging={"TagSet": tagging.listed(tags)})

    def change(self, calls: Calls, found: Found, setting: str) -> None:
        wanted = self.wanted[setting]
        if setting == "public_access_block":
            calls.write("s3", "put_public_access_block", **self._of, PublicAccessBlockConfiguration=wanted)
        elif setting == "ownership":
            rules = {"Rules": [{"ObjectOwnership": wanted}]}
            calls.write("s3", "put_bucket_ownership_controls", **self._of, OwnershipControls=rules)
        elif setting == "encryption":
            config = {"Rules": [_encryption_rule(wanted)]}
            calls.write("s3", "put_bucket_encryption", **self._of, ServerSideEncryptionConfiguration=config)
        elif setting == "versioning":
            calls.write("s3", "put_bucket_versioning", **self._of, VersioningConfiguration={"Status": wanted})
        else:
            rules = {"Rules": [*(one for one in found.whole["rules"] if one.get("ID") != RULE), wanted]}
            calls.write("s3", "put_bucket_lifecycle_configuration", **self._of, LifecycleConfiguration=rules)

    def delete(self, calls: Calls, found: Found) -> None:
        """With every version of every file in it."""
        while True:
            page = calls.read("s3", "list_object_versions", **self._of, MaxKeys=1000)
            listed = [*(page.get("Versions") or ()), *(page.get("DeleteMarkers") or ())]
            if not listed:
                break
            named = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in listed]
            answer = calls.write("s3", "delete_objects", **self._of, Delete={"Objects": named, "Quiet": True})
            errors = answer["Errors"] if answer is not None and "Errors" in answer else ()
            if errors:
                raise Unavailable(
                    f"{len(errors)} files could not be deleted, the first with {errors[0].get('Code')}.",
                    "Look whether they are locked (S3 Object Lock), then repeat.",
                )
        calls.write("s3", "delete_bucket", ("NoSuchBucket",), **self._of)

    def cloudformation(self) -> Sequence[Template]:
        wanted, rule = self.wanted, self.wanted["lifecycle"]
        lifecycle = {
            "Id": rule["ID"],
            "Status": rule["Status"],
            "Prefix": rule["Filter"]["Prefix"],
            "NoncurrentVersionExpiration": rule["NoncurrentVersionExpiration"],
            "AbortIncompleteMultipartUpload": rule["AbortIncompleteMultipartUpload"],
        }
        if "Expiration" in rule:
            lifecycle["ExpirationInDays"] = rule["Expiration"]["Days"]
        if "Transitions" in rule:
            moves = rule["Transitions"]
            lifecycle["Transitions"] = [
                {"TransitionInDays": one["Days"], "StorageClass": one["StorageClass"]} for one in moves
            ]
        encryption = _encryption_rule(wanted["encryption"])
        default = {"ServerSideEncryptionByDefault": encryption.pop("ApplyServerSideEncryptionByDefault"), **encryption}
        body = {
            "BucketName": self.name,
            "PublicAccessBlockConfiguration": wanted["public_access_block"],
            "OwnershipControls": {"Rules": [{"ObjectOwnership": wanted["ownership"]}]},
            "BucketEncryption": {"ServerSideEncryptionConfiguration": [default]},
            "VersioningConfiguration": {"Status": wanted["versioning"]},
            "LifecycleConfiguration": {"Rules": [lifecycle]},
            "Tags": "<tags>",
        }
        return (Template("Bucket", "AWS::S3::Bucket", body, is_kept=True),)

    def terraform(self) -> Sequence[Template]:
        wanted, rule, of = self.wanted, self.wanted["lifecycle"], {"bucket": {"ref": "aws_s3_bucket.bucket.id"}}
        lines: dict[str, Any] = {
            "id": rule["ID"],
            "status": rule["Status"],
            "filter": [{"prefix": rule["Filter"]["Prefix"]}],
            "noncurrent_version_expiration": [
                {"noncurrent_days": rule["NoncurrentVersionExpiration"]["NoncurrentDays"]}
            ],
            "abort_incomplete_multipart_upload": [
                {"days_after_initiation": rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"]}
            ],
        }
        if "Expiration" in rule:
            lines["expiration"] = [{"days": rule["Expiration"]["Days"]}]
        lines["transition"] = [
            {"days": one["Days"], "storage_class": one["StorageClass"]} for one in rule.get("Transitions") or ()
        ]
        encryption = wanted["encryption"]
        default = {"sse_algorithm": encryption["algorithm"]}
        default.update({"kms_master_key_id": encryption["key"]} if "key" in encryption else {})
        encrypted = {
            "apply_server_side_encryption_by_default": [default],
            "bucket_key_enabled": bool(encryption.get("bucket_key")),
        }
        flags = {_snake(name): flag for name, flag in wanted["public_access_block"].items()}
        return (
            Template("bucket", "aws_s3_bucket", {"bucket": self.name, "tags": "<tags>"}, is_kept=True),
            Template("bucket", "aws_s3_bucket_public_access_block", {**of, **flags}),
            Template(
                "bucket",
                "aws_s3_bucket_ownership_controls",
                {**of, "rule": [{"object_ownership": wanted["ownership"]}]},
            ),
            Template("bucket", "aws_s3_bucket_server_side_encryption_configuration", {**of, "rule": [encrypted]}),
            Template(
                "bucket",
                "aws_s3_bucket_versioning",
                {**of, "versioning_configuration": [{"status": wanted["versioning"]}]},
            ),
            Template(
                "bucket",
                "aws_s3_bucket_lifecycle_configuration",
                {**of, "rule": [lines]},
                after=("aws_s3_bucket_versioning.bucket",),
            ),
        )


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def _encryption(config: Mapping[str, Any] | None) -> dict[str, Any] | None:
    for rule in (config or {}).get("Rules") or ():
        default = rule.get("ApplyServerSideEncryptionByDefault") or {}
        if default.get("SSEAlgorithm") != "aws:kms":
            return {"algorithm": default.get("SSEAlgorithm")}
        key = default.get("KMSMasterKeyID")
        return {"algorithm": "aws:kms", "key": key, "bucket_key": bool(rule.get("BucketKeyEnabled"))}
    return None


def _encryption_rule(wanted: Mapping[str, Any]) -> dict[str, Any]:
    default = {"SSEAlgorithm": wanted["algorithm"]}
    if "key" in wanted:
        default["KMSMasterKeyID"] = wanted["key"]
    rule: dict[str, Any] = {"ApplyServerSideEncryptionByDefault": default}
    return {**rule, "BucketKeyEnabled": wanted["bucket_key"]} if "bucket_key" in wanted else rule


def _rule(given: Mapping[str, Any]) -> dict[str, Any]:
    """As ``lifecycle`` writes it: S3 gives a prefix back in one of two places."""
    rule = {name: value for name, value in given.items() if name != "Prefix" and value not in (None, [], {})}
    rule["Filter"] = {"Prefix": (given.get("Filter") or {}).get("Prefix", given.get("Prefix") or "")}
    return rule
