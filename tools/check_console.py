"""``python -m tools.check_console`` lints the console's sources, checks their types and runs their unit tests."""

from __future__ import annotations

import subprocess
import sys

from tools import build, node

CHECKS = (
    ("eslint", ("node_modules/eslint/bin/eslint.js", "--max-warnings", "0", "src")),
    ("tsc", ("node_modules/typescript/bin/tsc", "--noEmit")),
    ("vitest", ("node_modules/vitest/vitest.mjs", "run")),
)


def main() -> int:
    """0 when every check passes; else 1, with what each says."""
    with build.lock():
        node.packages()
        binary = str(node.node())
    failed = []
    for name, (script, *arguments) in CHECKS:
        if subprocess.run([binary, script, *arguments], cwd=node.UI).returncode:
            failed.append(name)
    print(f"console: {', '.join(failed)} failed" if failed else "console: no problem found")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
