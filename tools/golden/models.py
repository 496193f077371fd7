#!/usr/bin/env python3
"""Makes tests/golden/models: tiny random models and what mlx-lm (or transformers) computes from them in float32.

    pip install mlx==0.32.4 mlx-cpu==0.32.4 mlx-lm==0.32.2 transformers==5.23.0 torch==2.15.0 safetensors numpy
    tools/golden/models.py [NAME ...]

Each directory is a checkpoint as it would be published, and golden.json (prompt, 200 greedy ids, how clear each choice was) with
golden.safetensors (logits of the prompt [T, V], float32).

Weights are random, so a seed is searched for: one whose greedy path is no coin flip (the best token leads by MARGIN of the largest
logit at each step), does not fall into a rut, and shows every feature the case is about (VISIBLE times the tolerance).
"""

import argparse
import contextlib
import itertools
import json
import shutil
import sys
import tempfile
import zlib
from importlib.metadata import version
from pathlib import Path

import numpy as np
import safetensors.torch
import torch

import models_float64 as float64
from mlx_lm.utils import load_model, quantize_model, save_config, save_model
from models_catalogue import CASES, Case, Context, Quantize
from models_judges import JUDGES

ROOT = Path(__file__).resolve().parents[2] / "tests" / "golden" / "models"
LIBRARIES = ("mlx", "mlx-lm", "transformers", "torch", "numpy")
GREEDY = 200
TOLERANCE = 1e-4  # of the largest logit
MARGIN = 1.5e-3  # of the largest logit
VISIBLE = 100  # tolerances
NOISE = 0.5  # tolerances between the judge and float64: beyond, the judge's own rounding would use the tolerance up
DISTINCT = 24  # tokens among the greedy ones
SEEDS = 400


class Unfit(Exception):
    """This seed does not serve."""


def random_weights(config, rng):
    """A checkpoint's tensors, float32. Gains are such that layers outweigh the embedding (or a tied head would repeat its input) and
    attention is neither flat nor stuck on one key."""
    hidden, forward, d = config["hidden_size"], config["intermediate_size"], float64.head_size(config)
    heads = config["num_attention_heads"]
    kv_heads = config.get("num_key_value_heads") or heads
    qwen2, qwen3 = config["model_type"] == "qwen2", config["model_type"] == "qwen3"
    shapes = {  # name -> out, in, gain, bias
        "self_attn.q_proj": (heads * d, hidden, 1.5, qwen2 or config.get("attention_bias")),
        "self_attn.k_proj": (kv_heads * d, hidden, 1.5, qwen2 or config.get("attention_bias")),
        "self_attn.v_proj": (kv_heads * d, hidden, 1.0, qwen2 or config.get("attention_bias")),
        "self_attn.o_proj": (hidden, heads * d, 1.5, config.get("attention_bias")),
        "mlp.gate_proj": (forward, hidden, 1.5, config.get("mlp_bias")),
        "mlp.up_proj": (forward, hidden, 1.5, config.get("mlp_bias")),
        "mlp.down_proj": (hidden, forward, 1.5, config.get("mlp_bias")),
    }

    def normal(*shape, scale=1.0):
        return (rng.standard_normal(shape) * scale).astype(np.float32)

    def norm(size, gain=1.0):
        return (gain * (1 + normal(size, scale=0.2))).astype(np.float32)

    weights = {"model.embed_tokens.weight": normal(config["vocab_size"], hidden, scale=0.1), "model.norm.weight": norm(hidden)}
    if not config["tie_word_embeddings"]:
        weights["lm_head.weight"] = normal(config["vocab_size"], hidden, scale=0.1)
    for i in range(config["num_hidden_layers"]):
        prefix = f"model.layers.{i}."
        weights[prefix + "input_layernorm.weight"] = norm(hidden)
        weights[prefix + "post_attention_layernorm.weight"] = norm(hidden)
        if qwen3:
            weights[prefix + "self_attn.q_norm.weight"] = norm(d, 1.5)
            weights[prefix + "self_attn.k_norm.weight"] = norm(d, 1.5)
        for name, (rows, columns, gain, bias) in shapes.items():
            weights[f"{prefix}{name}.weight"] = normal(rows, columns, scale=gain / columns**0.5)
            if bias:
                weights[f"{prefix}{name}.bias"] = normal(rows, scale=0.5)
    return weights


def write_dense(path, case, weights):
    path.mkdir(parents=True)
    dtype = getattr(torch, case.dtype)
    tensors = {name: torch.from_numpy(value).to(dtype) for name, value in weights.items()}
    safetensors.torch.save_file(tensors, path / "model.safetensors", metadata={"format": "pt"})
    dtype_key = "dtype" if "rope_parameters" in case.config else "torch_dtype"  # transformers 5 and before
    config = dict(sorted({**case.config, dtype_key: case.dtype}.items()))
    (path / "config.json").write_text(json.dumps(config, indent=4) + "\n")


def write_quantized(path, dense, how: Quantize):
    """What mlx_lm.convert does, without a tokenizer."""
    model, config = load_model(dense)
    predicate = how.predicate(model) if how.predicate else None
    with contextlib.redirect_stdout(None):
        model, config = quantize_model(model, config, how.group_size, how.bits, mode=how.mode, quant_predicate=predicate)
    save_model(path, model)
    save_config(config, path / "config.json")


