"""The contract of published models, put around a bare network: RGB pixels / 255 in, task output out."""

import torch
from torch import Tensor, nn

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CLIP_MEAN, CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


class Contract(nn.Module):
    """f32 [1, 3, H, W] in 0..1 -> (x - mean) / std -> network -> first tensor -> L2 norm if wanted."""

    def __init__(self, network: nn.Module, mean=None, std=None, unit: bool = False) -> None:
        super().__init__()
        self.network = network
        self.unit = unit
        self.normalised = mean is not None
        if self.normalised:
            self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1))
            self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1))

    def forward(self, pixels: Tensor) -> Tensor:
        x = (pixels - self.mean) / self.std if self.normalised else pixels
        y = first_tensor(self.network(x))
        return y / y.norm(dim=-1, keepdim=True) if self.unit else y


def first_tensor(output) -> Tensor:
    """torchvision's segmenters give a dict with 'out', CLIP an object with image_embeds."""
    if isinstance(output, Tensor):
        return output
    if isinstance(output, dict):
        for key in ("out", "image_embeds", "logits"):
            if key in output:
                return output[key]
        return next(iter(output.values()))
    return output[0]
