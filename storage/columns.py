"""Which fields and tables of a schema somebody wants to see."""

from dataclasses import replace

from core.errors import InvalidColumn
from storage.subjects import did_you_mean, fields_by_path, near
from storage.wanted import TableField, Wanted

MOST_NAMES = 500


def choose_columns(text: str | None, wanted: Wanted) -> Wanted:
    """The part of the schema that `vendor_name,total,line_items.amount` names, in this order; without a text all of it.

    A table is chosen as a whole, or by its columns. Raises InvalidColumn with the names that come near.
    """
    names = [name.strip().strip("`") for name in (text or "").split(",") if name.strip()]
    if not names:
        return wanted
    if len(names) > MOST_NAMES:
        raise InvalidColumn(f"At most {MOST_NAMES} columns can be chosen.")
    known = {*fields_by_path(wanted), *(table.path for table in wanted.tables)}
    for name in names:
        if name not in known:
            closest = near(name, known)
            raise InvalidColumn(f"The schema has no field {name[:100]!r}" + did_you_mean(closest), near=closest)
    fields = {field.path: field for field in wanted.fields}
    chosen = tuple(fields[name] for name in dict.fromkeys(names) if name in fields)
    tables = (_chosen_of(table, names) for table in wanted.tables)
    return replace(wanted, fields=chosen, tables=tuple(table for table in tables if table.fields))


def _chosen_of(table: TableField, names: list[str]) -> TableField:
    """The table with the columns that are named; with all of them where it is named itself."""
    if table.path in names:
        return table
    return replace(table, fields=tuple(field for field in table.fields if f"{table.path}.{field.path}" in names))
