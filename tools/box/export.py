"""From the trainer's checkpoint to the model directory: a float checkpoint, quantized by mlx-lm's own convert, with our tokenizer's files.

    python export.py --checkpoint checkpoint.pt --tokenizer DIR --float DIR --out models/bombus-post-4bit
"""

import argparse
import json
import shutil
from pathlib import Path

import torch
from mlx_lm import convert
from safetensors.torch import save_file
from tokenizers import Tokenizer

from make_tokenizer import END, PAD
from model import QUANTIZATION

SAMPLING = {"do_sample": True, "temperature": 0.6, "min_p": 0.1}
FROM_TOKENIZER = ("tokenizer.json", "tokenizer_config.json")
LIMIT = 4_000_000


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--float", required=True, help="where the float checkpoint goes; replaced")
    parser.add_argument("--out", required=True, help="the model directory; its README.md stays")
    args = parser.parse_args()
    plain, out, source = Path(args.float), Path(args.out), Path(args.tokenizer)

    state = torch.load(args.checkpoint)
    tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
    end, pad = tokenizer.token_to_id(END), tokenizer.token_to_id(PAD)

    shutil.rmtree(plain, ignore_errors=True)
    plain.mkdir(parents=True)
    save_file({name: tensor.contiguous() for name, tensor in state["net"].items()}, plain / "model.safetensors", metadata={"format": "pt"})
    (plain / "config.json").write_text(json.dumps(dict(state["config"], eos_token_id=end, pad_token_id=pad), indent=2))
    (plain / "generation_config.json").write_text(json.dumps(dict(SAMPLING, eos_token_id=[end, pad], pad_token_id=pad), indent=2) + "\n")
    for name in FROM_TOKENIZER:
        shutil.copy(source / name, plain)

    readme = (out / "README.md").read_bytes() if (out / "README.md").exists() else None
    shutil.rmtree(out, ignore_errors=True)
    convert(
        str(plain), str(out), quantize=True, q_group_size=QUANTIZATION["group_size"], q_bits=QUANTIZATION["bits"], dtype="bfloat16"
    )
    # mlx-lm saves the tokenizer as transformers writes it; the files as trained are smaller and say the same.
    for path in out.iterdir():
        if path.name not in ("config.json", "generation_config.json", "model.safetensors", "model.safetensors.index.json"):
            path.unlink()
    for name in FROM_TOKENIZER:
        shutil.copy(source / name, out)
    if readme:
        (out / "README.md").write_bytes(readme)
    size = sum(path.stat().st_size for path in out.iterdir())
    assert size <= LIMIT, f"{out}: {size} bytes, at most {LIMIT}"
    print(f"{out}: {size} bytes")


if __name__ == "__main__":
    main()
