"""Writes models/builtin/samples: pictures that no model was trained on, and what is in them.

    python models/train/samples.py
"""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from kinds import NAMES
from scenes import Scene, several, single

FOLDER = Path(__file__).parents[1] / "builtin/samples"
SIZE = 320
SEED = 2024
SCENES = [["boat", "balloon"], ["house", "tree", "car", "flower"], ["fish", "star", "umbrella"], ["mushroom", "cup", "heart", "tree"]]


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    entries = []
    for kind, name in enumerate(NAMES):
        for number in (1, 2):
            entries.append(save(f"{name}-{number}.jpg", single(rng, SIZE, kind)))
    for number, names in enumerate(SCENES, 1):
        kinds = [NAMES.index(name) for name in names]
        entries.append(save(f"scene-{number}.jpg", several(rng, SIZE, kinds)))
    (FOLDER / "samples.json").write_text(json.dumps(entries, indent=2) + "\n")


def save(file: str, scene: Scene) -> dict:
    Image.fromarray(scene.pixels).save(FOLDER / file, quality=88)
    return {"file": file, "kinds": [NAMES[kind] for kind in scene.kinds]}


if __name__ == "__main__":
    main()
