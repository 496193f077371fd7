#!/usr/bin/env python3
"""Makes tests/golden/adapters: tiny random adapters over the models of tests/golden/models, and what mlx-lm or PEFT computes with them.

    pip install mlx==0.32.4 mlx-cpu==0.32.4 mlx-lm==0.32.2 peft transformers==5.23.0 torch==2.15.0 safetensors numpy
    tools/golden/adapters.py [NAME ...]

Each directory is an adapter as its library writes it, with golden.json (the base, a prompt) and golden.safetensors (logits of the prompt
[T, V], float32). FUSED have fused.safetensors besides: the base as mlx_lm.fuse writes it with the adapter. Where a library cannot compute over a base as it stands (PEFT over MLX's quantization; mlx-lm's DoRA over 3, 5 and 6
bits and over quantized embeddings), it computes over the base dequantized to float32.
"""

import argparse
import json
import shutil
import tempfile
import zlib
from importlib.metadata import version
from pathlib import Path

import mlx.core as mx
import numpy as np
import peft
import safetensors.torch
import torch
import transformers
from mlx.utils import tree_flatten, tree_unflatten
from mlx_lm.tuner.utils import linear_to_lora_layers, load_adapters
from mlx_lm.utils import dequantize_model, load_model

import models_judges as judges

GOLDEN = Path(__file__).resolve().parents[2] / "tests" / "golden"
LIBRARIES = ("mlx", "mlx-lm", "peft", "transformers", "torch", "numpy")
PROMPT = 24
TOLERANCE = 1e-4  # of the largest logit
VISIBLE = 100  # tolerances that an adapter moves the logits by, at least

ALL = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"]
ENDS = ["model.embed_tokens", "lm_head"]


def mlx_case(base, kind="lora", num_layers=-1, keys=None, rank=4, scale=2.5, dequantized=False, dtype="float32"):
    parameters = {"rank": rank, "scale": scale, "dropout": 0.0}
    if keys:
        parameters["keys"] = keys
    config = {"fine_tune_type": kind, "num_layers": num_layers, "lora_parameters": parameters}
    return {"format": "mlx-lm", "base": base, "config": config, "dequantized": dequantized, "dtype": dtype}


def peft_case(base, dequantized=False, save_embedding=False, **config):
    return {"format": "peft", "base": base, "config": config, "dequantized": dequantized, "save_embedding": save_embedding}


