"""Operators that stay outside delegates, as portable kernels: name, what (ATen name), function, inputs.

The functions are written so that the exporter keeps the operator named; nothing is delegated.

Not here: sort, which ExecuTorch's own runtime has no kernel for either; padding by negative amounts, which its
kernel refuses.
"""

import torch
import torch.nn.functional as F
from torch import nn

NAN, INF = float("nan"), float("inf")


def f(*sizes: int):
    """Normal random tensors [2, 5], or of the sizes given, made when asked for."""
    return lambda: (torch.randn(*(sizes or (2, 5))),)


def two(a=(2, 5), b=(2, 5)):
    return lambda: (torch.randn(*a), torch.randn(*b))


def ints(*sizes: int, low: int = -9, high: int = 9):
    return lambda: (torch.randint(low, high, sizes or (2, 5)),)


def two_ints(low: int = 1, high: int = 9):
    return lambda: (torch.randint(-9, 9, (2, 5)), torch.randint(low, high, (2, 5)))


def above(low: float, *sizes: int):
    return lambda: (torch.rand(*(sizes or (2, 5))) + low,)


def within(limit: float):
    return lambda: ((torch.rand(2, 5) * 2 - 1) * limit,)


def bits():
    return (torch.tensor([[True, False, True], [False, False, True]]),)


def image(*sizes: int):
    return f(*(sizes or (1, 3, 6, 5)))


def values(*numbers: float):
    return lambda: (torch.tensor(numbers),)


