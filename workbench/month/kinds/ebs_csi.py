"""The EBS CSI driver: volumes and snapshots come and go with the claims of the cluster."""

from __future__ import annotations

from ..company import CLUSTER, GO, digest, pod
from ..month import Month

AGENT = GO + " driver.ebs.csi.aws.com/v1.33.0"


def happens(month: Month) -> None:
    who = pod("ebs-csi-controller")
    for number, at in enumerate(month.runs(8)):
        volume = {"volumeId": f"vol-{digest(f'pvc{number}')}"}
        month.steps(
            at,
            who,
            (
                ("ec2:CreateVolume", {"size": "20", "zone": "eu-central-1a", "volumeType": "gp3", "encrypted": True}),
                ("ec2:DescribeVolumes", {}),
                (
                    "ec2:AttachVolume",
                    {**volume, "instanceId": f"i-{digest(f'node{number % 9}')}", "device": "/dev/xvdaa"},
                ),
                ("ec2:DetachVolume", {**volume, "instanceId": f"i-{digest(f'node{number % 9}')}"}),
                ("ec2:DeleteVolume", volume),
            ),
            seconds=40,
            ip=CLUSTER,
            agent=AGENT,
        )
    for at in month.runs(1, 3, 4):
        for number in range(12):
            month.call(
                at, who, "ec2:CreateSnapshot", {"volumeId": f"vol-{digest(f'data{number}')}"}, ip=CLUSTER, agent=AGENT
            )
            month.call(
                at + 0.1,
                who,
                "ec2:DeleteSnapshot",
                {"snapshotId": f"snap-{digest(f'{at}{number}')}"},
                ip=CLUSTER,
                agent=AGENT,
            )
