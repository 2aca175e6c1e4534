"""Norms folded into the convolutions before them: what a trained network says, in fewer steps."""

from typing import Any

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

NORMS = {"norm": "conv", "norm_one": "one", "norm_two": "two", "fold_norm": "fold"}  # each with its convolution


def fold_norms(model: nn.Module) -> None:
    """Fold every batch norm into its convolution, in place; then the model cannot be trained any more.

    Weights of convolutions are laid out by channels last, as the pictures are. Outputs change by rounding alone.
    """
    for part in model.modules():
        for name, before in NORMS.items():
            norm, convolution = getattr(part, name, None), getattr(part, before, None)
            if isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d) and isinstance(convolution, nn.Conv1d | nn.Conv2d):
                _fold(convolution, norm)
                setattr(part, name, nn.Identity())
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    for part in model.modules():
        if isinstance(part, nn.Conv1d):  # as if it had a height of one
            part.weight.data = part.weight.data.mT.contiguous().mT


def _fold(convolution: Any, norm: Any) -> None:
    convolution.weight, convolution.bias = fuse_conv_bn_weights(
        convolution.weight, convolution.bias, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias
    )
