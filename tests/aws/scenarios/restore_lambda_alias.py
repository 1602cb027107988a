"""An alias that was moved to another version, which runs code of somebody else's."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

from tests.aws import earlier, estates
from tests.aws.scenarios import Admin, Fields


def moved(admin: Admin, name: str) -> dict[str, Any]:
    """Version 1 is the former one, version 2 what the alias runs, version 3 neither."""
    client = admin("lambda")
    estates.function(admin, name)
    client.publish_version(FunctionName=name)
    for code in ("evil", "other"):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("app.py", code)
        client.update_function_code(FunctionName=name, ZipFile=packed.getvalue())
        client.publish_version(FunctionName=name)
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="2")
    return {"object_category": "AWS::Lambda::Function", "object_id": name, "detail": {"alias": "live", "version": "2"}}


def past(fields: Fields) -> Sequence[Fields]:
    """The call that had the alias run version 1."""
    asked = {"functionName": fields["object_id"], "name": "live", "functionVersion": "1"}
    answered = {"name": "live", "functionVersion": "1", "description": "", "revisionId": "r"}
    return (earlier.call("lambda", "CreateAlias20150331", asked, answered),)


def fix(admin: Admin, fields: Fields) -> None:
    _run(admin, fields, "1")


def remove(admin: Admin, fields: Fields) -> None:
    admin("lambda").delete_alias(FunctionName=fields["object_id"], Name="live")


def drift(admin: Admin, fields: Fields) -> None:
    _run(admin, fields, "3")


def _run(admin: Admin, fields: Fields, version: str) -> None:
    admin("lambda").update_alias(FunctionName=fields["object_id"], Name="live", FunctionVersion=version)


VARIANTS = {"moved": moved}
