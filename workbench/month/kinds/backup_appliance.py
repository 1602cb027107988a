"""A backup appliance, an instance: it makes and deletes dozens of snapshots a night, and reads what has changed."""

from __future__ import annotations

from ..company import JAVA, NAT, RECOVERY, digest, instance, instances
from ..month import Month


def happens(month: Month) -> None:
    who = instance("backup-appliance", 1)
    for number, at in enumerate(month.runs(1, 22, 23.5)):
        for disk in range(14):
            snapshot = {"snapshotId": f"snap-{digest(f'veeam{number}{disk}')}"}
            shared = {"add": {"items": [{"userId": RECOVERY}]}}
            old = {"snapshotId": f"snap-{digest(f'veeam{number - 7}{disk}')}"}
            month.steps(
                at + disk / 60,
                who,
                (
                    ("ec2:CreateSnapshot", {"volumeId": f"vol-{digest(f'server{disk}')}"}),
                    (
                        "ebs:ListChangedBlocks",
                        {"secondSnapshotId": snapshot["snapshotId"], "firstSnapshotId": old["snapshotId"]},
                    ),
                    (
                        "ec2:ModifySnapshotAttribute",
                        {**snapshot, "attributeType": "CREATE_VOLUME_PERMISSION", "createVolumePermission": shared},
                    ),
                    ("ec2:DeleteSnapshot", old),
                ),
                seconds=5,
                ip=NAT,
                agent=JAVA,
            )
        worker = f"i-{digest(f'worker{number}')}"
        month.call(
            at,
            who,
            "ec2:RunInstances",
            {"instanceType": "c5.xlarge"},
            {"instancesSet": {"items": [{"instanceId": worker}]}},
            ip=NAT,
            agent=JAVA,
        )
        month.call(at + 1, who, "ec2:TerminateInstances", instances(worker), ip=NAT, agent=JAVA)