CASES = {
    "mlx-lora": mlx_case("qwen3-4bit-g64"),
    "mlx-lora-bf16": mlx_case("qwen3-untied-f16", dtype="bfloat16", keys=ALL[:4]),
    "mlx-lora-last-layer": mlx_case("qwen2-tied-bf16", num_layers=1, keys=["self_attn.q_proj", "mlp.down_proj"]),
    "mlx-lora-tied-embedding": mlx_case("qwen3-4bit-g64", keys=["model.embed_tokens", "self_attn.v_proj"]),
    "mlx-lora-head": mlx_case("llama-4bit-g32-untied", keys=[*ENDS, "self_attn.o_proj"]),
    "mlx-lora-mxfp4": mlx_case("mxfp4"),
    "mlx-lora-named-layer": mlx_case("qwen3-4bit-g64", keys=["model.layers.1.mlp.up_proj"]),
    "mlx-dora": mlx_case("qwen3-4bit-g64", "dora"),
    "mlx-dora-biases": mlx_case("llama-biases-f32", "dora"),
    "mlx-dora-tied-embedding": mlx_case("qwen3-tied-bf16", "dora", keys=["model.embed_tokens", "mlp.down_proj"]),
    "mlx-dora-3bit": mlx_case("affine-3bit-g64-f16", "dora", dequantized=True),
    "mlx-dora-quantized-embedding": mlx_case("qwen3-4bit-g64", "dora", keys=["model.embed_tokens"], dequantized=True),
    "peft-lora": peft_case("qwen3-untied-f16", r=4, lora_alpha=16, target_modules=["q_proj", "v_proj", "down_proj"]),
    "peft-lora-quantized": peft_case("qwen3-4bit-g64", True, r=4, lora_alpha=8, target_modules="all-linear"),
    "peft-rslora-patterns": peft_case(
        "qwen2-tied-bf16",
        r=4,
        lora_alpha=6,
        use_rslora=True,
        target_modules=r"model\.layers\.\d+\.(self_attn\.(q|k)_proj|mlp\.\w+_proj)",
        rank_pattern={"down_proj": 6, r"layers\.1\.self_attn\.q_proj": 2},
        alpha_pattern={"self_attn.k_proj": 12, "layers.0.mlp.up_proj": 3},
    ),
    "peft-some-layers": peft_case(
        "qwen3-untied-f16", r=3, lora_alpha=9, target_modules=["o_proj", "gate_proj"], layers_to_transform=[1], layers_pattern="layers"
    ),
    "peft-excluded": peft_case("llama-biases-f32", r=4, lora_alpha=8, target_modules=["q_proj", "up_proj"], exclude_modules=r".*\.0\..*"),
    "peft-dora": peft_case("qwen3-4bit-g64", True, r=4, lora_alpha=8, use_dora=True, target_modules=["q_proj", "o_proj", "down_proj"]),
    "peft-dora-biases": peft_case("llama-biases-f32", r=4, lora_alpha=8, use_dora=True, target_modules=["v_proj", "up_proj"]),
    "peft-lora-embedding": peft_case("qwen3-untied-f16", save_embedding=True, r=4, lora_alpha=8, target_modules=["embed_tokens", "lm_head"]),
    "peft-lora-embedding-quantized": peft_case(
        "llama-4bit-g32-untied", True, save_embedding="auto", r=4, lora_alpha=8, target_modules=["embed_tokens", "lm_head"]
    ),
    "peft-lora-tied-embedding": peft_case("qwen3-4bit-g64", True, r=4, lora_alpha=8, target_modules=["embed_tokens", "k_proj"]),
    "peft-lora-tied-head": peft_case("qwen2-tied-bf16", r=4, lora_alpha=8, target_modules=["lm_head", "up_proj"]),
    "peft-dora-embedding": peft_case("qwen3-tied-bf16", r=4, lora_alpha=8, use_dora=True, target_modules=["embed_tokens", "q_proj"]),
}


FUSED = {"mlx-lora": False, "mlx-lora-mxfp4": False, "mlx-lora-tied-embedding": True, "mlx-dora-biases": False}  # name -> dequantize


def write_fused(base, path, dequantize_too):
    model, _ = load_model(base)
    load_adapters(model, str(path))
    layers = [(name, module.fuse(dequantize=dequantize_too)) for name, module in model.named_modules() if hasattr(module, "fuse")]
    model.update_modules(tree_unflatten(layers))
    if dequantize_too:
        model = dequantize_model(model)
    mx.save_safetensors(str(path / "fused.safetensors"), dict(tree_flatten(model.parameters())))


def dequantize(base, to):
    """The base as a dense float32 checkpoint."""
    model, _ = load_model(base)
    model.set_dtype(mx.float32)  # or each weight would be rounded to the type of its scales
    weights = {}
    for name, module in model.named_modules():
        if hasattr(module, "scales"):
            how = {"group_size": module.group_size, "bits": module.bits, "mode": module.mode}
            weights[f"{name}.weight"] = mx.dequantize(module.weight, module.scales, getattr(module, "biases", None), **how)
    for name, value in tree_flatten(model.parameters()):
        if name.rsplit(".", 1)[0] + ".scales" not in dict(tree_flatten(model.parameters())):
            weights[name] = value
    mx.save_safetensors(str(to / "model.safetensors"), {k: v.astype(mx.float32) for k, v in weights.items()}, {"format": "pt"})
    config = json.loads((base / "config.json").read_text())
    config = {k: v for k, v in config.items() if not k.startswith("quantization")} | {"torch_dtype": "float32"}
    (to / "config.json").write_text(json.dumps(config))


