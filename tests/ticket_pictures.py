"""The pictures of docs/tickets.md: what the app writes, as the stand-ins of Jira and Slack show it in a browser.

    python -m tests.ticket_pictures

It needs Chromium on the PATH. Whoever changes what tickets and messages say runs it, and looks at the pictures.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "package" / "bin"))

from responder.documents import messages, runbooks  # noqa: E402
from responder.documents.reports import CaseReport, ChangeReport, RemediationReport, TicketLink  # noqa: E402
from responder.documents.standing import PROOF, RUN, UNDO, Standing, Step  # noqa: E402
from responder.jira.client import NewTicket, Tickets, label_of  # noqa: E402
from responder.settings.model import Http, JiraSite, SlackWorkspace  # noqa: E402
from responder.settings.secret import Secret  # noqa: E402
from responder.slack.client import Chat  # noqa: E402

from sandbox.jira import JiraStandIn  # noqa: E402
from sandbox.slack import SlackStandIn  # noqa: E402
from tests.opened_group import OPENED_GROUP  # noqa: E402
from workbench.detections import compile as compiler  # noqa: E402
from workbench.detections.model import load  # noqa: E402

FOLDER = ROOT / "docs" / "images"
#: Bytes of a picture, and colors that it is reduced to, until it is small enough.
MAX_BYTES, COLORS = 100_000, (128, 64, 32)
CASE = "5f0c31d2a94e7b86c010"
TASK, UNDONE, PROOF_TASK = (f"{CASE}.remediate.{number:016x}" for number in (0x4A1, 0x4A2, 0x4A3))
FOUND = 1_795_862_400.0
FINDING = replace(
    OPENED_GROUP,
    signature_id="security_group_opened_to_world",
    signature="Security group opened to the internet",
    dedup_key="security_group_opened_to_world:111122223333:eu-central-1:sg-0abc12345",
    src_country="Germany",
    user_agent="Boto3/1.42",
    reason="alice opened port 22 of security group sg-0abc12345 to 0.0.0.0/0.",
    event_ids=("4f1c0000-0000-4000-8000-000000000001",),
    event_count=1,
    first_time=FOUND - 420,
    last_time=FOUND - 420,
)
RECORD = {
    "eventTime": "2026-11-28T12:33:00Z",
    "eventName": FINDING.command,
    "eventSource": "ec2.amazonaws.com",
    "awsRegion": FINDING.vendor_region,
    "recipientAccountId": FINDING.vendor_account,
    "sourceIPAddress": FINDING.src_ip,
    "userAgent": FINDING.user_agent,
    "requestParameters": {
        "groupId": FINDING.object_id,
        "ipPermissions": {"items": [{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIp": "0.0.0.0/0"}]},
    },
    "userIdentity": {"type": "IAMUser", "arn": FINDING.user_arn, "accessKeyId": FINDING.access_key_id},
    "eventID": FINDING.event_ids[0],
}
ACCOUNT = {"account_name": "shop-production", "owner": "Shop team", "on_call_team": "SRE Blue"}
SPLUNK = "https://splunk.example.com/app"
REPORT = CaseReport(
    CASE,
    "CloudTrail Responder - Security group opened to the internet",
    f"{SPLUNK}/search/@go?sid=1",
    f"{SPLUNK}/cloudtrail_responder/search?q=1",
    "https://console.aws.amazon.com/ec2/home?region=eu-central-1#SecurityGroup:groupId=sg-0abc12345",
    "https://console.aws.amazon.com/cloudtrailv2/home?region=eu-central-1#/events?EventId=1",
)
RULE = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}
PLANNED = ChangeReport(
    "sg-0abc12345", "AWS::EC2::SecurityGroup", "eu-central-1", "Remove tcp 22 from 0.0.0.0/0.",
    {"rules": [RULE]}, {"rules": []}, blast_radius=("Two instances use the group.",),
)  # fmt: skip
MADE = replace(PLANNED, verified=True, observed="The rule is gone.", blast_radius=(), is_made=True)


def step(status: str, after: float, message: str, made: bool = False) -> Step:
    change = MADE if made else PLANNED
    at, plan = FOUND + after, "9b2e7c01"
    report = RemediationReport("revoke_open_ingress", "approve", status, message, (change,), at, plan=plan)
    return Step(TASK, RUN, report, is_undoable=True)


WAITING = step("waiting", 8, "Revoke open ingress waits for approval. It waits until 2026-11-28 16:40 UTC.")
DONE = step("done", 310, "Revoke open ingress: removed tcp 22 from 0.0.0.0/0. Approved by pat.", made=True)
REFUSED = step("refused", 8, "Security group sg-0abc12345 has the tag keep-open, which the Safety tab protects.")


def told(status: str, kind: str, task: str, after: float, message: str) -> Step:
    report = RemediationReport("revoke_open_ingress", "undo", status, message, (), FOUND + after)
    return Step(task, kind, report, of=TASK)


TAKEN_BACK = told("undone", UNDO, UNDONE, 4_000, "Put back tcp 22 from 0.0.0.0/0, asked for by pat.")
GIVEN_BACK = told("given_back", PROOF, PROOF_TASK, 2_000, "bob opened the same port again in AWS.")
EXCUSED = "Excused until 2026-12-28 12:00 UTC by pat: a penetration test, CHG-7."


def standing(*steps: Step, excused: str = "") -> Standing:
    return Standing(CASE, steps, FOUND, excused, FOUND + 900 if excused else 0.0)


CONTAINED = standing(DONE)
OTHERS = (
    standing(), standing(WAITING), standing(DONE, TAKEN_BACK),
    standing(DONE, GIVEN_BACK), standing(REFUSED), standing(excused=EXCUSED),
)  # fmt: skip


def ticket(stands: Standing) -> NewTicket:
    summary, document = messages.ticket(FINDING, ACCOUNT, REPORT, (), standing=stands, shown=(RECORD,))
    return NewTicket("SEC", "Task", summary, document, (label_of(CASE), "cloudtrail-responder"), f"{CASE}.ticket.1")


def jira_pictures(page: Page, deployment: str) -> Iterator[tuple[str, bytes]]:
    """Each ticket is opened as it is found, and its box is written anew as the app does."""
    with JiraStandIn(deployment) as jira:
        own = jira.credentials
        token = Secret(own.api_token if jira.cloud else own.personal_access_token)
        tickets = Tickets(JiraSite("example", deployment, jira.url, own.email, token, "SEC"), Http())
        new = ticket(standing())

        def shown(stands: Standing, whole: bool) -> bytes:
            key = tickets.create(new).key
            if stands.steps or stands.excused:
                assert tickets.put_panel(key, messages.state_of(FINDING, REPORT, (), stands)) == "written"
            page.goto(f"{jira.url}/browse/{key}")
            return page.locator(".card.rich" if whole else ".rich .panel").first.screenshot()

        yield f"ticket-{deployment}.png", shown(CONTAINED, whole=True)
        # What it looks like in the other states, half of them in each Jira.
        others = OTHERS[:3] if jira.cloud else OTHERS[3:]
        yield f"ticket-states-{deployment}.png", stacked([shown(one, whole=False) for one in others])


def slack_picture(page: Page) -> tuple[str, bytes]:
    """A message as it is found, and one that was edited as things went on, with its thread."""
    with SlackStandIn() as slack:
        own = slack.credentials
        workspace = SlackWorkspace(
            "example", "bot", bot_token=Secret(own.bot_token), default_channel="security-alerts",
            api_url=own.api_url.rstrip("/"),
        )  # fmt: skip
        chat = Chat(workspace, Http())
        link = TicketLink("SEC-7", "https://jira.example.com/browse/SEC-7")
        first = messages.slack_finding(FINDING, ACCOUNT, REPORT, (), standing=standing())
        chat.post("", first, f"{CASE}.slack.1")
        posted = chat.post("", first, f"{CASE}.slack.2")
        for one in (DONE, TAKEN_BACK):
            chat.post(posted.channel, messages.slack_remediation(one.report, link), one.task, posted.ts)
        now = messages.slack_finding(FINDING, ACCOUNT, REPORT, (), link, standing=standing(DONE, TAKEN_BACK))
        chat.update(posted.channel, posted.ts, now, f"{CASE}.slack.2")
        page.goto(f"{slack.url}/archives/{posted.channel}")
        return "thread.png", page.locator("main").first.screenshot()


def stacked(pictures: list[bytes]) -> bytes:
    """Pictures of the same width below each other."""
    images = [Image.open(io.BytesIO(picture)) for picture in pictures]
    gap = 10
    whole = Image.new("RGB", (max(i.width for i in images), sum(i.height + gap for i in images) - gap), "white")
    top = 0
    for image in images:
        whole.paste(image, (0, top))
        top += image.height + gap
    return png(whole, 256)


def png(image: Image.Image, colors: int) -> bytes:
    out = io.BytesIO()
    image.convert("RGB").quantize(colors).save(out, "PNG", optimize=True)
    return out.getvalue()


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("Chromium is needed on the PATH.")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        # As the build writes it into the app.
        runbooks.FILE = Path(folder) / "runbooks.json"
        runbooks.FILE.write_text(compiler.runbooks(load(ROOT / "detections")), encoding="utf-8")
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1000, "height": 900})
        found: list[tuple[str, Any]] = [*jira_pictures(page, "cloud"), *jira_pictures(page, "datacenter")]
        found.append(slack_picture(page))
        browser.close()
    for name, picture in found:
        made = (png(Image.open(io.BytesIO(picture)), colors) for colors in COLORS)
        small = next((one for one in made if len(one) <= MAX_BYTES), b"")
        if not small:
            sys.exit(f"{name} has more than {MAX_BYTES} bytes.")
        (FOLDER / name).write_bytes(small)
        print(name, len(small))


if __name__ == "__main__":
    main()
