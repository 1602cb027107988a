"""Every entry of the AWS accounts tab, as it stands in the settings."""

from __future__ import annotations

import json
import uuid
from typing import Any
from urllib.parse import urlencode

from responder.settings.reader import Configuration
from responder.splunk.client import Splunkd

APP = "cloudtrail_responder"
FORM = "application/x-www-form-urlencoded"


def save(kv_store: Splunkd, secret: str = "", **fields: str) -> str:
    name = f"entry_{uuid.uuid4().hex[:8]}"
    body = urlencode({"name": name, **fields}).encode()
    status, _ = kv_store.request("POST", f"configs/conf-{APP}_aws_account", body=body, content_type=FORM)
    assert status == 201
    if secret:
        realm, user = f"__REST_CREDENTIAL__#{APP}#configs/conf-{APP}_aws_account", f"{name}``splunk_cred_sep``1"
        text = json.dumps({"secret_access_key": secret})
        body = urlencode({"realm": realm, "name": user, "password": text}).encode()
        assert kv_store.request("POST", "storage/passwords", body=body, content_type=FORM)[0] == 201
    return name


def entries(kv_store: Splunkd) -> dict[str, Any]:
    return {entry.name: entry for entry in Configuration(kv_store).aws_accounts()}


def test_all_entries_are_listed_with_what_they_are_made_of(kv_store: Splunkd) -> None:
    key = save(kv_store, "secret", account_id="123456789012", access_key_id="AKIAONE")
    role = "arn:aws:iam::222233334444:role/fixer"
    host = save(kv_store, account_id="222233334444", auth_type="host_role", role_arn=role)
    found = entries(kv_store)
    assert (found[key].access_key_id, bool(found[key].secret_access_key)) == ("AKIAONE", True)
    assert (found[host].auth_type, found[host].role_arn) == ("host_role", role)


def test_an_entry_that_is_not_complete_is_listed_all_the_same(kv_store: Splunkd) -> None:
    """What it names is ours: its key may be good, and only its secret is lost."""
    no_secret = save(kv_store, account_id="123456789012", access_key_id="AKIATWO")
    no_account = save(kv_store, "secret", account_id="12", access_key_id="AKIATHREE", role_arn="arn:aws:iam::1:role/x")
    found = entries(kv_store)
    assert found[no_secret].access_key_id == "AKIATWO" and not found[no_secret].secret_access_key
    assert (found[no_account].access_key_id, found[no_account].role_arn) == ("AKIATHREE", "arn:aws:iam::1:role/x")
