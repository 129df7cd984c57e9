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


class TextContract(nn.Module):
    """Ids and attention mask, i64 [1, tokens] each -> CLIP's text encoder -> unit vector."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        y = self.network(input_ids=ids, attention_mask=mask).text_embeds
        return y / y.norm(dim=-1, keepdim=True)


def text_sample(vocabulary: int, length: int = 9) -> tuple[Tensor, Tensor]:
    """A text of random tokens between the two that CLIP puts around it, the last ones of its vocabulary."""
    generator = torch.Generator().manual_seed(length)
    ids = torch.randint(1, vocabulary - 2, (1, length), generator=generator)
    ids[0, 0], ids[0, -1] = vocabulary - 2, vocabulary - 1
    return ids, torch.ones_like(ids)


def text_shapes(longest: int) -> tuple:
    """Dynamic shapes of a text encoder's inputs: any number of tokens up to `longest`."""
    length = torch.export.Dim("length", min=2, max=longest)
    return {1: length}, {1: length}


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