OPERATORS = [
    # arithmetic
    ("op_add", "aten::add.out, broadcast", lambda a, b: a + b, two((2, 1, 5), (3, 1))),
    ("op_add_alpha", "aten::add.out, alpha 2", lambda a, b: torch.add(a, b, alpha=2), two()),
    ("op_add_scalar", "aten::add.Scalar_out", lambda a: a + 1.5, f()),
    ("op_add_long", "aten::add.out on int64", lambda a, b: a + b, two_ints()),
    ("op_add_mixed", "aten::add.out, int64 + float", lambda a, b: a + b, lambda: (torch.randint(-9, 9, (2, 5)), torch.randn(2, 5))),
    ("op_sub", "aten::sub.out", lambda a, b: a - b, two()),
    ("op_sub_scalar", "aten::sub.Scalar_out", lambda a: a - 1.5, f()),
    ("op_rsub", "aten::rsub.Scalar_out", lambda a: 1 - a, f()),
    ("op_mul", "aten::mul.out", lambda a, b: a * b, two()),
    ("op_mul_scalar", "aten::mul.Scalar_out", lambda a: a * 0.125, f()),
    ("op_div", "aten::div.out", lambda a, b: a / b, lambda: (torch.randn(2, 5), torch.rand(2, 5) + 0.5)),
    ("op_div_scalar", "aten::div.Scalar_out", lambda a: a / 3.0, f()),
    ("op_div_long", "aten::div.out, int64 / int64 gives float", lambda a, b: a / b, two_ints()),
    ("op_div_floor", "aten::div.out_mode, floor", lambda a, b: torch.div(a, b, rounding_mode="floor"), two_ints()),
    ("op_div_trunc", "aten::div.out_mode, trunc", lambda a, b: torch.div(a, b, rounding_mode="trunc"), two_ints()),
    ("op_floor_divide", "aten::floor_divide.out", lambda a, b: torch.floor_divide(a, b), two_ints()),
    ("op_remainder", "aten::remainder.Tensor_out", lambda a, b: torch.remainder(a, b), two_ints()),
    ("op_remainder_scalar", "aten::remainder.Scalar_out", lambda a: torch.remainder(a, 3.0), f()),
    ("op_fmod", "aten::fmod.Scalar_out", lambda a: torch.fmod(a, 0.75), f()),
    ("op_pow", "aten::pow.Tensor_Scalar_out", lambda a: torch.pow(a, 2.5), above(0.1)),
    ("op_pow_tensor", "aten::pow.Tensor_Tensor_out", torch.pow, lambda: (torch.rand(2, 5) + 0.1, torch.randn(2, 5))),
    ("op_pow_scalar", "aten::pow.Scalar_out", lambda a: torch.pow(2.0, a), f()),
    ("op_maximum", "aten::maximum.out", torch.maximum, two()),
    ("op_minimum", "aten::minimum.out", torch.minimum, two()),
    ("op_atan2", "aten::atan2.out", torch.atan2, two()),
    # one tensor
    *[
        (f"op_{name}", f"aten::{name}.out", function, inputs)
        for name, function, inputs in (
            ("abs", torch.abs, f()),
            ("neg", torch.neg, f()),
            ("ceil", torch.ceil, f()),
            ("floor", torch.floor, f()),
            ("round", torch.round, values(0.5, 1.5, 2.5, -0.5, -1.5, 0.49, 2.51)),
            ("trunc", torch.trunc, values(0.5, 1.5, -2.5, -0.5)),
            ("sign", torch.sign, values(0.5, 0.0, -2.5)),
            ("exp", torch.exp, f()),
            ("expm1", torch.expm1, f()),
            ("log", torch.log, above(0.1)),
            ("log1p", torch.log1p, above(-0.5)),
            ("log2", torch.log2, above(0.1)),
            ("log10", torch.log10, above(0.1)),
            ("sqrt", torch.sqrt, above(0.0)),
            ("rsqrt", torch.rsqrt, above(0.1)),
            ("reciprocal", torch.reciprocal, above(0.5)),
            ("sin", torch.sin, f()),
            ("cos", torch.cos, f()),
            ("tan", torch.tan, within(1.2)),
            ("asin", torch.asin, within(0.95)),
            ("acos", torch.acos, within(0.95)),
            ("atan", torch.atan, f()),
            ("sinh", torch.sinh, f()),
            ("cosh", torch.cosh, f()),
            ("tanh", torch.tanh, f()),
            ("asinh", torch.asinh, f()),
            ("acosh", torch.acosh, above(1.1)),
            ("atanh", torch.atanh, within(0.95)),
            ("erf", torch.erf, f()),
            ("sigmoid", torch.sigmoid, f()),
            ("relu", torch.relu, f()),
            ("isnan", torch.isnan, values(1.0, NAN, INF, -INF)),
            ("isinf", torch.isinf, values(1.0, NAN, INF, -INF)),
            ("logical_not", torch.logical_not, f()),
            ("bitwise_not", torch.bitwise_not, ints()),
        )
    ],
    ("op_gelu", "aten::gelu.out", F.gelu, f()),
    ("op_gelu_tanh", "aten::gelu.out, approximate tanh", lambda a: F.gelu(a, approximate="tanh"), f()),
    ("op_silu", "x * sigmoid(x)", F.silu, f()),
    ("op_elu", "aten::elu.out", lambda a: F.elu(a, 0.7), f()),
    ("op_leaky_relu", "aten::leaky_relu.out", lambda a: F.leaky_relu(a, 0.2), f()),
    ("op_hardtanh", "aten::hardtanh.out", lambda a: F.hardtanh(a, -0.5, 0.75), f()),
    ("op_hardswish", "as decomposed", F.hardswish, f()),
    ("op_clamp", "aten::clamp.out", lambda a: torch.clamp(a, -0.5, 0.25), f()),
    ("op_clamp_min", "aten::clamp.out without max", lambda a: torch.clamp(a, min=-0.5), f()),
    ("op_clamp_long", "aten::clamp.out on int64", lambda a: torch.clamp(a, -3, 4), ints()),
    # comparisons
    *[
        (f"op_{name}", f"aten::{name}.Tensor_out", getattr(torch, name), lambda: (torch.randint(0, 3, (2, 5)).float(), torch.randint(0, 3, (2, 5)).float()))
        for name in ("eq", "ne", "lt", "le", "gt", "ge")
    ],
    *[
        (f"op_{name}_scalar", f"aten::{name}.Scalar_out", (lambda g: lambda a: g(a, 1))(getattr(torch, name)), lambda: (torch.randint(0, 3, (2, 5)),))
        for name in ("eq", "ne", "lt", "le", "gt", "ge")
    ],
    ("op_logical_and", "aten::logical_and.out", torch.logical_and, two()),
    ("op_logical_or", "aten::logical_or.out", torch.logical_or, lambda: (torch.randint(0, 2, (2, 5)), torch.randint(0, 2, (2, 5)))),
    ("op_logical_xor", "aten::logical_xor.out", torch.logical_xor, lambda: (torch.randint(0, 2, (2, 5)), torch.randint(0, 2, (2, 5)))),
    ("op_bitwise_and", "aten::bitwise_and.Tensor_out", torch.bitwise_and, two_ints()),
    ("op_bitwise_or", "aten::bitwise_or.Tensor_out", torch.bitwise_or, two_ints()),
    ("op_bitwise_xor", "aten::bitwise_xor.Tensor_out", torch.bitwise_xor, two_ints()),
    ("op_where", "aten::where.self_out, broadcast", torch.where, lambda: (torch.tensor([[True], [False]]), torch.randn(2, 5), torch.randn(1, 5))),
    # sums and extremes
    ("op_sum", "aten::sum.IntList_out", lambda a: a.sum(1), f(2, 3, 4)),
    ("op_sum_keepdim", "aten::sum.IntList_out, keepdim, two dims", lambda a: a.sum((0, 2), keepdim=True), f(2, 3, 4)),
    ("op_sum_all", "aten::sum.IntList_out over everything", lambda a: a.sum(), f(2, 3, 4)),
    ("op_mean", "aten::mean.out", lambda a: a.mean(-1), f(2, 3, 4)),
    ("op_mean_all", "aten::mean.out over everything", lambda a: a.mean(), f(2, 3, 4)),
    ("op_var", "aten::var.correction_out", lambda a: a.var(1), f(2, 7)),
    ("op_prod", "aten::prod.int_out", lambda a: a.prod(1), f(2, 4)),
    ("op_amax", "aten::amax.out", lambda a: a.amax((0, 2)), f(2, 3, 4)),
    ("op_amin", "aten::amin.out", lambda a: a.amin(1, keepdim=True), f(2, 3, 4)),
    ("op_max_dim", "aten::max.dim_max", lambda a: tuple(a.max(1)), f(2, 3, 4)),
    ("op_min_dim", "aten::min.dim_min", lambda a: tuple(a.min(-1)), f(2, 3, 4)),
    ("op_argmax", "aten::argmax.out", lambda a: a.argmax(1), f(2, 3, 4)),
    ("op_argmin", "aten::argmin.out", lambda a: a.argmin(2, keepdim=True), f(2, 3, 4)),
    ("op_any", "aten::any.out", lambda a: a.any(1), bits),
    ("op_all", "aten::logical_not and any, as decomposed", lambda a: a.all(1), bits),
    ("op_cumsum", "aten::cumsum.out", lambda a: a.cumsum(1), f(2, 5)),
    ("op_softmax", "aten::_softmax.out over dim 1 of 3", lambda a: torch.softmax(a, 1), f(2, 3, 4)),
    ("op_log_softmax", "aten::_log_softmax.out", lambda a: torch.log_softmax(a, -1), f()),
    # shapes
    ("op_cat", "aten::cat.out", lambda a, b: torch.cat([a, b], 1), two((2, 3), (2, 4))),
    ("op_cat_long", "aten::cat.out on int64", lambda a, b: torch.cat([a, b]), two_ints()),
    ("op_stack", "aten::stack.out, or cat of views", lambda a, b: torch.stack([a, b], 1), two()),
    ("op_split", "aten::split_with_sizes_copy.out", lambda a: torch.split(a, [1, 3, 1], 1), f(2, 5, 2)),
    ("op_chunk", "split into equal parts", lambda a: a.chunk(2, 0), f(4, 3)),
    ("op_unbind", "aten::unbind_copy.int_out", lambda a: a.unbind(1), f(2, 3, 2)),
    ("op_select", "aten::select_copy.int_out, negative index", lambda a: a.select(1, -1), f(2, 3, 4)),
    ("op_slice", "aten::slice_copy.Tensor_out, step 2", lambda a: a[:, 1:6:2], f(2, 7)),
    ("op_permute", "aten::permute_copy.out", lambda a: a.permute(2, 0, 1), f(2, 3, 4)),
    ("op_transpose", "aten::transpose_copy.int_out", lambda a: a.transpose(1, 2), f(2, 3, 4)),
    ("op_t", "aten::t_copy.out", lambda a: a.t(), f()),
    ("op_view", "aten::view_copy.out", lambda a: a.view(3, -1), f(2, 3, 4)),
    ("op_squeeze", "aten::squeeze_copy.dims_out", lambda a: a.squeeze(1), f(2, 1, 4)),
    ("op_unsqueeze", "aten::unsqueeze_copy.out", lambda a: a.unsqueeze(1), f(2, 4)),
    ("op_expand", "aten::expand_copy.out", lambda a: a.expand(2, 3, 4), f(3, 1)),
    ("op_repeat", "aten::repeat.out", lambda a: a.repeat(2, 3), f(2, 3)),
    ("op_flip", "aten::flip.out", lambda a: a.flip((0, 1)), f(2, 3)),
    ("op_roll", "aten::roll.out", lambda a: a.roll(1, 1), f(2, 5)),
    ("op_tril", "aten::tril.out", lambda a: a.tril(), f(4, 4)),
    ("op_triu", "aten::triu.out", lambda a: a.triu(1), f(4, 4)),
    ("op_pad", "aten::constant_pad_nd.out", lambda a: F.pad(a, (1, 2, 0, 1), value=0.5), f(2, 3, 4)),
    ("op_reflection_pad", "aten::reflection_pad2d.out", lambda a: F.pad(a, (1, 2, 2, 1), mode="reflect"), image()),
    ("op_replication_pad", "aten::replication_pad2d.out", lambda a: F.pad(a, (1, 2, 2, 1), mode="replicate"), image()),
    ("op_pixel_shuffle", "aten::pixel_shuffle.out", lambda a: F.pixel_shuffle(a, 2), image(1, 8, 3, 2)),
    ("op_pixel_unshuffle", "aten::pixel_unshuffle.out", lambda a: F.pixel_unshuffle(a, 2), image(1, 2, 4, 6)),
    # look-ups
    ("op_embedding", "aten::embedding.out", lambda: nn.Embedding(6, 4), lambda: (torch.tensor([[0, 5, 2], [3, 3, 1]]),)),
    ("op_index", "aten::index.Tensor_out", lambda a, i: a[:, i], lambda: (torch.randn(2, 5), torch.tensor([4, 0, 2]))),
    ("op_index_select", "aten::index_select.out", lambda a, i: a.index_select(1, i), lambda: (torch.randn(2, 5), torch.tensor([4, 0, 2]))),
    ("op_index_put", "aten::index_put.out", lambda a, i, v: a.index_put((i,), v), lambda: (torch.randn(5, 3), torch.tensor([4, 0]), torch.randn(2, 3))),
    ("op_gather", "aten::gather.out", lambda a, i: a.gather(1, i), lambda: (torch.randn(2, 5), torch.randint(0, 5, (2, 3)))),
    ("op_scatter", "aten::scatter.src_out", lambda a, i, v: a.scatter(1, i, v), lambda: (torch.randn(2, 5), torch.tensor([[0, 3], [4, 1]]), torch.randn(2, 2))),
    ("op_scatter_add", "aten::scatter_add.out", lambda a, i, v: a.scatter_add(1, i, v), lambda: (torch.randn(2, 5), torch.tensor([[0, 0], [4, 1]]), torch.randn(2, 2))),
    ("op_masked_fill", "aten::masked_fill.Scalar_out or where", lambda a, m: a.masked_fill(m, -1.0), lambda: (torch.randn(2, 3), bits()[0])),
    ("op_nonzero_free", "aten::full, arange and comparison", lambda a: a * (torch.arange(5) > 2), f()),
    # made of nothing
    ("op_full", "aten::full.out", lambda a: a + torch.full((2, 5), 0.5), f()),
    ("op_full_like", "aten::full_like.out", lambda a: torch.full_like(a, 2.5) + a, f()),
    ("op_zeros_like", "zeros_like", lambda a: torch.zeros_like(a) + a, f()),
    ("op_arange", "aten::arange.start_out", lambda a: torch.arange(5) + a, f()),
    ("op_scalar_tensor", "aten::scalar_tensor.out", lambda a: torch.where(a > 0, a, 0.25), f()),
    # conversions
    ("op_to_long", "dim_order_ops::_to_dim_order_copy.out, float to int64", lambda a: (a * 3).to(torch.int64), f()),
    ("op_to_float", "_to_dim_order_copy, int64 to float", lambda a: a.to(torch.float32), ints()),
    ("op_to_bool", "_to_dim_order_copy, float to bool", lambda a: a.to(torch.bool), values(0.0, 0.5, -1.0, NAN)),
    # No float16: the runtime has no such tensors and refuses them by name.
    ("op_to_double", "_to_dim_order_copy, float to double", lambda a: a.to(torch.float64), f()),
    ("op_to_byte", "_to_dim_order_copy, int64 to uint8", lambda a: a.to(torch.uint8), ints(low=0)),
    ("op_clone", "clone", lambda a: a.clone() + 0, f()),
    # products
    ("op_mm", "aten::mm.out", torch.mm, two((2, 3), (3, 4))),
    ("op_bmm", "aten::bmm.out", torch.bmm, two((2, 2, 3), (2, 3, 4))),
    ("op_addmm", "aten::addmm.out", lambda c, a, b: torch.addmm(c, a, b, beta=0.5, alpha=2), lambda: (torch.randn(4), torch.randn(2, 3), torch.randn(3, 4))),
    ("op_linear", "linear without a delegate", lambda: nn.Linear(5, 3), f()),
    ("op_matmul", "matmul with broadcast batch", torch.matmul, two((2, 1, 2, 3), (3, 3, 2))),
    # layers
    ("op_convolution", "aten::convolution.out, groups, stride, padding", lambda: nn.Conv2d(4, 6, 3, 2, 1, groups=2), image(1, 4, 6, 5)),
    ("op_convolution_dilated", "aten::convolution.out, dilation", lambda: nn.Conv2d(3, 2, 2, dilation=2), image()),
    ("op_convolution_1d", "aten::convolution.out, 1-D", lambda: nn.Conv1d(3, 2, 3, padding=1), f(1, 3, 7)),
    ("op_convolution_transposed", "aten::convolution.out, transposed", lambda: nn.ConvTranspose2d(3, 2, 3, 2, 1, 1), image()),
    ("op_max_pool2d", "aten::max_pool2d_with_indices.out", lambda a: F.max_pool2d(a, 2, 2, 1), image()),
    ("op_max_pool2d_indices", "the same with its indices", lambda a: F.max_pool2d(a, 2, 2, return_indices=True), image()),
    ("op_avg_pool2d", "aten::avg_pool2d.out, padding counted", lambda a: F.avg_pool2d(a, 3, 2, 1), image()),
    ("op_avg_pool2d_ceil", "aten::avg_pool2d.out, ceil_mode", lambda a: F.avg_pool2d(a, 2, 2, ceil_mode=True), image()),
    ("op_adaptive_avg_pool2d", "aten::_adaptive_avg_pool2d.out to 3x2", lambda a: F.adaptive_avg_pool2d(a, (3, 2)), image()),
    ("op_upsample_bilinear", "aten::upsample_bilinear2d.vec_out", lambda a: F.interpolate(a, size=(9, 8), mode="bilinear"), image()),
    ("op_upsample_bilinear_corners", "the same, aligned corners", lambda a: F.interpolate(a, size=(9, 8), mode="bilinear", align_corners=True), image()),
    ("op_upsample_nearest", "aten::upsample_nearest2d.vec_out", lambda a: F.interpolate(a, scale_factor=2.0, mode="nearest"), image()),
    ("op_layer_norm", "aten::native_layer_norm.out", lambda: nn.LayerNorm((3, 4)), f(2, 3, 4)),
    ("op_layer_norm_plain", "aten::native_layer_norm.out without weights", lambda a: F.layer_norm(a, (4,)), f(2, 3, 4)),
    ("op_group_norm", "aten::native_group_norm.out", lambda: nn.GroupNorm(2, 4), image(1, 4, 3, 2)),
    ("op_batch_norm", "aten::_native_batch_norm_legit_no_training.out", lambda: nn.BatchNorm2d(3), image()),
    ("op_glu", "aten::glu.out", lambda a: F.glu(a, 1), f(2, 6)),
    ("op_attention", "scaled dot product attention, decomposed", lambda q, k: F.scaled_dot_product_attention(q, k, k), two((1, 2, 3, 4), (1, 2, 3, 4))),
    # operators of other families, and sizes that depend on data
    ("op_as_strided", "aten::as_strided_copy.out", lambda a: a.as_strided((2, 2), (1, 3), 2) * 1.0, f(3, 4)),
    ("op_diagonal", "aten::diagonal_copy.out", lambda a: torch.diagonal(a, 1, 0, 1) * 1.0, f(3, 4)),
    ("op_unfold", "aten::unfold_copy.out", lambda a: a.unfold(1, 3, 2) * 1.0, f(2, 7)),
    ("op_narrow", "aten::narrow_copy.out, as decomposed", lambda a: a.narrow(1, 1, 2) * 1.0, f(2, 4)),
    ("op_topk", "aten::topk.values", lambda a: tuple(a.topk(3, 1)), f(2, 7)),
    ("op_cdist", "aten::_cdist_forward.out", lambda a, b: torch.cdist(a, b, 1.0), two((3, 4), (2, 4))),
    ("op_pdist", "aten::_pdist_forward.out", F.pdist, f(4, 3)),
    ("op_grid_sample", "aten::grid_sampler_2d.out", lambda a, g: F.grid_sample(a, g, padding_mode="border", align_corners=False), two((1, 2, 4, 5), (1, 3, 2, 2))),
    ("op_bilinear_aa", "aten::_upsample_bilinear2d_aa.out", lambda a: F.interpolate(a, (2, 3), mode="bilinear", antialias=True), image()),
    ("op_instance_norm", "aten::_native_batch_norm_legit.no_stats_out", F.instance_norm, f(2, 3, 4, 4)),
    ("op_glu", "aten::glu.out, as decomposed", lambda a: F.glu(a, 1), f(2, 6)),
    ("op_index_add", "aten::index_put.out, accumulate", lambda a: F.fold(a, (4, 5), (2, 2), 1, 0, (2, 1)), f(1, 8, 8)),
    ("op_masked_scatter", "aten::masked_scatter.out", lambda a, b: a.masked_scatter(b > 0, a.flip(0)), two()),
    ("op_nonzero", "aten::nonzero.out", lambda a: (a > 0).nonzero(), f(4, 5)),
    ("op_index_mask", "aten::index.Tensor_out, a mask, and what follows", lambda a: (a[a[:, 0] > 0] * 2.0).sum(0), f(6, 3)),
    ("op_f64", "f64 through kernels of f32", lambda a: F.softmax(F.layer_norm(a, (5,)), 0), lambda: (torch.randn(2, 5).double(),)),
]
