"""Writes models/builtin: .pte files in fp32 and int8 with side files, from the weights that train.py made.

    python models/train/export_builtin.py [classifier|segmenter|embedder …]

The figures in the side files are those of the .pte itself in ExecuTorch's runtime, on held-out pictures.
"""

import hashlib
import json
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "export"))
import lowering  # noqa: E402

import data  # noqa: E402
import train  # noqa: E402
from kinds import NAMES  # noqa: E402

BUILTIN = Path(__file__).parents[1] / "builtin"
LIMIT = 300_000
CALIBRATION = 96
TITLES = {
    "classifier": ("classification", "Twelve kinds of object"),
    "segmenter": ("segmentation", "Twelve kinds of object and the background"),
    "embedder": ("embeddings", "Twelve kinds of object, unit vectors"),
}


def main() -> None:
    torch.set_num_threads(2)
    for task in sys.argv[1:] or TITLES:
        model = train.build(task).eval()
        model.load_state_dict(torch.load(data.CACHE / f"{task}.pt"))
        sample = (torch.rand(1, 3, train.SIZES[task], train.SIZES[task]),)
        write(task, "fp32", lowering.to_pte(model, sample))
        pictures = train.training_set(task)[0][:CALIBRATION]
        calibration = [(x.float() / 255.0,) for x in pictures.split(1)]
        quantised = lowering.quantise_static(model, sample, calibration)
        write(task, "int8", lowering.to_pte(quantised, sample))


def write(task: str, precision: str, pte: bytes) -> None:
    if len(pte) > LIMIT:
        raise SystemExit(f"{task} {precision}: {len(pte)} bytes, more than {LIMIT}")
    run = lowering.run_pte(pte)
    inputs, targets = train.held_out_set(task)
    figures = train.evaluate(task, lambda x: run(x)[0], inputs, targets)
    name, title = TITLES[task]
    size = train.SIZES[task]
    shape = list(run(torch.zeros(1, 3, size, size))[0].shape)
    labels = {"classifier": NAMES, "segmenter": ["background", *NAMES], "embedder": None}[task]
    side = {
        "file": f"{task}_{precision}.pte",
        "title": title,
        "task": name,
        "precision": precision,
        "size": len(pte),
        "sha256": hashlib.sha256(pte).hexdigest(),
        "input": {"type": "f32", "sizes": [1, 3, size, size], "colours": "RGB", "range": [0, 1]},
        "output": {"type": "f32", "sizes": shape},
        **({"labels": labels} if labels else {}),
        "heldOut": len(inputs),
        "accuracy": {key: round(value, 5) for key, value in figures.items()},
        "licence": "MIT",
    }
    BUILTIN.mkdir(exist_ok=True)
    (BUILTIN / side["file"]).write_bytes(pte)
    (BUILTIN / f"{task}_{precision}.json").write_text(json.dumps(side, indent=2) + "\n")
    print(side["file"], len(pte), side["accuracy"], flush=True)


if __name__ == "__main__":
    main()
