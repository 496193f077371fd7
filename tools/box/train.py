"""Trains the model: dialogues packed into rows, loss on the assistant's words, the last steps through the quantizer.

Schedule: warm-up, constant, then a linear decay to zero; for the last part of the decay the weights are seen as their 4-bit file
will give them back, so that quantizing costs little. Matrices go by Muon, embedding and norms by AdamW.
Seeds fix the order of everything; the sums of a matrix product may differ between machines.

    python train.py --corpus corpus.jsonl --valid valid.jsonl --tokenizer DIR --out DIR
"""

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from make_tokenizer import END, PAD, START
from model import CONFIG, Qwen3

ROW = 256
BATCH = 16
STEPS = 3000
WARMUP, DECAY, QUANTIZED = 60, 0.35, 0.2
LR_MUON, LR_ADAM, WEIGHT_DECAY = 4e-3, 3e-3, 0.05


def encode(tokenizer, path):
    """Each dialogue as (ids, whether the id is the assistant's to say)."""
    start, end = tokenizer.token_to_id(START), tokenizer.token_to_id(END)
    newline = tokenizer.encode("\n").ids
    heads = {role: [start, *tokenizer.encode(role + "\n").ids] for role in ("system", "user", "assistant")}
    with open(path, encoding="utf-8") as lines:
        while chunk := [json.loads(line)["messages"] for _, line in zip(range(4096), lines)]:
            flat = [m for messages in chunk for m in messages]
            bodies = iter(tokenizer.encode_batch([m["content"] for m in flat], add_special_tokens=False))
            for messages in chunk:
                ids, said = [], []
                for message in messages:
                    head, body = heads[message["role"]], next(bodies).ids
                    mine = message["role"] == "assistant"
                    ids += head + body + [end] + newline
                    said += [False] * len(head) + [mine] * (len(body) + 1) + [False] * len(newline)
                yield ids[: ROW + 1], said[: ROW + 1]


def pack(dialogues, pad):
    """Rows of ROW + 1 ids, each filled with whole dialogues, the longest that fits first. Arrays ids, said, owner (-1: padding)."""
    pool, rows = [], []

    def fill():
        row, left = [], ROW + 1
        while pool:
            fits = [i for i, (ids, _) in enumerate(pool) if len(ids) <= left]
            if not fits:
                break
            best = max(fits, key=lambda i: len(pool[i][0])) if row else 0
            row.append(pool.pop(best))
            left -= len(row[-1][0])
        ids, said, owner = np.full(ROW + 1, pad, np.int16), np.zeros(ROW + 1, bool), np.full(ROW + 1, -1, np.int16)
        at = 0
        for k, (i, s) in enumerate(row):
            ids[at : at + len(i)], said[at : at + len(i)], owner[at : at + len(i)] = i, s, k
            at += len(i)
        rows.append((ids, said, owner))

    for dialogue in dialogues:
        pool.append(dialogue)
        if len(pool) >= 64:
            fill()
    while pool:
        fill()
    return tuple(np.stack(column) for column in zip(*rows))


CAUSAL = torch.ones(ROW, ROW, dtype=torch.bool).tril()


def loss_of(net, rows, index):
    ids, said, owner = (torch.from_numpy(column[index]) for column in rows)
    inputs, targets = ids[:, :-1].long(), ids[:, 1:].long()
    owner = owner[:, :-1]
    mask = (owner[:, :, None] == owner[:, None, :]) & CAUSAL
    keep = said[:, 1:]
    return F.cross_entropy(net(inputs, mask[:, None], keep), targets[keep]), int(keep.sum())


@torch.no_grad()
def validate(net, rows, quantized):
    net.quantize(quantized)
    total = count = 0
    for at in range(0, len(rows[0]), BATCH):
        loss, n = loss_of(net, rows, slice(at, at + BATCH))
        total, count = total + loss.item() * n, count + n
    return total / count


def rate(step, steps):
    if step < WARMUP:
        return (step + 1) / WARMUP
    return min(1.0, (steps - step) / (DECAY * steps))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--valid", required=True)
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out; --steps may differ")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    torch.set_flush_denormal(True)
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)

    tokenizer = Tokenizer.from_file(str(Path(args.tokenizer) / "tokenizer.json"))
    config = dict(CONFIG, vocab_size=tokenizer.get_vocab_size())
    pad = tokenizer.token_to_id(PAD)
    cache = out / "rows.npz"
    if not cache.exists():
        rows = pack(encode(tokenizer, args.corpus), pad)
        np.savez(cache, ids=rows[0], said=rows[1], owner=rows[2])
    with np.load(cache) as saved:
        rows = saved["ids"], saved["said"], saved["owner"]
    valid = pack(encode(tokenizer, args.valid), pad)
    valid = tuple(column[:160] for column in valid)
    order = np.random.default_rng(1).permutation(len(rows[0]))

    net = Qwen3(config)
    matrices = [p for name, p in net.named_parameters() if p.ndim == 2 and "embed" not in name]
    others = [p for name, p in net.named_parameters() if p.ndim != 2 or "embed" in name]
    optimizers = [
        (torch.optim.Muon(matrices, lr=LR_MUON, weight_decay=WEIGHT_DECAY, adjust_lr_fn="match_rms_adamw"), LR_MUON),
        (torch.optim.AdamW(others, lr=LR_ADAM, betas=(0.9, 0.95), weight_decay=0.0), LR_ADAM),
    ]
    first, seconds = 0, 0.0
    checkpoint = out / "checkpoint.pt"
    if args.resume:
        state = torch.load(checkpoint)
        net.load_state_dict(state["net"])
        for (optimizer, _), saved in zip(optimizers, state["optimizers"]):
            optimizer.load_state_dict(saved)
        first, seconds = state["step"], state["seconds"]
    parameters = sum(p.numel() for p in net.parameters())
    print(f"{parameters} parameters, {len(rows[0])} rows of {ROW}, {(rows[2] >= 0).sum()} tokens, {rows[1].sum()} said", flush=True)

    def save(step):
        state = {"net": net.state_dict(), "optimizers": [o.state_dict() for o, _ in optimizers], "step": step, "seconds": seconds, "config": config}
        torch.save(state, str(checkpoint) + ".tmp")
        Path(str(checkpoint) + ".tmp").replace(checkpoint)

    begun, mean = time.time() - seconds, 0.0
    for step in range(first, args.steps):
        net.quantize(step >= (1 - QUANTIZED) * args.steps)
        index = order[np.arange(step * BATCH, (step + 1) * BATCH) % len(order)]
        loss, _ = loss_of(net, rows, index)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        for optimizer, lr in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = lr * rate(step, args.steps)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        assert math.isfinite(loss.item())
        mean = loss.item() if step == first else 0.95 * mean + 0.05 * loss.item()
        seconds = time.time() - begun
        if (step + 1) % 10 == 0:
            print(f"step {step + 1} loss {mean:.3f} {seconds:.0f} s {(step + 1) * BATCH * ROW / seconds:.0f} tokens/s", flush=True)
        if (step + 1) % 50 == 0:
            save(step + 1)
        if (step + 1) % 500 == 0 or step + 1 == args.steps:
            print(f"step {step + 1} valid float {validate(net, valid, False):.4f} 4-bit {validate(net, valid, True):.4f}", flush=True)
    save(args.steps)


if __name__ == "__main__":
    main()
