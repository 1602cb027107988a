"""``python -m workbench COMMAND``: every module of ``workbench.cli`` is a command.

With ``--parse-only`` before it, its arguments are read and checked (``check`` of its module) and it is not run.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.util
import sys
from pathlib import Path

from workbench import garbage

COMMANDS = Path(__file__).parent / "cli"
#: What a command does, and what is wrong with its arguments.
_RUN, _PROBLEM = ".run", ".problem"


def main(argv: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if argv is None else argv
    is_run = arguments[:1] != ["--parse-only"]
    arguments = arguments if is_run else arguments[1:]
    parser = argparse.ArgumentParser(prog="python -m workbench", description="Detections as code.")
    commands = parser.add_subparsers(dest="command", required=True)
    for path in sorted(COMMANDS.glob("[a-z]*.py")):
        # Only the chosen command is imported: the build has none of the libraries that the others need.
        summary = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]
        command = commands.add_parser(path.stem, help=summary, description=summary)
        if arguments[:1] == [path.stem]:
            module = importlib.import_module(f"workbench.cli.{path.stem}")
            module.add_arguments(command)
            # Names that no option of a command has: compile has --check.
            command.set_defaults(**{_RUN: module.run, _PROBLEM: getattr(module, "check", lambda _: "")})
    chosen = parser.parse_args(arguments)
    problem = getattr(chosen, _PROBLEM)(chosen)
    if problem:
        print(problem, file=sys.stderr)
        return 2
    return int(getattr(chosen, _RUN)(chosen)) if is_run else 0


def _libraries_are_missing(error: ModuleNotFoundError) -> int:
    """2, and one line: somebody has run another Python than that of ``.venv``. Raises what is a fault of our own."""
    if importlib.util.find_spec((error.name or "").partition(".")[0] or "sys"):
        raise error
    print(
        f"This Python has no '{error.name}'. Run .venv/bin/python -m workbench instead; "
        "./demo.sh and ./test.sh make .venv.",
        file=sys.stderr,
    )
    return 2


if __name__ == "__main__":
    garbage.seldom()
    try:
        sys.exit(main())
    except ModuleNotFoundError as error:
        sys.exit(_libraries_are_missing(error))
