"""What the client does about documents: sent, listed, looked at, tagged and deleted."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence

from api.connection import Connection
from api.parcels import Parcel, PathLike, Source, parcels_of, sources_in
from api.results import Document, Page, Uploaded, made_from
from api.wire_errors import error_of, refused_in
from core.errors import RejectedFile


class Filing(Connection):
    """The part of the client that is about documents and their pages."""

    def upload(
        self,
        paths: Iterable[PathLike] | PathLike,
        *,
        password: str | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Uploaded:
        """Send files, folders and zips; a file that is refused does not hold up the others.

        Many small files travel in one request. `progress` is told how many bytes are sent, of how many.
        """
        sources, refused = sources_in(paths)
        documents: list[Document] = []
        sent, total = 0, sum(source.size for source in sources)
        for parcel in parcels_of(sources):
            done = self._send(parcel, password)
            documents += done.documents
            refused += done.refused
            sent += parcel.size
            if progress is not None:
                progress(sent, total)
        return Uploaded(tuple(documents), tuple(refused))

    def upload_file(self, source: PathLike | Source, *, password: str | None = None) -> Document:
        """Send one file, or bytes under a name. Raises the error of a file that is refused."""
        given = source if isinstance(source, Source) else Source.of(source)
        done = self._send(Parcel((given,)), password, alone=True)
        return done.documents[0]

    def documents(
        self, *, state: str | None = None, name: str | None = None, tag: str | None = None, order: str | None = None
    ) -> Iterator[Document]:
        """All documents, or those that pass; the newest first, or as `order` says: `oldest`, `name`, `pages`."""
        return self._each(Document, "/v1/documents", {"state": state, "name": name, "tag": tag, "order": order})

    def document(self, document_id: str) -> Document:
        """One document. Raises DocumentNotFound."""
        return made_from(Document, self._get(f"/v1/documents/{document_id}"))

    def pages(self, document_id: str) -> list[Page]:
        """The pages of a document in order, without their words."""
        return [made_from(Page, page) for page in self._get(f"/v1/documents/{document_id}/pages")["items"]]

    def page(self, document_id: str, number: int) -> Page:
        """One page with its words; numbers count from 1. Raises PageNotFound."""
        return made_from(Page, self._get(f"/v1/documents/{document_id}/pages/{number}"))

    def image(self, document_id: str, number: int) -> bytes:
        """The picture of a page, PNG or JPEG."""
        return self._request("GET", f"/v1/documents/{document_id}/pages/{number}/image").content

    def delete(self, document_id: str) -> None:
        """Delete a document with everything that was read from it."""
        self._request("DELETE", f"/v1/documents/{document_id}")

    def tag(self, document_id: str, tags: Sequence[str]) -> Document:
        """Give a document these tags and no others."""
        answer = self._request("PUT", f"/v1/documents/{document_id}/tags", json={"tags": list(tags)})
        return made_from(Document, answer.json())

    def unlock(self, document_id: str, password: str) -> Document:
        """Open a document that waits for its password. Raises WrongPassword."""
        return made_from(Document, self._post(f"/v1/documents/{document_id}/unlock", {"password": password}))

    def _send(self, parcel: Parcel, password: str | None, *, alone: bool = False) -> Uploaded:
        """Send the files of one request. A refusal of the only file is raised where `alone`, else listed."""
        key = uuid.uuid4().hex
        headers = {"Idempotency-Key": key, "Content-Type": f"multipart/form-data; boundary={key}"}
        with parcel.opened() as files:
            try:
                body = self._request(
                    "POST",
                    "/v1/documents",
                    headers=headers,
                    data={"password": password} if password else {},
                    files=[("files", part) for part in files],
                ).json()
            except RejectedFile as error:
                listed = refused_in(error)
                if alone and not listed:
                    raise
                body = {"documents": [], "refused": listed or [parcel.refusal(error)]}
        done = made_from(Uploaded, body)
        if alone and not done.documents:
            raise error_of(done.refused)
        return done
