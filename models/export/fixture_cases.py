"""The cases of fixtures.py: what each shows, the module, and its inputs."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Inputs = tuple[Tensor, ...]


@dataclass
class Made:
    """expected(*inputs) is eager PyTorch; runs are sets of inputs; tolerance is relative to the largest output."""

    expected: Callable
    runs: list[Inputs]
    pte: Callable[[], bytes]
    tolerance: float = 1e-5
    method: str = "forward"
    stateful: bool = False


@dataclass
class Case:
    name: str
    what: str
    make: Callable[[], Made]
    tolerance: float | None = None


class Function(nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable) -> None:
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)


def module_of(thing) -> nn.Module:
    """Modules as they are; functions wrapped; classes made (after the seed was set)."""
    if isinstance(thing, nn.Module):
        return thing.eval()
    return (thing() if isinstance(thing, type) else Function(thing)).eval()


def normal(*sizes: int) -> Tensor:
    return torch.randn(*sizes)


def positive(*sizes: int) -> Tensor:
    return torch.rand(*sizes) + 0.1


# --- XNNPACK nodes: name, what, module or function, inputs --------------------------------------

IMAGE = lambda: (normal(1, 4, 6, 5),)  # noqa: E731
ROW = lambda: (normal(2, 7),)  # noqa: E731
PAIR = lambda: (normal(1, 3, 4, 5), normal(1, 3, 4, 5))  # noqa: E731

XNNPACK = [
    ("add", "Add", lambda a, b: a + b, PAIR),
    ("add_broadcast", "Add, [3, 4, 5] + [4, 1]", lambda a, b: a + b, lambda: (normal(3, 4, 5), normal(4, 1))),
    ("add_relu", "Add with a fused ReLU", lambda a, b: F.relu(a + b), PAIR),
    ("subtract", "Subtract", lambda a, b: a - b, PAIR),
    ("multiply", "Multiply", lambda a, b: a * b, PAIR),
    ("divide", "Div", lambda a, b: a / b, lambda: (normal(2, 7), positive(2, 7))),
    ("minimum", "Minimum", torch.minimum, PAIR),
    ("maximum", "Maximum", torch.maximum, PAIR),
    ("abs", "Abs", torch.abs, ROW),
    ("ceiling", "Ceiling", torch.ceil, ROW),
    ("floor", "Floor", torch.floor, ROW),
    ("negate", "Negate", torch.neg, ROW),
    ("square", "Square from pow(x, 2)", lambda x: torch.pow(x, 2), ROW),
    ("square_root", "SquareRoot", torch.sqrt, lambda: (positive(2, 7),)),
    ("reciprocal_square_root", "ReciprocalSquareRoot", torch.rsqrt, lambda: (positive(2, 7),)),
    ("exp", "Exp", torch.exp, ROW),
    ("log", "Log", torch.log, lambda: (positive(2, 7),)),
    ("tanh", "Tanh", torch.tanh, ROW),
    ("gelu", "Gelu", F.gelu, ROW),
    ("sine", "Sin", torch.sin, ROW),
    ("cosine", "Cos", torch.cos, ROW),
    ("sigmoid", "Sigmoid", torch.sigmoid, ROW),
    ("relu", "Clamp from ReLU", F.relu, ROW),
    ("relu6", "Clamp from ReLU6", lambda x: F.relu6(4 * x), ROW),
    ("clamp", "Clamp to -0.5..0.25", lambda x: torch.clamp(x, -0.5, 0.25), ROW),
    ("hardswish", "Hardswish", F.hardswish, IMAGE),
    ("leaky_relu", "LeakyReLU, slope 0.2", lambda x: F.leaky_relu(x, 0.2), ROW),
    ("prelu", "PReLU, one slope per channel", lambda: _prelu(), IMAGE),
    ("softmax", "Softmax over the last dimension", lambda x: torch.softmax(x, -1), ROW),
    ("transpose", "StaticTranspose", lambda x: x.permute(0, 2, 3, 1), IMAGE),
    ("reshape", "StaticReshape", lambda x: F.relu(x.reshape(1, 20, 6)), IMAGE),
    ("slice", "StaticSlice", lambda x: x[:, 1:3, 2:, :4], IMAGE),
    ("pad", "StaticConstantPad by 0.5", lambda x: F.pad(x, (1, 2, 0, 1), value=0.5), IMAGE),
    ("concatenate_2", "Concatenate2 along channels", lambda a, b: torch.cat([a, b], 1), PAIR),
    ("concatenate_3", "Concatenate3", lambda a, b: torch.cat([a, b, a], 1), PAIR),
    ("concatenate_4", "Concatenate4", lambda a, b: torch.cat([a, b, b, a], -1), PAIR),
    ("concatenate_5", "Concatenate5", lambda a, b: torch.cat([a, b, a, b, b], 2), PAIR),
    ("concatenate_7", "more than five parts", lambda a, b: torch.cat([a, b, a, b, b, a, a], 1), PAIR),
    ("max_pool_2d", "MaxPooling2d 3x2, stride 2x1, padding 1", lambda: nn.MaxPool2d((3, 2), (2, 1), 1), IMAGE),
    ("max_pool_2d_ceil", "MaxPooling2d with ceil_mode", lambda: nn.MaxPool2d(2, 2, ceil_mode=True), IMAGE),
    ("max_pool_2d_dilated", "MaxPooling2d, dilation 2", lambda: nn.MaxPool2d(2, 1, dilation=2), IMAGE),
    ("avg_pool_2d", "AvgPooling2d 2x2, stride 2", lambda: nn.AvgPool2d(2), IMAGE),
    ("avg_pool_2d_padded", "AvgPooling2d, padding not counted", lambda: nn.AvgPool2d(3, 2, 1, count_include_pad=False), IMAGE),
    ("global_avg_pool_2d", "GlobalAvgPooling2d", lambda x: x.mean((2, 3), keepdim=True), IMAGE),
    ("resize_bilinear_2d", "StaticResizeBilinear2D, half-pixel centres", lambda x: F.interpolate(x, size=(9, 8), mode="bilinear", align_corners=False), IMAGE),
    ("resize_bilinear_2d_corners", "StaticResizeBilinear2D, aligned corners", lambda x: F.interpolate(x, size=(9, 8), mode="bilinear", align_corners=True), IMAGE),
    ("conv_2d", "Conv2d 3x3, padding 1, bias", lambda: nn.Conv2d(4, 8, 3, padding=1), IMAGE),
    ("conv_2d_relu", "Conv2d without bias, stride 2, fused ReLU", lambda: nn.Sequential(nn.Conv2d(4, 8, 3, 2, bias=False), nn.ReLU()), IMAGE),
    ("conv_2d_relu6", "Conv2d, fused ReLU6", lambda: nn.Sequential(nn.Conv2d(4, 8, 1), nn.ReLU6()), IMAGE),
    ("conv_2d_uneven", "Conv2d 1x3, stride 1x2, padding 0x1", lambda: nn.Conv2d(4, 6, (1, 3), (1, 2), (0, 1)), IMAGE),
    ("conv_2d_groups", "Conv2d, 2 groups", lambda: nn.Conv2d(4, 6, 3, groups=2), IMAGE),
    ("conv_2d_dilated", "Conv2d, dilation 2", lambda: nn.Conv2d(4, 5, 3, padding=2, dilation=2), IMAGE),
    ("conv_2d_batch_norm", "Conv2d with a folded batch norm", lambda: _trained_norm(nn.Conv2d(4, 6, 3), 6), IMAGE),
    ("conv_1d", "Conv2d from a 1-D convolution", lambda: nn.Conv1d(3, 5, 3, padding=1), lambda: (normal(1, 3, 9),)),
    ("depthwise_conv_2d", "DepthwiseConv2d 3x3, stride 2", lambda: nn.Conv2d(4, 4, 3, 2, 1, groups=4), IMAGE),
    ("depthwise_conv_2d_multiplier", "DepthwiseConv2d, two filters per channel", lambda: nn.Conv2d(4, 8, 3, groups=4), IMAGE),
    ("conv_transpose_2d", "ConvTranspose2d 3x3, stride 2, output padding 1", lambda: nn.ConvTranspose2d(4, 3, 3, 2, 1, 1), IMAGE),
    ("fully_connected", "FullyConnected with bias", lambda: nn.Linear(7, 5), ROW),
    ("fully_connected_relu", "FullyConnected without bias, fused ReLU", lambda: nn.Sequential(nn.Linear(7, 5, bias=False), nn.ReLU()), ROW),
    ("fully_connected_3d", "FullyConnected on [2, 3, 7]", lambda: nn.Linear(7, 5), lambda: (normal(2, 3, 7),)),
    ("fully_connected_transposed", "FullyConnected with weights [I, O]", lambda: Product(), ROW),
    ("batch_matrix_multiply", "BatchMatrixMultiply", torch.bmm, lambda: (normal(2, 3, 4), normal(2, 4, 5))),
    ("batch_norm", "batch norm on its own", lambda: _trained_norm(None, 4), IMAGE),
    ("attention", "scaled dot product attention", lambda q, k: F.scaled_dot_product_attention(q, k, k), lambda: (normal(1, 2, 5, 4), normal(1, 2, 5, 4))),
    ("layer_norm", "layer norm beside a delegate", lambda: nn.Sequential(nn.Linear(7, 7), nn.LayerNorm(7), nn.Linear(7, 3)), ROW),
    ("normalised_input", "(x - mean) / std: constants become inputs of the delegate", lambda: Normalised(), lambda: (torch.rand(1, 3, 4, 4),)),
    ("unit_vector", "y / |y| behind a linear layer", lambda: UnitVector(), ROW),
]


class Product(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(7, 5))

    def forward(self, x: Tensor) -> Tensor:
        return torch.mm(x, self.weight)


class Normalised(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))
        self.conv = nn.Conv2d(3, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv((x - self.mean) / self.std)


class UnitVector(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(7, 4)

    def forward(self, x: Tensor) -> Tensor:
        y = self.linear(x)
        return y / y.norm(dim=-1, keepdim=True)


def _prelu() -> nn.Module:
    prelu = nn.PReLU(4)
    with torch.no_grad():
        prelu.weight.copy_(torch.tensor([0.1, 0.2, -0.3, 0.4]))
    return prelu


def _trained_norm(before: nn.Module | None, channels: int) -> nn.Module:
    """Batch norm whose statistics are not the initial ones.

    The layers have names, because the exporter cannot fold a norm behind a convolution that is called 0.
    """
    norm = nn.BatchNorm2d(channels)
    with torch.no_grad():
        norm.weight.uniform_(0.5, 1.5)
        norm.bias.normal_()
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2.0)
    return norm if before is None else nn.Sequential(OrderedDict(conv=before, norm=norm))


def built(thing) -> nn.Module:
    """Tables hold functions of the inputs and factories of modules; a factory takes no argument."""
    is_factory = callable(thing) and getattr(thing, "__code__", None) and thing.__code__.co_argcount == 0
    return module_of(thing() if is_factory else thing)


def delegated(thing, inputs: Callable[[], Inputs], **options) -> Callable[[], Made]:
    def make() -> Made:
        import lowering

        module, x = built(thing), inputs()
        program = lambda: torch.export.export(module, x, strict=True)  # noqa: E731
        return Made(module, [x], lambda: lowering.lower(program(), **options))

    return make


def all_cases() -> list[Case]:
    from fixture_layouts import LAYOUTS
    from fixture_operators import OPERATORS
    from fixture_quantised import QUANTISED

    nodes = [Case(name, what, delegated(f, x)) for name, what, f, x in XNNPACK]
    portable = [
        Case(name, what, delegated(f, x, partitioner=[])) for name, what, f, x in OPERATORS
    ]
    return [*nodes, *QUANTISED, *LAYOUTS, *portable]
