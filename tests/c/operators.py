"""Writes operators.txt: calls of ATen's out variants with literal inputs, and what PyTorch answers.

Run it (with PyTorch 2.6 or later) after adding a case:  python tests/c/operators.py
ExecuTorch's kernels have the names and arguments of ATen's; operators_test.c calls ours with the same.
"""

from pathlib import Path

import torch

torch.manual_seed(7)
R = torch.randn
NAMES = {torch.float32: "f32", torch.float64: "f64", torch.int64: "i64", torch.int32: "i32",
         torch.int16: "i16", torch.int8: "i8", torch.uint8: "u8", torch.bool: "bool",
         torch.float16: "f16", torch.bfloat16: "bf16"}
F, L, B, I = torch.float32, torch.int64, torch.bool, torch.int32


def t(*values, dtype=F):
    return torch.tensor(values, dtype=dtype)


x = R(2, 3, 4)
m = R(3, 4)
ints = torch.randint(-5, 6, (2, 5))
ids = torch.randint(0, 3, (2, 2))
image = R(1, 2, 5, 6)

# (name, arguments, types of the outputs). Lists of tensors and of numbers are what they look like.
CASES = [(f"{op}.out", [m], [F]) for op in (
    "abs acos asin atan ceil cos cosh erf exp expm1 floor log log10 log1p log2 neg reciprocal relu round rsqrt"
    " sigmoid sign sin sinh sqrt tan tanh trunc asinh acosh atanh silu mish hardswish hardsigmoid"
    ).split()]
