"""Schemas: which fields they ask for, and versions that never change."""

import json
import threading
from typing import Any

import pytest

from core.errors import InvalidSchema, SchemaNotFound
from core.records import FieldKind
from storage import schemas
from storage.database import Sessions
from storage.schemas import Field, check_body, fields_of, wanted_of
from storage.tables import Workspace
from tests.storage.world import World
from training.render.fields import BY_FAMILY


def of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


TEXT = {"type": "string"}


def test_a_field_tells_the_json_schema_of_its_value_and_none_where_any_text_is_one() -> None:
    properties = {
        "name": {"type": "string", "title": "Name"},
        "kind": {"type": "string", "enum": ["a", "b"], "description": "Which kind."},
        "count": {"type": ["integer", "null"], "minimum": 0, "default": 3},
        "link": {"type": "string", "anyOf": [{"$ref": "http://127.0.0.1/x"}]},
    }
    fields = {field.path: field.value_schema for field in fields_of({"type": "object", "properties": properties})}
    assert fields == {
        "name": None,
        "kind": {"type": "string", "description": "Which kind.", "enum": ["a", "b"]},
        "count": None,  # as it is printed; what it means is found out afterwards
        "link": None,
    }


def test_fields_are_the_leaves_by_their_path_in_the_schemas_order() -> None:
    body = of(
        total={"type": "number", "title": "Grand  total", "description": "All in all."},
        vendor=of(name=TEXT, address=of(post_code=TEXT)),
        lines={"type": "array", "items": TEXT},
        paid={"type": "boolean"},
    )
    assert fields_of(body) == [
        Field("total", "Grand total", "All in all.", FieldKind.NUMBER, "number"),
        Field("vendor.name", "name", None, FieldKind.TEXT, "string"),
        Field("vendor.address.post_code", "post code", None, FieldKind.TEXT, "string"),
        Field("paid", "paid", None, FieldKind.BOOLEAN, "boolean"),
    ]


def test_references_and_optional_fields_are_followed() -> None:
    body = of(
        vendor={"$ref": "#/$defs/Party"},
        due={"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}], "title": "Due date"},
        tax={"type": ["number", "null"]},
    )
    body["$defs"] = {"Party": of(name=TEXT)}
    found = [(field.path, field.title, field.type) for field in fields_of(body)]
    assert found == [("vendor.name", "name", "string"), ("due", "Due date", "string"), ("tax", "tax", "number")]


def nested(depth: int) -> dict[str, Any]:
    return of(deeper=nested(depth - 1)) if depth else of(leaf=TEXT)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (None, "JSON object"),
        ([], "JSON object"),
        ({"type": "string"}, "JSON object"),
        ({"type": "object"}, "JSON object"),
        ({"type": "object", "properties": []}, "JSON object"),
        (of(), "no field"),
        (of(**{f"field_{n}": TEXT for n in range(201)}), "at most 200"),
        (nested(9), "too deep"),
        (of(**{"a.b": TEXT}), "'a.b' cannot be a field's name"),
        (of(**{"": TEXT}), "cannot be a field's name"),
        (of(total="string"), "'total' is not described"),
        (of(total={**TEXT, "title": 7}), "title of 'total'"),
        (of(total={**TEXT, "title": "x" * 501}), "title of 'total'"),
        (of(total={"$ref": "#/$defs/Nothing"}), "points to nothing"),
        (of(total={"$ref": "https://example.com/schema"}), "leads out"),
        ({**of(a={"$ref": "#/properties/b"}, b={"$ref": "#/properties/a"})}, "not described"),
        ({**of(total=TEXT), "note": "x" * 200_000}, "characters"),
        ({**of(total=TEXT), "note": float("nan")}, "not JSON"),
    ],
)
def test_a_schema_that_cannot_be_read_is_refused_with_what_to_change(body: object, said: str) -> None:
    with pytest.raises(InvalidSchema) as refusal:
        check_body(body)
    assert said in refusal.value.detail


def test_a_schema_that_contains_itself_is_refused() -> None:
    body = of(part={"$ref": "#"})
    with pytest.raises(InvalidSchema, match="too deep"):
        check_body(body)


def test_the_same_body_is_the_same_version_and_another_one_is_the_next(world: World) -> None:
    first, second = of(total=TEXT), of(total=TEXT, tax=TEXT)
    with world.sessions.begin() as session:
        made = [schemas.add_schema(session, world.workspace_id, "bill", body) for body in (first, first, second, first)]
        assert [schema.version for schema in made] == [1, 1, 2, 3]
        assert schemas.get_schema(session, world.workspace_id, "bill").version == 3
        assert schemas.get_schema(session, world.workspace_id, "bill", 2).body == second
        assert schemas.get_schema_by_id(session, world.workspace_id, made[0].id).body == first
        assert [schema.version for schema in schemas.list_schemas(session, world.workspace_id)] == [3, 1, 1, 1, 1, 1]


