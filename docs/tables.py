"""Writes the reference tables of docs/reference from the code itself: `make docs`. A test fails while they differ."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import typer
from pydantic_core import PydanticUndefined

from api.app import make_app
from api.cli import app as command_line
from core.settings import Settings

REFERENCE = Path(__file__).parent / "reference"
BEGIN = "<!-- made by `make docs`, from here -->\n"
END = "<!-- to here -->\n"


def settings_table() -> str:
    """A row for every setting: its variable, its default, what it does."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = "" if field.default in (None, PydanticUndefined) else f"`{_plain(field.default)}`"
        rows.append((f"`FOLIOSCOPE_{name.upper()}`", default, field.description or ""))
    return _table(("variable", "default", "what it does"), rows)


def routes_table() -> str:
    """A row for every route: method, path, what it does, the status of success."""
    described = make_app(Settings()).openapi()
    rows = [
        (f"`{method.upper()} {path}`", operation["summary"], _good(operation))
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]
    return _table(("route", "what it does", "success"), rows)


def commands_table() -> str:
    """A section for every command: its help, its arguments and options."""
    return "\n".join(_section(name, command) for name, command in _commands())


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_table,
    "routes.md": routes_table,
    "commands.md": commands_table,
}


def with_table(text: str, table: str) -> str:
    """The page with everything between its two marks replaced by the table."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{table}\n{END}{tail}"


def main() -> None:
    """Write all pages anew."""
    for name, table in PAGES.items():
        page = REFERENCE / name
        page.write_text(with_table(page.read_text(), table()))
        print(f"wrote {page}")


def _commands() -> Iterator[tuple[str, Any]]:
    # Any: releases of typer bring click along under different names
    commands: dict[str, Any] = getattr(typer.main.get_command(command_line), "commands", {})
    for name, command in sorted(commands.items()):
        inner: dict[str, Any] = getattr(command, "commands", {})
        yield from ((f"{name} {part}", inner[part]) for part in sorted(inner))
        if not inner and not command.hidden:
            yield name, command


def _section(name: str, command: Any) -> str:
    options = [p for p in command.params if p.name != "help" and not getattr(p, "hidden", False)]
    rows = [(f"`{_spelling(option)}`", _default(option), getattr(option, "help", None) or "") for option in options]
    table = _table(("argument or option", "default", "what it does"), rows) if rows else ""
    said = (command.help or "").replace("\b\n", "").replace("\f", "").replace("Example:\n", "Example:\n\n").strip()
    return f"## folioscope {name}\n\n{said}\n\n{table}"


def _spelling(option: Any) -> str:
    name = str(option.metavar or option.name.upper())
    if option.param_type_name == "argument":
        return f"{name}..." if option.nargs == -1 else name
    flags = ", ".join([*option.opts, *option.secondary_opts])
    return flags if option.is_flag else f"{flags} {name}"


def _default(option: Any) -> str:
    return "" if option.default in (None, False) or callable(option.default) else f"`{_plain(option.default)}`"


def _good(operation: dict[str, Any]) -> str:
    return ", ".join(status for status in operation["responses"] if status.startswith("2"))


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str).strip('"')


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(
        "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in line) + " |\n" for line in lines
    )


if __name__ == "__main__":
    main()
