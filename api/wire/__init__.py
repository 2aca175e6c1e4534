"""Shapes on the wire: what the API takes and gives, as Pydantic models. They know no web framework and no tables."""
