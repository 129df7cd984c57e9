"""Trains and writes models/text: a text encoder that goes with the built-in embedder, and its tokenizer.

    python models/train/text.py

CLIP's architecture in small, with CLIP's kind of tokenizer: it reads sentences about the twelve kinds of drawn object, and
gives vectors near those that embedder_fp32.pte gives for pictures of them. The figures in the side file are those of
the .pte itself in ExecuTorch's runtime, on sentences and pictures that were not trained on.
"""

import hashlib
import json
import random
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModelWithProjection, CLIPTokenizer

sys.path.insert(0, str(Path(__file__).parents[1] / "export"))
import contract  # noqa: E402
import lowering  # noqa: E402

import train  # noqa: E402
from kinds import NAMES  # noqa: E402

FOLDER = Path(__file__).parents[1] / "text"
EMBEDDER = Path(__file__).parents[1] / "builtin/embedder_fp32.pte"
SYNONYMS = {
    "balloon": ["balloon", "toy balloon", "balloon on a string"],
    "boat": ["boat", "sailing boat", "sailboat", "ship"],
    "car": ["car", "automobile", "vehicle on wheels"],
    "cup": ["cup", "mug", "cup of tea", "coffee cup"],
    "fish": ["fish", "fish in water", "swimming fish"],
    "flower": ["flower", "blossom", "daisy"],
    "heart": ["heart", "sign of love"],
    "house": ["house", "home", "house with a door and windows"],
    "mushroom": ["mushroom", "toadstool"],
    "star": ["star", "star in the sky"],
    "tree": ["tree", "tree with leaves", "tree trunk"],
    "umbrella": ["umbrella", "open umbrella", "umbrella against rain"],
}
COLOURS = ["", "", "red ", "green ", "blue ", "yellow ", "white ", "small ", "big ", "little "]
TEMPLATES = [
    *["{}", "a {}", "the {}", "one {}", "a photo of a {}", "a picture of a {}", "a drawing of a {}", "this is a {}"],
    *["an image of the {}", "a {} on a plain background", "there is a {} here", "look, a {}!"],
]
HELD_OUT = ["a sketch of one {}.", "I see a {}", "a nice picture of the {}!"]
LENGTH = 77
STEPS, BATCH, SCALE = 600, 96, 20.0
LIMIT = 300_000


def sentences(count: int, templates: list[str], seed: int) -> tuple[list[str], Tensor]:
    draw = random.Random(seed)
    kinds = [draw.randrange(len(NAMES)) for _ in range(count)]
    texts = [
        draw.choice(templates).format(draw.choice(COLOURS) + draw.choice(SYNONYMS[NAMES[kind]])) for kind in kinds
    ]
    return texts, torch.tensor(kinds)


def letters() -> list[str]:
    return sorted(pre_tokenizers.ByteLevel.alphabet())


def tokenizer() -> Tokenizer:
    """Of CLIP's kind: byte pairs within words, learnt from the sentences."""
    raw = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    raw.normalizer = normalizers.Lowercase()
    raw.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.BpeTrainer(vocab_size=160, end_of_word_suffix="</w>", min_frequency=2, show_progress=False)
    raw.train_from_iterator(sentences(3000, TEMPLATES, 1)[0], trainer)
    merges = [tuple(merge) for merge in json.loads(raw.to_str())["model"]["merges"]]
    names = [*letters(), *(one + "</w>" for one in letters()), *dict.fromkeys("".join(merge) for merge in merges)]
    names += ["<|startoftext|>", "<|endoftext|>"]
    ids = {name: i for i, name in enumerate(names)}
    return CLIPTokenizer(vocab=ids, merges=merges).backend_tokenizer


def padded(words: Tokenizer, texts: list[str]) -> tuple[Tensor, Tensor]:
    """Ids and attention of sentences as one batch; behind a sentence comes its last token, as in CLIP."""
    ids = [words.encode(text).ids for text in texts]
    longest = max(len(row) for row in ids)
    batch = torch.tensor([row + [row[-1]] * (longest - len(row)) for row in ids])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in ids])
    return batch, mask


