"""The marks of a question, looked up by their kind and by where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from workers.plans.doubts import LIGHT, demand
from workers.plans.marks import Mark, Placed, Total

M_co = TypeVar("M_co", bound=Mark, covariant=True)
M = TypeVar("M", bound=Mark)


@dataclass(frozen=True, slots=True)
class PlacedAs(Generic[M_co]):
    """A mark of one kind, and where it stands: over the words from `at` on, before `end`."""

    mark: M_co
    at: int
    end: int


@dataclass(frozen=True, slots=True)
class Marks:
    """All marks of a question, in its order."""

    placed: Sequence[Placed]

    def all(self, kind: type[M]) -> list[PlacedAs[M]]:
        """Those of a kind."""
        return [PlacedAs(p.mark, p.at, p.end) for p in self.placed if isinstance(p.mark, kind)]

    def only(self, kind: type[M]) -> M | None:
        """The one of a kind, if there is any. Raises Unclear where there are more."""
        found = [p.mark for p in self.all(kind)]
        demand(len(found) <= 1)
        return found[0] if found else None

    def first(self) -> Mark | None:
        """The first that says something."""
        return next((p.mark for p in self.placed if not isinstance(p.mark, LIGHT)), None)

    def near(self, start: int, end: int) -> bool:
        """Whether nothing but words without weight lies between two places."""
        between = [p.mark for p in self.placed if p.at >= start and p.end <= end]
        return start <= end and all(isinstance(mark, (*LIGHT, Total)) for mark in between)
