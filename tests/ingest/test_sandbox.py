"""Files that bite: each costs at most its own page, and the service goes on."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest

from core.errors import (
    ConfigurationError,
    PageTookTooLong,
    PageTookTooMuchMemory,
    PasswordNeeded,
    TruncatedFile,
    UnreadableFile,
    UnreadablePage,
    UnsupportedFile,
    WrongPassword,
)
from ingest.answers import PageFailure, PageImage
from ingest.limits import Limits
from ingest.sandbox import Sandbox
from tests.ingest import files

MUPDF_ONLY = ("mupdf",)


def _outcome(pages: Iterator[PageImage | PageFailure]) -> list[type | str]:
    """The engine that drew a page, or the class of the error that says why none did."""
    return [page.engine if isinstance(page, PageImage) else type(page.error) for page in pages]


def _write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_a_pdf_is_probed_and_its_pages_drawn_in_order(sandbox: Sandbox, tmp_path: Path) -> None:
    path = files.born_digital(tmp_path / "a.pdf", 5)
    assert sandbox.probe(path).page_count == 5
    pages = list(sandbox.draw(path, None, 2, 4))
    assert [page.number for page in pages] == [2, 3, 4]
    for page in pages:
        assert isinstance(page, PageImage)
        assert (page.width, page.height, page.dpi, page.image_width, page.image_height) == (612, 792, 150, 1275, 1650)
        assert [word[0] for word in page.words[:2]] == ["Page", str(page.number)]
        assert not page.blank


def test_a_file_that_is_no_document_is_refused_by_its_content(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedFile, match="an HTML page"):
        sandbox.probe(_write(tmp_path / "a.pdf", b"<html><body>404"))


def test_a_truncated_pdf_is_refused_although_it_could_be_guessed_at(sandbox: Sandbox, tmp_path: Path) -> None:
    whole = files.born_digital(tmp_path / "a.pdf", 5).read_bytes()
    for share in (0.3, 0.7, 0.97):
        with pytest.raises(TruncatedFile):
            sandbox.probe(_write(tmp_path / "b.pdf", whole[: int(len(whole) * share)]))


def test_a_pdf_with_a_wrong_table_of_objects_is_taken(sandbox: Sandbox, tmp_path: Path) -> None:
    whole = files.pages_pdf([files.INK] * 3)
    damaged = whole.replace(b"startxref\n", b"startxref\n9")
    assert sandbox.probe(_write(tmp_path / "a.pdf", damaged)).page_count == 3


def test_letters_behind_the_end_of_a_pdf_do_no_harm(sandbox: Sandbox, tmp_path: Path) -> None:
    data = files.pages_pdf([files.INK]) + b"\r\n-- \r\nSent by mail\r\n" * 500
    assert sandbox.probe(_write(tmp_path / "a.pdf", data)).page_count == 1


@pytest.mark.parametrize("data", [b"%PDF-1.7", b"%PDF-1.7\n" + b"garbage " * 1000, b"%PDF-1.7\n%%EOF\n"])
def test_garbage_behind_a_pdf_header_is_unreadable(sandbox: Sandbox, tmp_path: Path, data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        sandbox.probe(_write(tmp_path / "a.pdf", data))


def test_a_page_tree_that_claims_a_million_pages_is_refused_at_once(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        sandbox.probe(_write(tmp_path / "a.pdf", files.million_pages()))


def test_a_pdf_without_pages_is_told_apart(sandbox: Sandbox, tmp_path: Path) -> None:
    assert sandbox.probe(_write(tmp_path / "a.pdf", files.zero_pages())).page_count == 0


def test_a_protected_pdf_needs_its_own_password(sandbox: Sandbox, tmp_path: Path) -> None:
    path = files.encrypted(tmp_path / "a.pdf", "pässwort")
    with pytest.raises(PasswordNeeded):
        sandbox.probe(path)
    with pytest.raises(WrongPassword):
        sandbox.probe(path, "guess")
    assert sandbox.probe(path, "pässwort").encrypted
    assert _outcome(sandbox.draw(path, "pässwort", 1, 2)) == ["mupdf", "mupdf"]
    assert _outcome(sandbox.draw(path, None, 1, 2)) == [PasswordNeeded, PasswordNeeded]


def test_a_page_that_burns_cpu_without_end_costs_only_itself(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.pdf", files.nested_forms(bad_page=2, pages=4))
    with Sandbox(Limits(cpu_seconds=1, wall_seconds=30, engines=MUPDF_ONLY)) as sandbox:
        assert sandbox.probe(path).page_count == 4
        assert _outcome(sandbox.draw(path, None, 1, 4)) == ["mupdf", PageTookTooLong, "mupdf", "mupdf"]


def test_a_page_that_burns_cpu_in_every_engine_fails_with_the_first_reason(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.pdf", files.nested_forms())
    with Sandbox(Limits(cpu_seconds=1, wall_seconds=8)) as sandbox:
        assert _outcome(sandbox.draw(path, None, 1, 1)) == [PageTookTooLong]


def test_cpu_is_allowed_by_the_page_and_not_by_the_file(tmp_path: Path) -> None:
    path = _write(
        tmp_path / "a.pdf",
        files.big_image_pdf(12_000).replace(b"/Kids[10 0 R]/Count 1", b"/Kids[" + b"10 0 R " * 9 + b"]/Count 9"),
    )
    with Sandbox(Limits(cpu_seconds=1, engines=MUPDF_ONLY)) as sandbox:
        assert set(_outcome(sandbox.draw(path, None, 1, 9))) == {"mupdf"}


def test_a_child_that_hangs_is_replaced_when_the_clock_runs_out(tmp_path: Path) -> None:
    path = files.born_digital(tmp_path / "a.pdf", 4)
    with Sandbox(Limits(wall_seconds=1, engines=MUPDF_ONLY)) as sandbox:
        pages = sandbox.draw(path, None, 1, 40)
        first = next(pages)
        pages.close()
        assert isinstance(first, PageImage)
        sandbox.probe(path)
        os.kill(sandbox.idle_pids()[0], signal.SIGSTOP)
        assert _outcome(sandbox.draw(path, None, 1, 2)) == [PageTookTooLong, "mupdf"]


def test_a_child_that_is_killed_is_replaced(tmp_path: Path) -> None:
    path = files.born_digital(tmp_path / "a.pdf", 3)
    with Sandbox(Limits(engines=MUPDF_ONLY)) as sandbox:
        sandbox.probe(path)
        os.kill(sandbox.idle_pids()[0], signal.SIGKILL)
        assert set(_outcome(sandbox.draw(path, None, 1, 3))) <= {"mupdf", PageTookTooMuchMemory}
        assert _outcome(sandbox.draw(path, None, 1, 3)) == ["mupdf"] * 3


def test_a_page_too_large_for_the_childs_memory_fails_and_the_next_one_is_drawn(tmp_path: Path) -> None:
    document = pymupdf.open()
    for side in (5_760, 500):  # the first has 12,000 x 12,000 pixels
        document.new_page(width=side, height=side).insert_text((60, 60), "Hello")
    document.save(path := tmp_path / "a.pdf")
    with Sandbox(Limits(memory_bytes=400_000_000, max_page_pixels=150_000_000, engines=MUPDF_ONLY)) as sandbox:
        assert _outcome(sandbox.draw(path, None, 1, 2)) == [PageTookTooMuchMemory, "mupdf"]


def test_a_page_drawn_without_the_picture_that_did_not_fit_counts_as_failed(tmp_path: Path) -> None:
    path = files.greedy_picture(tmp_path / "a.pdf")
    with Sandbox(Limits(memory_bytes=280_000_000, engines=MUPDF_ONLY)) as sandbox:
        assert _outcome(sandbox.draw(path, None, 1, 1)) == [PageTookTooMuchMemory]


@pytest.mark.parametrize(
    ("box", "unit"),
    [
        (b"0 0 14400 14400", b""),
        (b"0 0 2000000 2000000", b""),
        (b"0 0 612 792", b"/UserUnit 75000"),
        (b"0 0 200000 3", b""),
    ],
)
def test_the_resolution_of_a_huge_page_is_lowered_to_fit(
    sandbox: Sandbox, tmp_path: Path, box: bytes, unit: bytes
) -> None:
    (page,) = sandbox.draw(_write(tmp_path / "a.pdf", files.pages_pdf([files.INK], unit, box)), None, 1, 1)
    assert isinstance(page, PageImage)
    assert page.dpi < 150
    assert page.image_width * page.image_height <= sandbox.limits.max_page_pixels
    assert abs(page.image_width - page.width * page.dpi / 72) <= 1.5


def test_user_units_scale_the_page(sandbox: Sandbox, tmp_path: Path) -> None:
    (page,) = sandbox.draw(_write(tmp_path / "a.pdf", files.pages_pdf([files.INK], b"/UserUnit 2")), None, 1, 1)
    assert isinstance(page, PageImage)
    assert (page.width, page.height, page.image_width) == (1224, 1584, 2550)


def test_a_form_that_draws_itself_does_not_hang(sandbox: Sandbox, tmp_path: Path) -> None:
    (page,) = sandbox.draw(_write(tmp_path / "a.pdf", files.self_recursive_form()), None, 1, 1)
    assert isinstance(page, PageImage)
    assert not page.blank


def test_a_page_with_a_picture_of_30000_by_30000_pixels_is_drawn(sandbox: Sandbox, tmp_path: Path) -> None:
    path = _write(tmp_path / "a.pdf", files.big_image_pdf(30_000))
    assert path.stat().st_size < 1_000_000
    (page,) = sandbox.draw(path, None, 1, 1)
    assert isinstance(page, PageImage)
    assert page.engine == "mupdf"


def test_a_page_that_the_file_does_not_have_is_a_failed_page(sandbox: Sandbox, tmp_path: Path) -> None:
    path = files.born_digital(tmp_path / "a.pdf", 2)
    assert _outcome(sandbox.draw(path, None, 2, 3)) == ["mupdf", UnreadablePage]


def test_windows_share_one_warm_child(tmp_path: Path) -> None:
    path = files.born_digital(tmp_path / "a.pdf", 6)
    with Sandbox(Limits(engines=MUPDF_ONLY)) as sandbox:
        seen = set()
        for first in (1, 3, 5):
            list(sandbox.draw(path, None, first, first + 1))
            sandbox.probe(path)
            seen.update(sandbox.idle_pids())
        assert len(seen) == 1


def test_a_child_is_recycled_after_its_pages(tmp_path: Path) -> None:
    path = files.born_digital(tmp_path / "a.pdf", 4)
    with Sandbox(Limits(recycle_pages=2, engines=MUPDF_ONLY)) as sandbox:
        list(sandbox.draw(path, None, 1, 1))
        (first,) = sandbox.idle_pids()
        list(sandbox.draw(path, None, 2, 3))
        assert sandbox.idle_pids() == []
        list(sandbox.draw(path, None, 4, 4))
        assert sandbox.idle_pids() != [first]


def test_a_file_that_changed_under_its_name_is_opened_anew(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    assert sandbox.probe(files.born_digital(path, 2)).page_count == 2
    assert sandbox.probe(files.born_digital(path, 3)).page_count == 3


def test_turning_away_in_the_middle_of_a_window_leaves_nothing_behind(tmp_path: Path) -> None:
    path = files.born_digital(tmp_path / "a.pdf", 8)
    with Sandbox(Limits(engines=MUPDF_ONLY)) as sandbox:
        pages = sandbox.draw(path, None, 1, 8)
        next(pages)
        pages.close()
        assert [page.number for page in sandbox.draw(path, None, 7, 8)] == [7, 8]


def test_threads_share_a_sandbox(tmp_path: Path) -> None:
    paths = [files.born_digital(tmp_path / f"{n}.pdf", n) for n in range(1, 7)]
    counts: dict[Path, int] = {}
    with Sandbox(Limits(engines=MUPDF_ONLY), children=2) as sandbox:
        threads = [
            threading.Thread(target=lambda p=path: counts.update({p: sandbox.probe(p).page_count})) for path in paths
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(sandbox.idle_pids()) <= 2
    assert counts == {path: n for n, path in enumerate(paths, 1)}


def test_no_child_outlives_its_sandbox(tmp_path: Path) -> None:
    with Sandbox(Limits(engines=MUPDF_ONLY)) as sandbox:
        sandbox.probe(files.born_digital(tmp_path / "a.pdf", 1))
        (pid,) = sandbox.idle_pids()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_the_child_knows_no_setting_of_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOLIOSCOPE_API_KEY", "hush")
    with Sandbox(Limits(engines=MUPDF_ONLY)) as sandbox:
        sandbox.probe(files.born_digital(tmp_path / "a.pdf", 1))
        assert b"hush" not in Path(f"/proc/{sandbox.idle_pids()[0]}/environ").read_bytes()


def test_the_child_runs_under_the_kernels_limits(tmp_path: Path) -> None:
    with Sandbox(Limits(engines=MUPDF_ONLY, memory_bytes=777_000_000)) as sandbox:
        sandbox.probe(files.born_digital(tmp_path / "a.pdf", 1))
        limits = Path(f"/proc/{sandbox.idle_pids()[0]}/limits").read_text()
    rows = {line[:25].strip(): line[25:].split() for line in limits.splitlines()}
    assert rows["Max address space"][:2] == ["777000000", "777000000"]
    assert rows["Max core file size"][:2] == ["0", "0"]
    assert rows["Max open files"][:2] == ["64", "64"]
    assert int(rows["Max cpu time"][0]) <= 12


def test_many_files_do_not_use_up_the_childs_open_files(sandbox: Sandbox, tmp_path: Path) -> None:
    for n in range(100):
        path = files.image_file(tmp_path / f"{n}.png", files.grainy((20, 20)))
        assert sandbox.probe(path).page_count == 1


def test_an_unknown_engine_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match="acrobat"):
        Sandbox(Limits(engines=("mupdf", "acrobat")))


def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    path = files.born_digital(tmp_path / "a.pdf", 1)
    read, write = os.pipe()
    parent = os.fork()
    if parent == 0:  # pragma: no cover - the forked service
        forked = Sandbox(Limits(engines=MUPDF_ONLY))
        forked.probe(path)
        os.write(write, str(forked.idle_pids()[0]).encode())
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(parent, 0)
    pid = int(os.read(read, 20))
    os.close(read)
    os.close(write)
    deadline = time.monotonic() + 10
    while _running(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _running(pid)


def _running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_file_of_1000_pages_is_drawn_in_flat_memory(tmp_path: Path) -> None:
    path = files.born_digital(tmp_path / "a.pdf", 1_000, lines=10)
    levels = {}
    with Sandbox(Limits(dpi=50, engines=MUPDF_ONLY)) as sandbox:
        assert sandbox.probe(path).page_count == 1_000
        (child,) = sandbox.idle_pids()
        for first in range(1, 1_001, 25):
            numbers = [
                page.number for page in sandbox.draw(path, None, first, first + 24) if isinstance(page, PageImage)
            ]
            assert numbers == list(range(first, first + 25))
            levels[first + 24] = _resident(child)
            if first + 24 < 1_000:  # the child is recycled behind its last page
                assert sandbox.idle_pids() == [child]
    del levels[1_000]
    warm = max(level for page, level in levels.items() if 50 <= page <= 200)
    assert max(level for page, level in levels.items() if page > 200) < 1.25 * warm


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except FileNotFoundError:
        return 0
