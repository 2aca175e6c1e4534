import json
from pathlib import Path
from typing import Any

import pytest

from api.scores import Outcome, anls, is_exact, shares
from tests.api.commands.conftest import Live, Machine

pytestmark = pytest.mark.timeout(180)

TRUTH = [
    {
        "file": "sub/one.png",
        "fields": {"total": "$ 12.00", "vendor_name": "ACME  Ltd", "due_date": "1 May"},
        "absent": ["iban", "tax"],
        "qa": [["What is the total?", "Twelve dollars"]],
    },
    {"file": "two.png", "fields": {"Policy No.": "policy no 22", "policy_no": "other"}, "absent": []},
    {"file": "missing.png", "fields": {"total": "1.00"}, "absent": ["tax"], "qa": [["Why?", "Because"]]},
]


@pytest.fixture
def docs(live: Live, tmp_path: Path) -> Path:
    """A folder with two pages, and their truth beside it, which also names a file that is not there."""
    folder = tmp_path / "docs"
    (folder / "sub").mkdir(parents=True)
    live.picture("one.png", 21).rename(folder / "sub" / "one.png")
    live.picture("two.png", 22).rename(folder / "two.png")
    (tmp_path / "truth.jsonl").write_text("".join(json.dumps(line) + "\n" for line in TRUTH))
    return folder


def evaluated(live: Live, docs: Path) -> tuple[dict[str, Any], str]:
    done = live.machine.run("evaluate", str(docs), "--truth", str(docs.parent / "truth.jsonl"), "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def test_white_space_and_case_do_not_count() -> None:
    assert is_exact(" acme\n LTD ", "Acme Ltd")
    assert not is_exact("acmeltd", "Acme Ltd")
    assert not is_exact(None, "")


@pytest.mark.parametrize(
    ("said", "truth", "similar"),
    [("Acme Ltd", "acme ltd", 1.0), ("Acme Ltb", "Acme Ltd", 0.875), ("abc", "abcdef", 0.5), ("abcd", "wxyz", 0.0)],
)
def test_anls_is_one_minus_edits_over_length_and_nothing_under_one_half(said: str, truth: str, similar: float) -> None:
    assert anls(said, truth) == similar
    assert anls(None, truth) == 0


def test_shares_of_nothing_are_none_and_not_zero() -> None:
    assert shares([Outcome("iban", None, None)]) == {
        "exact_match": None,
        "anls": None,
        "values_on_absent": 0.0,
        "fields": 0,
        "absent": 1,
    }


def test_evaluate_measures_fields_of_known_schemas_and_of_the_truth_s_own(live: Live, docs: Path) -> None:
    report, _ = evaluated(live, docs)
    assert report["overall"] == {
        "exact_match": round(2 / 6, 4),  # total of one.png, Policy No. of two.png
        "anls": round((1 + 7 / 8 + 1) / 6, 4),
        "values_on_absent": round(1 / 3, 4),  # the iban
        "fields": 6,
        "absent": 3,
    }
    assert report["fields"]["total"]["exact_match"] == 0.5
    assert report["fields"]["Policy No."]["exact_match"] == 1.0
    assert report["fields"]["iban"] == {
        "exact_match": None,
        "anls": None,
        "values_on_absent": 1.0,
        "fields": 0,
        "absent": 1,
    }
    assert report["qa"] == {"exact_match": 0.5, "anls": 0.5, "questions": 2}


def test_a_file_that_is_missing_is_named_and_counts_as_wrong(live: Live, docs: Path) -> None:
    report, noted = evaluated(live, docs)
    assert [(error["file"], error["code"]) for error in report["errors"]] == [("missing.png", "unreadable-file")]
    assert "not read, counted as wrong: missing.png: The file cannot be read" in noted
    assert report["files"]["missing.png"]["exact_match"] == 0.0


def test_evaluate_leaves_no_document_behind_but_those_that_were_there(live: Live, docs: Path) -> None:
    kept = live.picture("kept.png", 22)
    live.machine.run("upload", str(kept))
    with live.client() as folioscope:
        before = {document.id for document in folioscope.documents()}
        evaluated(live, docs)
        assert {document.id for document in folioscope.documents()} == before


def test_a_share_that_was_asked_for_and_is_missed_is_exit_code_5(live: Live, docs: Path) -> None:
    words = ("evaluate", str(docs), "--truth", str(docs.parent / "truth.jsonl"), "--at-least")
    assert live.machine.run(*words, "0.3").returncode == 0
    done = live.machine.run(*words, "0.5")
    assert (done.returncode, done.stderr.endswith("(evaluation-failed)\n")) == (5, True)
    assert done.stdout.splitlines()[-2].split() == ["all", "33%", "0.48", "33%", "6", "3"]
    assert done.stdout.splitlines()[-1] == "Questions answered exactly: 50% of 2 (ANLS 0.50)."


@pytest.mark.parametrize(
    ("text", "says"), [("{}", "line 1: file"), ('{"file": "a.pdf"}\nnonsense\n', "line 2"), ("\n", "has no lines")]
)
def test_a_truth_that_cannot_be_read_is_named_with_its_line(live: Live, tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "truth.jsonl").write_text(text)
    done = live.machine.run("evaluate", str(tmp_path), "--truth", str(tmp_path / "truth.jsonl"))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert says in done.stderr


def test_without_a_service_evaluate_starts_its_own_for_a_while(machine: Machine, docs: Path) -> None:
    done = machine.spawn("evaluate", str(docs), "--truth", str(docs.parent / "truth.jsonl"), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["overall"]["exact_match"] == round(2 / 6, 4)
    assert not (machine.folder / ".folioscope").exists()
