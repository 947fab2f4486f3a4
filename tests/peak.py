"""The most memory that this process has had."""

import sys
from pathlib import Path

STATUS = Path("/proc/self/status")


def peak_mb() -> float:
    """In MB. On Linux `getrusage` begins with the peak of the process that started this one, so it is not asked there.

    Windows has no such figure in the standard library.
    """
    if STATUS.is_file():
        lines = STATUS.read_text("ascii").splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))
    import resource  # noqa: PLC0415 - Windows has none

    peak: int = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
