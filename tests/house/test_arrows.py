"""Arrows between modules point down, and there are no circles. One table says which room may import from which.

What it reads, it reads from the source: imports inside functions and for type checkers count like any others.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from module_graph import Arrow, Graph

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ROOT / "package" / "bin"
DOORS = tuple(sorted(path.stem for path in PRODUCT.glob("*.py")))

#: The services outside; they never see each other.
SERVICES = ("responder.jira", "responder.slack", "responder.aws", "responder.notifiers")
BELOW_SERVICES = ("responder.settings", "responder.findings", "responder")
BELOW_REMEDIATION = ("responder.cases", *SERVICES, "responder.documents", "responder.splunk", *BELOW_SERVICES)
BELOW_ENGINE = (
    "responder.handlers",
    "responder.ingest",
    "responder.pipeline",
    "responder.permission_sets",
    "responder.remediation",
    *BELOW_REMEDIATION,
)
BELOW_HEALTH = ("responder.engine", *BELOW_ENGINE)
BELOW_DOORS = ("responder.starting", "responder.health", *BELOW_HEALTH)
ROOMS_OF_DOORS = ("responder.actions", "responder.inputs", "responder.endpoints", "responder.commands")

#: Room -> the rooms it may import from. The longest row that a module is within is its own.
TABLE: dict[str, tuple[str, ...]] = {
    # The app. What splunkd starts (package/bin/*.py) only hands over to a door.
    **dict.fromkeys(DOORS, (*ROOMS_OF_DOORS, *BELOW_DOORS)),
    # Cold processes: besides these, the standard library only.
    "responder.actions": (
        "responder.findings",
        "responder.cases",
        "responder.splunk",
        "responder.settings",
        "responder",
    ),
    "responder.inputs": BELOW_DOORS,
    "responder.endpoints": BELOW_DOORS,
    # Cold processes, too: they ask an endpoint. What only reads records needs none.
    "responder.commands": ("responder.backtest", "responder.findings", "responder.splunk", "responder"),
    # Plans about the past, from records alone: in Splunk, and in the workbench.
    "responder.backtest": (
        "responder.remediation",
        "responder.findings",
        "responder.splunk",
        "responder.settings",
        "responder",
    ),
    # Looks at everything below and is asked by the doors.
    "responder.health": (*BELOW_HEALTH, "responder.http_transport"),
    # What the page Getting started shows and changes.
    "responder.starting": BELOW_REMEDIATION,
    # CloudTrail's way to Splunk: the resources in AWS, and what brings the files into the index.
    "responder.pipeline": ("responder.permission_sets", *BELOW_REMEDIATION),
    "responder.ingest": (
        "responder.pipeline",
        "responder.permission_sets",
        *BELOW_REMEDIATION,
        # One of its outputs is HTTP.
        "responder.http_transport",
    ),
    # What a dispatcher may ask stands with its call.
    "responder.permission_sets": ("responder.remediation", "responder.aws", "responder"),
    "responder.engine": BELOW_ENGINE,
    "responder.handlers": ("responder.remediation", *BELOW_REMEDIATION),
    "responder.remediation": BELOW_REMEDIATION,
    "responder.cases": (*SERVICES, "responder.documents", "responder.splunk", *BELOW_SERVICES),
    **dict.fromkeys(SERVICES, ("responder.documents", "responder.http_transport", *BELOW_SERVICES)),
    # One HTTP client for the services that speak HTTP, with the proxy and the CA bundle of the settings.
    "responder.http_transport": ("responder.settings", "responder"),
    "responder.documents": BELOW_SERVICES,
    "responder.settings": ("responder.splunk", "responder.findings", "responder"),
    "responder.findings": ("responder.splunk", "responder"),
    "responder.splunk": ("responder",),
    # Errors, logs, HTTP failures and other modules that lie beside the rooms.
    "responder": (),
    # The interpreter, the workbench, the sandbox, the build.
    "spl": (),
    "workbench": ("workbench.cli",),
    "workbench.cli": (
        "workbench.backtest",
        "workbench.blind",
        "workbench.month",
        "workbench.peers",
        "workbench.score",
        "workbench.shapes",
        "workbench.replay",
        "workbench.detections",
        "spl",
    ),
    # The app's own plans: a backtest of anything else would prove nothing.
    "workbench.backtest": (
        "workbench.replay",
        "workbench.detections",
        "tools.playbooks",
        "responder.backtest",
        "responder.findings",
        "responder",
        "spl",
    ),
    "workbench.score": ("workbench.replay", "workbench.detections", "spl"),
    "workbench.blind": ("workbench.replay",),
    # Lists are filled as the app proposes it.
    "workbench.month": (
        "workbench.replay", "workbench.detections", "tools.playbooks", "responder.starting", "responder", "spl",
    ),
    "workbench.peers": ("workbench.score", "workbench.replay", "spl"),
    "workbench.shapes": ("workbench.replay", "workbench.detections", "spl"),
    # What the app makes of CSV for spreadsheets.
    "workbench.replay": ("workbench.detections", "tools.playbooks", "responder.findings", "spl"),
    # Compiled by the build, in an environment without the interpreter's libraries.
    # The macro of the app's own calls is made from its playbooks.
    "workbench.detections": ("tools.playbooks",),
    "sandbox": ("sandbox.cli",),
    "sandbox.cli": (
        "sandbox.demo",
        "sandbox.world",
        "sandbox.runner",
        "sandbox.splunkd",
        "sandbox.aws",
        "sandbox.teams",
        "sandbox.webhook",
        "sandbox.our_app",
    ),
    "sandbox.our_app": (),
    # One of its acts starts a second search head.
    "sandbox.demo": ("sandbox.world", "sandbox.runner", "sandbox.splunkd", "sandbox.aws"),
    "sandbox.world": (
        "sandbox.runner",
        "sandbox.splunkd",
        "sandbox.jira",
        "sandbox.slack",
        "sandbox.aws",
        "sandbox.faults",
        "spl",
    ),
    "sandbox.runner": ("sandbox.splunkd", "spl"),
    "sandbox.splunkd.server": ("sandbox.splunkd.endpoints", "sandbox.splunkd", "sandbox.loopback", "sandbox.faults"),
    "sandbox.splunkd.endpoints": ("sandbox.splunkd", "spl"),
    "sandbox.splunkd": ("sandbox.tarballs", "spl"),
    "sandbox.jira": ("sandbox.standin",),
    "sandbox.slack": ("sandbox.standin", "sandbox.loopback", "sandbox.faults"),
    "sandbox.teams": ("sandbox.standin",),
    "sandbox.webhook": ("sandbox.standin",),
    "sandbox.aws": (),
    "sandbox.proxy": ("sandbox.standin", "sandbox.loopback"),
    "sandbox.standin": ("sandbox.loopback", "sandbox.faults"),
    "sandbox.loopback": ("sandbox.faults",),
    "sandbox.faults": (),
    "sandbox.tarballs": (),
    # Measures the built app as the sandbox starts it; knows nothing of its code.
    "bench": (
        "bench.remediation",
        "bench.shapes",
        "bench.figures",
        "sandbox.demo",
        "sandbox.world",
        "sandbox.runner",
        "sandbox.splunkd",
        "sandbox.aws",
        "sandbox.our_app",
        "sandbox.loopback",
    ),
    # The app's client of Slack in its own process, by a clock of its own.
    "bench.slack_pace": (
        "bench.figures",
        "responder.engine",
        "responder.slack",
        "responder",
        "sandbox.slack",
        "sandbox.loopback",
        "sandbox.faults",
    ),
    # The app's own splitter and memory of ids, in processes of their own.
    "bench.ingest": ("bench.figures", "sandbox.runner", "sandbox.loopback", "sandbox.faults"),
    "bench.ingest_ways": ("responder.ingest", "responder"),
    # A Jira with limits in the place of the sandbox's.
    "bench.after_outage": (
        "bench",
        "bench.figures",
        "sandbox.world",
        "sandbox.jira",
        "sandbox.loopback",
        "sandbox.faults",
    ),
    "bench.__main__": (
        "bench",
        "bench.after_outage",
        "bench.detections",
        "bench.figures",
        "bench.ingest",
        "bench.ingest_ways",
        "bench.remediation",
        "bench.remediation_jobs",
        "bench.shapes",
        "bench.slack_pace",
    ),
    # The app's runner in its own process, beside others that do the same in theirs.
    "bench.figures": (),
    # Searches over records, by the interpreter alone.
    "bench.shapes": ("bench.figures", "workbench.shapes", "workbench.replay", "workbench.detections", "spl"),
    "bench.detections": (
        "bench.figures", "bench.shapes", "workbench.replay", "workbench.detections", "workbench", "spl",
    ),
    "bench.remediation": (
        "bench.remediation_jobs",
        "bench.figures",
        "responder.settings",
        "sandbox.splunkd",
        "sandbox.aws",
        "sandbox.our_app",
    ),
    "bench.remediation_jobs": ("sandbox.aws",),
    # What the build and the docs generate, they generate from what playbooks, handlers and endpoints declare.
    "tools": (
        "tools.playbooks",
        "workbench.detections",
        "responder.remediation",
        "responder.handlers",
        "responder.notifiers",
        "responder.aws",
        "responder.endpoints",
        "responder.commands",
    ),
    # What a person runs against a Splunk of their own, with any Python.
    "tools.smoke": (),
    "tools.slack_manifest": ("responder.slack", "responder.settings", "responder"),
    "tools.playbooks": ("responder.permission_sets", "responder.remediation", "responder.aws", "responder"),
    # What a person runs at a terminal is the app's own code.
    "infra": ("infra.cli",),
    # Ships to AWS with the app's rooms, and with nothing of infra.
    "infra.lambda": ("responder.remediation", *BELOW_REMEDIATION),
    "infra.cli": (
        "responder.ingest",
        "responder.pipeline",
        "responder.permission_sets",
        "responder.remediation",
        *BELOW_REMEDIATION,
    ),
    "additional_packaging": ("tools",),
}

#: Arrows of the app that point up today. Only ever to become fewer.
KNOWN: frozenset[Arrow] = frozenset()
#: Circles of the app today, by their members.
KNOWN_CIRCLES: frozenset[tuple[str, ...]] = frozenset()


@pytest.fixture(scope="module")
def house() -> Graph:
    folders = ("spl", "workbench", "sandbox", "bench", "tools", "infra", "additional_packaging")
    return Graph({ROOT: folders, PRODUCT: ("responder", *DOORS)})


def test_every_module_is_in_a_room_of_the_table(house: Graph) -> None:
    assert house.without_room(TABLE) == []


def test_every_arrow_is_one_that_the_table_allows(house: Graph) -> None:
    assert [str(arrow) for arrow in house.forbidden(TABLE) if arrow not in KNOWN] == []


def test_there_are_no_circles(house: Graph) -> None:
    assert [circle for circle in house.circles() if circle not in KNOWN_CIRCLES] == []


def test_what_is_known_to_point_up_still_does(house: Graph) -> None:
    """Strike from the list what has been mended."""
    assert sorted(map(str, KNOWN - set(house.forbidden(TABLE)))) == []
    assert sorted(KNOWN_CIRCLES - set(house.circles())) == []


def test_the_table_itself_points_down() -> None:
    reached: dict[str, set[str]] = {}

    def below(room: str, path: tuple[str, ...] = ()) -> set[str]:
        assert room not in path, f"circle in the table: {' -> '.join([*path, room])}"
        if room not in reached:
            reached[room] = set().union(*({other} | below(other, (*path, room)) for other in TABLE[room]))
        return reached[room]

    for room in TABLE:
        below(room)


def test_an_action_loads_nothing_but_the_standard_library(house: Graph) -> None:
    """It is a cold process for every alert; what it loads is most of the time that it takes."""
    loaded = house.loaded_by("responder.actions")
    assert len(loaded) > 5
    foreign = {name: sorted(house.outside(name) - sys.stdlib_module_names) for name in loaded}
    assert {name: found for name, found in foreign.items() if found} == {}


def test_an_action_that_goes_well_does_without_what_is_slow_to_load(interpreter: Path) -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import responder.actions.run; print(*sys.modules)"
    done = subprocess.run([interpreter, "-I", "-c", code, PRODUCT], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "http.client" in loaded
    assert loaded & {"dataclasses", "inspect", "logging", "pathlib", "shutil", "tempfile", "csv", "gzip"} == set()
    assert {name for name in loaded if name.startswith("responder.")} <= {
        *("responder.actions", "responder.errors", "responder.findings", "responder.splunk"),
        *(f"responder.splunk.{name}" for name in ("client", "server_conf", "trust")),
        *(f"responder.actions.{name}" for name in ("endpoint", "progress", "row_log", "run")),
        *(f"responder.findings.{name}" for name in ("batches", "csv_records", "results")),
        *(f"responder.{name}" for name in ("log_file", "log_values", "modular_action", "parameters", "service_clock")),
    }


# --- the test can fail ------------------------------------------------------------------------------------------------

SMALL = {"app": (), "app.up": ("app.down",), "app.down": ()}


def small(tmp_path: Path, **sources: str) -> Graph:
    """A package ``app``: ``up_a="..."`` is app/up/a.py, and so on."""
    for folder in ("app", "app/up", "app/down"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").touch()
    for name, text in {"up_a": "", "down_a": "", "down_b": "", **sources}.items():
        (tmp_path / "app" / name.replace("_", "/", 1)).with_suffix(".py").write_text(text)
    return Graph({tmp_path: ("app",)})


def test_an_arrow_that_points_down_is_allowed(tmp_path: Path) -> None:
    graph = small(tmp_path, up_a="from app.down.a import x", down_a="from . import b")
    assert graph.forbidden(SMALL) == []
    assert Arrow("app.up.a", "app.down.a") in graph.arrows and Arrow("app.down.a", "app.down.b") in graph.arrows


@pytest.mark.parametrize(
    "source",
    [
        "import app.up.a",
        "import app.up.a as other",
        "from app.up.a import x",
        "from app.up import a",
        "from ..up import a",
        "from ..up.a import x",
        "from .. import up",
        "def f():\n    from app.up import a",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from app.up.a import X",
        "try:\n    import app.up.a\nexcept ImportError:\n    pass",
        "import importlib\nimportlib.import_module('app.up.a')",
        "from importlib import import_module\nimport_module(f'app.up.{x}')",
        "import importlib, pkgutil\nfrom app import up\n[importlib.import_module(m.name) for m in "
        "pkgutil.iter_modules(up.__path__)]",
    ],
)
def test_an_arrow_that_points_up_is_seen_however_it_is_written(tmp_path: Path, source: str) -> None:
    found = small(tmp_path, down_a=source).forbidden(SMALL)
    assert found and {arrow.importer for arrow in found} == {"app.down.a"}


def test_a_room_without_a_row_is_seen(tmp_path: Path) -> None:
    assert small(tmp_path).without_room({"app.up": ()}) == ["app", "app.down", "app.down.a", "app.down.b"]


@pytest.mark.parametrize("back", ["from .a import x", "def f():\n    from . import a"])
def test_a_circle_is_seen_even_in_one_room(tmp_path: Path, back: str) -> None:
    graph = small(tmp_path, down_a="from . import b", down_b=back, up_a="from app.down import a")
    assert graph.circles() == [("app.down.a", "app.down.b")]


def test_a_circle_through_discovery_is_seen(tmp_path: Path) -> None:
    graph = small(tmp_path, down_a="from . import REGISTRY")
    (tmp_path / "app/down/__init__.py").write_text("import pkgutil\nREGISTRY = list(pkgutil.iter_modules(__path__))")
    assert graph.circles() == []
    assert Graph({tmp_path: ("app",)}).circles() == [("app.down", "app.down.a")]


def test_what_is_loaded_is_what_is_imported_at_once(tmp_path: Path) -> None:
    graph = small(tmp_path, up_a="import json, boto3\nfrom app.down import a", down_a="def f():\n    import jira")
    assert graph.loaded_by("app.up") == {"app", "app.up", "app.up.a", "app.down", "app.down.a"}
    assert graph.outside("app.up.a") == {"json", "boto3"} and graph.outside("app.down.a") == set()
