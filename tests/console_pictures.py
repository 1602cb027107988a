"""The pictures of docs/console.md: the console's pages on the sandbox, in both themes.

    python -m tests.console_pictures [PART OF A NAME]

It needs Chromium on the PATH and a built app. Whoever changes a page runs it, and looks at the pictures.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from PIL import Image

from sandbox.aws import ACCOUNT
from sandbox.our_app import build_app
from sandbox.runner import interpreters
from sandbox.world import APP

ROOT = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "package" / "bin"))

from sandbox.demo.scenario import SETTLE  # noqa: E402
from tests.e2e.console_site import BOTH, Console, attacked, console, grouped  # noqa: E402
from tests.e2e.people import person  # noqa: E402
from tests.e2e.start_site import everyday  # noqa: E402

FOLDER = ROOT / "docs" / "images"
WIDTH, HEIGHT = 1280, 760
#: Bytes of a picture, and colors that it is reduced to, until it is small enough.
MAX_BYTES, COLORS = 120_000, (256, 128, 64)
#: Pixels between the two pictures of the README.
GAP = 24
#: Splunk's names of the themes.
THEMES = {"light": "enterprise", "dark": "dark"}


def cases(page: Any, made: Console) -> None:
    page.goto(f"{made.url}/cases")
    page.locator(f"tr[data-case='{made.cases['simulated']}']").wait_for()


def case(page: Any, made: Console) -> None:
    page.goto(f"{made.url}/cases?case={made.cases['contained']}")
    page.get_by_role("heading", name="Timeline").wait_for()


def undo(page: Any, made: Console) -> None:
    case(page, made)
    page.get_by_role("button", name="Undo: Revoke open ingress").click()
    page.get_by_text("puts back in AWS").wait_for()


def remediate(page: Any, made: Console) -> None:
    page.goto(f"{made.url}/cases?case={made.cases['stuck']}")
    page.get_by_role("button", name="Remediate", exact=True).click()
    page.get_by_text("Simulated: would").wait_for()


def event(page: Any, made: Console) -> None:
    row = made.rows["stuck"]
    page.goto(f"{made.url}/cases?event={row['event_ids'][0]}")
    page.get_by_role("button", name="Create ticket").wait_for()


def actor(page: Any, made: Console) -> None:
    page.goto(f"{made.url}/cases?incident={attacked(made.site)}")
    page.get_by_role("heading", name="Calls in CloudTrail").wait_for()


def incident(page: Any, made: Console) -> None:
    page.goto(f"{made.url}/cases?case={grouped(made.site)}")
    page.locator("main li[data-case]").first.wait_for()


def approvals(page: Any, made: Console) -> None:
    page.goto(f"{made.url}/approvals")
    page.get_by_role("button", name="Approve: Revoke open ingress").wait_for()


def health(page: Any, made: Console) -> None:
    page.goto(f"{made.url}/health")
    page.locator("tr[data-check]").first.wait_for()


def playbooks(page: Any, made: Console) -> None:
    page.goto(f"{made.url}/playbooks?find=public")
    page.get_by_role("button", name="Check permissions").click()
    page.get_by_role("button", name="Check permissions").wait_for()
    page.get_by_text("to enforce").first.wait_for()


def lists(page: Any, made: Console) -> None:
    world = made.site.world
    if not world.documents("responder_trusted_accounts"):
        now = int(time.time())
        for account, reason, owner, days in (
            ("111122223333", "Audit firm, contract C-81", "ana.lopez", 5),
            ("444455556666", "Backup vendor", "platform", 200),
            ("777788889999", "Log archive of the holding", "security", 0),
        ):
            last = time.strftime("%Y-%m-%d", time.gmtime(now + days * 86_400)) if days else ""
            entry = {"account_id": account, "reason": reason, "owner": owner, "expires": last}
            body = {"list": "responder_trusted_accounts", "entry": entry}
            world.rest("POST", f"{APP}/list_entry", json=body).raise_for_status()
        excuse = {"case": made.cases["simulated"], "days": 14, "reason": "Known scanner, change CHG-7"}
        world.rest("POST", f"{APP}/excuse", json=excuse).raise_for_status()
    page.goto(f"{made.url}/lists?list=responder_trusted_accounts")
    page.locator("tr[data-entry]").first.wait_for()


def detections(page: Any, made: Console) -> None:
    _lived_in(made)
    page.goto(f"{made.url}/detections?pack=essential&sort=results")
    page.locator("tr[data-detection]").first.wait_for()
    page.get_by_text("s a run").first.wait_for()


def attack(page: Any, made: Console) -> None:
    page.goto(f"{made.url}/detections?view=attack")
    page.locator("[data-technique]").first.wait_for()


def detection(page: Any, made: Console) -> None:
    page.goto(f"{made.url}/detections?detection=trail_logging_stopped")
    page.get_by_role("button", name="Try it").click()
    page.get_by_text("in the last 7 days").wait_for()


def _lived_in(made: Console) -> None:
    """Detections that are on and answered, and runs of theirs."""
    world = made.site.world
    if world.splunkd.search("search index=_internal savedsearch_name=*", "-1d").rows:
        return
    ids = ["root_console_login", "trail_deleted", "security_group_opened_to_world", "iam_admin_policy_attached"]
    actions = {"responder_create_ticket": True, "responder_remediate": {"mode": "approve"}}
    body = {"detections": ids, "on": True, "actions": actions}
    world.rest("POST", f"{APP}/detections_change", json=body).raise_for_status()
    names = {
        "CloudTrail trail stopped logging": (2, 1.2),
        "Security group opened to the world": (14, 2.31),
        "IAM administrator policy attached": (3, 1.74),
        "Root user signed in": (1, 0.92),
    }
    for title, (results, seconds) in names.items():
        line = (
            f'savedsearch_name="CloudTrail Responder - {title}", app="{APP}", status=success, '
            f"result_count={results}, run_time={seconds}"
        )
        world.splunkd.add_event(line, index="_internal", sourcetype="scheduler", source="s", time=time.time() - 200)


def _started(page: Any, made: Console) -> None:
    """A page of an administrator, on which the last 30 days were looked at and a pack is armed."""
    world = made.site.world
    if not world.documents("responder_start"):
        everyday(made.site)
        page.goto(f"{made.url}/getting_started?step=lists")
        page.get_by_role("button", name="Look at the last 30 days").click()
        page.get_by_role("button", name=f"Accept {ACCOUNT}").click()
        page.get_by_role("row", name=ACCOUNT).get_by_text("On the list").wait_for()
        page.goto(f"{made.url}/getting_started?step=detections")
        page.get_by_role("radio", name="Essential 20").click()
        page.get_by_role("button", name="Search the last 30 days").click()
        page.get_by_text("of 20 detections, ").wait_for(timeout=240_000)
        page.goto(f"{made.url}/getting_started?step=arm")
        page.get_by_role("button", name="Arm", exact=True).click()
        page.get_by_role("dialog").get_by_role("button", name="Arm", exact=True).click()
        page.get_by_text("Armed. From the next run").wait_for()
        made.site.open_ssh()
        world.runner.scheduler.run_search(OPENED, APP, (int(time.time()) // 60 + 1) * 60 + SETTLE)


def start(step: str, text: str) -> Callable[[Any, Console], None]:
    def show(page: Any, made: Console) -> None:
        _started(page, made)
        page.goto(f"{made.url}/getting_started?step={step}")
        page.get_by_text(text).first.wait_for()
        page.wait_for_load_state("networkidle")

    return show


#: The detection that is armed and finds something on the page Getting started.
OPENED = "CloudTrail Responder - Security group opened to the world"
#: The same as ``PICTURES``, of administrators.
ADMINISTRATORS = {
    "start-cloudtrail": start("cloudtrail", "Works"),
    "start-aws": start("aws", "Create the role"),
    "start-jira": start("jira", "Open a test ticket"),
    "start-slack": start("slack", "Post a test message"),
    "start-lists": start("lists", "On the list"),
    "start-detections": start("detections", "of 20 detections, "),
    "start-response": start("response", "The Safety tab allows"),
    "start-arm": start("arm", "The first protected alert"),
}
#: Name of a picture -> how to get there. A page that is added has a line here.
PICTURES: dict[str, Callable[[Any, Console], None]] = {
    "cases": cases, "case": case, "case-undo": undo, "case-remediate": remediate, "event": event, "actor": actor,
    "incident": incident, "approvals": approvals, "health": health, "playbooks": playbooks, "lists": lists,
    "detections": detections, "attack": attack, "detection": detection,
}  # fmt: skip


def pictures(made: Console, folder: Path, part: str = "") -> list[Path]:
    """One a page and theme, of those with this part in their names."""
    written = []
    for theme, name in THEMES.items():
        made.site.world.web.theme = name
        person(made.site.world, BOTH, f"{APP}_analyst", APP)
        for user, some in ((BOTH, PICTURES), (made.site.world.splunkd.admin[0], ADMINISTRATORS)):
            page = made.sign_in(user, width=WIDTH, height=HEIGHT)
            page.locator("main").wait_for()
            for subject, show in some.items():
                if part in subject:
                    show(page, made)
                    # The focus of a page that has just opened is for those who cannot see it.
                    page.evaluate("document.activeElement?.blur()")
                    page.wait_for_timeout(700)
                    path = folder / f"console-{subject}-{theme}.png"
                    path.write_bytes(small(page.screenshot()))
                    written.append(path)
    return written


def case_and_thread(folder: Path) -> Path:
    """One picture of a case and of its thread, for the README; of those that are there."""
    case, thread = (Image.open(folder / name).convert("RGB") for name in ("console-case-light.png", "thread.png"))
    newest = thread.crop((0, max(0, thread.height - case.height - 40), thread.width, thread.height))
    newest = newest.crop((0, 0, newest.width, case.height))
    made = Image.new("RGB", (case.width + GAP + newest.width, case.height), "white")
    made.paste(case, (0, 0))
    made.paste(newest, (case.width + GAP, 0))
    out, path = io.BytesIO(), folder / "case-and-thread.png"
    made.save(out, "PNG")
    path.write_bytes(small(out.getvalue(), 2 * MAX_BYTES))
    return path


def small(png: bytes, most: int = MAX_BYTES) -> bytes:
    """The same picture, with as many colors as fit. Raises ValueError where too few would be left."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    for colors in COLORS:
        out = io.BytesIO()
        image.quantize(colors, Image.Quantize.MAXCOVERAGE).save(out, "PNG", optimize=True)
        if len(out.getvalue()) <= most:
            return out.getvalue()
    raise ValueError(f"a picture has more than {most} bytes")


def main() -> None:
    from tests.e2e.conftest import Worlds

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "dist").mkdir()
        worlds = Worlds(build_app(folder / "dist"), lambda: folder)
        stack.callback(worlds.stop)
        made = stack.enter_context(console(worlds.site(interpreters.available()[-1])))
        for path in pictures(made, FOLDER, *sys.argv[1:2]):
            print(f"{path} ({path.stat().st_size:,} bytes)")
        case_and_thread(FOLDER)


if __name__ == "__main__":
    main()
