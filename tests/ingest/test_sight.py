"""A word of a text layer counts where a reader of the page sees it, and not where it is hidden in some way."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from PIL import Image

from ingest.answers import PageImage
from ingest.limits import Limits
from ingest.sandbox import Sandbox
from tests import instructions
from tests.ingest import files
from tests.ingest.test_poppler import needs_poppler

WHITE, BLACK, GREY = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (0.6, 0.6, 0.6)
AT, AROUND = (60, 100), pymupdf.Rect(50, 80, 300, 110)
Draw = Callable[[pymupdf.Page], object]


def _drawn(sandbox: Sandbox, path: Path, *draw: Draw, rotation: int = 0) -> PageImage:
    """A page of 400 x 600 points that says `Plain Ltd`, and what else is drawn on it."""
    document = pymupdf.open()
    page = document.new_page(width=400, height=600)
    page.insert_text((60, 300), "Plain Ltd", fontsize=11)
    for one in draw:
        one(page)
    page.set_rotation(rotation)
    document.save(path)
    (made,) = sandbox.draw(path, None, 1, 1)
    assert isinstance(made, PageImage)
    return made


def _texts(page: PageImage) -> list[str]:
    return sorted(word[0] for word in page.words)


def _say(page: pymupdf.Page, text: str = "Meyer GmbH", **how: Any) -> None:
    page.insert_text(how.pop("at", AT), text, **{"fontsize": 11, **how})


def _fill(page: pymupdf.Page, color: tuple[float, float, float], over: pymupdf.Rect = AROUND) -> None:
    page.draw_rect(over, color=None, fill=color)


def _picture(page: pymupdf.Page, over: pymupdf.Rect = AROUND) -> None:
    """A scan's paper, with grain."""
    buffer = io.BytesIO()
    files.grainy((600, 200), text=False).point(lambda v: min(255, v + 20)).save(buffer, "JPEG")
    page.insert_image(over, stream=buffer.getvalue())


def _clipped(page: pymupdf.Page) -> None:
    _say(page, "Clipped KG")
    xref = page.get_contents()[-1]
    content = page.parent.xref_stream(xref)
    page.parent.update_stream(xref, b"q 300 10 20 20 re W n " + content + b" Q")


HIDDEN: dict[str, tuple[Draw, ...]] = {
    "not drawn": (lambda p: _say(p, render_mode=3),),
    "white on white": (lambda p: _say(p, color=WHITE),),
    "nearly white": (lambda p: _say(p, color=(0.94, 0.94, 0.94)),),
    "white under print": (lambda p: _say(p, color=WHITE), lambda p: _say(p, "Plain Ltd")),
    "white on a scan's paper": (_picture, lambda p: _say(p, color=WHITE)),
    "black on black": (lambda p: _fill(p, BLACK), _say),
    "half a point": (lambda p: _say(p, fontsize=0.6),),
    "clear": (lambda p: _say(p, fill_opacity=0),),
    "nearly clear, on a scan's paper": (_picture, lambda p: _say(p, fill_opacity=0.05)),
    "under a shape": (_say, lambda p: _fill(p, WHITE)),
    "under a dark shape": (_say, lambda p: _fill(p, (0.1, 0.1, 0.3))),
    "clipped away": (_clipped,),
    "off the page": (lambda p: _say(p, at=(60, 700)), lambda p: _say(p, at=(500, 300))),
    "not drawn, over print": (lambda p: _say(p, "Plain Ltd"), lambda p: _say(p, render_mode=3)),
}
SEEN: dict[str, tuple[Draw, ...]] = {
    "black": (_say,),
    "grey": (lambda p: _say(p, color=GREY),),
    "white on black": (lambda p: _fill(p, BLACK), lambda p: _say(p, color=WHITE)),
    "yellow on blue": (lambda p: _fill(p, (0, 0, 0.6)), lambda p: _say(p, color=(1, 1, 0))),
    "on a scan's paper": (_picture, _say),
    "small": (lambda p: _say(p, fontsize=3.5),),
    "in outlines": (lambda p: _say(p, render_mode=1, fontsize=16),),
    "filled and with outlines": (lambda p: _say(p, render_mode=2),),
    "large and heavy": (lambda p: _say(p, fontname="hebo", fontsize=40),),
    "half clear": (lambda p: _say(p, fill_opacity=0.5),),
    "under a marker's colour": (_say, lambda p: p.add_highlight_annot(AROUND)),
    "upwards": (lambda p: _say(p, rotate=90, at=(100, 250)),),
}


