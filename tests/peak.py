"""The most memory that this process has had."""

import sys
from pathlib import Path


def peak_mb() -> float:
    """In MB. On Linux `getrusage` begins with the peak of the process that started this one, so it is not asked there.

    Windows has no such figure in the standard library.
    """
    if sys.platform == "linux":
        lines = Path("/proc/self/status").read_text("ascii").splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))
    import resource  # noqa: PLC0415 - Windows has none

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1024 * 1024 if sys.platform == "darwin" else 1024
    )
