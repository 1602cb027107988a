"""Which detections are on, and are their baselines on with them?"""

from __future__ import annotations

from collections.abc import Iterable

from ...findings.renamed import BASELINE
from ..line import Check, Line, amber, green, name, red, some
from ..surroundings import Surroundings


def look(about: Surroundings) -> Iterable[Line]:
    detections = about.detections
    on = [detection for detection in detections if detection.is_on]
    if not detections:
        yield red("The app's detections are not there.", "Install the app again.")
        return
    said = f"{len(on)} of {len(detections)} detections are on."
    yield green(said) if on else red(said, "Turn on those you want on the page Detections.")
    silent = [name(detection.title) for detection in on if not detection.actions]
    if silent:
        yield amber(
            f"{len(silent)} of them have no action of the app: {some(silent)}.",
            "Choose a response for them on the page Detections.",
        )
    baselines = {search.name[len(BASELINE) :]: search.is_on for search in about.searches if search.is_baseline}
    alone = [name(detection.title) for detection in on if baselines.get(detection.title) is False]
    if alone:
        yield amber(
            f"On without their baseline search: {some(alone)}. Those of new activity stay quiet.",
            "Switch them on again on the page Detections: that switches on their baselines as well.",
        )


CHECK = Check("Detections", 16, look)
