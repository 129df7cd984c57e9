"""The segmenter that screens of apps are tested with: 21 classes of PASCAL VOC told apart by colour.

    python models/export/colours.py tests/matrix/screens/assets

Red pixels are CAT, blue ones DOG, the rest BACKGROUND; right with and without ImageNet's normalisation. Writes
colours.pte (input f32 [1, 3, 64, 64], output [1, 21, 64, 64]) and colours.png: a quarter red, half black, a quarter blue.
"""

import sys
from pathlib import Path

import torch
from lowering import lower
from PIL import Image
from torch import nn

BACKGROUND, CAT, DOG, CLASSES = 0, 8, 12, 21
SIDE, WIDTH, HEIGHT = 64, 96, 48


def segmenter() -> nn.Module:
    """One convolution: how much redder or bluer a pixel is than it is anything else."""
    layer = nn.Conv2d(3, CLASSES, kernel_size=1)
    with torch.no_grad():
        layer.weight.zero_()
        layer.bias.fill_(-9.0)
        layer.bias[[BACKGROUND, CAT, DOG]] = torch.tensor([0.5, 0.0, 0.0])
        layer.weight[CAT, :, 0, 0] = torch.tensor([1.0, -0.5, -0.5])
        layer.weight[DOG, :, 0, 0] = torch.tensor([-0.5, -0.5, 1.0])
    return layer.eval()


def main(folder: Path) -> None:
    inputs = (torch.zeros(1, 3, SIDE, SIDE),)
    program = torch.export.export(segmenter(), inputs, strict=True)
    (folder / "colours.pte").write_bytes(lower(program))
    picture = Image.new("RGB", (WIDTH, HEIGHT))
    quarter = WIDTH // 4
    picture.paste((255, 0, 0), (0, 0, quarter, HEIGHT))
    picture.paste((0, 0, 255), (3 * quarter, 0, WIDTH, HEIGHT))
    picture.save(folder / "colours.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
