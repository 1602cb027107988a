"""Which module imports which, read from the source: at import time, inside functions, for type checkers, by name."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

#: Room -> the rooms it may import from, besides itself. A room is a package or a module with all that is below it and
#: has no row of its own.
Table = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, order=True)
class Arrow:
    importer: str
    imported: str

    def __str__(self) -> str:
        return f"{self.importer} -> {self.imported}"


class Graph:
    """The modules below ``roots`` (folder -> names in it to take, packages or modules), and the arrows between them."""

    def __init__(self, roots: Mapping[Path, tuple[str, ...]]) -> None:
        self._files: dict[str, Path] = {}
        for root, names in roots.items():
            for name in names:
                self._files.update(_modules(root, name))
        self._trees = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in self._files.items()}
        self.arrows = sorted(
            {
                Arrow(name, imported)
                for name, tree in self._trees.items()
                for imported in (*self._imported(name, ast.walk(tree)), *self._imported_by_name(name, tree))
                if imported != name
            }
        )

    @property
    def modules(self) -> list[str]:
        return sorted(self._files)

    def is_package(self, name: str) -> bool:
        return self._files[name].name == "__init__.py"

    # --- arrows -----------------------------------------------------------------------------------------------------

    def _imported(self, name: str, nodes: Iterator[ast.AST]) -> Iterator[str]:
        for node in nodes:
            for written, members in self._statements(name, node):
                for full in [f"{written}.{member}" for member in members] or [written]:
                    if found := self._known(full):
                        yield found

    def _statements(self, name: str, node: ast.AST) -> Iterator[tuple[str, list[str]]]:
        """(module as an absolute name, members taken from it) of an import statement."""
        if isinstance(node, ast.Import):
            yield from ((alias.name, []) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = self._package(name).split(".")
            base = base[: len(base) - node.level + 1] if node.level else []
            yield ".".join([*base, *(node.module or "").split(".")]).strip("."), [alias.name for alias in node.names]

    def _package(self, name: str) -> str:
        return name if self.is_package(name) else name.rpartition(".")[0]

    def _known(self, written: str) -> str:
        """The module that a dotted name leads to: itself, or the one that holds what it names; empty for others'."""
        while written and written not in self._files:
            written = written.rpartition(".")[0]
        return written

    def _imported_by_name(self, name: str, tree: ast.AST) -> Iterator[str]:
        """What importlib and pkgutil may load: modules named by a text, and those below a package's ``__path__``."""
        if not {"importlib", "pkgutil"} & set(self._outside_names(ast.walk(tree))):
            return
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in self._files:
                yield node.value
            elif isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant):
                prefix = str(node.values[0].value)
                yield from self._below(self._package(name) if prefix == "." else prefix.rstrip("."))
            elif isinstance(node, ast.Name) and node.id == "__path__":
                yield from self._below(self._package(name))
            elif isinstance(node, ast.Attribute) and node.attr == "__path__" and isinstance(node.value, ast.Name):
                for found in self._imported(name, ast.walk(tree)):
                    if found.rpartition(".")[2] == node.value.id:
                        yield from self._below(found)

    def _below(self, package: str) -> Iterator[str]:
        return (name for name in self._files if name.startswith(f"{package}."))

    # --- questions --------------------------------------------------------------------------------------------------

    def outside(self, name: str) -> set[str]:
        """Top-level names of other people's packages that a module imports when it is imported itself."""
        return set(self._outside_names(_at_import(self._trees[name])))

    def _outside_names(self, nodes: Iterator[ast.AST]) -> Iterator[str]:
        for node in nodes:
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names if not self._known(alias.name))
            elif isinstance(node, ast.ImportFrom) and not node.level and not self._known(node.module or ""):
                yield (node.module or "").partition(".")[0]

    def loaded_by(self, room: str) -> set[str]:
        """The modules that importing every module of a room loads, its own among them."""
        queue = [name for name in self._files if _within(name, room)]
        found: set[str] = set()
        while queue:
            name = queue.pop()
            if name not in found:
                found.add(name)
                queue += self._imported(name, _at_import(self._trees[name]))
                queue += [parent for parent in _parents(name) if parent in self._files]
        return found

    def circles(self) -> list[tuple[str, ...]]:
        """Modules that can reach each other, a group a circle (Tarjan's strongly connected components)."""
        following: dict[str, list[str]] = {name: [] for name in self._files}
        for arrow in self.arrows:
            following[arrow.importer].append(arrow.imported)
        return sorted(_components(following))

    def without_room(self, table: Table) -> list[str]:
        return [name for name in self.modules if not _room(name, table)]

    def forbidden(self, table: Table) -> list[Arrow]:
        """Arrows that no row allows. A package's ``__init__`` is its face and may import all that is below it."""
        return [arrow for arrow in self.arrows if not self._allowed(arrow, table)]

    def _allowed(self, arrow: Arrow, table: Table) -> bool:
        home, target = _room(arrow.importer, table), _room(arrow.imported, table)
        if self.is_package(arrow.importer) and _within(arrow.imported, arrow.importer):
            return True
        return home == target or target in table.get(home, ())


def _modules(root: Path, name: str) -> Iterator[tuple[str, Path]]:
    top = root / name
    for path in sorted(top.rglob("*.py")) if top.is_dir() else [top.with_suffix(".py")]:
        parts = path.relative_to(root).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def _within(name: str, room: str) -> bool:
    return name == room or name.startswith(f"{room}.")


def _room(name: str, table: Table) -> str:
    """The row that a module belongs to: the longest that it is within."""
    return max((room for room in table if _within(name, room)), key=len, default="")


def _parents(name: str) -> Iterator[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


def _at_import(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes that are run when a module is imported: not those in functions, nor those for type checkers."""
    queue = [tree]
    while queue:
        node = queue.pop()
        yield node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            queue += node.orelse
            continue
        queue += ast.iter_child_nodes(node)


def _components(following: Mapping[str, list[str]]) -> Iterator[tuple[str, ...]]:
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []

    def visit(name: str) -> Iterator[tuple[str, ...]]:
        number[name] = lowest[name] = len(number)
        stack.append(name)
        for other in following[name]:
            if other not in number:
                yield from visit(other)
                lowest[name] = min(lowest[name], lowest[other])
            elif other in stack:
                lowest[name] = min(lowest[name], number[other])
        if lowest[name] == number[name]:
            members = [stack.pop()]
            while members[-1] != name:
                members.append(stack.pop())
            if len(members) > 1:
                yield tuple(sorted(members))

    for name in following:
        if name not in number:
            yield from visit(name)
