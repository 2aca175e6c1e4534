"""Schemas on the web page: shown, compared, made and changed by a form, tried on a page, suggested from documents."""

import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from fastapi.testclient import TestClient

from api.web.draft_bodies import draft_of_body
from api.web.drafts import build
from storage.schemas import wanted_of
from tests.api.conftest import parts
from tests.api.web.conftest import word_of
from tests.scripted_model import ScriptedModel

WORD = "X-Folioscope-Word"
BUILTINS = sorted((Path(__file__).parents[3] / "storage" / "builtin_schemas").glob("*.json"))
POLICY = {
    "name": "policy",
    "f.0.name": "policy_number",
    "f.0.title": "Policy number",
    "f.0.kind": "text",
    "f.0.examples": "A-1 | A-2",
    "f.0.required": "yes",
    "f.1.name": "total",
    "f.1.kind": "money",
    "f.2.name": "cars",
    "f.2.kind": "table",
    "f.2.f.0.name": "plate",
    "f.2.f.1.name": "premium",
    "f.2.f.1.kind": "money",
    "f.3.name": "payment",
    "f.3.kind": "choice",
    "f.3.choices": "yearly | monthly",
    "rules": "all cars: sum(cars.premium) = total",
    "target": "0.95",
}
BODY: dict[str, Any] = {
    "type": "object",
    "properties": {
        "policy_number": {"type": "string", "title": "Policy number", "examples": ["A-1", "A-2"]},
        "total": {"type": "string", "format": "money"},
        "cars": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"plate": {"type": "string"}, "premium": {"type": "string", "format": "money"}},
            },
        },
        "payment": {"type": "string", "enum": ["yearly", "monthly"]},
    },
    "required": ["policy_number"],
    "folioscope": {"rules": [{"name": "all cars", "check": "sum(cars.premium) = total"}], "target": 0.95},
}


def send(browser: TestClient, place: str, said: dict[str, str], **more: str) -> Any:
    """Send the form of a schema."""
    return browser.post(place, data={"word": word_of(browser), **said, **more}, follow_redirects=False)


def said_by(page: str) -> dict[str, str]:
    """What a form on a page says, as a browser would send it."""
    form = page[page.index('id="editor"') :]
    said = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = (re.search(rf'{word}="([^"]*)"', tag) for word in ("name", "value"))
        if name and ('type="checkbox"' not in tag or " checked" in tag):
            said[name[1]] = unescape(value[1]) if value else ""
    for name_, text in re.findall(r'<textarea name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        said[name_] = unescape(text)
    for name_, options in re.findall(r'<select name="([^"]*)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        said[name_] = chosen[1] if chosen else ""
    return said


def body_of(browser: TestClient, key: str, name: str) -> dict[str, Any]:
    """The latest version, as the API gives it."""
    return browser.get(f"/v1/schemas/{name}", headers={"Authorization": f"Bearer {key}"}).json()  # type: ignore[no-any-return]


@pytest.mark.parametrize("path", BUILTINS, ids=lambda path: path.stem)
def test_a_schema_comes_through_the_form_unharmed(path: Path) -> None:
    body = json.loads(path.read_text("utf-8"))
    built = build(draft_of_body(path.stem, body))
    assert built.faults == {}
    assert built.body == body
    assert wanted_of(built.body) == wanted_of(body)


def test_what_the_form_has_no_word_for_is_kept() -> None:
    leaf = {"type": "string", "title": "Code", "pattern": "^A", "maxLength": 9}
    odd = {"enum": [1, 2]}
    items = {"type": "array", "minItems": 2, "items": {"type": "string", "format": "date"}}
    group = {"type": "object", "properties": {"a": {"type": "integer", "minimum": 3}}}
    body: dict[str, Any] = {"type": "object", "properties": {"code": leaf, "odd": odd, "days": items, "group": group}}
    body |= {"folioscope": {"verify": False, "rules": ["code = code"]}, "additionalProperties": False}
    assert build(draft_of_body("x", body)).body == body


def test_a_schema_of_optional_and_referred_parts_asks_for_the_same_through_the_form() -> None:
    car = {"type": "object", "title": "Car", "properties": {"plate": {"type": "string"}}, "required": ["plate"]}
    until = {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}], "default": None, "title": "Until"}
    cars = {"type": "array", "items": {"$ref": "#/$defs/Car"}, "title": "Cars"}
    body = {"type": "object", "properties": {"until": until, "cars": cars}, "$defs": {"Car": car}}
    built = build(draft_of_body("x", body)).body
    assert wanted_of(built) == wanted_of(body)
    assert "$ref" not in json.dumps(built)


