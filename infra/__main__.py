"""``python -m infra COMMAND``: every module of ``infra.cli`` is a command."""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.util
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
#: The commands run the app's own code: what they show is what the app does.
SOURCES = HERE.parent / "package" / "bin"


def main(argv: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if argv is None else argv
    sys.path.insert(0, str(SOURCES))
    parser = argparse.ArgumentParser(prog="python -m infra", description="The AWS side of CloudTrail Responder.")
    commands = parser.add_subparsers(dest="command", required=True)
    for path in sorted((HERE / "cli").glob("[a-z]*.py")):
        summary = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]
        command = commands.add_parser(path.stem, help=summary, description=summary)
        if arguments[:1] == [path.stem]:
            module = importlib.import_module(f"infra.cli.{path.stem}")
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    chosen = parser.parse_args(arguments)
    return int(chosen.run(chosen))


def _libraries_are_missing(error: ModuleNotFoundError) -> int:
    """2, and one line: somebody has run another Python than that of ``.venv``. Raises what is a fault of our own."""
    if importlib.util.find_spec((error.name or "").partition(".")[0] or "sys"):
        raise error
    print(
        f"This Python has no '{error.name}'. Run .venv/bin/python -m infra instead; "
        "./demo.sh and ./test.sh make .venv.",
        file=sys.stderr,
    )
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ModuleNotFoundError as error:
        sys.exit(_libraries_are_missing(error))
