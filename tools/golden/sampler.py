"""Golden data of the sampler: what mlx-lm makes of logits before it draws.

Runs mlx_lm.sample_utils itself (make_logits_processors, make_sampler) and takes down the distribution it hands to its categorical draw.
Run: python tools/golden/sampler.py tests/golden/sampler/sampler.json
"""

import itertools
import json
import random
import sys
from importlib.metadata import version

import mlx.core as mx
from mlx_lm import sample_utils

SEED = 3


def processed(logits, history, penalties, bias):
    processors = sample_utils.make_logits_processors(
        logit_bias={int(k): v for k, v in bias} or None,
        repetition_penalty=penalties.get("repetition_penalty"),
        repetition_context_size=penalties.get("repetition_window", 20),
        presence_penalty=penalties.get("presence_penalty"),
        presence_context_size=penalties.get("presence_window", 20),
        frequency_penalty=penalties.get("frequency_penalty"),
        frequency_context_size=penalties.get("frequency_window", 20),
    )
    row = mx.array([logits], dtype=mx.float32)
    for processor in processors:
        row = processor(mx.array(history, dtype=mx.int32), row)
    return row - mx.logsumexp(row, keepdims=True)


def distribution(logprobs, filters):
    """The masked, tempered row that mlx-lm gives to mx.random.categorical."""
    taken = []
    original = sample_utils.categorical_sampling
    sample_utils.categorical_sampling = lambda row, temp: taken.append(row * (1.0 / temp)) or mx.argmax(row, axis=-1)
    sampler = sample_utils.make_sampler(
        temp=filters["temperature"],
        top_p=filters.get("top_p", 1.0),
        min_p=filters.get("min_p", 0.0),
        min_tokens_to_keep=filters.get("min_keep", 1),
        top_k=filters.get("top_k", 0),
    )
    token = sampler(logprobs)
    sample_utils.categorical_sampling = original
    if not taken:
        return [1.0 if i == token.item() else 0.0 for i in range(logprobs.shape[-1])]
    return mx.softmax(taken[0], axis=-1)[0].tolist()


def rows(rng):
    f32 = lambda xs: mx.array(xs, dtype=mx.float32).tolist()
    return {
        "ordinary": f32([rng.gauss(0, 3) for _ in range(40)]),
        "flat": f32([rng.gauss(0, 0.05) for _ in range(33)]),
        "peaked": f32([rng.gauss(0, 1) + (9 if i == 7 else 0) for i in range(24)]),
        "negative": f32([-abs(rng.gauss(0, 4)) - 1 for _ in range(20)]),
        "ties": [2.0, 0.0, 2.0, 1.0, 2.0, 1.0, 1.0, -1.0, 1.0, 0.0, -1.0, 2.0],
        "equal": [0.5] * 16,
        "zeros": [0.0, -0.0, 0.0, -0.0],
        "single": [1.25],
    }


def combinations():
    for temperature in (0.0, 0.7, 1.0, 2.5):
        yield {"temperature": temperature}
    for top_p in (0.0, 0.05, 0.3, 0.5, 0.75, 0.9, 0.999, 1.0):
        yield {"temperature": 1.0, "top_p": top_p}
    for min_p in (0.01, 0.1, 0.5, 1.0):
        for min_keep in (1, 3, 5):
            yield {"temperature": 0.8, "min_p": min_p, "min_keep": min_keep}
    for top_k in (1, 2, 3, 6, 9):
        yield {"temperature": 1.5, "top_k": top_k}
    for top_p, min_p, top_k in itertools.product((0.6, 0.95), (0.05, 0.3), (2, 5)):
        yield {"temperature": 0.6, "top_p": top_p, "min_p": min_p, "top_k": top_k, "min_keep": 2}


def penalties(rng):
    for value in (0.0, 0.5, 1.0, 1.3):
        yield {"repetition_penalty": value}
    for value in (-0.5, 0.4, 2.0):
        yield {"presence_penalty": value}
        yield {"frequency_penalty": value}
    for window in (1, 3, 50):
        yield {"repetition_penalty": 1.7, "repetition_window": window, "presence_penalty": 0.3, "presence_window": window + 1,
               "frequency_penalty": 0.25, "frequency_window": window + 2}


def short(x, digits):
    """JSON has no infinities."""
    return "-inf" if x == float("-inf") else 0 if x == 0 else float(f"%.{digits}g" % x)


def main(path):
    rng = random.Random(SEED)
    named = rows(rng)
    cases = []

    def add(name, filters, history=(), extra=None, bias=()):
        logits = named[name]
        size = len(logits)
        filters = {k: v for k, v in filters.items()}
        if filters.get("top_k", 0) >= size or filters.get("min_keep", 1) > size:
            return
        history = [i % size for i in history]
        bias = [(i % size, b) for i, b in bias]
        logprobs = processed(logits, history, extra or {}, bias)
        case = {"logits": name, **filters, **(extra or {}), "history": history, "bias": bias}
        if history or bias or filters == {"temperature": 0.0}:
            case["logprobs"] = logprobs[0].tolist()
        cases.append({**case, "probabilities": distribution(logprobs, filters)})

    for name in named:
        for filters in combinations():
            add(name, filters)
    history = [rng.randrange(1000) for _ in range(60)] + [3, 3, 5, 3, 11]
    for name in ("ordinary", "negative", "ties"):
        for extra in penalties(rng):
            for tail in (0, 1, 5, 65):
                add(name, {"temperature": 1.0}, history[len(history) - tail:], extra)
            add(name, {"temperature": 0.0}, history, extra)
            add(name, {"temperature": 0.9, "top_p": 0.8, "top_k": 6}, history, extra, [(3, 1.5), (9, -2.0)])
    for name in ("ordinary", "ties", "equal"):
        add(name, {"temperature": 0.0}, bias=[(4, 100.0)])
        add(name, {"temperature": 1.0, "top_p": 0.9}, bias=[(0, -100.0), (5, 2.5), (1, 0.25)])
        add(name, {"temperature": 1.0}, bias=[(0, float("-inf")), (2, float("-inf"))])
        add(name, {"temperature": 1.0, "top_p": 0.99, "min_p": 0.01, "top_k": 9}, bias=[(0, float("-inf")), (2, float("-inf"))])

    for case in cases:
        case["bias"] = [[i, short(b, 9)] for i, b in case["bias"]]
        for key, digits in (("logprobs", 9), ("probabilities", 7)):
            if key in case:
                case[key] = [short(x, digits) for x in case[key]]
    with open(path, "w") as file:
        head = {"made_by": "tools/golden/sampler.py", "seed": SEED, "mlx": version("mlx"), "mlx_lm": version("mlx-lm"), "logits": named}
        text = json.dumps(head)[:-1] + ', "cases": [\n' + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]}\n"
        file.write(text)
    print(len(cases), "cases")


if __name__ == "__main__":
    main(sys.argv[1])
