"""Three small convolutional nets. Each takes f32 [N, 3, H, W] RGB in 0..1 and normalises it itself."""

import torch
from torch import Tensor, nn
from torch.nn import functional

MEAN, STD = (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)


class Normalise(nn.Module):
    """(x - mean) / std per channel, so that callers hand over pixels / 255."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1))

    def forward(self, pixels: Tensor) -> Tensor:
        return (pixels - self.mean) / self.std


def conv(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1, dilation: int = 1):
    padding = dilation * (kernel // 2)
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, padding, dilation, groups, bias=False),
        nn.BatchNorm2d(outputs),
    )


class Separable(nn.Module):
    """Depthwise 3x3 and pointwise convolution; with a shortcut where the shape stays."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1, dilation: int = 1) -> None:
        super().__init__()
        self.depthwise = conv(inputs, inputs, 3, stride, groups=inputs, dilation=dilation)
        self.pointwise = conv(inputs, outputs, 1)
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = self.pointwise(functional.relu(self.depthwise(x)))
        return functional.relu(x + y if self.shortcut else y)


def trunk(widths: tuple[int, ...]) -> nn.Sequential:
    """Stem and one stage per width, each stage halves the picture: 1 / 2^len(widths) in all."""
    stages: list[nn.Module] = [conv(3, widths[0], 3, stride=2), nn.ReLU()]
    for inputs, outputs in zip(widths, widths[1:]):
        stages += [Separable(inputs, outputs, stride=2), Separable(outputs, outputs)]
    return nn.Sequential(*stages)


class Classifier(nn.Module):
    """Logits [N, classes]."""

    def __init__(self, classes: int, widths: tuple[int, ...] = (16, 32, 64, 96)) -> None:
        super().__init__()
        self.normalise = Normalise()
        self.trunk = trunk(widths)
        self.head = nn.Linear(widths[-1], classes)

    def forward(self, pixels: Tensor) -> Tensor:
        x = self.trunk(self.normalise(pixels))
        return self.head(functional.adaptive_avg_pool2d(x, 1).flatten(1))


class Embedder(nn.Module):
    """Unit vectors [N, size]: the L2 norm is taken inside the graph."""

    def __init__(self, size: int, widths: tuple[int, ...] = (16, 32, 64, 96)) -> None:
        super().__init__()
        self.normalise = Normalise()
        self.trunk = trunk(widths)
        self.project = nn.Linear(widths[-1], size)

    def forward(self, pixels: Tensor) -> Tensor:
        x = self.trunk(self.normalise(pixels))
        x = self.project(functional.adaptive_avg_pool2d(x, 1).flatten(1))
        return x / x.norm(dim=1, keepdim=True)


class Segmenter(nn.Module):
    """Logits [N, classes, H, W] at the size of the input; coarse context joined with finer edges."""

    def __init__(self, classes: int, widths: tuple[int, ...] = (16, 32, 64, 96)) -> None:
        super().__init__()
        self.normalise = Normalise()
        stem, *stages = self._stages(widths)
        self.stem = stem
        self.stages = nn.ModuleList(stages)
        self.context = nn.Sequential(*(Separable(widths[-1], widths[-1], dilation=d) for d in (1, 2)))
        self.reduce = nn.Conv2d(widths[-1], widths[1], 1)
        self.skip = nn.Conv2d(widths[1], widths[1], 1)
        self.edges = nn.Conv2d(widths[0], widths[1], 1)
        self.fuse = Separable(widths[1], widths[1])
        self.refine = Separable(widths[1], widths[1])
        self.head = nn.Conv2d(widths[1], classes, 1)

    @staticmethod
    def _stages(widths: tuple[int, ...]) -> list[nn.Module]:
        stages: list[nn.Module] = [nn.Sequential(conv(3, widths[0], 3, stride=2), nn.ReLU())]
        for inputs, outputs in zip(widths, widths[1:]):
            down = Separable(inputs, outputs, stride=2)
            stages.append(nn.Sequential(down, Separable(outputs, outputs)))
        return stages

    def forward(self, pixels: Tensor) -> Tensor:
        half = self.stem(self.normalise(pixels))
        quarter = self.stages[0](half)
        deep = quarter
        for stage in self.stages[1:]:
            deep = stage(deep)
        deep = enlarge(self.reduce(self.context(deep)), quarter)
        x = self.fuse(functional.relu(deep + self.skip(quarter)))
        x = self.refine(functional.relu(enlarge(x, half) + self.edges(half)))
        return enlarge(self.head(x), pixels)


def enlarge(x: Tensor, like: Tensor) -> Tensor:
    size = [int(like.shape[2]), int(like.shape[3])]
    return functional.interpolate(x, size=size, mode="bilinear", align_corners=False)
