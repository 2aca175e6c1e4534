"""A value is read again from its box alone: what comes back is verified, what does not is not."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from PIL import Image

from core.records import Box, FieldKind, FieldValue, StopReason, ValueState
from storage import inferences
from storage.blobs import BlobStore
from storage.database import Sessions
from storage.tables import Workspace
from workers.infer import Interrupted
from workers.inference import Inference, rows_of
from workers.verify import Asked, came_back, is_verified, marked, read_again
from workers.vlm.interface import Capability, Generation, Line, ModelIdentity, PageRequest, PromptKind

LEVELS = {"black": 0, "dark": 80, "light": 160}
IDENTITY = ModelIdentity("looks", "1", "once")
BOXES = {name: Box(0.1, 0.1 + 0.2 * row, 0.5, 0.13 + 0.2 * row) for row, name in enumerate(LEVELS)}


def page() -> bytes:
    """A page with a bar of each level of gray in its box."""
    levels = np.full((800, 600), 255, np.uint8)
    for name, box in BOXES.items():
        levels[round(box.y0 * 800) : round(box.y1 * 800), 60:300] = LEVELS[name]
    file = io.BytesIO()
    Image.fromarray(levels).save(file, "PNG")
    return file.getvalue()


@dataclass
class Looks:
    """A model that reads a region as the name of its level of gray, and keeps what it was asked."""

    sheets: bool = True
    stop: StopReason = StopReason.END
    capabilities: frozenset[Capability] = frozenset({Capability.EXTRACT, Capability.READ})
    identity: ModelIdentity = IDENTITY
    asked: list[PageRequest] = field(default_factory=list)

    def generate(
        self, requests: Sequence[PageRequest], _cancelled: Callable[[], bool] = lambda: False
    ) -> list[list[Generation]]:
        self.asked += requests
        return [[self._look(request.image, prompt.region) for prompt in request.prompts] for request in requests]

    def _look(self, image: Image.Image, region: Box | None) -> Generation:
        box = region or Box(0.1, 0.3, 0.9, 0.7)
        x, y = (box.x0 + box.x1) / 2 * image.width, (box.y0 + box.y1) / 2 * image.height
        level = float(np.asarray(image)[int(y), int(x)])
        text = min(LEVELS, key=lambda name: abs(LEVELS[name] - level)) if level < 220 else None
        lines = () if text is None else (Line(text, box, 0.9),)
        return Generation(text, None, box, self.stop, 0.0, 0.9, lines)


@pytest.fixture
def asked(sessions: Sessions, blobs: BlobStore, workspace: Workspace) -> Asked:
    return Asked(sessions, blobs, Looks(), workspace.id, blobs.put(page()).sha256, lambda: False)


def checked(asked: Asked, values: Sequence[FieldValue]) -> tuple[list[FieldValue], list[Inference]]:
    said, made = read_again(asked, values)
    return marked(values, said, {}), made


def found(raw: str, box: Box | None) -> FieldValue:
    return FieldValue(raw, ValueState.FOUND, raw, 0.9, box, "key")


@pytest.mark.parametrize("sheets", [True, False])
def test_a_value_that_its_box_alone_gives_again_is_verified(asked: Asked, sheets: bool) -> None:  # noqa: FBT001 - both ways
    model = Looks(sheets=sheets)
    wrong = found("LIGHT", BOXES["dark"])
    said = [
        found("black", BOXES["black"]),
        wrong,
        found("Light", BOXES["light"]),
        found("black", Box(0.6, 0.7, 0.9, 0.72)),
    ]
    values, made = checked(replace(asked, model=model), said)
    assert [value.verified for value in values] == [True, False, True, False]
    assert [replace(value, verified=None) for value in values] == said
    assert len(made) == 4
    assert len(model.asked) == (1 if sheets else 4)
    assert all(prompt.kind is PromptKind.READ for request in model.asked for prompt in request.prompts)


def test_what_was_read_again_stands_in_page_space(asked: Asked) -> None:
    _, made = checked(asked, [found("black", BOXES["black"])])
    (line,) = made[0].generation.lines
    box = BOXES["black"]
    assert line.box.as_list() == pytest.approx(box.as_list(), abs=1e-4)


def test_a_box_that_was_read_again_once_is_not_read_a_third_time(asked: Asked) -> None:
    said = [found("black", BOXES["black"]), found("dark", BOXES["dark"])]
    first, made = checked(asked, said)
    with asked.sessions.begin() as session:
        inferences.store(session, asked.workspace_id, rows_of(made, asked.image_sha256, asked.model.identity))
    silent = Looks()
    again, _ = checked(replace(asked, model=silent), [*said, found("DARK", BOXES["dark"])])
    assert silent.asked == []
    assert again[:2] == first
    assert again[2].verified


def test_what_was_not_found_or_has_no_box_is_not_read_again(asked: Asked) -> None:
    said = [FieldValue("iban", ValueState.ABSENT, None, 0.9, None, "key"), found("black", None)]
    assert checked(asked, said) == (said, [])


def test_a_second_reading_that_was_cut_short_says_nothing(asked: Asked) -> None:
    said = [found("black", BOXES["black"])]
    values, _ = checked(replace(asked, model=Looks(stop=StopReason.BUDGET)), said)
    assert values == said


def test_a_cancel_ends_the_check(asked: Asked) -> None:
    with pytest.raises(Interrupted):
        checked(replace(asked, cancelled=lambda: True), [found("black", BOXES["black"])])


def test_more_values_than_a_sheet_holds_are_all_read_again(asked: Asked) -> None:
    names = list(LEVELS)
    said = [
        replace(found(names[n % 3], _part(BOXES[names[n % 3]], n)), field=f"line_items[{n}].amount") for n in range(300)
    ]
    said[150] = replace(said[150], raw="dark")
    values, _ = checked(asked, said)
    assert [n for n, value in enumerate(values) if not value.verified] == [150]


def _part(box: Box, number: int) -> Box:
    """A piece of a box, another one for each number."""
    return replace(box, x0=box.x0 + 0.0005 * number, x1=box.x0 + 0.2 + 0.0005 * number)


def test_equal_meaning_counts_as_coming_back() -> None:
    assert came_back("DE89 3704 0044", "de8937040044", FieldKind.TEXT)
    assert came_back("Harbour 5", "Harbour\n5", FieldKind.TEXT)
    assert not came_back("12.00", "12.08", FieldKind.MONEY)
    assert not came_back("12.00", None, FieldKind.MONEY)


def test_values_are_checked_where_that_is_cheap_unless_the_schema_says_otherwise() -> None:
    cheap, dear = Looks(), Looks(sheets=False)
    blind = Looks(capabilities=frozenset({Capability.EXTRACT}))
    wishes = (None, True, False)
    assert [is_verified(cheap, wish) for wish in wishes] == [True, True, False]
    assert [is_verified(dear, wish) for wish in wishes] == [False, True, False]
    assert [is_verified(blind, wish) for wish in wishes] == [False, False, False]
