"""From schemas as they are stored to shapes on the wire."""

from dataclasses import asdict

from api.wire.schemas import ChangeOut, FieldOut, RuleOut, SchemaDiffOut, SchemaOut, SchemaVersionOut, TableFieldOut
from storage import schemas
from storage.schema_diff import Change, difference
from storage.schemas import Field
from storage.tables import Schema


def schema_out(schema: Schema) -> SchemaOut:
    """A version of a schema with what it asks for."""
    wanted = schemas.wanted_of(schema.body)
    tables = [
        TableFieldOut(path=t.path, title=t.title, description=t.description, fields=[_field_out(f) for f in t.fields])
        for t in wanted.tables
    ]
    return SchemaOut(
        name=schema.name,
        version=schema.version,
        body=schema.body,
        fields=[_field_out(field) for field in wanted.fields],
        tables=tables,
        rules=[RuleOut(name=rule.name, check=rule.check, fields=list(rule.fields)) for rule in wanted.rules],
        target=wanted.target,
        verify=wanted.verify,
        text_layer=wanted.layer,
        created_at=schema.created_at,
    )


def version_out(schema: Schema) -> SchemaVersionOut:
    """That there is this version."""
    return SchemaVersionOut(
        name=schema.name, version=schema.version, sha256=schema.sha256, created_at=schema.created_at
    )


def difference_out(older: Schema, newer: Schema) -> SchemaDiffOut:
    """What the newer version asks for otherwise."""
    found = difference(schemas.wanted_of(older.body), schemas.wanted_of(newer.body))
    return SchemaDiffOut(
        name=newer.name,
        older=older.version,
        newer=newer.version,
        added=list(found.added),
        removed=list(found.removed),
        changes=[_change_out(change) for change in found.changes],
        rules_added=list(found.rules_added),
        rules_removed=list(found.rules_removed),
    )


def _field_out(field: Field) -> FieldOut:
    return FieldOut(
        path=field.path,
        title=field.title,
        description=field.description,
        type=field.type,
        kind=field.kind,
        examples=list(field.examples),
        choices=list(field.choices),
    )


def _change_out(change: Change) -> ChangeOut:
    said = asdict(change)
    word = {"layer": "text_layer"}.get(change.word, change.word)
    return ChangeOut(**said | {"word": word})
