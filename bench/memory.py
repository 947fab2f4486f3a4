"""What our client needs at the most while a file gets longer: `python -m bench.memory`.

Prefixes of an invented file of 50 million interactions of 10 million accounts (`bench/interactions.py`) go through all
that the client does but sending (`bench.contestants ceiling`), each in a process of its own.
"""

import argparse
import tempfile
from pathlib import Path

from bench.interactions import write_interactions
from bench.load import run_contestant

ACCOUNTS = 10_000_000
PREFIXES = (500_000, 1_000_000, 2_000_000, 4_000_000)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--rows", type=int, nargs="+", default=list(PREFIXES), help="how long the prefixes are"
    )
    parser.add_argument("--work", type=Path, help="folder to work in; by default a temporary one")
    arguments = parser.parse_args()
    print("| rows | peak MB above the interpreter | seconds |\n| --- | --- | --- |")
    peaks: dict[int, float] = {}
    for rows in sorted(arguments.rows):
        with tempfile.TemporaryDirectory(prefix="bench-memory-", dir=arguments.work) as folder:
            file = Path(folder) / f"{rows}.txt.gz"
            # The same seed draws the same rows however many are written.
            write_interactions(file, accounts=ACCOUNTS, rows=rows)
            found = run_contestant("ceiling", file, {"KB_DATA": folder})
        if "failed" in found:
            raise SystemExit(f"{rows:,} rows: {found['failed']}")
        peaks[rows] = found["peak_mb"]
        print(f"| {rows:,} | {found['peak_mb']:.0f} | {found['time'][0]:.0f} |", flush=True)
    few, many = min(peaks), max(peaks)
    if many > few:
        slope = (peaks[many] - peaks[few]) / (many - few) * 1e6
        print(f"\n{slope:.1f} MB for each million rows more")


if __name__ == "__main__":
    main()
