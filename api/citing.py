"""What the client does about answers that were worked out: the rows behind them."""

from collections.abc import Iterator

from api.answers import Answer, Citation
from api.connection import Connection


class Citing(Connection):
    """The part of the client that is about citations."""

    def citations(self, answer: Answer | str) -> Iterator[Citation]:
        """All rows that an exact answer, or that of the job with this id, was worked out from, as they stand now.

        Raises InvalidRequest where the answer was read on pages.
        """
        job_id = answer if isinstance(answer, str) else answer.job_id
        yield from self._each(Citation, f"/v1/ask/{job_id}/citations")
