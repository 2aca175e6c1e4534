"""The house rules that no linter of others knows."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("core", "storage", "ingest", "workers", "api")
COMMANDS = ("training", "benchmarks", "samples", "docs")
SOURCES = [path for room in (*ROOMS, *COMMANDS) for path in sorted((ROOT / room).rglob("*.py"))]
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "base"}
LONGEST = 400  # lines; about 250 is the rule

PYPROJECT = ROOT / "pyproject.toml"
EXTRAS: dict[str, list[str]] = tomllib.loads(PYPROJECT.read_text())["project"]["optional-dependencies"]
BASE: list[str] = tomllib.loads(PYPROJECT.read_text())["project"]["dependencies"]


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=~! ]", line, maxsplit=1)[0].lower() for line in requirements}


def test_the_ground_floor_has_four_files_and_no_more() -> None:
    assert {path.name for path in (ROOT / "core").glob("*.py")} == {
        "__init__.py",
        "settings.py",
        "errors.py",
        "records.py",
        "logs.py",
    }


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [str(path) for path in SOURCES if path.stem in EMPTY_NAMES] == []


def test_no_file_is_named_as_the_standard_library_names_one() -> None:
    # In a folder that is run as a command, such a name would hide the real one.
    hidden = sys.stdlib_module_names - {"__init__", "__main__"}
    assert [str(path) for path in SOURCES if path.parent.name in COMMANDS and path.stem in hidden] == []


def test_a_file_holds_one_idea() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in SOURCES}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST} == {}


def test_every_ignored_rule_has_its_reason_beside_it() -> None:
    text = PYPROJECT.read_text()
    lines = text[text.index("[tool.ruff.lint]") : text.index("[tool.ruff.lint.mccabe]")].splitlines()
    rule = re.compile(r'^\s+"[A-Z]+\d+",')
    bare, reason_above = [], False
    for line in lines:
        if rule.match(line) and "#" not in line and not reason_above:
            bare.append(line.strip())
        reason_above = bool(rule.match(line)) and ("#" in line or reason_above)  # a pair of one kind shares its reason
    assert bare == []


def test_every_exception_from_a_linter_in_the_code_has_its_reason_beside_it() -> None:
    silent = re.compile(r"#\s*noqa(?!: [A-Z0-9, ]+ - \S)")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in SOURCES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if silent.search(line)
    ]
    assert found == []


def imported(path: Path) -> set[str]:
    """The distributions that a file imports, ours and the standard library left out."""
    tree = ast.parse(path.read_text())
    whole = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    parts = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level]
    tops = (
        {name.partition(".")[0] for name in [*whole, *parts]} - sys.stdlib_module_names - {*ROOMS, *COMMANDS, "tests"}
    )
    found = {distributions()[top][0].lower() if top in distributions() else top for top in tops}
    return {name.replace("_", "-") for name in found}


@cache
def distributions() -> Mapping[str, list[str]]:
    return packages_distributions()


def test_every_import_is_declared_for_the_machine_that_runs_it() -> None:
    storage = names(BASE) | names(EXTRAS["postgres"]) | names(EXTRAS["s3"])
    declared = {
        "core": names(BASE),
        "storage": storage,
        "ingest": names(BASE),
        # the import contracts say which files may import torch
        "workers": names(BASE) | names(EXTRAS["remote"]) | names(EXTRAS["worker"]) | names(EXTRAS["measure"]),
        "api": names(BASE) | names(EXTRAS["api"]) | names(EXTRAS["embedded"]) | names(EXTRAS["parquet"]),
    }
    missing = {
        str(path.relative_to(ROOT)): imported(path) - declared[path.relative_to(ROOT).parts[0]]
        for path in SOURCES
        if path.relative_to(ROOT).parts[0] in ROOMS
    }
    assert {path: names for path, names in missing.items() if names} == {}


def test_an_api_machine_installs_no_torch_and_a_worker_machine_no_web_server() -> None:
    torch_side = {"torch", "transformers", "tokenizers", "safetensors"}
    web_side = {"fastapi", "uvicorn", "starlette", "python-multipart"}
    assert not names(BASE) & (torch_side | web_side)
    assert not names(EXTRAS["api"]) & torch_side
    assert not names(EXTRAS["worker"]) & web_side
    assert torch_side <= names(EXTRAS["worker"])
    assert {"fastapi", "uvicorn"} <= names(EXTRAS["api"])


def test_the_command_line_starts_where_neither_torch_nor_a_web_server_is_installed() -> None:
    bare = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "transformers", "fastapi", "starlette", "uvicorn"}:
            raise ModuleNotFoundError(name=name)

sys.meta_path.insert(0, Missing())
sys.argv = ["folioscope", "worker", "--help"]
from api.cli import main
main()
"""
    done = subprocess.run([sys.executable, "-c", bare], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
