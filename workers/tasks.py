"""The Celery task: a name and one call."""

from celery import shared_task

from workers.desk import get_desk
from workers.send import WORK_TASK, announce
from workers.work import work_once


@shared_task(name=WORK_TASK)  # type: ignore[untyped-decorator]
def work_items() -> None:
    """Work on one claim. Where there was one there may be another: pass the hint on, behind those that wait in line."""
    desk = get_desk()
    announce(work_once(desk, desk.queues), desk.settings.redis_url)
