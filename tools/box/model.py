"""Qwen3 in torch: the decoder that train.py trains, small enough to read.

The parameter names are those of the checkpoint, so that state_dict() is what model.safetensors holds.
Weights may pass through a fake quantizer (see fake_quantize) that is MLX's affine formula with a straight-through gradient.
"""

import torch
import torch.nn.functional as F
from torch import nn

CONFIG = {
    "architectures": ["Qwen3ForCausalLM"],
    "model_type": "qwen3",
    "hidden_size": 192,
    "intermediate_size": 448,
    "num_hidden_layers": 5,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "head_dim": 32,
    "hidden_act": "silu",
    "attention_bias": False,
    "max_position_embeddings": 512,
    "rms_norm_eps": 1e-6,
    "rope_theta": 10000.0,
    "rope_scaling": None,
    "tie_word_embeddings": True,
    "vocab_size": 2560,
    "torch_dtype": "bfloat16",
}

QUANTIZATION = {"group_size": 32, "bits": 4}


def fake_quantize(w, bits=QUANTIZATION["bits"], group=QUANTIZATION["group_size"], dtype=torch.bfloat16):
    """The weight as the 4-bit file will give it back: MLX's affine quantizer, scales and biases in the file's type."""
    with torch.no_grad():
        g = w.reshape(-1, group)
        high, low = g.amax(1, keepdim=True), g.amin(1, keepdim=True)
        scale = ((high - low) / (2**bits - 1)).clamp_min(1e-7)
        scale = torch.where(low.abs() > high.abs(), scale, -scale)
        edge = torch.where(low.abs() > high.abs(), low, high)
        q0 = torch.round(edge / scale)
        scale = torch.where(q0 != 0, edge / q0, scale)
        bias = torch.where(q0 != 0, edge, torch.zeros_like(edge))
        q = torch.round((g - bias) / scale).clamp(0, 2**bits - 1)
        back = q * scale.to(dtype).float() + bias.to(dtype).float()
        delta = back.reshape(w.shape) - w
    return w + delta


class Linear(nn.Module):
    def __init__(self, n_in, n_out, std):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_out, n_in) * std)
        self.quantized = False

    def forward(self, x):
        return F.linear(x, fake_quantize(self.weight) if self.quantized else self.weight)


class Embedding(Linear):
    """Tied: rows in, logits out. One fake-quantized copy a step serves both."""

    def table(self):
        return fake_quantize(self.weight) if self.quantized else self.weight


class Norm(nn.Module):
    def __init__(self, n, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(n))
        self.eps = eps

    def forward(self, x):
        return F.rms_norm(x, self.weight.shape, self.weight, self.eps)


def rotate(x, cos, sin):
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1)


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        D, H, K, d = c["hidden_size"], c["num_attention_heads"], c["num_key_value_heads"], c["head_dim"]
        out = D**-0.5 / (2 * c["num_hidden_layers"]) ** 0.5
        self.H, self.K, self.d = H, K, d
        self.q_proj, self.k_proj, self.v_proj = Linear(D, H * d, D**-0.5), Linear(D, K * d, D**-0.5), Linear(D, K * d, D**-0.5)
        self.o_proj = Linear(H * d, D, out)
        self.q_norm, self.k_norm = Norm(d, c["rms_norm_eps"]), Norm(d, c["rms_norm_eps"])

    def forward(self, x, cos, sin, mask):
        B, T, _ = x.shape
        q = self.q_norm(self.q_proj(x).view(B, T, self.H, self.d)).transpose(1, 2)
        k = self.k_norm(self.k_proj(x).view(B, T, self.K, self.d)).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.K, self.d).transpose(1, 2)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        k, v = (t.repeat_interleave(self.H // self.K, dim=1) for t in (k, v))
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, self.H * self.d))


class Mlp(nn.Module):
    def __init__(self, c):
        super().__init__()
        D, F_ = c["hidden_size"], c["intermediate_size"]
        self.gate_proj, self.up_proj = Linear(D, F_, D**-0.5), Linear(D, F_, D**-0.5)
        self.down_proj = Linear(F_, D, F_**-0.5 / (2 * c["num_hidden_layers"]) ** 0.5)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.self_attn, self.mlp = Attention(c), Mlp(c)
        self.input_layernorm = Norm(c["hidden_size"], c["rms_norm_eps"])
        self.post_attention_layernorm = Norm(c["hidden_size"], c["rms_norm_eps"])

    def forward(self, x, cos, sin, mask):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, mask)
        return x + self.mlp(self.post_attention_layernorm(x))


class Decoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.embed_tokens = Embedding(c["hidden_size"], c["vocab_size"], 0.05)
        self.layers = nn.ModuleList(Layer(c) for _ in range(c["num_hidden_layers"]))
        self.norm = Norm(c["hidden_size"], c["rms_norm_eps"])


class Qwen3(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.config, self.model = c, Decoder(c)
        d = c["head_dim"]
        angle = torch.outer(torch.arange(c["max_position_embeddings"]).float(), c["rope_theta"] ** (-torch.arange(0, d, 2).float() / d))
        self.register_buffer("cos", angle.cos(), persistent=False)
        self.register_buffer("sin", angle.sin(), persistent=False)

    def quantize(self, on):
        for module in self.modules():
            if isinstance(module, Linear):
                module.quantized = on

    def forward(self, ids, mask=None, keep=None):
        """Logits [B, T, V], or [n, V] of the n positions that the bool mask keep [B, T] names."""
        T = ids.shape[1]
        table = self.model.embed_tokens.table()
        x = F.embedding(ids, table)
        for layer in self.model.layers:
            x = layer(x, self.cos[:T], self.sin[:T], mask)
        x = self.model.norm(x)
        return F.linear(x if keep is None else x[keep], table)
