"""All that people visit."""

from api.web import asking, correcting, documents, files, jobs, pages, records, signing

ROUTERS = tuple(room.router for room in (documents, pages, correcting, records, jobs, asking, signing, files))