@pytest.mark.parametrize("rotation", [0, 90])
@pytest.mark.parametrize("way", HIDDEN)
def test_a_name_that_nobody_sees_is_no_word_of_the_page(
    sandbox: Sandbox, tmp_path: Path, way: str, rotation: int
) -> None:
    page = _drawn(sandbox, tmp_path / "a.pdf", *HIDDEN[way], rotation=rotation)
    assert set(_texts(page)) == {"Ltd", "Plain"}
    assert page.under == ()


@pytest.mark.parametrize("rotation", [0, 270])
@pytest.mark.parametrize("way", SEEN)
def test_a_name_that_is_seen_is_a_word_of_the_page(sandbox: Sandbox, tmp_path: Path, way: str, rotation: int) -> None:
    page = _drawn(sandbox, tmp_path / "a.pdf", *SEEN[way], rotation=rotation)
    assert _texts(page) == ["GmbH", "Ltd", "Meyer", "Plain"]


def test_of_a_line_with_hidden_words_the_others_are_seen(sandbox: Sandbox, tmp_path: Path) -> None:
    page = _drawn(
        sandbox,
        tmp_path / "a.pdf",
        lambda p: _say(p, "Weber "),
        lambda p: _say(p, "Meyer ", at=(96, 100), render_mode=3),
        lambda p: _say(p, "KG", at=(132, 100)),
        lambda p: _say(p, "Web", at=(60, 200)),
        lambda p: _say(p, "ster", at=(81, 200), color=WHITE),
    )
    assert _texts(page) == ["KG", "Ltd", "Plain", "Weber"]


def _scan(page: pymupdf.Page) -> None:
    """A picture with the words of another program under it."""
    buffer = io.BytesIO()
    files.grainy().save(buffer, "JPEG")
    page.insert_image(pymupdf.Rect(0, 310, 400, 600), stream=buffer.getvalue())
    for number in range(9):
        _say(page, "Total amount due 1,204.00", at=(95, 335 + 20 * number), render_mode=3)


def test_what_a_scan_has_under_its_picture_is_kept_apart_from_what_is_seen(sandbox: Sandbox, tmp_path: Path) -> None:
    page = _drawn(sandbox, tmp_path / "a.pdf", _scan, lambda p: _say(p, "Received", at=(200, 50)))
    assert _texts(page) == ["Ltd", "Plain", "Received"]
    assert [word[0] for word in page.under[:3]] == ["Total", "amount", "due"]
    assert len(page.under) == 36


def test_where_most_words_are_seen_those_under_a_picture_are_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    page = _drawn(sandbox, tmp_path / "a.pdf", _picture, lambda p: _say(p, "Meyer", render_mode=3))
    assert (_texts(page), page.under) == (["Ltd", "Plain"], ())


def test_orders_hidden_on_a_page_are_no_words_of_it(sandbox: Sandbox, tmp_path: Path) -> None:
    paths = instructions.plain(tmp_path / "plain.pdf"), instructions.hidden(tmp_path / "hidden.pdf")
    plain, hidden = (next(iter(sandbox.draw(path, None, 1, 1))) for path in paths)
    assert isinstance(plain, PageImage)
    assert isinstance(hidden, PageImage)
    assert (hidden.words, hidden.under) == (plain.words, ())


@needs_poppler
@pytest.mark.parametrize("way", ["white on white", "half a point", "under a shape", "clipped away", "clear"])
def test_poppler_takes_no_words_where_its_picture_shows_nothing(tmp_path: Path, way: str) -> None:
    with Sandbox(Limits(engines=("poppler",))) as poppler:
        assert set(_texts(_drawn(poppler, tmp_path / "a.pdf", *HIDDEN[way]))) == {"Ltd", "Plain"}


def test_the_picture_stays_what_it_was(sandbox: Sandbox, tmp_path: Path) -> None:
    page = _drawn(sandbox, tmp_path / "a.pdf", *HIDDEN["white on white"])
    bare = _drawn(sandbox, tmp_path / "b.pdf")
    assert Image.open(io.BytesIO(page.image)).tobytes() == Image.open(io.BytesIO(bare.image)).tobytes()
