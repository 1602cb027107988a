"""The company goes to another region: it is enabled, and Terraform builds there from then on."""

from __future__ import annotations

from ..company import BROWSER, MANAGEMENT, OFFICE, OPERATORS, PROD, SECOND, TERRAFORM, person, role
from ..month import Month


def happens(month: Month) -> None:
    month.call(
        month.on(10, 9),
        person(OPERATORS[1], "OrganizationAdmin", MANAGEMENT, console=True),
        "account:EnableRegion",
        {"accountId": PROD, "regionName": "eu-south-1"},
        ip=OFFICE,
        agent=BROWSER,
    )
    for region, day in (("eu-south-1", 10), (SECOND, 1), (SECOND, 6), ("eu-south-1", 15)):
        month.steps(
            month.on(day, 14),
            role("terraform", f"aws-go-sdk-17523{day:05d}", PROD),
            (
                ("ec2:CreateVpc", {"cidrBlock": "10.60.0.0/16"}),
                ("ec2:CreateSubnet", {"cidrBlock": "10.60.1.0/24"}),
                ("ec2:CreateInternetGateway", {}),
                (
                    "ec2:CreateRoute",
                    {"routeTableId": "rtb-9", "destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw-9"},
                ),
                ("ec2:CreateFlowLogs", {"CreateFlowLogsRequest": {"ResourceId": "vpc-9"}}),
                ("ecs:CreateCluster", {"clusterName": "main"}),
            ),
            region=region,
            agent=TERRAFORM,
        )
