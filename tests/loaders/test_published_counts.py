"""The published files counted by DuckDB over the raw text: what the loaders take from them is as much."""

from collections import Counter
from pathlib import Path

import duckdb
import pytest

from kb.bulk.facts import NodeFact
from loaders.higgs_twitter.parse import parse as parse_higgs
from tests.loaders.published import links, nodes, published, read_published


@pytest.fixture
def counting() -> duckdb.DuckDBPyConnection:
    """A database of its own in memory."""
    return duckdb.connect(config={"threads": 2, "memory_limit": "512MB"})


def view(
    counting: duckdb.DuckDBPyConnection, path: Path, *, delimiter: str = ",", names: list[str] | None = None
) -> None:
    """The file as `lines`, every value text: no type is guessed."""
    lines = counting.read_csv(
        str(path), delimiter=delimiter, header=names is None, names=names, all_varchar=True, quotechar='"',
        escapechar='"', null_padding=True, strict_mode=False, parallel=False,
    )  # fmt: skip
    lines.create_view("lines", replace=True)


def count(counting: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    """The one row that a query gives."""
    (found,) = counting.execute(query).fetchall()
    return tuple(found)


def test_the_interactions_of_higgs_are_as_many_as_their_lines(counting: duckdb.DuckDBPyConnection) -> None:
    path = published("higgs_twitter", "higgs-twitter").paths["activity"]
    view(counting, path, delimiter=" ", names=["a", "b", "seconds", "kind"])
    counted = count(
        counting,
        """
        SELECT count(*), count(*) FILTER (kind = 'RT'), count(*) FILTER (kind = 'MT'), count(*) FILTER (kind = 'RE'),
          count(DISTINCT (a, b)) FILTER (kind = 'RT'), min(seconds::BIGINT), max(seconds::BIGINT) FROM lines""",
    )
    (accounts,) = count(
        counting, "SELECT count(*) FROM (SELECT a FROM lines UNION SELECT b FROM lines) AS ends"
    )
    # As the description that comes with the files has them.
    assert (*counted, accounts) == (
        563_069, 354_930, 171_237, 36_902, 328_132, 1_341_100_972, 1_341_705_593, 304_691,
    )  # fmt: skip
    # Of more than half a million rows only what is counted is kept.
    seen: set[str] = set()
    kinds = Counter[str]()
    pairs: set[tuple[str, str]] = set()
    for row in parse_higgs({"activity": path}):
        for fact in row.facts:
            if isinstance(fact, NodeFact):
                if fact.type == "Account":
                    seen.add(fact.id)
            elif fact.type == "INTERACTED":
                kinds[fact.properties["kind"]] += 1
                if fact.properties["kind"] == "reshare":
                    pairs.add((fact.start, fact.end))
    assert (kinds["reshare"], kinds["mention"], kinds["reply"], len(pairs)) == counted[1:5]
    assert (kinds.total(), len(seen)) == (counted[0], accounts)


def test_the_coordinated_retweets_are_as_many_as_their_lines(counting: duckdb.DuckDBPyConnection) -> None:
    view(counting, published("coordinated_retweets", "coordinated-retweets").paths["retweets"])
    counted = count(
        counting,
        """
        SELECT count(*), count(DISTINCT account_id), count(DISTINCT (content_id, object_id)),
          count(DISTINCT content_id) FROM lines""",
    )
    (posts,) = count(
        counting,
        "SELECT count(*) FROM (SELECT content_id FROM lines UNION SELECT object_id FROM lines) AS posts",
    )
    (distinct,) = count(counting, "SELECT count(*) FROM (SELECT DISTINCT * FROM lines) AS once")
    rows, account = read_published("coordinated_retweets", "coordinated-retweets")
    shares = {(link.start, link.end) for link in links(rows, "SHARES")}
    posted = {link.end for link in links(rows, "POSTED")}
    assert (account.read, len(nodes(rows, "Account")), len(shares), len(posted)) == counted
    assert (len(nodes(rows, "Post")), account.used) == (posts, distinct)
    assert (*counted[:2], distinct) == (35_125, 9_509, 35_124)


def test_the_missions_and_their_accounts_are_as_many_as_the_items_of_their_file(
    counting: duckdb.DuckDBPyConnection,
) -> None:
    view(counting, published("embassies", "embassies").paths["missions"], delimiter=";")
    # Of Facebook one row gives the path of a page, which is no account.
    counted = count(
        counting,
        """
        SELECT count(*), count(DISTINCT QID), count(DISTINCT (QID, twitter)) FILTER (twitter <> ''),
          count(DISTINCT (QID, facebook)) FILTER (facebook <> '' AND NOT contains(facebook, '/')),
          count(DISTINCT (QID, youtube)) FILTER (youtube <> '') FROM lines""",
    )
    rows, account = read_published("embassies", "embassies")
    held = Counter(
        start.split(":")[1] for start, _ in {(link.start, link.end) for link in links(rows, "HELD_BY")}
    )
    assert (account.read, len(nodes(rows, "Embassy"))) == counted[:2] == (9_852, 9_851)
    assert (held["twitter"], held["facebook"], held["youtube"]) == counted[2:] == (839, 972, 58)


def test_the_listed_accounts_are_as_many_as_their_handles(counting: duckdb.DuckDBPyConnection) -> None:
    rows, account = read_published("diplomat_accounts", "diplomat-accounts")
    read = Counter(row.file for row in rows)
    used = Counter(row.file for row in rows if row.skipped is None)
    handles: set[str] = set()
    said = 0
    for name, path in published("diplomat_accounts", "diplomat-accounts").paths.items():
        view(counting, path)
        assert count(counting, "SELECT count(*) FROM lines") == (read[name],), name
        lines = counting.view("lines")
        if "labels" in name:
            labelled = lines.filter("gov_label <> 'NA'").project("handle").fetchall()
            assert used[name] == len(labelled), name
            said += len(labelled)
        if "domains" in name:
            continue
        column = "handle" if "labels" in name else "username" if "profiles" in name else "twitter_handle"
        listed = lines.filter(f"{column} <> 'NA'").project(f"lower({column})").fetchall()
        handles |= {handle for (handle,) in listed}
        if "labels" not in name:
            assert used[name] == len(listed), name
    accounts = nodes(rows, "Account").values()
    assert {node.properties["handle"] for node in accounts} == handles
    assert sum(len(node.properties.get("platform_labels", ())) for node in accounts) == said
    assert (account.read, len(accounts)) == (sum(read.values()), len(handles)) == (4_027, 885)
