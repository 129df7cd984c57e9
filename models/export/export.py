"""Exports a PyTorch model to a .pte that executorch-web runs, and proves that it computes the same.

    python models/export/export.py efficientnet [--int8] [--random] [--output FILE]
    python models/export/export.py deeplab      [--int8] [--random]
    python models/export/export.py clip         [--int8] [--random]
    python models/export/export.py clip-text    [--random]
    python models/export/export.py torchvision NAME [--int8] [--random] [--size 224]
    python models/export/export.py module PATH.py:CLASS [--int8] [--size 224] [--mean R,G,B --std R,G,B] [--unit]

The file takes one picture, f32 [1, 3, H, W], RGB in 0..1; normalisation and the L2 norm of embeddings are
inside; classifiers and segmenters give logits. clip-text takes the ids of up to 77 tokens and their attention mask, i64
[1, tokens] each; its tokenizer.json is a file of its own (fixture_tokens.py --tokenizer makes one). --int8 is static quantisation for convolutional networks
(give --calibration FOLDER with pictures of your kind) and dynamic quantisation for clip or with --dynamic.
--random keeps the network's initial weights instead of downloading pretrained ones (batch norms get the statistics
of the calibration pictures).

The operators of the file are compared with those of executorch-web (operators.json); what it lacks is named, with advice.
Beside NAME.pte a NAME.json tells input, output, size, sha256, licence and the error against eager PyTorch.
"""

import argparse
import hashlib
import importlib.util
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

import contract
import lowering
import operators


@dataclass
class Network:
    """A bare network and what its contract needs."""

    name: str
    module: nn.Module
    task: str
    size: int
    licence: str
    mean: tuple | None = None
    std: tuple | None = None
    unit: bool = False
    dynamic: bool = False
    vocabulary: int | None = None  # Number of tokens that a text encoder knows; `size` is the longest text.


def torchvision_network(name: str, size: int | None, random: bool) -> Network:
    """Any classification or segmentation model of torchvision by its name there."""
    from torchvision import models

    segmentation = name in models.list_models(models.segmentation)
    if not segmentation and name not in models.list_models(models):
        raise SystemExit(f"torchvision has no classification or segmentation model '{name}'")
    options = {"weights_backbone": None} if segmentation else {}
    if random:
        torch.manual_seed(0)
        module = models.get_model(name, weights=None, **options)
    else:
        module = models.get_model(name, weights="DEFAULT")
    default = 384 if name == "efficientnet_v2_s" else 224
    return Network(
        name=name,
        module=module,
        task="segmentation" if segmentation else "classification",
        size=size or default,
        licence="BSD-3-Clause",
        mean=contract.IMAGENET_MEAN,
        std=contract.IMAGENET_STD,
    )


def clip_network(random: bool) -> Network:
    """CLIP ViT-B/32, image encoder with projection."""
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    name = "openai/clip-vit-base-patch32"
    if random:
        torch.manual_seed(0)
        config = CLIPVisionConfig(
            hidden_size=768,
            intermediate_size=3072,
            projection_dim=512,
            num_hidden_layers=12,
            num_attention_heads=12,
            image_size=224,
            patch_size=32,
        )
        module = CLIPVisionModelWithProjection(config)
    else:
        module = CLIPVisionModelWithProjection.from_pretrained(name)
    return Network(
        name="clip_vit_base_patch32_image",
        module=module,
        task="embeddings",
        size=224,
        licence="MIT",
        mean=contract.CLIP_MEAN,
        std=contract.CLIP_STD,
        unit=True,
        dynamic=True,
    )


def clip_text_network(random: bool) -> Network:
    """CLIP ViT-B/32, text encoder with projection."""
    from transformers import CLIPTextConfig, CLIPTextModelWithProjection

    if random:
        torch.manual_seed(0)
        config = CLIPTextConfig(
            vocab_size=49408,
            hidden_size=512,
            intermediate_size=2048,
            projection_dim=512,
            num_hidden_layers=12,
            num_attention_heads=8,
            max_position_embeddings=77,
            bos_token_id=49406,
            eos_token_id=49407,
        )
        module = CLIPTextModelWithProjection(config)
    else:
        module = CLIPTextModelWithProjection.from_pretrained("openai/clip-vit-base-patch32")
    return Network(
        name="clip_vit_base_patch32_text",
        module=module,
        task="textEmbeddings",
        size=77,
        licence="MIT",
        vocabulary=49408,
    )


def own_network(where: str, arguments: argparse.Namespace) -> Network:
    """A class (or function without arguments) that gives the module, by PATH.py:NAME."""
    path, _, name = where.rpartition(":")
    if not path or not Path(path).is_file():
        raise SystemExit(f"module wants PATH.py:CLASS, got '{where}'")
    spec = importlib.util.spec_from_file_location(Path(path).stem, path)
    imported = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = imported
    spec.loader.exec_module(imported)
    return Network(
        name=name.lower(),
        module=getattr(imported, name)(),
        task=arguments.task,
        size=arguments.size or 224,
        licence=arguments.licence,
        mean=arguments.mean,
        std=arguments.std,
        unit=arguments.unit,
        dynamic=arguments.dynamic,
    )


