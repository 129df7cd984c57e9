"""Single operators with odd arguments: eager PyTorch, ExecuTorch's own runtime, and files for ours.

    python models/export/operator_cases.py FOLDER        # NAME.pte, inputs, outputs, NAME.json
    node models/export/operator_cases.mjs FOLDER --write # runs them here, writes docs/operator-differences.md

The cases are those of the fixtures and the ones below. Nothing is delegated. What the exporter or ExecuTorch's
runtime refuses is recorded, and is no case.
"""

import json
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

import lowering
from fixture_cases import Function
from fixture_operators import OPERATORS
from networks import describe, error_of_range, raw

R = torch.randn
NAN, INF = float("nan"), float("inf")


def ones(*shapes):
    return lambda: tuple(R(*shape) for shape in shapes)


def cases() -> list[tuple]:
    """(name, function, inputs)"""
    x = ones((2, 3, 4))
    image = ones((1, 3, 6, 5))
    out = []
    for dims in ([2, 0, 1], [-1, 0, 1], [0, 2, 1]):
        out.append((f"permute{dims}", lambda a, d=dims: a.permute(d) + 0, x))
    for start, end, step in ((0, 4, 3), (-3, -1, 1), (1, 100, 2), (3, 1, 1)):
        out.append((f"slice_{start}_{end}_{step}", lambda a, s=start, e=end, t=step: a[:, :, s:e:t] * 1, x))
    for dim in (0, 1, 2, -1):
        out += [
            (f"softmax_{dim}", lambda a, d=dim: a.softmax(d), x), (f"log_softmax_{dim}", lambda a, d=dim: a.log_softmax(d), x),
            (f"cumsum_{dim}", lambda a, d=dim: a.cumsum(d), x), (f"amax_{dim}", lambda a, d=dim: a.amax(d), x),
            (f"argmin_{dim}", lambda a, d=dim: a.argmin(d), x), (f"max_{dim}", lambda a, d=dim: tuple(a.max(d)), x),
            (f"var_{dim}", lambda a, d=dim: a.var(d, correction=0), x), (f"flip_{dim}", lambda a, d=dim: a.flip(d), x),
            (f"unfold_{dim}", lambda a, d=dim: a.unfold(d, 2, 1) * 1, x), (f"topk_{dim}", lambda a, d=dim: tuple(a.topk(2, d)), x),
            (f"select_{dim}", lambda a, d=dim: a.select(d, -1) * 1, x), (f"unbind_{dim}", lambda a, d=dim: tuple(t * 1 for t in a.unbind(d)), x),
            (f"norm_{dim}", lambda a, d=dim: torch.linalg.vector_norm(a, 3, d), x), (f"roll_{dim}", lambda a, d=dim: a.roll(-3, d), x),
        ]
    for dims in ([0, 1], [0, 2], [-1, -2], [0, 1, 2]):
        out += [(f"sum{dims}", lambda a, d=dims: a.sum(d, keepdim=True), x), (f"mean{dims}", lambda a, d=dims: a.mean(d), x), (f"amin{dims}", lambda a, d=dims: a.amin(d), x)]
    for kernel, stride, pad, dilation, groups in ((3, 2, 1, 1, 1), (2, 1, 0, 2, 1), ((1, 3), (2, 1), (0, 1), 1, 3), (5, 1, 2, 1, 1), (1, 3, 0, 1, 3)):
        layer = lambda a, w, s=stride, p=pad, d=dilation, g=groups: F.conv2d(a, w, None, s, p, d, g)  # noqa: E731
        k = (kernel, kernel) if isinstance(kernel, int) else kernel
        out.append((f"conv_{kernel}_{stride}_{pad}_{dilation}_{groups}", layer, ones((1, 3, 7, 6), (6, 3 // groups, *k))))
    out += [
        ("conv_wide", lambda a, w: F.conv2d(a, w, None, 1, 1), ones((2, 16, 5, 5), (9, 16, 3, 3))),
        ("conv1d", lambda a, w: F.conv1d(a, w, None, 2, 3), ones((2, 4, 9), (5, 4, 4))),
        ("conv_transpose", lambda a, w: F.conv_transpose2d(a, w, None, 2, 1, 1), ones((1, 3, 4, 5), (3, 4, 3, 3))),
        ("conv_transpose_groups", lambda a, w: F.conv_transpose2d(a, w, None, 3, 0, 0, 3), ones((1, 3, 4, 5), (3, 2, 2, 3))),
    ]
    for kernel, stride, pad, ceil in ((2, 2, 0, False), (3, 2, 1, True), ((2, 3), (1, 2), (1, 1), False), (3, 1, 1, True)):
        out += [
            (f"avg_pool_{kernel}_{stride}_{ceil}", lambda a, k=kernel, s=stride, p=pad, c=ceil: F.avg_pool2d(a, k, s, p, c), image),
            (f"avg_pool_exclusive_{kernel}_{stride}_{ceil}", lambda a, k=kernel, s=stride, p=pad, c=ceil: F.avg_pool2d(a, k, s, p, c, False), image),
            (f"max_pool_{kernel}_{stride}_{ceil}", lambda a, k=kernel, s=stride, p=pad, c=ceil: F.max_pool2d(a, k, s, p, 1, c), image),
        ]
    for size in ((1, 1), (2, 3), (7, 9), (6, 5)):
        out += [
            (f"adaptive_{size}", lambda a, s=size: F.adaptive_avg_pool2d(a, s), image),
            (f"nearest_{size}", lambda a, s=size: F.interpolate(a, s), image),
            (f"bilinear_{size}", lambda a, s=size: F.interpolate(a, s, mode="bilinear"), image),
            (f"bilinear_corners_{size}", lambda a, s=size: F.interpolate(a, s, mode="bilinear", align_corners=True), image),
            (f"bilinear_aa_{size}", lambda a, s=size: F.interpolate(a, s, mode="bilinear", antialias=True), image),
            (f"bicubic_{size}", lambda a, s=size: F.interpolate(a, s, mode="bicubic"), image),
        ]
    for mode in ("constant", "reflect", "replicate", "circular"):
        for pad in ((1, 2, 0, 1), (0, 0, 2, 2), (3, 0, 0, 0)):
            out.append((f"pad_{mode}_{pad}", lambda a, m=mode, p=pad: F.pad(a, p, m), image))
    for mode in ("bilinear", "nearest", "bicubic"):
        for padding in ("zeros", "border", "reflection"):
            for corners in (False, True):
                out.append((f"grid_{mode}_{padding}_{corners}", lambda a, g, m=mode, p=padding, c=corners: F.grid_sample(a, g, m, p, c), ones((1, 2, 5, 6), (1, 3, 4, 2))))
    for p in (0.0, 1.0, 2.0, 3.0, INF):
        out += [(f"cdist_{p}", lambda a, b, p=p: torch.cdist(a, b, p), ones((2, 3, 4), (2, 5, 4))), (f"pdist_{p}", lambda a, p=p: F.pdist(a, p), ones((5, 3),))]
    for offset in (-2, -1, 0, 1, 3):
        out.append((f"diagonal_{offset}", lambda a, o=offset: torch.diagonal(a, o, 1, 2) * 1, x))
        out.append((f"tril_{offset}", lambda a, o=offset: a.tril(o), x))
    for dtype in (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool, torch.float64, torch.float16, torch.bfloat16):
        short = str(dtype).removeprefix("torch.")
        whole = lambda d=dtype: ((R(3, 4) * 3).to(d), (R(3, 4) * 3).to(d))  # noqa: E731
        out += [
            (f"add_{short}", lambda a, b: a + b, whole), (f"eq_{short}", lambda a, b: a == b, whole), (f"cat_{short}", lambda a, b: torch.cat([a, b], 1), whole),
            (f"where_{short}", lambda a, b: torch.where(a == b, a, b), whole), (f"to_float_{short}", lambda a, b: a.float() * b.float(), whole),
            (f"from_float_{short}", lambda a, d=dtype: a.to(d), ones((3, 4),)), (f"transpose_{short}", lambda a, b: a.t().contiguous() == b.t(), whole),
        ]
        if dtype != torch.bool:
            out += [(f"maximum_{short}", torch.maximum, whole), (f"clamp_{short}", lambda a, b: a.clamp(1, 3), whole), (f"mul_mixed_{short}", lambda a, b: a * b.float(), whole)]
        if dtype.is_floating_point:
            out += [(f"gelu_{short}", lambda a, b: F.gelu(a) + b, whole), (f"layer_norm_{short}", lambda a, b: F.layer_norm(a, (4,)), whole), (f"mm_{short}", lambda a, b: a @ b.t(), whole), (f"softmax_{short}", lambda a, b: a.softmax(-1), whole)]
    odd = lambda: (torch.tensor([NAN, INF, -INF, -0.0, 0.0, 1.5, -2.5, 1e30]),)  # noqa: E731
    for name in "relu sigmoid tanh exp sqrt rsqrt abs neg sign floor ceil round trunc reciprocal sin cos atan isnan isinf log log1p expm1 erf logical_not".split():
        out.append((f"odd_{name}", getattr(torch, name), odd))
    out += [(f"odd_{n}", f, odd) for n, f in (("gelu", F.gelu), ("silu", F.silu), ("elu", F.elu), ("hardswish", F.hardswish), ("hardtanh", F.hardtanh), ("leaky", F.leaky_relu), ("clamp", lambda a: a.clamp(-1, 1)), ("softmax", lambda a: a.softmax(0)), ("amax", lambda a: a.amax(0)), ("argmax", lambda a: a.argmax(0)), ("nonzero", lambda a: a.nonzero()), ("sum", lambda a: a.sum()), ("topk", lambda a: tuple(a.topk(3))))]
    ids = lambda: (R(4, 3), torch.tensor([[2, 0], [-1, 1]]))  # noqa: E731
    mask = lambda: (R(4, 3), R(4, 3) > 0)  # noqa: E731
    out += [
        ("index", lambda a, i: a[i], ids), ("index_last", lambda a, i: a[:, i], ids), ("mask", lambda a, m: a[m], mask), ("mask_rows", lambda a, m: a[m[:, 0]], mask),
        ("masked_select", torch.masked_select, mask), ("nonzero", lambda a, m: m.nonzero(), mask), ("masked_fill", lambda a, m: a.masked_fill(m, -1), mask),
        ("masked_scatter", lambda a, m: a.masked_scatter(m, a.flip(0)), mask), ("index_put", lambda a, i: a.index_put((i,), a[0], accumulate=True), ids),
        ("mask_assign", lambda a, m: torch.where(m, 0.0, a).index_put((m,), torch.tensor(3.0)), mask),
        ("gather", lambda a, i: a.gather(0, i.abs()), ids), ("scatter_add", lambda a, i: a.scatter_add(0, i.abs(), a[:2, :2]), ids),
        ("repeat_interleave", lambda a: a.repeat_interleave(2, 1), ones((3, 4))), ("narrow", lambda a: a.narrow(1, 1, 2) * 1, ones((3, 4))), ("glu", lambda a: F.glu(a, 0), ones((4, 3))),
        ("as_strided", lambda a: a.as_strided((2, 2), (1, 3), 2) * 1, ones((3, 4))), ("fold", lambda a: F.fold(a, (5, 6), (2, 3), 1, 1, (1, 2)), ones((1, 12, 18))), ("unfold_image", lambda a: F.unfold(a, (2, 3), 1, 1, 2), image),
        ("instance_norm", F.instance_norm, image), ("instance_norm_batch", F.instance_norm, ones((3, 2, 5, 4))), ("group_norm", lambda a: F.group_norm(a, 3), image), ("var_mean", lambda a: torch.var_mean(a, (0, 2), correction=1), x),
        ("std", lambda a: a.std(1), x), ("pixel_shuffle", lambda a: F.pixel_shuffle(a, 2), ones((1, 8, 2, 3))), ("pixel_unshuffle", lambda a: F.pixel_unshuffle(a, 2), ones((1, 2, 4, 6))), ("einsum", lambda a, b: torch.einsum("bij,bkj->bik", a, b), ones((2, 3, 4), (2, 5, 4))),
        ("attention", lambda q, k, v: F.scaled_dot_product_attention(q, k, v), ones((1, 2, 5, 4), (1, 2, 7, 4), (1, 2, 7, 4))), ("addmm", lambda a, b, c: torch.addmm(a, b, c, beta=0.5, alpha=2), ones((5,), (3, 4), (4, 5))),
        ("scalar", lambda a: a + 1, lambda: (torch.tensor(2.5),)), ("empty", lambda a: torch.cat([a, a]), lambda: (torch.zeros(0, 3),)), ("prod", lambda a: a.prod(1), x), ("any", lambda a: (a > 1).any(1), x), ("all", lambda a: (a > -1).all(), x),
        ("channels_last", lambda a: F.relu(a.to(memory_format=torch.channels_last)).contiguous(), image), ("long_arith", lambda a: (a // 3) * 2 - a % 4, lambda: (torch.arange(-9, 9),)), ("shift", lambda a: (a << 2) >> 1, lambda: (torch.arange(0, 9),)),
        ("int_mm", lambda a, b: a @ b, lambda: (torch.arange(6).view(2, 3), torch.arange(6).view(3, 2))), ("int_max_pool", lambda a: F.max_pool2d(a.float(), 2).long(), lambda: (torch.arange(16).view(1, 1, 4, 4),)),
    ]
    out += [(f"fixture_{name}", function, inputs) for name, _, function, inputs in OPERATORS]
    return out


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    for title, function, inputs in cases():
        name = "".join(c if c.isalnum() or c in "._-" else "_" for c in title)
        path = folder / f"{name}.json"
        if path.exists():
            continue
        torch.manual_seed(len(name))
        side = {"name": title}
        try:
            values = inputs()
            module = Function(function)
            wanted = module(*values)
            wanted = [wanted] if isinstance(wanted, torch.Tensor) else list(wanted)
            pte = lowering.lower(torch.export.export(module, values, strict=False), partitioner=[])
            (folder / f"{name}.pte").write_bytes(pte)
            for kind, tensors in (("in", values), ("out", wanted)):
                for i, tensor in enumerate(tensors):
                    (folder / f"{name}.{kind}{i}").write_bytes(raw(tensor))
            side |= {"inputs": describe(values), "outputs": describe(wanted)}
            found = lowering.run_pte(pte)(*values)
            side["executorch"] = error_of_range([f.nan_to_num() for f in found], [w.nan_to_num() for w in wanted])
        except BaseException as error:  # noqa: BLE001 - refusals are results
            side["executorchFails" if "outputs" in side else "exporterFails"] = f"{type(error).__name__}: {error}".split("\n")[0][:200]
        path.write_text(json.dumps(side) + "\n")


if __name__ == "__main__":
    main()