CASES += [(f"{op}.out", [ints], [L]) for op in "abs neg sign relu bitwise_not".split()]
CASES += [(f"{op}.Tensor_out", [m, R(4).round()], [B]) for op in "eq ne lt le gt ge".split()]
CASES += [(f"{op}.Scalar_out", [ints, 1], [B]) for op in "eq ne lt le gt ge".split()]
CASES += [(f"{op}.out", [t(1, float("inf"), float("nan"), float("-inf"))], [B]) for op in "isinf isnan".split()]
CASES += [(f"logical_{op}.out", [m > 0, m < 1], [B]) for op in "and or xor".split()]
CASES += [(f"bitwise_{op}.Tensor_out", [ints, ints.flip(1)], [L]) for op in "and or xor".split()]
CASES += [(f"bitwise_{op}.Scalar_out", [ints, 6], [L]) for op in "and or xor".split()]
CASES += [(f"{op}.out", [m, R(3, 1)], [F]) for op in "mul div maximum minimum atan2 floor_divide".split()]
CASES += [(f"{op}.Tensor_out", [m, R(3, 1)], [F]) for op in "fmod remainder".split()]
CASES += [(f"{op}.Scalar_out", [ints, 3], [L]) for op in "fmod remainder".split()]
CASES += [
    ("add.out", [x, m, 2.5], [F]), ("sub.out", [ints, ints.flip(0), 3], [L]), ("add.Scalar_out", [m, 2, 3], [F]),
    ("sub.Scalar_out", [ints, 4, 2], [L]), ("rsub.Scalar_out", [m, 2.0, 3], [F]), ("mul.Scalar_out", [m, 0.3], [F]),
    ("div.Scalar_out", [ints, 4], [F]), ("div.out_mode", [ints, t(2, -3, 4, 5, -2, dtype=L), "floor"], [L]),
    ("div.out_mode", [ints, t(2, -3, 4, 5, -2, dtype=L), "trunc"], [L]),
    ("div.Scalar_mode_out", [m, 0.4, "floor"], [F]), ("pow.Tensor_Scalar_out", [m, 2], [F]),
    ("pow.Tensor_Scalar_out", [m.abs(), 0.5], [F]), ("pow.Tensor_Tensor_out", [m.abs(), R(3, 1)], [F]),
    ("pow.Scalar_out", [2.0, m], [F]), ("where.self_out", [m > 0, m, R(4)], [F]),
    ("masked_fill.Scalar_out", [m, m > 0, -1.5], [F]), ("clamp.out", [m, -0.5, None], [F]),
    ("clamp.out", [ints, -2, 3], [L]), ("clamp.Tensor_out", [m, R(4) - 1, None], [F]),
    ("hardtanh.out", [m, -0.4, 0.6], [F]), ("leaky_relu.out", [m, 0.1], [F]), ("elu.out", [m, 1.2, 1.1, 0.9], [F]),
    ("softplus.out", [m, 2, 1], [F]), ("logit.out", [torch.sigmoid(m), None], [F]), ("logit.out", [m, 0.1], [F]),
    ("gelu.out", [m, "none"], [F]), ("gelu.out", [m, "tanh"], [F]), ("logical_not.out", [ints], [B]),
    # Reductions.
    ("sum.IntList_out", [x, [1], True, None], [F]), ("sum.IntList_out", [x, None, False, None], [F]),
    ("sum.IntList_out", [ints, [0, 1], False, None], [L]), ("mean.out", [x, [0, 2], False, None], [F]),
    ("mean.out", [x, [-1], True, None], [F]), ("var.correction_out", [x, [1, 2], 1, False], [F]),
    ("var.out", [x, [2], False, True], [F]), ("var.correction_out", [x, None, 0, False], [F]),
    ("prod.int_out", [x, 1, True, None], [F]), ("prod.int_out", [ints, 1, False, None], [L]),
    ("amax.out", [x, [1], True], [F]), ("amin.out", [x, [0, 2], False], [F]), ("max.dim_max", [x, 1, False], [F, L]),
    ("min.dim_min", [ints, -1, True], [L, L]), ("argmax.out", [x, 2, False], [L]), ("argmin.out", [x, None, False], [L]),
    ("max.unary_out", [x], [F]), ("any.out", [m > 1, 0, False], [B]), ("all.out", [m > -1, 1, True], [B]),
    ("any.all_out", [m > 9], [B]), ("all.all_out", [m > -9], [B]), ("any.dims_out", [m > 1, [0, 1], False], [B]),
    ("cumsum.out", [x, 1, None], [F]), ("cumsum.out", [ints, 0, None], [L]),
    # Products, normalisation, softmax.
    ("mm.out", [m, R(4, 5)], [F]), ("bmm.out", [x, R(2, 4, 3)], [F]), ("addmm.out", [R(5), m, R(4, 5), 0.5, 2], [F]),
    ("linear.out", [x, R(5, 4), R(5)], [F]), ("_softmax.out", [x, -1, False], [F]), ("_softmax.out", [x, 1, False], [F]),
    ("_log_softmax.out", [x, 2, False], [F]), ("_log_softmax.out", [x, 0, False], [F]),
    ("native_group_norm.out", [R(2, 4, 3, 2), R(4), R(4), 2, 4, 6, 2, 1e-5], [F, F, F]),
    ("_native_batch_norm_legit_no_training.out", [image, R(2), R(2), R(2), R(2).abs(), 0.1, 1e-5], [F, F, F]),
    # Convolution, pooling, resizing, padding.
    ("convolution.out", [image, R(4, 2, 3, 3), R(4), [1, 1], [1, 1], [1, 1], False, [0, 0], 1], [F]),
    ("convolution.out", [image, R(4, 1, 3, 2), None, [2, 1], [1, 0], [1, 2], False, [0, 0], 2], [F]),
    ("convolution.out", [image, R(2, 3, 3, 3), R(3), [2, 2], [1, 1], [1, 1], True, [1, 0], 1], [F]),
    ("convolution.out", [R(2, 3, 7), R(4, 3, 3), R(4), [2], [1], [1], False, [0], 1], [F]),
    ("avg_pool2d.out", [image, [3, 2], [2, 2], [1, 1], False, True, None], [F]),
    ("avg_pool2d.out", [image, [3, 3], [2, 2], [1, 1], True, False, None], [F]),
    ("avg_pool2d.out", [image, [2, 2], [2, 2], [0, 0], True, True, 3], [F]),
    ("max_pool2d_with_indices.out", [image, [3, 3], [2, 2], [1, 1], [1, 1], True], [F, L]),
    ("max_pool2d_with_indices.out", [image, [2, 2], [1, 2], [0, 1], [2, 1], False], [F, L]),
    ("_adaptive_avg_pool2d.out", [image, [3, 4]], [F]), ("upsample_nearest2d.vec_out", [image, [7, 9], None], [F]),
    ("upsample_nearest2d.vec_out", [image, None, [2.0, 1.5]], [F]),
    ("upsample_bilinear2d.vec_out", [image, [8, 7], False, None], [F]),
    ("upsample_bilinear2d.vec_out", [image, [8, 3], True, None], [F]),
    ("upsample_bilinear2d.vec_out", [image, None, False, [2.0, 2.0]], [F]),
    ("constant_pad_nd.out", [x, [1, 2, -1, 0], 0.5], [F]), ("reflection_pad2d.out", [image, [2, 1, 1, 3]], [F]),
    ("reflection_pad1d.out", [m, [3, 1]], [F]), ("replication_pad2d.out", [image, [2, 1, 0, 3]], [F]),
    # Shapes.
    ("permute_copy.out", [x, [2, 0, 1]], [F]), ("transpose_copy.int_out", [x, 0, -1], [F]), ("t_copy.out", [m], [F]),
    ("view_copy.out", [x, [4, -1]], [F]), ("unsqueeze_copy.out", [m, -2], [F]), ("expand_copy.out", [m, [2, -1, 4], False], [F]),
    ("squeeze_copy.dim_out", [R(2, 1, 3), 1], [F]), ("squeeze_copy.dims_out", [R(1, 2, 1), [0, 2]], [F]),
    ("slice_copy.Tensor_out", [x, 2, 1, 9223372036854775807, 2], [F]), ("slice_copy.Tensor_out", [x, 1, -2, -1, 1], [F]),
    ("slice_scatter.out", [m, R(3, 2), 1, 1, 4, 2], [F]), ("select_scatter.out", [m, R(3), 1, -1], [F]),
    ("select_copy.int_out", [x, 1, -1], [F]), ("repeat.out", [m, [2, 1, 2]], [F]), ("flip.out", [x, [0, 2]], [F]),
    ("roll.out", [x, [1, -2], [1, 2]], [F]), ("pixel_shuffle.out", [R(1, 8, 2, 3), 2], [F]),
    ("pixel_unshuffle.out", [R(2, 4, 6), 2], [F]), ("cat.out", [[m, R(2, 4)], 0], [F]), ("stack.out", [[m, R(3, 4)], -1], [F]),
    ("tril.out", [m, 0], [F]), ("triu.out", [x, 1], [F]), ("clone.out", [m, None], [F]),
    # Numbers and indices.
    ("full.out", [[2, 3], 1.5], [F]), ("full_like.out", [ints, 7, None], [L]), ("zeros.out", [[2, 2]], [F]),
    ("scalar_tensor.out", [2.5], [F]), ("arange.out", [5], [L]), ("arange.start_out", [1.0, 4.0, 0.75], [F]),
    ("embedding.out", [m, ids, -1, False, False], [F]), ("index_select.out", [x, 1, t(2, 0, 2, dtype=L)], [F]),
    ("gather.out", [m, 0, torch.randint(0, 3, (2, 4)), False], [F]),
    ("scatter.src_out", [m, 1, torch.randint(0, 1, (3, 1)), R(3, 2)], [F]),
    ("scatter.value_out", [m, 0, torch.randint(0, 3, (1, 4)), 9.0], [F]),
    ("index.Tensor_out", [x, [None, ids]], [F]), ("index.Tensor_out", [x, [t(1, 0, dtype=L), None, t(3, 1, dtype=L)]], [F]),
    ("index.Tensor_out", [x, [t(-1, 0, dtype=L), t(2, 1, dtype=L)]], [F]),
    ("index_put.out", [m, [t(2, 0, dtype=L)], R(4), False], [F]),
]

