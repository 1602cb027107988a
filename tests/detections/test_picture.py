"""The picture in the index of detections: one box a detection, in its family's row and its severity's color."""

from __future__ import annotations

import dataclasses
import xml.etree.ElementTree as ElementTree
from collections import Counter

from detection_samples import DETECTIONS

from workbench.detections.picture import COLORS, picture

SVG = "{http://www.w3.org/2000/svg}"


def boxes(text: str) -> list[ElementTree.Element]:
    return [box for box in ElementTree.fromstring(text).iter(f"{SVG}rect") if box.find(f"{SVG}title") is not None]


def test_every_detection_has_a_box_of_its_severity():
    drawn = Counter((box.findtext(f"{SVG}title"), box.get("fill")) for box in boxes(picture(DETECTIONS)))
    assert drawn == Counter((detection.title, COLORS[detection.severity]) for detection in DETECTIONS)


def test_the_boxes_of_a_family_stand_in_one_row_side_by_side_and_inside_the_picture():
    made = boxes(picture(DETECTIONS))
    places = {(box.get("x"), box.get("y")) for box in made}
    assert len(places) == len(made)
    assert len({box.get("y") for box in made}) == len({detection.family for detection in DETECTIONS})
    assert max(float(str(box.get("x"))) + float(str(box.get("width"))) for box in made) < 900


def test_what_a_title_says_is_text():
    odd = dataclasses.replace(DETECTIONS[0], title="<b>&")
    assert [box.findtext(f"{SVG}title") for box in boxes(picture([odd]))] == ["<b>&"]
