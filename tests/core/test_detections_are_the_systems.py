"""Detections belong to nobody and run as the system, so whoever can read one can have it run as the system."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from responder.splunk.client import Splunkd as Client

NAME = "CloudTrail Responder - CloudTrail trail stopped logging"
PATH = f"/servicesNS/nobody/cloudtrail_responder/saved/searches/{quote(NAME, safe='')}"


def of(core: Any, user: str) -> Client:
    return Client(core.splunkd.uri, core.splunkd.session_key(user), pauses=())


@pytest.mark.parametrize("roles", [("user",), ("power",), ("cloudtrail_responder",), ("cloudtrail_responder_analyst",)])
def test_an_ordinary_user_neither_reads_nor_dispatches_one(core, roles):
    core.user("sam", *roles)
    assert of(core, "sam").request("GET", PATH, {"output_mode": "json"})[0] in (403, 404)
    form = "application/x-www-form-urlencoded"
    answer = of(core, "sam").request("POST", f"{PATH}/dispatch", body=b"trigger_actions=1", content_type=form)
    assert answer[0] in (403, 404)


def test_an_analyst_of_enterprise_security_reads_them_from_there(core):
    core.splunkd.install_enterprise_security("8.1.0")
    core.user("sam", "ess_analyst")
    path = PATH.replace("cloudtrail_responder/saved", "SplunkEnterpriseSecuritySuite/saved")
    assert of(core, "sam").request("GET", path, {"output_mode": "json"})[0] == 200
    assert of(core, "sam").request("POST", PATH, body=b"disabled=0")[0] in (403, 404)
