"""What models take of a process's memory, told without importing torch: whoever has none has no need of it."""

import gc
import resource
import sys
from typing import Any

_KIB = 1024


def peak_bytes() -> int:
    """The most memory that this process has had at a time."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * _KIB


def peak_device_bytes() -> int:
    """The most that it has had on a GPU; 0 without one."""
    cuda = _cuda()
    return 0 if cuda is None else int(cuda.max_memory_allocated())


def free() -> None:
    """Give back what nobody holds any more."""
    gc.collect()
    cuda = _cuda()
    if cuda is not None:
        cuda.empty_cache()


def _cuda() -> Any:
    """Torch's own, where torch is loaded and there is a GPU; else None."""
    torch: Any = sys.modules.get("torch")
    return torch.cuda if torch is not None and torch.cuda.is_available() else None