def make_mlx(case, base, path, rng):
    model, _ = load_model(base)
    model.set_dtype(mx.float32)
    config = case["config"]
    linear_to_lora_layers(model, config["num_layers"], config["lora_parameters"], use_dora=config["fine_tune_type"] == "dora")
    weights = {}
    for name, value in tree_flatten(model.parameters()):
        leaf = name.rsplit(".", 1)[1]
        if leaf in ("lora_a", "lora_b"):
            fan = value.shape[0] if "embed" not in name or leaf == "lora_b" else value.shape[1]
            weights[name] = mx.array((rng.standard_normal(value.shape) * 0.4 / fan**0.5).astype(np.float32))
        elif leaf == "m":
            weights[name] = value * mx.array(1 + 0.2 * rng.standard_normal(value.shape).astype(np.float32))
    weights = {k: v.astype(getattr(mx, case["dtype"])) for k, v in weights.items()}
    mx.save_safetensors(str(path / "adapters.safetensors"), weights)
    (path / "adapter_config.json").write_text(json.dumps(config, indent=4) + "\n")


def mlx_logits(base, path, prompt):
    model, _ = load_model(base)
    load_adapters(model, str(path))
    model.set_dtype(mx.float32)
    return np.array(model(mx.array([prompt]))[0])


def make_peft(case, base, path, rng):
    """Its logits as well: the library is asked before and after saving."""
    torch.manual_seed(int(rng.integers(1 << 31)))
    judge = judges.TransformersJudge(base)
    model = peft.get_peft_model(judge.model, peft.LoraConfig(lora_dropout=0.0, bias="none", task_type="CAUSAL_LM", **case["config"]))
    with torch.no_grad():
        for name, value in model.named_parameters():
            if "lora_magnitude" in name:
                value.mul_(1 + 0.2 * torch.randn_like(value))
            elif "lora_" in name:
                value.copy_(torch.randn_like(value) * 0.7 / (value.shape[-1] if "lora_A" in name else value.shape[0]) ** 0.5)
    model.save_pretrained(str(path), save_embedding_layers=case["save_embedding"])
    (path / "README.md").unlink(missing_ok=True)
    config = json.loads((path / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = case["base"]
    (path / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n")


def peft_logits(base, path, prompt):
    model = peft.PeftModel.from_pretrained(judges.TransformersJudge(base).model, str(path)).eval()
    with torch.no_grad():
        return model(torch.tensor([prompt]), use_cache=False).logits[0].numpy()


def make(name, case):
    path, published = GOLDEN / "adapters" / name, GOLDEN / "models" / case["base"]
    seed = zlib.crc32(name.encode())
    rng = np.random.default_rng(seed)
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as work:
        base = published
        if case["dequantized"]:
            base = Path(work)
            dequantize(published, base)
        vocabulary = json.loads((published / "config.json").read_text())["vocab_size"]
        prompt = [int(i) for i in rng.integers(0, vocabulary, PROMPT)]
        mlx = case["format"] == "mlx-lm"
        (make_mlx if mlx else make_peft)(case, base, path, rng)
        logits = (mlx_logits if mlx else peft_logits)(base, path, prompt)
        plain = (judges.MlxJudge if mlx else judges.TransformersJudge)(base).logits(prompt)
    moved = float(np.abs(logits - plain).max() / (np.abs(logits).max() * TOLERANCE))
    if moved < VISIBLE:
        raise SystemExit(f"{name}: moves the logits by {moved:.1f} tolerances, expected {VISIBLE}")
    safetensors.torch.save_file({"logits": torch.from_numpy(logits.astype(np.float32))}, path / "golden.safetensors")
    if name in FUSED:
        write_fused(published, path, FUSED[name])
    about = {
        "made_with": {library: version(library) for library in LIBRARIES},
        "seed": seed,
        "base": case["base"],
        "base_dequantized": case["dequantized"],
        "fused_dequantized": FUSED.get(name),
        "moved_tolerances": round(moved),
        "prompt_ids": prompt,
    }
    (path / "golden.json").write_text(json.dumps(about) + "\n")
    print(f"{name}: {moved:.0f} tolerances")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="cases (default: all)")
    for name in parser.parse_args().names or CASES:
        make(name, CASES[name])


if __name__ == "__main__":
    mx.set_default_device(mx.cpu)
    transformers.logging.set_verbosity_error()
    main()