def test_schemas_are_listed_and_one_is_shown_as_a_table(browser: TestClient) -> None:
    assert 'href="/schemas/invoice"' in browser.get("/schemas").text
    shown = browser.get("/schemas/invoice").text
    assert "amount of money" in shown
    assert "<code>line_items.amount</code>" in shown or "<code>amount</code>" in shown
    assert browser.get("/schemas/nothing").status_code == 404


def test_a_form_makes_a_schema_and_changes_it_into_the_next_version(browser: TestClient, key: str) -> None:
    made = send(browser, "/schemas", POLICY)
    assert (made.status_code, made.headers["location"]) == (303, "/schemas/policy?version=1&saved=yes")
    assert body_of(browser, key, "policy")["body"] == BODY
    form = said_by(browser.get("/schemas/policy/edit").text)
    same = send(browser, "/schemas", form)
    assert same.headers["location"] == "/schemas/policy?saved=same"
    form |= {"f.1.title": "Sum", "f.3.name": "paid"}
    assert "version=2" in send(browser, "/schemas", form).headers["location"]
    shown = unescape(browser.get("/schemas/policy").text)
    assert "total is called \N{LEFT DOUBLE QUOTATION MARK}Sum" in shown
    assert "paid is asked for newly." in shown
    assert "payment is asked for no more." in shown
    assert body_of(browser, key, "policy")["body"]["properties"]["policy_number"] == BODY["properties"]["policy_number"]


@pytest.mark.parametrize(
    ("change", "pointer", "row"),
    [
        ({"f.3.choices": ""}, "/properties/payment/enum", "f.3"),
        ({"f.2.f.1.name": "pre/mium"}, "/properties/cars/items/properties/pre~1mium", "f.2.f.1"),
        ({"rules": "sum(cars.nothing) = total"}, "/folioscope/rules/0", "rules"),
        ({"target": "2"}, "/folioscope/target", "target"),
        ({"target": "much"}, "share of values", "target"),
        ({"f.4.name": "total"}, "another field named", "f.4"),
        ({"f.4.title": "Nameless"}, "needs a name", "f.4"),
        ({"f.4.name": "odd", "f.4.kind": "json", "f.4.was": "json", "f.4.rest": "{"}, "not JSON", "f.4"),
        ({"f.4.name": "odd", "f.4.kind": "json", "f.4.rest": '{"oneOf": []}'}, "/properties/odd/oneOf", "f.4"),
        ({"name": "No Name"}, "1 to 100 of the characters", "name"),
    ],
)
def test_what_is_wrong_stands_at_the_field_and_nothing_is_saved(
    change: dict[str, str], pointer: str, row: str, browser: TestClient
) -> None:
    answer = send(browser, "/schemas", POLICY, **change)
    assert answer.status_code == 422
    (told,) = re.findall(rf'id="fault-{re.escape(row)}-1" role="alert">(.*?)</small>', answer.text)
    assert pointer in unescape(told)
    assert {**said_by(answer.text), **change} == said_by(answer.text)
    assert browser.get("/schemas/policy").status_code == 404


def test_rows_are_added_moved_and_removed_without_saving(browser: TestClient) -> None:
    more = said_by(send(browser, "/schemas/draft", POLICY, do="add:f.2").text)
    assert more["f.2.f.2.name"] == ""
    moved = said_by(send(browser, "/schemas/draft", POLICY, do="up:f.1").text)
    assert (moved["f.0.name"], moved["f.1.name"], moved["f.2.f.1.name"]) == ("total", "policy_number", "premium")
    fewer = said_by(send(browser, "/schemas/draft", POLICY, do="remove:f.2").text)
    assert fewer["f.2.name"] == "payment"
    assert browser.get("/schemas/policy").status_code == 404


def test_the_same_can_be_written_as_json_schema(browser: TestClient, key: str) -> None:
    text = said_by(send(browser, "/schemas/draft", POLICY, do="text").text)
    assert json.loads(text["text"]) == BODY
    rows = said_by(send(browser, "/schemas/draft", text, do="rows").text)
    assert rows["f.2.f.1.name"] == "premium"
    assert "This is not JSON" in unescape(send(browser, "/schemas", text | {"text": "{"}).text)
    assert send(browser, "/schemas", text).status_code == 303
    assert body_of(browser, key, "policy")["body"] == BODY


