"""``python -m workbench search``: any search over log files, and which kind of refusal a search met."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.__main__ import main


@pytest.fixture
def ad_hoc(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """``ad_hoc(spl, *options)`` over two records, with a macro and a lookup at hand."""
    record = {"eventTime": "2024-01-01T00:00:00Z", "eventName": "CreateUser", "userIdentity": {"userName": "bob"}}
    records = [record, {**record, "eventName": "ListUsers", "eventTime": "2024-01-01T00:00:09Z"}]
    (tmp_path / "log.json").write_text(json.dumps({"Records": records}))
    (tmp_path / "macros.conf").write_text("[trail]\ndefinition = index=aws \\\nsourcetype=aws:cloudtrail\n")
    (tmp_path / "teams.csv").write_text("user,team\nbob,red\n")

    def ad_hoc(spl: str, *options: str) -> tuple[int, str, str]:
        known = ["--macros", str(tmp_path / "macros.conf"), "--lookup", f"teams={tmp_path / 'teams.csv'}"]
        code = main(["search", spl, str(tmp_path / "log.json"), *known, *options])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return ad_hoc


def test_a_search_over_files(ad_hoc: Callable[..., tuple[int, str, str]]) -> None:
    spl = "`trail` eventName=Create* | lookup teams user AS userIdentity.userName | table eventName team"
    assert ad_hoc(spl) == (0, "eventName,team\nCreateUser,red\n", "")
    code, out, _ = ad_hoc(spl, "--json")
    assert code == 0 and json.loads(out) == [{"eventName": "CreateUser", "team": "red"}]
    assert ad_hoc("index=other | table eventName", "--index", "other")[1] == "eventName\nListUsers\nCreateUser\n"


def test_refused_by_splunk_and_not_supported_here_are_told_apart(ad_hoc: Callable[..., tuple[int, str, str]]) -> None:
    code, out, error = ad_hoc("index=aws | tstats count")
    assert (code, out) == (3, "") and error.startswith("Not supported here")
    code, out, error = ad_hoc("index=aws | frobnicate")
    assert (code, out) == (1, "") and error.startswith("Splunk would reject this search: Unknown search command")


def test_what_leaned_on_undocumented_behavior_is_noted(ad_hoc: Callable[..., tuple[int, str, str]]) -> None:
    _, _, error = ad_hoc("`trail` [search `trail` eventName=None | fields eventName] | table eventName")
    assert error.startswith("Note: a subsearch gave no rows")


def test_a_path_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "index=aws", str(tmp_path / "none.json")]) == 2
    assert "cannot be read" in capsys.readouterr().err
