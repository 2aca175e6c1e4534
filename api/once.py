"""Idempotency-Key: the same key with the same request is one request, however often it is sent, also when at once."""

import hashlib
import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse

from api.caller import Caller
from core.errors import FolioscopeError, IdempotencyInFlight
from storage import idempotency
from storage.database import Session

REPLAYED = "Idempotency-Replayed"
_PATIENCE = 5.0  # seconds to wait for the same request that is under way
_LOOK_EVERY = 0.1


@dataclass(frozen=True, slots=True)
class Made:
    """An answer: its status and its body."""

    status: int
    body: dict[str, Any]
    replayed: bool = False

    @classmethod
    def of(cls, status: int, body: BaseModel) -> "Made":
        """The answer with this shape as its body."""
        return cls(status, body.model_dump(mode="json", by_alias=True))

    def response(self) -> JSONResponse:
        """The answer as it is sent."""
        return JSONResponse(self.body, self.status, {REPLAYED: "true"} if self.replayed else None)


@dataclass(frozen=True, slots=True)
class Once:
    """A request that creates, and the key under which it is done once. Without a key it is done each time."""

    route: str
    key: str | None

    def do(self, caller: Caller, request: BaseModel, make: Callable[[Session], Made]) -> Made:
        """Do it in one transaction, which also keeps the answer: there is never the one without the other."""

        def make_in_one() -> Made:
            with caller.sessions.begin() as session:
                made = make(session)
                if self.key is not None:
                    idempotency.finish(session, caller.workspace_id, self.key, made.status, made.body)
            return made

        return self._guarded(caller, request.model_dump_json(), make_in_one)

    def do_in_steps(self, caller: Caller, request: str, make: Callable[[], Made]) -> Made:
        """The same where one transaction cannot hold it, and where doing it again is harmless."""

        def make_and_keep() -> Made:
            made = make()
            if self.key is not None:
                with caller.sessions.begin() as session:
                    idempotency.finish(session, caller.workspace_id, self.key, made.status, made.body)
            return made

        return self._guarded(caller, request, make_and_keep)

    def _guarded(self, caller: Caller, request: str, make: Callable[[], Made]) -> Made:
        if self.key is None:
            return make()
        fingerprint = hashlib.sha256(json.dumps([self.route, request]).encode()).hexdigest()
        if (known := self._begin(caller, self.key, fingerprint)) is not None:
            return known
        try:
            return make()
        except BaseException:
            with suppress(FolioscopeError), caller.sessions.begin() as session:
                idempotency.abandon(session, caller.workspace_id, self.key)
            raise

    def _begin(self, caller: Caller, key: str, fingerprint: str) -> Made | None:
        """The answer that is known already, after a wait where it is about to be. Raises IdempotencyMismatch."""
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                with caller.sessions.begin() as session:
                    stored = idempotency.begin(session, caller.workspace_id, key, fingerprint)
                    return Made(stored.status, stored.body or {}, replayed=True) if stored else None
            except IdempotencyInFlight:
                if time.monotonic() > until or caller.desk.closing.is_set():
                    raise
            time.sleep(_LOOK_EVERY)


def _once(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            pattern="^[!-~]{1,255}$",
            description="The same key with the same request gets the same answer, and nothing is made twice.",
            examples=["7f1d8a52-upload-1"],
        ),
    ] = None,
) -> Once:
    return Once(f"{request.method} {request.url.path}", idempotency_key)


OnceDep = Annotated[Once, Depends(_once)]
