#!/usr/bin/env python3
"""Bombus beside llama.cpp on this machine: the same shape, random weights of 4.5 bits each, the two programs in turn.

Everything that is downloaded, built and made stays in one directory, and what is there already is not made again:

  venv/         Python packages gguf and numpy, from PyPI
  sdist/        the source package of llama-cpp-python, from PyPI, which has llama.cpp inside
  llama.cpp/    its build: llama-bench and llama-batched-bench
  SHAPE.gguf    the shape as GGUF, all matrices Q4_0 (blocks of 32, a scale in float16: 4.5 bits a weight)

Bombus makes its own model (bombus bench --random SHAPE: affine, 4 bits, groups of 64, scale and bias in bfloat16: 4.5 bits a weight).
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VERSION = "0.3.36"  # of llama-cpp-python
FIELDS = "model_type hidden layers heads kv_heads head_dim feed_forward vocabulary context theta eps tied stretch".split()


def shape_named(name):
    """The row of the table that Bombus makes its models from, so that both have the same."""
    source = (ROOT / "src/bench/random_model.c").read_text()
    rows = re.findall(r'^    \{"([^"]+)", "(\w+)", ([^}]*)\},', source, re.MULTILINE)
    shapes = {row[0]: [row[1], *row[2].split(", ")] for row in rows}
    if name not in shapes:
        sys.exit(f"compare.py: shape {name!r}, expected one of {', '.join(shapes)}")
    values = shapes[name]
    return {key: value if key == "model_type" else json.loads(value) for key, value in zip(FIELDS, values)}


def run(command, **options):
    print("+", " ".join(map(str, command)), flush=True)
    return subprocess.run([str(part) for part in command], check=True, **options)


# ---- llama.cpp ----


def prepare(work, jobs):
    venv, sdist, build = work / "venv", work / "sdist", work / "llama.cpp"
    python = venv / "bin/python"
    print(f"In {work}, where it is not there yet:\n"
          f"  downloads from PyPI the packages gguf and numpy, and the source of llama-cpp-python {VERSION} (77 MB)\n"
          f"  builds llama.cpp out of it for this machine, with {jobs} jobs at low priority (10 to 30 minutes on two cores)\n", flush=True)
    if not python.exists():
        run([sys.executable, "-m", "venv", venv])
        run([python, "-m", "pip", "install", "--quiet", "gguf", "numpy"])
    archive = sdist / f"llama_cpp_python-{VERSION}.tar.gz"
    if not archive.exists():
        run([python, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", f"llama-cpp-python=={VERSION}", "-d", sdist])
    source = sdist / f"llama_cpp_python-{VERSION}" / "vendor" / "llama.cpp"
    if not source.exists():
        with tarfile.open(archive) as package:
            package.extractall(sdist)
    programs = [build / "bin" / name for name in ("llama-bench", "llama-batched-bench")]
    if not all(program.exists() for program in programs):
        off = ["LLAMA_OPENSSL", "LLAMA_BUILD_TESTS", "LLAMA_BUILD_EXAMPLES", "LLAMA_BUILD_SERVER", "LLAMA_BUILD_APP", "LLAMA_BUILD_UI",
               "LLAMA_USE_PREBUILT_UI", "BUILD_SHARED_LIBS"]
        run(["cmake", "-S", source, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DGGML_NATIVE=ON",
             *[f"-D{name}=OFF" for name in off]], stdout=subprocess.DEVNULL)
        run(["nice", "-n", "10", "ninja", "-C", build, f"-j{jobs}", *[program.name for program in programs]])
    return python, programs


def write_gguf(path, s):
    """Runs in the venv. Names and keys are those of llama.cpp's own converter."""
    import gguf
    import numpy

    q, k = s["heads"] * s["head_dim"], s["kv_heads"] * s["head_dim"]
    matrices = {"attn_q": (q, s["hidden"]), "attn_k": (k, s["hidden"]), "attn_v": (k, s["hidden"]), "attn_output": (s["hidden"], q),
                "ffn_gate": (s["feed_forward"], s["hidden"]), "ffn_up": (s["feed_forward"], s["hidden"]),
                "ffn_down": (s["hidden"], s["feed_forward"])}
    ones = {"attn_norm": s["hidden"], "ffn_norm": s["hidden"]}
    if s["model_type"] == "qwen3":
        ones |= {"attn_q_norm": s["head_dim"], "attn_k_norm": s["head_dim"]}
    zeros = {"attn_q": q, "attn_k": k, "attn_v": k} if s["model_type"] == "qwen2" else {}

    tensors = [("token_embd.weight", (s["vocabulary"], s["hidden"]))]
    for layer in range(s["layers"]):
        tensors += [(f"blk.{layer}.{name}.weight", shape) for name, shape in matrices.items()]
        tensors += [(f"blk.{layer}.{name}.weight", 1.0, size) for name, size in ones.items()]
        tensors += [(f"blk.{layer}.{name}.bias", 0.0, size) for name, size in zeros.items()]
    tensors += [("output_norm.weight", 1.0, s["hidden"])]
    if s["stretch"]:  # what the frequencies of RoPE are divided by: 1 takes as long as the model's own
        tensors += [("rope_freqs.weight", 1.0, s["head_dim"] // 2)]
    if not s["tied"]:
        tensors += [("output.weight", (s["vocabulary"], s["hidden"]))]

    writer = gguf.GGUFWriter(path, "llama" if s["model_type"] == "mistral" else s["model_type"])
    writer.add_block_count(s["layers"])
    writer.add_context_length(s["context"])
    writer.add_embedding_length(s["hidden"])
    writer.add_feed_forward_length(s["feed_forward"])
    writer.add_head_count(s["heads"])
    writer.add_head_count_kv(s["kv_heads"])
    writer.add_key_length(s["head_dim"])
    writer.add_value_length(s["head_dim"])
    writer.add_rope_dimension_count(s["head_dim"])
    writer.add_rope_freq_base(s["theta"])
    writer.add_layer_norm_rms_eps(s["eps"])
    writer.add_vocab_size(s["vocabulary"])
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_0)
    writer.add_tokenizer_model("no_vocab")
    for name, *rest in tensors:
        if len(rest) == 1:
            rows, columns = rest[0]
            shape = (rows, columns // 32 * 18)
            writer.add_tensor_info(name, shape, numpy.dtype(numpy.uint8), shape[0] * shape[1], raw_dtype=gguf.GGMLQuantizationType.Q4_0)
        else:
            writer.add_tensor_info(name, (rest[1],), numpy.dtype(numpy.float32), rest[1] * 4)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    generator = numpy.random.default_rng(0)
    for _, *rest in tensors:
        if len(rest) == 2:
            writer.write_tensor_data(numpy.full(rest[1], rest[0], numpy.float32))
            continue
        rows, columns = rest[0]
        blocks = generator.integers(0, 256, (rows, columns // 32, 18), numpy.uint8)
        # Codes of 4 bits are of size 16 / sqrt(12) about their middle; weights are to be of size 1 / sqrt(columns).
        blocks[:, :, :2] = numpy.array([12**0.5 / 16 / columns**0.5], numpy.float16).view(numpy.uint8)
        writer.write_tensor_data(blocks.reshape(rows, -1))
    writer.close()


def llama_bench(program, model, *arguments):
    """Tokens a second: the median of the samples of the better of plain and flash attention."""
    done = run([program, "-m", model, "-r", "3", "-fa", "0,1", "-o", "json", *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return max(statistics.median(test["samples_ts"]) for test in json.loads(done.stdout))


def llama_batched(program, model, threads, batch, tokens):
    done = run([program, "-m", model, "-t", threads, "-tb", threads, "-c", batch * (tokens + 16), "-npp", "4", "-ntg", tokens,
                "-npl", f"{batch},{batch},{batch}", "--output-format", "jsonl"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return statistics.median(json.loads(line)["speed_tg"] for line in done.stdout.splitlines() if line.startswith(b"{"))


# ---- both ----


def bombus_bench(program, options, *arguments):
    """Tokens a second of the one test besides loading, and the parts of the limit then and of the best limit that was seen."""
    done = run([program, "bench", "--random", options.shape, "--compute", options.compute, "--kv", options.kv, "--repetitions", "3", "--json",
                *arguments], stdout=subprocess.PIPE)
    result = json.loads(done.stdout)["results"][-1]
    return result["tokens_per_second"], (result["limit_fraction"], result["best_limit_fraction"])


def default_threads(program):
    done = run([program, "bench", "--random", "tiny", "-p", "0", "-n", "0", "--repetitions", "1", "--json"], stdout=subprocess.PIPE)
    return json.loads(done.stdout)["machine"]["limits"][0]["threads"]


def cases(options, programs, model):
    """name, Bombus's measurement, llama.cpp's"""
    bench, batched = programs
    threads = str(options.threads)

    def bombus(*arguments):
        return lambda: bombus_bench(options.bombus, options, *arguments)

    def llama(*arguments):
        return lambda: llama_bench(bench, model, *arguments)

    found = []
    for count in dict.fromkeys(["1", threads]):
        found.append((f"decode, {count} thread{'s' if count != '1' else ''}",
                      bombus("-p", "0", "-n", "64", "--depth", "0", "--batch", "1", "--threads", count),
                      llama("-p", "0", "-n", "64", "-t", count)))
    for tokens in ("512", "2048"):
        found.append((f"prefill {tokens}", bombus("-p", tokens, "-n", "0", "--threads", threads),
                      llama("-p", tokens, "-n", "0", "-t", threads)))
    found.append(("decode at depth 2048", bombus("-p", "0", "-n", "32", "--depth", "2048", "--batch", "1", "--threads", threads),
                  llama("-p", "0", "-n", "32", "-d", "2048", "-t", threads)))
    found.append(("8 at once", bombus("-p", "0", "-n", "32", "--depth", "0", "--batch", "8", "--threads", threads),
                  lambda: llama_batched(batched, model, threads, 8, 32)))
    return found


def compare(options, programs, model):
    ours, theirs, limits = {}, {}, {}
    planned = cases(options, programs, model)
    for turn in range(options.rounds):
        for name, bombus, llama in planned:
            # Who goes first changes, since a machine that has just worked may be slower, or the model still in a cache.
            for first in (True, False) if turn % 2 == 0 else (False, True):
                if first:
                    speed, fractions = bombus()
                    ours.setdefault(name, []).append(speed)
                    limits.setdefault(name, []).append(fractions)
                else:
                    speed = llama()
                    theirs.setdefault(name, []).append(speed)
                print(f"  round {turn + 1}, {name}, {'Bombus' if first else 'llama.cpp'}: {speed:.1f} tok/s", flush=True)

    print(f"\n{options.shape}, {options.compute}, keys and values in {options.kv}, {options.threads} threads where not said, "
          f"medians of {options.rounds} rounds, tok/s\n")
    print("| | Bombus | of limit | of best | llama.cpp | ratio |\n|---|--:|--:|--:|--:|--:|")
    for name, *_ in planned:
        ratios = [a / b for a, b in zip(ours[name], theirs[name])]
        then, best = (100 * statistics.median(fractions) for fractions in zip(*limits[name]))
        print(f"| {name} | {statistics.median(ours[name]):.1f} | {then:.0f} % | {best:.0f} % "
              f"| {statistics.median(theirs[name]):.1f} | {statistics.median(ratios):.2f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path, help="directory for all that is downloaded, built and made (about 1 GB and the model)")
    parser.add_argument("--shape", default="qwen3-0.6b")
    parser.add_argument("--bombus", type=Path, default=ROOT / "build/cli/bombus")
    parser.add_argument("--compute", default="fast", choices=["exact", "fast"])
    parser.add_argument("--kv", default="f16", choices=["f32", "f16"], help="of Bombus; llama.cpp's are f16 (default f16)")
    parser.add_argument("--threads", type=int, help="of both (default: the physical cores that Bombus finds it may use)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="of the build")
    parser.add_argument("--prepare-only", action="store_true", help="download and build, measure nothing")
    parser.add_argument("--write-gguf", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()

    shape = shape_named(options.shape)
    if options.write_gguf:
        write_gguf(options.write_gguf, shape)
        return
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    python, programs = prepare(work, options.jobs)
    model = work / f"{options.shape}.gguf"
    if not model.exists():
        partial = model.with_suffix(".part")
        run([python, __file__, "--shape", options.shape, "--write-gguf", partial, work])
        partial.rename(model)
    if not options.prepare_only:
        options.threads = options.threads or default_threads(options.bombus)
        compare(options, programs, model)


if __name__ == "__main__":
    main()