def network(words: Tokenizer) -> nn.Module:
    torch.manual_seed(0)
    size = words.get_vocab_size()
    config = CLIPTextConfig(
        vocab_size=size,
        hidden_size=32,
        intermediate_size=64,
        projection_dim=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=LENGTH,
        bos_token_id=size - 2,
        eos_token_id=size - 1,
        initializer_factor=1.0,
    )
    return contract.TextContract(CLIPTextModelWithProjection(config))


def embed(pictures: Tensor) -> Tensor:
    run = lowering.run_pte(EMBEDDER.read_bytes())
    return torch.cat([run(picture.float() / 255.0)[0] for picture in pictures.split(1)])


def fit(model: nn.Module, words: Tokenizer, vectors: Tensor, kinds: Tensor) -> None:
    """Each sentence shall be nearer to pictures of its kind than to others."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=3e-3, total_steps=STEPS)
    centres = nn.functional.normalize(torch.stack([vectors[kinds == i].mean(0) for i in range(len(NAMES))]), dim=-1)
    texts, about = sentences(STEPS * BATCH, TEMPLATES, 2)
    model.train()
    for step in range(STEPS):
        part = slice(step * BATCH, (step + 1) * BATCH)
        found = model(*padded(words, texts[part]))
        scores = SCALE * found @ centres.T
        loss = nn.functional.cross_entropy(scores, about[part]) + (1 - (found * centres[about[part]]).sum(-1)).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 100 == 99:
            print(f"step {step + 1}: loss {loss.item():.4f}", flush=True)
    model.eval()


def figures(run, words: Tokenizer, vectors: Tensor, kinds: Tensor) -> dict[str, float]:
    """Shares of held-out sentences whose nearest pictures are right, and of pictures whose best class text is right."""
    one = lambda text: run(*padded(words, [text]))[0]  # noqa: E731
    classes = torch.cat([one(f"a photo of a {name}") for name in NAMES])
    texts, about = sentences(120, HELD_OUT, 3)
    spoken = torch.cat([one(text) for text in texts])
    nearest = kinds[(spoken @ vectors.T).argmax(-1)]
    return {
        "zero-shot": ((vectors @ classes.T).argmax(-1) == kinds).float().mean().item(),
        "search": (nearest == about).float().mean().item(),
    }


def main() -> None:
    torch.set_num_threads(1)
    words = tokenizer()
    pictures, kinds = (part[:600] for part in train.training_set("embedder"))
    model = network(words)
    fit(model, words, embed(pictures), kinds)
    pte = lowering.to_pte(model, contract.text_sample(words.get_vocab_size()), shapes=contract.text_shapes(LENGTH))
    if len(pte) > LIMIT:
        raise SystemExit(f"{len(pte)} bytes, more than {LIMIT}")
    pictures, kinds = (part[:600] for part in train.held_out_set("embedder"))
    accuracy = figures(lowering.run_pte(pte), words, embed(pictures), kinds)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "text_encoder_fp32.pte").write_bytes(pte)
    (FOLDER / "tokenizer.json").write_text(words.to_str() + "\n")
    side = {
        "file": "text_encoder_fp32.pte",
        "tokenizer": "tokenizer.json",
        "goesWith": "builtin/embedder_fp32.pte",
        "title": "Sentences about twelve kinds of object, unit vectors",
        "size": len(pte),
        "sha256": hashlib.sha256(pte).hexdigest(),
        "heldOut": {"pictures": len(kinds), "sentences": 120},
        "accuracy": {key: round(value, 5) for key, value in accuracy.items()},
        "licence": "MIT",
    }
    (FOLDER / "text_encoder_fp32.json").write_text(json.dumps(side, indent=2) + "\n")
    print(len(pte), side["accuracy"])


if __name__ == "__main__":
    main()
