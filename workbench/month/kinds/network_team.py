"""The network team: routes, endpoints, records and rules by hand, now and then, beside what is in Terraform."""

from __future__ import annotations

from ..company import BROWSER, NETWORKER, OFFICE, PROD, SECOND, STAGING, arn, digest, ingress, person, policy, statement
from ..month import Month


def happens(month: Month) -> None:
    who = person(NETWORKER, "NetworkAdmin", PROD, console=True)
    records = {
        "hostedZoneId": "Z0123456789EXAMPLE",
        "changeBatch": {
            "changes": [{"action": "UPSERT", "resourceRecordSet": {"name": "mail.example.com", "type": "MX"}}]
        },
    }
    own = policy(statement("s3:*", "*", "*", {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}))
    choices = (
        ("ec2:AuthorizeSecurityGroupIngress", ingress("192.0.2.0/24", 3389, "sg-0aaa")),
        (
            "ec2:CreateRoute",
            {"routeTableId": "rtb-1", "destinationCidrBlock": "10.40.0.0/16", "transitGatewayId": "tgw-1"},
        ),
        ("route53:ChangeResourceRecordSets", records),
        ("ec2:ModifyVpcEndpoint", {"ModifyVpcEndpointRequest": {"VpcEndpointId": "vpce-1", "PolicyDocument": own}}),
        ("ec2:CreateVpcPeeringConnection", {"vpcId": "vpc-1", "peerVpcId": "vpc-2", "peerOwnerId": STAGING}),
        (
            "ec2:CreateNetworkAclEntry",
            {
                "networkAclId": "acl-1",
                "ruleNumber": 90,
                "egress": False,
                "ruleAction": "deny",
                "cidrBlock": "203.0.113.0/24",
            },
        ),
        ("elasticloadbalancing:ModifyRule", {"ruleArn": arn("elasticloadbalancing", "listener-rule/app/main/1/2/3")}),
        ("wafv2:UpdateIPSet", {"name": "blocked", "scope": "REGIONAL", "id": "1", "addresses": ["203.0.113.9/32"]}),
        (
            "ec2:ModifyNetworkInterfaceAttribute",
            {"networkInterfaceId": "eni-1", "groupSet": {"items": [{"groupId": f"sg-{digest('a')}"}]}},
        ),
        ("route53resolver:CreateFirewallRule", {"action": "BLOCK", "name": "malware"}),
        ("ec2:CreateTransitGatewayVpcAttachment", {"transitGatewayId": "tgw-1", "vpcId": "vpc-3"}),
    )
    for number, at in enumerate(month.runs(0.6, 9, 17, workdays=True)):
        month.call(
            at, who, *choices[number % len(choices)], ip=OFFICE, agent=BROWSER, region=SECOND if number % 5 == 4 else ""
        )
