"""Exports networks of many families, with random weights and at low resolution, to see which of them run.

    python models/export/networks.py FOLDER [NAME…]

For each network FOLDER gets NAME.pte, its inputs and the outputs of eager PyTorch as raw little-endian elements,
and NAME.json: family, precision, sizes, parameters, the error of ExecuTorch's own runtime, or the failure of the
exporter. `node models/export/networks.mjs FOLDER` runs them and writes docs/networks.md. What is there already is
not made again. Packages beyond requirements.txt: timm.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from torch.utils import _pytree as pytree

import lowering
from export import pictures, settle

LIMIT = 600  # seconds of processor time that one network may take, so that a busy machine changes nothing


@dataclass
class Entry:
    """One file to make. `pick` names the outputs that count, where a model has others."""

    source: str
    name: str
    build: Callable[[], nn.Module]
    size: int = 64
    pick: tuple[str, ...] = ()
    precision: str = "fp32"
    inputs: Callable[[], tuple[torch.Tensor, ...]] | None = None

    @property
    def file(self) -> str:
        return self.name if self.precision == "fp32" else f"{self.name}-{self.precision}"


class Outputs(nn.Module):
    """Gives the tensors of a model's output, or the named ones of them."""

    def __init__(self, module: nn.Module, pick: tuple[str, ...]) -> None:
        super().__init__()
        self.module = module
        self.pick = pick

    def forward(self, *inputs):
        output = self.module(*inputs)
        if self.pick:
            return tuple(output[key] for key in self.pick)
        if hasattr(output, "to_tuple"):
            output = output.to_tuple()
        return tuple(x for x in pytree.tree_leaves(output) if isinstance(x, torch.Tensor))


# --- networks of our own -------------------------------------------------------------------------------


class Generator(nn.Module):
    """A DCGAN generator: noise [1, 64, 1, 1] -> picture [1, 3, 64, 64]."""

    def __init__(self) -> None:
        super().__init__()
        widths = [64, 256, 128, 64, 32]
        layers: list[nn.Module] = []
        for i, (a, b) in enumerate(zip(widths, widths[1:])):
            layers += [nn.ConvTranspose2d(a, b, 4, 1 if i == 0 else 2, 0 if i == 0 else 1, bias=False)]
            layers += [nn.BatchNorm2d(b), nn.ReLU()]
        self.layers = nn.Sequential(*layers, nn.ConvTranspose2d(32, 3, 4, 2, 1), nn.Tanh())

    def forward(self, z):
        return self.layers(z)


def instance_block(a: int, b: int, kernel: int, stride: int) -> nn.Module:
    return nn.Sequential(
        nn.ReflectionPad2d(kernel // 2), nn.Conv2d(a, b, kernel, stride), nn.InstanceNorm2d(b, affine=True), nn.ReLU()
    )


class StyleTransfer(nn.Module):
    """The feed-forward network of fast style transfer: reflection padding, instance norms, nearest upsampling."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Sequential(instance_block(3, 16, 9, 1), instance_block(16, 32, 3, 2), instance_block(32, 64, 3, 2))
        self.body = nn.ModuleList(nn.Sequential(instance_block(64, 64, 3, 1), instance_block(64, 64, 3, 1)) for _ in range(3))
        self.up1, self.up2 = instance_block(64, 32, 3, 1), instance_block(32, 16, 3, 1)
        self.last = nn.Sequential(nn.ReflectionPad2d(4), nn.Conv2d(16, 3, 9))

    def forward(self, x):
        y = self.down(x)
        for block in self.body:
            y = y + block(y)
        y = self.up1(nn.functional.interpolate(y, scale_factor=2, mode="nearest"))
        return self.last(self.up2(nn.functional.interpolate(y, scale_factor=2, mode="nearest")))


class UNet(nn.Module):
    """An image-to-image network of pix2pix's kind."""

    def __init__(self) -> None:
        super().__init__()
        down = lambda a, b: nn.Sequential(nn.LeakyReLU(0.2), nn.Conv2d(a, b, 4, 2, 1), nn.InstanceNorm2d(b))  # noqa: E731
        up = lambda a, b: nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(a, b, 4, 2, 1), nn.InstanceNorm2d(b))  # noqa: E731
        self.d1, self.d2, self.d3 = nn.Conv2d(3, 16, 4, 2, 1), down(16, 32), down(32, 64)
        self.u3, self.u2, self.u1 = up(64, 32), up(64, 16), nn.ConvTranspose2d(32, 3, 4, 2, 1)

    def forward(self, x):
        a = self.d1(x)
        b = self.d2(a)
        c = self.u3(self.d3(b))
        return torch.tanh(self.u1(torch.cat([self.u2(torch.cat([c, b], 1)), a], 1)))


