"""A user that was just created, with everything that a user can have."""

from __future__ import annotations

import time
from typing import Any

from tests.aws.scenarios import Admin, Fields, _certificate, _iam

QUARANTINE = "CloudTrailResponder-Quarantine"


def created(admin: Admin, name: str) -> dict[str, Any]:
    iam = admin("iam")
    found = _iam.user(admin, name)
    iam.create_access_key(UserName=name)
    iam.create_login_profile(UserName=name, Password="Correct-horse-1")
    iam.upload_signing_certificate(UserName=name, CertificateBody=_certificate.certificate())
    iam.upload_ssh_public_key(UserName=name, SSHPublicKeyBody=_certificate.ssh_key())
    iam.create_service_specific_credential(UserName=name, ServiceName="codecommit.amazonaws.com")
    iam.create_group(GroupName=f"{name}-admins")
    iam.add_user_to_group(GroupName=f"{name}-admins", UserName=name)
    policy = iam.create_policy(PolicyName=name, PolicyDocument=_iam.policy(_iam.allow()))["Policy"]["Arn"]
    iam.attach_user_policy(UserName=name, PolicyArn=policy)
    iam.put_user_policy(UserName=name, PolicyName="work", PolicyDocument=_iam.policy(_iam.allow("s3:*")))
    return {**found, "first_time": time.time(), "last_time": time.time()}


def fix(admin: Admin, fields: Fields) -> None:
    iam, user = admin("iam"), fields["object_id"]
    deny = _iam.policy({"Effect": "Deny", "Action": "*", "Resource": "*"})
    iam.put_user_policy(UserName=user, PolicyName=QUARANTINE, PolicyDocument=deny)
    _take(admin, user)
    for key in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]:
        iam.update_access_key(UserName=user, AccessKeyId=key["AccessKeyId"], Status="Inactive")
    for one in iam.list_signing_certificates(UserName=user)["Certificates"]:
        iam.update_signing_certificate(UserName=user, CertificateId=one["CertificateId"], Status="Inactive")
    for one in iam.list_ssh_public_keys(UserName=user)["SSHPublicKeys"]:
        iam.update_ssh_public_key(UserName=user, SSHPublicKeyId=one["SSHPublicKeyId"], Status="Inactive")
    for one in iam.list_service_specific_credentials(UserName=user)["ServiceSpecificCredentials"]:
        given = {"UserName": user, "ServiceSpecificCredentialId": one["ServiceSpecificCredentialId"]}
        iam.update_service_specific_credential(Status="Inactive", **given)


def _take(admin: Admin, user: str) -> None:
    iam = admin("iam")
    for group in iam.list_groups_for_user(UserName=user)["Groups"]:
        iam.remove_user_from_group(UserName=user, GroupName=group["GroupName"])
    for policy in iam.list_attached_user_policies(UserName=user)["AttachedPolicies"]:
        iam.detach_user_policy(UserName=user, PolicyArn=policy["PolicyArn"])
    iam.delete_user_policy(UserName=user, PolicyName="work")


def remove(admin: Admin, fields: Fields) -> None:
    iam, user = admin("iam"), fields["object_id"]
    _take(admin, user)
    iam.delete_login_profile(UserName=user)
    for key in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=user, AccessKeyId=key["AccessKeyId"])
    for one in iam.list_signing_certificates(UserName=user)["Certificates"]:
        iam.delete_signing_certificate(UserName=user, CertificateId=one["CertificateId"])
    for one in iam.list_ssh_public_keys(UserName=user)["SSHPublicKeys"]:
        iam.delete_ssh_public_key(UserName=user, SSHPublicKeyId=one["SSHPublicKeyId"])
    iam.delete_user(UserName=user)


def drift(admin: Admin, fields: Fields) -> None:
    document = _iam.policy({"Effect": "Deny", "Action": "ec2:*", "Resource": "*"})
    admin("iam").put_user_policy(UserName=fields["object_id"], PolicyName=QUARANTINE, PolicyDocument=document)


VARIANTS = {"created": created}
