"""Muon: momentum whose steps are made orthogonal by a few Newton-Schulz iterations, for the matrices of a small model.

In float32 and in batches of one shape: torch's own rounds to bfloat16, which a CPU without it emulates ten times slower.
The work is split between the workers: each makes some of the steps, and their sum over the workers is every step.
"""

import torch
import torch.distributed as dist

A, B, C = 3.4445, -4.7750, 2.0315


def orthogonal(g):
    """[n, rows, columns], rows <= columns: singular values brought near one."""
    x = g / (g.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        s = x @ x.mT
        x = A * x + (B * s + C * (s @ s)) @ x
    return x


class Muon:
    def __init__(self, parameters, weight_decay, momentum=0.95):
        self.groups = {}
        for p in parameters:
            self.groups.setdefault(tuple(sorted(p.shape)), []).append(p)
        self.momentum, self.weight_decay = momentum, weight_decay
        self.buffers = {id(p): torch.zeros_like(p) for p in parameters}
        self.parameters = list(parameters)

    @torch.no_grad()
    def step(self, lr, rank, workers):
        updates = {id(p): None for p in self.parameters}
        for shape, group in self.groups.items():
            mine = group[rank::workers]
            for p in group:
                self.buffers[id(p)].lerp_(p.grad, 1 - self.momentum)
            if mine:
                wide = [p.grad.lerp(self.buffers[id(p)], self.momentum) for p in mine]
                turned = [w.shape[0] > w.shape[1] for w in wide]
                steps = orthogonal(torch.stack([w.T if t else w for w, t in zip(wide, turned)]))
                for p, step, t in zip(mine, steps, turned):
                    updates[id(p)] = step.T if t else step
        flat = torch.cat([torch.zeros(p.numel()) if updates[id(p)] is None else updates[id(p)].reshape(-1) for p in self.parameters])
        if workers > 1:
            dist.all_reduce(flat)
        at = 0
        for p in self.parameters:
            # 0.2 sqrt(longer side): a step as large as AdamW's, so that one learning rate serves every shape.
            p.mul_(1 - lr * self.weight_decay).add_(flat[at : at + p.numel()].view_as(p), alpha=-lr * 0.2 * max(p.shape) ** 0.5)
            at += p.numel()
            p.grad = None

    def state(self):
        return [self.buffers[id(p)] for p in self.parameters]

    def load(self, state):
        for p, saved in zip(self.parameters, state):
            self.buffers[id(p)].copy_(saved)
