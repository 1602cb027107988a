"""What it takes to provision, verify and take down CloudTrail's way to Splunk (``pipeline/``), data kept.

Names are a person's choice, so the narrowest resource is one of its kind. What deletes is allowed for what carries the
pipeline's tag, where AWS knows the tags of that resource (Service Authorization Reference, ``aws:ResourceTag``).
"""

from __future__ import annotations

from ..remediation.permission import Permission
from .permission_set import PermissionSet

_KEY, _ALIAS = "arn:aws:kms:*:*:key/*", "arn:aws:kms:*:*:alias/*"
_BUCKET, _TOPIC, _QUEUE = "arn:aws:s3:::*", "arn:aws:sns:*:*:*", "arn:aws:sqs:*:*:*"
_TRAIL, _RULE = "arn:aws:cloudtrail:*:*:trail/*", "arn:aws:events:*:*:rule/*"
_TAGGED = ("Null", "aws:ResourceTag/cloudtrail-responder:pipeline", "false")

PERMISSION_SET = PermissionSet(
    id="provision",
    title="Provision, verify and take down the pipeline that brings CloudTrail to Splunk",
    services=("cloudtrail", "events", "kms", "organizations", "s3", "sns", "sqs"),
    is_routine=False,
    permissions=(
        *(Permission(f"kms:{name}") for name in ("CreateKey", "ListKeys")),
        *(
            Permission(f"kms:{name}", _KEY)
            for name in (
                "CreateAlias",
                "DeleteAlias",
                "DescribeKey",
                "EnableKeyRotation",
                "GetKeyPolicy",
                "GetKeyRotationStatus",
                "ListResourceTags",
                "PutKeyPolicy",
            )
        ),
        Permission("kms:TagResource", _KEY, implied=True),
        *(Permission(f"kms:{name}", _ALIAS) for name in ("CreateAlias", "DeleteAlias")),
        # S3 and CloudTrail try the key when they are told to use it.
        *(Permission(f"kms:{name}", _KEY, implied=True) for name in ("Decrypt", "GenerateDataKey")),
        *(
            Permission(f"s3:{name}", _BUCKET)
            for name in (
                "CreateBucket",
                "GetBucketNotification",
                "GetBucketOwnershipControls",
                "GetBucketPolicy",
                "GetBucketPublicAccessBlock",
                "GetBucketTagging",
                "GetBucketVersioning",
                "GetEncryptionConfiguration",
                "GetLifecycleConfiguration",
                "ListBucket",
                "PutBucketNotification",
                "PutBucketOwnershipControls",
                "PutBucketPolicy",
                "PutBucketPublicAccessBlock",
                "PutBucketTagging",
                "PutBucketVersioning",
                "PutEncryptionConfiguration",
                "PutLifecycleConfiguration",
                # Our statements out of a bucket's policy that has no others.
                "DeleteBucketPolicy",
            )
        ),
        *(
            Permission(f"sns:{name}", _TOPIC)
            for name in (
                "CreateTopic",
                "GetTopicAttributes",
                "ListSubscriptionsByTopic",
                "ListTagsForResource",
                "SetTopicAttributes",
                "Subscribe",
            )
        ),
        *(
            Permission(f"sns:{name}")
            for name in ("GetSubscriptionAttributes", "SetSubscriptionAttributes", "Unsubscribe")
        ),
        Permission("sns:TagResource", _TOPIC, implied=True),
        *(
            Permission(f"sqs:{name}", _QUEUE)
            for name in ("CreateQueue", "GetQueueAttributes", "GetQueueUrl", "ListQueueTags", "SetQueueAttributes")
        ),
        Permission("sqs:TagQueue", _QUEUE, implied=True),
        *(
            Permission(f"events:{name}", _RULE)
            for name in ("DescribeRule", "ListTagsForResource", "ListTargetsByRule", "PutRule", "PutTargets")
        ),
        Permission("events:TagResource", _RULE, implied=True),
        Permission("cloudtrail:DescribeTrails"),
        *(
            Permission(f"cloudtrail:{name}", _TRAIL)
            for name in (
                "CreateTrail",
                "GetEventSelectors",
                "GetTrail",
                "GetTrailStatus",
                "ListTags",
                "PutEventSelectors",
                "StartLogging",
                "UpdateTrail",
            )
        ),
        Permission("cloudtrail:AddTags", _TRAIL, implied=True),
        # Only where the trail is the organization's.
        Permission("organizations:DescribeOrganization"),
        # Taking down.
        Permission("cloudtrail:DeleteTrail", _TRAIL, _TAGGED),
        *(Permission(f"events:{name}", _RULE, _TAGGED) for name in ("DeleteRule", "RemoveTargets")),
        Permission("sns:DeleteTopic", _TOPIC, _TAGGED),
        Permission("sqs:DeleteQueue", _QUEUE, _TAGGED),
    ),
)
