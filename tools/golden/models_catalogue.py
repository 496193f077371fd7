"""The golden models: one Case each, with what it is there to show.

A case names the features its golden results depend on as ablations: the same checkpoint with the feature taken away. What an
ablation leaves unchanged would not be tested, so the maker refuses a model whose logits it does not move.
"""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import mlx.core as mx
from mlx_lm.convert import mixed_quant_predicate_builder

import models_float64 as float64


@dataclasses.dataclass
class Quantize:
    """Arguments of mlx_lm's quantize_model; predicate(model) gives its quant_predicate."""

    bits: int | None = None
    group_size: int | None = None
    mode: str = "affine"
    predicate: Callable | None = None


@dataclasses.dataclass
class Case:
    name: str
    about: str
    config: dict
    dtype: str = "bfloat16"
    judge: str = "mlx-lm"
    other: str = "agrees"  # what the library that does not judge does: "agrees", "differs" or "refuses"
    quantize: Quantize | None = None
    finish: Callable | None = None  # (path): changes the finished checkpoint
    prompt: int = 48
    keep: int | None = None  # rows of logits stored, from the last; None: all
    ablations: dict = dataclasses.field(default_factory=dict)  # name -> (Context) -> float64.Model


@dataclasses.dataclass
class Context:
    """What an ablation may look at."""

    config: dict
    model: float64.Model
    dense: float64.Model | None  # before it was quantized
    requantize: Callable | None  # (Quantize) -> float64.Model: the dense one, quantized otherwise


# Ablations.


def changed(**values):
    """Another config over the same weights; None removes a key."""

    def ablate(context):
        config = {k: v for k, v in {**context.config, **values}.items() if v is not None}
        return float64.assemble(config, context.model.weights)

    return ablate


def rope_changed(key="rope_scaling", **values):
    def ablate(context):
        rope = {k: v for k, v in {**context.config[key], **values}.items() if v is not None}
        return float64.assemble({**context.config, key: rope}, context.model.weights)

    return ablate


def zeroed(*parts):
    return lambda context: context.model.without(*parts)


def no_head_norm(context):
    return dataclasses.replace(context.model, head_norm=False)


def windowed(tokens):
    return lambda context: dataclasses.replace(context.model, windows=[tokens] * context.model.layers)


def not_quantized(context):
    return context.dense


def quantized_otherwise(**how):
    return lambda context: context.requantize(Quantize(**how))


# Configs. Small, and far from every default, so that a key that is not read shows.


def llama(**more):
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": 64,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "vocab_size": 128,
        "max_position_embeddings": 2048,
        "rms_norm_eps": 1e-3,
        "rope_theta": 500000.0,
        "hidden_act": "silu",
        "bos_token_id": 1,
        "eos_token_id": 2,
        "tie_word_embeddings": True,
        **more,
    }


def qwen2(**more):
    return {**llama(rope_theta=20000.0), "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", **more}


def qwen3(**more):
    qwen = {"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "head_dim": 32, "eos_token_id": [2, 3]}
    return {**llama(rope_theta=1000000.0, attention_bias=False), **qwen, **more}


def mistral(**more):
    return {**llama(rope_theta=10000.0), "architectures": ["MistralForCausalLM"], "model_type": "mistral", "tie_word_embeddings": False, **more}


def narrow(family, **more):
    """For what only the config changes: fewer weights, a head size with frequencies enough."""
    small = {"hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 32, "vocab_size": 96}
    if family is qwen2:
        del small["head_dim"]
        small["num_attention_heads"] = 1
    return family(**{**small, **more})


def wide(family, **more):
    """Inputs of 128 everywhere, for groups of 128."""
    return family(**{"hidden_size": 128, "intermediate_size": 128, "head_dim": 32, **more})


# Changes of finished checkpoints.


def edit_config(change):
    def finish(path):
        file = Path(path) / "config.json"
        config = json.loads(file.read_text())
        change(config)
        file.write_text(json.dumps(config, indent=4) + "\n")

    return finish


def _forget_overrides(config):
    for key in ("quantization", "quantization_config"):
        config[key] = {k: v for k, v in config[key].items() if k in ("group_size", "bits", "mode")}


def _head_false(config):
    for key in ("quantization", "quantization_config"):
        config[key]["lm_head"] = False


def _shorten_overrides(config):
    for key in ("quantization", "quantization_config"):
        config[key]["model.layers.0.mlp.gate_proj"] = {"bits": 8}
        config[key]["model.layers.0.mlp.up_proj"] = {"mode": "mxfp4"}
        config[key]["model.layers.1.self_attn.q_proj"] = True


def shard(count):
    """Deals the tensors out to count files in turn, so that the parts of one weight stand apart."""

    def finish(path):
        path = Path(path)
        weights = mx.load(str(path / "model.safetensors"))
        total, index = sum(v.nbytes for v in weights.values()), {}
        for n in range(count):
            name = f"model-{n + 1:05d}-of-{count:05d}.safetensors"
            part = {k: weights[k] for k in sorted(weights)[n::count]}
            mx.save_safetensors(str(path / name), part, metadata={"format": "mlx"})
            index.update({k: name for k in part})
        (path / "model.safetensors").unlink()
        index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(index.items()))}
        (path / "model.safetensors.index.json").write_text(json.dumps(index, indent=4) + "\n")

    return finish