def pictures(folder: str | None, size: int, count: int) -> list[tuple[Tensor]]:
    """Calibration inputs: pictures of a folder as the runtime would see them, or smooth random ones."""
    if folder is None:
        generator = torch.Generator().manual_seed(0)
        coarse = torch.rand(count, 3, 12, 12, generator=generator)
        size2 = (size, size)
        smooth = nn.functional.interpolate(coarse, size=size2, mode="bilinear", align_corners=False)
        return [(x,) for x in smooth.split(1)]
    from PIL import Image
    from torchvision.transforms.functional import pil_to_tensor, resize

    suffixes = {".jpg", ".jpeg", ".png", ".webp"}
    paths = sorted(p for p in Path(folder).iterdir() if p.suffix.lower() in suffixes)[:count]
    if not paths:
        raise SystemExit(f"no pictures in {folder}")
    images = (pil_to_tensor(Image.open(p).convert("RGB")) for p in paths)
    return [(resize(x, [size, size], antialias=False)[None].float() / 255.0,) for x in images]


def texts(network: Network) -> list[tuple[Tensor, Tensor]]:
    """Inputs of a text encoder: random texts, short, usual and as long as can be."""
    return [contract.text_sample(network.vocabulary, length) for length in (9, 2, 30, network.size)]


def settle(model: nn.Module, samples: list[tuple[Tensor]]) -> None:
    """Gives batch norms the statistics of `samples`: with initial ones the signal of deep networks fades to 1e-6."""
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.train()
            module.momentum = 1.0
    with torch.no_grad():
        model(torch.cat([pixels for (pixels,) in samples]))
    model.eval()


def compare(found: Tensor, wanted: Tensor) -> dict[str, float]:
    """Largest error, and the same and the root mean square relative to the range of the expected output."""
    gap = (found - wanted).abs().max().item()
    rms = (found - wanted).square().mean().sqrt().item()
    span = (wanted.max() - wanted.min()).item() or 1.0
    return {"maxAbsoluteError": gap, "relativeToRange": gap / span, "rmsRelativeToRange": rms / span}


def check(side: dict) -> None:
    """Ends the program if the file computes something else than eager PyTorch.

    int8 is compared with fp32: kernels round differently, and deep networks amplify a step of an early layer up to
    what quantisation itself costs. The file may cost a quarter more than the quantised module does in eager mode.
    """
    found, limit = side["againstEager"]["relativeToRange"], 1e-3
    if side["precision"] == "int8":
        found = side["againstFloat"]["rmsRelativeToRange"]
        limit = 1.25 * side["quantisation"]["rmsRelativeToRange"] + 0.005
    if not found <= limit:
        raise SystemExit(f"the exported file differs from eager PyTorch by {found}, more than {limit}")


def rounded(figures: dict[str, float]) -> dict[str, float]:
    return {key: float(f"{value:.3g}") for key, value in figures.items()}


def export(network: Network, arguments: argparse.Namespace) -> None:
    started = time.monotonic()
    say = lambda text: print(f"[{time.monotonic() - started:5.0f} s] {text}", flush=True)  # noqa: E731
    if network.vocabulary:
        export_text(network, arguments, say)
        return
    model = contract.Contract(network.module, network.mean, network.std, network.unit).eval()
    samples = pictures(arguments.calibration, network.size, arguments.samples)
    inputs = samples[0]
    if arguments.random:
        settle(model, samples)
    with torch.no_grad():
        wanted = reference = model(*inputs)
    side = {"task": network.task, "precision": "int8" if arguments.int8 else "fp32"}
    exported: nn.Module = model
    if arguments.int8:
        say(f"quantising, {'dynamic' if network.dynamic else f'static, {len(samples)} pictures'}")
        if network.dynamic:
            exported = lowering.quantise_dynamic(model, inputs)
        else:
            exported = lowering.quantise_static(model, inputs, samples)
        with torch.no_grad():
            wanted = exported(*inputs)
        side["quantisation"] = rounded(compare(wanted, reference))
    say("exporting")
    pte = lowering.to_pte(exported, inputs, dynamic=arguments.int8 and network.dynamic)
    output = written(pte, network, arguments, side["precision"])
    say(f"{output}: {len(pte)} bytes; running it in ExecuTorch's runtime")
    found = lowering.run_pte(pte)(*inputs)[0]
    side |= {
        "file": output.name,
        "size": len(pte),
        "sha256": hashlib.sha256(pte).hexdigest(),
        "input": {"type": "f32", "sizes": list(inputs[0].shape), "colours": "RGB", "range": [0, 1]},
        "output": {"type": "f32", "sizes": list(found.shape)},
        "weights": "random" if arguments.random else "pretrained or the module's own",
        "licence": network.licence,
        "againstEager": rounded(compare(found, wanted)),
    }
    if arguments.int8:
        side["againstFloat"] = rounded(compare(found, reference))
    output.with_suffix(".json").write_text(json.dumps(side, indent=2) + "\n")
    if arguments.reference:
        inputs[0].numpy().tofile(output.with_suffix(".in.f32"))
        wanted.detach().contiguous().numpy().tofile(output.with_suffix(".out.f32"))
    say(f"against eager PyTorch: {side['againstEager']}")
    check(side)


