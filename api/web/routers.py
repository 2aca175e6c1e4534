"""All that people visit."""

from api.web import correcting, documents, files, pages, signing

ROUTERS = (documents.router, pages.router, correcting.router, signing.router, files.router)
