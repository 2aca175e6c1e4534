"""All that people visit."""

from api.web import documents, files, pages, signing

ROUTERS = (documents.router, pages.router, signing.router, files.router)
