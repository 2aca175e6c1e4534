"""One answer from many pages, with its evidence, or an honest "not in these documents"."""

from typing import Any

from core.records import StopReason
from workers.answer import reply_of
from workers.choice import PageReply, choose_answer
from workers.confidence import Calibrator, Curve, TrustTable
from workers.inference import Inference
from workers.subject_words import about
from workers.vlm.interface import Generation, Prompt, PromptKind

NAMES = {"d1": "one.pdf", "d2": "two.pdf"}


def _reply(document: str, page: int, text: str | None, confidence: float | None = None) -> PageReply:
    return PageReply(
        document, page, {"text": text, "confidence": confidence, "box": [0.1, 0.2, 0.3, 0.4], "inference": "key"}
    )


def _choose(*replies: PageReply, threshold: float = 0.5) -> dict[str, Any]:
    return choose_answer(replies, NAMES, threshold, not_looked_at=3)


def test_the_most_confident_page_answers_and_is_the_evidence() -> None:
    answer = _choose(_reply("d1", 1, "9 May", 0.6), _reply("d2", 4, "12.00", 0.9), _reply("d2", 5, None, 0.99))
    assert (answer["state"], answer["text"], answer["confidence"]) == ("found", "12.00", 0.9)
    assert answer["evidence"] == {"document": "d2", "document_name": "two.pdf", "page": 4, "box": [0.1, 0.2, 0.3, 0.4]}
    assert [a["text"] for a in answer["alternatives"]] == ["9 May"]
    assert (answer["pages_looked_at"], answer["not_looked_at"]) == (3, 3)


def test_pages_that_say_the_same_support_each_other() -> None:
    answer = _choose(_reply("d1", 1, "Acme", 0.7), _reply("d1", 2, "Zenith", 0.72), _reply("d2", 1, "ACME", 0.6))
    assert answer["text"] == "Acme"
    assert 0.72 < answer["confidence"] < 0.7 + 0.6 * 0.3


def test_under_the_threshold_nothing_is_answered_but_the_reading_is_shown() -> None:
    answer = _choose(_reply("d1", 1, "12.00", 0.4))
    assert (answer["state"], answer["text"], answer["evidence"], answer["confidence"]) == (
        "not_found",
        None,
        None,
        None,
    )
    assert [(a["text"], a["evidence"]["page"]) for a in answer["alternatives"]] == [("12.00", 1)]


def test_no_page_with_an_answer_is_said_so() -> None:
    answer = _choose(_reply("d1", 1, None, 0.99), PageReply("d1", 2, {"text": None, "reason": "generation-loops"}))
    assert (answer["state"], answer["text"], answer["alternatives"], answer["pages_unreadable"]) == (
        "not_found",
        None,
        [],
        1,
    )


def test_no_pages_at_all_give_no_answer() -> None:
    assert _choose()["state"] == "not_found"


def test_a_model_without_probabilities_still_answers() -> None:
    answer = _choose(_reply("d1", 1, "12.00", None))
    assert (answer["state"], answer["text"], answer["confidence"]) == ("found", "12.00", None)


def test_an_answer_is_as_sure_as_answers_like_it_were_right() -> None:
    said = Generation("12.00", None, None, StopReason.END, 0.0, 0.9)
    answered = Inference(Prompt("answer", PromptKind.QUESTION, "What is the total?"), "key", said, fresh=True)
    table = TrustTable({"any": Curve((0.8, 1.0), (0.4, 0.6), 50)})
    told = reply_of(answered, Calibrator(table))
    assert (round(told["confidence"], 3), told["model_confidence"]) == (0.5, 0.9)
    assert reply_of(answered, None)["confidence"] == 0.9  # nobody has labelled answers of this model


def test_a_name_is_no_answer_to_when() -> None:
    asked = about("When does the comet return?")
    for text, state in (
        ("Dr. Priya Mercier", "not_found"),
        ("in May", "found"),
        ("2061", "found"),
        ("montags", "found"),
    ):
        answer = choose_answer([_reply("d1", 1, text, 0.9)], NAMES, 0.5, 0, about=asked)
        assert answer["state"] == state, text
