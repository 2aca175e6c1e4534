"""Folders and zips: the good files go in, and each refused one is named with its reason."""

import os
import resource
import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from core.errors import ServiceUnavailable
from ingest.bulk import Found, Refused, expand
from ingest.limits import ArchiveLimits

PDF = b"%PDF-1.7 good enough to be looked at"
LIMITS = ArchiveLimits()


def _outcome(path: Path, limits: ArchiveLimits = LIMITS) -> list[tuple[str, str]]:
    """Name and error code of each entry; a found file's code is its content's first word."""
    return [
        (e.name, e.error.code) if isinstance(e, Refused) else (e.name, e.path.read_bytes()[:4].decode())
        for e in expand(path, limits)
    ]


def _zip(path: Path, **entries: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def test_a_folder_is_walked_in_the_order_of_its_names(tmp_path: Path) -> None:
    for name in ("b.pdf", "a/z.pdf", "a/y.pdf", "c.pdf"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(PDF)
    assert [name for name, _ in _outcome(tmp_path)] == ["a/y.pdf", "a/z.pdf", "b.pdf", "c.pdf"]


def test_links_in_a_folder_are_named_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "secret.pdf").write_bytes(PDF)
    (tmp_path / "folder" / "link.pdf").symlink_to(tmp_path / "secret.pdf")
    (tmp_path / "folder" / "loop").symlink_to(tmp_path / "folder")
    assert _outcome(tmp_path / "folder") == [("link.pdf", "unsupported-file"), ("loop", "unsupported-file")]


def test_a_named_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")
    assert _outcome(tmp_path) == [("pipe.pdf", "unsupported-file")]


def test_empty_large_foreign_and_missing_files_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "empty.pdf").touch()
    (tmp_path / "large.pdf").write_bytes(PDF * 100)
    (tmp_path / "notes.pdf").write_bytes(b"just text")
    (tmp_path / "ok.txt").write_bytes(PDF)
    limits = ArchiveLimits(max_file_bytes=1_000)
    assert _outcome(tmp_path, limits) == [
        ("empty.pdf", "empty-file"),
        ("large.pdf", "file-too-large"),
        ("notes.pdf", "unsupported-file"),
        ("ok.txt", "%PDF"),
    ]
    assert _outcome(tmp_path / "nowhere.pdf") == [("nowhere.pdf", "unreadable-file")]


def test_what_systems_leave_behind_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".DS_Store").write_bytes(b"\0")
    path = _zip(tmp_path / "a.zip", **{"__MACOSX/._a.pdf": b"\0", "a.pdf": PDF})
    assert _outcome(path) == [("a.zip/a.pdf", "%PDF")]
    path.unlink()
    assert _outcome(tmp_path) == []


def test_a_zip_gives_its_good_files_and_names_the_others(tmp_path: Path) -> None:
    inner = _zip(tmp_path / "inner.zip", **{"a.pdf": PDF}).read_bytes()
    path = _zip(
        tmp_path / "mail.zip", **{"x/a.pdf": PDF, "b.txt": b"hello", "c.pdf": b"", "d.zip": inner, "e.pdf": PDF}
    )
    assert _outcome(path) == [
        ("mail.zip/b.txt", "unsupported-file"),
        ("mail.zip/c.pdf", "empty-file"),
        ("mail.zip/d.zip", "bad-archive"),
        ("mail.zip/e.pdf", "%PDF"),
        ("mail.zip/x/a.pdf", "%PDF"),
    ]


def test_a_zip_in_a_folder_is_unpacked(tmp_path: Path) -> None:
    _zip(tmp_path / "a.zip", **{"a.pdf": PDF})
    assert _outcome(tmp_path) == [("a.zip/a.pdf", "%PDF")]


def test_names_that_lead_out_of_the_archive_are_refused(tmp_path: Path) -> None:
    path = _zip(
        tmp_path / "a.zip",
        **{"../up.pdf": PDF, "/root.pdf": PDF, "C:\\win.pdf": PDF, "a/../../b.pdf": PDF, "ok.pdf": PDF},
    )
    assert sorted(code for _, code in _outcome(path)) == [
        "%PDF",
        "bad-archive",
        "bad-archive",
        "bad-archive",
        "bad-archive",
    ]
    assert not (tmp_path.parent / "up.pdf").exists()


def test_links_in_an_archive_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.pdf")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert _outcome(tmp_path / "a.zip") == [("a.zip/link.pdf", "bad-archive")]


