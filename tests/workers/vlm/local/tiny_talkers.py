"""Tiny checkpoints of families that are asked by a chat template."""

import json
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from transformers import (
    DeepseekVLConfig,
    DeepseekVLImageProcessorPil,
    DeepseekVLProcessor,
    Idefics2Config,
    Idefics2ImageProcessorPil,
    Idefics2Processor,
    Idefics3Config,
    Idefics3ImageProcessorPil,
    Idefics3Processor,
    LlamaConfig,
    LlavaConfig,
    LlavaProcessor,
    MllamaConfig,
    MllamaImageProcessorPil,
    MllamaProcessor,
    Qwen2_5_VLConfig,
    Qwen2_5_VLProcessor,
    Qwen2Config,
    Qwen2VLConfig,
    Qwen2VLImageProcessorPil,
    Qwen2VLProcessor,
    Qwen3VLConfig,
    Qwen3VLProcessor,
    SiglipImageProcessorPil,
    SiglipVisionConfig,
    SmolVLMConfig,
    SmolVLMImageProcessorPil,
    SmolVLMProcessor,
)
from transformers.models.smolvlm import processing_smolvlm

from tests.workers.vlm.local.tiny import CHAT, HEADS, IDS, VISION, save, tokenizer_with
from workers.vlm.local.loading import NoVideo, for_pictures


def _llama(size: int, **more: Any) -> LlamaConfig:
    return LlamaConfig(vocab_size=size, num_key_value_heads=1, max_position_embeddings=2048, **HEADS, **IDS, **more)


def _idefics(folder: Path, config: Any, vision: Any, images: Any, processor: Any) -> None:
    rows = [f"<row_{i}_col_{j}>" for i in range(1, 4) for j in range(1, 4)]
    tokenizer = tokenizer_with(
        "<image>",
        "<fake_token_around_image>",
        "<global-img>",
        "<end_of_utterance>",
        "<|im_start|>",
        "<|im_end|>",
        *rows,
    )
    made = config(
        vision_config=vision,
        text_config=_llama(len(tokenizer)),
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        scale_factor=2,
        pad_token_id=0,
    )
    cut = images(
        do_resize=True, size={"longest_edge": 64}, max_image_size={"longest_edge": 32}, do_image_splitting=True
    )
    told = {"image_seq_len": 4, "chat_template": CHAT.replace("MARK", "<image>")}
    save(folder, made, processor(cut, tokenizer, told))


def idefics3(folder: Path) -> None:
    vision = {**HEADS, "image_size": 32, "patch_size": 8, "model_type": "idefics3_vision"}
    _idefics(
        folder, Idefics3Config, vision, Idefics3ImageProcessorPil, lambda i, t, told: Idefics3Processor(i, t, **told)
    )


def smolvlm(folder: Path) -> None:
    """As it is saved where the parts for films are installed: here they are not."""
    vision = {**HEADS, "image_size": 32, "patch_size": 8, "model_type": "smolvlm_vision"}
    processing_smolvlm.num2words = processing_smolvlm.num2words or str  # as where the package is installed
    _idefics(
        folder,
        SmolVLMConfig,
        vision,
        SmolVLMImageProcessorPil,
        lambda i, t, told: for_pictures(SmolVLMProcessor)(i, t, NoVideo(), **told),
    )
    _with_films(folder, "SmolVLMVideoProcessor")


def _with_films(folder: Path, kind: str) -> None:
    """Name the part for films that the family has."""
    path = folder / "processor_config.json"
    told = json.loads(path.read_text())
    told["video_processor"]["video_processor_type"] = kind
    path.write_text(json.dumps(told))


def idefics2(folder: Path) -> None:
    tokenizer = tokenizer_with(
        "<image>", "<fake_token_around_image>", "<end_of_utterance>", "<|im_start|>", "<|im_end|>"
    )
    config = Idefics2Config(
        vision_config={**HEADS, "image_size": 32, "patch_size": 8},
        perceiver_config={
            "hidden_size": 32,
            "resampler_n_latents": 4,
            "resampler_depth": 1,
            "resampler_n_heads": 2,
            "resampler_head_dim": 16,
            "num_key_value_heads": 1,
        },
        text_config={
            "model_type": "mistral",
            "vocab_size": len(tokenizer),
            "num_key_value_heads": 1,
            "max_position_embeddings": 2048,
            **HEADS,
            **IDS,
        },
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        pad_token_id=0,
    )
    images = Idefics2ImageProcessorPil(size={"shortest_edge": 16, "longest_edge": 32}, do_image_splitting=False)
    template = CHAT.replace("MARK", "<image>")
    save(folder, config, Idefics2Processor(images, tokenizer, image_seq_len=4, chat_template=template))


def llava(folder: Path) -> None:
    """With Qwen2 and SigLIP, as llava-interleave has them."""
    _llava(folder, tokenizer_with("<image>", "<|im_start|>", "<|im_end|>"))


def llava_that_says(folder: Path, words: Sequence[str]) -> None:
    """One that says these words, no two of them alike, whatever it is shown."""
    tokenizer = tokenizer_with("<image>", "<|im_start|>", "<|im_end|>")
    tokenizer.add_tokens(list(words))
    last = tokenizer("assistant\n", add_special_tokens=False)["input_ids"][-1]
    chain = [last, *tokenizer.convert_tokens_to_ids(list(words)), tokenizer.eos_token_id]

    def bend(model: Any) -> None:
        """Let nothing but the last token count, and let it tell the next one."""
        inner = model.model.language_model
        with torch.no_grad():
            for layer in inner.layers:
                layer.self_attn.o_proj.weight.zero_()
                layer.mlp.down_proj.weight.zero_()
            inner.embed_tokens.weight.zero_()
            model.lm_head.weight.zero_()
            for number, (before, after) in enumerate(pairwise(chain)):
                inner.embed_tokens.weight[before, number] = 1
                model.lm_head.weight[after, number] = 5

    _llava(folder, tokenizer, bend)


