"""Invented interactions of skewed degree in the form of the Higgs file: `python -m bench.interactions FILE`."""

import argparse
import gzip
import os
import random
from pathlib import Path

ACCOUNTS = 1_000_000
ROWS = 5_000_000
SEED = 7
BEGIN_S = 1_341_100_972
# As the Higgs file has them, of 563,069.
KINDS = (("RT", 354_930), ("MT", 171_237), ("RE", 36_902))
WRITE_ROWS = 100_000


def write_interactions(path: Path, *, accounts: int = ACCOUNTS, rows: int = ROWS, seed: int = SEED) -> None:
    """Writes the same file for the same arguments; it appears when it is whole.

    Each account acts at least once, when there are as many rows. Some 3 % of rows are about one account, as in the
    Higgs file: the share of the first k of n accounts is (k / n) to the power of 1/4.
    """
    chance = random.Random(seed)
    ids = list(range(1, accounts + 1))
    chance.shuffle(ids)
    kinds = [kind for kind, _ in KINDS]
    weights = [weight for _, weight in KINDS]
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with gzip.open(part, "wt", encoding="ascii", compresslevel=1) as out:
        for start in range(0, rows, WRITE_ROWS):
            numbers = range(start, min(start + WRITE_ROWS, rows))
            drawn = chance.choices(kinds, weights, k=len(numbers))
            lines = []
            for number, kind in zip(numbers, drawn, strict=True):
                actor = ids[number] if number < accounts else ids[int(accounts * chance.random() ** 2)]
                target = ids[int(accounts * chance.random() ** 4)]
                lines.append(f"{actor} {target} {BEGIN_S + number // 8} {kind}\n")
            out.write("".join(lines))
    part.replace(path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--accounts", type=int, default=ACCOUNTS)
    parser.add_argument("--rows", type=int, default=ROWS)
    arguments = parser.parse_args()
    write_interactions(arguments.file, accounts=arguments.accounts, rows=arguments.rows)