def test_an_entry_that_blows_up_is_refused_and_its_neighbour_taken(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", **{"bomb.pdf": PDF + bytes(20_000_000), "ok.pdf": PDF})
    assert _outcome(path) == [("a.zip/bomb.pdf", "bad-archive"), ("a.zip/ok.pdf", "%PDF")]


@pytest.mark.parametrize("limits", [ArchiveLimits(max_files=2), ArchiveLimits(max_bytes=50)])
def test_a_zip_with_too_much_in_it_is_refused_whole(tmp_path: Path, limits: ArchiveLimits) -> None:
    path = _zip(tmp_path / "a.zip", **{f"{n}.pdf": PDF for n in range(3)})
    assert _outcome(path, limits) == [("a.zip", "bad-archive")]


def test_a_directory_too_large_to_read_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", **{f"{n}-{'x' * 900}.pdf": b"" for n in range(40)})
    (entry,) = expand(path, ArchiveLimits(max_files=10))
    assert isinstance(entry, Refused)
    assert "directory" in entry.error.detail


def test_entries_that_share_their_bytes_are_a_bomb(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", **{"a.pdf": os.urandom(5_000)})
    with zipfile.ZipFile(path, "a") as archive:
        for n in range(5):
            twin = zipfile.ZipInfo(f"{n}.pdf")
            twin.compress_size = twin.file_size = 5_000
            twin.CRC = 0
            twin.header_offset = archive.infolist()[0].header_offset
            archive.filelist.append(twin)
        archive._didModify = True  # type: ignore[attr-defined]
    assert _outcome(path) == [("a.zip", "bad-archive")]


def test_a_damaged_zip_is_refused_with_its_reason(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", **{"a.pdf": os.urandom(5_000), "b.pdf": PDF})
    whole = path.read_bytes()
    path.write_bytes(whole[:2_000])
    assert _outcome(path) == [("a.zip", "bad-archive")]
    path.write_bytes(
        whole[:1_000] + b"\0" * 100 + whole[1_100:]
    )  # the first file's bytes no longer match their checksum
    assert ("a.zip/b.pdf", "%PDF") in _outcome(path)


def test_an_entry_with_a_broken_checksum_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.pdf", PDF * 200)
    path.write_bytes(path.read_bytes().replace(b"good", b"evil", 1))
    assert _outcome(path) == [("a.zip/a.pdf", "bad-archive")]


def test_a_packed_copy_is_gone_when_the_next_one_comes(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", **{"a.pdf": PDF, "b.pdf": PDF})
    seen = [entry.path for entry in expand(path, LIMITS) if isinstance(entry, Found)]
    assert not any(copy.exists() for copy in seen)


def test_control_characters_in_names_are_shown_harmless(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", **{"a\x1b[31m.pdf": PDF})
    assert [name for name, _ in _outcome(path)] == ["a.zip/a\N{REPLACEMENT CHARACTER}[31m.pdf"]


def test_a_machine_without_room_does_not_call_the_file_damaged(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", **{"a.pdf": PDF + os.urandom(100_000)})
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    for more in range(100):  # first not even the zip can be opened, then not its copy
        resource.setrlimit(resource.RLIMIT_NOFILE, (free + more, hard))
        try:
            entries = list(expand(path, LIMITS, scratch=tmp_path))
        except ServiceUnavailable as error:
            assert error.facts == {"part": "disk"}  # noqa: PT017 - it depends on the limit whether it is raised
        else:
            break
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert [type(entry) for entry in entries] == [Found]
    assert more > 1


def test_a_copy_that_cannot_be_written_does_not_call_the_file_damaged(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", **{"a.pdf": PDF, "b.pdf": PDF})
    entries = expand(path, LIMITS, scratch=tmp_path)
    first = next(entries)
    assert isinstance(first, Found)
    shutil.rmtree(first.path.parent)
    with pytest.raises(ServiceUnavailable):
        next(entries)


def test_a_file_that_goes_away_while_it_is_looked_at_is_not_refused_for_good(tmp_path: Path) -> None:
    for name in ("a.pdf", "b.pdf"):
        (tmp_path / name).write_bytes(PDF)
    entries = expand(tmp_path, LIMITS)
    next(entries)
    (tmp_path / "b.pdf").unlink()
    (tmp_path / "b.pdf").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ServiceUnavailable):
        next(entries)
