"""The committed samples are what their truth says."""

import json
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from training.render.fields import BY_FAMILY

SAMPLES = Path(__file__).parents[3] / "samples"
SCANNED = {"invoice-07.pdf", "invoice-08.pdf", "receipt-04.pdf", "receipt-05.pdf", "form-05.pdf", "letter-04.pdf"}
LINES = [json.loads(line) for line in (SAMPLES / "truth.jsonl").read_text("utf-8").splitlines()]


def opened(name: str, password: str = "") -> pymupdf.Document:
    """A sample, unlocked where it has a password."""
    document = pymupdf.open(SAMPLES / name)
    assert not document.needs_pass or document.authenticate(password)
    return document


def text_of(line: dict[str, Any]) -> str:
    """The text layer of a sample, its white space folded."""
    with opened(line["file"], line.get("password", "")) as document:
        return " ".join(" ".join(page.get_text() for page in document).split())


def test_every_readable_sample_has_a_line_of_truth() -> None:
    names = {path.name for path in SAMPLES.glob("*.pdf")}
    assert len(names) >= 26
    assert {line["file"] for line in LINES} == names - {"invoice-truncated.pdf"}


@pytest.mark.parametrize("line", LINES, ids=lambda line: str(line["file"]))
def test_a_line_speaks_only_of_the_fields_of_its_schema(line: dict[str, Any]) -> None:
    named = [*line["fields"], *line["absent"]]
    assert set(named) <= set(BY_FAMILY[line["schema"]])
    assert len(named) == len(set(named))
    assert all(question.endswith("?") and answer for question, answer in line.get("qa", []))


@pytest.mark.parametrize(
    "line", [line for line in LINES if line["file"] not in SCANNED], ids=lambda line: str(line["file"])
)
def test_the_text_layer_holds_what_the_truth_says(line: dict[str, Any]) -> None:
    text = text_of(line)
    for value in [*line["fields"].values(), *(answer for _, answer in line.get("qa", []))]:
        assert " ".join(value.split()) in text


@pytest.mark.parametrize("name", sorted(SCANNED))
def test_scans_are_pictures_without_a_text_layer(name: str) -> None:
    with opened(name) as document:
        assert not document[0].get_text().strip()
        assert len(document[0].get_images()) == 1


def test_the_special_ones_are_what_their_names_say() -> None:
    with opened("statement-40-pages.pdf") as document:
        assert document.page_count == 40
    with opened("invoice-rotated.pdf") as document:
        assert document[0].rotation == 90
    with pymupdf.open(SAMPLES / "letter-locked.pdf") as document:
        assert document.needs_pass
    with opened("blank.pdf") as document:
        assert not document[0].get_text().strip()
        assert not document[0].get_drawings()


def test_the_truncated_one_has_no_page_left() -> None:
    try:
        with pymupdf.open(SAMPLES / "invoice-truncated.pdf") as document:
            assert document.page_count == 0
    except pymupdf.FileDataError:
        pass


def test_all_samples_together_stay_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLES.glob("*.pdf")) < 6_000_000
