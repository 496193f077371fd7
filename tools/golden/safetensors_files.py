#!/usr/bin/env python3
"""Makes tests/golden/safetensors: files as the packages of others write them.

    pip install safetensors==0.8.0 numpy==2.4.6 mlx==0.32.4 mlx-cpu==0.32.4
    tools/golden/safetensors_files.py

reference.safetensors  every dtype that the safetensors package can write, names that need escapes, a scalar and an empty tensor
plain.safetensors      the same package, no metadata
empty.safetensors      no tensors
mlx.safetensors        MLX: keys in order of name, no padding (the data starts at an odd byte), "__metadata__": null

Byte i of the data of tensor number n (in the order given to the writer) is (31 * n + 7 * i + 1) mod 256, BOOL 0 or 1 by its lowest bit.
Python dicts keep their order, so the output depends on nothing but the versions, which stand in the metadata.
"""

from pathlib import Path

import mlx.core as mx
import numpy as np
import safetensors
from safetensors import TensorSpec, serialize_file

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "golden" / "safetensors"
TENSORS = [  # name, dtype as the package spells it, bits of an element, shape
    ("model.layers.0.weight", "float32", 32, [3, 5]),
    ("a.bool", "bool", 8, [7]),
    ("a.u8", "uint8", 8, [3]),
    ("a.i8", "int8", 8, [1, 3]),
    ("a.e5m2", "float8_e5m2", 8, [5]),
    ("a.e4m3", "float8_e4m3fn", 8, [5, 1]),
    ("a.e8m0", "float8_e8m0fnu", 8, [2, 2]),
    ("a.e4m3fnuz", "float8_e4m3fnuz", 8, [3]),
    ("a.e5m2fnuz", "float8_e5m2fnuz", 8, [1]),
    ("a.f4", "float4_e2m1fn_x2", 4, [3, 2]),
    ("a.i16", "int16", 16, [3]),
    ("a.u16", "uint16", 16, [2]),
    ("a.f16", "float16", 16, [2, 1, 3]),
    ("a.bf16", "bfloat16", 16, [9]),
    ("b.bf16", "bfloat16", 16, [1]),
    ("a.i32", "int32", 32, [2, 2]),
    ("a.u32", "uint32", 32, [3]),
    ("a.c64", "complex64", 64, [2]),
    ("a.f64", "float64", 64, [2]),
    ("a.i64", "int64", 64, [1]),
    ("a.u64", "uint64", 64, [2]),
    ("scalar", "float32", 32, []),
    ("empty", "float32", 32, [4, 0, 2]),
    ('quote " slash / backslash \\ tab \t escape \x1b del \x7f', "uint8", 8, [2]),
    ("größe 雪 🐝", "float32", 32, [2]),
]


def specs(keep):
    result = {}
    for number, (name, dtype, bits, shape) in enumerate(TENSORS):
        count = int(np.prod(shape)) * bits // 8
        data = ((31 * number + 7 * np.arange(count) + 1) % 256).astype(np.uint8)
        if dtype == "bool":
            data &= 1
        keep.append(data)
        # A packed F4 tensor is described by its storage: two values a byte.
        stored = shape[:-1] + [shape[-1] // 2] if bits == 4 else shape
        result[name] = TensorSpec(dtype=dtype, shape=stored, data_ptr=data.ctypes.data if count else 0, data_len=count)
    return result


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    keep = []
    made = {"made_by": f"safetensors {safetensors.__version__}, numpy {np.__version__}, tools/golden/safetensors_files.py (no randomness)"}
    serialize_file(specs(keep), str(folder / "reference.safetensors"), metadata=made)
    serialize_file({"w": specs(keep)["model.layers.0.weight"]}, str(folder / "plain.safetensors"))
    serialize_file({}, str(folder / "empty.safetensors"))
    mx.save_safetensors(
        str(folder / "mlx.safetensors"),
        {"b.scale": mx.array(2.5), "a.id": mx.arange(3), "c.half": mx.array([1.0, -2.0, 0.5], dtype=mx.bfloat16)},
    )


main(FOLDER)
