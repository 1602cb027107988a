"""What it takes to make the role by which another account reads the queue: roles of one path, and no others.

Whoever may make a role decides what it may do. Leave this out where nobody else reads.
"""

from __future__ import annotations

from ..remediation.permission import Permission
from .permission_set import PermissionSet

_ROLE = "arn:aws:iam::*:role/cloudtrail-responder/*"

PERMISSION_SET = PermissionSet(
    id="provision-reader",
    title="Make the role by which another account reads the pipeline",
    services=("iam",),
    is_routine=False,
    permissions=(
        *(
            Permission(f"iam:{name}", _ROLE)
            for name in (
                "CreateRole",
                "DeleteRole",
                "DeleteRolePolicy",
                "GetRole",
                "GetRolePolicy",
                "PutRolePolicy",
                "UpdateAssumeRolePolicy",
            )
        ),
        Permission("iam:TagRole", _ROLE, implied=True),
    ),
)
