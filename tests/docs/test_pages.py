"""What the documentation points to is there: files, commands, make targets, settings, decisions."""

import re
from pathlib import Path

import pytest
import typer

from api.cli import app
from core.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def each_page() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@each_page()
def test_every_link_leads_to_a_file_that_is_there(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text())
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (page.parent / link).exists()] == []


@each_page()
def test_every_setting_that_is_named_exists(page: Path) -> None:
    named = set(re.findall(r"FOLIOSCOPE_([A-Z_]+[A-Z])", page.read_text()))
    of_compose = {"BIND", "PORT"}  # variables of docker-compose.yml
    assert named - {name.upper() for name in Settings.model_fields} - of_compose == set()


@each_page()
def test_every_command_that_is_named_exists(page: Path) -> None:
    named = set(re.findall(r"(?:^ {4}|`)folioscope ([a-z]+)", page.read_text(), re.MULTILINE))
    group = typer.main.get_command(app)
    assert named - set(getattr(group, "commands", {})) == set()


@each_page()
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^ {4}|`)make ([a-z]+)", page.read_text(), re.MULTILINE))
    assert named - targets == set()


def test_every_decision_is_listed_and_says_what_enforces_it() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = (folder / "README.md").read_text()
    for path in sorted(folder.glob("0*.md")):
        text = path.read_text()
        assert f"]({path.name})" in listed, path.name
        assert all(f"**{part}" in text for part in ("Context.", "Decision.", "Consequences.", "Enforced by")), path.name


def test_the_readme_opens_with_the_two_commands() -> None:
    head = (ROOT / "README.md").read_text().splitlines()[:15]
    assert any("make demo" in line for line in head)
    assert any("make test" in line for line in head)


def test_the_licence_is_the_agpl_and_the_readme_says_why() -> None:
    assert "GNU AFFERO GENERAL PUBLIC LICENSE" in (ROOT / "LICENSE").read_text()
    assert "PyMuPDF" in (ROOT / "README.md").read_text().partition("## Licence")[2]
    assert 'license = "AGPL-3.0-or-later"' in (ROOT / "pyproject.toml").read_text()
