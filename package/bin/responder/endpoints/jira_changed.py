"""``jira_changed``: a ticket may have changed; look now. Post ``{"site": name, "key": "SEC-1"}``.

It only hastens what the worker reads anyway: whoever posts it can have one ticket of ours read, and nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ..engine import jira_tickets
from ..engine.jira_serving import Serving
from ..errors import Rejected
from ..jira.model import KEY
from ..settings.reader import Configuration
from .base import Endpoint, Request

#: Seconds in which answers are begun; what is left is the worker's.
LONGEST = 20.0


def answer(request: Request) -> Mapping[str, Any]:
    """``{"read": bool}``: false for a ticket that is none of ours, or where nobody may answer."""
    config, key = Configuration(request.splunkd), request.text("key", 100)
    if not KEY.fullmatch(key):
        raise Rejected("key is not the key of a ticket.", 'Post one, as in {"site": "jira", "key": "SEC-1"}.')
    site = config.jira_site(request.text("site", 100))
    found = jira_tickets.case_of_key(request.splunkd, site.name, key) if site.answers.are_taken else None
    if found is None:
        return {"read": False}
    request.services.begin(request.splunkd)
    serving = Serving(request.splunkd, request.services, config, site, time.monotonic() + LONGEST)
    return {"read": serving.read(*found)}


ENDPOINT = Endpoint("jira_changed", "cloudtrail_responder_view", answer)
