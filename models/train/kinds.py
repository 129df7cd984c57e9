"""The twelve kinds of object: each function draws one example in colours of its own choice."""

from collections.abc import Callable

import numpy as np

from draw import Colour, Part, box, ellipse, heart, polygon, ring, rounded, star

Rng = np.random.Generator


def vivid(rng: Rng, hue: float | None = None) -> Colour:
    """A saturated colour; hue 0..1, any when not given."""
    return hsv(rng.random() if hue is None else hue, rng.uniform(0.6, 0.95), rng.uniform(0.65, 1.0))


def hsv(hue: float, saturation: float, value: float) -> Colour:
    channel = [(n + hue * 6.0) % 6.0 for n in (5, 3, 1)]
    r, g, b = (
        value - value * saturation * max(0.0, min(k, 4.0 - k, 1.0)) for k in channel
    )
    return round(r * 255), round(g * 255), round(b * 255)


def shade(colour: Colour, factor: float) -> Colour:
    r, g, b = (int(min(255, max(0, round(c * factor)))) for c in colour)
    return r, g, b


def wood(rng: Rng) -> Colour:
    return hsv(rng.uniform(0.05, 0.09), rng.uniform(0.5, 0.75), rng.uniform(0.35, 0.6))


def green(rng: Rng) -> Colour:
    return hsv(rng.uniform(0.24, 0.42), rng.uniform(0.55, 0.9), rng.uniform(0.4, 0.75))


def pale(rng: Rng) -> Colour:
    return hsv(rng.random(), rng.uniform(0.0, 0.2), rng.uniform(0.85, 1.0))


def balloon(rng: Rng) -> list[Part]:
    colour = vivid(rng)
    return [
        Part(polygon((-0.02, 0.4), (0.03, 0.4), (0.08, 0.7), (0.02, 1.0), (-0.03, 1.0), (0.02, 0.7)), pale(rng)),
        Part(polygon((0, 0.36), (0.12, 0.52), (-0.12, 0.52)), shade(colour, 0.75)),
        Part(ellipse(0, -0.28, 0.6, 0.7), colour),
        Part(ellipse(-0.22, -0.52, 0.14, 0.2), shade(colour, 1.5)),
    ]


def boat(rng: Rng) -> list[Part]:
    hull, sail = vivid(rng), pale(rng)
    reach = rng.uniform(0.6, 0.8)
    return [
        Part(box(-0.04, -0.95, 0.04, 0.45), wood(rng)),
        Part(polygon((0.08, -0.9), (reach, 0.3), (0.08, 0.3)), sail),
        Part(polygon((-0.08, -0.75), (-0.08, 0.3), (-reach * 0.8, 0.3)), shade(sail, 0.85)),
        Part(polygon((-0.95, 0.4), (0.95, 0.4), (0.6, 0.85), (-0.65, 0.85)), hull),
        Part(polygon((-0.95, 0.4), (0.95, 0.4), (0.9, 0.5), (-0.88, 0.5)), shade(hull, 0.7)),
    ]


def car(rng: Rng) -> list[Part]:
    body, glass = vivid(rng), hsv(rng.uniform(0.5, 0.62), 0.3, 0.95)
    roof = rng.uniform(-0.55, -0.42)
    parts = [
        Part(polygon((-0.55, 0.0), (-0.3, roof), (0.32, roof), (0.62, 0.0)), body),
        Part(polygon((-0.42, -0.02), (-0.25, roof + 0.09), (-0.02, roof + 0.09), (-0.02, -0.02)), glass),
        Part(polygon((0.06, -0.02), (0.06, roof + 0.09), (0.28, roof + 0.09), (0.48, -0.02)), glass),
        Part(rounded(-0.95, -0.04, 0.95, 0.4, 0.14), body),
        Part(box(-0.94, 0.22, 0.94, 0.3), shade(body, 0.75)),
        Part(ellipse(0.86, 0.1, 0.08, 0.08), (255, 240, 170)),
    ]
    for x in (-0.52, 0.52):
        parts += [
            Part(ellipse(x, 0.4, 0.24, 0.24), (35, 35, 40)),
            Part(ellipse(x, 0.4, 0.11, 0.11), (200, 200, 205)),
        ]
    return parts


def cup(rng: Rng) -> list[Part]:
    colour = vivid(rng) if rng.random() < 0.7 else pale(rng)
    return [
        Part(ring(0.5, 0.05, 0.42, 0.24, -90, 90), shade(colour, 0.85)),
        Part(polygon((-0.62, -0.5), (0.58, -0.5), (0.46, 0.75), (-0.5, 0.75)), colour),
        Part(ellipse(-0.02, -0.5, 0.6, 0.16), shade(colour, 0.7)),
        Part(ellipse(-0.02, -0.47, 0.5, 0.1), hsv(0.07, 0.7, 0.35)),
        Part(polygon((-0.54, 0.15), (0.52, 0.15), (0.5, 0.35), (-0.52, 0.35)), shade(colour, 1.3)),
    ]


