"""What the bundled model hardly believes, or cannot make out, is no value."""

from collections.abc import Sequence

import pymupdf
import pytest
from PIL import Image

from core.records import Box, StopReason
from workers.vlm.bundled.backend import BundledModel
from workers.vlm.bundled.configuration import ALPHABET, IDS
from workers.vlm.bundled.doubt import HARDLY, LEAST, LEGIBLE, SURE, SURER, Legibility, doubted
from workers.vlm.bundled.words import Glyph, Word
from workers.vlm.interface import Generation, PageRequest, Prompt, PromptKind

BOX = Box(0.1, 0.1, 0.2, 0.2)


def said(confidence: float, text: str | None = "12.00") -> Generation:
    return Generation(text, (confidence,), BOX, StopReason.END, 0.1, confidence)


def word(shares: Sequence[float], ids: Sequence[int]) -> Word:
    glyphs = (Glyph((one,), (share,), 0.0) for one, share in zip(ids, shares, strict=True))
    return Word(tuple(glyphs), (0.0, 0.0, 1.0, 1.0), 0)


def ids_of(text: str) -> list[int]:
    return [IDS[character] for character in text]


def test_a_page_is_as_legible_as_its_characters_are_sure_and_its_letters_apart() -> None:
    letters, figures = ids_of("ab"), ids_of("7")
    page = Legibility.of([word((1.0, 0.4), letters), word((1.0,), figures)], ALPHABET)
    assert [page.all, page.letters, page.most] == pytest.approx([0.8, 0.7, 0.3])
    assert Legibility.of([], ALPHABET) == Legibility()


def test_nobody_is_surer_that_something_is_not_there_than_the_page_s_letters_are() -> None:
    letters = Legibility(0.95, 0.9)
    assert doubted(said(0.999, None), 0.999, letters).confidence == 0.9
    assert doubted(said(0.5, None), 0.5, letters).confidence == 0.5
    assert doubted(said(LEAST / 2), 0.999, letters).confidence == 0.9


def test_a_value_on_a_legible_page_stays_as_it_is() -> None:
    assert doubted(said(0.4), 0.2, Legibility(LEGIBLE)) == said(0.4)


def test_a_value_that_the_model_hardly_believes_is_not_there() -> None:
    none = doubted(said(LEAST / 2), 0.3, Legibility())
    assert (none.text, none.box, none.error, none.confidence) == (None, None, None, 0.3)


def test_on_a_page_that_cannot_be_made_out_only_what_is_sure_is_a_value() -> None:
    unsure = doubted(said(SURE - 0.01), 0.2, Legibility(LEGIBLE - 0.01))
    assert (unsure.text, unsure.box, unsure.error) == (None, None, "illegible-page")
    assert doubted(said(SURE), 0.2, Legibility(LEGIBLE - 0.01)) == said(SURE)
    assert doubted(said(0.2, None), 0.2, Legibility(LEGIBLE - 0.01)) == said(0.2, None)
    assert doubted(said(0.9, None), 0.9, Legibility(LEGIBLE - 0.01)).confidence == pytest.approx(1 - SURE)
    assert doubted(said(SURER - 0.01), 0.2, Legibility(HARDLY - 0.01)).error == "illegible-page"
    assert doubted(said(SURER), 0.2, Legibility(HARDLY - 0.01)) == said(SURER)


@pytest.mark.parametrize("script", ["china-s", "korea", "shapes"])
def test_a_page_of_another_script_or_of_shapes_gives_no_value(model: BundledModel, script: str) -> None:
    with pymupdf.open() as document:
        page = document.new_page()
        for line in range(20):
            if script == "shapes":
                for at in range(9):
                    page.draw_circle((80 + 50 * at, 80 + 35 * line), 4 + (at * line) % 11)
            else:
                said = "개인정보보호위원회고시제" if script == "korea" else "发票号码总金额日期收款人银行账户"
                page.insert_text(
                    (60, 80 + 35 * line), said[line % 5 :] + said[: line % 5], fontname=script, fontsize=18
                )
        drawn = page.get_pixmap(dpi=150, colorspace=pymupdf.csGRAY, alpha=False)
    image = Image.frombytes("L", (drawn.width, drawn.height), drawn.samples)
    asked = ("invoice number", "total", "invoice date", "vendor name", "iban")
    prompts = tuple(Prompt(name, PromptKind.FIELD, name) for name in asked)
    (given,) = model.generate([PageRequest(image, prompts)])
    assert [generation.text for generation in given] == [None] * len(asked)
