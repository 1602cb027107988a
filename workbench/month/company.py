"""The company whose month it is: its accounts, networks and people, and the callers that CloudTrail names.

Accounts and networks are those set aside for documentation and for tests; where they lie is made up.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
from collections.abc import Mapping
from typing import Any

from spl import geo

Identity = dict[str, Any]

PROD, STAGING, DEV = "111122223333", "222233334444", "333344445555"
SECURITY, LOGS, MANAGEMENT, SANDBOX, RECOVERY = (
    "555566667777",
    "666677778888",
    "777788889999",
    "888899990000",
    "999900001111",
)
#: Whose posture scanner, monitoring and compliance tools have roles here.
MONITORING, SCANNER, COMPLIANCE, COSTS = "444455556666", "123456789012", "210987654321", "012345678901"
REGION, SECOND = "eu-central-1", "eu-west-1"

OFFICE, VPN, NAT, CLUSTER = "192.0.2.10", "192.0.2.200", "198.51.100.20", "198.51.100.40"
VENDOR, SECOND_VENDOR, LEGACY_HOST = "203.0.113.99", "203.0.113.17", "192.0.2.77"
#: Where a traveler signs in.
ABROAD = "198.19.7.23"

DEVELOPERS = tuple(
    f"{name}@example.com"
    for name in (
        "ada",
        "ben",
        "cleo",
        "dora",
        "emil",
        "finn",
        "gila",
        "hugo",
        "ines",
        "jan",
        "kira",
        "leo",
        "mona",
        "nils",
    )
)
ANALYSTS = ("olga@example.com", "paul@example.com", "rosa@example.com")
OPERATORS = ("sven@example.com", "tina@example.com")
HELP_DESK, FINANCE, NETWORKER, DATABASES, WATCH = (
    "uwe@example.com",
    "vera@example.com",
    "willi@example.com",
    "xenia@example.com",
    "yara@example.com",
)
EVERYBODY = (*DEVELOPERS, *ANALYSTS, *OPERATORS, HELP_DESK, FINANCE, NETWORKER, DATABASES, WATCH)

BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)
CLI = (
    "aws-cli/2.17.20 md/awscrt#0.20.11 ua/2.0 os/macos#23.5.0 md/arch#arm64 lang/python#3.11.8 cfg/retry-mode#standard"
)
TERRAFORM = "APN/1.0 HashiCorp/1.0 Terraform/1.9.2 (+https://www.terraform.io) terraform-provider-aws/5.60.0"
BOTO = "Boto3/1.34.140 md/Botocore#1.34.140 ua/2.0 os/linux#5.10.219 lang/python#3.12.3 Botocore/1.34.140"
GO = "aws-sdk-go-v2/1.30.3 os/linux lang/go#1.22.5 md/GOOS#linux md/GOARCH#amd64"
JAVA = "aws-sdk-java/2.26.12 Linux/5.10.219 OpenJDK_64-Bit_Server_VM/17.0.11+9 Java/17.0.11"


def digest(text: str, length: int = 17) -> str:
    """Hexadecimal digits that are the same for the same text."""
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def _id(prefix: str, text: str) -> str:
    return prefix + hashlib.sha256(text.encode()).hexdigest().upper()[:17]


def role(name: str, session: str, account: str = PROD, path: str = "", **more: Any) -> Identity:
    """Somebody or something that assumed a role."""
    issuer = {
        "type": "Role",
        "principalId": _id("AROA", account + name),
        "accountId": account,
        "userName": name,
        "arn": f"arn:aws:iam::{account}:role/{path}{name}",
    }
    return {
        "type": "AssumedRole",
        "principalId": f"{issuer['principalId']}:{session}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
        "accountId": account,
        "accessKeyId": _id("ASIA", account + name + session),
        "sessionContext": {"sessionIssuer": issuer, "attributes": {"mfaAuthenticated": "false"}},
        **more,
    }


def pod(name: str, account: str = PROD) -> Identity:
    """A service account of the cluster (IRSA)."""
    made = role(name, "1751328000", account)
    provider = (
        f"arn:aws:iam::{account}:oidc-provider/oidc.eks.{REGION}.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
    )
    made["sessionContext"]["webIdFederationData"] = {"federatedProvider": provider, "attributes": {}}
    return made


def workflow(name: str, run: int, account: str = PROD) -> Identity:
    """A run of GitHub Actions, by OpenID Connect."""
    made = role(name, f"GitHubActions-{run}", account)
    provider = f"arn:aws:iam::{account}:oidc-provider/token.actions.githubusercontent.com"
    made["sessionContext"]["webIdFederationData"] = {"federatedProvider": provider, "attributes": {}}
    return made


def instance(name: str, number: int, account: str = PROD) -> Identity:
    """An EC2 instance with a role."""
    made = role(name, f"i-{digest(f'{name}{number}')}", account)
    made["sessionContext"]["ec2RoleDelivery"] = "2.0"
    return made


def person(who: str, permission_set: str, account: str = PROD, console: bool = False) -> Identity:
    """Somebody who came by IAM Identity Center."""
    name = f"AWSReservedSSO_{permission_set}_{digest(permission_set, 16)}"
    made = role(name, who, account, f"aws-reserved/sso.amazonaws.com/{REGION}/")
    if console:
        made["sessionContext"]["sessionCredentialFromConsole"] = "true"
    return made


def user(name: str, account: str = PROD, session: bool = False) -> Identity:
    """An IAM user with a key, or with the session of a password and a second factor."""
    made: Identity = {
        "type": "IAMUser",
        "principalId": _id("AIDA", account + name),
        "arn": f"arn:aws:iam::{account}:user/{name}",
        "accountId": account,
        "accessKeyId": _id("ASIA" if session else "AKIA", account + name),
        "userName": name,
    }
    if session:
        made["sessionContext"] = {"attributes": {"mfaAuthenticated": "true"}}
    return made


def root(account: str, **more: Any) -> Identity:
    arn = f"arn:aws:iam::{account}:root"
    return {"type": "Root", "principalId": account, "arn": arn, "accountId": account, **more}


def service(name: str) -> Identity:
    """A service of AWS, by itself."""
    return {"type": "AWSService", "invokedBy": f"{name}.amazonaws.com"}


def linked(name: str, role_name: str, account: str = PROD) -> Identity:
    """A service-linked role."""
    path = f"aws-service-role/{name}.amazonaws.com/"
    return role(role_name, name, account, path, invokedBy=f"{name}.amazonaws.com")


def through(who: Identity, name: str) -> Identity:
    """The same, by a service that acts for it."""
    return {**who, "invokedBy": f"{name}.amazonaws.com"}


def foreign(account: str, principal: str = "AROAEXAMPLEVENDOR0000:session") -> Identity:
    """A principal of another account, as the account that is called sees it."""
    return {"type": "AWSAccount", "principalId": principal, "accountId": account}


def home(who: str) -> str:
    """Where somebody works from on some days."""
    return f"198.18.{int(digest(who, 2), 16) % 90}.{int(digest(who + 'h', 2), 16) % 250 + 1}"


def runner(number: int) -> str:
    """An address of a hosted build service: hardly ever the same network."""
    return f"198.18.{100 + int(digest(f'runner{number}', 3), 16) % 150}.{int(digest(f'r{number}', 2), 16) % 250 + 1}"


def locate(address: str) -> Mapping[str, str] | None:
    """As ``iplocation`` would: homes and build service are in the company's country, the trip is not."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return None
    for block, country in (("198.18.0.0/16", "Germany"), ("198.19.0.0/16", "Spain")):
        if known in ipaddress.ip_network(block):
            return {"Country": country, "City": "", "Region": "", "lat": "50.0", "lon": "8.0"}
    return geo.locate(address)


