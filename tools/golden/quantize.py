#!/usr/bin/env python3
"""Golden data of quantize and dequantize: what MLX on a CPU makes of twelve kinds of groups, in every mode and width.

Writes tests/golden/quantize/{f32,f16,bf16}.safetensors, each with "x" [4, 384] (a kind every 128 values), and for each mode, bits and group
size "<mode>.<bits>.<group>.weight", ".scales", ".biases" (affine only) and ".values" (dequantized). Seed and versions are in the metadata.

    python tools/golden/quantize.py        needs mlx and numpy
"""

import importlib.metadata
import pathlib

import mlx.core as mx
import numpy as np

SEED = 20260101
BLOCK = 128
OUT = pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden" / "quantize"
DTYPES = {"f32": mx.float32, "f16": mx.float16, "bf16": mx.bfloat16}
MODES = [("affine", bits, group) for bits in (2, 3, 4, 5, 6, 8) for group in (32, 64, 128)]
MODES += [("mxfp4", 4, 32), ("mxfp8", 8, 32), ("nvfp4", 4, 16)]


def blocks(rng):
    """Twelve blocks that meet the quantizer's corners, smaller than F16's largest so that they serve every type."""
    normal = lambda: rng.standard_normal(BLOCK)
    zeros = np.zeros(BLOCK)
    zeros[::3] = -0.0
    sparse = np.where(rng.random(BLOCK) < 0.95, 0, normal())
    e2m1 = np.array([0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 5, 5.5, 6])
    halfway = e2m1[rng.integers(0, 16, BLOCK)] * rng.choice([-1, 1], BLOCK) * 2.0 ** -5
    return [
        normal() * 0.02,  # what weights look like
        zeros,
        np.repeat(normal()[: BLOCK // 16], 16),  # constant groups
        normal() * 2.0**-20,  # ranges whose scale is the least there is, 1e-7
        rng.uniform(-1, 1, BLOCK) * 2.0 ** rng.integers(-148, -14, BLOCK),  # subnormal
        rng.uniform(-1, 1, BLOCK) * 6e4,
        np.abs(normal()),
        -np.abs(normal()) - 3,
        sparse,
        rng.integers(-8, 8, BLOCK),  # ends of equal magnitude, codes that are halfway
        halfway,
        normal() * np.exp(2 * normal()),
    ]


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    x = np.concatenate(blocks(np.random.default_rng(SEED))).astype(np.float32).reshape(4, -1)
    metadata = {
        "script": "tools/golden/quantize.py",
        "seed": str(SEED),
        "mlx": importlib.metadata.version("mlx"),
        "numpy": np.__version__,
        "device": "cpu",
    }
    mx.set_default_device(mx.cpu)
    for name, dtype in DTYPES.items():
        tensors = {"x": mx.array(x).astype(dtype)}
        for mode, bits, group in MODES:
            parts = mx.quantize(tensors["x"], group_size=group, bits=bits, mode=mode)
            values = mx.dequantize(*parts, group_size=group, bits=bits, mode=mode)
            for part, array in zip(("weight", "scales", "biases"), parts):
                tensors[f"{mode}.{bits}.{group}.{part}"] = array
            tensors[f"{mode}.{bits}.{group}.values"] = values
        mx.save_safetensors(str(OUT / f"{name}.safetensors"), tensors, metadata)


if __name__ == "__main__":
    main()
