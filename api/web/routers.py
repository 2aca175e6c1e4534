"""All that people visit."""

from api.web import (
    asking,
    choosing,
    conversing,
    correcting,
    documents,
    drafting,
    files,
    jobs,
    pages,
    pictures,
    previewing,
    records,
    review,
    samples,
    schemas,
    signing,
    starting,
    uploading,
)

_LISTED = (documents, uploading, choosing, samples)
_READ = (pages, pictures, correcting, review, records, drafting, previewing, schemas, starting, jobs)
_ROOMS = (*_LISTED, *_READ, asking, conversing, signing, files)
ROUTERS = tuple(room.router for room in _ROOMS)
