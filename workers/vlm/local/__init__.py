"""Any checkpoint by path or hub id, through the Auto classes, each family asked in its own way."""

from workers.vlm.local.backend import LocalModel

__all__ = ["LocalModel"]
