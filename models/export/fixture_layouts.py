"""Layouts of the file and features of the program: methods, states, shapes, memory formats, segments."""

import copy
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fixture_cases import Case, Inputs, Made


class Net(nn.Module):
    """Convolution, ReLU, mean, linear layer: [n, 3, 8, 8] to [n, 4]."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3, 2, 1)
        self.linear = nn.Linear(6, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(F.relu(self.conv(x)).mean((2, 3)))


class Counter(nn.Module):
    """Adds up what it is given; the sum starts at 0 and stays from run to run."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("total", torch.zeros(3))

    def forward(self, x: Tensor) -> Tensor:
        self.total.add_(x)
        return self.total * 2


class Branch(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.cond(x.sum() > 0, lambda y: y * 2.0, lambda y: y - 1.0, (x,))


class Experts(nn.Module):
    """Two branches between two layers, all for XNNPACK."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(4, 6), nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        y = torch.cond(x.sum() > 0, lambda y: F.relu(y * y - y), lambda y: torch.tanh(y) + y, (self.first(x),))
        return self.last(y)


class Shared(nn.Module):
    """One weight in two delegates with an operator between that is not delegated."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(6, 6)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(torch.cumsum(self.linear(x), 1))


class Constant(nn.Module):
    """An output that does not depend on the input, and one that is the input."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("table", torch.arange(6.0).view(2, 3))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.table, x, x + self.table


class Map(nn.Module):
    """torch.map: a loop over rows, with a matrix product in each round and sums over all of them behind it."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        from torch._higher_order_ops.map import map as map_rows

        y = map_rows(lambda row, weight: torch.relu(row @ weight) * row, x, self.linear.weight)
        return y, y.sum(0)


class Scan(nn.Module):
    """torch.scan: running sums, and products of the sums before with each row."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        from torch._higher_order_ops.scan import scan

        return scan(lambda carry, row: (carry + row, carry * row), x[0] * 0 + 1, x)


def picture(n: int = 1) -> Inputs:
    return (torch.randn(n, 3, 8, 8),)


def file(
    model: Callable[[], nn.Module],
    inputs: Callable[[], list[Inputs]],
    lower: Callable,
    stateful: bool = False,
) -> Callable[[], Made]:
    def make() -> Made:
        module, runs = model().eval(), inputs()
        # The reference keeps a state of its own.
        reference = copy.deepcopy(module)
        return Made(reference, runs, lambda: lower(module, runs), stateful=stateful)

    return make


def exported(module: nn.Module, inputs: Inputs, **options):
    return torch.export.export(module, inputs, strict=True, **options)


def plain(**config) -> Callable:
    """Lowers with settings of the serialiser."""

    def lower(module: nn.Module, runs: list[Inputs]) -> bytes:
        import lowering

        backend = lowering.ExecutorchBackendConfig(**config)
        return lowering.lower(exported(module, runs[0]), backend)

    return lower


def unplanned(module: nn.Module, runs: list[Inputs]) -> bytes:
    """Inputs and outputs outside the planned memory."""
    from executorch.exir.passes import MemoryPlanningPass

    planning = MemoryPlanningPass(alloc_graph_input=False, alloc_graph_output=False)
    return plain(memory_planning_pass=planning)(module, runs)


def dynamic_batch(module: nn.Module, runs: list[Inputs]) -> bytes:
    import lowering

    shapes = ({0: torch.export.Dim("batch", min=1, max=4)},)
    return lowering.lower(exported(module, runs[0], dynamic_shapes=shapes))


def dynamic_portable(module: nn.Module, runs: list[Inputs]) -> bytes:
    import lowering

    shapes = ({1: torch.export.Dim("length", min=2, max=8)},)
    return lowering.lower(exported(module, runs[0], dynamic_shapes=shapes), partitioner=[])


def portable(module: nn.Module, runs: list[Inputs]) -> bytes:
    import lowering

    return lowering.lower(exported(module, runs[0]), partitioner=[])


def delegates_in_branches(module: nn.Module, runs: list[Inputs]) -> bytes:
    """XNNPACK's own partitioner leaves the branches of torch.cond alone; this one hands each over whole."""
    import lowering
    from executorch.exir.backend.partitioner import PartitionResult
    from executorch.exir.graph_module import get_control_flow_submodules

    class Partitioner(lowering.XnnpackPartitioner):
        def partition(self, exported_program) -> PartitionResult:
            result = super().partition(exported_program)
            tags = dict(result.partition_tags)
            for name, branch, _ in get_control_flow_submodules(exported_program.graph_module):
                tags[name] = self.delegation_spec
                for node in branch.graph.nodes:
                    if node.op == "call_function":
                        node.meta["delegation_tag"] = name
            return PartitionResult(tagged_exported_program=result.tagged_exported_program, partition_tags=tags)

    return lowering.lower(exported(module, runs[0]), partitioner=[Partitioner()])


def one_delegate_per_node(module: nn.Module, runs: list[Inputs]) -> bytes:
    import lowering

    partitioner = [lowering.XnnpackPartitioner(per_op_mode=True)]
    return lowering.lower(exported(module, runs[0]), partitioner=partitioner)


class Encoder(nn.Module):
    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.net.conv(x))


