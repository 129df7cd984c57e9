"""python -m unittest discover models/train: the pictures are what training and samples take them for."""

import unittest

import numpy as np

from data import nearest, stretch
from kinds import KINDS, NAMES
from scenes import BACKGROUND, several, single


def rng(seed: int = 3) -> np.random.Generator:
    return np.random.default_rng(seed)


class Scenes(unittest.TestCase):
    def test_same_seed_same_bytes(self) -> None:
        first, second, other = (several(rng(seed), 96) for seed in (3, 3, 4))
        np.testing.assert_array_equal(first.pixels, second.pixels)
        np.testing.assert_array_equal(first.mask, second.mask)
        self.assertTrue((first.pixels != other.pixels).any())

    def test_mask_has_the_background_and_the_kind(self) -> None:
        for kind in range(len(NAMES)):
            scene = single(rng(), 96, kind)
            self.assertEqual((scene.pixels.shape, scene.pixels.dtype), ((96, 96, 3), np.uint8))
            self.assertEqual(set(np.unique(scene.mask)), {BACKGROUND, kind + 1})
            covered = (scene.mask > 0).mean()
            self.assertTrue(0.03 < covered < 0.7, (NAMES[kind], covered))

    def test_object_is_where_the_mask_says(self) -> None:
        """Inside and outside differ in colour far more often than not."""
        differ = 0
        for seed in range(24):
            scene = single(rng(seed), 96, seed % len(NAMES))
            inside = scene.pixels[scene.mask > 0].mean(0)
            outside = scene.pixels[scene.mask == 0].mean(0)
            differ += np.abs(inside - outside).max() > 20
        self.assertGreaterEqual(differ, 20)

    def test_scenes_hold_what_was_asked_for(self) -> None:
        scene = several(rng(), 160, [0, 3, 5, 9])
        self.assertEqual(set(np.unique(scene.mask)), {BACKGROUND, 1, 4, 6, 10})

    def test_parts_fit_the_unit_square(self) -> None:
        for name, kind in KINDS.items():
            for seed in range(5):
                reach = max(np.abs(part.points).max() for part in kind(rng(seed)))
                self.assertLessEqual(reach, 1.01, name)


class Scaling(unittest.TestCase):
    def test_stretch_is_bilinear_at_pixel_centres(self) -> None:
        ramp = np.repeat(np.arange(0, 80, 10, dtype=np.uint8)[None, :, None], 3, 2)
        wide = stretch(np.repeat(ramp, 8, 0), 4)
        np.testing.assert_array_equal(wide[0, :, 0], [5, 25, 45, 65])

    def test_nearest_takes_the_class_under_the_centre(self) -> None:
        mask = np.arange(16, dtype=np.uint8).reshape(4, 4)
        np.testing.assert_array_equal(nearest(mask, 2), [[5, 7], [13, 15]])


if __name__ == "__main__":
    unittest.main()