nan = float("nan")
inf = float("inf")
signs = R(4, 3) > 0.2
CASES += [
    # Views that the arguments state.
    ("as_strided_copy.out", [x, [3, 2], [1, 12], 4], [F]), ("as_strided_copy.out", [x, [2, 2, 2], [1, 1, 0], None], [F]),
    ("as_strided_copy.out", [R(1, 6, 1, 1), [1, 6, 1, 1], [6, 1, 6, 6], None], [F]),
    ("as_strided_copy.out", [ints, [], [], 7], [L]), ("as_strided_copy.out", [m, [0, 3], [4, 1], 0], [F]),
    *[("diagonal_copy.out", [x, offset, a, b], [F]) for offset, a, b in ((0, 0, 1), (1, -1, 0), (-1, 1, 2), (2, 0, 2), (9, 0, 1), (-9, 2, 1))],
    *[("unfold_copy.out", [x, dim, size, step], [F]) for dim, size, step in ((2, 2, 1), (1, 2, 5), (-3, 1, 1), (2, 3, 2), (0, 0, 1))],
    ("unfold_copy.out", [t(5.0)[0], 0, 1, 1], [F]),
    ("narrow_copy.out", [x, 1, 1, 2], [F]), ("narrow_copy.out", [x, -1, -3, 2], [F]), ("narrow_copy.out", [ints, 1, 5, 0], [L]),
    # Normalisation with the input's own statistics, moments, norms.
    ("_native_batch_norm_legit.no_stats_out", [R(1, 3, 4, 5), R(3), R(3), True, 0.1, 1e-5], [F, F, F]),
    ("_native_batch_norm_legit.no_stats_out", [R(3, 2, 4), None, None, True, 0.1, 1e-3], [F, F, F]),
    ("_native_batch_norm_legit.out", [image, R(2), R(2), R(2), R(2).abs(), False, 0.1, 1e-5], [F, F, F]),
    ("var_mean.correction_out", [x, [0, 2], 1, False], [F, F]), ("var_mean.correction_out", [x, None, None, True], [F, F]),
    ("var_mean.correction_out", [x.double(), [-1], 0, True], [torch.float64] * 2), ("var_mean.correction_out", [x, [1], 2.5, False], [F, F]),
    *[("linalg_vector_norm.out", [x, p, [1], False, None], [F]) for p in (0, 1, 2, 3, 0.5, inf, -inf, -1)],
    ("linalg_vector_norm.out", [x, 2, None, True, None], [F]), ("linalg_vector_norm.out", [t(1, nan, 3), inf, None, False, None], [F]),
    # Order, distance.
    *[("topk.values", [R(3, 7), k, dim, largest, True], [F, L]) for k, dim, largest in ((3, -1, True), (2, 0, True), (7, 1, False), (0, 1, True), (1, 1, False))],
    ("topk.values", [torch.randperm(20).view(2, 10), 4, 1, True, True], [L, L]),
    ("topk.values", [t(1.0, nan, -3.0, inf, -inf), 5, 0, True, True], [F, L]), ("topk.values", [t(1.0, nan, -3.0, inf), 4, 0, False, True], [F, L]),
    ("topk.values", [t(2.0)[0], 1, 0, True, True], [F, L]), ("topk.values", [R(2, 5, 3), 2, 1, True, True], [F, L]),
    *[("_cdist_forward.out", [R(2, 3, 4), R(2, 5, 4), p, None], [F]) for p in (0.0, 1.0, 2.0, 3.5, inf)],
    ("_cdist_forward.out", [R(2, 1, 3, 4), R(5, 2, 4), 2.0, 2], [F]), ("_cdist_forward.out", [R(3, 4), R(0, 4), 2.0, None], [F]),
    *[("_pdist_forward.out", [R(4, 3), p], [F]) for p in (0.0, 1.0, 2.0, 2.5, inf)],
    # Maps.
    *[("_upsample_bilinear2d_aa.out", [R(1, 2, 9, 7), size, corners, h, w], [F]) for size, corners, h, w in (
        ([4, 3], False, None, None), ([4, 3], True, None, None), ([12, 14], False, None, None), ([3, 7], False, 0.4, 1.0), ([1, 1], True, None, None))],
    *[("grid_sampler_2d.out", [image, R(1, 4, 3, 2) * 0.9, mode, padding, corners], [F])
      for mode in (0, 1, 2) for padding in (0, 1, 2) for corners in (False, True)],
    ("grid_sampler_2d.out", [R(2, 3, 1, 4), R(2, 2, 5, 2) * 3, 0, 2, True], [F]),
    ("glu.out", [R(3, 6), -1], [F]), ("glu.out", [R(4, 3), 0], [F]), ("glu.out", [R(2, 4, 3).double(), 1], [torch.float64]),
    ("fill.Tensor_out", [m, t(2.5)[0]], [F]), ("fill.Tensor_out", [ints, t(3, dtype=L)[0]], [L]),
    # Sizes that depend on data.
    ("nonzero.out", [signs], [L]), ("nonzero.out", [t(0.0, -0.0, nan, 2.0)], [L]), ("nonzero.out", [t(0, 0, dtype=L)], [L]),
    ("nonzero.out", [t(3.0)[0]], [L]), ("masked_select.out", [R(4, 3), signs], [F]), ("masked_select.out", [R(2, 4, 3), signs], [F]),
    ("masked_select.out", [ints, t(0, 1, 0, 1, 1, dtype=B)], [L]), ("masked_scatter.out", [R(4, 3), signs, R(15)], [F]),
    ("masked_scatter.out", [R(3), signs, R(4, 4)], [F]), ("repeat_interleave.Tensor_out", [t(2, 0, 3, dtype=L), 5], [L]),
    ("repeat_interleave.Tensor_out", [t(1, 4, dtype=I), 5], [I]),
    ("index.Tensor_out", [R(4, 3, 2), [signs]], [F]), ("index.Tensor_out", [R(2, 4, 3), [None, signs]], [F]),
    ("index.Tensor_out", [R(4, 5), [signs[:, 0]]], [F]), ("index.Tensor_out", [R(3, 4), [t(0, 2, dtype=L), t(1, 0, 0, 1, dtype=B)]], [F]),
    ("index.Tensor_out", [R(3, 4, 2), [t(1, 0, 1, dtype=B), None, t(1, dtype=L)]], [F]), ("index.Tensor_out", [m, [m > 9]], [F]),
    ("index_put.out", [R(4, 3), [signs], t(7.0)[0], False], [F]), ("index_put.out", [R(2, 4, 3), [None, signs], t(7.0), True], [F]),
    ("index_put.out", [R(4, 2), [t(1, 0, 0, 1, dtype=B)], R(2, 2), False], [F]),
    ("index_put.out", [m, [t(2, 0, 2, 2, dtype=L)], R(4), True], [F]), ("index_put.out", [ints, [t(1, 0, 1, dtype=L), t(2, 2, 2, dtype=L)], t(5, 6, 7, dtype=L), True], [L]),
    ("index_put.out", [R(1, 2, 6, 6), [None, None, ids[:, :, None, None] + 1, ids], R(2, 2, 2, 2), True], [F]),
    # 16-bit floats: computed in f32, rounded at the end.
    *[case for H in (torch.float16, torch.bfloat16) for case in (
        ("add.out", [m.to(H), R(4).to(H), 0.3], [H]), ("mul.out", [m.to(H), R(3, 1)], [F]), ("div.out", [m.to(H), R(4).to(H)], [H]),
        ("exp.out", [m.to(H)], [H]), ("gelu.out", [m.to(H), "none"], [H]), ("sqrt.out", [m.abs().to(H) * 1e-4], [H]), ("mul.Scalar_out", [m.to(H), 60000.0], [H]),
        ("lt.Tensor_out", [m.to(H), R(4).to(H)], [B]), ("where.self_out", [m > 0, m.to(H), R(4).to(H)], [H]), ("clamp.out", [m.to(H), -0.5, 0.5], [H]),
        ("sum.IntList_out", [x.to(H), [1], False, None], [H]), ("mean.out", [x.to(H), [-1], True, None], [H]), ("amax.out", [x.to(H), [0], False], [H]),
        ("topk.values", [R(2, 6).to(H), 3, 1, True, True], [H, L]), ("cat.out", [[m.to(H), R(2, 4).to(H)], 0], [H]), ("permute_copy.out", [x.to(H), [2, 0, 1]], [H]),
        ("full.out", [[2], 0.1], [H]), ("arange.start_out", [0.0, 2.0, 0.3], [H]), ("constant_pad_nd.out", [m.to(H), [1, 1], 0.3], [H]),
        ("cumsum.out", [x.to(H), 2, None], [H]), ("index.Tensor_out", [m.to(H), [ids]], [H]), ("nonzero.out", [m.to(H)], [L]), ("abs.out", [m.to(H)], [H]))],
    ("add.out", [t(1e-7, 6e-8, 2.9e-8, 3.1e-8, 65519.0, 65520.0, -7e4, nan).half(), t(0.0).half(), 1], [torch.float16]),
    # Convolutions that run as matrix products: last tile and last channels are not full.
    ("convolution.out", [R(2, 8, 5, 5), R(7, 8, 3, 3), R(7), [1, 1], [1, 1], [1, 1], False, [0, 0], 1], [F]),
    ("convolution.out", [R(1, 8, 6, 7), R(10, 4, 3, 2), None, [2, 1], [1, 0], [1, 2], False, [0, 0], 2], [F]),
    ("convolution.out", [R(1, 16, 3, 3), R(4, 16, 1, 1), R(4), [2, 2], [0, 0], [1, 1], False, [0, 0], 1], [F]),
    ("convolution.out", [R(1, 8, 9), R(5, 8, 3), R(5), [2], [1], [1], False, [0], 1], [F]),
    # NaN passes through.
    ("relu.out", [t(nan, -1.0, 2.0, -0.0, inf)], [F]), ("clamp.out", [t(nan, -1.0, 2.0, inf), -0.5, 1.0], [F]),
    ("hardtanh.out", [t(nan, -9.0, 9.0), -1.0, 1.0], [F]), ("maximum.out", [t(nan, 1.0, 2.0), t(0.0, nan, 3.0)], [F]),
    ("amax.out", [t(1.0, nan, 3.0), [0], False], [F]), ("max.dim_max", [t(1.0, nan, 3.0), 0, False], [F, L]),
]
# Products of integers wrap.
CASES += [
    ("mm.out", [ints, t(*range(-4, 6), dtype=L).view(5, 2)], [L]),
    ("mm.out", [t(100, 50, dtype=torch.int8).view(1, 2), t(2, 3, dtype=torch.int8).view(2, 1)], [torch.int8]),
    ("bmm.out", [t(*range(12), dtype=I).view(2, 2, 3), t(*range(6), dtype=I).view(2, 3, 1)], [I]),
]


