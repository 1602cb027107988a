"""The load balancer controller of the cluster: balancers, their security groups and listeners by ingress."""

from __future__ import annotations

from ..company import CLUSTER, GO, arn, digest, ingress, pod
from ..month import Month


def happens(month: Month) -> None:
    who = pod("aws-load-balancer-controller")
    for number, at in enumerate(month.runs(3)):
        group, name = f"sg-{digest(f'k8s{number}')}", f"k8s-app{number % 30}"
        balancer = {"loadBalancerArn": arn("elasticloadbalancing", f"loadbalancer/app/{name}/{digest(name, 16)}")}
        month.steps(
            at,
            who,
            (
                (
                    "ec2:CreateSecurityGroup",
                    {"groupName": f"k8s-traffic-{number}", "groupDescription": "[k8s] Managed SecurityGroup"},
                ),
                ("ec2:AuthorizeSecurityGroupIngress", ingress("0.0.0.0/0", 443, group)),
                ("ec2:AuthorizeSecurityGroupIngress", ingress("0.0.0.0/0", 80, group)),
                ("elasticloadbalancing:CreateLoadBalancer", {"name": name, "scheme": "internet-facing"}),
                ("elasticloadbalancing:CreateListener", {**balancer, "port": 443, "protocol": "HTTPS"}),
                (
                    "elasticloadbalancing:ModifyLoadBalancerAttributes",
                    {**balancer, "attributes": [{"key": "idle_timeout.timeout_seconds", "value": "60"}]},
                ),
                (
                    "wafv2:AssociateWebACL",
                    {"webACLArn": arn("wafv2", "regional/webacl/main/1"), "resourceArn": balancer["loadBalancerArn"]},
                ),
                ("elasticloadbalancing:RegisterTargets", {"targetGroupArn": name}),
                ("elasticloadbalancing:DeleteListener", {"listenerArn": name}),
                ("elasticloadbalancing:DeleteLoadBalancer", balancer),
                ("ec2:DeleteSecurityGroup", {"groupId": group}),
            ),
            seconds=20,
            ip=CLUSTER,
            agent=GO + " elbv2.k8s.aws/v2.8.1",
        )
