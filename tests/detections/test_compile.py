"""The compiled .conf files: complete, parseable, the same every time, and beside what is written by hand."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from detection_samples import DETECTIONS, ROOT
from responder.findings.finding import FIELDS

from spl import conffile
from workbench.__main__ import main
from workbench.detections import compile as compiler


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """An app folder with the hand-written files."""
    folder = tmp_path / "app"
    shutil.copytree(ROOT / "package" / "default", folder / "default")
    return folder


def _compiled(app: Path, name: str) -> conffile.Stanzas:
    assert main(["compile", "--app-dir", str(app)]) == 0
    return conffile.parse((app / "default" / name).read_text(encoding="utf-8"))


def test_every_search_survives_the_conf_file_unchanged(app: Path):
    stanzas = _compiled(app, "savedsearches.conf")
    for detection in DETECTIONS:
        kept = " ".join(stanzas[compiler.name_of(detection)]["search"].split())
        assert kept == " ".join(compiler.search_of(detection).split())


def test_every_search_is_a_scheduled_alert_without_actions(app: Path):
    stanzas = _compiled(app, "savedsearches.conf")
    for detection in DETECTIONS:
        stanza = stanzas[compiler.name_of(detection)]
        assert stanza["disabled"] == ("0" if detection.enabled_by_default else "1")
        assert (stanza["counttype"], stanza["relation"], stanza["quantity"]) == (
            "number of events", "greater than", "0",
        )  # fmt: skip
        assert stanza["alert.digest_mode"] == "1"
        assert {value for key, value in stanza.items() if re.fullmatch(r"action\.\w+", key)} == {"0"}


def test_splunks_own_throttle_is_off_and_prepared_by_what_makes_two_results_the_same_finding(app: Path):
    """What it suppresses reaches no action at all, so by the dedup key alone later events of a case would be lost."""
    stanzas = _compiled(app, "savedsearches.conf")
    for detection in DETECTIONS:
        stanza = stanzas[compiler.name_of(detection)]
        assert stanza["alert.suppress"] == "0"
        fields = stanza["alert.suppress.fields"].split(",")
        assert {"dedup_key", "event_ids"} <= set(fields) <= set(FIELDS)


def test_every_macro_a_search_names_is_there(app: Path):
    searches = _compiled(app, "savedsearches.conf")
    macros = conffile.parse((app / "default" / "macros.conf").read_text(encoding="utf-8"))
    texts = [stanza["search"] for stanza in searches.values()] + [m["definition"] for m in macros.values()]
    for name, argument in re.findall(r"`(\w+)(\([^)]*\))?`", "\n".join(texts)):
        assert (f"{name}({argument.count(',') + 1})" if argument else name) in macros


def test_compiling_twice_changes_nothing_and_keeps_what_is_written_by_hand(app: Path):
    by_hand = (app / "default" / "macros.conf").read_text(encoding="utf-8")
    _compiled(app, "macros.conf")
    once = {path.name: path.read_bytes() for path in (app / "default").glob("*.conf")}
    _compiled(app, "macros.conf")
    assert {path.name: path.read_bytes() for path in (app / "default").glob("*.conf")} == once
    assert once["macros.conf"].decode().startswith(by_hand.rstrip())


def test_a_stanza_written_by_hand_and_compiled_is_an_error(app: Path, capsys: pytest.CaptureFixture[str]):
    macros = app / "default" / "macros.conf"
    macros.write_text(f"[{DETECTIONS[0].id}_filter]\ndefinition = search user!=me\n", encoding="utf-8")
    assert main(["compile", "--app-dir", str(app)]) == 1
    assert f"[{DETECTIONS[0].id}_filter]" in capsys.readouterr().err


def test_the_pages_in_docs_are_up_to_date(capsys: pytest.CaptureFixture[str]):
    assert main(["compile", "--docs", str(ROOT / "docs" / "detections"), "--check"]) == 0, (
        capsys.readouterr().err
    )


def test_a_page_of_a_detection_that_is_gone_is_deleted(tmp_path: Path):
    (tmp_path / "gone.md").write_text("old", encoding="utf-8")
    (tmp_path / "README.md").write_text("kept", encoding="utf-8")
    assert main(["compile", "--docs", str(tmp_path), "--check"]) == 1
    assert main(["compile", "--docs", str(tmp_path)]) == 0
    assert not (tmp_path / "gone.md").exists()
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "kept"
    assert (tmp_path / f"{DETECTIONS[0].id}.md").exists()
