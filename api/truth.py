"""What stands in documents, written down by a person: a line of JSON for each."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from api.scores import Place
from core.errors import InvalidRequest
from core.records import Box


def _sides(sides: list[float]) -> list[float]:
    x0, y0, x1, y1 = sides
    if not (0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1):
        raise ValueError("a box is x0, y0, x1, y1 in shares 0..1, left of right and top above bottom")
    return sides


class TrueBox(BaseModel):
    """Where a value stands."""

    page: int | None = None
    box: Annotated[list[float], Field(min_length=4, max_length=4), AfterValidator(_sides)]

    @property
    def place(self) -> Place:
        """The same, to compare with."""
        return Place(Box(*self.box), self.page)


class Truth(BaseModel):
    """A line of the truth: what stands in a file, what does not, and questions with their answers."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    file: Annotated[str, Field(min_length=1)]
    fields: dict[str, str] = {}
    absent: list[str] = []
    qa: list[tuple[str, str]] = []
    boxes: dict[str, TrueBox] = {}
    schema_name: Annotated[str | None, Field(alias="schema")] = None
    password: str | None = None
    line: int = 0  # where it stands in its file, from 1

    @property
    def names(self) -> list[str]:
        """All fields that the line says something about."""
        return [*self.fields, *(name for name in self.absent if name not in self.fields)]


def read_truth(path: Path) -> list[Truth]:
    """The lines of a truth file. Raises InvalidRequest with the line's number."""
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(
            f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}."
        ) from error
    truths = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                truths.append(Truth.model_validate_json(line).model_copy(update={"line": number}))
            except ValidationError as error:
                wrong = error.errors()[0]
                place = ".".join(str(part) for part in wrong["loc"]) or "it"
                raise InvalidRequest(f"{path}, line {number}: {place}: {wrong['msg']}.") from error
    if not truths:
        raise InvalidRequest(f"{path} has no lines.")
    return truths
