"""The pictures of docs/dashboards.md: dashboards as Splunk's own packages draw them, of a month on the sandbox.

    python -m tests.dashboard_pictures

It needs Chromium on the PATH, a built app, and half a gigabyte for the packages. Whoever changes a dashboard runs it,
and looks at the pictures.
"""

from __future__ import annotations

import io
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from PIL import Image

from sandbox.our_app import build_app
from sandbox.runner import interpreters
from sandbox.world import APP

ROOT = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "package" / "bin"))

from tests.browsers import chromium  # noqa: E402
from tests.console_pictures import FOLDER, THEMES, small  # noqa: E402
from tests.dashboards import studio  # noqa: E402
from tests.dashboards.drawn import shown, whole_page  # noqa: E402
from tests.dashboards.lived_month import live_in  # noqa: E402
from tools.dashboards.registry import dashboards  # noqa: E402

WIDTH = 1440
#: Which are shown in the docs; the bytes of one.
PICTURES = (("overview", "light"), ("overview", "dark"), ("remediation", "light"))
MAX_BYTES = 160_000


def main() -> None:
    from tests.e2e.conftest import Worlds

    boards = {one.name: one for one in dashboards()}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "dist").mkdir()
        worlds = Worlds(build_app(folder / "dist"), lambda: folder)
        stack.callback(worlds.stop)
        world, browser = worlds.site(interpreters.available()[-1]).world, stack.enter_context(chromium())
        world.web.studio = studio.bundle()
        live_in(world)
        for name, theme in PICTURES:
            world.web.theme = THEMES[theme]
            page = browser.new_page(viewport={"width": WIDTH, "height": 900})
            page.goto(f"{world.web.url}/en-US/app/{APP}/{name}")
            page.fill("[name=username]", world.splunkd.admin[0])
            page.fill("[name=password]", world.splunkd.admin[1])
            page.click("button[type=submit]")
            shown(page, boards[name])
            whole_page(page)
            image = Image.open(io.BytesIO(page.screenshot()))
            out, path = io.BytesIO(), FOLDER / f"dashboard-{name}-{theme}.png"
            image.resize((image.width * 5 // 6, image.height * 5 // 6), Image.Resampling.LANCZOS).save(out, "PNG")
            path.write_bytes(small(out.getvalue(), MAX_BYTES))
            print(f"{path} ({path.stat().st_size:,} bytes)")
            page.close()


if __name__ == "__main__":
    main()