def fish(rng: Rng) -> list[Part]:
    colour = vivid(rng)
    fin = shade(colour, 0.7)
    parts = [
        Part(polygon((-0.45, 0), (-0.98, -0.48), (-0.82, 0), (-0.98, 0.48)), fin),
        Part(polygon((-0.2, -0.3), (0.1, -0.72), (0.4, -0.28)), fin),
        Part(ellipse(0.18, 0, 0.78, 0.45), colour),
        Part(polygon((0.0, 0.1), (0.3, 0.12), (0.0, 0.36)), fin),
        Part(ellipse(0.62, -0.1, 0.11, 0.11), (250, 250, 250)),
        Part(ellipse(0.65, -0.1, 0.055, 0.055), (20, 20, 25)),
    ]
    if rng.random() < 0.6:
        stripe = shade(colour, 1.45)
        parts[3:3] = [Part(ellipse(x, 0, 0.05, 0.33), stripe) for x in (-0.1, 0.12, 0.34)]
    return parts


def flower(rng: Rng) -> list[Part]:
    petal, stem = vivid(rng), green(rng)
    count = int(rng.integers(5, 9))
    parts = [
        Part(box(-0.05, -0.1, 0.05, 1.0), stem),
        Part(polygon((0, 0.75), (0.42, 0.42), (0.4, 0.66), (0.05, 0.88)), stem),
    ]
    for angle in np.arange(count) * 2.0 * np.pi / count:
        x, y = 0.34 * np.cos(angle), -0.38 + 0.34 * np.sin(angle)
        parts.append(Part(ellipse(x, y, 0.23, 0.23), petal))
    heartwood = hsv(rng.uniform(0.1, 0.15), 0.85, 0.95)
    return [*parts, Part(ellipse(0, -0.38, 0.2, 0.2), heartwood)]


def heart_shape(rng: Rng) -> list[Part]:
    colour = vivid(rng)
    return [Part(heart() * 0.92, colour), Part(ellipse(-0.42, -0.38, 0.16, 0.12), shade(colour, 1.5))]


def house(rng: Rng) -> list[Part]:
    wall, roof = pale(rng) if rng.random() < 0.5 else vivid(rng), vivid(rng)
    window = hsv(rng.uniform(0.12, 0.16), 0.5, 1.0)
    return [
        Part(box(0.35, -0.8, 0.55, -0.2), shade(roof, 0.6)),
        Part(box(-0.7, -0.15, 0.7, 0.85), wall),
        Part(polygon((-0.95, -0.1), (0, -0.9), (0.95, -0.1)), roof),
        Part(box(-0.15, 0.3, 0.2, 0.85), wood(rng)),
        Part(box(-0.55, 0.1, -0.25, 0.42), window),
        Part(box(0.32, 0.1, 0.6, 0.42), window),
    ]


def mushroom(rng: Rng) -> list[Part]:
    cap, stalk = vivid(rng), pale(rng)
    spot = pale(rng)
    return [
        Part(polygon((-0.22, 0.0), (0.22, 0.0), (0.34, 0.9), (-0.34, 0.9)), shade(stalk, 0.95)),
        Part(ellipse(0, 0.05, 0.9, 0.92, 180, 360), cap),
        Part(ellipse(0, 0.06, 0.9, 0.14), shade(cap, 0.72)),
        Part(ellipse(-0.42, -0.3, 0.17, 0.15), spot),
        Part(ellipse(0.1, -0.52, 0.19, 0.16), spot),
        Part(ellipse(0.5, -0.25, 0.13, 0.12), spot),
    ]


def star_shape(rng: Rng) -> list[Part]:
    colour = vivid(rng)
    return [Part(star(5, 1.0, 0.44), colour), Part(star(5, 0.6, 0.26), shade(colour, 1.3))]


def tree(rng: Rng) -> list[Part]:
    leaf, trunk = green(rng), wood(rng)
    if rng.random() < 0.4:  # in autumn
        leaf = hsv(rng.uniform(0.02, 0.14), 0.85, 0.85)
    parts = [Part(box(-0.13, 0.2, 0.13, 0.98), trunk)]
    if rng.random() < 0.5:
        tiers = ((-0.95, -0.2, 0.42), (-0.6, 0.2, 0.58), (-0.2, 0.62, 0.74))
        return parts + [
            Part(polygon((0, top), (width, bottom), (-width, bottom)), shade(leaf, 0.85 + 0.1 * i))
            for i, (top, bottom, width) in reversed(list(enumerate(tiers)))
        ]
    crown = ((-0.38, 0.0, 0.42), (0.38, 0.0, 0.42), (0.0, -0.48, 0.48), (0.0, -0.05, 0.5))
    return parts + [
        Part(ellipse(x, y, r, r), shade(leaf, 0.9 + 0.08 * i)) for i, (x, y, r) in enumerate(crown)
    ]


def umbrella(rng: Rng) -> list[Part]:
    first, second = vivid(rng), vivid(rng)
    handle = wood(rng)
    parts = [
        Part(box(-0.04, -0.9, 0.04, 0.75), handle),
        Part(ring(0.15, 0.75, 0.19, 0.11, 0, 180), handle),
    ]
    edges = np.linspace(180.0, 360.0, 7)
    for i in range(6):
        wedge = np.concatenate([[[0.0, -0.02]], ellipse(0, 0, 0.95, 0.85, edges[i], edges[i + 1])])
        parts.append(Part(wedge, first if i % 2 == 0 else second))
    return parts


KINDS: dict[str, Callable[[Rng], list[Part]]] = {
    "balloon": balloon,
    "boat": boat,
    "car": car,
    "cup": cup,
    "fish": fish,
    "flower": flower,
    "heart": heart_shape,
    "house": house,
    "mushroom": mushroom,
    "star": star_shape,
    "tree": tree,
    "umbrella": umbrella,
}
NAMES = list(KINDS)
