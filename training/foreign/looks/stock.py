"""What is sold, worked and measured on the pages, and printed words, from stock.toml."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def stock(name: str) -> Any:
    """One table or list of the file."""
    return tomllib.loads(Path(__file__).with_name("stock.toml").read_text("utf-8"))[name]
