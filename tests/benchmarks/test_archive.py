"""The archive that questions are measured on: what is known of it is true, right answers are told from wrong ones."""

import json
import sys
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from benchmarks.archive import Reply, curve_at, main
from benchmarks.archive_documents import Known, Told, build, described
from benchmarks.archive_judge import Read, Verdict, judge
from benchmarks.archive_questions import KINDS, ask
from benchmarks.archive_records import fill, said_to
from benchmarks.archive_wants import Condition, Want, work_out
from benchmarks.archive_world import Question, truth_of
from training.render import Split, TooFewFonts, builtin_fonts, installed_fonts
from training.render.fonts import Fonts
from workers.typed.folding import bare

DOCUMENTS = 12


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archive")


@pytest.fixture(scope="module")
def fonts() -> Fonts:
    try:
        return installed_fonts()
    except TooFewFonts:
        return builtin_fonts()


@pytest.fixture(scope="module")
def archive(folder: Path, fonts: Fonts) -> list[Known]:
    return build(folder, DOCUMENTS, Split.HELD_OUT, born_digital=0.7, fonts=fonts)


def test_what_is_known_stands_on_its_page_where_it_is_said_to_stand(archive: list[Known], folder: Path) -> None:
    seen = 0
    for known in archive:
        with pymupdf.open(folder / "files" / known.file) as file:
            assert len(file) == known.pages
            for told in known.told if known.layer else ():
                page = file[told.page - 1]
                box = pymupdf.Rect(told.box) * pymupdf.Matrix(page.rect.width, page.rect.height)
                assert bare(told.text) in bare(
                    page.get_textbox(pymupdf.Rect(box.x0 - 2, box.y0 - 2, box.x1 + 2, box.y1 + 2))
                )
                seen += 1
    assert seen > DOCUMENTS


def test_pictures_have_no_text_of_their_own(archive: list[Known], folder: Path) -> None:
    pictures = [known for known in archive if not known.layer]
    assert pictures
    for known in pictures:
        with pymupdf.open(folder / "files" / known.file) as file:
            assert not any(page.get_text().strip() for page in file)


def test_an_archive_that_is_there_is_taken_as_it_is(archive: list[Known], folder: Path) -> None:
    assert build(folder, DOCUMENTS, Split.HELD_OUT, born_digital=0.7) == archive


def test_every_kind_is_asked_and_nothing_twice(archive: list[Known]) -> None:
    questions = ask(archive, 60, Split.HELD_OUT)
    assert {question.kind for question in questions} == set(KINDS)
    assert len({question.text for question in questions}) == len(questions)
    assert all(not q.answers and not q.places for q in questions if q.kind == "unanswerable")


# -- judging

INVOICE = Want("invoice", "sum", "total", (Condition("vendor_name", name="Acme"),))
TABLE: dict[str, dict[str, tuple[str, str | None]]] = {
    "a.pdf": {"vendor_name": ("Acme Ltd", None), "total": ("10.00", "EUR")},
    "b.pdf": {"vendor_name": ("ACME Ltd.", None), "total": ("2.50", "EUR")},
    "c.pdf": {"vendor_name": ("Other Ltd", None), "total": ("99.00", "EUR")},
    "d.pdf": {"vendor_name": ("Acme Ltd", None)},
}


def known_of(table: dict[str, Any]) -> list[Known]:
    """Documents that state what a table says."""
    return [
        Known(
            file=file,
            schema="invoice",
            language="en",
            pages=1,
            layer=True,
            grade="clean",
            issuer="",
            told=tuple(Told(f, f, value, 1, (0.1, 0.1, 0.3, 0.2), value, code) for f, (value, code) in row.items()),
            lacks=(),
        )
        for file, row in table.items()
    ]


def plan(number: str, files: tuple[str, ...]) -> dict[str, Any]:
    """An exact answer."""
    citations = [{"document_name": file, "page": 1} for file in files]
    return {
        "state": "found",
        "kind": "exact",
        "text": f"EUR {number}",
        "plan": {"number": number, "currency": "EUR", "rows": len(files), "citations": citations},
    }


def judged(said: dict[str, Any], read: dict[str, Any] | None = None) -> Verdict:
    """A verdict on what was said to the question of all invoices of Acme."""
    question = Question("sum", "?", ("12.50",), (("a.pdf", 1), ("b.pdf", 1)), "invoice", "total", INVOICE)
    tables: dict[str, Any] = {"invoice": read or TABLE}
    wrong = {(file, f) for file in TABLE for f in TABLE[file] if tables["invoice"][file].get(f) != TABLE[file][f]}
    return judge(question, said, known_of(TABLE), Read(tables, frozenset(wrong)))


def test_groups_of_one_name_are_judged_together_and_of_each_currency_apart() -> None:
    want = Want("invoice", "per", "total", per="vendor_name")
    question = Question("documents", "?", (), (), "invoice", "total", want)
    table = TABLE | {"e.pdf": {"vendor_name": ("Acme Ltd", None), "total": ("7.00", "GBP")}}
    groups = [("Acme Ltd", "10.0", "EUR"), ("ACME Ltd.", "2.50", "EUR"), ("Other Ltd", "99", "EUR")]
    read = Read({"invoice": table}, frozenset())
    for pounds, right in (("7", True), ("8", False)):
        told = [
            {"key": key, "number": number, "currency": code}
            for key, number, code in (*groups, ("Acme Ltd", pounds, "GBP"))
        ]
        said = plan("0", ("a.pdf", "b.pdf", "c.pdf", "e.pdf"))
        said["plan"] |= {"groups": told}
        assert judge(question, said, known_of(table), read).over_read is right