def written(pte: bytes, network: Network, arguments: argparse.Namespace, precision: str) -> Path:
    """Writes the file and ends the program if executorch-web lacks an operator of it."""
    output = Path(arguments.output or f"{network.name}_xnnpack_{precision}.pte")
    output.write_bytes(pte)
    refused = operators.refusals(pte)
    if refused:
        raise SystemExit(f"{output} is written, but executorch-web would refuse it:\n  " + "\n  ".join(refused))
    return output


def export_text(network: Network, arguments: argparse.Namespace, say) -> None:
    """The same for a text encoder, whose number of tokens is dynamic."""
    if arguments.int8:
        raise SystemExit("clip-text is exported in fp32 only")
    model = contract.TextContract(network.module).eval()
    samples = texts(network)
    say("exporting")
    pte = lowering.to_pte(model, samples[0], strict=False, shapes=contract.text_shapes(network.size))
    output = written(pte, network, arguments, "fp32")
    say(f"{output}: {len(pte)} bytes; running it in ExecuTorch's runtime")
    run = lowering.run_pte(pte)
    with torch.no_grad():
        wanted = [model(*inputs) for inputs in samples]
    errors = [compare(run(*inputs)[0], expected) for inputs, expected in zip(samples, wanted)]
    worst = max(errors, key=lambda figures: figures["relativeToRange"])
    side = {
        "task": network.task,
        "precision": "fp32",
        "file": output.name,
        "size": len(pte),
        "sha256": hashlib.sha256(pte).hexdigest(),
        "input": {"type": "i64", "sizes": [1, f"2..{network.size}"], "inputs": ["ids", "attention mask"]},
        "output": {"type": "f32", "sizes": list(wanted[0].shape)},
        "weights": "random" if arguments.random else "pretrained",
        "licence": network.licence,
        "againstEager": rounded(worst),
    }
    output.with_suffix(".json").write_text(json.dumps(side, indent=2) + "\n")
    if arguments.reference:
        cases = [{"ids": ids[0].tolist(), "out": out[0].tolist()} for (ids, _), out in zip(samples, wanted)]
        output.with_suffix(".cases.json").write_text(json.dumps(cases) + "\n")
    say(f"against eager PyTorch: {side['againstEager']}")
    check(side)


def triple(text: str) -> tuple[float, ...]:
    values = tuple(float(part) for part in text.split(","))
    if len(values) != 3:
        raise argparse.ArgumentTypeError("three numbers R,G,B")
    return values


def parse() -> argparse.Namespace:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--int8", action="store_true", help="quantise to 8 bits")
    shared.add_argument("--random", action="store_true", help="initial weights, no download")
    shared.add_argument("--output", help="default: NAME_xnnpack_PRECISION.pte here")
    shared.add_argument("--size", type=int, help="height and width of the input")
    shared.add_argument("--calibration", help="folder of pictures for --int8")
    shared.add_argument("--samples", type=int, default=8, help="calibration pictures (default 8)")
    shared.add_argument("--reference", action="store_true", help="also write input and output as .f32")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("efficientnet", "deeplab", "clip", "clip-text"):
        commands.add_parser(name, parents=[shared])
    commands.add_parser("torchvision", parents=[shared]).add_argument("name")
    own = commands.add_parser("module", parents=[shared])
    own.add_argument("where", metavar="PATH.py:CLASS")
    own.add_argument("--task", choices=("classification", "segmentation", "embeddings"), default="classification")
    own.add_argument("--mean", type=triple, help="R,G,B in 0..1; default: no normalisation")
    own.add_argument("--std", type=triple, default=(1.0, 1.0, 1.0))
    own.add_argument("--unit", action="store_true", help="divide the output by its L2 norm")
    own.add_argument("--dynamic", action="store_true", help="--int8 is dynamic")
    own.add_argument("--licence", default="unstated")
    return parser.parse_args()


def find_network(arguments: argparse.Namespace) -> Network:
    if arguments.command == "efficientnet":
        return torchvision_network("efficientnet_v2_s", arguments.size, arguments.random)
    if arguments.command == "deeplab":
        return torchvision_network("deeplabv3_resnet50", arguments.size, arguments.random)
    if arguments.command == "clip":
        return clip_network(arguments.random)
    if arguments.command == "clip-text":
        return clip_text_network(arguments.random)
    if arguments.command == "torchvision":
        return torchvision_network(arguments.name, arguments.size, arguments.random)
    return own_network(arguments.where, arguments)


def main() -> None:
    arguments = parse()
    try:
        network = find_network(arguments)
    except OSError as error:
        # Downloads fail in many ways (urllib, requests, huggingface_hub); all of them are OSErrors.
        if arguments.random or arguments.command == "module":
            raise
        raise SystemExit(
            f"the pretrained weights cannot be downloaded ({error}). Offline, --random exports the network with its "
            "initial weights: right shape and speed, no knowledge."
        ) from error
    export(network, arguments)


if __name__ == "__main__":
    main()
