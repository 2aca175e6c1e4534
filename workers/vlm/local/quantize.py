"""Weights of eight bits for processors: a quarter of the room, and products of whole numbers."""

from typing import Any

import torch
from torch import Tensor, nn

_STEPS = 127  # of a side of zero
_LEAST = 1e-8


class QuantizedLinear(nn.Module):
    """A linear layer with weights of eight bits, one scale a row; inputs are rounded as they come, a scale a token."""

    weight: Tensor
    scale: Tensor

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        scale = linear.weight.detach().abs().amax(dim=1).clamp_min(_LEAST) / _STEPS  # (out,)
        whole = (linear.weight.detach() / scale[:, None]).round().to(torch.int8)  # (out, in)
        self.register_buffer("weight", whole.t().contiguous())  # (in, out); some models look at its type
        self.register_buffer("scale", scale)
        self.bias = linear.bias
        self.in_features, self.out_features = linear.in_features, linear.out_features

    def forward(self, inputs: Tensor) -> Tensor:
        """Inputs (..., in) to (..., out)."""
        rows = inputs.reshape(-1, self.in_features)  # (N, in)
        step = rows.abs().amax(dim=1, keepdim=True).clamp_min(_LEAST) / _STEPS  # (N, 1)
        whole = (rows / step).round().to(torch.int8)  # (N, in)
        products = torch._int_mm(whole, self.weight)  # noqa: SLF001 - (N, out) of 32 bits; the only door to it
        output = products.to(inputs.dtype) * step * self.scale
        output = output if self.bias is None else output + self.bias
        return output.reshape(*inputs.shape[:-1], self.out_features)


def quantize(model: Any) -> None:
    """Replace the model's linear layers, except its head, whose scores decide between tokens."""
    head = model.get_output_embeddings()
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if type(child) is nn.Linear and child is not head:
                setattr(module, name, QuantizedLinear(child))
