"""How many pages nobody has read is counted once for many questions, where there are many pages."""

import pytest

from core.records import JobKind, Queue, ReadingSource
from storage import ask_pages, jobs, planning, readings
from storage.database import Sessions
from storage.documents import get_page
from storage.planning import NewJob
from storage.readings import NewReading
from tests.storage.world import World, world_of


def count(world: World) -> int:
    with world.sessions() as session:
        return ask_pages.count_unread(session, world.workspace_id, None)


def test_the_unread_pages_of_a_large_archive_are_counted_for_some_seconds(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_of(sessions, "default")
    document = world.add(3)
    assert count(world) == 3
    with world.sessions.begin() as session:
        page = ask_pages.find_unread(session, world.workspace_id, None, 1)[0]
        new = NewReading(ReadingSource.LAYER, None, [])
        readings.put_reading(session, world.workspace_id, document, page.page_id, new)
    assert count(world) == 2  # a small one is always counted
    monkeypatch.setattr(ask_pages, "LARGE", 3)
    assert count(world) == 2
    world.add(2)
    assert count(world) == 2
    with world.sessions() as session:
        assert ask_pages.count_unread(session, world.workspace_id, [document]) == 2
    monkeypatch.setattr(ask_pages, "KEPT_SECONDS", 0.0)
    assert count(world) == 4


def test_a_page_known_by_hidden_words_alone_was_read_by_nobody(sessions: Sessions) -> None:
    world = world_of(sessions, "default")
    document = world.add(3)
    with sessions.begin() as session:
        for page, source in zip((1, 2), (ReadingSource.HIDDEN, ReadingSource.MODEL), strict=True):
            page_id = get_page(session, world.workspace_id, document, page).id
            new = NewReading(source, None, [])
            readings.put_reading(session, world.workspace_id, document, page_id, new)
    assert count(world) == 2
    with sessions() as session:
        for hidden, numbers in ((False, [3]), (True, [1, 3])):
            found = ask_pages.find_unread(session, world.workspace_id, None, 9, hidden=hidden)
            assert [page.number for page in found] == numbers
    to_read = NewJob(kind=JobKind.READ, queue=Queue.BULK, params={"unread": True})
    with sessions.begin() as session:
        job = planning.plan(session, world.workspace_id, to_read, [document])
        assert jobs.progress(session, job.id).total == 2


def test_pages_that_are_still_to_be_drawn_hide_no_others_and_may_be_left_out(sessions: Sessions) -> None:
    world = world_of(sessions, "default")
    drawn = world.add(2)
    uploaded = world.add(2, draw=False)
    with sessions() as session:
        found = ask_pages.find_unread(session, world.workspace_id, None, 1, drawn=True)
        assert [(page.document_id, page.number) for page in found] == [(drawn, 1)]
        every = ask_pages.find_unread(session, world.workspace_id, None, 9)
        assert [page.document_id for page in every] == [drawn, drawn, uploaded, uploaded]
