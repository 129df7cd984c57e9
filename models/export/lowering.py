"""From an eager module to the bytes of a .pte with XNNPACK delegates, by the official exporter."""

import logging
import warnings
from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

logging.disable(logging.WARNING)
warnings.filterwarnings("ignore")

from executorch.backends.xnnpack.partition.xnnpack_partitioner import (  # noqa: E402
    XnnpackDynamicallyQuantizedPartitioner,
    XnnpackPartitioner,
)
from executorch.backends.xnnpack.quantizer.xnnpack_quantizer import (  # noqa: E402
    XNNPACKQuantizer,
    get_symmetric_quantization_config,
)
from executorch.exir import ExecutorchBackendConfig, to_edge_transform_and_lower  # noqa: E402
from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e  # noqa: E402

Inputs = tuple[Tensor, ...]


def lower(program, config: ExecutorchBackendConfig | None = None, partitioner=None) -> bytes:
    """Partitions an exported program (or {method: program}) and serialises it."""
    parts = [XnnpackPartitioner()] if partitioner is None else partitioner
    edge = to_edge_transform_and_lower(program, partitioner=parts)
    return bytes(edge.to_executorch(config or ExecutorchBackendConfig()).buffer)


def quantise_static(
    model: nn.Module, inputs: Inputs, calibration: Iterable[Inputs], per_channel: bool = True
) -> nn.Module:
    """int8 weights and activations; the ranges of activations are those seen on `calibration`."""
    config = get_symmetric_quantization_config(is_per_channel=per_channel)
    return _quantise(model, inputs, config, lambda prepared: [prepared(*x) for x in calibration])


def quantise_dynamic(model: nn.Module, inputs: Inputs, bits: int = 8) -> nn.Module:
    """int8 (or 4-bit) weights of linear layers; activations are quantised as they come, per row."""
    limit = 2 ** (bits - 1)
    config = get_symmetric_quantization_config(
        is_per_channel=True,
        is_dynamic=True,
        weight_qmin=-limit if bits < 8 else 1 - limit,
        weight_qmax=limit - 1,
    )
    return _quantise(model, inputs, config, lambda prepared: prepared(*inputs))


def _quantise(model, inputs: Inputs, config, observe: Callable) -> nn.Module:
    captured = torch.export.export(model, inputs, strict=True).module()
    prepared = prepare_pt2e(captured, XNNPACKQuantizer().set_global(config))
    with torch.no_grad():
        observe(prepared)
    return convert_pt2e(prepared)


def to_pte(
    model: nn.Module,
    inputs: Inputs,
    dynamic: bool = False,
    strict: bool = True,
    partitioner=None,
    shapes: tuple | None = None,
) -> bytes:
    """The method `forward` of a module; `dynamic` for modules from quantise_dynamic; `strict` and `shapes` as
    torch.export's `strict` and `dynamic_shapes`.

    `partitioner` is a list of partitioners (default: XNNPACK's); with an empty one everything stays portable.
    """
    program = torch.export.export(model, inputs, dynamic_shapes=shapes, strict=strict)
    if dynamic and partitioner is None:
        partitioner = [XnnpackDynamicallyQuantizedPartitioner(), XnnpackPartitioner()]
    return lower(program, partitioner=partitioner)


def run_pte(data: bytes, method: str = "forward") -> Callable[..., list[Tensor]]:
    """The same file in ExecuTorch's own runtime: a function of its inputs."""
    from executorch.runtime import Runtime, Verification

    program = Runtime.get().load_program(data, verification=Verification.Minimal)
    loaded = program.load_method(method)

    def call(*inputs: Tensor) -> list[Tensor]:
        # The keeper of the program must outlive the method.
        call.program = program
        return [out.clone() if isinstance(out, Tensor) else out for out in loaded.execute(inputs)]

    return call
