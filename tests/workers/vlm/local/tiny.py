"""What tiny checkpoints are made of: random weights, a tokenizer of single bytes, a template of a talk."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    AutoModelForImageTextToText,
    PreTrainedTokenizerFast,
)

CHAT = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{% for c in m['content'] %}"
    "{% if c['type'] == 'image' %}MARK{% else %}{{ c['text'] }}{% endif %}{% endfor %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
HEADS = {"num_attention_heads": 2, "num_hidden_layers": 2, "hidden_size": 32, "intermediate_size": 32}
VISION = {**HEADS, "image_size": 16, "patch_size": 8}
IDS = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
Builder = Callable[[Path], None]


@cache
def _bytes() -> str:
    """A tokenizer of bytes, as JSON: nothing is merged."""
    vocabulary = {token: i for i, token in enumerate(["<pad>", "<s>", "</s>", "<unk>"])}
    for letter in sorted(pre_tokenizers.ByteLevel.alphabet()):
        vocabulary[letter] = len(vocabulary)
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    text: str = tokenizer.to_str()
    return text


def tokenizer_with(*special: str, **named: str) -> Any:
    """The tokenizer of bytes with these special tokens; `named` ones are attributes, too, as `image_token`."""
    made = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(_bytes()),
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        extra_special_tokens=named,
    )
    made.add_special_tokens({"additional_special_tokens": list(special)}, replace_extra_special_tokens=False)
    return made


def save(folder: Path, config: Any, processor: Any, bend: Callable[[Any], None] = lambda _: None) -> None:
    """Random weights, far enough apart that no two tokens are as likely as each other; `bend` may change the model."""
    torch.manual_seed(7)
    model = AutoModelForImageTextToText.from_config(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.normal_(std=0.3 if parameter.shape[-1] < 64 else 0.15)
    bend(model)
    model.generation_config.eos_token_id, model.generation_config.pad_token_id = 2, 0
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
