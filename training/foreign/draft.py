"""What a look hands to the printer: a template, its values, and the truth."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Tool(StrEnum):
    """The programs that print the pages, by the template's ending."""

    WEASYPRINT = "html"
    WRITER = "fodt"
    CALC = "fods"
    LATEX = "tex"


@dataclass(frozen=True, slots=True)
class Draft:
    """A page before it is printed. `fields` are values exactly as the template prints them.

    Each value stands once on the page, unless `places` says which of its places is meant (counted from the top, -1 the
    last), or that every place means the same (`same`).
    """

    template: str
    language: str
    values: Mapping[str, Any]
    fields: Mapping[str, str]
    absent: tuple[str, ...]
    places: Mapping[str, int] = field(default_factory=dict)
    same: frozenset[str] = frozenset()
    asked: Mapping[str, str] = field(default_factory=dict)

    @property
    def tool(self) -> Tool:
        """The program that prints it."""
        return Tool(self.template.rpartition(".")[2])
