"""A hand-written Slack app lives here unadapted, trusting the CA that its administrator named in splunk-launch.conf."""

from __future__ import annotations

from pathlib import Path

import guest_chat
import pytest
from guest_kit import pack
from guest_neighborhood import Neighborhood

from sandbox.runner.alerts import ActionRun, Search

APP = guest_chat.APP
NS = f"/servicesNS/nobody/{APP}"


@pytest.fixture
def town(neighborhood: Neighborhood, tmp_path: Path) -> Neighborhood:
    """The app is installed, its token stored, and the CA known to all that splunkd starts."""
    neighborhood.slack.scopes.append("chat:write.customize")
    neighborhood.install(pack(guest_chat.build(tmp_path), tmp_path))
    launch = neighborhood.splunkd.home / "etc" / "splunk-launch.conf"
    launch.write_text(f"# Made by hand.\nSPLUNK_HOME=/opt/splunk\nSSL_CERT_FILE={neighborhood.ca_file}\n")
    token = {"name": "bot_token", "realm": APP, "password": neighborhood.slack.credentials.bot_token}
    neighborhood.rest("POST", f"{NS}/storage/passwords", **token).raise_for_status()
    settings = {"param.api_url": neighborhood.slack.api_url}
    neighborhood.rest("POST", f"{NS}/configs/conf-alert_actions/{APP}", **settings).raise_for_status()
    return neighborhood


def fire(town: Neighborhood, **parameters: str) -> ActionRun:
    rows = [{"user": "mallory"}, {"user": "eve"}]
    given = {"message": "Look at $result.user$, $name$", **parameters}
    (run,) = town.runner.alerts.run(APP, Search("An alert", APP, rows=rows), given)
    return run


def test_it_posts_by_bot_token_under_the_name_that_it_asks_for(town: Neighborhood) -> None:
    run = fire(town, channel="#general")
    assert run.exit_code == 0, run.stderr
    (message,) = town.slack.messages("general")
    assert (message.text, message.via) == ("Look at mallory, An alert (2 results)", "api")
    stored = town.slack.store.message(message.channel, message.ts)
    assert stored is not None and stored.username == "Splunk"
    assert f"INFO posted as {message.ts}" in run.stderr


def test_a_token_that_may_not_choose_its_name_is_told_so(town: Neighborhood) -> None:
    town.slack.scopes.remove("chat:write.customize")
    run = fire(town, channel="#general")
    assert run.exit_code == 4 and "Slack refused: missing_scope" in run.stderr and town.slack.messages() == []


def test_a_refusal_of_slack_reaches_it(town: Neighborhood) -> None:
    run = fire(town, channel="#nowhere")
    assert run.exit_code == 4 and "Slack refused: channel_not_found" in run.stderr


def test_it_posts_by_webhook_to_the_channel_of_the_webhook(town: Neighborhood) -> None:
    settings = {"param.webhook_url": town.slack.webhook_url}
    town.rest("POST", f"{NS}/configs/conf-alert_actions/{APP}", **settings).raise_for_status()
    run = fire(town, channel="#general")
    assert run.exit_code == 0, run.stderr
    (message,) = town.slack.messages()
    assert message.channel == town.slack.channel_id("security-alerts") and message.via == "webhook"
    assert town.slack.unknown_requests == []


def test_without_the_authority_it_trusts_nobody(town: Neighborhood) -> None:
    (town.splunkd.home / "etc" / "splunk-launch.conf").unlink()
    run = fire(town, webhook_url=town.slack.webhook_url)
    assert run.exit_code == 3 and "CERTIFICATE_VERIFY_FAILED" in run.stderr
    assert town.slack.messages() == []


def test_an_owner_who_may_not_read_the_token_is_refused_by_splunkd(town: Neighborhood) -> None:
    town.rest("POST", "/services/authentication/users", name="pat", password="pat-password", roles="user")
    search = Search("An alert", APP, "pat", rows=[{"user": "eve"}])
    (run,) = town.runner.alerts.run(APP, search, {"message": "x", "channel": "general"})
    assert run.exit_code in (2, 3) and town.slack.messages() == []
