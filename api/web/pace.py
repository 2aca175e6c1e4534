"""How fast a job goes, and about how long it still takes: by what was seen of it lately, else since it was begun."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from api.wire.jobs import JobOut
from core.records import FINAL_JOB_STATES, JobState

_LATELY = 60.0  # seconds
_FEW = 3  # pages; fewer say little of what is to come
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@dataclass(frozen=True, slots=True)
class Pace:
    """Pages a second; and seconds that are left at that pace. None: nothing tells it yet, or the job is final."""

    pages_a_second: float | None = None
    seconds_left: float | None = None

    @property
    def speed(self) -> str:
        """In words: slow models are told in pages a minute."""
        if not self.pages_a_second:
            return ""
        if self.pages_a_second >= 1:
            return f"{self.pages_a_second:.1f} pages a second"
        a_minute = self.pages_a_second * _MINUTE
        return f"{a_minute:.1f} pages a minute" if a_minute >= 1 else f"{a_minute * _MINUTE:.0f} pages an hour"

    @property
    def left(self) -> str:
        """The time that is left, in words."""
        return "" if self.seconds_left is None else duration(self.seconds_left)


class Pacer:
    """Watches one job."""

    def __init__(self) -> None:
        self._seen: deque[tuple[datetime, int]] = deque()

    def pace_of(self, job: JobOut, now: datetime) -> Pace:
        """The pace of the job as it is now; call it whenever it has changed."""
        through = job.progress.total - job.progress.waiting - job.progress.leased
        self._seen.append((now, through))
        while (now - self._seen[0][0]).total_seconds() > _LATELY:
            self._seen.popleft()
        if job.state in FINAL_JOB_STATES or job.state is JobState.QUEUED:
            return Pace()
        began, before = self._seen[0]
        if through - before < _FEW:
            began, before = job.created_at, 0
        seconds = (now - began).total_seconds()
        if through <= before or seconds <= 0:
            return Pace()
        speed = (through - before) / seconds
        return Pace(speed, (job.progress.total - through) / speed)


def duration(seconds: float) -> str:
    """About how long, in words that need no figures behind a point."""
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{max(1, whole)} s"
    if whole < _HOUR:
        return f"{round(whole / _MINUTE)} min"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"
