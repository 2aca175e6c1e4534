"""The tables, typed. Every row belongs to a workspace; ids of rows sort by the time they were made."""

from storage.tables.archive import ApiKey, Blob, Document, DocumentName, DocumentTag, Page, SignIn, Workspace
from storage.tables.findings import (
    Calibration,
    Correction,
    Inference,
    InferenceClaim,
    Record,
    RecordValue,
    Schema,
    StaleRecord,
    Value,
)
from storage.tables.foundation import NAMES, Base, Moment
from storage.tables.search import HIDDEN, SEEN, PageEmbedding, Passage, Reading
from storage.tables.talks import Conversation, Turn
from storage.tables.work import IdempotencyKey, Item, Job, JobDocument, Office

__all__ = [
    "HIDDEN",
    "NAMES",
    "SEEN",
    "ApiKey",
    "Base",
    "Blob",
    "Calibration",
    "Conversation",
    "Correction",
    "Document",
    "DocumentName",
    "DocumentTag",
    "IdempotencyKey",
    "Inference",
    "InferenceClaim",
    "Item",
    "Job",
    "JobDocument",
    "Moment",
    "Office",
    "Page",
    "PageEmbedding",
    "Passage",
    "Reading",
    "Record",
    "RecordValue",
    "Schema",
    "SignIn",
    "StaleRecord",
    "Turn",
    "Value",
    "Workspace",
]
