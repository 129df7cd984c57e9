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
SIZES = {"classifier": 64, "embedder": 64, "segmenter": 128}
EMBEDDING = 64
COUNTS = {"classifier": (2400, 600), "embedder": (2400, 600), "segmenter": (1600, 200)}
EPOCHS = {"classifier": 16, "embedder": 16, "segmenter": 16}
HELD_OUT_SEED = 7


def build(task: str) -> nn.Module:
    torch.manual_seed(SEED)
    if task == "classifier":
        return Classifier(len(NAMES))
    if task == "embedder":
        return Embedder(EMBEDDING)
    return Segmenter(len(NAMES) + 1)


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
    generator = torch.Generator().manual_seed(SEED)
    batch = 32 if task == "segmenter" else 64
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
            value = loss(model(x), targets[part] if mask is None else mask)
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
            schedule.step()
            total += value.item()
        mean = total / (len(inputs) // batch)
        print(f"{task} epoch {epoch + 1}: loss {mean:.4f}, {time.monotonic() - started:.0f} s", flush=True)
    return model.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=[*SIZES, "all"])
    arguments = parser.parse_args()
    os.nice(int(os.environ.get("EW_NICE", "5")))
    torch.set_num_threads(int(os.environ.get("EW_THREADS", "2")))
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
