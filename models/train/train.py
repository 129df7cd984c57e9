"""Trains the built-in models on procedural pictures; same seeds and torch version, same weights.

    python models/train/train.py classifier|segmenter|embedder|all

Weights go to the cache folder ($EW_MODELS_CACHE, else ~/.cache/executorch-web/models); export_builtin.py
turns them into models/builtin/*.pte.
"""

import argparse
import os
import time

import torch
from torch import Tensor, nn
from torch.nn import functional

import data
from kinds import NAMES
from nets import Classifier, Embedder, Segmenter

SEED = 20250101
# In the order of training: the segmenter starts from the classifier.
SIZES = {"classifier": 64, "embedder": 64, "segmenter": 128}
EMBEDDING = 64
COUNTS = {"classifier": (2400, 600), "embedder": (2400, 600), "segmenter": (4000, 200)}
EPOCHS = {"classifier": 20, "embedder": 16, "segmenter": 24}
HELD_OUT_SEED = 7
# Share of the epochs in which the segmenter sees smaller pictures.
EARLY = 0.5


def build(task: str) -> nn.Module:
    torch.manual_seed(SEED)
    if task == "classifier":
        return Classifier(len(NAMES))
    if task == "embedder":
        return Embedder(EMBEDDING)
    return Segmenter(len(NAMES) + 1)


def start_from_classifier(model: Segmenter) -> None:
    """Gives the segmenter's first stages the weights of the trained classifier's, layer by layer."""
    classifier = build("classifier")
    classifier.load_state_dict(torch.load(data.CACHE / "classifier.pt"))
    stem, _, *layers = classifier.trunk
    model.stem[0].load_state_dict(stem.state_dict())
    for stage, pair in zip(model.stages, zip(layers[::2], layers[1::2])):
        for layer, trained in zip(stage, pair):
            layer.load_state_dict(trained.state_dict())


def training_set(task: str) -> tuple[Tensor, Tensor]:
    make = data.groups if task == "segmenter" else data.singles
    return make(COUNTS[task][0], SIZES[task], seed=1)


def held_out_set(task: str) -> tuple[Tensor, Tensor]:
    make = data.groups if task == "segmenter" else data.singles
    return make(COUNTS[task][1], SIZES[task], seed=HELD_OUT_SEED)


class CosineLoss(nn.Module):
    """Cross entropy over cosines to one learned direction per kind, with a margin (CosFace)."""

    def __init__(self, size: int, classes: int, scale: float = 16.0, margin: float = 0.2) -> None:
        super().__init__()
        self.directions = nn.Parameter(torch.randn(classes, size))
        self.scale, self.margin = scale, margin

    def forward(self, vectors: Tensor, labels: Tensor) -> Tensor:
        cosines = vectors @ functional.normalize(self.directions).T
        target = functional.one_hot(labels, cosines.shape[1])
        return functional.cross_entropy(self.scale * (cosines - self.margin * target), labels)


def loss_of(task: str) -> nn.Module:
    if task == "embedder":
        return CosineLoss(EMBEDDING, len(NAMES))
    return nn.CrossEntropyLoss(label_smoothing=0.0 if task == "segmenter" else 0.05)


def train(task: str) -> nn.Module:
    inputs, targets = training_set(task)
    model, loss = build(task), loss_of(task)
    if task == "segmenter":
        start_from_classifier(model)
    # Channels last is the order that convolutions are quickest in on CPUs.
    model = model.to(memory_format=torch.channels_last)
    generator = torch.Generator().manual_seed(SEED)
    batch = 16 if task == "segmenter" else 64
    steps = EPOCHS[task] * (len(inputs) // batch)
    parameters = [*model.parameters(), *loss.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=4e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 8e-3, total_steps=steps, pct_start=0.2)
    masks = task == "segmenter"
    started = time.monotonic()
    for epoch in range(EPOCHS[task]):
        order = torch.randperm(len(inputs), generator=generator)
        total = 0.0
        for part in order[: len(order) // batch * batch].view(-1, batch):
            x, mask = data.augment(inputs[part], targets[part] if masks else None, generator)
            if masks and epoch < EARLY * EPOCHS[task]:
                x, mask = smaller(x, mask)
            x = x.contiguous(memory_format=torch.channels_last)
            value = loss(model(x), targets[part] if mask is None else mask)
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
            schedule.step()
            total += value.item()
        mean = total / (len(inputs) // batch)
        seconds = time.monotonic() - started
        print(f"{task} epoch {epoch + 1}: loss {mean:.4f}, {seconds:.0f} s", flush=True)
    return model.to(memory_format=torch.contiguous_format).eval()


def smaller(pixels: Tensor, masks: Tensor) -> tuple[Tensor, Tensor]:
    """At 3/4 of the size, for a first part of the training that costs half as much."""
    size = pixels.shape[2] * 3 // 4
    pick = ((torch.arange(size) + 0.5) * pixels.shape[2] / size).long()
    small = functional.interpolate(pixels, size=(size, size), mode="bilinear", align_corners=False)
    return small, masks[:, pick][:, :, pick]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=[*SIZES, "all"])
    arguments = parser.parse_args()
    os.nice(int(os.environ.get("EW_NICE", "5")))
    torch.set_num_threads(int(os.environ.get("EW_THREADS", "1")))
    torch.use_deterministic_algorithms(True)
    for task in SIZES if arguments.task == "all" else [arguments.task]:
        model = train(task)
        print(task, {k: round(v, 5) for k, v in evaluate(task, model, *held_out_set(task)).items()})
        data.CACHE.mkdir(parents=True, exist_ok=True)
        torch.save(model.state_dict(), data.CACHE / f"{task}.pt")


def evaluate(task: str, model, inputs: Tensor, targets: Tensor) -> dict[str, float]:
    """Held-out figures of anything that maps f32 [1, 3, H, W] (or a batch) to an output."""
    with torch.no_grad():
        outputs = torch.cat([model(x.float() / 255.0) for x in inputs.split(1)])
    if task == "classifier":
        return {"accuracy": (outputs.argmax(1) == targets).double().mean().item()}
    if task == "embedder":
        return {"retrievalTop1": retrieval(outputs, targets)}
    return segmentation(outputs.argmax(1), targets)


def retrieval(vectors: Tensor, labels: Tensor) -> float:
    """Share of vectors whose nearest other vector is of the same kind."""
    similar = vectors @ vectors.T
    similar.fill_diagonal_(-2.0)
    return (labels[similar.argmax(1)] == labels).double().mean().item()


def segmentation(found: Tensor, wanted: Tensor) -> dict[str, float]:
    """Mean over the classes of intersection / union, and the share of pixels that are right."""
    count = len(NAMES) + 1
    confusion = torch.bincount(wanted.flatten() * count + found.flatten(), minlength=count * count)
    confusion = confusion.view(count, count).double()
    both = confusion.diagonal()
    either = confusion.sum(0) + confusion.sum(1) - both
    return {
        "meanIoU": (both / either).mean().item(),
        "pixelAccuracy": (both.sum() / confusion.sum()).item(),
    }


if __name__ == "__main__":
    main()
