"""Exports the photo model as models/photo/efficientnet_lite0_w8.tflite, which is not committed.

    python models/export/photo_tflite.py [--evaluate FOLDER] [--output FOLDER]

The network of photo.py, by Google's official converter: f32 [1, 224, 224, 3], RGB in 0..1, to logits f32 [1, 1000];
normalisation is inside. Weights are stored in 8 bits, a scale per channel, and everything is computed in f32: a file of the int8 model's size
whose arithmetic is fp32's. requirements-tflite.txt has what it needs beside requirements.txt.
"""

import argparse
import hashlib
import json
import tempfile
from pathlib import Path

import litert_torch
import torch
from ai_edge_litert.interpreter import Interpreter
from ai_edge_quantizer import quantizer, recipe

import contract
import photo

NAME = "efficientnet_lite0_w8"


def convert(network: torch.nn.Module) -> bytes:
    channels_last = litert_torch.to_channel_last_io(network, args=[0])
    sample = (torch.rand(1, photo.SIZE, photo.SIZE, 3),)
    with tempfile.TemporaryDirectory() as folder:
        whole, small = Path(folder) / "fp32.tflite", Path(folder) / "w8.tflite"
        litert_torch.convert(channels_last, sample).export(str(whole))
        weights = quantizer.Quantizer(str(whole))
        weights.load_quantization_recipe(recipe.weight_only_wi8_afp32())
        weights.quantize().export_model(str(small))
        return small.read_bytes()


def run(tflite: bytes):
    interpreter = Interpreter(model_content=tflite)
    signature = interpreter.get_signature_runner()
    (given,), (made,) = signature.get_input_details(), signature.get_output_details()
    return lambda pixels: torch.tensor(signature(**{given: pixels.permute(0, 2, 3, 1).contiguous().numpy()})[made])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--output", type=Path, default=photo.PHOTO)
    parser.add_argument("--evaluate", type=Path, help="folder of labelled pictures")
    arguments = parser.parse_args()
    network = photo.Lite0(photo.pretrained()).eval()
    classify = contract.Contract(network, photo.MEAN, photo.STD).eval()
    tflite = convert(classify)
    side = {
        "file": f"{NAME}.tflite",
        "title": "EfficientNet-Lite0, a thousand kinds of thing",
        "task": "classification",
        "precision": "fp32, weights in 8 bits",
        "size": len(tflite),
        "sha256": hashlib.sha256(tflite).hexdigest(),
        "input": {"type": "f32", "sizes": [1, photo.SIZE, photo.SIZE, 3], "colours": "RGB", "range": [0, 1]},
        "output": {"type": "f32", "sizes": [1, 1000]},
        "methods": {"serving_default": "logits f32 [1, 1000]"},
        "labels": "imagenet1k",
        "licence": "Apache-2.0",
    }
    (arguments.output / side["file"]).write_bytes(tflite)
    (arguments.output / f"{NAME}.json").write_text(json.dumps(side, indent=2) + "\n")
    print(f"{side['file']}: {len(tflite)} bytes")
    if arguments.evaluate:
        with torch.no_grad():
            photo.evaluate(arguments.evaluate, {"eager fp32": classify, ".tflite": run(tflite)})


if __name__ == "__main__":
    main()
