"""Tiny checkpoints of real families, made here: their config classes, random weights, a tokenizer of single bytes."""

from tests.workers.vlm.local.tiny import Builder
from tests.workers.vlm.local.tiny_readers import donut, florence2, kosmos2, paligemma, pix2struct
from tests.workers.vlm.local.tiny_talkers import (
    deepseek_vl,
    idefics2,
    idefics3,
    llava,
    mllama,
    qwen2_5_vl,
    qwen2_vl,
    qwen3_vl,
    smolvlm,
)

FAMILIES: dict[str, Builder] = {
    "paligemma": paligemma,
    "idefics2": idefics2,
    "idefics3": idefics3,
    "smolvlm": smolvlm,
    "llava": llava,
    "qwen2_vl": qwen2_vl,
    "qwen2_5_vl": qwen2_5_vl,
    "qwen3_vl": qwen3_vl,
    "deepseek_vl": deepseek_vl,
    "mllama": mllama,
    "donut": donut,
    "pix2struct": pix2struct,
    "florence2": florence2,
    "kosmos2": kosmos2,
}
