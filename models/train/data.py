"""Data sets of procedural pictures, kept in a cache folder: the same seed gives the same bytes."""

import os
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from kinds import NAMES
from scenes import several, single

CACHE = Path(os.environ.get("EW_MODELS_CACHE", Path.home() / ".cache/executorch-web/models"))
SIZES = (96, 112, 144, 176)


def stretch(pixels: np.ndarray, size: int) -> np.ndarray:
    """Bilinear, not antialiased, rounded: what executorch-web does to a picture; u8 [H, W, 3]."""
    tensor = torch.from_numpy(pixels.astype(np.float32)).permute(2, 0, 1)[None]
    small = functional.interpolate(tensor, size=(size, size), mode="bilinear", align_corners=False)
    return small[0].permute(1, 2, 0).round().clamp(0, 255).to(torch.uint8).numpy()


def nearest(mask: np.ndarray, size: int) -> np.ndarray:
    """Class of the pixel under the centre of each of size x size cells."""
    pick = ((np.arange(size) + 0.5) * mask.shape[0] / size).astype(int)
    return mask[pick][:, pick]


def singles(count: int, size: int, seed: int) -> tuple[Tensor, Tensor]:
    """Pictures u8 [count, 3, size, size] of one object and its class i64 [count], balanced."""
    return _cached(f"singles-{count}-{size}-{seed}", lambda: _make_singles(count, size, seed))


def _make_singles(count: int, size: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % len(NAMES)
    pictures = [stretch(single(rng, int(rng.choice(SIZES)), k).pixels, size) for k in labels]
    return np.stack(pictures).transpose(0, 3, 1, 2), labels


def groups(count: int, size: int, seed: int) -> tuple[Tensor, Tensor]:
    """Pictures u8 [count, 3, size, size] of 1-4 objects and the class of each pixel, i64."""
    return _cached(f"groups-{count}-{size}-{seed}", lambda: _make_groups(count, size, seed))


def _make_groups(count: int, size: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    pictures, masks = [], []
    for _ in range(count):
        scene = several(rng, int(rng.choice(SIZES)))
        pictures.append(stretch(scene.pixels, size))
        masks.append(nearest(scene.mask, size))
    return np.stack(pictures).transpose(0, 3, 1, 2), np.stack(masks)


def _cached(name: str, make) -> tuple[Tensor, Tensor]:
    path = CACHE / f"{name}.npz"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        inputs, targets = make()
        np.savez(path, inputs=inputs, targets=targets.astype(np.uint8))
    with np.load(path) as stored:
        return torch.from_numpy(stored["inputs"]), torch.from_numpy(stored["targets"]).long()


def augment(pixels: Tensor, masks: Tensor | None, generator: torch.Generator) -> tuple[Tensor, Tensor | None]:
    """Mirrors, swaps the colour channels and changes the light, per picture; f32 in 0..1 out."""
    count = pixels.shape[0]
    x = pixels.float() / 255.0
    flip = torch.rand(count, generator=generator) < 0.5
    x = torch.where(flip.view(-1, 1, 1, 1), x.flip(3), x)
    if masks is not None:
        masks = torch.where(flip.view(-1, 1, 1), masks.flip(2), masks)
    order = torch.argsort(torch.rand(count, 3, generator=generator), dim=1)
    keep = torch.rand(count, generator=generator) < 0.5
    order = torch.where(keep.view(-1, 1), torch.arange(3).expand(count, 3), order)
    x = torch.gather(x, 1, order.view(count, 3, 1, 1).expand_as(x))
    gain = 1.0 + 0.3 * (torch.rand(count, 1, 1, 1, generator=generator) - 0.5)
    shift = 0.2 * (torch.rand(count, 1, 1, 1, generator=generator) - 0.5)
    return (x * gain + shift).clamp(0.0, 1.0), masks
