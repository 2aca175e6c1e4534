"""All that people visit."""

from api.web import asking, conversing, correcting, documents, files, jobs, pages, records, signing

_ROOMS = (documents, pages, correcting, records, jobs, asking, conversing, signing, files)
ROUTERS = tuple(room.router for room in _ROOMS)