def test_a_name_inside_another_word_is_another_name() -> None:
    table = {"a.pdf": {"vendor_name": ("Sterling eG", None)}, "b.pdf": {"vendor_name": ("Sterling eGG", None)}}
    want = Want("invoice", "list", conditions=(Condition("vendor_name", name="Sterling eG"),))
    assert work_out(want, table).documents == {"a.pdf"}


def test_a_sum_counts_all_spellings_of_a_name_and_leaves_out_what_has_no_amount() -> None:
    result = work_out(INVOICE, truth_of(known_of(TABLE), "invoice"))
    assert (dict(result.numbers), sorted(result.documents)) == ({"EUR": "12.50"}, ["a.pdf", "b.pdf"])


def test_a_right_number_with_all_its_rows_is_right_and_cited() -> None:
    verdict = judged(plan("12.50", ("a.pdf", "b.pdf")))
    assert (verdict.right, verdict.cited, verdict.over_read, verdict.rows_cited) == (True, True, True, True)


def test_a_right_number_without_one_of_its_rows_is_not_cited() -> None:
    verdict = judged(plan("12.50", ("a.pdf",)))
    assert (verdict.right, verdict.cited, verdict.rows_cited) == (True, False, False)


def test_a_number_that_follows_from_what_was_misread_is_wrong_and_yet_exact() -> None:
    misread = TABLE | {"b.pdf": {"vendor_name": ("ACME Ltd.", None), "total": ("7.50", "EUR")}}
    verdict = judged(plan("17.50", ("a.pdf", "b.pdf")), misread)
    assert (verdict.right, verdict.over_read, verdict.rows_cited, verdict.read_rightly) == (False, True, True, False)


def test_a_number_that_follows_from_nothing_is_not_exact() -> None:
    assert judged(plan("12.00", ("a.pdf", "b.pdf"))).over_read is False


def test_a_lookup_is_right_however_its_date_is_written_and_cited_by_page_and_place() -> None:
    known = known_of({"a.pdf": {"due_date": ("3 April 2022", None)}})
    question = Question("lookup", "?", ("3 April 2022",), (("a.pdf", 1),), "invoice", "due_date")
    evidence = {"document_name": "a.pdf", "page": 1, "box": [0.1, 0.1, 0.3, 0.2]}
    said = {"state": "found", "text": "2022-04-03", "evidence": evidence}
    there = judge(question, said, known, Read({}, frozenset()))
    elsewhere = judge(question, said | {"evidence": evidence | {"page": 2}}, known, Read({}, frozenset()))
    assert (there.right, there.cited, there.box) == (True, True, True)
    assert (elsewhere.right, elsewhere.cited, elsewhere.box) == (True, False, False)


def test_a_refusal_is_right_where_nothing_answers_alone() -> None:
    said = {"state": "not_found", "text": None}
    nothing = Question("unanswerable", "?")
    something = Question("lookup", "?", ("1",), (("a.pdf", 1),), "invoice", "total")
    read = Read({}, frozenset())
    assert [judge(q, said, known_of(TABLE), read).right for q in (nothing, something)] == [True, False]


def test_a_higher_threshold_refuses_more() -> None:
    def reply(kind: str, confidence: float, *, right: bool) -> Reply:
        said = {"state": "found", "confidence": confidence}
        return Reply(Question(kind, "?"), said, 0.1, Verdict(answered=True, right=right, cited=right, box=right))

    replies = [
        reply("lookup", 0.9, right=True),
        reply("lookup", 0.4, right=False),
        reply("unanswerable", 0.6, right=False),
    ]
    low, high = curve_at(replies, 0.3), curve_at(replies, 0.7)
    assert (low["right"], low["wrong"], low["answered"]) == (1, 1, 1)
    assert (high["right"], high["wrong"], high["refused"], high["answered"]) == (1, 0, 1, 0)


# -- the whole of it


def test_what_was_read_rightly_is_counted_and_added_up_exactly_with_every_row(tmp_path: Path, fonts: Fonts) -> None:
    documents = list(described(2 * DOCUMENTS, Split.HELD_OUT, fonts=fonts))
    filled = fill(f"sqlite:///{tmp_path / 'archive.db'}", documents)
    wanted = [question for question in ask(filled.archive, 40, Split.HELD_OUT) if question.want]
    verdicts = [one.verdict for one in (said_to(filled, question) for question in wanted) if one.verdict]
    filled.engine.dispose()
    assert len(verdicts) > len(wanted) / 2
    assert all(verdict.right and verdict.cited for verdict in verdicts)


def test_an_archive_is_read_and_asked_by_a_service_of_its_own(
    folder: Path,
    archive: list[Known],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    script, replies = tmp_path / "script.json", tmp_path / "replies.jsonl"
    script.write_text(json.dumps({"answers": {}}))
    environment = {
        "SCRIPTED_MODEL": str(script),
        "FOLIOSCOPE_MODEL": "tests.scripted_model:load",
        "FOLIOSCOPE_PORT": "0",
        "FOLIOSCOPE_POLL_SECONDS": "0.2",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    words = ["--keep", str(folder), "--documents", str(DOCUMENTS), "--questions", "5", "--replies", str(replies)]
    monkeypatch.setattr(sys, "argv", ["archive", *words])
    main()
    assert "right page among the first 5" in capsys.readouterr().out
    said = [json.loads(line)["said"]["state"] for line in replies.read_text().splitlines()]
    assert len(said) >= len(KINDS)
    assert set(said) <= {"found", "not_found"}
