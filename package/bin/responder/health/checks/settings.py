"""Can the General and the Safety tab be read? A list that cannot stops every action."""

from __future__ import annotations

from collections.abc import Iterable

from ..line import Check, Line, amber, green
from ..surroundings import Surroundings


def look(about: Surroundings) -> Iterable[Line]:
    safety, general = about.config.safety, about.config.general
    if safety.kill_switch:
        yield amber(
            "The kill switch is on: nothing is changed in AWS.",
            "An administrator allows changes again: | respondkillswitch state=off",
        )
    ceiling = safety.mode_ceiling or safety.default_mode
    yield green(f"Settings are readable. Default mode: {safety.default_mode}; highest mode: {ceiling}.")
    if not general.splunk_web_url:
        yield amber(
            "No Splunk Web URL is set, so tickets and messages have no links to Splunk.", "Enter it on the General tab."
        )


CHECK = Check("Settings", 20, look)
