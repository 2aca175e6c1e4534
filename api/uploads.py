"""An upload taken in: zips unpacked, each file accepted or refused by itself, and the answer that names them all."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing

from api.caller import Caller
from api.form import Form, SentFile
from api.shapes import uploaded_out
from api.wire.documents import RefusedOut, UploadedOut, UploadOut
from core.errors import Conflict, FolioscopeError, RejectedFile, ServiceUnavailable
from ingest.bulk import Found, Refused, expand
from ingest.intake import Accepted, Upload, accept, clean_name
from ingest.limits import ArchiveLimits
from storage import documents


def take_in(caller: Caller, form: Form) -> UploadOut:
    """Accept every file of the form that can be; the others are named with their reasons.

    Raises what is wrong with the file where there is one only; where all of several are refused, RejectedFile with
    the list of them as its fact `refused`. Raises ServiceUnavailable where the service ends meanwhile.
    """
    taken: list[UploadedOut] = []
    refused: list[RefusedOut] = []
    errors: list[FolioscopeError] = []
    for name, outcome in _outcomes(caller, form):
        if caller.desk.closing.is_set():  # the folder of the files goes: what is wrong now may not be wrong with them
            raise ServiceUnavailable("The service ends; send the files again.")
        match outcome:
            case Accepted():
                taken.append(_shown(caller, outcome))
            case FolioscopeError():
                errors.append(outcome)
                refused.append(RefusedOut(name=name, code=outcome.code, title=outcome.title, detail=outcome.detail))
    if taken or not refused:
        return UploadOut(documents=taken, refused=refused)
    if len(errors) == 1:
        raise errors[0]
    raise RejectedFile(
        f"None of the {len(refused)} files can be taken; `refused` says why for each.",
        refused=[one.model_dump(mode="json") for one in refused],
    )


def fingerprint_of(form: Form) -> str:
    """What makes two uploads the same request: the files' bytes and names, and the fields."""
    said = {"files": [[file.name, file.size, file.sha256] for file in form.files], "fields": form.fields}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _outcomes(caller: Caller, form: Form) -> Iterator[tuple[str, Accepted | FolioscopeError]]:
    password = form.fields.get("password") or None
    for file in form.files:
        if file.error is not None:
            yield clean_name(file.name), file.error
        else:
            yield from _outcomes_of(caller, file, password)
        file.path.unlink(missing_ok=True)  # the room is needed for the next


def _outcomes_of(
    caller: Caller, file: SentFile, password: str | None
) -> Iterator[tuple[str, Accepted | FolioscopeError]]:
    limits = ArchiveLimits.of(caller.settings)
    with closing(expand(file.path, limits, clean_name(file.name), file.path.parent)) as entries:
        for entry in entries:
            match entry:
                case Refused(name, error):
                    yield name, error
                case Found(name, path):
                    yield name, _accepted(caller, Upload(name, path), password)


def _accepted(caller: Caller, upload: Upload, password: str | None) -> Accepted | FolioscopeError:
    try:
        return accept(caller.sessions, caller.blobs, caller.workspace_id, upload, caller.sandbox, password)
    except (RejectedFile, Conflict) as error:
        return error


def _shown(caller: Caller, accepted: Accepted) -> UploadedOut:
    with caller.sessions() as session:
        document = documents.get_document(session, caller.workspace_id, accepted.document_id)
        return uploaded_out(session, document, created=accepted.created)
