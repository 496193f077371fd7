"""The libraries whose results are golden: mlx-lm, and transformers for what mlx-lm ignores.

Both load the checkpoint from its directory as a user would and compute in float32 on the CPU.
"""

from pathlib import Path

import mlx.core as mx
import numpy as np
import torch
import transformers
from mlx_lm.models.cache import make_prompt_cache
from mlx_lm.utils import load_model

mx.set_default_device(mx.cpu)
torch.set_num_threads(1)
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()


class MlxJudge:
    name = "mlx-lm"

    def __init__(self, path):
        self.model, _ = load_model(Path(path))
        self.model.set_dtype(mx.float32)

    def logits(self, ids):
        return np.array(self.model(mx.array([ids]))[0].astype(mx.float32))

    def generate(self, ids):
        """Yields the logits that follow the prompt and then each greedy token, without end."""
        cache = make_prompt_cache(self.model)
        while True:
            row = np.array(self.model(mx.array([ids]), cache=cache)[0, -1].astype(mx.float32))
            yield row
            ids = [int(row.argmax())]


class TransformersJudge:
    name = "transformers"

    def __init__(self, path):
        self.model = transformers.AutoModelForCausalLM.from_pretrained(
            str(path), dtype=torch.float32, attn_implementation="eager"
        ).eval()

    @torch.no_grad()
    def logits(self, ids):
        return self.model(torch.tensor([ids]), use_cache=False).logits[0].numpy()

    def generate(self, ids):
        """Yields the logits that follow the prompt and then each greedy token, without end. Keeps no cache: nothing to go wrong."""
        ids = list(ids)
        while True:
            row = self.logits(ids)[-1]
            yield row
            ids.append(int(row.argmax()))


JUDGES = {judge.name: judge for judge in (MlxJudge, TransformersJudge)}
