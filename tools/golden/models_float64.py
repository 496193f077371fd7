"""The decoder in float64 NumPy: a second opinion on every golden model.

Why: the libraries that judge compute in float32, so their own rounding must be known before a tolerance means anything; and
a feature can be taken away here ("what if the window were ignored?"), which the libraries have no switch for.
It reads config.json by itself and shares no code with the judges.
"""

import dataclasses
import json
import math
from pathlib import Path

import mlx.core as mx
import numpy as np


@dataclasses.dataclass
class Rope:
    inv_freq: np.ndarray  # [d/2]
    scale: float = 1.0  # of queries and keys alike


@dataclasses.dataclass
class Model:
    layers: int
    heads: int  # H
    kv_heads: int  # K
    head_dim: int  # d
    eps: float
    tied: bool
    head_norm: bool
    rope: Rope
    windows: list  # [layers] tokens a query sees, itself included; None: all
    weights: dict  # name -> float64; quantized ones dequantized in float32, as their own judge does

    def without(self, *parts):
        """The same model, the weights whose names contain one of parts set to zero."""
        weights = {k: np.zeros_like(v) if any(p in k for p in parts) else v for k, v in self.weights.items()}
        return dataclasses.replace(self, weights=weights)


def plain_frequencies(theta, d):
    return theta ** (-np.arange(0, d, 2) / d)


def _llama3(rope, theta, d, original):
    inv = plain_frequencies(theta, d)
    factor, low, high = rope["factor"], rope.get("low_freq_factor", 1.0), rope.get("high_freq_factor", 4.0)
    turns = original * inv / (2 * math.pi)
    smooth = np.clip((turns - low) / (high - low), 0, 1)
    return Rope((1 - smooth) * inv / factor + smooth * inv)


