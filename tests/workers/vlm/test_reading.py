import difflib
import math
from pathlib import Path

import pymupdf
import pytest
import torch
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor, pipeline

from core.records import Box
from workers.vlm.bundled.backend import FOLDER, BundledModel
from workers.vlm.bundled.reading import lines_of
from workers.vlm.bundled.words import Glyph, Word
from workers.vlm.interface import Generation, PageRequest, Prompt, PromptKind

SAMPLES = Path(__file__).parents[3] / "samples"
READ = Prompt("page", PromptKind.READ, "")
LEFT = Box(0.0, 0.0, 0.5, 0.5)


def place_of(name: str, text: str) -> Box:
    """Where the text layer has a text that stands on the page once."""
    with pymupdf.open(SAMPLES / name) as document:
        page = document[0]
        (found,) = page.search_for(text)
        width, height = page.rect.width, page.rect.height
        return Box(found.x0 / width, found.y0 / height, found.x1 / width, found.y1 / height)


def overlap(one: Box, other: Box) -> float:
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    both = max(0.0, width) * max(0.0, height)
    areas = ((b.x1 - b.x0) * (b.y1 - b.y0) for b in (one, other))
    return both / (sum(areas) - both)


def is_in_page_space(box: Box | None) -> bool:
    return box is not None and 0 <= box.x0 < box.x1 <= 1 and 0 <= box.y0 < box.y1 <= 1


@pytest.fixture(scope="module")
def letter() -> Image.Image:
    with pymupdf.open(SAMPLES / "letter-02.pdf") as document:
        pixmap = document[0].get_pixmap(dpi=150, colorspace=pymupdf.csGRAY, alpha=False)
        return Image.frombytes("L", (pixmap.width, pixmap.height), pixmap.samples)


@pytest.fixture(scope="module")
def piece(letter: Image.Image) -> Image.Image:
    return letter.crop((0, 100, letter.width, 640))


def said_by(model: BundledModel, image: Image.Image, *prompts: Prompt) -> list[Generation]:
    return model.generate([PageRequest(image, prompts)])[0]


def locating(text: str) -> Prompt:
    return Prompt(text, PromptKind.LOCATE, text)


def test_a_page_is_read_in_the_order_in_which_it_is_printed(model: BundledModel, letter: Image.Image) -> None:
    (said,) = said_by(model, letter, READ)
    assert said.text is not None
    with pymupdf.open(SAMPLES / "letter-02.pdf") as document:
        printed = document[0].get_text(sort=True).split()
    alike = difflib.SequenceMatcher(None, printed, said.text.split(), autojunk=False)
    assert sum(block.size for block in alike.get_matching_blocks()) > 0.7 * len(printed)


def test_a_reading_is_lines_with_boxes_and_confidence(model: BundledModel, letter: Image.Image) -> None:
    (said,) = said_by(model, letter, READ)
    assert said.text == "\n".join(line.text for line in said.lines)
    assert all(is_in_page_space(line.box) for line in said.lines)
    assert all(line.confidence is not None and 0 <= line.confidence <= 1 for line in said.lines)
    middles = [line.box.y0 + line.box.y1 for line in said.lines]
    assert middles == pytest.approx(sorted(middles), abs=0.01)
    assert said.box is not None
    assert said.box.y1 == max(line.box.y1 for line in said.lines)


def test_a_region_limits_what_is_read(model: BundledModel, letter: Image.Image) -> None:
    prompts = [Prompt(str(box), PromptKind.READ, "", box) for box in (LEFT, Box(0.9, 0.9, 1.0, 0.95))]
    whole, part, nothing = said_by(model, letter, READ, *prompts)
    assert part.text
    assert len(part.text) < len(whole.text or "")
    assert all((line.box.x0 + line.box.x1) / 2 < 0.5 and line.box.y0 < 0.5 for line in part.lines)
    assert (nothing.text, nothing.box, nothing.lines) == (None, None, ())


@pytest.mark.parametrize("text", ["Dear Ms Richter", "March 10, 2015", "best regards", "Vopavo"])
def test_a_printed_text_is_found_where_it_stands(model: BundledModel, letter: Image.Image, text: str) -> None:
    (said,) = said_by(model, letter, locating(text))
    assert said.box is not None
    assert overlap(said.box, place_of("letter-02.pdf", text)) > 0.5
    assert is_in_page_space(said.box)


def test_every_place_of_a_text_is_told(model: BundledModel, letter: Image.Image) -> None:
    with pymupdf.open(SAMPLES / "letter-02.pdf") as document:
        printed = len(document[0].search_for("department"))
    (said,) = said_by(model, letter, locating("department"))
    assert 1 < printed == len(said.lines)
    assert said.lines[0].box == said.box
    assert [line.confidence for line in said.lines] == sorted((line.confidence for line in said.lines), reverse=True)  # type: ignore[type-var]


