"""What a model said once is told again as it was said, lines and tables included."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from core.records import Box, FieldKind, StopReason
from storage import inferences
from storage.blobs import BlobStore
from storage.database import Sessions
from storage.tables import Workspace
from tests.scripted_model import picture
from workers.infer import infer
from workers.inference import inference_key, rows_of
from workers.vlm.interface import (
    Cell,
    Column,
    Generation,
    Line,
    ModelIdentity,
    PageRequest,
    Prompt,
    PromptKind,
    Table,
)

IDENTITY = ModelIdentity("says", "1", "once")
LINES = (Line("Total", Box(0.1, 0.2, 0.3, 0.4), 0.75), Line("12.00", Box(0.5, 0.2, 0.75, 0.25), None))
ROWS: tuple[dict[str, Cell], ...] = (
    {"amount": Cell("12.00", Box(0.5, 0.2, 0.75, 0.25), 0.5), "what": Cell("Ink", None, None)},
    {},
)
READING = Generation("Total\n12.00", None, None, StopReason.END, 0.5, 0.75, lines=LINES)
TABLE = Generation(None, None, None, StopReason.END, 0.5, 0.75, table=Table(ROWS, 3))
NO_TABLE = Generation(None, None, None, StopReason.END, 0.5, 0.75)


@dataclass
class Says:
    """A model that says given things, and counts how often it is asked."""

    said: list[Generation]
    calls: list[int] = field(default_factory=list)
    identity: ModelIdentity = IDENTITY

    def generate(
        self, requests: Sequence[PageRequest], _cancelled: Callable[[], bool] = lambda: False
    ) -> list[list[Generation]]:
        self.calls.append(len(requests[0].prompts))
        return [self.said for _ in requests]


def test_lines_and_tables_that_were_said_once_are_told_again_without_asking(
    sessions: Sessions, blobs: BlobStore, workspace: Workspace
) -> None:
    sha256 = blobs.put(picture(1)).sha256
    prompts = [
        Prompt("read", PromptKind.READ, ""),
        Prompt("rows", PromptKind.ROWS, "rows", columns=(Column("amount", "amount"), Column("what", "what"))),
        Prompt("none", PromptKind.ROWS, "rows", columns=(Column("colour", "colour"),)),
    ]
    model = Says([READING, TABLE, NO_TABLE])
    first = infer(sessions, blobs, model, workspace.id, sha256, prompts, lambda: False)
    with sessions.begin() as session:
        inferences.store(session, workspace.id, rows_of(first, sha256, IDENTITY))
    again = infer(sessions, blobs, model, workspace.id, sha256, prompts, lambda: False)
    assert model.calls == [3]
    assert [inference.generation for inference in again] == [READING, TABLE, NO_TABLE]


def test_rows_are_asked_anew_where_what_is_wanted_of_them_changes() -> None:
    amount = Column("amount", "amount")
    wanted = [
        (amount,),
        (amount, Column("what", "what")),
        (Column("amount", "amount", kind=FieldKind.MONEY),),
        (Column("amount", "amount", "with tax"),),
        (Column("amount", "amount", schema={"type": "number"}),),
    ]
    keys = [inference_key("0" * 64, Prompt("t", PromptKind.ROWS, "rows", columns=c), IDENTITY) for c in wanted]
    assert len(set(keys)) == len(wanted)
