"""Vector shapes as polygons: a picture and its class mask are filled from the same outlines.

Coordinates are in units of the object: x to the right, y down, the object fits [-1, 1] x [-1, 1].
"""

from dataclasses import dataclass

import numpy as np
from PIL import ImageDraw

Colour = tuple[int, int, int]


@dataclass
class Part:
    """One filled outline: points float64 [n, 2] in units of the object, colour 8-bit RGB."""

    points: np.ndarray
    colour: Colour


def polygon(*corners: tuple[float, float]) -> np.ndarray:
    return np.array(corners, dtype=np.float64)


def box(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return polygon((left, top), (right, top), (right, bottom), (left, bottom))


def ellipse(
    x: float, y: float, rx: float, ry: float, start: float = 0.0, end: float = 360.0
) -> np.ndarray:
    """Sector of an ellipse from start to end (degrees, clockwise, 0 = right), closed by its chord."""
    angles = np.radians(np.linspace(start, end, 48))
    return np.stack([x + rx * np.cos(angles), y + ry * np.sin(angles)], axis=1)


def ring(
    x: float, y: float, outer: float, inner: float, start: float = 0.0, end: float = 360.0
) -> np.ndarray:
    """Part of a circular band from start to end in degrees."""
    return np.concatenate(
        [ellipse(x, y, outer, outer, start, end), ellipse(x, y, inner, inner, start, end)[::-1]]
    )


def rounded(left: float, top: float, right: float, bottom: float, radius: float) -> np.ndarray:
    """Rectangle with round corners."""
    corners = [
        (right - radius, bottom - radius, 0),
        (left + radius, bottom - radius, 90),
        (left + radius, top + radius, 180),
        (right - radius, top + radius, 270),
    ]
    return np.concatenate([ellipse(x, y, radius, radius, a, a + 90) for x, y, a in corners])


def star(points: int, outer: float, inner: float) -> np.ndarray:
    angles = np.radians(np.arange(2 * points) * 180.0 / points - 90.0)
    radii = np.where(np.arange(2 * points) % 2 == 0, outer, inner)
    return np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)


def heart() -> np.ndarray:
    t = np.linspace(0.0, 2.0 * np.pi, 64, endpoint=False)
    x = np.sin(t) ** 3
    y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)) / 15.0
    return np.stack([x, y - 0.05], axis=1)


@dataclass
class Placement:
    """Where an object goes: centre and half size in pixels, rotation in degrees, x stretch."""

    x: float
    y: float
    size: float
    angle: float
    stretch: float
    mirrored: bool

    def apply(self, points: np.ndarray) -> list[tuple[float, float]]:
        turn = np.radians(self.angle)
        side = -1.0 if self.mirrored else 1.0
        x, y = points[:, 0] * self.stretch * side, points[:, 1]
        moved = np.stack(
            [
                self.x + self.size * (x * np.cos(turn) - y * np.sin(turn)),
                self.y + self.size * (x * np.sin(turn) + y * np.cos(turn)),
            ],
            axis=1,
        )
        return [(float(px), float(py)) for px, py in moved]


def fill(draw: ImageDraw.ImageDraw, parts: list[Part], place: Placement, colour=None) -> None:
    """Fills all parts, in their own colours or (masks) all in one."""
    for part in parts:
        draw.polygon(place.apply(part.points), fill=part.colour if colour is None else colour)
