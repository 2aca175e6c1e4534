"""Tiny checkpoints of real families, made here: their config classes, random weights, a tokenizer of single bytes."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    AutoModelForImageTextToText,
    BartConfig,
    CLIPImageProcessorPil,
    DeepseekVLConfig,
    DeepseekVLImageProcessorPil,
    DeepseekVLProcessor,
    DonutImageProcessorPil,
    DonutProcessor,
    DonutSwinConfig,
    Florence2Config,
    Florence2Processor,
    GemmaConfig,
    Idefics2Config,
    Idefics2ImageProcessorPil,
    Idefics2Processor,
    Idefics3Config,
    Idefics3ImageProcessorPil,
    Idefics3Processor,
    Kosmos2Config,
    Kosmos2Processor,
    LlamaConfig,
    LlavaConfig,
    LlavaProcessor,
    MBartConfig,
    MllamaConfig,
    MllamaImageProcessorPil,
    MllamaProcessor,
    PaliGemmaConfig,
    PaliGemmaProcessor,
    Pix2StructConfig,
    Pix2StructImageProcessorPil,
    Pix2StructProcessor,
    PreTrainedTokenizerFast,
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
    VisionEncoderDecoderConfig,
)
from transformers.models.smolvlm import processing_smolvlm

from workers.vlm.local.loading import NoVideo, for_pictures

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


def _save(folder: Path, config: Any, processor: Any) -> None:
    """Random weights, far enough apart that no two tokens are as likely as each other."""
    torch.manual_seed(7)
    model = AutoModelForImageTextToText.from_config(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.normal_(std=0.3 if parameter.shape[-1] < 64 else 0.15)
    model.generation_config.eos_token_id, model.generation_config.pad_token_id = 2, 0
    model.save_pretrained(folder)
    processor.save_pretrained(folder)


def paligemma(folder: Path) -> None:
    tokenizer = tokenizer_with(image_token="<image>")
    images = SiglipImageProcessorPil(size={"height": 16, "width": 16})
    images.image_seq_length = 4
    processor = PaliGemmaProcessor(images, tokenizer)
    size = len(tokenizer)
    text = GemmaConfig(vocab_size=size, num_key_value_heads=1, head_dim=16, **HEADS, **IDS)
    vision = SiglipVisionConfig(**VISION, projection_dim=32, vision_use_head=False)
    config = PaliGemmaConfig(
        vision_config=vision,
        text_config=text,
        image_token_index=tokenizer.image_token_id,
        projection_dim=32,
        hidden_size=32,
        vocab_size=size,
        **IDS,
    )
    _save(folder, config, processor)


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
    _save(folder, made, processor(cut, tokenizer, told))


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
    _save(folder, config, Idefics2Processor(images, tokenizer, image_seq_len=4, chat_template=template))


def llava(folder: Path) -> None:
    """With Qwen2 and SigLIP, as llava-interleave has them."""
    tokenizer = tokenizer_with("<image>", "<|im_start|>", "<|im_end|>")
    text = Qwen2Config(vocab_size=len(tokenizer), num_key_value_heads=1, **HEADS, **IDS)
    config = LlavaConfig(
        vision_config=SiglipVisionConfig(**VISION, vision_use_head=False),
        text_config=text,
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        vision_feature_layer=-1,
        vision_feature_select_strategy="full",
    )
    processor = LlavaProcessor(
        SiglipImageProcessorPil(size={"height": 16, "width": 16}),
        tokenizer,
        patch_size=8,
        vision_feature_select_strategy="full",
        chat_template=CHAT.replace("MARK", "<image>"),
    )
    _save(folder, config, processor)


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
    _save(folder, made, for_pictures(processor)(images, tokenizer, NoVideo(), chat_template=template))
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
    _save(folder, config, DeepseekVLProcessor(images, tokenizer, chat_template=template, num_image_tokens=4))


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
    _save(folder, config, MllamaProcessor(images, tokenizer, chat_template=CHAT.replace("MARK", "<|image|>")))


def donut(folder: Path) -> None:
    tokenizer = tokenizer_with("<s_docvqa>", "<s_question>", "</s_question>", "<s_answer>", "</s_answer>")
    encoder = DonutSwinConfig(image_size=32, patch_size=4, embed_dim=16, depths=[1, 1], num_heads=[2, 2], window_size=4)
    decoder = MBartConfig(
        vocab_size=len(tokenizer),
        d_model=32,
        decoder_layers=2,
        decoder_attention_heads=2,
        decoder_ffn_dim=32,
        max_position_embeddings=512,
        add_cross_attention=True,
        is_decoder=True,
        **IDS,
    )
    config = VisionEncoderDecoderConfig(encoder=encoder.to_dict(), decoder=decoder.to_dict())
    config.decoder_start_token_id, config.pad_token_id = tokenizer.convert_tokens_to_ids("<s_docvqa>"), 0
    images = DonutImageProcessorPil(size={"height": 32, "width": 32}, do_align_long_axis=False)
    _save(folder, config, DonutProcessor(images, tokenizer))


def pix2struct(folder: Path) -> None:
    tokenizer = tokenizer_with()
    config = Pix2StructConfig(
        text_config={"vocab_size": len(tokenizer), "hidden_size": 32, "d_kv": 16, "d_ff": 32, "num_layers": 2, **IDS}
        | {"num_heads": 2, "decoder_start_token_id": 0},
        vision_config={"hidden_size": 32, "patch_embed_hidden_size": 192, "d_ff": 32, "d_kv": 16, "seq_len": 64}
        | {"num_hidden_layers": 2, "num_attention_heads": 2, "initializer_range": 0.1},
        is_vqa=True,
    )
    images = Pix2StructImageProcessorPil(patch_size={"height": 8, "width": 8}, max_patches=32, is_vqa=True)
    _save(folder, config, Pix2StructProcessor(images, tokenizer))


def florence2(folder: Path) -> None:
    tokenizer = tokenizer_with(image_token="<image>")
    config = Florence2Config(
        text_config=BartConfig(
            vocab_size=len(tokenizer),
            d_model=32,
            encoder_layers=2,
            decoder_layers=2,
            encoder_attention_heads=2,
            decoder_attention_heads=2,
            encoder_ffn_dim=32,
            decoder_ffn_dim=32,
            max_position_embeddings=512,
            decoder_start_token_id=2,
            forced_eos_token_id=None,
            **IDS,
        ).to_dict(),
        vision_config={
            "depths": [1, 1],
            "patch_size": [7, 3],
            "patch_stride": [4, 2],
            "patch_padding": [3, 1],
            "patch_prenorm": [False, True],
            "embed_dim": [16, 32],
            "num_heads": [2, 2],
            "num_groups": [2, 2],
            "window_size": 4,
            "projection_dim": 32,
        },
        image_token_id=tokenizer.image_token_id,
    )
    images = CLIPImageProcessorPil(size={"height": 32, "width": 32}, do_center_crop=False)
    images.image_seq_length = 17
    _save(folder, config, Florence2Processor(images, tokenizer))


def kosmos2(folder: Path) -> None:
    tokenizer = tokenizer_with()
    images = CLIPImageProcessorPil(size={"height": 16, "width": 16}, do_center_crop=False)
    processor = Kosmos2Processor(images, tokenizer)
    config = Kosmos2Config(
        text_config={
            "vocab_size": len(tokenizer),
            "embed_dim": 32,
            "layers": 2,
            "ffn_dim": 32,
            "attention_heads": 2,
            **IDS,
        },
        vision_config=VISION,
        latent_query_num=64,
    )
    _save(folder, config, processor)


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
