"""Every failure that a person or a program may meet: a stable code, a title, a status, one safe sentence."""

from typing import ClassVar


class FolioscopeError(Exception):
    """The root of all failures. `detail` is safe to show; private causes go to the log."""

    code: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong inside the service"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1

    def __init__(self, detail: str | None = None, **facts: object) -> None:
        """Keep one sentence for people and `facts`, values of JSON, for programs."""
        self.detail = detail or self.title + "."
        self.facts = facts
        super().__init__(self.detail)


class NotFound(FolioscopeError):
    code = "not-found"
    title = "There is no such thing in this workspace"
    status = 404


class DocumentNotFound(NotFound):
    code = "document-not-found"
    title = "There is no such document in this workspace"


class PageNotFound(NotFound):
    code = "page-not-found"
    title = "The document has no such page"


class SchemaNotFound(NotFound):
    code = "schema-not-found"
    title = "There is no such schema in this workspace"


class JobNotFound(NotFound):
    code = "job-not-found"
    title = "There is no such job in this workspace"


class ConversationNotFound(NotFound):
    code = "conversation-not-found"
    title = "There is no such conversation in this workspace"


class RecordNotFound(NotFound):
    code = "record-not-found"
    title = "Nothing was read from this document under this schema"


class CorrectionNotFound(NotFound):
    code = "correction-not-found"
    title = "There is no such correction in this workspace"


class CalibrationNotFound(NotFound):
    code = "calibration-not-found"
    title = "This workspace has fitted no calibration of this model"


class FieldNotFound(NotFound):
    code = "field-not-found"
    title = "The schema has no such field, or the record no such row"


class ModelNotFound(NotFound):
    code = "model-not-found"
    title = "The service has no model of this name"


class Unauthorized(FolioscopeError):
    code = "unauthorized"
    title = "The API key is missing or wrong"
    status = 401


class SignInNeeded(FolioscopeError):
    code = "sign-in-needed"
    title = "Nobody is signed in"
    status = 401


class Forged(FolioscopeError):
    code = "forged-form"
    title = "The form does not come from a page of this service, or that page is too old; load it again"
    status = 403


class InvalidRequest(FolioscopeError):
    code = "invalid-request"
    title = "The request does not have the expected form"
    status = 422


class InvalidCursor(InvalidRequest):
    code = "invalid-cursor"
    title = "The cursor is not one that this service gave out"


class InvalidSchema(InvalidRequest):
    code = "invalid-schema"
    title = "The schema is not a JSON Schema that can be extracted"


class InvalidFilter(InvalidRequest):
    code = "invalid-filter"
    title = "The filter cannot be understood"


class InvalidColumn(InvalidRequest):
    code = "invalid-column"
    title = "The records have no such column to show or to sort by"


class TooLittleTruth(InvalidRequest):
    code = "too-little-truth"
    title = "Too few values are known to be right or wrong"


class UnknownModel(InvalidRequest):
    code = "unknown-model"
    title = "No model of this name is configured"


class PictureRefused(InvalidRequest):
    code = "picture-refused"
    title = "The picture in the chat cannot be taken"


class VisualSearchOff(InvalidRequest):
    code = "visual-search-off"
    title = "This service has no model of visual search"


class TooManyPagesToCompare(InvalidRequest):
    code = "too-many-pages-to-compare"
    title = "On SQLite, visual search compares at most 100,000 pages; name some documents, or use PostgreSQL"


class CannotBeDone(InvalidRequest):
    code = "cannot-be-done"
    title = "The chat asks for something that the model, or this service, cannot do"
    status = 400


class RequestTooLarge(InvalidRequest):
    code = "request-too-large"
    title = "The request is larger than this service accepts"
    status = 413


class MethodNotAllowed(FolioscopeError):
    code = "method-not-allowed"
    title = "The route does not know this method"
    status = 405


class Conflict(FolioscopeError):
    code = "conflict"
    title = "The request contradicts what is stored"
    status = 409


class IdempotencyMismatch(Conflict):
    code = "idempotency-mismatch"
    title = "This Idempotency-Key was used for a different request"


class ValueChanged(Conflict):
    code = "value-changed"
    title = "The value is another one by now; look at it again"


class IdempotencyInFlight(Conflict):
    code = "idempotency-in-flight"
    title = "A request with this Idempotency-Key is still being worked on"
    retryable = True


class RejectedFile(FolioscopeError):
    """The root of everything that can be wrong with an uploaded file."""

    code = "rejected-file"
    title = "The file cannot be accepted"
    status = 422
    exit_code = 3


