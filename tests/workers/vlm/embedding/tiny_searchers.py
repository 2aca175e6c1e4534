"""Tiny checkpoints of the families of visual search, made here: their config classes, random weights."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from transformers import (
    ColPaliConfig,
    ColPaliForRetrieval,
    ColPaliProcessor,
    ColQwen2Config,
    ColQwen2ForRetrieval,
    ColQwen2Processor,
    GemmaConfig,
    PaliGemmaConfig,
    Qwen2VLConfig,
    Qwen2VLImageProcessorPil,
    SiglipImageProcessorPil,
    SiglipVisionConfig,
)

from tests.workers.vlm.local.tiny import HEADS, IDS, VISION, tokenizer_with

WIDTH = 16


def colpali(folder: Path) -> None:
    tokenizer = tokenizer_with(image_token="<image>")
    images = SiglipImageProcessorPil(size={"height": 32, "width": 32})
    images.image_seq_length = 16
    processor = ColPaliProcessor(images, tokenizer)
    size = len(tokenizer)
    text = GemmaConfig(vocab_size=size, num_key_value_heads=1, head_dim=16, **HEADS, **IDS)
    inner = PaliGemmaConfig(
        vision_config=SiglipVisionConfig(**VISION | {"image_size": 32}, projection_dim=32, vision_use_head=False),
        text_config=text,
        image_token_index=tokenizer.image_token_id,
        projection_dim=32,
        hidden_size=32,
        vocab_size=size,
        **IDS,
    )
    _save(folder, ColPaliForRetrieval(ColPaliConfig(vlm_config=inner, embedding_dim=WIDTH)), processor)


def colqwen2(folder: Path) -> None:
    named = ("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>")
    tokenizer = tokenizer_with(*named, "<|im_start|>", "<|im_end|>", "<|endoftext|>")
    start, end, image, video = tokenizer.convert_tokens_to_ids(list(named))
    text = {
        "vocab_size": len(tokenizer),
        "num_key_value_heads": 1,
        "head_dim": 16,
        "max_position_embeddings": 4096,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [2, 3, 3]},
        **HEADS,
        **IDS,
    }
    inner = Qwen2VLConfig(
        vision_config={
            "depth": 2,
            "embed_dim": 32,
            "hidden_size": 32,
            "num_heads": 2,
            "patch_size": 14,
            "mlp_ratio": 1,
        },
        text_config=text,
        image_token_id=image,
        video_token_id=video,
        vision_start_token_id=start,
        vision_end_token_id=end,
    )
    images = Qwen2VLImageProcessorPil(
        patch_size=14, merge_size=2, temporal_patch_size=2, size={"shortest_edge": 28 * 28, "longest_edge": 84 * 84}
    )
    model = ColQwen2ForRetrieval(ColQwen2Config(vlm_config=inner, embedding_dim=WIDTH))
    _save(folder, model, ColQwen2Processor(images, tokenizer))


FAMILIES: dict[str, Callable[[Path], None]] = {"colpali": colpali, "colqwen2": colqwen2}


def _save(folder: Path, model: Any, processor: Any) -> None:
    """Random weights, far enough apart that pages differ."""
    torch.manual_seed(7)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.normal_(std=0.3 if parameter.shape[-1] < 64 else 0.15)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
