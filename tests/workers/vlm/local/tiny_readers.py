"""Tiny checkpoints of base models and document models, which are asked by tasks of their own."""

from pathlib import Path

from transformers import (
    BartConfig,
    CLIPImageProcessorPil,
    DonutImageProcessorPil,
    DonutProcessor,
    DonutSwinConfig,
    Florence2Config,
    Florence2Processor,
    GemmaConfig,
    Kosmos2Config,
    Kosmos2Processor,
    MBartConfig,
    PaliGemmaConfig,
    PaliGemmaProcessor,
    Pix2StructConfig,
    Pix2StructImageProcessorPil,
    Pix2StructProcessor,
    SiglipImageProcessorPil,
    SiglipVisionConfig,
    VisionEncoderDecoderConfig,
)

from tests.workers.vlm.local.tiny import HEADS, IDS, VISION, save, tokenizer_with


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
    save(folder, config, processor)


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
    save(folder, config, DonutProcessor(images, tokenizer))


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
    save(folder, config, Pix2StructProcessor(images, tokenizer))


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
    save(folder, config, Florence2Processor(images, tokenizer))


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
    save(folder, config, processor)