def test_a_version_that_somebody_saved_meanwhile_is_told_first(browser: TestClient) -> None:
    send(browser, "/schemas", POLICY)
    answer = send(browser, "/schemas", POLICY | {"f.1.title": "Sum"})
    assert answer.status_code == 409
    assert "Version 1 of policy is there already" in answer.text
    assert "version=2" in send(browser, "/schemas", said_by(answer.text)).headers["location"]


@pytest.fixture
def uploaded(browser: TestClient, pdf: Path, work: Callable[[], None]) -> str:
    """The id of a document that is drawn."""
    answer = browser.post("/upload", files=parts(pdf), headers={WORD: word_of(browser)})
    work()
    return answer.text.partition('href="/documents/')[2][:32]


def test_a_draft_is_tried_on_a_page_and_leaves_no_version_behind(
    browser: TestClient, key: str, uploaded: str, work: Callable[[], None], model: ScriptedModel
) -> None:
    model.answers = {"0": {"total": "12.00", "policy_number": "<b>A-1</b>"}}
    begun = send(browser, "/schemas/preview", POLICY, document=uploaded, page="1")
    place = re.search(r"/schemas/previews/[0-9a-f]{32}", begun.text)
    assert place is not None
    work()
    shown = browser.get(place[0]).text
    assert "12.00" in shown
    assert "&lt;b&gt;A-1" in shown
    assert "<b>" not in shown
    assert browser.get("/schemas/policy").status_code == 404
    assert "There is no job yet" in browser.get("/jobs").text
    send(browser, "/schemas", POLICY)
    job = {"kind": "extract", "schema": "policy"}
    browser.post("/v1/jobs", json=job, headers={"Authorization": f"Bearer {key}"})
    work()
    assert "12.00" in browser.get("/records/policy").text
    asked = [key for _, keys in model.calls for key in keys]
    assert asked.count("total") == 2  # once a page: what the draft was told counts


def test_a_draft_with_a_fault_or_a_page_that_is_not_there_is_told_instead(browser: TestClient, uploaded: str) -> None:
    wrong = send(browser, "/schemas/preview", POLICY, document=uploaded, **{"f.3.choices": ""})
    assert "/properties/payment/enum" in wrong.text
    assert 'role="alert"' in send(browser, "/schemas/preview", POLICY, document=uploaded, page="9").text
    assert 'role="alert"' in send(browser, "/schemas/preview", POLICY, document="0" * 32).text


def test_a_schema_is_suggested_from_texts_that_were_read(
    browser: TestClient, uploaded: str, tmp_path: Path, work: Callable[[], None]
) -> None:
    nothing = browser.get("/schemas/new", params={"documents": uploaded}).text
    assert "No label with a value" in nothing
    file = tmp_path / "policy.pdf"
    with pymupdf.open() as document:
        page = document.new_page()
        for line, text in enumerate(("Policy number: A-4711", "Valid until: 31.12.2026", "Premium: 1,204.00 EUR")):
            page.insert_text((60, 90 + 30 * line), text, fontsize=12)
        document.save(file)
    taken = browser.post("/upload", files=parts(file), headers={WORD: word_of(browser)}).text
    work()
    read = taken.partition('href="/documents/')[2][:32]
    said = said_by(browser.get("/schemas/new", params={"documents": read}).text)
    assert (said["f.0.name"], said["f.1.kind"], said["f.2.kind"]) == ("policy_number", "date", "money")
    assert browser.get("/schemas/new", params={"documents": "0" * 32}).status_code == 404


def test_forms_of_schemas_need_the_word(browser: TestClient) -> None:
    for place in ("/schemas", "/schemas/draft", "/schemas/preview"):
        assert browser.post(place, data=POLICY).status_code == 403
    assert browser.get("/schemas/policy").status_code == 404


def test_a_stranger_sees_neither_schemas_nor_previews(
    browser: TestClient, stranger: dict[str, str], uploaded: str
) -> None:
    send(browser, "/schemas", POLICY)
    begun = send(browser, "/schemas/preview", POLICY, document=uploaded)
    place = re.search(r"/schemas/previews/[0-9a-f]{32}", begun.text)
    assert place is not None
    browser.get(browser.post("/v1/sign-in-links", headers=stranger).json()["path"])
    assert browser.get("/schemas/policy").status_code == 404
    assert browser.get("/schemas/policy/edit").status_code == 404
    assert "not kept any longer" in browser.get(place[0]).text
