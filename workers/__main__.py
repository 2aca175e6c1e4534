"""The workers of this machine: `python -m workers --queues rasterize,bulk`. So other rooms start them by name alone."""

import argparse
import sys

from core.logs import set_up_logs
from core.records import Queue
from core.settings import Settings
from workers.app import run_worker


def main() -> int:
    """Serve queues until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m workers", description=__doc__)
    parser.add_argument("--queues", default=",".join(Queue))
    parser.add_argument("--concurrency", type=int, default=1)
    given = parser.parse_args()
    settings = Settings()
    set_up_logs(settings.log_level, as_json=settings.log_json)
    return run_worker(settings, [Queue(name) for name in given.queues.split(",")], given.concurrency)


if __name__ == "__main__":
    sys.exit(main())
