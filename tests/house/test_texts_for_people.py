"""Messages say themselves what to do: they send nobody to files that the app does not ship."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from responder.roles import KEEPERS, ROLE_WITH

from tools.merge_conf import stanzas

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "package"
RESPONDER = PACKAGE / "bin" / "responder"


def texts(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each string, also the fixed parts of f-strings; no docstrings."""
    tree = ast.parse(source)
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.lineno, node.value


def test_a_message_that_names_a_page_of_the_repository_would_be_found() -> None:
    source = '"""Of docs/a.md."""\nx = f"{y}: see docs/b.md"\nz = ("a", "docs/c.md lists them")\n'
    assert [line for line, text in texts(source) if "docs/" in text] == [2, 3]


def test_no_message_names_a_page_of_the_repository() -> None:
    sources = {path: path.read_text(encoding="utf-8") for path in sorted(RESPONDER.rglob("*.py"))}
    # Comments and docstrings may; only files that name one at all are parsed.
    suspects = {path: source for path, source in sources.items() if "docs/" in source}
    assert suspects, "the comments name some"
    named = [
        f"{path.relative_to(RESPONDER)}:{line}: {text}"
        for path, source in suspects.items()
        for line, text in texts(source)
        if "docs/" in text
    ]
    assert named == [], "name the role, the page of the console or the search command instead"


def test_the_roles_that_messages_name_have_the_capability() -> None:
    conf = stanzas((PACKAGE / "default" / "authorize.conf").read_text(encoding="utf-8"))
    capabilities = {name.partition("::")[2] for name in conf if name.startswith("capability::")}
    assert set(ROLE_WITH) == capabilities
    for capability, role in ROLE_WITH.items():
        assert f"{capability} = enabled" in conf[f"role_{role}"], (capability, role)


def test_the_roles_that_messages_name_may_change_saved_searches() -> None:
    meta = stanzas((PACKAGE / "metadata" / "default.meta").read_text(encoding="utf-8"))
    (access,) = (line for line in meta["savedsearches"] if line.startswith("access"))
    assert f"write : [ {', '.join(KEEPERS)} ]" in access


def test_a_log_file_that_a_text_names_is_one_that_the_app_writes() -> None:
    code = [*(PACKAGE / "bin").rglob("*.py"), *(ROOT / "ui" / "src").rglob("*.ts*")]
    texts = [path.read_text(encoding="utf-8") for path in (*code, *(ROOT / "docs").glob("*.md"), ROOT / "README.md")]
    written = {f"{name}.log" for text in texts for name in re.findall(r'to_file\("(\w+)"', text)}
    named = {name for text in texts for name in re.findall(r"\bcloudtrail_responder\w*\.log\b", text)}
    assert written and sorted(named - written) == []