def _llava(folder: Path, tokenizer: Any, bend: Callable[[Any], None] = lambda _: None) -> None:
    text = Qwen2Config(vocab_size=len(tokenizer), num_key_value_heads=1, **HEADS, **IDS)
    config = LlavaConfig(
        vision_config=SiglipVisionConfig(**VISION, vision_use_head=False),
        text_config=text,
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        vision_feature_layer=-1,
        vision_feature_select_strategy="full",
        tie_word_embeddings=False,
    )
    processor = LlavaProcessor(
        SiglipImageProcessorPil(size={"height": 16, "width": 16}),
        tokenizer,
        patch_size=8,
        vision_feature_select_strategy="full",
        chat_template=CHAT.replace("MARK", "<image>"),
    )
    save(folder, config, processor, bend)


def _qwen(folder: Path, config: Any, processor: Any, vision: dict[str, Any], rope: dict[str, Any]) -> None:
    named = ("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>")
    tokenizer = tokenizer_with(*named, "<|im_start|>", "<|im_end|>")
    start, end, image, video = tokenizer.convert_tokens_to_ids(list(named))
    text = {
        "vocab_size": len(tokenizer),
        "num_key_value_heads": 1,
        "head_dim": 16,
        "max_position_embeddings": 4096,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, **rope},
        **HEADS,
        **IDS,
    }
    made = config(
        vision_config=vision,
        text_config=text,
        image_token_id=image,
        video_token_id=video,
        vision_start_token_id=start,
        vision_end_token_id=end,
    )
    images = Qwen2VLImageProcessorPil(
        patch_size=vision["patch_size"],
        merge_size=2,
        temporal_patch_size=2,
        size={"shortest_edge": 28 * 28, "longest_edge": 84 * 84},
    )
    template = CHAT.replace("MARK", "<|vision_start|><|image_pad|><|vision_end|>")
    save(folder, made, for_pictures(processor)(images, tokenizer, NoVideo(), chat_template=template))
    _with_films(folder, "Qwen3VLVideoProcessor" if config is Qwen3VLConfig else "Qwen2VLVideoProcessor")


def qwen2_vl(folder: Path) -> None:
    vision = {"depth": 2, "embed_dim": 32, "hidden_size": 32, "num_heads": 2, "patch_size": 14, "mlp_ratio": 1}
    _qwen(folder, Qwen2VLConfig, Qwen2VLProcessor, vision, {"mrope_section": [2, 3, 3]})


def qwen2_5_vl(folder: Path) -> None:
    vision = {
        "depth": 2,
        "hidden_size": 32,
        "intermediate_size": 32,
        "num_heads": 2,
        "patch_size": 14,
        "out_hidden_size": 32,
        "window_size": 56,
        "fullatt_block_indexes": [1],
    }
    _qwen(folder, Qwen2_5_VLConfig, Qwen2_5_VLProcessor, vision, {"mrope_section": [2, 3, 3]})


def qwen3_vl(folder: Path) -> None:
    vision = {
        "depth": 2,
        "hidden_size": 32,
        "intermediate_size": 32,
        "num_heads": 2,
        "patch_size": 14,
        "out_hidden_size": 32,
        "deepstack_visual_indexes": [0],
        "num_position_embeddings": 36,
    }
    rope = {"mrope_section": [2, 3, 3], "mrope_interleaved": True}
    _qwen(folder, Qwen3VLConfig, Qwen3VLProcessor, vision, rope)


def deepseek_vl(folder: Path) -> None:
    tokenizer = tokenizer_with("<|im_start|>", "<|im_end|>", image_token="<image_placeholder>")
    config = DeepseekVLConfig(
        text_config=_llama(len(tokenizer)),
        vision_config=SiglipVisionConfig(**VISION, vision_use_head=False),
        image_token_id=tokenizer.image_token_id,
        tie_word_embeddings=False,
    )
    images = DeepseekVLImageProcessorPil(size={"height": 16, "width": 16}, min_size=8)
    template = CHAT.replace("MARK", "<image_placeholder>")
    save(folder, config, DeepseekVLProcessor(images, tokenizer, chat_template=template, num_image_tokens=4))


def mllama(folder: Path) -> None:
    tokenizer = tokenizer_with("<|image|>", "<|python_tag|>", "<|im_start|>", "<|im_end|>")
    mark = tokenizer.convert_tokens_to_ids("<|image|>")
    config = MllamaConfig(
        vision_config={
            "hidden_size": 32,
            "intermediate_size": 32,
            "num_hidden_layers": 2,
            "num_global_layers": 1,
            "attention_heads": 2,
            "image_size": 16,
            "patch_size": 8,
            "max_num_tiles": 2,
            "intermediate_layers_indices": [1],
            "vision_output_dim": 64,
            "supported_aspect_ratios": [[1, 1], [1, 2], [2, 1]],
        },
        text_config={
            "vocab_size": len(tokenizer),
            "num_key_value_heads": 1,
            "cross_attention_layers": [1],
            "max_position_embeddings": 2048,
            **HEADS,
            **IDS,
        },
        image_token_index=mark,
    )
    images = MllamaImageProcessorPil(size={"height": 16, "width": 16}, max_image_tiles=2)
    save(folder, config, MllamaProcessor(images, tokenizer, chat_template=CHAT.replace("MARK", "<|image|>")))
