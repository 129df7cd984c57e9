"""Pictures of the twelve kinds on varied backgrounds, with the class of every pixel."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from draw import Placement, fill
from kinds import KINDS, NAMES, Rng, hsv

OVERSAMPLING = 2
BACKGROUND = 0


@dataclass
class Scene:
    """pixels u8 [size, size, 3] RGB; mask u8 [size, size], 0 = background, k + 1 = NAMES[k]."""

    pixels: np.ndarray
    mask: np.ndarray
    kinds: list[int]


def soft_noise(rng: Rng, size: int, cells: int) -> np.ndarray:
    """Smooth random field, f32 [size, size], about -1..1."""
    coarse = rng.uniform(-1.0, 1.0, (cells, cells)).astype(np.float32)
    return np.asarray(Image.fromarray(coarse).resize((size, size), Image.Resampling.BICUBIC))


def background(rng: Rng, size: int) -> np.ndarray:
    """f32 [size, size, 3] in 0..255: a gradient, stripes, tiles, hills or clouds of calm colours."""
    calm = lambda: np.array(  # noqa: E731
        hsv(rng.random(), rng.uniform(0.05, 0.5), rng.uniform(0.3, 1.0)), np.float32
    )
    first, second = calm(), calm()
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    angle = rng.uniform(0.0, 2.0 * np.pi)
    along = (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle)
    kind = rng.integers(5)
    if kind == 0:
        blend = along + 0.5
    elif kind == 1:
        blend = 0.5 + 0.5 * np.sign(np.sin(along * rng.uniform(12.0, 40.0)))
        second = 0.75 * first + 0.25 * second
    elif kind == 2:
        tiles = rng.integers(4, 9)
        blend = ((np.floor(x * tiles) + np.floor(y * tiles)) % 2).astype(np.float32)
        second = 0.8 * first + 0.2 * second
    elif kind == 3:
        ridge = rng.uniform(0.45, 0.75) + 0.06 * np.sin(x * rng.uniform(3.0, 9.0) + angle)
        blend = (y > ridge).astype(np.float32)
        first = first + 40.0 * (y[..., None] - 0.5)
    else:
        blend = 0.5 + 0.5 * soft_noise(rng, size, int(rng.integers(3, 8)))
    blend = np.clip(blend, 0.0, 1.0)[..., None]
    grain = soft_noise(rng, size, 24)[..., None] * np.float32(rng.uniform(0.0, 10.0))
    return first * (1.0 - blend) + second * blend + grain


def place(rng: Rng, x: float, y: float, size: float) -> Placement:
    return Placement(
        x=x,
        y=y,
        size=size,
        angle=float(rng.uniform(-25.0, 25.0)),
        stretch=float(rng.uniform(0.85, 1.15)),
        mirrored=bool(rng.random() < 0.5),
    )


def single(rng: Rng, size: int, kind: int) -> Scene:
    """One object, large, somewhere near the middle."""
    half = size * rng.uniform(0.26, 0.42)
    free = size * 0.46 - half
    x, y = size / 2 + rng.uniform(-1, 1, 2) * free
    return compose(rng, size, [(kind, place(rng, x, y, half))])


def several(rng: Rng, size: int, kinds: list[int] | None = None) -> Scene:
    """One to four objects (or those asked for), each in a place of its own."""
    chosen = list(rng.integers(0, len(NAMES), rng.integers(1, 5))) if kinds is None else kinds
    cells = [(0.28, 0.28), (0.72, 0.28), (0.28, 0.72), (0.72, 0.72)]
    if len(chosen) == 1:
        cells = [(0.5, 0.5)]
    if len(chosen) == 2:
        cells = [[(0.28, 0.4), (0.72, 0.6)], [(0.28, 0.6), (0.72, 0.4)]][rng.integers(2)]
    largest = 0.42 if len(chosen) == 1 else 0.27
    objects = []
    for kind, cell in zip(chosen, rng.permutation(np.array(cells))):
        half = size * rng.uniform(0.6, 1.0) * largest
        x, y = size * cell + rng.uniform(-1, 1, 2) * size * 0.04
        objects.append((int(kind), place(rng, x, y, half)))
    return compose(rng, size, objects)


def compose(rng: Rng, size: int, objects: list[tuple[int, Placement]]) -> Scene:
    """Draws objects (centre and size in pixels of the result) with shadow, light and noise."""
    big = size * OVERSAMPLING
    canvas = Image.fromarray(np.clip(background(rng, size), 0, 255).astype(np.uint8))
    mask = Image.new("L", (big, big), BACKGROUND)
    layer = Image.new("RGBA", (big, big), (0, 0, 0, 0))
    for kind, where in objects:
        parts = KINDS[NAMES[kind]](rng)
        scaled = Placement(
            where.x * OVERSAMPLING,
            where.y * OVERSAMPLING,
            where.size * OVERSAMPLING,
            where.angle,
            where.stretch,
            where.mirrored,
        )
        fill(ImageDraw.Draw(layer), parts, scaled)
        fill(ImageDraw.Draw(mask), parts, scaled, colour=int(kind) + 1)
    layer = layer.reduce(OVERSAMPLING)
    canvas.paste((0, 0, 0), (0, 0), shadow(rng, layer, size))
    canvas.paste(layer, (0, 0), layer)
    pixels = np.asarray(canvas, dtype=np.float32)
    light = 1 + soft_noise(rng, size, 3)[..., None] * np.float32(rng.uniform(0.0, 0.18))
    noise = rng.standard_normal(pixels.shape, dtype=np.float32)
    pixels = pixels * light + noise * np.float32(rng.uniform(0.0, 7.0))
    return Scene(
        pixels=np.clip(np.rint(pixels), 0, 255).astype(np.uint8),
        mask=np.asarray(mask.resize((size, size), Image.Resampling.NEAREST)),
        kinds=[kind for kind, _ in objects],
    )


def shadow(rng: Rng, layer: Image.Image, size: int) -> Image.Image:
    """Opacity of the soft shadow below and beside the objects."""
    strength = rng.uniform(0.0, 0.45)
    alpha = layer.getchannel("A").point(lambda a: int(a * strength))
    moved = Image.new("L", (size, size), 0)
    moved.paste(alpha, (round(size * 0.015), round(size * 0.03)))
    return moved.filter(ImageFilter.GaussianBlur(size * 0.015))