class EspcnSuperResolution(nn.Module):
    """Sub-pixel super-resolution."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 32, 5, padding=2), nn.Tanh(), nn.Conv2d(32, 16, 3, padding=1), nn.Tanh(),
            nn.Conv2d(16, 27, 3, padding=1), nn.PixelShuffle(3),
        )

    def forward(self, x):
        return self.layers(x)


class SpatialTransformer(nn.Module):
    """Warps its input by an affine map that it predicts: affine_grid and grid_sample."""

    def __init__(self) -> None:
        super().__init__()
        self.place = nn.Sequential(nn.Conv2d(3, 8, 7, 4), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32, 6))

    def forward(self, x):
        theta = self.place(x).view(-1, 2, 3) + torch.eye(2, 3)
        return nn.functional.grid_sample(x, nn.functional.affine_grid(theta, list(x.shape), False), align_corners=False)


# --- packages -------------------------------------------------------------------------------------------


def torchvision(name: str, size: int = 64, precision: str = "fp32", **options) -> Entry:
    from torchvision import models

    extra = {"weights_backbone": None} if name in models.list_models(models.segmentation) else {}
    return Entry("torchvision", name, lambda: models.get_model(name, weights=None, **extra, **options), size, precision=precision)


def detector_heads(name: str, size: int) -> Entry:
    """Backbone and heads of a detector; anchors and suppression run outside."""

    class Heads(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            from torchvision import models

            model = models.get_model(name, weights=None, weights_backbone=None)
            self.backbone, self.head = model.backbone, model.head

        def forward(self, x):
            return self.head(list(self.backbone(x).values()))

    return Entry("torchvision", name, Heads, size)


def timm(name: str, size: int = 64, precision: str = "fp32", **options) -> Entry:
    def build() -> nn.Module:
        import timm as package

        return package.create_model(name, pretrained=False, exportable=True, **options)

    return Entry("timm", name, build, size, precision=precision)


def transformers(model: str, size: int, config: str | None = None, pick=(), precision="fp32", inputs=None, **options) -> Entry:
    def build() -> nn.Module:
        import transformers as package

        names = {"backbone_config", "decoder_config"}
        made = {k: make(v) if k in names else v for k, v in options.items()}
        return getattr(package, model)(getattr(package, config or guess(model))(**made))

    def make(value):
        import transformers as package

        return getattr(package, value[0])(**value[1])

    return Entry("transformers", model, build, size, pick, precision, inputs)


def guess(model: str) -> str:
    for end in ("ForImageClassification", "ForSemanticSegmentation", "ForObjectDetection", "ForDepthEstimation", "ForImageSuperResolution", "Model"):
        model = model.removesuffix(end)
    return model + "Config"


SMALL = dict(hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=128)
RESNET = ("ResNetConfig", dict(embedding_size=16, hidden_sizes=[16, 32, 48, 64], depths=[1, 1, 1, 1], layer_type="basic", out_features=["stage4"]))
RESNET3 = ("ResNetConfig", dict(embedding_size=16, hidden_sizes=[16, 32, 48, 64], depths=[1, 1, 1, 1], layer_type="basic", out_features=["stage2", "stage3", "stage4"]))
STAGES = ["stage1", "stage2", "stage3", "stage4"]
VIT_STAGES = dict(SMALL, num_hidden_layers=4, image_size=64, patch_size=8, out_features=STAGES, reshape_hidden_states=False)

ENTRIES = [
    # What was refused before, first.
    torchvision("convnext_tiny"), torchvision("swin_t"), torchvision("swin_v2_t"),
    torchvision("maxvit_t", 224),
    timm("edgenext_xx_small"), timm("poolformerv2_s12"), timm("nfnet_l0"), torchvision("vit_b_16", image_size=64),
    torchvision("regnet_y_400mf"),
    transformers("RTDetrForObjectDetection", 64, pick=("logits", "pred_boxes"), use_timm_backbone=False, backbone=None,
                 backbone_config=("RTDetrResNetConfig", dict(embedding_size=16, hidden_sizes=[16, 32, 48, 64], depths=[1, 1, 1, 1], layer_type="basic", out_features=["stage2", "stage3", "stage4"])),
                 encoder_hidden_dim=64, encoder_in_channels=[32, 48, 64], feat_strides=[8, 16, 32], encoder_ffn_dim=64, d_model=64, num_queries=20,
                 decoder_in_channels=[64, 64, 64], decoder_ffn_dim=64, decoder_layers=2, decoder_attention_heads=4, encoder_attention_heads=4, anchor_image_size=[64, 64], num_labels=10),
    transformers("DetrForObjectDetection", 64, pick=("logits", "pred_boxes"), use_timm_backbone=False, use_pretrained_backbone=False, backbone=None, backbone_config=RESNET,
                 d_model=64, encoder_layers=2, decoder_layers=2, encoder_ffn_dim=128, decoder_ffn_dim=128, encoder_attention_heads=4, decoder_attention_heads=4, num_queries=10),
    transformers("SegformerForSemanticSegmentation", 64, depths=[1, 1, 1, 1]),
    transformers("UperNetForSemanticSegmentation", 64, pick=("logits",), hidden_size=64, use_auxiliary_head=False, backbone=None,
                 backbone_config=("ConvNextConfig", dict(hidden_sizes=[16, 32, 48, 64], depths=[1, 1, 1, 1], out_features=STAGES))),
    transformers("Dinov2Model", 56, pick=("last_hidden_state",), **SMALL, image_size=56, patch_size=14),
    transformers("SiglipVisionModel", 64, pick=("pooler_output",), **SMALL, image_size=64, patch_size=16),
    transformers("DepthAnythingForDepthEstimation", 56, pick=("predicted_depth",), backbone=None, reassemble_hidden_size=64, neck_hidden_sizes=[16, 32, 48, 64], fusion_hidden_size=32, patch_size=14,
                 backbone_config=("Dinov2Config", dict(SMALL, num_hidden_layers=4, image_size=56, patch_size=14, out_features=STAGES, apply_layernorm=True, reshape_hidden_states=False))),
    Entry("own", "dcgan_generator", Generator, inputs=lambda: (torch.randn(1, 64, 1, 1),)),
    Entry("own", "style_transfer", StyleTransfer), Entry("own", "pix2pix_unet", UNet), Entry("own", "espcn", EspcnSuperResolution, 32),
    Entry("own", "spatial_transformer", SpatialTransformer),
    detector_heads("ssdlite320_mobilenet_v3_large", 96), torchvision("fcn_resnet50"),
    # torchvision
    torchvision("alexnet", 96), torchvision("vgg11_bn", 64), torchvision("resnet18"), torchvision("squeezenet1_1"),
    torchvision("shufflenet_v2_x1_0"), torchvision("mobilenet_v2"), torchvision("mobilenet_v3_small"), torchvision("mnasnet0_5"), torchvision("efficientnet_b0"),
    torchvision("regnet_x_400mf"), torchvision("deeplabv3_mobilenet_v3_large"), torchvision("lraspp_mobilenet_v3_large"),
    # transformers
    transformers("ViTForImageClassification", 64, **SMALL, image_size=64), transformers("BeitForImageClassification", 64, **SMALL, image_size=64),
    transformers("CLIPVisionModelWithProjection", 64, "CLIPVisionConfig", pick=("image_embeds",), **SMALL, image_size=64, patch_size=16),
    transformers("ConvNextForImageClassification", 64, depths=[1, 1, 2, 1]), transformers("ResNetForImageClassification", 64, depths=[1, 1, 1, 1]),
    transformers("SwinForImageClassification", 64, image_size=64, embed_dim=32, depths=[2, 2], num_heads=[2, 4], window_size=4),
    transformers("Swinv2ForImageClassification", 64, image_size=64, embed_dim=32, depths=[2, 2], num_heads=[2, 4], window_size=4),
    transformers("Swin2SRForImageSuperResolution", 32, pick=("reconstruction",), image_size=32, embed_dim=32, depths=[2], num_heads=[2], window_size=4),
    transformers("MobileViTForSemanticSegmentation", 64, image_size=64), transformers("YolosForObjectDetection", 64, pick=("logits", "pred_boxes"), **SMALL, image_size=[64, 64], num_detection_tokens=10),
    transformers("DPTForDepthEstimation", 64, pick=("predicted_depth",), **dict(SMALL, num_hidden_layers=4), image_size=64, backbone_out_indices=[0, 1, 2, 3], neck_hidden_sizes=[16, 32, 48, 64], fusion_hidden_size=32),
    transformers("GLPNForDepthEstimation", 64, pick=("predicted_depth",), depths=[1, 1, 1, 1]), transformers("PvtForImageClassification", 64, image_size=64, depths=[1, 1, 1, 1]),
    transformers("MobileNetV2ForImageClassification", 64), transformers("HieraForImageClassification", 64, image_size=[64, 64], embed_dim=32, depths=[1, 1, 2, 1], num_heads=[1, 2, 4, 8]),
    transformers("CvtForImageClassification", 64), transformers("FocalNetForImageClassification", 64, image_size=64, depths=[1, 1, 1, 1]),
    transformers("ConditionalDetrForObjectDetection", 64, pick=("logits", "pred_boxes"), use_timm_backbone=False, use_pretrained_backbone=False, backbone=None, backbone_config=RESNET,
                 d_model=64, encoder_layers=1, decoder_layers=1, encoder_ffn_dim=64, decoder_ffn_dim=64, encoder_attention_heads=4, decoder_attention_heads=4, num_queries=10),
    transformers("DeformableDetrForObjectDetection", 64, pick=("logits", "pred_boxes"), use_timm_backbone=False, use_pretrained_backbone=False, backbone=None, backbone_config=RESNET3,
                 d_model=64, encoder_layers=1, decoder_layers=1, encoder_ffn_dim=64, decoder_ffn_dim=64, encoder_attention_heads=4, decoder_attention_heads=4, num_queries=10),
    transformers("SamVisionModel", 64, "SamVisionConfig", pick=("last_hidden_state",), hidden_size=64, num_hidden_layers=2, num_attention_heads=4, image_size=64, output_channels=32, global_attn_indexes=[1], window_size=3),
    # 8 bits and 16 bits
    *[torchvision(name, precision="int8") for name in "resnet18 mobilenet_v2 mobilenet_v3_small squeezenet1_1 shufflenet_v2_x1_0 regnet_y_400mf efficientnet_b0 vgg11_bn".split()],
    torchvision("vit_b_16", precision="int8-dynamic", image_size=64), timm("deit_tiny_patch16_224", precision="int8-dynamic", img_size=64),
    timm("mixer_s32_224", precision="int8-dynamic", img_size=64), timm("repvgg_a0", precision="int8"),
    *[torchvision(name, precision="int8") for name in "mnasnet0_5 regnet_x_400mf alexnet".split()], timm("mobilenetv4_conv_small", precision="int8"), timm("lcnet_050", precision="int8"),
    *[torchvision(name, precision="fp16") for name in "resnet18 mobilenet_v2 mobilenet_v3_small squeezenet1_1 convnext_tiny".split()], timm("deit_tiny_patch16_224", precision="fp16", img_size=64),
    transformers("SegformerForSemanticSegmentation", 64, depths=[1, 1, 1, 1], precision="fp16"), transformers("CLIPVisionModelWithProjection", 64, "CLIPVisionConfig", pick=("image_embeds",), **SMALL, image_size=64, patch_size=16, precision="fp16"),
    torchvision("squeezenet1_1", precision="fp16-portable"), torchvision("mobilenet_v2", precision="fp16-portable"), timm("deit_tiny_patch16_224", precision="fp16-portable", img_size=64),
    torchvision("mobilenet_v3_small", precision="bf16"),
    torchvision("resnet18", precision="bf16"), timm("deit_tiny_patch16_224", precision="bf16", img_size=64),
    # timm
    *[timm(name) for name in (
        "convnextv2_atto poolformer_s12 ghostnet_100 ghostnetv2_100 mobileone_s0 repvgg_a0 repvit_m0_9 fastvit_t8 inception_next_atto hgnetv2_b0"
        " cspresnet50 skresnet18 ese_vovnet19b_dw rexnet_100 tinynet_e lcnet_050"
        " tf_efficientnet_lite0 mobilenetv4_conv_small starnet_s1 fasternet_t0 regnetz_b16 pvt_v2_b0 focalnet_tiny_srf davit_tiny mobilevitv2_050"
        " mobilevit_xxs xcit_nano_12_p16_224").split()],
    *[timm(name, 64, img_size=64) for name in (
        "deit_tiny_patch16_224 mixer_s32_224 gmlp_ti16_224 resmlp_12_224 cait_xxs24_224 twins_svt_small beit_base_patch16_224 convit_tiny").split()],
    timm("efficientvit_b0"), timm("efficientvit_m0", 224), timm("efficientformer_l1", 224), timm("efficientformerv2_s0", 224), timm("levit_128s", 224), timm("tiny_vit_5m_224", 224),
    timm("swinv2_cr_tiny_224", 224), timm("coatnet_nano_rw_224", 224), timm("maxvit_pico_rw_256", 256), timm("hiera_tiny_224", 224), timm("eva02_tiny_patch14_224", 56, img_size=56),
    timm("visformer_tiny", 224), timm("nest_tiny", 224), timm("mvitv2_tiny", 224), timm("gcvit_xxtiny", 224),
    # transformers again
    transformers("DeiTForImageClassification", 64, **SMALL, image_size=64), transformers("LevitForImageClassification", 64, image_size=64, hidden_sizes=[32, 48, 64], num_attention_heads=[2, 3, 4], depths=[1, 1, 1], key_dim=[8, 8, 8]),
    transformers("MobileViTV2ForImageClassification", 64, image_size=64, width_multiplier=0.5), transformers("PoolFormerForImageClassification", 64, hidden_sizes=[16, 32, 48, 64], depths=[1, 1, 1, 1]),
    transformers("RegNetForImageClassification", 64, hidden_sizes=[16, 32, 48, 64], depths=[1, 1, 1, 1], groups_width=16), transformers("SwiftFormerForImageClassification", 64, depths=[1, 1, 1, 1]),
    transformers("BitForImageClassification", 64, hidden_sizes=[32, 64, 96, 128], depths=[1, 1, 1, 1], embedding_size=32), transformers("EfficientNetForImageClassification", 64, image_size=64, width_coefficient=0.5, depth_coefficient=0.5),
    transformers("MobileNetV1ForImageClassification", 64), transformers("ViTMSNForImageClassification", 64, **SMALL, image_size=64), transformers("ConvNextV2ForImageClassification", 64, hidden_sizes=[16, 32, 48, 64], depths=[1, 1, 1, 1]),
    transformers("PvtV2ForImageClassification", 64, image_size=64, hidden_sizes=[16, 32, 48, 64], depths=[1, 1, 1, 1], num_attention_heads=[1, 2, 4, 8]), transformers("IJepaModel", 64, pick=("last_hidden_state",), **SMALL, image_size=64, patch_size=16),
    transformers("Dinov2WithRegistersModel", 56, pick=("last_hidden_state",), **SMALL, image_size=56, patch_size=14), transformers("DonutSwinModel", 64, pick=("last_hidden_state",), image_size=64, embed_dim=32, depths=[2, 2], num_heads=[2, 4], window_size=4),
    transformers("TextNetForImageClassification", 64), transformers("VitDetModel", 64, pick=("last_hidden_state",), hidden_size=64, num_hidden_layers=2, num_attention_heads=4, image_size=64, pretrain_image_size=64),
    transformers("MaskFormerForInstanceSegmentation", 64, "MaskFormerConfig", pick=("class_queries_logits", "masks_queries_logits"), fpn_feature_size=32, mask_feature_size=32,
                 backbone_config=("SwinConfig", dict(image_size=64, embed_dim=32, depths=[1, 1, 1, 1], num_heads=[1, 2, 4, 8], window_size=4, out_features=STAGES)),
                 decoder_config=("DetrConfig", dict(d_model=32, encoder_layers=1, decoder_layers=1, encoder_ffn_dim=64, decoder_ffn_dim=64, encoder_attention_heads=4, decoder_attention_heads=4, num_queries=10))),
    transformers("Mask2FormerForUniversalSegmentation", 64, "Mask2FormerConfig", pick=("class_queries_logits", "masks_queries_logits"), feature_size=32, mask_feature_size=32, hidden_dim=32, encoder_feedforward_dim=64,
                 encoder_layers=1, decoder_layers=2, num_attention_heads=4, dim_feedforward=64, num_queries=10,
                 backbone_config=("SwinConfig", dict(image_size=64, embed_dim=32, depths=[1, 1, 1, 1], num_heads=[1, 2, 4, 8], window_size=4, out_features=STAGES))),
    # Large ones.
    torchvision("resnext50_32x4d"), torchvision("googlenet", init_weights=False, aux_logits=False), torchvision("densenet121"), timm("dla34"), timm("hrnet_w18_small"), torchvision("efficientnet_v2_s"), torchvision("inception_v3", 96, init_weights=False, aux_logits=False),
]


# --- export ---------------------------------------------------------------------------------------------


def raw(tensor: torch.Tensor) -> bytes:
    tensor = tensor.detach().contiguous()
    return (tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor).numpy().tobytes()


def describe(tensors) -> list[dict]:
    return [{"dtype": str(t.dtype).removeprefix("torch."), "sizes": list(t.shape)} for t in tensors]


def error_of_range(found, wanted) -> float:
    """The largest over all outputs of |found - wanted| / (max - min of wanted)."""
    worst = 0.0
    for a, b in zip(found, wanted):
        a, b = a.double(), b.double()
        span = (b.max() - b.min()).item() or 1.0
        worst = max(worst, (a - b).abs().max().item() / span)
    return worst


def wake(model: nn.Module) -> None:
    """Gives weights that start as zero (heads, gates at the end of blocks) values, so that the output says something."""
    for parameter in model.parameters():
        if parameter.is_floating_point() and parameter.dim() > 1 and not parameter.any():
            nn.init.normal_(parameter, std=0.05)


def plain_names(model: nn.Module) -> None:
    """The exporter stumbles over names with a hyphen ("block1-0")."""
    for module in list(model.modules()):
        module._modules = {name.replace("-", "_"): child for name, child in module._modules.items()}


def make(entry: Entry, folder: Path) -> dict:
    torch.manual_seed(0)
    model = Outputs(entry.build(), entry.pick).eval()
    wake(model)
    plain_names(model)
    samples = [entry.inputs()] if entry.inputs else pictures(None, entry.size, 4)
    if any(isinstance(m, nn.modules.batchnorm._BatchNorm) for m in model.modules()):
        settle(model, samples)
    half = {"fp16": torch.float16, "fp16-portable": torch.float16, "bf16": torch.bfloat16}.get(entry.precision)
    if half:
        model = model.to(half)
        samples = [tuple(x.to(half) for x in sample) for sample in samples]
    inputs = samples[0]
    exported = model
    dynamic = entry.precision == "int8-dynamic"
    with torch.no_grad():
        wanted = model(*inputs)
    if dynamic:
        exported = lowering.quantise_dynamic(model, inputs)
    elif entry.precision == "int8":
        exported = lowering.quantise_static(model, inputs, samples)
    if entry.precision.startswith("int8"):
        with torch.no_grad():
            wanted = exported(*inputs)
    parts = [] if entry.precision == "fp16-portable" else None
    pte = lowering.to_pte(exported, inputs, dynamic=dynamic, strict=False, partitioner=parts)
    (folder / f"{entry.file}.pte").write_bytes(pte)
    for i, tensor in enumerate(inputs):
        (folder / f"{entry.file}.in{i}").write_bytes(raw(tensor))
    for i, tensor in enumerate(wanted):
        (folder / f"{entry.file}.out{i}").write_bytes(raw(tensor))
    side = {"inputs": describe(inputs), "outputs": describe(wanted), "bytes": len(pte),
            "parameters": sum(p.numel() for p in model.parameters())}
    try:
        found = lowering.run_pte(pte)(*inputs)
        side["executorch"] = error_of_range(found, wanted)
        for i, tensor in enumerate(found):
            (folder / f"{entry.file}.executorch{i}").write_bytes(raw(tensor))
    except Exception as error:  # noqa: BLE001 - any failure of the runtime is a result
        side["executorchFails"] = str(error).split("\n")[0][:200]
    return side


def make_apart(entry: Entry, folder: Path) -> None:
    """In a process of its own, with a limit of time: what one network breaks does not touch the next."""
    path = folder / f"{entry.file}.json"
    if path.exists():
        return
    side = {"name": entry.name, "source": entry.source, "precision": entry.precision, "size": entry.size}
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        signal.setitimer(signal.ITIMER_PROF, LIMIT)
        try:
            side |= make(entry, folder)
        except BaseException as error:  # noqa: BLE001 - any failure of the exporter is a result
            side["exporterFails"] = f"{type(error).__name__}: {error}".strip().split("\n")[0][:300]
        path.write_text(json.dumps(side, indent=1) + "\n")
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if not path.exists():
        side["exporterFails"] = f"ended by signal {status & 127}" if status & 127 != signal.SIGPROF else f"took more than {LIMIT} s"
        path.write_text(json.dumps(side, indent=1) + "\n")
    side = json.loads(path.read_text())
    print(f"{time.monotonic() - started:5.0f} s  {entry.file}: {side.get('exporterFails') or side.get('executorchFails') or side.get('executorch')}", flush=True)


def main() -> None:
    folder, wanted = Path(sys.argv[1]), set(sys.argv[2:])
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    for entry in ENTRIES:
        if not wanted or entry.file in wanted:
            make_apart(entry, folder)


if __name__ == "__main__":
    main()