def tensor_text(value):
    sizes = ",".join(map(str, value.shape)) or "-"
    if value.is_floating_point():
        items = " ".join("%.9g" % v for v in value.flatten().tolist())
    else:
        items = " ".join(str(int(v)) for v in value.flatten().tolist())
    return f"{NAMES[value.dtype]} {sizes} {items}".rstrip()


def argument_text(value):
    if value is None:
        return "none"
    if isinstance(value, torch.Tensor):
        return "in " + tensor_text(value)
    if isinstance(value, bool):
        return f"b {int(value)}"
    if isinstance(value, int):
        return f"i {value}"
    if isinstance(value, float):
        return f"d {value!r}"
    if isinstance(value, str):
        return f"s {value}"
    if value and any(isinstance(v, torch.Tensor) for v in value):
        return "\n".join("absent" if v is None else argument_text(v) for v in value)
    kind = "doubles" if value and isinstance(value[0], float) else "ints"
    return f"{kind} " + " ".join(map(str, value))


def absent_text(name, position, text):
    """None stands for a tensor or for anything else: the schema knows."""
    schema = resolve(name)._schema.arguments[position]
    return "absent" if text == "none" and "Tensor" in str(schema.type) else text


def resolve(name):
    op, overload = name.split(".")
    return getattr(getattr(torch.ops.aten, op), overload)


def run(name, arguments, types):
    op = resolve(name)
    outs = [a.name for a in op._schema.arguments if a.is_out]
    buffers = {out: torch.empty(0, dtype=dtype) for out, dtype in zip(outs, types)}
    names = [a.name for a in op._schema.arguments if not a.is_out]
    positional = [a for a in op._schema.arguments if not a.is_out and not a.kwarg_only]
    keywords = {n: v for n, v in list(zip(names, arguments))[len(positional):]}
    op(*arguments[: len(positional)], **keywords, **buffers)
    return list(buffers.values())


def main():
    lines = []
    for name, arguments, types in CASES:
        try:
            results = run(name, arguments, types)
        except (AttributeError, TypeError, RuntimeError) as error:
            print(f"{name}: {error}")
            continue
        lines.append(f"op aten::{name}")
        lines += [absent_text(name, i, argument_text(a)) for i, a in enumerate(arguments)]
        lines += ["out " + tensor_text(r) for r in results] + ["end", ""]
    Path(__file__).with_name("operators.txt").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
