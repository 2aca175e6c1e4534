"""Schemas: what can be extracted."""

from fastapi import APIRouter, Response

from api.caller import CallerDep
from api.once import Made, OnceDep
from api.problems import problems, problems_of_creation
from api.routes.given import SchemaNamed, Version
from api.schema_shapes import difference_out, schema_out, version_out
from api.wire.schemas import SchemaDiffOut, SchemaIn, SchemaOut, SchemasOut, SchemaVersionsOut
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


@router.get("/{name}/versions", summary="List the versions of a schema", responses=problems(SchemaNotFound))
def list_versions(name: SchemaNamed, caller: CallerDep) -> SchemaVersionsOut:
    """All versions, the latest first."""
    with caller.sessions() as session:
        return SchemaVersionsOut(
            items=[version_out(s) for s in schemas.list_versions(session, caller.workspace_id, name)]
        )


@router.get("/{name}/diff", summary="Compare two versions of a schema", responses=problems(SchemaNotFound))
def compare_versions(
    name: SchemaNamed, caller: CallerDep, older: Version = None, newer: Version = None
) -> SchemaDiffOut:
    """What `newer`, by default the latest, asks for otherwise than `older`, by default the version before it."""
    with caller.sessions() as session:
        late = schemas.get_schema(session, caller.workspace_id, name, newer)
        early = schemas.get_schema(session, caller.workspace_id, name, older or max(1, late.version - 1))
        return difference_out(early, late)
