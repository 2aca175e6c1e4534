"""Kinds of documents, each a function that composes a page of its kind on an empty canvas."""
