"""Plans as JSON: read and checked, written, and described by a JSON Schema under which a model may write one."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from core.errors import InvalidRequest
from storage.filters import Op
from storage.subjects import did_you_mean, fields_by_path, near
from storage.sums import Cut
from storage.wanted import Wanted
from workers.plans.plan import MOST_SHOWN, Condition, Grouping, Intent, Plan, check_plan

MOST_CONDITIONS = 20
MOST_VALUES = 100
LONGEST_VALUE = 500  # characters

Json = dict[str, Any]
_E = TypeVar("_E", bound=StrEnum)
_KEYS = frozenset({"intent", "schema", "field", "where", "by", "currency", "table", "limit", "top"})


def plan_to_dict(plan: Plan) -> Json:
    """The plan as JSON; what it does not say is left out."""
    said: Json = {"intent": plan.intent.value, "schema": plan.schema}
    if plan.field is not None:
        said["field"] = plan.field
    if plan.where:
        said["where"] = [_condition_to_dict(one) for one in plan.where]
    if plan.by is not None:
        said["by"] = {"field": plan.by.field, "cut": plan.by.cut.value}
    if plan.currency is not None:
        said["currency"] = plan.currency
    if plan.table is not None:
        said["table"] = plan.table
    if plan.limit != 1:
        said["limit"] = plan.limit
    if plan.top:
        said["top"] = plan.top
    return said


def plan_from_dict(said: object, schemas: Mapping[str, Wanted] | None = None) -> Plan:
    """The plan that JSON says; with `schemas`, checked against the one that it names.

    Raises InvalidRequest, which says what is wrong: also for names that no schema has.
    """
    if not isinstance(said, Mapping):
        raise InvalidRequest("A plan is a JSON object.")
    unknown = [str(key) for key in said if key not in _KEYS]
    if unknown:
        raise InvalidRequest(f"A plan has no {unknown[0][:100]!r}" + did_you_mean(near(unknown[0], _KEYS)))
    plan = Plan(
        _one_of(Intent, said.get("intent"), "intent"),
        _text(said.get("schema"), "schema"),
        _maybe(said, "field"),
        tuple(_condition(one) for one in _list(said.get("where"), "where", MOST_CONDITIONS)),
        _grouping(said.get("by")),
        _maybe(said, "currency"),
        _maybe(said, "table"),
        _whole(said.get("limit"), "limit", 1),
        _whole(said.get("top"), "top", 0),
    )
    if schemas is not None:
        if plan.schema not in schemas:
            names = near(plan.schema, schemas)
            raise InvalidRequest(f"There is no schema {plan.schema[:100]!r}" + did_you_mean(names), near=names)
        check_plan(plan, schemas[plan.schema])
    return plan


def plan_schema(schemas: Mapping[str, Wanted]) -> Json:
    """A JSON Schema of all plans over these schemas: one shape for each, with its own names of fields and tables."""
    return {"type": "object", "anyOf": [_schema_of(name, wanted) for name, wanted in schemas.items()]}


def _schema_of(name: str, wanted: Wanted) -> Json:
    fields = list(fields_by_path(wanted))
    tables = [table.path for table in wanted.tables]
    values = {"type": "array", "items": {"type": "string", "maxLength": LONGEST_VALUE}, "minItems": 1}
    condition = _object(
        {
            "field": {"enum": fields},
            "op": {"enum": [op.value for op in Op]},
            "values": values | {"maxItems": MOST_VALUES},
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
            "not": {"type": "boolean"},
        },
        ["field", "op", "values"],
    )
    by = _object({"field": {"enum": fields}, "cut": {"enum": [cut.value for cut in Cut]}}, ["field", "cut"])
    properties: Json = {
        "intent": {"enum": [intent.value for intent in Intent]},
        "schema": {"const": name},
        "field": {"enum": fields},
        "where": {"type": "array", "items": condition, "maxItems": MOST_CONDITIONS},
        "by": by,
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
        "limit": {"type": "integer", "minimum": 1, "maximum": MOST_SHOWN},
        "top": {"type": "integer", "minimum": -MOST_SHOWN, "maximum": MOST_SHOWN},
    }
    if tables:
        properties["table"] = {"enum": tables}
    return _object(properties, ["intent", "schema"])


def _object(properties: Json, required: Sequence[str]) -> Json:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _condition_to_dict(condition: Condition) -> Json:
    said: Json = {"field": condition.field, "op": condition.op.value, "values": list(condition.values)}
    said |= {} if condition.currency is None else {"currency": condition.currency}
    return said | ({"not": True} if condition.negated else {})


def _condition(said: object) -> Condition:
    if not isinstance(said, Mapping) or set(said) - {"field", "op", "values", "currency", "not"}:
        raise InvalidRequest("A condition is an object of field, op, values and maybe a currency and a not.")
    negated = said.get("not", False)
    if not isinstance(negated, bool):
        raise InvalidRequest("The not of a condition is true or false.")
    values = tuple(_value(one) for one in _list(said.get("values"), "values", MOST_VALUES))
    field, op = _text(said.get("field"), "field"), _one_of(Op, said.get("op"), "op")
    return Condition(field, op, values, _maybe(said, "currency"), negated)


def _grouping(said: object) -> Grouping | None:
    if said is None:
        return None
    if not isinstance(said, Mapping) or set(said) - {"field", "cut"}:
        raise InvalidRequest("A grouping is an object of a field and a cut.")
    return Grouping(_text(said.get("field"), "field"), _one_of(Cut, said.get("cut", Cut.VALUE.value), "cut"))


def _whole(said: object, name: str, otherwise: int) -> int:
    if said is None:
        return otherwise
    if not isinstance(said, int) or isinstance(said, bool):
        raise InvalidRequest(f"The {name} of a plan is a whole number.")
    return said


def _list(said: object, name: str, most: int) -> Sequence[object]:
    if said is None:
        return ()
    if not isinstance(said, list) or len(said) > most:
        raise InvalidRequest(f"{name} is a list of at most {most}.")
    return said


def _value(said: object) -> str:
    if isinstance(said, bool):
        return "true" if said else "false"
    return str(said) if isinstance(said, int | float) else _text(said, "value")


def _maybe(said: Mapping[Any, Any], name: str) -> str | None:
    return None if said.get(name) is None else _text(said[name], name)


def _text(said: object, name: str) -> str:
    if not isinstance(said, str) or not said or len(said) > LONGEST_VALUE:
        raise InvalidRequest(f"The {name} of a plan is a text of 1 to {LONGEST_VALUE} characters.")
    return said


def _one_of(kind: type[_E], said: object, name: str) -> _E:
    if not isinstance(said, str) or said not in set(kind):
        raise InvalidRequest(f"The {name} of a plan is one of {', '.join(kind)}; not {str(said)[:40]!r}.")
    return kind(said)
