"""The Python client: everything the service can do, with typed results, and the errors of core/errors.py."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from api.asking import Asking
from api.calibrating import Calibrating
from api.citing import Citing
from api.conversing import Conversing
from api.correcting import Correcting
from api.filing import Filing
from api.hits import Hit
from api.looking import Looking
from api.results import (
    Record,
    Schema,
    SchemaDiff,
    SchemaVersion,
    made_from,
)
from api.working import ids
from core.errors import FolioscopeError

_MOST_NAMED = 100  # documents that one request for records names
_MOST_SEEN = 100  # pages that a visual search gives


class Client(Asking, Calibrating, Citing, Conversing, Correcting, Filing, Looking):
    """A connection to a service, with one key. Use it in a `with`, or close it; not from several threads at once.

    Requests that create carry an Idempotency-Key: repeating one after a broken connection does nothing twice.
    """

    def sign_in_path(self) -> str:
        """Where on the service a browser is signed in, once: a path."""
        return str(self._post("/v1/sign-in-links", {})["path"])

    # -- schemas

    def schemas(self) -> list[Schema]:
        """The latest version of every schema."""
        return list(self._each(Schema, "/v1/schemas"))

    def schema(self, name: str, version: int | None = None) -> Schema:
        """One schema, in its latest version unless told otherwise. Raises SchemaNotFound."""
        return made_from(Schema, self._get(f"/v1/schemas/{name}", {"version": version}))

    def add_schema(self, name: str, body: Mapping[str, Any]) -> Schema:
        """Add a schema; another body under a known name is its next version. Raises InvalidSchema."""
        return made_from(Schema, self._post("/v1/schemas", {"name": name, "body": dict(body)}))

    def schema_versions(self, name: str) -> list[SchemaVersion]:
        """The versions of a schema, the latest first. Raises SchemaNotFound."""
        return list(self._each(SchemaVersion, f"/v1/schemas/{name}/versions"))

    def schema_diff(self, name: str, older: int | None = None, newer: int | None = None) -> SchemaDiff:
        """What a version, by default the latest, asks for otherwise than an older one, by default the one before it."""
        return made_from(SchemaDiff, self._get(f"/v1/schemas/{name}/diff", {"older": older, "newer": newer}))

    # -- search

    def search(self, text: str, documents: Sequence[str] | None = None, *, mode: str = "text") -> Iterator[Hit]:
        """The pages that have these words, the best first, of some documents (ids) or all. Raises InvalidRequest.

        Words, "phrases", beginnings (inv*), either OR or, and -not. By the mode `visual` pages are found by what they
        look like, by `both` by words and looks: at most 100. Raises VisualSearchOff where the service has no model for
        that.
        """
        parameters: dict[str, Any] = {"q": text, "documents": ids(documents)}
        if mode != "text":
            parameters |= {"mode": mode, "limit": _MOST_SEEN}
        return self._each(Hit, "/v1/search", parameters)

    # -- records

    def records(
        self,
        schema: str,
        *,
        documents: Sequence[str] | None = None,
        **asked: str | int | bool | None,
    ) -> Iterator[Record]:
        """What was read under a schema, a record a document, the oldest first.

        `asked` may be `version`, `where` ("total >= 1000 and vendor_name ~ acme"), `sort` ("-invoice_date,total"),
        `columns` ("vendor_name,total"), `evidence` (False: values alone). Raises InvalidFilter or InvalidColumn.
        """
        for part in _parts(documents):
            yield from self._each(Record, f"/v1/records/{schema}", {**asked, "document": part})

    def older_records(self, schema: str, documents: Sequence[str] | None = None) -> dict[int, int]:
        """By older version, how many records of documents that have none under the latest stand under it."""
        found: dict[int, int] = {}
        for part in _parts(documents):
            page = self._get(f"/v1/records/{schema}", {"limit": 1, "document": part})
            for one in page.get("older_versions", ()):
                found[one["version"]] = found.get(one["version"], 0) + one["records"]
        return found

    def export(
        self,
        schema: str,
        form: str,
        *,
        documents: Sequence[str] | None = None,
        **asked: str | int | bool | None,
    ) -> Iterator[bytes]:
        """The records as a `csv`, `jsonl` or `parquet` file, in pieces as they come; `asked` as for `records`.

        With a `table`, the file has a row for each row of it. Raises ServiceUnavailable where it breaks off.
        """
        parameters = {"format": form, "document": None if documents is None else list(documents), **asked}
        yield from self._pieces(f"/v1/records/{schema}/export", parameters)

    @contextmanager
    def temporary(self) -> Iterator["Client"]:
        """A workspace for a while, with this one's schemas and calibrations: deleted afterwards, with all it holds."""
        with Client(self.url, str(self._post("/v1/workspaces/temporary", {})["key"])) as inside:
            try:
                yield inside
            finally:
                for job in list(inside.jobs()):
                    if not job.final:
                        inside.cancel(job.id)
                inside._request("DELETE", "/v1/workspaces/temporary")

    def ready(self) -> dict[str, Any]:
        """What the service says about its parts. Raises ServiceUnavailable where one is missing."""
        body: dict[str, Any] = self._get("/readyz")
        return body

    def is_there(self) -> bool:
        """Whether a service answers at this address."""
        try:
            self._once("GET", "/healthz", timeout=5.0)
        except FolioscopeError:
            return False
        return True


def _parts(documents: Sequence[str] | None) -> Iterator[list[str] | None]:
    """Ids that one request takes; None once, for all documents."""
    if documents is None:
        yield None
        return
    for first in range(0, len(documents), _MOST_NAMED):
        yield list(documents[first : first + _MOST_NAMED])