def statement(action: Any, resource: Any = "*", principal: Any = None, condition: Any = None) -> dict[str, Any]:
    made = {"Effect": "Allow", "Action": action}
    if principal is not None:
        made["Principal"] = principal
    if resource:
        made["Resource"] = resource
    if condition is not None:
        made["Condition"] = condition
    return made


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps(document(*statements))


def trust(principal: Any, action: str = "sts:AssumeRole", condition: Any = None) -> str:
    return policy(statement(action, "", principal, condition))


def arn(name: str, rest: str, account: str = PROD, region: str = REGION) -> str:
    return f"arn:aws:{name}:{region}:{account}:{rest}"


def ingress(block: str, port: int, group: str = "sg-0123456789abcdef0", last: int = 0) -> dict[str, Any]:
    """``requestParameters`` of AuthorizeSecurityGroupIngress."""
    ranges = {"items": [{"cidrIp": block}]}
    rule = {"ipProtocol": "tcp", "fromPort": port, "toPort": last or port, "groups": {}, "ipRanges": ranges}
    return {"groupId": group, "ipPermissions": {"items": [{**rule, "ipv6Ranges": {}, "prefixListIds": {}}]}}


def instances(*ids: str) -> dict[str, Any]:
    return {"instancesSet": {"items": [{"instanceId": one} for one in ids]}}
