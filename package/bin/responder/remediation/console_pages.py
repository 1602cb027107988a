"""Pages of the AWS console on which a finding's resource and its call can be looked at.

The addresses are those that the console itself shows; AWS documents none of them, so an unknown type has no page.
"""

from __future__ import annotations

from .. import arn
from ..findings.finding import Finding
from .guide import Console

#: By resource type. ``{name}`` is the bare id or name, ``{id}`` the resource as it is named, ``{user}`` who did it.
_PAGES = {
    "AWS::CloudTrail::Trail": "cloudtrailv2/home?region={region}#/trails/{id}",
    "AWS::DynamoDB::Table": "dynamodbv2/home?region={region}#table?name={name}",
    "AWS::EC2::Image": "ec2/home?region={region}#ImageDetails:imageId={name}",
    "AWS::EC2::Instance": "ec2/home?region={region}#InstanceDetails:instanceId={name}",
    "AWS::EC2::NetworkAcl": "vpcconsole/home?region={region}#NetworkAclDetails:networkAclId={name}",
    "AWS::EC2::SecurityGroup": "ec2/home?region={region}#SecurityGroup:groupId={name}",
    "AWS::EC2::Snapshot": "ec2/home?region={region}#SnapshotDetails:snapshotId={name}",
    "AWS::EKS::Cluster": "eks/home?region={region}#/clusters/{name}",
    "AWS::IAM::AccessKey": "iam/home#/users/details/{user}?section=security_credentials",
    "AWS::IAM::Group": "iam/home#/groups/details/{name}",
    "AWS::IAM::ManagedPolicy": "iam/home#/policies/details/{id}?section=permissions",
    "AWS::IAM::Role": "iam/home#/roles/details/{name}",
    "AWS::IAM::RootUser": "iam/home#/security_credentials",
    "AWS::IAM::User": "iam/home#/users/details/{name}",
    "AWS::KMS::Key": "kms/home?region={region}#/kms/keys/{name}",
    "AWS::Lambda::Function": "lambda/home?region={region}#/functions/{name}",
    "AWS::RDS::DBInstance": "rds/home?region={region}#database:id={name}",
    "AWS::S3::Bucket": "s3/buckets/{name}",
    "AWS::SecretsManager::Secret": "secretsmanager/secret?name={name}&region={region}",
}
_CALL = "cloudtrailv2/home?region={region}#/events?EventId={event}"


def resource_page(finding: Finding) -> str:
    """The page of a finding's resource, in its partition and region; empty where there is none."""
    path = _PAGES.get(finding.object_category, "")
    values = {"name": arn.name_of(finding.object_id), "id": finding.object_id, "user": finding.user}
    named = {name: value for name, value in values.items() if f"{{{name}}}" in path}
    return Console(finding).page(path, **named) if path else ""


def call_page(finding: Finding) -> str:
    """The finding's first call in CloudTrail's event history; empty where it names none."""
    return Console(finding).page(_CALL, event=finding.event_ids[0] if finding.event_ids else "")
