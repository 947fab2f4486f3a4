"""The invented interactions that loading is measured with."""

from collections import Counter
from pathlib import Path

from bench.interactions import write_interactions
from kb.bulk.facts import LinkFact
from loaders.higgs_twitter.parse import parse


def test_the_same_arguments_make_the_same_file_which_the_loader_reads_whole(tmp_path: Path) -> None:
    one, other = tmp_path / "one.gz", tmp_path / "other.gz"
    for path in (one, other):
        write_interactions(path, accounts=1_000, rows=5_000)
    rows = list(parse({"activity": one}))
    assert rows == list(parse({"activity": other}))
    assert (len(rows), [row for row in rows if row.skipped]) == (5_000, [])
    links = [row.facts[-1] for row in rows]
    assert all(isinstance(link, LinkFact) for link in links)
    assert len({link.start for link in links if isinstance(link, LinkFact)}) == 1_000
    ((_, most),) = Counter(link.end for link in links if isinstance(link, LinkFact)).most_common(1)
    # The first of 1,000 has the share 0.001 ** 0.25 = 18 %.
    assert 800 < most < 1_000
