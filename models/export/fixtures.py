"""Writes tests/fixtures/pte: one tiny .pte per node type, operator and file layout, with expected tensors.

    python models/export/fixtures.py [--only WORD,…] [--missing] [--list]

NAME.json: {"what", "method", "inputs": [tensor …], "outputs": [tensor …], "tolerance", "then"?: [{"inputs",
"outputs"} …]}; a tensor is {"sizes", "scalarType", "data": base64 of little-endian values}. `then` are further
runs of the same loaded model, which remembers ("stateful") or not. Expected values are those of eager PyTorch (for quantised models: of the
converted module); tolerance is absolute. Every file is also run by ExecuTorch's own runtime here and must agree.
"""

import argparse
import base64
import json
import sys
from pathlib import Path

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parent))

FOLDER = Path(__file__).parents[2] / "tests/fixtures/pte"
LIMIT = 2_000_000
SCALAR_TYPES = {
    torch.uint8: "byte",
    torch.int8: "char",
    torch.int16: "short",
    torch.int32: "int",
    torch.int64: "long",
    torch.float16: "half",
    torch.float32: "float",
    torch.float64: "double",
    torch.bool: "bool",
}


def tensor_json(tensor: Tensor) -> dict:
    data = tensor.detach().contiguous().numpy().tobytes()
    return {
        "sizes": list(tensor.shape),
        "scalarType": SCALAR_TYPES[tensor.dtype],
        "data": base64.b64encode(data).decode(),
    }


def flat(value) -> list[Tensor]:
    """Outputs of a module in order; numbers among them are left out."""
    if isinstance(value, Tensor):
        return [value]
    return [one for part in value for one in flat(part)] if isinstance(value, (tuple, list)) else []


def difference(found: list[Tensor], wanted: list[Tensor]) -> float:
    if [(a.shape, a.dtype) for a in found] != [(b.shape, b.dtype) for b in wanted]:
        return float("inf")
    worst = 0.0
    for a, b in zip(found, wanted):
        a, b = a.double(), b.double()
        same = (a == b) | (a.isnan() & b.isnan())
        gap = torch.where(same, torch.zeros_like(a), (a - b).abs())
        worst = max(worst, gap.max().item() if gap.numel() else 0.0)
    return worst


def write(case) -> str:
    """One fixture; returns a line that tells how ExecuTorch's runtime compares."""
    import lowering

    torch.manual_seed(1)
    made = case.make()
    runs = [(inputs, flat(made.expected(*inputs))) for inputs in made.runs]
    pte = made.pte()
    tolerance = case.tolerance if case.tolerance is not None else made.tolerance
    biggest = max((t.double().abs().max().item() for _, out in runs for t in out if t.numel()), default=0)
    tolerance = tolerance * max(1.0, biggest if biggest < 1e30 else 1.0)
    call = lowering.run_pte(pte, made.method)
    gaps = [difference(flat(call(*inputs)), wanted) for inputs, wanted in runs]
    record = {"what": case.what, "method": made.method, "tolerance": float(f"{tolerance:.3g}")}
    if made.stateful:
        record["stateful"] = True
    for index, (inputs, outputs) in enumerate(runs):
        run = {
            "inputs": [tensor_json(t) for t in inputs],
            "outputs": [tensor_json(t) for t in outputs],
        }
        record.update(run) if index == 0 else record.setdefault("then", []).append(run)
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{case.name}.pte").write_bytes(pte)
    (FOLDER / f"{case.name}.json").write_text(json.dumps(record, indent=1) + "\n")
    verdict = "ok" if max(gaps) <= tolerance else "DIFFERS"
    return f"{verdict:8}{case.name:34}{len(pte):7} bytes, gap {max(gaps):.2e} of {tolerance:.2e}"


def main() -> None:
    from fixture_cases import all_cases

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="names that contain one of these words, with commas")
    parser.add_argument("--missing", action="store_true", help="only those that are not there yet")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    failed = 0
    for case in all_cases():
        if not any(word in case.name for word in arguments.only.split(",")):
            continue
        if arguments.missing and (FOLDER / f"{case.name}.json").exists():
            continue
        if arguments.list:
            print(f"{case.name:34}{case.what}")
            continue
        try:
            line = write(case)
        except Exception as error:  # noqa: BLE001 - the other fixtures shall be made nevertheless
            line = f"FAILED  {case.name}: {type(error).__name__}: {str(error).splitlines()[:1]}"
        failed += not line.startswith("ok")
        print(line, flush=True)
    total = sum(path.stat().st_size for path in FOLDER.glob("*"))
    print(f"{len(list(FOLDER.glob('*.pte')))} fixtures, {total} bytes; {failed} not as they should be")
    sys.exit(failed > 0 or total > LIMIT)


if __name__ == "__main__":
    main()
