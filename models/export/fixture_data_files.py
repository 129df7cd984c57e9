"""Writes tests/fixtures/ptd: a model whose weights lie in a data file beside it, once for portable kernels and once
for XNNPACK. python models/export/fixture_data_files.py"""

import shutil
import tempfile
from pathlib import Path

import torch
from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
from executorch.exir import ExecutorchBackendConfig, to_edge_transform_and_lower
from executorch.exir.passes.external_constants_pass import delegate_external_constants_pass_unlifted
from torch import Tensor, nn
from torch.export import export

FOLDER = Path(__file__).parents[2] / "tests/fixtures/ptd"


class Net(nn.Module):
    """Two layers that XNNPACK takes, and a parameter that a portable kernel reads."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 8)
        self.second = nn.Linear(8, 3)
        self.shift = nn.Parameter(torch.randn(3))

    def forward(self, x: Tensor) -> Tensor:
        return torch.special.expm1(self.second(torch.relu(self.first(x)))) + torch.expm1(self.shift)


def lower(model: nn.Module, x: Tensor, delegated: bool):
    program = export(model, (x,))
    if delegated:
        result = delegate_external_constants_pass_unlifted(
            module=program.module(), gen_tag_fn=lambda node: "weights"
        )
        program = export(result.graph_module, (x,))
    partitioners = [XnnpackPartitioner()] if delegated else []
    edge = to_edge_transform_and_lower(program, partitioner=partitioners)
    return edge.to_executorch(ExecutorchBackendConfig(external_constants=lambda node: "weights"))


def main() -> None:
    torch.manual_seed(7)
    model, x = Net().eval(), torch.randn(2, 4)
    FOLDER.mkdir(exist_ok=True)
    for name, delegated in (("portable", False), ("xnnpack", True)):
        lowered = lower(model, x, delegated)
        (FOLDER / f"{name}.pte").write_bytes(lowered.buffer)
        with tempfile.TemporaryDirectory() as folder:
            lowered.write_tensor_data_to_file(folder)
            shutil.copy(Path(folder) / "weights.ptd", FOLDER / f"{name}.ptd")
    # 8 inputs, then 6 outputs.
    values = [*x.flatten().tolist(), *model(x).flatten().tolist()]
    (FOLDER / "values.txt").write_text("".join(f"{value:.9g}\n" for value in values))


if __name__ == "__main__":
    main()
