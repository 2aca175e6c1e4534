from collections.abc import Sequence

import numpy as np
import pytest
import torch

from training.render import Grade, Split, compose
from training.render.fonts import Fonts
from training.strips import ids_of, strips_of
from training.train_finder import found_share
from training.train_reader import greedy, padded
from training.truth import Shown, cells_of, show
from workers.vlm.bundled.finder import Finder, segments_from
from workers.vlm.bundled.reader import Reader, batches, cut, pyramid_of


@pytest.fixture(scope="module")
def shown(fonts: Fonts) -> list[Shown]:
    grades = (Grade.CLEAN, Grade.SCAN, Grade.CLEAN)
    families = ("invoice", "form", "letter")
    pages = [compose(seed, Split.TRAIN, family, fonts) for seed, family in enumerate(families)]
    return [show(page, np.random.default_rng(1), grade=grade) for page, grade in zip(pages, grades, strict=True)]


class Oracle(Finder):
    """A finder that says the truth about one page."""

    def __init__(self, shown: Shown) -> None:
        super().__init__((8, 8))
        cells, _ = cells_of(shown)
        self.cells = torch.cat([cells[:1] * 20 - 10, cells[1:]])[None]

    def forward(self, _: torch.Tensor) -> torch.Tensor:
        return self.cells


def test_lines_come_out_of_the_map_that_they_were_painted_in(shown: Sequence[Shown]) -> None:
    for page in shown:
        assert found_share(Oracle(page), [page])["covered"] > 0.95


def test_an_empty_map_has_no_lines() -> None:
    assert segments_from(np.full((3, 40, 30), -1, np.float32)) == []


def test_a_line_is_cut_with_its_ink_in_the_middle(shown: Sequence[Shown]) -> None:
    page = shown[0]
    pyramid = pyramid_of(page.ink)
    for group in batches(page.segments, 24):
        strips = cut(pyramid, [page.segments[i] for i in group], 24)
        assert strips.shape[1:3] == (1, 24)
        assert strips.max() <= 1
        assert (strips[:, :, 6:18].mean((1, 2, 3)) > 0).all()


def test_every_line_of_a_page_teaches_the_reader(shown: Sequence[Shown]) -> None:
    strips = strips_of(shown[0], None, 24)
    assert len(strips) >= 0.95 * len(shown[0].segments)
    batch, ids, widths = padded(strips, 24)
    assert batch.shape == (len(strips), 1, 24, max(widths))
    assert sorted(map(len, ids)) == sorted(len(ids_of(run.text)) for run in shown[0].page.runs)[-len(ids) :]


def test_the_likeliest_path_drops_blanks_and_repeats() -> None:
    path = torch.eye(4)[[0, 1, 1, 0, 1, 2, 2, 0, 3]]
    assert greedy(path) == [1, 1, 2, 3]


def test_blocks_that_see_far_change_nothing_before_they_learn() -> None:
    torch.manual_seed(0)
    near, far = (Reader((8, 8, 8, 8, 8), 24, 10, steps).eval() for steps in ((), (2, 4)))
    far.load_state_dict(near.state_dict(), strict=False)
    strip = torch.rand(2, 1, 24, 40)
    assert torch.equal(near(strip), far(strip))
    torch.nn.init.ones_(far.get_parameter("around.0.norm_two.weight"))
    assert not torch.equal(near(strip), far(strip))
