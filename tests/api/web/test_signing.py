"""Who is let in to the web page, and what another site's page can do there: nothing."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import make_app
from core.settings import Settings
from ingest.sandbox import Sandbox
from storage.database import Sessions
from storage.tables import Workspace
from storage.workspaces import add_key, ensure_workspace, revoke_key
from tests.api.conftest import started
from tests.api.web.conftest import sign_in, word_of

PLACES = ["/", "/documents/0123456789abcdef0123456789abcdef", "/documents/0/pages/1/image"]


@pytest.fixture
def visitor(client: TestClient) -> TestClient:
    """A browser that nobody has signed in."""
    del client.headers["Authorization"]
    return client


@pytest.mark.parametrize("place", PLACES)
def test_nobody_sees_a_page_before_signing_in(place: str, visitor: TestClient) -> None:
    answer = visitor.get(place, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=%2F")


def test_a_key_lets_a_browser_in_and_on_to_where_it_wanted_to_go(visitor: TestClient, key: str) -> None:
    assert 'name="key"' in visitor.get("/sign-in?next=/documents/1").text
    answer = sign_in(visitor, f" {key}\n", next="/documents/1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/documents/1")
    assert visitor.get("/").status_code == 200


@pytest.mark.parametrize("wrong", ["", "wrong", "fs_\N{LATIN SMALL LETTER E WITH ACUTE}", "x" * 900])
def test_a_wrong_key_lets_nobody_in_and_the_form_says_so(wrong: str, visitor: TestClient) -> None:
    answer = sign_in(visitor, wrong)
    assert answer.status_code == 401
    assert "No workspace has this key" in answer.text
    assert not visitor.cookies


@pytest.mark.parametrize("place", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "x"])
def test_signing_in_leads_to_no_other_site(place: str, visitor: TestClient, key: str) -> None:
    assert sign_in(visitor, key, next=place).headers["location"] == "/"


def test_no_script_can_read_the_cookie_and_other_sites_forms_do_not_carry_it(visitor: TestClient, key: str) -> None:
    cookie = sign_in(visitor, key).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie


def test_behind_tls_the_cookie_travels_over_tls_alone(app: FastAPI, key: str, sandbox: Sandbox) -> None:
    with started(app, sandbox) as running:
        running.base_url = "https://testserver"
        assert "Secure" in sign_in(running, key).headers["set-cookie"]


def test_a_link_signs_in_once(client: TestClient) -> None:
    path = client.post("/v1/sign-in-links").json()["path"]
    del client.headers["Authorization"]
    assert client.get(path, follow_redirects=False).status_code == 303
    assert client.get("/").status_code == 200
    client.cookies.clear()
    again = client.get(path)
    assert again.status_code == 401
    assert "was used" in again.text


def test_signing_out_needs_the_word_and_ends_this_browsers_visit(browser: TestClient) -> None:
    assert browser.post("/sign-out").status_code == 403
    word = word_of(browser)
    cookies = dict(browser.cookies)
    assert browser.post("/sign-out", data={"word": word}, follow_redirects=False).status_code == 303
    browser.cookies.update(cookies)  # whoever kept the cookie is out as well
    assert browser.get("/", follow_redirects=False).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
)
def test_a_form_of_another_site_is_refused_even_with_the_word(headers: dict[str, str], browser: TestClient) -> None:
    answer = browser.post("/sign-out", data={"word": word_of(browser)}, headers=headers)
    assert answer.status_code == 403
    assert "forged-form" in answer.text
    assert browser.get("/").status_code == 200


def test_another_visitors_word_is_no_word(browser: TestClient, key: str) -> None:
    theirs = word_of(browser)
    sign_in(browser, key)
    assert word_of(browser) != theirs
    assert browser.post("/sign-out", data={"word": theirs}).status_code == 403


def test_a_revoked_key_ends_the_visit(browser: TestClient, sessions: Sessions, workspace: Workspace, key: str) -> None:
    with sessions.begin() as session:
        revoke_key(session, workspace.id, key)
    assert browser.get("/", follow_redirects=False).status_code == 303


def test_the_cookie_opens_no_route_of_the_api(browser: TestClient) -> None:
    assert browser.get("/v1/documents").status_code == 401


def test_where_no_key_is_asked_for_everybody_is_in_and_forms_still_need_their_word(
    settings: Settings, workspace: Workspace, sandbox: Sandbox
) -> None:
    with started(make_app(settings.model_copy(update={"require_key": False})), sandbox) as running:
        assert running.get("/").status_code == 200
        place = f"/documents/{'0' * 32}/delete"
        assert running.post(place).status_code == 403
        assert running.post(place, data={"word": word_of(running)}).status_code == 404


def test_a_strangers_key_opens_its_own_workspace(app: FastAPI, sessions: Sessions, browser: TestClient) -> None:
    with sessions.begin() as session:
        other = add_key(session, ensure_workspace(session, "other").id, "tests")
    sign_in(browser, other)
    assert browser.get("/").status_code == 200
