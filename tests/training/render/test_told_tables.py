"""What pages tell of their own tables."""

import pytest

from training.render import Split, compose, compose_statement_of
from training.render.fonts import Fonts


@pytest.mark.parametrize("family", ["invoice", "receipt", "statement", "form", "dense"])
def test_every_cell_of_a_table_that_a_page_tells_is_printed_on_it(family: str, fonts: Fonts) -> None:
    told = 0
    for seed in range(6):
        page = compose(seed, Split.TRAIN, family, fonts)
        printed = " ".join(run.text for run in page.runs)
        for table in page.tables:
            told += len(table.rows)
            assert all(len(row) == len(table.columns) for row in table.rows)
            words = {word for row in table.rows for cell in row for word in cell.split()}
            assert all(word in printed for word in words)
    assert told or family in {"form", "dense"}  # few of these have any


def test_each_page_of_a_long_statement_tells_its_own_rows_alone(fonts: Fonts) -> None:
    first, second = compose_statement_of(2, 0, Split.TRAIN, fonts)
    assert len(first.tables) == len(second.tables) == 1
    assert set(first.tables[0].rows).isdisjoint(second.tables[0].rows)
