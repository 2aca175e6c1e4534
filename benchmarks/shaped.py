"""Models in the shape of real ones with random weights, made here: they cost what those cost, and say nothing."""

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    Idefics3Config,
    Idefics3ForConditionalGeneration,
    Idefics3ImageProcessorPil,
    Idefics3Processor,
    PreTrainedTokenizerFast,
)

_CHAT = (
    "<|im_start|>{% for m in messages %}{{ m['role'] | capitalize }}:{% for c in m['content'] %}"
    "{% if c['type'] == 'image' %}<image>{% else %}{{ c['text'] }}{% endif %}{% endfor %}<end_of_utterance>\n"
    "{% endfor %}{% if add_generation_prompt %}Assistant:{% endif %}"
)
_VOCABULARY = 49_280
_TILE = 512  # pixels


def smolvlm_256m(folder: Path, edge: int = 1024) -> None:
    """Save a model of 256 million parameters. A page's longer side becomes `edge` pixels, then it is cut into tiles."""
    torch.manual_seed(0)
    tokenizer = _tokenizer()
    config = Idefics3Config(
        vision_config={
            "model_type": "idefics3_vision",
            "hidden_size": 768,
            "intermediate_size": 3072,
            "num_hidden_layers": 12,
            "num_attention_heads": 12,
            "image_size": _TILE,
            "patch_size": 16,
        },
        text_config={
            "model_type": "llama",
            "vocab_size": _VOCABULARY,
            "hidden_size": 576,
            "intermediate_size": 1536,
            "num_hidden_layers": 30,
            "num_attention_heads": 9,
            "num_key_value_heads": 3,
            "head_dim": 64,
            "max_position_embeddings": 8192,
            "pad_token_id": tokenizer.pad_token_id,
            "bos_token_id": tokenizer.bos_token_id,
            "eos_token_id": tokenizer.eos_token_id,
        },
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        pad_token_id=tokenizer.pad_token_id,
        scale_factor=4,
    )
    images = Idefics3ImageProcessorPil(
        do_resize=True, size={"longest_edge": edge}, max_image_size={"longest_edge": _TILE}, do_image_splitting=True
    )
    Idefics3ForConditionalGeneration(config).save_pretrained(folder)
    Idefics3Processor(images, tokenizer, image_seq_len=64, chat_template=_CHAT).save_pretrained(folder)


def _tokenizer() -> PreTrainedTokenizerFast:
    """Words are spelled byte by byte, so that prompts are some times longer than the real ones."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    named = ["<|im_start|>", "<end_of_utterance>", "<image>", "<fake_token_around_image>", "<global-img>"]
    named += [f"<row_{row}_col_{column}>" for row in range(1, 7) for column in range(1, 7)]
    vocabulary = {token: number for number, token in enumerate([*named, *letters])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    made = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=named[0], bos_token=named[0], eos_token=named[1]
    )
    made.add_special_tokens({"additional_special_tokens": named[2:]})
    return made
