"""ucc-gen calls this between copying package/ and writing the OpenAPI file.

ucc-gen exits 0 after an exception and ignores an ImportError in here, so every failure becomes ``sys.exit``,
and the last act is a mark that tools/build.py looks for.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

#: The first import of every generated script, which puts lib/ on the path.
IMPORTED_FIRST = "bin/import_declare_test.py"
#: Generated for a file of a name that no tab of ours has.
STRAY = "README/cloudtrail_responder_account.conf.spec"


def cleanup_output_files(output_path: str, ta_name: str) -> None:
    """Prune lib/ unless it came pruned from the cache, and merge package_additions/ into the generated files."""
    try:
        from tools import HOOK_MARK
        from tools.alert_actions import alert_actions_conf, eventtypes_conf, let_people_type
        from tools.merge_conf import merge_into, merge_tree
        from tools.prune_lib import prune
        from tools.restmap import stanzas
        from tools.search_commands import commands_conf, default_meta, searchbnf_conf

        here, app = Path(__file__).resolve().parent, Path(output_path) / ta_name
        if (app / "lib" / "requirements.txt").exists():
            prune(app / "lib", here / "package" / "bin")
        merge_tree(here / "package_additions", app)
        sources = here / "package" / "bin"
        merge_into(app / "default" / "restmap.conf", stanzas(sources))
        merge_into(app / "default" / "alert_actions.conf", alert_actions_conf(sources))
        merge_into(app / "default" / "eventtypes.conf", eventtypes_conf(sources))
        merge_into(app / "default" / "commands.conf", commands_conf(sources))
        merge_into(app / "default" / "searchbnf.conf", searchbnf_conf(sources))
        merge_into(app / "metadata" / "default.meta", default_meta(sources))
        let_people_type(app)
        with (app / IMPORTED_FIRST).open("a", encoding="utf-8") as script:
            script.write("\nfrom responder import libraries\n\nlibraries.first_on_path()\n")
        (app / STRAY).unlink()
    except Exception as error:
        traceback.print_exc()
        sys.exit(f"additional_packaging.py: {error}")
    (Path(output_path) / HOOK_MARK).touch()
