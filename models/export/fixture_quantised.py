"""Quantised fixtures; expected values are those of the converted module in eager PyTorch."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fixture_cases import Case, Inputs, Made, built

# Two implementations may round to neighbouring steps of an 8-bit output.
ONE_STEP = 1.5 / 127


def image() -> Inputs:
    return (torch.rand(1, 4, 6, 5) * 2 - 1,)


def row() -> Inputs:
    return (torch.rand(2, 32) * 2 - 1,)


def static(thing, inputs: Callable[[], Inputs], per_channel: bool = True) -> Callable[[], Made]:
    def make() -> Made:
        import lowering

        x = inputs()
        calibration = [x, *(inputs() for _ in range(7))]
        quantised = lowering.quantise_static(built(thing), x, calibration, per_channel)
        return Made(quantised, [x], lambda: lowering.to_pte(quantised, x), ONE_STEP)

    return make


def dynamic(thing, inputs: Callable[[], Inputs], bits: int = 8) -> Callable[[], Made]:
    def make() -> Made:
        import lowering

        x = inputs()
        quantised = lowering.quantise_dynamic(built(thing), x, bits)
        return Made(quantised, [x], lambda: lowering.to_pte(quantised, x, dynamic=True), ONE_STEP)

    return make


def grouped(thing, inputs: Callable[[], Inputs]) -> Callable[[], Made]:
    """4-bit weights with a scale per 32 of them, activations quantised as they come."""

    def make() -> Made:
        import lowering
        from torchao.quantization import Int8DynamicActivationIntxWeightConfig, quantize_
        from torchao.quantization.granularity import PerGroup

        x, module = inputs(), built(thing)
        config = Int8DynamicActivationIntxWeightConfig(
            weight_dtype=torch.int4, weight_granularity=PerGroup(32)
        )
        quantize_(module, config)
        return Made(module, [x], lambda: lowering.to_pte(module, x, dynamic=True), 2 * ONE_STEP)

    return make


def mixed(x: Tensor) -> Tensor:
    return torch.cat([x + x, F.relu(x)], 1)


class Pools(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 6, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        y = F.max_pool2d(F.relu(self.conv(x)), 2, 2)
        return y.mean((2, 3), keepdim=True)


class Shortcut(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(4, 4, 3, padding=1)
        self.second = nn.Conv2d(4, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.first(x))
        return F.relu(self.second(y) + y)


QUANTISED = [
    Case("int8_conv_2d", "int8 convolution, a scale per channel", static(lambda: nn.Conv2d(4, 6, 3), image)),
    Case("int8_conv_2d_per_tensor", "int8 convolution, one scale", static(lambda: nn.Conv2d(4, 6, 3), image, False)),
    Case("int8_conv_2d_relu", "int8 convolution, fused ReLU", static(lambda: nn.Sequential(nn.Conv2d(4, 6, 3), nn.ReLU()), image)),
    Case("int8_depthwise_conv_2d", "int8 depthwise convolution", static(lambda: nn.Conv2d(4, 4, 3, groups=4), image)),
    Case("int8_fully_connected", "int8 linear layer", static(lambda: nn.Linear(32, 5), row)),
    Case("int8_fully_connected_per_tensor", "int8 linear layer, one scale", static(lambda: nn.Linear(32, 5), row, False)),
    Case("int8_add", "int8 addition", static(lambda a, b: a + b, lambda: (*image(), *image()))),
    Case("int8_multiply", "int8 multiplication", static(lambda a, b: a * b, lambda: (*image(), *image()))),
    Case("int8_concatenate", "int8 addition, ReLU and concatenation", static(mixed, image)),
    Case("int8_pools", "int8 maximum and mean", static(lambda: Pools(), image)),
    Case("int8_shortcut", "int8 residual block", static(lambda: Shortcut(), image)),
    Case("int8_dynamic", "activations quantised per row at run time", dynamic(lambda: nn.Linear(32, 5), row)),
    Case("int8_dynamic_two", "two such layers and a GELU", dynamic(lambda: nn.Sequential(nn.Linear(32, 16), nn.GELU(), nn.Linear(16, 3)), row)),
    Case("int4_dynamic", "4-bit weights, a scale per row", dynamic(lambda: nn.Linear(32, 5), row, 4)),
    Case("int4_grouped", "4-bit weights, a scale per 32", grouped(lambda: nn.Linear(64, 8), lambda: (torch.rand(2, 64) * 2 - 1,))),
]
