"""Trains the model: dialogues packed into rows, loss on the assistant's words, the last steps through the quantizer.

Schedule: warm-up, constant, then a linear decay to zero; for the last part of the decay the weights are seen as their 4-bit file
will give them back, so that quantizing costs little. Matrices go by Muon, embedding and norms by AdamW.
Seeds fix the order of everything; the sums of a matrix product may differ between machines.

    python train.py --corpus corpus.jsonl --valid valid.jsonl --tokenizer DIR --out DIR
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
import torch.nn.functional as F
from tokenizers import Tokenizer

from make_tokenizer import END, PAD, START
from model import CONFIG, Qwen3
from muon import Muon

ROW = 256
BATCH = 16
STEPS = 3700
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


def average(net, workers):
    """The gradient over all workers' rows."""
    grads = [p.grad for p in net.parameters()]
    flat = torch.cat([g.reshape(-1) for g in grads])
    dist.all_reduce(flat)
    for grad, part in zip(grads, flat.div_(workers).split([g.numel() for g in grads])):
        grad.copy_(part.view_as(grad))


def work(rank, workers, args):
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(1)
    if workers > 1:
        dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{args.port}", rank=rank, world_size=workers)
    out = Path(args.out)
    tokenizer = Tokenizer.from_file(str(Path(args.tokenizer) / "tokenizer.json"))
    config = dict(CONFIG, vocab_size=tokenizer.get_vocab_size())
    with np.load(out / "rows.npz") as saved:
        rows = saved["ids"], saved["said"], saved["owner"]
    valid = tuple(column[:160] for column in pack(encode(tokenizer, args.valid), tokenizer.token_to_id(PAD)))
    order = np.random.default_rng(1).permutation(len(rows[0]))

    net = Qwen3(config)
    muon = Muon([p for name, p in net.named_parameters() if p.ndim == 2 and "embed" not in name], WEIGHT_DECAY)
    adam = torch.optim.AdamW(
        [p for name, p in net.named_parameters() if p.ndim != 2 or "embed" in name], lr=LR_ADAM, betas=(0.9, 0.95), weight_decay=0.0
    )
    first, seconds, checkpoint = 0, 0.0, out / "checkpoint.pt"
    if args.begin:
        net.load_state_dict(torch.load(args.begin)["net"])
    if args.resume:
        state = torch.load(checkpoint)
        net.load_state_dict(state["net"])
        muon.load(state["muon"])
        adam.load_state_dict(state["adam"])
        first, seconds = state["step"], state["seconds"]

    def report(text):
        if rank == 0:
            print(text, flush=True)

    def save(step):
        if rank == 0:
            state = {"net": net.state_dict(), "muon": muon.state(), "adam": adam.state_dict(), "step": step, "seconds": seconds, "config": config}
            torch.save(state, str(checkpoint) + ".tmp")
            Path(str(checkpoint) + ".tmp").replace(checkpoint)

    report(f"{sum(p.numel() for p in net.parameters())} parameters, {len(rows[0])} rows of {ROW}, "
           f"{(rows[2] >= 0).sum()} tokens, {rows[1].sum()} said")
    begun, mean = time.time() - seconds, 0.0
    last = args.until or args.steps
    for step in range(first, last):
        net.quantize(step >= (1 - QUANTIZED) * args.steps)
        index = order[np.arange(step * BATCH, (step + 1) * BATCH) % len(order)]
        loss, _ = loss_of(net, rows, index[rank::workers])
        loss.backward()
        if workers > 1:
            average(net, workers)
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        muon.step(args.rate * LR_MUON * rate(step, args.steps), rank, workers)
        adam.param_groups[0]["lr"] = args.rate * LR_ADAM * rate(step, args.steps)
        adam.step()
        adam.zero_grad(set_to_none=True)
        mean = loss.item() if step == first else 0.95 * mean + 0.05 * loss.item()
        seconds = time.time() - begun
        if (step + 1) % 10 == 0:
            report(f"step {step + 1} loss {mean:.3f} {seconds:.0f} s {(step + 1) * BATCH * ROW / seconds:.0f} tokens/s")
        if (step + 1) % 25 == 0:
            save(step + 1)
        if ((step + 1) % 500 == 0 or step + 1 == last) and rank == 0:
            report(f"step {step + 1} valid float {validate(net, valid, False):.4f} 4-bit {validate(net, valid, True):.4f}")
    save(last)
    if workers > 1:
        dist.barrier()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--valid", required=True)
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--rate", type=float, default=1.0, help="times the learning rates")
    parser.add_argument("--until", type=int, help="stop after this step of --steps")
    parser.add_argument("--workers", type=int, default=1, help="processes that share each batch; on a busy machine better than threads")
    parser.add_argument("--threads", type=int, default=1, help="threads of each")
    parser.add_argument("--port", type=int, default=29511)
    parser.add_argument("--begin", help="a checkpoint whose weights are begun with")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out; --steps may differ")
    args = parser.parse_args()

    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    if not (out / "rows.npz").exists():
        tokenizer = Tokenizer.from_file(str(Path(args.tokenizer) / "tokenizer.json"))
        ids, said, owner = pack(encode(tokenizer, args.corpus), tokenizer.token_to_id(PAD))
        np.savez(out / "rows.npz", ids=ids, said=said, owner=owner)
    if args.workers > 1:
        mp.spawn(work, (args.workers, args), nprocs=args.workers)
    else:
        work(0, 1, args)


if __name__ == "__main__":
    main()
