"""Texts held against what a schema says of them: how long they are, and a pattern, which is a caller's own.

A pattern may take as long as it likes, so it has a limit of processor time: for a text, and for all texts of a record.
"""

import time
from collections.abc import Mapping
from typing import Any

import regex

PATTERN_SECONDS = 0.5  # for one text: a caller's pattern must not hold up a worker
RECORD_SECONDS = 1.0  # for all texts of a record: whoever merges it holds its document


def is_found(pattern: str, text: str, seconds: float = PATTERN_SECONDS) -> bool | None:
    """Whether `text` has what `pattern` describes, anywhere; None where the pattern is none or takes too long."""
    try:
        return regex.search(pattern, text, timeout=seconds) is not None
    except (regex.error, TimeoutError):
        return None


class Bounds:
    """Holds the texts of a record against the bounds of their fields. All patterns together have RECORD_SECONDS."""

    def __init__(self) -> None:
        """For one record."""
        self._seconds = RECORD_SECONDS

    def problem_of(self, text: str, bounds: Mapping[str, Any]) -> str | None:
        """`too-short`, `too-long`, `not-of-its-pattern`; `untried-pattern` where nobody can tell; None: all is well."""
        if len(text) < bounds.get("minLength", 0):
            return "too-short"
        if len(text) > bounds.get("maxLength", len(text)):
            return "too-long"
        return self._against(bounds["pattern"], text) if "pattern" in bounds else None

    def _against(self, pattern: str, text: str) -> str | None:
        if self._seconds <= 0:
            return "untried-pattern"
        begun = time.thread_time()
        found = is_found(pattern, text, min(self._seconds, PATTERN_SECONDS))
        self._seconds -= time.thread_time() - begun
        return "untried-pattern" if found is None else None if found else "not-of-its-pattern"