def _yarn(rope, theta, d, original):
    inv = plain_frequencies(theta, d)
    factor = rope["factor"]

    def dimension(turns):
        return d * math.log(original / (turns * 2 * math.pi)) / (2 * math.log(theta))

    def magnitude(m):
        return 1.0 if factor <= 1 else 0.1 * m * math.log(factor) + 1.0

    low, high = dimension(rope.get("beta_fast") or 32), dimension(rope.get("beta_slow") or 1)
    if rope.get("truncate", True):
        low, high = math.floor(low), math.ceil(high)
    low, high = max(low, 0), min(high, d - 1)
    ramp = np.clip((np.arange(d // 2) - low) / ((high - low) or 0.001), 0, 1)
    scale = rope.get("attention_factor")
    if scale is None:
        scale = magnitude(rope.get("mscale", 1)) / magnitude(rope.get("mscale_all_dim", 0))
    return Rope(inv * (1 - ramp) + inv / factor * ramp, scale)


def read_rope(config, d):
    parameters = config.get("rope_parameters")
    rope = config.get("rope_scaling") or parameters or {}
    default_theta = {"qwen2": 1e6}.get(config["model_type"], 1e4) if parameters is None else 1e4
    theta = float(rope.get("rope_theta") or config.get("rope_theta") or default_theta)
    kind = rope.get("type") or rope.get("rope_type") or "default"
    defaults = {"llama3": 8192, "yarn": 4096} if parameters is None else {}
    original = (
        config.get("original_max_position_embeddings")
        or rope.get("original_max_position_embeddings")
        or defaults.get(kind, config.get("max_position_embeddings"))
    )
    if kind == "default":
        return Rope(plain_frequencies(theta, d))
    if kind == "linear":
        return Rope(plain_frequencies(theta, d) / rope["factor"])
    return {"llama3": _llama3, "yarn": _yarn}[kind](rope, theta, d, original)


def read_windows(config):
    layers, window = config["num_hidden_layers"], config.get("sliding_window")
    if config["model_type"] == "mistral":
        return [config.get("sliding_window", 4096)] * layers
    types = config.get("layer_types")
    if config["model_type"] == "llama":
        return [window if types and types[i] == "sliding_attention" else None for i in range(layers)]
    if not config.get("use_sliding_window", False):
        return [None] * layers
    first = config.get("max_window_layers", 28)
    return [window if (types[i] == "sliding_attention" if types else i >= first) else None for i in range(layers)]


def quantization_of(name, weights, inputs):
    """What a stored weight was packed with, from its shapes. Returns keyword arguments of mx.dequantize."""
    weight, scales = weights[f"{name}.weight"], weights[f"{name}.scales"]
    group, bits = inputs // scales.shape[-1], weight.shape[-1] * 32 // inputs
    mode = "affine" if scales.dtype != mx.uint8 else {(4, 16): "nvfp4", (4, 32): "mxfp4", (8, 32): "mxfp8"}[(bits, group)]
    return {"group_size": group, "bits": bits, "mode": mode}


def read_weights(path, config):
    stored = {}
    for file in sorted(Path(path).glob("model*.safetensors")):
        stored.update(mx.load(str(file)))
    hidden, forward, heads = config["hidden_size"], config["intermediate_size"], config["num_attention_heads"] * head_size(config)
    weights = {}
    for key, value in stored.items():
        name, _, part = key.rpartition(".")
        if f"{name}.scales" in stored and part != "bias":
            if part != "weight":
                continue
            inputs = {"down_proj": forward, "o_proj": heads}.get(name.rpartition(".")[2], hidden)
            scales, biases = stored[f"{name}.scales"], stored.get(f"{name}.biases")
            if biases is not None:
                scales, biases = scales.astype(mx.float32), biases.astype(mx.float32)
            value = mx.dequantize(value, scales, biases, **quantization_of(name, stored, inputs))
        weights[key] = np.array(value.astype(mx.float32)).astype(np.float64)
    return weights


def head_size(config):
    d = None if config["model_type"] == "qwen2" else config.get("head_dim")
    return d or config["hidden_size"] // config["num_attention_heads"]


def assemble(config, weights):
    """A model of weights as read_weights gives them; the config may be another than the one they were read by."""
    heads, d = config["num_attention_heads"], head_size(config)
    return Model(
        layers=config["num_hidden_layers"],
        heads=heads,
        kv_heads=config.get("num_key_value_heads") or heads,
        head_dim=d,
        eps=config["rms_norm_eps"],
        tied="lm_head.weight" not in weights,
        head_norm=config["model_type"] == "qwen3",
        rope=read_rope(config, d),
        windows=read_windows(config),
        weights=weights,
    )


def load(path):
    config = json.loads((Path(path) / "config.json").read_text())
    return assemble(config, read_weights(path, config))


def _norm(x, weight, eps):
    return x / np.sqrt(np.mean(x * x, -1, keepdims=True) + eps) * weight


def _rotate(x, rope):
    half = x.shape[-1] // 2
    angle = np.arange(x.shape[1])[:, None] * rope.inv_freq
    cos, sin = np.cos(angle) * rope.scale, np.sin(angle) * rope.scale
    a, b = x[..., :half], x[..., half:]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], -1)


def _attend(m, i, x):
    w, prefix, T = m.weights, f"model.layers.{i}.self_attn.", x.shape[0]

    def heads(part, count):
        y = _linear(m, f"{prefix}{part}_proj", x).reshape(T, count, m.head_dim)
        if m.head_norm and part != "v":
            y = _norm(y, w[f"{prefix}{part}_norm.weight"], m.eps)
        return y.transpose(1, 0, 2)  # [count, T, d]

    repeat = m.heads // m.kv_heads
    q = _rotate(heads("q", m.heads), m.rope)
    k = np.repeat(_rotate(heads("k", m.kv_heads), m.rope), repeat, 0)
    v = np.repeat(heads("v", m.kv_heads), repeat, 0)
    age = np.arange(T)[:, None] - np.arange(T)
    seen = (age >= 0) & (age < (m.windows[i] or T))
    scores = np.where(seen, q @ k.transpose(0, 2, 1) / math.sqrt(m.head_dim), -np.inf)
    scores = np.exp(scores - scores.max(-1, keepdims=True))
    out = scores / scores.sum(-1, keepdims=True) @ v
    return _linear(m, f"{prefix}o_proj", out.transpose(1, 0, 2).reshape(T, -1))


def _linear(m, name, x):
    y = x @ m.weights[f"{name}.weight"].T
    return y + m.weights[f"{name}.bias"] if f"{name}.bias" in m.weights else y


def logits(m, ids):
    """[T, V] float64."""
    w = m.weights
    h = w["model.embed_tokens.weight"][np.asarray(ids)]
    for i in range(m.layers):
        prefix = f"model.layers.{i}."
        h = h + _attend(m, i, _norm(h, w[f"{prefix}input_layernorm.weight"], m.eps))
        x = _norm(h, w[f"{prefix}post_attention_layernorm.weight"], m.eps)
        gate = _linear(m, f"{prefix}mlp.gate_proj", x)
        h = h + _linear(m, f"{prefix}mlp.down_proj", gate / (1 + np.exp(-gate)) * _linear(m, f"{prefix}mlp.up_proj", x))
    h = _norm(h, w["model.norm.weight"], m.eps)
    return h @ w["model.embed_tokens.weight" if m.tied else "lm_head.weight"].T
