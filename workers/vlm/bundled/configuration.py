"""The bundled model's configuration: its alphabet and the sizes of its three parts."""

from typing import Any

from transformers import PreTrainedConfig

ALPHABET = (
    "".join(map(chr, range(32, 127)))
    + "€£¥§°–—‘’“”•…"
    + "àâäáãåæçèéêëìíîïñòóôöõøœßùúûüÿýÀÂÄÁÃÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖÕØŒÙÚÛÜŸÝ"
)
IDS = {character: number for number, character in enumerate(ALPHABET, start=1)}  # 0 is padding and the blank


class FolioscopeConfig(PreTrainedConfig):  # type: ignore[misc]
    """Sizes of the finder (where text stands), the reader (what it says) and the answerer (what it means).

    Character ids: 0 is padding and the CTC blank, 1 is the space, then the alphabet's order; `eos_token_id` is the
    number of characters plus one, `line_token_id` plus three.
    """

    model_type = "folioscope"

    def __init__(  # noqa: PLR0913, PLR0917 - a configuration is its numbers
        self,
        alphabet: str = ALPHABET,
        finder_widths: tuple[int, ...] = (16, 32, 64, 96),
        strip_height: int = 24,
        reader_widths: tuple[int, ...] = (48, 96, 128, 192, 128),
        reader_steps: tuple[int, ...] = (2, 4, 8),
        width: int = 256,
        heads: int = 4,
        page_layers: int = 4,
        prompt_layers: int = 3,
        character_width: int = 64,
        word_length: int = 20,
        alternatives: int = 3,
        field_tags: int = 64,
        max_pixels: int = 2_400_000,
        min_pixels: int = 400_000,
        null_threshold: float = 0.5,
        reading_lag: float = 0.0,
        confidence_scale: float = 1.0,
        confidence_shift: float = 0.0,
        **kwargs: Any,
    ) -> None:
        """Keep the sizes; every number has the meaning that the part of its name gives it."""
        self.alphabet = alphabet
        self.finder_widths = tuple(finder_widths)
        self.strip_height = strip_height
        self.reader_widths = tuple(reader_widths)
        self.reader_steps = tuple(reader_steps)
        self.width = width
        self.heads = heads
        self.page_layers = page_layers
        self.prompt_layers = prompt_layers
        self.character_width = character_width
        self.word_length = word_length
        self.alternatives = alternatives
        self.field_tags = field_tags
        self.max_pixels = max_pixels
        self.min_pixels = min_pixels
        self.null_threshold = null_threshold
        self.reading_lag = reading_lag
        self.confidence_scale = confidence_scale
        self.confidence_shift = confidence_shift
        kwargs.setdefault("pad_token_id", 0)
        kwargs.setdefault("eos_token_id", len(alphabet) + 1)
        super().__init__(**kwargs)

    @property
    def line_token_id(self) -> int:
        """The id that parts the lines of a reading; the one before it stands for unknown characters."""
        return len(self.alphabet) + 3

    @property
    def characters(self) -> int:
        """How many ids the reader tells apart: the alphabet and the blank."""
        return len(self.alphabet) + 1
