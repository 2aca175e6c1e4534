"""The second engine: draws what the first cannot, and says clearly when it is not there."""

from pathlib import Path

import pytest

from core.errors import ConfigurationError, PageTookTooLong, PasswordNeeded, UnreadableFile, WrongPassword
from ingest.answers import PageFailure, PageImage
from ingest.engines import engines_for, why_unavailable
from ingest.limits import Limits
from ingest.sandbox import Sandbox
from ingest.sniff import MediaKind
from tests.ingest import files

needs_poppler = pytest.mark.skipif(why_unavailable("poppler") is not None, reason=str(why_unavailable("poppler")))

POPPLER = Limits(engines=("poppler",))


def test_without_its_programs_poppler_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "poppler-utils" in str(why_unavailable("poppler"))
    with pytest.raises(ConfigurationError, match="pdftoppm"):
        Sandbox(POPPLER)


def test_without_poppler_pages_are_still_drawn_and_bad_ones_still_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert engines_for(MediaKind.PDF, Limits()) == ("mupdf",)
    with Sandbox(Limits()) as sandbox:
        good, missing = sandbox.draw(files.born_digital(tmp_path / "a.pdf", 1), None, 1, 2)
    assert isinstance(good, PageImage)
    assert isinstance(missing, PageFailure)


@needs_poppler
def test_poppler_alone_draws_pages_with_their_words(tmp_path: Path) -> None:
    path = files.born_digital(tmp_path / "a.pdf", 3)
    with Sandbox(POPPLER) as sandbox:
        assert sandbox.probe(path).page_count == 3
        pages = list(sandbox.draw(path, None, 2, 3))
    for page in pages:
        assert isinstance(page, PageImage)
        assert (page.engine, page.width, page.height, page.image_width, page.image_height) == (
            "poppler",
            612,
            792,
            1275,
            1650,
        )
        assert [word[0] for word in page.words[:2]] == ["Page", str(page.number)]


@needs_poppler
def test_poppler_opens_protected_files_with_their_password_only(tmp_path: Path) -> None:
    path = files.encrypted(tmp_path / "a.pdf", "s3cret")
    with Sandbox(POPPLER) as sandbox:
        with pytest.raises(PasswordNeeded):
            sandbox.probe(path)
        with pytest.raises(WrongPassword):
            sandbox.probe(path, "guess")
        assert sandbox.probe(path, "s3cret").encrypted
        assert isinstance(next(sandbox.draw(path, "s3cret", 2, 2)), PageImage)


@needs_poppler
def test_a_program_that_burns_cpu_is_ended_with_its_page(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(files.nested_forms(bad_page=1, pages=2))
    with Sandbox(Limits(engines=("poppler",), cpu_seconds=1, wall_seconds=4)) as sandbox:
        bad, good = sandbox.draw(tmp_path / "a.pdf", None, 1, 2)
    assert isinstance(bad, PageFailure)
    assert isinstance(bad.error, PageTookTooLong)
    assert isinstance(good, PageImage)


@needs_poppler
@pytest.mark.parametrize("data", [files.million_pages(), b"%PDF-1.7 nothing"])
def test_files_that_poppler_cannot_open_are_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.pdf").write_bytes(data)
    with Sandbox(POPPLER) as sandbox, pytest.raises(UnreadableFile):
        sandbox.probe(tmp_path / "a.pdf")


@needs_poppler
def test_a_page_that_the_first_engine_cannot_draw_is_drawn_by_the_second(tmp_path: Path) -> None:
    path = files.greedy_picture(tmp_path / "a.pdf")
    with Sandbox(
        Limits(memory_bytes=280_000_000)
    ) as sandbox:  # too little for MuPDF with this picture, enough for poppler
        (page,) = sandbox.draw(path, None, 1, 1)
    assert isinstance(page, PageImage)
    assert page.engine == "poppler"
