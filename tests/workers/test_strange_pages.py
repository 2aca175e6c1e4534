"""Pages that the bundled model cannot read go through a real worker: nothing is invented, nothing doubtful accepted."""

# ruff: noqa: RUF001 - letters of another script are what this is about

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pymupdf
import pytest
import torch
from PIL import Image

from core.records import JobState
from ingest.words import PlacedWord
from storage import schemas
from storage.documents import DrawnPage
from storage.tables import Record
from tests.workers.conftest import Bench
from workers.desk import Desk
from workers.vlm.bundled.backend import BundledModel
from workers.work import MODEL_QUEUES, work_until_idle

# Invoices as they are printed in scripts that the model does not know: labels, names and figures.
RUSSIAN = (
    "Счёт-фактура № 2481 от 12 марта 2024 г.;Продавец: ООО «Северный ветер»;Адрес: г. Казань, ул. Баумана, д. 17;"
    "Покупатель: ЗАО «Ромашка»;Наименование|Количество|Цена|Сумма;Бумага писчая|10|250,00|2 500,00;"
    "Карандаши|24|18,50|444,00;Итого без НДС: 2 944,00 руб.;НДС 20 %: 588,80 руб.;Всего к оплате: 3 532,80 руб."
)
CHINESE = (
    "发票号码 2481;日期 2024年3月12日;销售方 北风文具有限公司;地址 上海市南京路十七号;购买方 纸张贸易公司;"
    "名称|数量|单价|金额;书写纸|10|2.50|25.00;铅笔|24|0.85|20.40;小计 45.40 元;税额 5.90 元;合计 51.30 元"
)


def printed(page: pymupdf.Page, text: str) -> None:
    writer = pymupdf.TextWriter(page.rect)
    for line, said in enumerate(text.split(";")):
        for column, part in enumerate(said.split("|")):
            writer.append((60 + 130 * column, 90 + 36 * line), part, font=pymupdf.Font("cjk"), fontsize=13)
    writer.write_text(page)


def drawn(page: pymupdf.Page) -> None:
    for n in range(14):
        page.draw_circle((120 + 25 * n, 200 + 13 * n), 20 + 4 * n)
        page.draw_line((60 + 30 * n, 500), (300, 760 - 12 * n), width=1.5)
        page.draw_rect((60 + 30 * n, 100, 80 + 30 * n, 100 + 9 * n), fill=(0.4, 0.4, 0.4))


PAGES: dict[int, Callable[[pymupdf.Page], None]] = {
    1: drawn,
    2: lambda page: printed(page, RUSSIAN),
    3: lambda page: printed(page, CHINESE),
}


def png(draw: Callable[[pymupdf.Page], None]) -> bytes:
    with pymupdf.open() as document:
        page = document.new_page()
        draw(page)
        pixels = page.get_pixmap(dpi=150, colorspace=pymupdf.csGRAY, alpha=False)
    file = io.BytesIO()
    Image.frombytes("L", (pixels.width, pixels.height), pixels.samples).save(file, "PNG")
    return file.getvalue()


@dataclass
class Read:
    """What became of each page: its record, and the state of the job that read it."""

    records: dict[int, Record] = field(default_factory=dict)
    states: dict[int, JobState] = field(default_factory=dict)


class Shelf(Bench):
    """A bench whose pages are those above."""

    def _drawn(self, page: int, number: int, words: Sequence[PlacedWord], *, blank: bool) -> DrawnPage:
        stored = self.blobs.put(png(PAGES[number]))
        return DrawnPage(page, 595, 842, 150, "mupdf", stored.sha256, 1240, 1754, blank, words)


@pytest.fixture
def read(bench: Bench) -> Iterator[Read]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    shelf = Shelf(bench.sessions, bench.workspace_id, bench.settings)
    desk = Desk(shelf.settings, MODEL_QUEUES, BundledModel.load())
    with shelf.sessions() as session:
        invoice = schemas.get_schema(session, shelf.workspace_id, "invoice").id
    documents = {number: shelf.document(number, name=f"{number}.pdf") for number in PAGES}
    jobs = {number: shelf.extract(invoice, document) for number, document in documents.items()}
    work_until_idle(desk, MODEL_QUEUES)
    done = Read()
    for number, document in documents.items():
        record = shelf.record(document, invoice)
        assert record is not None
        done.records[number], done.states[number] = record, shelf.state(jobs[number])
    yield done
    desk.close()
    torch.set_num_threads(before)


def entries(record: Record) -> list[dict[str, Any]]:
    cells = [cell for table in record.tables.values() for row in table["rows"] for cell in row["cells"].values()]
    return [*record.values.values(), *cells]


@pytest.mark.timeout(180)
def test_pages_that_cannot_be_read_end_in_a_defined_state_without_a_false_value_that_counts(read: Read) -> None:
    drawing = read.records[1]
    assert {entry["state"] for entry in entries(drawing)} == {"absent"}
    assert (drawing.receipt["looked_at"], drawing.receipt["nothing_found"], drawing.receipt["blank"]) == (1, [1], [])
    assert read.states[1] is JobState.SUCCEEDED
    for number in (2, 3):
        record = read.records[number]
        assert read.states[number] in {JobState.SUCCEEDED, JobState.PARTIAL}
        assert record.complete is (read.states[number] is JobState.SUCCEEDED)
        for entry in entries(record):
            if entry["decision"] == "accepted":  # only figures, which are the same in these scripts
                assert entry["state"] == "found"
                assert entry["kind"] in {"money", "number"}
                assert entry["raw"] in (RUSSIAN + CHINESE).replace("|", ";").split(";")