class UnsupportedFile(RejectedFile):
    code = "unsupported-file"
    title = "The file is neither a PDF nor a PNG, JPEG or TIFF image"
    status = 415


class FileTooLarge(RejectedFile):
    code = "file-too-large"
    title = "The file is larger than this service accepts"
    status = 413


class TooManyPages(RejectedFile):
    code = "too-many-pages"
    title = "The file has more pages than this service accepts"
    status = 413


class TooManyPixels(RejectedFile):
    code = "too-many-pixels"
    title = "The image has more pixels than this service accepts"
    status = 413


class EmptyFile(RejectedFile):
    code = "empty-file"
    title = "The file is empty"


class NoPages(RejectedFile):
    code = "no-pages"
    title = "The file has no pages"


class UnreadableFile(RejectedFile):
    code = "unreadable-file"
    title = "The file is damaged or cut off and cannot be read"


class TruncatedFile(UnreadableFile):
    code = "truncated-file"
    title = "The file is cut off before its end"


class WrongPassword(RejectedFile):
    code = "wrong-password"
    title = "The password does not open this document"


class PasswordNeeded(RejectedFile):
    code = "password-needed"
    title = "The document is protected by a password"


class BadArchive(RejectedFile):
    code = "bad-archive"
    title = "The archive cannot be unpacked safely"


class UnreadablePage(FolioscopeError):
    code = "unreadable-page"
    title = "The page could not be drawn by any engine"
    status = 422


class PageTookTooLong(UnreadablePage):
    code = "page-took-too-long"
    title = "Drawing the page took longer than allowed"


class PageTookTooMuchMemory(UnreadablePage):
    code = "page-took-too-much-memory"
    title = "Drawing the page took more memory than allowed"


class PoisonPage(FolioscopeError):
    code = "poison-page"
    title = "The page made its worker fail on every attempt"


class LeaseLost(FolioscopeError):
    code = "lease-lost"
    title = "The lease ran out and somebody else has the item"
    retryable = True


class GenerationCutShort(FolioscopeError):
    code = "generation-cut-short"
    title = "The model did not end its answer within its budget"


class GenerationLoops(FolioscopeError):
    code = "generation-loops"
    title = "The model repeats itself without end"


class InvalidOutput(FolioscopeError):
    code = "invalid-output"
    title = "The model's answer does not have the form that was asked for, nor had its second one"


class EmptyOutput(FolioscopeError):
    code = "empty-output"
    title = "The model said nothing at all"


class IllegiblePage(FolioscopeError):
    code = "illegible-page"
    title = "The print on the page cannot be made out"


class IncompletePage(FolioscopeError):
    code = "incomplete-page"
    title = "Not everything that was asked for could be read on the page"


class ContentRefused(FolioscopeError):
    code = "content-refused"
    title = "The model, or the filter of its provider, refused to read the page"


class ModelFailed(FolioscopeError):
    code = "model-failed"
    title = "The model's server works, but not on this page"
    retryable = True


class ModelCannot(FolioscopeError):
    code = "model-cannot"
    title = "The model is not one for this kind of task"
    status = 422


class NothingThere(FolioscopeError):
    code = "nothing-there"
    title = "The model reads nothing at this place"
    status = 422


class ModelRefused(FolioscopeError):
    code = "model-refused"
    title = "The model's server does not take the page"


class ModelUnavailable(FolioscopeError):
    code = "model-unavailable"
    title = "The model cannot be loaded or reached"
    status = 503
    retryable = True


class ModelBusy(ModelUnavailable):
    code = "model-busy"
    title = "The model's server is away or overloaded; work waits for it"


class ServiceUnavailable(FolioscopeError):
    code = "service-unavailable"
    title = "The service cannot reach a part it needs"
    status = 503
    retryable = True
    exit_code = 4


class BlobMissing(FolioscopeError):
    code = "blob-missing"
    title = "Bytes that a row names are not in the blob store"


class ConfigurationError(FolioscopeError):
    code = "configuration-error"
    title = "A setting has a value that cannot work"
    exit_code = 2


class EvaluationFailed(FolioscopeError):
    code = "evaluation-failed"
    title = "What was read falls under the promised share"
    exit_code = 5


def error_named(code: str, detail: str | None) -> FolioscopeError:
    """The failure of this code, as a row remembers it; the root of all failures where the code is unknown."""
    kinds: list[type[FolioscopeError]] = [FolioscopeError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    return next((kind for kind in kinds if kind.code == code), FolioscopeError)(detail)
