"""What the client does about questions: asked, waited for, and heard on their way."""

from collections.abc import Iterator, Sequence

from api.answers import Answer
from api.listening import AskEvent, Listening
from api.results import Job, made_from
from api.working import Working, ids, named
from core.errors import FolioscopeError

_LONGEST_ASK = 30  # seconds that one request waits for an answer


class Asking(Listening, Working):
    """The part of the client that asks."""

    def ask(
        self,
        question: str,
        documents: Sequence[str] | None = None,
        *,
        records: str | None = None,
        where: str | None = None,
        model: str | None = None,
    ) -> Answer:
        """Ask and wait for the answer: these documents (ids), or those of the `records` of a schema, or all.

        `where` is a filter on these records, as of `records`. Raises FolioscopeError where there is no answer at all.
        """
        body = _question(question, documents, records, where) | {"wait": _LONGEST_ASK}
        said = self._post("/v1/ask", body | named(model))
        if "progress" not in said:
            return made_from(Answer, said)
        return self.answer_of(self.wait(made_from(Job, said)))

    def ask_events(
        self,
        question: str,
        documents: Sequence[str] | None = None,
        *,
        records: str | None = None,
        where: str | None = None,
        model: str | None = None,
    ) -> Iterator[AskEvent]:
        """Ask as `ask` does, and hear what becomes of it: what is searched, which pages are looked at, the answer.

        Who stops listening stops the events alone. Raises FolioscopeError where there is no answer at all.
        """
        body = _question(question, documents, records, where) | named(model)
        return self._listen("/v1/ask", body, "answer", Answer, lambda _: True)

    def start_asking(
        self,
        question: str,
        documents: Sequence[str] | None = None,
        *,
        records: str | None = None,
        where: str | None = None,
        model: str | None = None,
    ) -> Job:
        """Ask without waiting: see `wait`, then `answer_of`."""
        body = _question(question, documents, records, where) | {"wait": 0}
        said = self._post("/v1/ask", body | named(model))
        return made_from(Job, said) if "progress" in said else self.job(said["job_id"])

    def answer_of(self, job: Job) -> Answer:
        """The answer that a final job of a question has. Raises FolioscopeError where it has none."""
        if job.result is None:
            why = next((gap.detail for gap in job.gaps if gap.detail), f"the job is {job.state}")
            raise FolioscopeError(f"There is no answer: {why}", job=job.id)
        return made_from(Answer, {**job.result, "job_id": job.id})


def _question(
    question: str, documents: Sequence[str] | None, records: str | None, where: str | None
) -> dict[str, object]:
    """A question and what it is asked of. A filter without a schema is left to the service to refuse."""
    scope = {} if records is None and where is None else {"records": {"schema": records or "", "where": where}}
    return {"question": question, "documents": ids(documents), **scope}