def test_bodies_added_at_once_get_versions_of_their_own(world: World) -> None:
    bodies = [of(**{f"field_{n}": TEXT}) for n in range(4)]
    versions: list[int] = []

    def add(body: dict[str, Any]) -> None:
        with world.sessions.begin() as session:
            versions.append(schemas.add_schema(session, world.workspace_id, "bill", body).version)

    threads = [threading.Thread(target=add, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(versions) == [1, 2, 3, 4]


@pytest.mark.parametrize("name", ["", "Bill", "-bill", "a b", "a/b", "x" * 101, "rechnung\n"])
def test_a_name_that_does_not_fit_into_an_address_is_refused(world: World, name: str) -> None:
    with world.sessions.begin() as session, pytest.raises(InvalidSchema):
        schemas.add_schema(session, world.workspace_id, name, of(total=TEXT))


def test_a_schema_of_another_workspace_is_not_found(world: World, other: World) -> None:
    with world.sessions.begin() as session:
        mine = schemas.add_schema(session, world.workspace_id, "bill", of(total=TEXT))
        with pytest.raises(SchemaNotFound, match="'bill'"):
            schemas.get_schema(session, other.workspace_id, "bill")
        with pytest.raises(SchemaNotFound):
            schemas.get_schema_by_id(session, other.workspace_id, mine.id)
        with pytest.raises(SchemaNotFound, match="version 2"):
            schemas.get_schema(session, world.workspace_id, "bill", 2)


def test_the_built_in_schemas_ask_what_the_bundled_model_learned(world: World) -> None:
    with world.sessions() as session:
        built_in = {row.name: fields_of(row.body) for row in schemas.list_schemas(session, world.workspace_id)}
    families = {name: list(fields) for name, fields in BY_FAMILY.items() if fields}
    assert {name: [field.path for field in fields] for name, fields in built_in.items()} == families
    assert all(field.title == field.path.replace("_", " ") for fields in built_in.values() for field in fields)


def test_the_built_in_schemas_are_typed_and_have_tables_and_rules(world: World) -> None:
    with world.sessions() as session:
        built_in = {row.name: wanted_of(row.body) for row in schemas.list_schemas(session, world.workspace_id)}
        for row in schemas.list_schemas(session, world.workspace_id):
            check_body(row.body)
    kinds = {name: {field.path: field.kind for field in wanted.fields} for name, wanted in built_in.items()}
    assert kinds["invoice"]["total"] is FieldKind.MONEY
    assert kinds["invoice"]["vat_number"] is FieldKind.VAT
    assert kinds["statement"]["iban"] is FieldKind.IBAN
    assert kinds["form"]["phone"] is FieldKind.PHONE
    assert kinds["letter"]["date"] is FieldKind.DATE
    columns = {name: [c.path for t in wanted.tables for c in t.fields] for name, wanted in built_in.items()}
    assert columns["invoice"] == columns["receipt"] == ["description", "quantity", "unit_price", "amount"]
    assert columns["statement"] == ["date", "description", "amount", "balance"]
    assert [rule.check for rule in built_in["invoice"].rules] == [
        "sum(line_items.amount) = subtotal",
        "subtotal + tax = total",
        "due_date >= invoice_date",
    ]


def _letter_as_it_came_before() -> dict[str, Any]:
    names = ("sender", "recipient", "date", "subject", "reference", "signed_by")
    properties = {name: {"type": "string", "title": name.replace("_", " ")} for name in names}
    description = "A letter: from whom, to whom, about what."
    return {"type": "object", "title": "Letter", "description": description, "properties": properties}


def test_a_workspace_from_before_gets_the_built_in_schemas_of_today_once(sessions: Sessions) -> None:
    with sessions.begin() as session:
        workspace = Workspace(name="from-before")
        session.add(workspace)
        session.flush()
        schemas.add_schema(session, workspace.id, "letter", _letter_as_it_came_before())
        schemas.ensure_builtins(session, workspace.id)
        schemas.ensure_builtins(session, workspace.id)
        letter = schemas.get_schema(session, workspace.id, "letter")
        assert letter.version == 2
        assert wanted_of(letter.body).fields[2].kind is FieldKind.DATE
        assert schemas.get_schema(session, workspace.id, "letter", 1).body == _letter_as_it_came_before()


def _without_target(body: dict[str, Any]) -> dict[str, Any]:
    wishes = {word: said for word, said in body["folioscope"].items() if word != "target"}
    return {word: said for word, said in body.items() if word != "folioscope"} | (
        {"folioscope": wishes} if wishes else {}
    )


def test_values_under_the_built_in_schemas_have_a_target_from_the_first_and_from_an_update_on(
    world: World, sessions: Sessions
) -> None:
    with sessions.begin() as session:
        bodies = {schema.name: schema.body for schema in schemas.list_schemas(session, world.workspace_id)}
        assert {wanted_of(body).target for body in bodies.values()} == {0.95}
        workspace = Workspace(name="from-before")
        session.add(workspace)
        session.flush()
        for name, body in bodies.items():
            schemas.add_schema(session, workspace.id, name, _without_target(body))
        schemas.ensure_builtins(session, workspace.id)
        latest = schemas.list_schemas(session, workspace.id)
        assert {schema.name: (schema.version, schema.body) for schema in latest} == {
            n: (2, b) for n, b in bodies.items()
        }


def test_a_schema_of_ones_own_is_not_replaced_by_a_built_in_one(world: World) -> None:
    body = of(total=TEXT)
    with world.sessions.begin() as session:
        schemas.add_schema(session, world.workspace_id, "invoice", body)
        schemas.ensure_builtins(session, world.workspace_id)
        assert json.dumps(schemas.get_schema(session, world.workspace_id, "invoice").body) == json.dumps(body)
