"""The sum: the web application made of its routes, its gate and its edge."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api import problems
from api.caller import NEEDS_KEY
from api.desk import FrontDesk
from api.edge import Edge
from api.gate import Gate
from api.routes import (
    calibrations,
    chat,
    conversations,
    corrections,
    documents,
    health,
    jobs,
    looking,
    pages,
    questions,
    records,
    schemas,
    search,
    sign_ins,
    workspaces,
)
from api.web.routers import ROUTERS
from api.wire.parts import Problem
from api.wire.replies import ChatProblem
from core.logs import set_up_logs
from core.settings import Settings

_DESCRIPTION = (
    "Folioscope reads archives of PDFs with vision language models, without OCR, and turns them into rows that can be "
    "queried. Errors are problem+json with a stable `code`; lists go on by `cursor`; a POST that creates may carry an "
    "`Idempotency-Key`."
)


def make_app(settings: Settings) -> FastAPI:
    """The application. Nothing is opened, made or connected before it starts.

    `app.state.closing` is an Event: whoever stops the server sets it first, so that streams and waits end at once.
    """
    closing = threading.Event()

    @asynccontextmanager
    async def open_desk(app: FastAPI) -> AsyncIterator[None]:
        app.state.desk = FrontDesk(settings, closing)
        try:
            yield
        finally:
            app.state.desk.close()

    app = FastAPI(
        title="Folioscope",
        version=version("folioscope"),
        description=_DESCRIPTION,
        lifespan=open_desk,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.closing = closing
    for routes in (
        documents,
        pages,
        schemas,
        jobs,
        looking,
        records,
        corrections,
        calibrations,
        questions,
        conversations,
        search,
        chat,
        sign_ins,
        workspaces,
    ):
        app.include_router(routes.router, dependencies=NEEDS_KEY)
    app.include_router(health.router)
    for router in ROUTERS:
        app.include_router(router)
    problems.install(app)
    app.add_middleware(Gate)
    app.add_middleware(Edge)  # added last, it is outermost
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    return app


def app_from_environment() -> FastAPI:
    """The application by the environment's settings, for a server that starts several processes of it."""
    settings = Settings()
    set_up_logs(settings.log_level, as_json=settings.log_json)
    return make_app(settings)


def _described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI description, with the one form that all errors have."""
    if app.openapi_schema is None:
        described = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        shapes = described["components"]["schemas"]
        shapes["Problem"] = Problem.model_json_schema()
        shapes["ChatProblem"] = ChatProblem.model_json_schema(ref_template="#/components/schemas/{model}")
        shapes |= shapes["ChatProblem"].pop("$defs")
        app.openapi_schema = described
    return app.openapi_schema
