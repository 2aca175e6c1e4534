"""All that people visit."""

from api.web import (
    asking,
    choosing,
    conversing,
    correcting,
    documents,
    files,
    jobs,
    pages,
    records,
    review,
    samples,
    signing,
    starting,
    uploading,
)

_LISTED = (documents, uploading, choosing, samples)
_ROOMS = (*_LISTED, pages, correcting, review, records, starting, jobs, asking, conversing, signing, files)
ROUTERS = tuple(room.router for room in _ROOMS)