def several_methods(module: nn.Module, runs: list[Inputs]) -> bytes:
    """forward, encode (its first half) and two constant methods."""
    import lowering

    programs = {"forward": exported(module, runs[0]), "encode": exported(Encoder(module), runs[0])}
    edge = lowering.to_edge_transform_and_lower(
        programs,
        partitioner=[lowering.XnnpackPartitioner()],
        constant_methods={"get_classes": 4, "get_scale": 0.25, "use_norm": True},
    )
    return bytes(edge.to_executorch().buffer)


def second_method() -> Made:
    """The method `encode` of a file with several."""
    module, runs = Net().eval(), [picture()]
    return Made(Encoder(module), runs, lambda: several_methods(module, runs), method="encode")


class Dynamic(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.softmax(x.reshape(3 * x.shape[1]), 0)


def half_picture(n: int = 1) -> Inputs:
    return (torch.randn(n, 3, 8, 8).half(),)


def half_net() -> nn.Module:
    return Net().half()


class Sandwich(nn.Module):
    """Two delegates around an operator that XNNPACK lacks; the first has two results."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(6, 6), nn.Linear(6, 4)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        y = F.gelu(self.first(x))
        return self.last(torch.cumsum(y, 1) * 0.25), y


def channels_last() -> list[Inputs]:
    return [(torch.randn(1, 3, 8, 8).to(memory_format=torch.channels_last),)]


LAYOUTS = [
    Case("net", "a small net in the default layout", file(Net, lambda: [picture()], plain())),
    Case("inline_payload", "delegate payload inside the program, no segment", file(Net, lambda: [picture()], plain(extract_delegate_segments=False))),
    Case("small_alignment", "segments aligned to 16", file(Net, lambda: [picture()], plain(segment_alignment=16))),
    Case("unplanned_io", "inputs and outputs outside planned memory", file(Net, lambda: [picture()], unplanned)),
    Case("one_delegate_per_node", "a delegate for each node", file(Net, lambda: [picture()], one_delegate_per_node)),
    Case("no_delegate", "the net as portable operators", file(Net, lambda: [picture()], portable)),
    Case("shared_weights", "two delegates with the same weights", file(Shared, lambda: [(torch.randn(2, 6),)], plain())),
    Case("several_methods", "forward, encode and constant methods", file(Net, lambda: [picture()], several_methods)),
    Case("second_method", "the method encode of such a file", second_method),
    Case("mutable_buffer", "a state that is kept from run to run", file(Counter, lambda: [(torch.tensor([1.0, 2.0, 3.0]),), (torch.tensor([1.0, 1.0, 1.0]),), (torch.tensor([0.0, 0.5, 0.0]),)], portable, stateful=True)),
    Case("dynamic_batch", "batch 1 to 4 through a delegate", file(Net, lambda: [picture(4), picture(1), picture(3)], dynamic_batch)),
    Case("dynamic_length", "a dynamic shape that portable operators compute", file(Dynamic, lambda: [(torch.randn(3, 5),), (torch.randn(3, 2),), (torch.randn(3, 8),)], dynamic_portable)),
    Case("channels_last", "input in channels-last memory order", file(lambda: nn.Conv2d(3, 4, 3), channels_last, plain())),
    Case("control_flow", "torch.cond: jumps and moves", file(Branch, lambda: [(torch.tensor([1.0, 2.0]),), (torch.tensor([-1.0, -2.0]),)], portable)),
    Case("control_flow_delegates", "torch.cond with a delegate in each branch, before and behind", file(Experts, lambda: [(sign * torch.rand(2, 4),) for sign in (1, -1, -1, 1)], delegates_in_branches)),
    Case("loop_map", "torch.map: a loop", file(Map, lambda: [(torch.randn(5, 1, 4),), (torch.randn(5, 1, 4),)], portable)),
    Case("loop_map_delegates", "the same with a delegate in the loop", file(Map, lambda: [(torch.randn(5, 1, 4),), (torch.randn(5, 1, 4),)], delegates_in_branches)),
    Case("loop_scan", "torch.scan: a loop with a carry", file(Scan, lambda: [(torch.randn(6, 3),), (torch.randn(6, 3),)], portable)),
    Case("half", "a net in f16 through a delegate", file(half_net, lambda: [half_picture()], plain()), 2e-3),
    Case("half_dynamic_batch", "the same, batch 1 to 4", file(half_net, lambda: [half_picture(4), half_picture(1), half_picture(3)], dynamic_batch), 2e-3),
    Case("half_two_delegates", "f16 delegates around a portable operator", file(lambda: Sandwich().half(), lambda: [(torch.randn(2, 6).half(),)], plain()), 2e-3),
    Case("constant_output", "outputs that are a constant, the input, and a sum", file(Constant, lambda: [(torch.randn(2, 3),)], portable)),
]