@pytest.mark.parametrize("text", ["Invoice number", "March 11, 2015", "1,234.50", "part", "   ", "請求書"])
def test_a_text_that_is_not_there_is_not_found(model: BundledModel, letter: Image.Image, text: str) -> None:
    (said,) = said_by(model, letter, locating(text))
    assert (said.text, said.box, said.lines) == (None, None, ())
    assert said.confidence is not None
    assert 0.5 < said.confidence <= 1


def test_misread_letters_do_not_hide_a_text(model: BundledModel, letter: Image.Image) -> None:
    (said,) = said_by(model, letter, locating("The payment iz due on Maroh 15"))
    assert said.box is not None
    assert overlap(said.box, place_of("letter-02.pdf", "The payment is due on March 15")) > 0.5


def test_all_kinds_of_prompts_are_answered_in_one_batch_as_alone(model: BundledModel, letter: Image.Image) -> None:
    field = Prompt("date", PromptKind.FIELD, "date")
    question = Prompt("who", PromptKind.QUESTION, "Who sent the letter?")
    prompts = (field, READ, locating("Suite 431"), question, locating("blood group"))
    together = said_by(model, letter, *prompts)
    for prompt, answer in zip(prompts, together, strict=True):
        (alone,) = said_by(model, letter, prompt)
        assert (alone.text, alone.box, alone.lines) == (answer.text, answer.box, answer.lines)
        assert alone.confidence == pytest.approx(answer.confidence, abs=1e-3)


def test_a_blank_page_reads_as_nothing(model: BundledModel) -> None:
    said = said_by(model, Image.new("L", (1240, 1754), 255), READ, locating("Total"))
    assert [(answer.text, answer.lines) for answer in said] == [(None, ())] * 2


def test_the_auto_classes_read_and_locate_beside_fields(model: BundledModel, piece: Image.Image) -> None:
    processor = AutoProcessor.from_pretrained(FOLDER)
    loaded = AutoModelForImageTextToText.from_pretrained(FOLDER, dtype=torch.float32).eval()
    texts = ["date", "<read>", "<read 0 0 0.5 0.5>", "<locate>Suite 431", "<locate>blood group"]
    said = loaded.generate(**processor(images=piece, text=texts), return_dict_in_generate=True)
    part = Prompt("part", PromptKind.READ, "", LEFT)
    expected = said_by(
        model, piece, Prompt("date", PromptKind.FIELD, "date"), READ, part, locating("Suite 431"), locating("?!")
    )
    assert processor.batch_decode(said.sequences) == [answer.text or "" for answer in expected]
    boxes = [line.box.as_list() for line in expected[1].lines]
    assert said.line_boxes[1, : len(boxes)].tolist() == [pytest.approx(box, abs=1e-5) for box in boxes]
    assert math.isnan(said.boxes[4, 0])


@pytest.mark.parametrize("task", ["<read 0 0 1>", "<read 0.5 0 0.2 1>", "<read 0 0 1 7>", "<reads>", "<locate total"])
def test_a_task_that_is_none_is_refused(task: str) -> None:
    processor = AutoProcessor.from_pretrained(FOLDER)
    with pytest.raises(ValueError, match=r"task|region"):
        processor(text=task)


def test_the_pipeline_takes_chats_and_several_texts(piece: Image.Image, tmp_path: Path) -> None:
    piece.save(tmp_path / "page.png")
    asked = pipeline("image-text-to-text", model=str(FOLDER), dtype=torch.float32)
    text = {"type": "text", "text": "<locate>Suite 431"}
    pages = ({"type": "image", "image": piece}, {"type": "image", "path": str(tmp_path / "page.png")})
    for page in pages:
        chat = [{"role": "user", "content": [page, text]}]
        (said,) = asked(text=chat, max_new_tokens=64, return_full_text=False)
        assert said["generated_text"] == "Suite 431"
    several = asked(images=piece, text=["<locate>Nefen", "<read>"], return_full_text=False)
    assert several[0]["generated_text"] == "Nefen"
    assert len(several[1]["generated_text"]) > 256  # no silent end where the pipeline's own budget ends
    cut = asked(images=[piece, piece], text=["<read>", "<locate>blood"], max_new_tokens=5, return_full_text=False)
    assert [len(answer["generated_text"]) for answer in cut] == [5, 0]


def word(x: float, y: float, segment: int, width: float = 40) -> Word:
    return Word((Glyph((34,), (0.9,), x),), (x, y, x + width, y + 20), segment)


def test_a_slanted_row_is_one_row() -> None:
    rows = [[word(x, 25 * row + 0.03 * x, 4 * row + x // 600, 195) for x in range(0, 1200, 200)] for row in range(3)]
    words = [w for row in rows for w in row[3:] + row[:3]]
    assert lines_of(words) == rows


def test_cells_of_a_row_come_one_by_one_and_left_to_right() -> None:
    left, right, below = word(0, 0, 1), word(500, 2, 0), word(0, 30, 2)
    assert lines_of([right, left, below]) == [[left], [right], [below]]
