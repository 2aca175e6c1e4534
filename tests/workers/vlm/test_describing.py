"""Captions that the bundled model puts together: nothing in them that is not printed or counted."""

from PIL import Image

from tests.workers.vlm.conftest import picture_of
from workers.vlm.bundled.backend import BundledModel
from workers.vlm.bundled.describing import Fact, describe_page, title_of
from workers.vlm.bundled.printed import PrintedLine
from workers.vlm.interface import Generation, PageRequest, Prompt, PromptKind

DESCRIBE = Prompt("description", PromptKind.DESCRIBE, "page")


def line(text: str, size: float = 1.0, place: float = 0.5, sure: float = 0.9) -> PrintedLine:
    return PrintedLine(text, (), (0, 0, 1, 1), sure, size, place)


def said(model: BundledModel, image: Image.Image, *prompts: Prompt) -> list[Generation]:
    return model.generate([PageRequest(image, prompts)])[0]


def test_a_caption_tells_kind_title_facts_and_how_much_text() -> None:
    lines = [line("Acme Ltd", 1.8, 0.0), *[line("words")] * 4]
    facts = [Fact("of {}", "3 May", 0.9), Fact("over {}", "12.00", 0.2), Fact("from {}", "ACME LTD", 0.95)]
    told = describe_page(lines, [], ("invoice", 0.97), facts)
    assert told.text == "An invoice headed “Acme Ltd” of 3 May, with 5 lines of text."
    assert told.confidence == 0.9


def test_what_is_unsure_is_left_out() -> None:
    told = describe_page([line("Acme Ltd", 1.8, 0.0, sure=0.3)], [], ("invoice", 0.6), [Fact("of {}", "3 May", 0.9)])
    assert told.text == "A page, with 1 line of text."


def test_a_region_is_called_a_part() -> None:
    told = describe_page([line("words")], [], ("invoice", 0.9), [], "part of a page")
    assert told.text == "A part of a page, of an invoice, with 1 line of text."


def test_a_title_is_the_largest_line_that_stands_high() -> None:
    low, high = line("TOTAL", 2.0, 0.9), line("Invoice", 1.5, 0.1)
    assert title_of([high, low]) == high
    assert title_of([line("all"), line("alike")]) is None
    assert title_of([line("12/34", 2.0, 0.0)]) is None


def test_the_bundled_model_describes_a_page_by_what_it_shows(model: BundledModel, invoice: Image.Image) -> None:
    (told,) = said(model, invoice, DESCRIBE)
    assert told.text is not None
    assert told.text.startswith("An invoice ")
    assert "a table of about" in told.text
    assert told.confidence is not None
    assert 0.5 < told.confidence <= 1
    assert told.box is not None
    assert said(model, invoice, DESCRIBE)[0].text == told.text


def test_the_bundled_model_sorts_pages_and_says_where_none_fits(model: BundledModel, invoice: Image.Image) -> None:
    labels = Prompt("label", PromptKind.CLASSIFY, "kind of document", labels=("invoice", "letter", "form"))
    others = Prompt("label", PromptKind.CLASSIFY, "kind of document", labels=("letter", "boarding pass"))
    field = Prompt("total", PromptKind.FIELD, "total")
    fits, total, none = said(model, invoice, labels, field, others)
    assert (fits.text, none.text) == ("invoice", None)
    assert fits.box is not None
    assert total.text == said(model, invoice, field)[0].text
    assert (
        said(
            model,
            picture_of("statement-01.pdf"),
            Prompt("l", PromptKind.CLASSIFY, "", labels=("bank statement", "form")),
        )[0].text
        == "bank statement"
    )


def test_the_bundled_model_finds_what_is_printed_and_no_signature(model: BundledModel, invoice: Image.Image) -> None:
    asked = [Prompt("place", PromptKind.LOCATE, text) for text in ("TDW Wines PLC", "signature", "stamp", "logo")]
    name, *things = said(model, invoice, *asked)
    assert name.lines
    assert [(thing.text, thing.lines) for thing in things] == [(None, ())] * 3


def test_a_page_without_text_is_described_as_that(model: BundledModel) -> None:
    white = Image.new("L", (800, 1000), 255)
    told, label = said(model, white, DESCRIBE, Prompt("l", PromptKind.CLASSIFY, "", labels=("letter",)))
    assert told.text == "A page without any text that could be read."
    assert label.text is None
