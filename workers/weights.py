"""How much an error in a field weighs: what the queue of reviews is ordered by, times how likely an error is.

An expected error is what a value's calibrated confidence lacks to 1; a field that could not be read lacks all of it.
These are the weights, and they multiply: a required amount in a broken rule goes before a free text that is as unsure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from core.records import FieldKind
from storage.wanted import Field, Wanted

BY_KIND: Mapping[FieldKind, float] = {  # the others weigh 1
    FieldKind.MONEY: 3.0,
    FieldKind.IBAN: 3.0,
    FieldKind.DATE: 2.0,
    FieldKind.VAT: 2.0,
    FieldKind.NUMBER: 1.5,
    FieldKind.INTEGER: 1.5,
}
REQUIRED = 1.5  # the schema demands the field
IN_A_RULE = 1.5  # a rule of the schema compares the field
IN_A_BROKEN_RULE = 2.0  # and does not hold here


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of one record's fields."""

    ruled: frozenset[str]  # fields that rules name, and tables
    broken: frozenset[str]  # fields whose values clash here; of a cell with its row, where the rule is about one row

    @classmethod
    def of(cls, wanted: Wanted, flags: Iterable[Mapping[str, Any]]) -> Self:
        """Of a record under a schema, with the rules that it breaks."""
        ruled = frozenset(field for rule in wanted.rules for field in rule.fields)
        return cls(ruled, frozenset(str(field) for flag in flags for field in flag["fields"]))

    def of_field(self, field: Field) -> float:
        """What an error in a field weighs."""
        return self._weight(field, {field.path})

    def of_cell(self, table: str, row: int, column: Field) -> float:
        """What an error in a cell weighs."""
        return self._weight(column, {table, f"{table}.{column.path}", f"{table}[{row}].{column.path}"})

    def _weight(self, field: Field, names: set[str]) -> float:
        weight = BY_KIND.get(field.kind, 1.0)
        weight *= REQUIRED if field.required else 1.0
        weight *= IN_A_RULE if names & self.ruled else 1.0
        return weight * (IN_A_BROKEN_RULE if names & self.broken else 1.0)