def greedy(judge, prompt):
    """ids, and by how much each led, as a part of the largest logit of its row."""
    ids, margins = [], []
    for row in itertools.islice(judge.generate(prompt), GREEDY):
        second, first = np.sort(row)[-2:]
        margins.append(float((first - second) / np.abs(row).max()))
        if margins[-1] < MARGIN:
            raise Unfit(f"token {len(ids)} leads by {margins[-1]:.1e}")
        ids.append(int(row.argmax()))
    if len(set(ids)) < DISTINCT:
        raise Unfit(f"{len(set(ids))} distinct tokens")
    return ids, margins


def measure(case: Case, path, dense, prompt, work):
    """Everything golden.json says but where it comes from; the logits."""
    judge = JUDGES[case.judge](path)
    ids, margins = greedy(judge, prompt)
    logits = judge.logits(prompt)
    largest = float(np.abs(logits).max())

    def apart(others):
        return float(np.abs(others[-len(logits) :] - logits).max() / (largest * TOLERANCE))

    model = float64.load(path)
    exact = float64.logits(model, prompt + ids[:-1])
    if [int(i) for i in exact[len(prompt) - 1 :].argmax(-1)] != ids:
        raise Unfit("float64 takes another path")
    noise = apart(exact[: len(prompt)])
    if noise > NOISE:
        raise Unfit(f"{noise:.2f} tolerances from float64")

    def requantize(how):
        other = Path(tempfile.mkdtemp(dir=work))
        write_quantized(other, dense, how)
        return float64.load(other)

    config = json.loads((path / "config.json").read_text())
    context = Context(config, model, float64.load(dense), requantize)
    visible = {name: apart(float64.logits(ablate(context), prompt)) for name, ablate in case.ablations.items()}
    for name, ratio in visible.items():
        if ratio < VISIBLE:
            raise Unfit(f"without {name}: {ratio:.0f} tolerances")

    result = {
        "prompt_ids": prompt,
        "greedy_ids": ids,
        "largest_logit": largest,
        "smallest_margin": min(margins),
        "margins": [float(f"{m:.2g}") for m in margins],
        "tolerances_from_float64": round(noise, 4),
        "visible": {name: round(ratio, 1) for name, ratio in visible.items()},
    }
    if case.quantize is None:
        (other,) = set(JUDGES) - {case.judge}
        result[other] = ask_other(case, JUDGES[other], path, prompt, apart)
    return result, logits


def ask_other(case, judge, path, prompt, apart):
    """The library that does not judge: how far it is, and whether that is what the case says of it."""
    try:
        distance = apart(judge(path).logits(prompt))
    except (KeyError, ValueError) as reason:
        found, text = "refuses", f"refuses: {reason}"
    else:
        found = "agrees" if distance < 2 else "differs" if distance > VISIBLE else "is near"
        text = f"{found}: {distance:.4g} tolerances away"
    if found != case.other:
        raise SystemExit(f"{case.name}: {judge.name} {text}, expected: {case.other}")
    return text


def attempt(case: Case, seed, work):
    """One seed: (directory of the checkpoint, golden.json, logits). Raises Unfit."""
    rng = np.random.default_rng([zlib.crc32(case.name.encode()), seed])
    weights = random_weights(case.config, rng)
    prompt = [int(i) for i in rng.integers(0, case.config["vocab_size"], case.prompt)]
    dense = path = work / f"dense-{seed}"
    write_dense(dense, case, weights)
    if case.quantize:
        path = work / f"quantized-{seed}"
        write_quantized(path, dense, case.quantize)
    if case.finish:
        if path is dense:
            path = Path(shutil.copytree(dense, work / f"finished-{seed}"))
        case.finish(path)
    result, logits = measure(case, path, dense, prompt, work)
    first = max(0, len(logits) - case.keep) if case.keep else 0
    head = {
        "about": case.about,
        "made_by": "tools/golden/models.py",
        "libraries": {name: version(name) for name in LIBRARIES},
        "judge": case.judge + ", float32 on the CPU, weights as stored",
        "seed": seed,
        "first_position": first,
    }
    return path, head | result, logits[first:]


def make(case: Case):
    for seed in range(1, SEEDS + 1):
        with tempfile.TemporaryDirectory() as work:
            try:
                path, golden, logits = attempt(case, seed, Path(work))
            except Unfit as reason:
                print(f"  {case.name}: seed {seed}: {reason}", file=sys.stderr)
                continue
            target = ROOT / case.name
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(path, target)
        logits = np.ascontiguousarray(logits, dtype=np.float32)
        safetensors.torch.save_file({"logits": torch.from_numpy(logits)}, target / "golden.safetensors")
        (target / "golden.json").write_text(json.dumps(golden, separators=(",", ":")).replace(',"', ',\n"') + "\n")
        size = sum(f.stat().st_size for f in target.iterdir())
        print(
            f"{case.name}: seed {seed}, margin {golden['smallest_margin']:.1e}, float64 {golden['tolerances_from_float64']}, "
            f"visible {min(golden['visible'].values()):.0f}, distinct {len(set(golden['greedy_ids']))}, {size >> 10} KiB",
            flush=True,
        )
        return
    raise SystemExit(f"{case.name}: none of {SEEDS} seeds serves")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="models to make; none: all")
    names = parser.parse_args().names
    unknown = set(names) - {case.name for case in CASES}
    if unknown:
        parser.error(f"no such model: {', '.join(sorted(unknown))}")
    for case in CASES:
        if not names or case.name in names:
            make(case)


if __name__ == "__main__":
    main()
