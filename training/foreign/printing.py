"""The programs that print the drafts to PDF: WeasyPrint, LibreOffice Writer and Calc, pdfLaTeX."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import weasyprint

from training.foreign.draft import Draft, Tool
from training.foreign.filling import TEMPLATES, fill

PACKAGES = {
    "soffice": "libreoffice-writer-nogui libreoffice-calc-nogui",
    "pdflatex": "texlive-latex-base texlive-latex-recommended texlive-fonts-recommended texlive-latex-extra "
    "texlive-lang-german lmodern",
}


class ToolMissing(Exception):
    """A program that prints pages is not installed."""


def print_all(drafts: Mapping[str, Draft], folder: Path) -> None:
    """Print each draft to `<name>.pdf` in the folder."""
    with tempfile.TemporaryDirectory() as scratch:
        made = {name: Path(scratch) / f"{name}.{draft.tool}" for name, draft in drafts.items()}
        for name, draft in drafts.items():
            made[name].write_text(fill(draft), "utf-8")
        for tool, printer in ((Tool.WEASYPRINT, _weasyprint), (Tool.LATEX, _latex)):
            for name in (name for name, draft in drafts.items() if draft.tool is tool):
                printer(made[name], folder / f"{name}.pdf")
        office = [made[name] for name, draft in drafts.items() if draft.tool in {Tool.WRITER, Tool.CALC}]
        if office:
            _office(office, folder, Path(scratch))


def _weasyprint(source: Path, target: Path) -> None:
    weasyprint.HTML(filename=source, base_url=str(TEMPLATES)).write_pdf(target)


def _latex(source: Path, target: Path) -> None:
    for _ in range(2):  # the second run knows the widths of long tables
        _run("pdflatex", "-interaction=nonstopmode", "-halt-on-error", source.name, folder=source.parent)
    shutil.copyfile(source.with_suffix(".pdf"), target)


def _office(sources: list[Path], folder: Path, scratch: Path) -> None:
    profile = f"-env:UserInstallation=file://{scratch}/profile"
    where = str(folder.resolve())
    for ending in ("fodt", "fods"):
        some = [str(source) for source in sources if source.suffix == f".{ending}"]
        if some:
            _run("soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", where, *some, folder=scratch)


def _run(program: str, *arguments: str, folder: Path) -> None:
    """Run a program quietly; what it said is shown where it fails."""
    found = shutil.which(program)
    if found is None:
        raise ToolMissing(f"{program} is missing. On Debian or Ubuntu: apt install {PACKAGES[program]}")
    command = [found, *arguments]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, env=environment)  # noqa: S603 - our own templates
    if done.returncode:
        raise RuntimeError(f"{program} failed: {done.stdout.decode(errors='replace')[-2000:]}")
