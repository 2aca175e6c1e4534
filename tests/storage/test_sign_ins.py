"""Browsers are let in by a key, or by a link once; both end with the key."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from storage.database import Session, Sessions, now
from storage.sign_ins import find_key_of, make_link, sign_in, sign_out, use_link
from storage.tables import ApiKey, SignIn, Workspace
from storage.workspaces import add_key, find_key, revoke_key

SECRET = "fs_a-key-of-somebody"


@pytest.fixture
def session(sessions: Sessions, workspace: Workspace) -> Iterator[Session]:
    with sessions.begin() as session:
        add_key(session, workspace.id, "somebody", SECRET)
        yield session


@pytest.fixture
def key(session: Session) -> ApiKey:
    found = find_key(session, SECRET)
    assert found is not None
    return found


def expire_all(session: Session) -> None:
    session.execute(update(SignIn).values(expires_at=now() - timedelta(seconds=1)))


def test_a_browser_that_signed_in_is_known_by_its_token(session: Session, key: ApiKey) -> None:
    assert find_key_of(session, sign_in(session, key)) is key
    assert find_key_of(session, "another") is None


def test_a_link_lets_in_once(session: Session, key: ApiKey) -> None:
    link = make_link(session, key.id)
    token = use_link(session, link)
    assert token is not None
    assert find_key_of(session, token) is key
    assert use_link(session, link) is None


def test_a_link_is_no_token_of_a_browser_and_the_other_way_round(session: Session, key: ApiKey) -> None:
    assert find_key_of(session, make_link(session, key.id)) is None
    assert use_link(session, sign_in(session, key)) is None


def test_signing_out_forgets_this_browser_alone(session: Session, key: ApiKey) -> None:
    here, elsewhere = sign_in(session, key), sign_in(session, key)
    sign_out(session, here)
    assert find_key_of(session, here) is None
    assert find_key_of(session, elsewhere) is key


def test_what_is_over_lets_nobody_in_and_is_forgotten(session: Session, key: ApiKey) -> None:
    token, link = sign_in(session, key), make_link(session, key.id)
    expire_all(session)
    assert find_key_of(session, token) is None
    assert use_link(session, link) is None
    sign_in(session, key)
    assert len(session.scalars(select(SignIn)).all()) == 1


def test_a_revoked_key_ends_its_browsers_and_its_links(session: Session, workspace: Workspace, key: ApiKey) -> None:
    token, link = sign_in(session, key), make_link(session, key.id)
    revoke_key(session, workspace.id, SECRET)
    assert find_key_of(session, token) is None
    assert use_link(session, link) is None


def test_no_token_stands_in_the_database(session: Session, key: ApiKey) -> None:
    tokens = {sign_in(session, key), make_link(session, key.id)}
    assert tokens.isdisjoint(session.scalars(select(SignIn.sha256)))
