"""Draws the app's icons as PNG: ``python -m tools.icons``. The pictures are committed; run it after a change here."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Callable

Shape = Callable[[float, float], bool]
Layer = tuple[Shape, tuple[int, int, int]]

NAVY, WHITE, AMBER, GREEN = (21, 48, 84), (255, 255, 255), (240, 160, 32), (38, 148, 104)
#: Samples a pixel and direction: edges come out smooth.
SAMPLES = 4
PACKAGE = Path(__file__).resolve().parent.parent / "package"


def disc(x0: float, y0: float, r: float) -> Shape:
    return lambda x, y: (x - x0) ** 2 + (y - y0) ** 2 <= r * r


def box(x0: float, y0: float, x1: float, y1: float, r: float = 0.0) -> Shape:
    """A rectangle with corners of radius ``r``."""

    def inside(x: float, y: float) -> bool:
        if not (x0 <= x <= x1 and y0 <= y <= y1):
            return False
        dx, dy = max(x0 + r - x, x - x1 + r, 0.0), max(y0 + r - y, y - y1 + r, 0.0)
        return dx * dx + dy * dy <= r * r if dx and dy else True

    return inside


def line(x0: float, y0: float, x1: float, y1: float, width: float) -> Shape:
    """A stroke with round ends."""
    length = (x1 - x0) ** 2 + (y1 - y0) ** 2

    def inside(x: float, y: float) -> bool:
        t = min(1.0, max(0.0, ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length))
        return (x - x0 - t * (x1 - x0)) ** 2 + (y - y0 - t * (y1 - y0)) ** 2 <= width * width / 4

    return inside


def union(*shapes: Shape) -> Shape:
    return lambda x, y: any(shape(x, y) for shape in shapes)


def shield(x0: float, top: float, half: float) -> Shape:
    def inside(x: float, y: float) -> bool:
        v = (y - top) / (half * 2.4)
        return 0 <= v <= 1 and abs(x - x0) <= half * (1.0 if v < 0.45 else max(0.0, 1 - ((v - 0.45) / 0.55) ** 2))

    return inside


CLOUD = union(disc(0.33, 0.46, 0.15), disc(0.53, 0.38, 0.20), disc(0.70, 0.48, 0.13), box(0.19, 0.45, 0.83, 0.61, 0.08))
CHECK = union(line(0.42, 0.66, 0.49, 0.74, 0.07), line(0.49, 0.74, 0.62, 0.57, 0.07))
PLATE: Layer = (box(0.0, 0.0, 1.0, 1.0, 0.18), NAVY)
APP: list[Layer] = [
    PLATE,
    (CLOUD, WHITE),
    (shield(0.52, 0.45, 0.20), NAVY),
    (shield(0.52, 0.48, 0.165), AMBER),
    (CHECK, WHITE),
]
TICKET: list[Layer] = [
    PLATE,
    (box(0.16, 0.28, 0.84, 0.72, 0.06), WHITE),
    (union(disc(0.16, 0.5, 0.09), disc(0.84, 0.5, 0.09)), NAVY),
    (union(line(0.36, 0.42, 0.64, 0.42, 0.06), line(0.36, 0.58, 0.56, 0.58, 0.06)), AMBER),
]
REMEDY: list[Layer] = [
    PLATE,
    (shield(0.5, 0.16, 0.30), WHITE),
    (union(line(0.36, 0.46, 0.46, 0.57, 0.09), line(0.46, 0.57, 0.65, 0.34, 0.09)), GREEN),
]
MESSAGE: list[Layer] = [
    PLATE,
    (
        union(
            box(0.16, 0.22, 0.84, 0.66, 0.12), line(0.32, 0.62, 0.28, 0.80, 0.12), line(0.28, 0.80, 0.46, 0.62, 0.12)
        ),
        WHITE,
    ),
    (union(disc(0.34, 0.44, 0.06), disc(0.50, 0.44, 0.06), disc(0.66, 0.44, 0.06)), AMBER),
]
#: What goes out of a box.
OUTLET: list[Layer] = [
    PLATE,
    (box(0.18, 0.34, 0.52, 0.66, 0.06), WHITE),
    (union(box(0.52, 0.46, 0.74, 0.54), disc(0.76, 0.5, 0.11)), AMBER),
]
#: A bell.
BELL: list[Layer] = [
    PLATE,
    (union(disc(0.5, 0.40, 0.19), box(0.31, 0.40, 0.69, 0.64), box(0.22, 0.60, 0.78, 0.70, 0.05)), WHITE),
    (disc(0.5, 0.76, 0.07), AMBER),
]
ICONS: dict[str, tuple[list[Layer], int]] = {
    "static/appIcon.png": (APP, 36),
    "static/appIcon_2x.png": (APP, 72),
    "static/appIconAlt.png": (APP, 36),
    "static/appIconAlt_2x.png": (APP, 72),
    "appserver/static/responder_create_ticket.png": (TICKET, 48),
    "appserver/static/responder_remediate.png": (REMEDY, 48),
    "appserver/static/responder_notify_slack.png": (MESSAGE, 48),
    "appserver/static/responder_notify.png": (BELL, 48),
    "appserver/static/responder_dispatch.png": (OUTLET, 48),
}


def render(layers: list[Layer], size: int) -> bytes:
    """A PNG of ``size`` by ``size`` pixels, RGBA; the layers lie in a unit square, later ones on top."""
    rows = []
    for row in range(size):
        pixels = bytearray([0])
        for column in range(size):
            pixels += _pixel(layers, column, row, size)
        rows.append(bytes(pixels))
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _pixel(layers: list[Layer], column: int, row: int, size: int) -> bytes:
    total, covered = [0, 0, 0], 0
    for i in range(SAMPLES * SAMPLES):
        x = (column + (i % SAMPLES + 0.5) / SAMPLES) / size
        y = (row + (i // SAMPLES + 0.5) / SAMPLES) / size
        hit = [color for shape, color in layers if shape(x, y)]
        if hit and PLATE[0](x, y):
            covered += 1
            total = [a + b for a, b in zip(total, hit[-1], strict=True)]
    if not covered:
        return bytes(4)
    return bytes([*(value // covered for value in total), covered * 255 // SAMPLES**2])


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def main() -> None:
    for name, (layers, size) in ICONS.items():
        target = PACKAGE / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(render(layers, size))


if __name__ == "__main__":
    main()
