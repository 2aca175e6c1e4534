"""Documents: from upload to pages that are all drawn or have their reason."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.errors import DocumentNotFound, PageNotFound
from core.records import DocumentState, FieldValue, JobState, PageState, Queue, ValueState
from storage import documents, jobs, ledger, records, schemas, values
from storage.tables import Blob, Document, Item, Job, Page, Record, Value
from tests.storage.world import WINDOW, World, covered, digest, drawn, new_document


def document_of(world: World, document_id: str) -> Document:
    with world.sessions() as session:
        return documents.get_document(session, world.workspace_id, document_id)


def test_a_document_is_planned_in_windows_of_pages(world: World) -> None:
    document_id = world.add(2 * WINDOW + 1, draw=False)
    with world.sessions() as session:
        pages = [(page.number, page.state) for page in documents.pages_of(session, document_id)]
        windows = session.query(Item).where(Item.document_id == document_id).order_by(Item.id)
        found = [(item.first_page, item.last_page, item.queue, item.ready) for item in windows]
    assert pages == [(number, PageState.WAITING) for number in range(1, 2 * WINDOW + 2)]
    assert found == [
        (1, WINDOW, Queue.RASTERIZE, True),
        (WINDOW + 1, 2 * WINDOW, Queue.RASTERIZE, True),
        (2 * WINDOW + 1, 2 * WINDOW + 1, Queue.RASTERIZE, True),
    ]


def test_the_same_bytes_twice_in_a_workspace_cannot_be_written(world: World, other: World) -> None:
    new = new_document()
    with world.sessions.begin() as session:
        first = documents.add_document(session, world.workspace_id, new, WINDOW).id
        documents.add_document(session, other.workspace_id, new, WINDOW)
    with pytest.raises(IntegrityError), world.sessions.begin() as session:
        documents.add_document(session, world.workspace_id, new, WINDOW)
    with world.sessions() as session:
        found = documents.find_by_hash(session, world.workspace_id, new.sha256)
        assert found is not None
        assert found.id == first


def test_a_locked_document_has_no_pages_until_its_password_is_known(world: World) -> None:
    document_id = world.add(None)
    assert document_of(world, document_id).state is DocumentState.NEEDS_PASSWORD
    with world.sessions.begin() as session:
        assert list(documents.pages_of(session, document_id)) == []
        document = documents.get_document(session, world.workspace_id, document_id)
        documents.unlock(session, document, "s3cret", 2, WINDOW)
        assert len(documents.pages_of(session, document_id)) == 2
    document = document_of(world, document_id)
    assert (document.state, document.password, document.page_count) == (DocumentState.RASTERIZING, "s3cret", 2)
    world.draw()
    document = document_of(world, document_id)
    assert (document.state, document.password) == (DocumentState.READY, None)


def test_a_page_keeps_what_was_drawn(world: World) -> None:
    document_id = world.add(1)
    with world.sessions() as session:
        page = documents.get_page(session, world.workspace_id, document_id, 1)
    facts = (
        page.state,
        page.width,
        page.height,
        page.dpi,
        page.engine,
        page.image_width,
        page.image_height,
        page.blank,
    )
    assert facts == (PageState.READY, 612, 792, 150, "mupdf", 1275, 1650, False)
    assert page.image_sha256 == drawn(1).image_sha256
    assert page.words == [["Total", 0.1, 0.2, 0.3, 0.4]]


def test_drawing_a_page_again_replaces_its_picture(world: World) -> None:
    document_id = world.add(1)
    with world.sessions.begin() as session:
        documents.finish_page(session, document_id, drawn(1, "sharper"))
        documents.fail_page(session, document_id, 1, "unreadable-page", "Too late.")
        page = documents.get_page(session, world.workspace_id, document_id, 1)
        assert (page.state, page.image_sha256, page.error_code) == (PageState.READY, digest("sharper"), None)


def test_a_page_of_a_document_that_is_gone_is_dropped(world: World) -> None:
    with world.sessions.begin() as session:
        documents.finish_page(session, "0" * 32, drawn(1))
        documents.fail_page(session, "0" * 32, 1, "unreadable-page", "No.")
        documents.settle_document(session, "0" * 32)
        assert session.query(Page).count() == 0


def test_a_document_is_not_settled_while_a_page_waits(world: World) -> None:
    document_id = world.add(2, draw=False)
    with world.sessions.begin() as session:
        documents.finish_page(session, document_id, drawn(1))
        documents.settle_document(session, document_id)
    assert document_of(world, document_id).state is DocumentState.RASTERIZING


def test_a_document_with_a_failed_page_is_ready_with_a_warning(world: World) -> None:
    document_id = world.add(3, draw=False)
    with world.sessions.begin() as session:
        for number in (1, 3):
            documents.finish_page(session, document_id, drawn(number))
        documents.fail_page(session, document_id, 2, "page-took-too-long", "Too long.")
        for _ in range(2):
            documents.settle_document(session, document_id)
    document = document_of(world, document_id)
    assert document.state is DocumentState.READY
    assert document.warning == "1 of 3 pages could not be drawn and was left out."


def test_a_document_without_a_good_page_has_failed_with_the_first_reason(world: World) -> None:
    document_id = world.add(3, draw=False)
    with world.sessions.begin() as session:
        documents.fail_page(session, document_id, 1, "page-took-too-long", "Too long.")
        documents.fail_window(session, document_id, 1, 3, "poison-page", "It kills.")
        documents.settle_document(session, document_id)
        reasons = [page.error_code for page in documents.pages_of(session, document_id)]
    document = document_of(world, document_id)
    assert reasons == ["page-took-too-long", "poison-page", "poison-page"]
    assert (document.state, document.error_code) == (DocumentState.FAILED, "page-took-too-long")
    assert document.error_detail == "Too long."


def test_a_document_that_nobody_draws_any_more_comes_to_its_end(world: World) -> None:
    stuck, drawing = world.add(2, draw=False), world.add(2, draw=False)
    claim = world.claim("a", [Queue.RASTERIZE], limit=1)
    assert claim is not None
    world.fail("a", claim.items[0], retry=False)
    with world.sessions.begin() as session:
        assert documents.settle_stuck(session) == [stuck]
        assert documents.settle_stuck(session) == []
    assert document_of(world, stuck).error_code == "poison-page"
    assert document_of(world, drawing).state is DocumentState.RASTERIZING


def test_a_list_can_be_narrowed_to_a_state(world: World) -> None:
    ready, locked = world.add(1), world.add(None)
    with world.sessions() as session:
        for state, expected in ((DocumentState.READY, ready), (DocumentState.NEEDS_PASSWORD, locked)):
            listing = documents.list_documents(session, world.workspace_id, state=state)
            assert [row.id for row in listing.items] == [expected]


def test_names_are_told_of_the_documents_that_are_there(world: World) -> None:
    document_id = world.add(1, name="a.pdf")
    with world.sessions() as session:
        assert documents.names_of(session, [document_id, "0" * 32]) == {document_id: "a.pdf"}


def test_deleting_a_document_takes_all_that_was_read_from_it(world: World) -> None:
    document_id, kept = world.add(2), world.add(1)
    job_id = world.plan([document_id])
    with world.sessions.begin() as session:
        schema_id = schemas.get_schema(session, world.workspace_id, "invoice").id
        page = documents.get_page(session, world.workspace_id, document_id, 1)
        found = [FieldValue("total", ValueState.ABSENT, None, None, None, None)]
        where = (session, world.workspace_id, document_id)
        values.replace_values(*where, page.id, schema_id, job_id, "m", found)
        records.replace_record(*where, schema_id, job_id, complete=True, values={}, gaps=[], model="m")
    with world.sessions.begin() as session:
        documents.delete_document(session, world.workspace_id, document_id)
    with world.sessions() as session:
        left = [session.query(table).where(table.document_id == document_id).count() for table in (Page, Item)]
        left += [session.query(Value).count(), session.query(Record).count()]
        assert left == [0, 0, 0, 0]
        assert [row.id for row in session.query(Document)] == [kept]
        with pytest.raises(DocumentNotFound):
            documents.get_document(session, world.workspace_id, document_id)


def test_a_running_job_remembers_a_document_that_was_deleted(world: World) -> None:
    kept, document_id = world.add(1), world.add(1, name="gone.pdf")
    before, running = world.plan([document_id]), world.plan([kept, document_id])
    claim = world.claim("a")
    assert claim is not None
    world.finish("a", claim.items[0])
    with world.sessions.begin() as session:
        assert jobs.settle(session, before) is JobState.SUCCEEDED
        documents.delete_document(session, world.workspace_id, document_id)
    with world.sessions.begin() as session:
        gaps = {job_id: [row.error_code for row in covered(session, job_id)] for job_id in (before, running)}
        assert gaps == {before: [None], running: [None, "document-not-found"]}
        assert jobs.settle(session, running) is not JobState.SUCCEEDED
        (gap,) = jobs.gaps(session, jobs.get_job(session, world.workspace_id, running))
        assert (gap.document_name, gap.page, gap.code) == ("gone.pdf", None, "document-not-found")


def test_drawing_ends_with_its_document(world: World) -> None:
    document_id = world.add(2, draw=False)
    with world.sessions.begin() as session:
        documents.delete_document(session, world.workspace_id, document_id)
        assert session.query(Job).count() == 0
        assert jobs.unsettled(session) == []
        assert ledger.claim(session, "a", list(Queue), 1, 60) is None


def test_the_other_side_of_the_wall_sees_nothing(world: World, other: World) -> None:
    new = new_document(2)
    with world.sessions.begin() as session:
        document_id = documents.add_document(session, world.workspace_id, new, WINDOW).id
    with world.sessions.begin() as session:
        assert documents.find_by_hash(session, other.workspace_id, new.sha256) is None
        assert documents.list_documents(session, other.workspace_id).items == []
        for forbidden in (
            lambda: documents.get_document(session, other.workspace_id, document_id),
            lambda: documents.get_page(session, other.workspace_id, document_id, 1),
            lambda: documents.delete_document(session, other.workspace_id, document_id),
        ):
            with pytest.raises(DocumentNotFound):
                forbidden()
        with pytest.raises(PageNotFound):
            documents.get_page(session, world.workspace_id, document_id, 3)
        assert documents.get_document(session, world.workspace_id, document_id).page_count == 2


def test_a_long_document_is_planned_whole(world: World) -> None:
    document_id = world.add(5_000, draw=False)
    with world.sessions() as session:
        pages = session.scalars(select(Page.number).where(Page.document_id == document_id).order_by(Page.number)).all()
        assert pages == list(range(1, 5_001))
        assert session.query(Item).count() == 5_000 // WINDOW


def test_a_picture_that_many_pages_share_is_one_blob(world: World) -> None:
    document_id = world.add(2, draw=False)
    with world.sessions.begin() as session:
        for number in (1, 2):
            documents.finish_page(session, document_id, drawn(number, "blank"))
        assert session.query(Blob).where(Blob.sha256 == digest("blank")).count() == 1
