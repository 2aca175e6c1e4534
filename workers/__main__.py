"""The workers of this machine: `python -m workers --queues rasterize,bulk`. So other rooms start them by name alone."""

import argparse
import os
import sys

from core.errors import FolioscopeError
from core.logs import get_log, set_up_logs
from core.records import Queue
from workers.environment import read_settings
from workers.run import run_workers

_log = get_log(__name__)


def main() -> int:
    """Serve queues until SIGTERM or SIGINT."""
    os.umask(0o077)  # what workers keep is their owner's alone
    parser = argparse.ArgumentParser(prog="python -m workers", description=__doc__)
    parser.add_argument("--queues", default=",".join(Queue))
    parser.add_argument("--concurrency", type=int, default=1)
    given = parser.parse_args()
    set_up_logs()
    try:
        settings = read_settings()
        set_up_logs(settings.log_level, as_json=settings.log_json)
        return run_workers(settings, [Queue(name) for name in given.queues.split(",")], given.concurrency)
    except FolioscopeError as error:
        _log.error("the workers cannot start", code=error.code, detail=error.detail)
        return error.exit_code
    except KeyboardInterrupt:  # while it waited for the database
        return 0


if __name__ == "__main__":
    sys.exit(main())