def recipe(name, group_size):
    return lambda model: mixed_quant_predicate_builder(name, model, group_size)


def exceptions(values):
    return lambda model: lambda path, module: values.get(path, True)


EPS = {"eps": changed(rms_norm_eps=1e-6)}
THETA = {"rope_theta": changed(rope_theta=10000.0)}

DENSE = [
    Case("qwen3-tied-bf16", "head norms, heads wider than hidden / heads, tied", qwen3(), ablations={"head_norm": no_head_norm, **THETA, **EPS}),
    Case("qwen3-untied-f16", "head norms, a head of its own", qwen3(tie_word_embeddings=False), "float16", ablations={"head_norm": no_head_norm}),
    Case(
        "qwen2-tied-bf16",
        "biases of queries, keys and values",
        qwen2(),
        ablations={"q_bias": zeroed("q_proj.bias"), "k_bias": zeroed("k_proj.bias"), "v_bias": zeroed("v_proj.bias"), **THETA},
    ),
    Case(
        "qwen2.5-window-off-f32",
        "sliding window fields that use_sliding_window turns off",
        qwen2(use_sliding_window=False, sliding_window=8, max_window_layers=1, tie_word_embeddings=False),
        "float32",
        ablations={"window": changed(use_sliding_window=True), "window everywhere": windowed(8)},
    ),
    Case(
        "llama2-mha-f16",
        "as many key heads as heads and not said so, default rope_theta, no head_dim, a head of its own",
        {k: v for k, v in llama(tie_word_embeddings=False).items() if k not in ("num_key_value_heads", "rope_theta")},
        "float16",
        ablations={"rope_theta": changed(rope_theta=500000.0)},
    ),
    Case("llama3-gqa-tied-bf16", "two heads a key head, tied", llama(head_dim=16), ablations={**THETA, **EPS}),
    Case(
        "llama-biases-f32",
        "biases of all seven projections",
        llama(attention_bias=True, mlp_bias=True),
        "float32",
        ablations={p: zeroed(f"{p}_proj.bias") for p in ("q", "k", "v", "o", "gate", "up", "down")},
    ),
    Case(
        "llama-head-dim-f16",
        "heads that are not hidden / heads wide",
        llama(head_dim=24),
        "float16",
        ablations=THETA,
    ),
    Case(
        "llama-layer-types-window",
        "layer_types: the second layer slides, as mlx-lm's llama has it (transformers ignores the key)",
        narrow(llama, layer_types=["full_attention", "sliding_attention"], sliding_window=8),
        other="differs",
        ablations={"layer_types": changed(layer_types=None), "all layers": windowed(8), "one more": changed(sliding_window=9)},
    ),
    Case(
        "mistral-window",
        "a sliding window shorter than the prompt, which mlx-lm ignores",
        mistral(sliding_window=12),
        judge="transformers",
        other="differs",
        ablations={"window": changed(sliding_window=4096), "one more": changed(sliding_window=13), "one less": changed(sliding_window=11)},
    ),
    Case("mistral-window-null", "no window", mistral(), finish=edit_config(lambda c: c.update(sliding_window=None)), ablations={"window": windowed(12)}),
    Case(
        "qwen2-window-layers",
        "use_sliding_window: layers from max_window_layers on slide, which mlx-lm ignores",
        narrow(qwen2, use_sliding_window=True, sliding_window=8, max_window_layers=1),
        judge="transformers",
        other="differs",
        ablations={"window": changed(use_sliding_window=False), "all layers": changed(max_window_layers=0), "one more": changed(sliding_window=9)},
    ),
    Case("llama-sharded-bf16", "three files and an index", llama(tie_word_embeddings=False), finish=shard(3), ablations=THETA),
]

LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.5, "high_freq_factor": 5.0, "original_max_position_embeddings": 64}
YARN = {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64}
PLAIN = {"scaling": changed(rope_scaling=None)}

ROPE = [
    Case(
        "rope-linear-old",
        "linear scaling, old key 'type'",
        narrow(llama, rope_scaling={"type": "linear", "factor": 4.0}),
        ablations={**PLAIN, "factor": rope_changed(factor=3.0)},
    ),
    Case("rope-linear", "linear scaling, new key 'rope_type'", narrow(qwen2, rope_scaling={"rope_type": "linear", "factor": 3.0}), ablations=PLAIN),
    Case(
        "rope-llama3",
        "Llama 3.1 scaling: frequencies of all three kinds",
        narrow(llama, rope_scaling=LLAMA3),
        prompt=96,
        ablations={
            **PLAIN,
            "low": rope_changed(low_freq_factor=1.0),
            "high": rope_changed(high_freq_factor=4.0),
            "original": rope_changed(original_max_position_embeddings=128),
        },
    ),
    Case(
        "rope-llama3-defaults",
        "Llama 3.1 scaling with mlx-lm's defaults (1, 4, 8192); transformers has none",
        narrow(llama, rope_scaling={"rope_type": "llama3", "factor": 32.0}),
        prompt=96,
        other="refuses",
        ablations=PLAIN,
    ),
    Case(
        "rope-yarn-old",
        "YaRN as Qwen2.5 says it, old key 'type'",
        narrow(qwen2, rope_scaling=YARN),
        prompt=96,
        ablations={**PLAIN, "factor": rope_changed(factor=3.0), "magnitude": rope_changed(mscale=0.0)},
    ),
    Case(
        "rope-yarn",
        "YaRN over head norms, new key 'rope_type'",
        narrow(qwen3, rope_scaling={"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64}),
        prompt=96,
        ablations={**PLAIN, "magnitude": rope_changed(mscale=0.0)},
    ),
    Case(
        "rope-yarn-mscale",
        "YaRN with mscale and mscale_all_dim",
        narrow(llama, rope_scaling={**YARN, "mscale": 2.0, "mscale_all_dim": 0.5}),
        prompt=64,
        ablations={"mscale": rope_changed(mscale=None), "mscale_all_dim": rope_changed(mscale_all_dim=None)},
    ),
    Case(
        "rope-yarn-mscale-alone",
        "YaRN with mscale alone, which transformers ignores",
        narrow(llama, rope_scaling={**YARN, "mscale": 2.5}),
        prompt=64,
        other="differs",
        ablations={"mscale": rope_changed(mscale=None)},
    ),
    Case(
        "rope-yarn-betas",
        "YaRN with beta_fast and beta_slow",
        narrow(llama, rope_scaling={**YARN, "beta_fast": 2, "beta_slow": 0.25}),
        prompt=64,
        ablations={"beta_fast": rope_changed(beta_fast=None), "beta_slow": rope_changed(beta_slow=None)},
    ),
    Case(
        "rope-yarn-original-absent",
        "YaRN without original_max_position_embeddings: mlx-lm's 4096, not transformers' max_position_embeddings",
        narrow(llama, max_position_embeddings=256, rope_scaling={"rope_type": "yarn", "factor": 4.0}),
        prompt=96,
        other="differs",
        ablations={**PLAIN, "original": rope_changed(original_max_position_embeddings=256)},
    ),
    Case(
        "rope-yarn-attention-factor",
        "YaRN with attention_factor, which mlx-lm ignores",
        narrow(llama, rope_scaling={**YARN, "attention_factor": 1.6}),
        judge="transformers",
        other="differs",
        prompt=64,
        ablations={"attention_factor": rope_changed(attention_factor=None)},
    ),
    Case(
        "rope-yarn-no-truncate",
        "YaRN with truncate false, which mlx-lm ignores",
        narrow(llama, rope_scaling={**YARN, "truncate": False}),
        judge="transformers",
        other="differs",
        prompt=64,
        ablations={"truncate": rope_changed(truncate=None)},
    ),
    Case(
        "rope-yarn-original-outside",
        "YaRN with original_max_position_embeddings beside rope_scaling, where mlx-lm does not look",
        narrow(llama, original_max_position_embeddings=64, rope_scaling={"rope_type": "yarn", "factor": 4.0}),
        judge="transformers",
        other="differs",
        prompt=96,
        ablations={"original": changed(original_max_position_embeddings=None)},
    ),
]


def parameters(family, **rope):
    """A config as transformers 5 writes it: rope_theta among rope_parameters."""
    config = narrow(family, rope_parameters=rope)
    del config["rope_theta"]
    return config


NESTED = {"parameters": changed(rope_parameters=None)}

PARAMETERS = [
    Case(
        "parameters-default",
        "rope_parameters of type default, which mlx-lm's llama ignores",
        parameters(llama, rope_type="default", rope_theta=500000.0),
        judge="transformers",
        other="differs",
        ablations=NESTED,
    ),
    Case(
        "parameters-linear",
        "rope_parameters of type linear, Mistral with a window",
        {**parameters(mistral, rope_type="linear", rope_theta=20000.0, factor=2.0), "sliding_window": 12},
        judge="transformers",
        other="differs",
        ablations={**NESTED, "factor": rope_changed("rope_parameters", factor=3.0), "window": windowed(4096)},
    ),
    Case(
        "parameters-llama3",
        "rope_parameters of type llama3",
        parameters(llama, rope_theta=500000.0, **LLAMA3),
        judge="transformers",
        other="differs",
        prompt=96,
        ablations={**NESTED, "low": rope_changed("rope_parameters", low_freq_factor=1.0)},
    ),
    Case(
        "parameters-yarn",
        "rope_parameters of type yarn, attention_factor given, original_max_position_embeddings beside them",
        {
            **parameters(qwen2, rope_type="yarn", rope_theta=1000000.0, factor=4.0, attention_factor=1.5),
            "original_max_position_embeddings": 64,
        },
        judge="transformers",
        other="differs",
        prompt=96,
        ablations={
            "yarn": rope_changed("rope_parameters", rope_type="default"),
            "attention_factor": rope_changed("rope_parameters", attention_factor=None),
            "original": changed(original_max_position_embeddings=None),
        },
    ),
    Case(
        "parameters-yarn-qwen3",
        "rope_parameters of Qwen3, which mlx-lm reads",
        parameters(qwen3, rope_type="yarn", rope_theta=1000000.0, factor=4.0, original_max_position_embeddings=64),
        prompt=96,
        ablations={"yarn": rope_changed("rope_parameters", rope_type="default"), "rope_theta": rope_changed("rope_parameters", rope_theta=10000.0)},
    ),
]

LONG = [
    Case("long-plain", "positions to 1,100, plain RoPE", narrow(llama, rope_theta=10000.0), prompt=900, keep=8, ablations={"rope_theta": changed(rope_theta=500000.0)}),
    Case(
        "long-llama3",
        "positions to 1,100, Llama 3.1 scaling",
        narrow(llama, rope_scaling={**LLAMA3, "original_max_position_embeddings": 512}),
        prompt=900,
        keep=8,
        ablations=PLAIN,
    ),
]


def uniform(family, name, about, dtype="bfloat16", **how):
    return Case(name, about, family, dtype, quantize=Quantize(**how), ablations={"quantized": not_quantized})


QUANTIZED = [
    uniform(qwen3(), "qwen3-4bit-g64", "the usual conversion, quantized embedding as the head", bits=4, group_size=64),
    uniform(llama(tie_word_embeddings=False), "llama-4bit-g32-untied", "quantized embedding and head of its own", bits=4, group_size=32),
    Case(
        "qwen2-4bit-g64-f16",
        "biases of layers beside biases of quantization, f16 scales",
        qwen2(),
        "float16",
        quantize=Quantize(4, 64),
        ablations={"quantized": not_quantized, "q_bias": zeroed("q_proj.bias"), "k_bias": zeroed("k_proj.bias"), "v_bias": zeroed("v_proj.bias")},
    ),
    uniform(llama(), "affine-2bit-g32", "2 bits", bits=2, group_size=32),
    uniform(llama(), "affine-3bit-g64-f16", "3 bits, f16 scales", "float16", bits=3, group_size=64),
    uniform(wide(llama), "affine-4bit-g128", "4 bits", bits=4, group_size=128),
    uniform(llama(), "affine-5bit-g32-f32", "5 bits, f32 scales", "float32", bits=5, group_size=32),
    uniform(qwen3(), "affine-6bit-g64", "6 bits", bits=6, group_size=64),
    uniform(wide(llama, vocab_size=96), "affine-8bit-g128", "8 bits", bits=8, group_size=128),
    uniform(llama(), "mxfp4", "mxfp4", mode="mxfp4"),
    uniform(qwen3(), "mxfp8", "mxfp8", mode="mxfp8"),
    uniform(llama(tie_word_embeddings=False), "nvfp4", "nvfp4, with a head of its own", mode="nvfp4"),
    Case(
        "overrides",
        "one layer of 8 bits in a model of 4, the head dense and said so",
        llama(tie_word_embeddings=False),
        quantize=Quantize(
            4, 64, predicate=exceptions({"model.layers.1.mlp.down_proj": {"bits": 8, "group_size": 64}, "lm_head": False})
        ),
        finish=edit_config(_head_false),
        ablations={"overrides": quantized_otherwise(bits=4, group_size=64)},
    ),
    Case(
        "overrides-defaults",
        "overrides that leave out group size, bits or mode: the mode's defaults hold, not the model's",
        llama(),
        quantize=Quantize(
            4,
            32,
            predicate=exceptions(
                {
                    "model.layers.0.mlp.gate_proj": {"bits": 8, "group_size": 64},
                    "model.layers.0.mlp.up_proj": {"mode": "mxfp4", "group_size": 32, "bits": 4},
                    "model.layers.1.self_attn.v_proj": {"mode": "mxfp8", "group_size": 32, "bits": 8},
                    "model.layers.1.self_attn.o_proj": {"mode": "nvfp4", "group_size": 16, "bits": 4},
                }
            ),
        ),
        finish=edit_config(_shorten_overrides),
        ablations={"overrides": quantized_otherwise(bits=4, group_size=32)},
    ),
    Case(
        "mixed-recipe",
        "mlx-lm's mixed_3_6 recipe, every layer named in config.json",
        qwen3(tie_word_embeddings=False),
        quantize=Quantize(3, 32, predicate=recipe("mixed_3_6", 32)),
        ablations={"recipe": quantized_otherwise(bits=3, group_size=32)},
    ),
    Case(
        "inferred",
        "a mixed recipe whose overrides config.json lost: each layer's bits are in its shapes",
        llama(tie_word_embeddings=False),
        quantize=Quantize(4, 64, predicate=recipe("mixed_4_6", 64)),
        finish=edit_config(_forget_overrides),
        ablations={"recipe": quantized_otherwise(bits=4, group_size=64)},
    ),
    Case(
        "inferred-modes",
        "four modes in one file and config.json names only affine",
        llama(),
        quantize=Quantize(
            4,
            64,
            predicate=exceptions(
                {
                    "model.embed_tokens": {"mode": "mxfp8", "group_size": 32, "bits": 8},
                    "model.layers.0.mlp.up_proj": {"mode": "mxfp4", "group_size": 32, "bits": 4},
                    "model.layers.1.self_attn.o_proj": {"mode": "nvfp4", "group_size": 16, "bits": 4},
                    "model.layers.1.mlp.gate_proj": {"bits": 5, "group_size": 32},
                    "model.layers.1.mlp.down_proj": False,
                }
            ),
        ),
        finish=edit_config(_forget_overrides),
        ablations={"modes": quantized_otherwise(bits=4, group_size=64)},
    ),
    Case(
        "indivisible",
        "feed-forward of 80, no multiple of the group: down_proj stays dense",
        llama(intermediate_size=80),
        quantize=Quantize(4, 64),
        ablations={"quantized": not_quantized},
    ),
    Case(
        "sharded-4bit",
        "two files, the parts of a weight in different ones",
        llama(),
        quantize=Quantize(4, 32),
        finish=shard(2),
        ablations={"quantized": not_quantized},
    ),
]

CASES = DENSE + ROPE + PARAMETERS + LONG + QUANTIZED
