"""Schemas: what can be extracted."""

from fastapi import APIRouter, Response

from api.caller import CallerDep
from api.once import Made, OnceDep
from api.problems import problems, problems_of_creation
from api.routes.given import SchemaNamed, Version
from api.shapes import schema_out
from api.wire.schemas import SchemaIn, SchemaOut, SchemasOut
from core.errors import InvalidSchema, SchemaNotFound
from storage import schemas
from storage.database import Session

router = APIRouter(prefix="/v1/schemas", tags=["schemas"])


@router.get("", summary="List schemas", responses=problems())
def list_schemas(caller: CallerDep) -> SchemasOut:
    """The latest version of each, by name."""
    with caller.sessions() as session:
        return SchemasOut(items=[schema_out(s) for s in schemas.list_schemas(session, caller.workspace_id)])


@router.post(
    "",
    status_code=201,
    summary="Add a schema",
    response_model=SchemaOut,
    responses=problems_of_creation(InvalidSchema),
)
def add_schema(asked: SchemaIn, caller: CallerDep, once: OnceDep) -> Response:
    """A new body under a known name is its next version; the latest body again is the latest version."""

    def make(session: Session) -> Made:
        return Made.of(201, schema_out(schemas.add_schema(session, caller.workspace_id, asked.name, asked.body)))

    return once.do(caller, asked, make).response()


@router.get("/{name}", summary="Show a schema", responses=problems(SchemaNotFound))
def show_schema(name: SchemaNamed, caller: CallerDep, version: Version = None) -> SchemaOut:
    """A version, by default the latest, with its fields."""
    with caller.sessions() as session:
        return schema_out(schemas.get_schema(session, caller.workspace_id, name, version))
