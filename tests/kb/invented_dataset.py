"""Invented datasets: rows of accounts, holders, posts and shares, and what they amount to by a model of its own."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from kb.bulk.facts import LinkFact, NodeFact, Row
from kb.store import Store
from schema.observations import Dataset

ACCOUNTS = [f"acct:quayset:{n}" for n in range(6)]
POSTS = [f"post:quayset:{n}" for n in range(6)]
HOLDERS = ["per:ada-berth", "org:quay-press"]
DAYS = [None, "2024-01-01", "2024-02-01", "2024-03-01"]
TIMES = [None, "2024-01-15T00:00:00Z", "2024-02-15T00:00:00Z", "2024-03-15T23:59:59Z"]
CHANNEL = NodeFact("Channel", "platform:quaynet", {"name": "Quaynet", "kind": "platform"}, ("Quaynet",))
DATASET = Dataset(id="quayset", title="Quay set", publisher="Quay Institute", licence="CC0-1.0")


@dataclass(frozen=True)
class Facts:
    """What a dataset says: interactions, holdings, authors of posts, shares of posts, and accounts on the platform."""

    interactions: Sequence[tuple[str, str, str, str | None]] = ()
    holdings: Sequence[tuple[str, str, str | None, str | None]] = ()
    authors: dict[str, str] = field(default_factory=dict)
    shares: Sequence[tuple[str, str, str, str | None]] = ()
    on_platform: frozenset[str] = frozenset()


def facts() -> st.SearchStrategy[Facts]:
    account, post = st.sampled_from(ACCOUNTS), st.sampled_from(POSTS)
    kind = st.sampled_from(["reshare", "reshare", "quote", "mention", "reply"])
    time = st.sampled_from(TIMES)
    day = st.sampled_from(DAYS)
    return st.builds(
        Facts,
        interactions=st.lists(st.tuples(account, account, kind, time), max_size=8),
        holdings=st.lists(
            st.tuples(account, st.sampled_from(HOLDERS), day, day).filter(
                lambda row: row[2] is None or row[3] is None or row[2] <= row[3]
            ),
            max_size=3,
        ),
        authors=st.dictionaries(post, account, max_size=5),
        shares=st.lists(st.tuples(post, post, kind, time), max_size=6),
        on_platform=st.frozensets(account, max_size=4),
    )


def make_rows(said: Facts) -> list[Row]:
    """The rows of the dataset, each fact one row; the last says nothing."""
    rows: list[Row] = []

    def add(*found: NodeFact | LinkFact) -> None:
        rows.append(Row("facts", len(rows) + 1, found))

    for a, b, kind, at in said.interactions:
        number = str(len(rows) + 1)
        add(_account(a), _account(b), LinkFact("INTERACTED", a, b, {"kind": kind, "at": at, "row": number}))
    for a, holder, since, to in said.holdings:
        days = {"from": since, "to": to, "basis": "a list"}
        held = LinkFact("HELD_BY", a, holder, {**days, "row": str(len(rows) + 1)})
        add(_account(a), _holder(holder), held)
    for post, a in said.authors.items():
        add(_account(a), _post(post), LinkFact("POSTED", a, post, {"row": str(len(rows) + 1)}))
    for p, q, kind, at in said.shares:
        shared = LinkFact("SHARES", p, q, {"kind": kind, "at": at, "row": str(len(rows) + 1)})
        add(_post(p), _post(q), shared)
    for a in sorted(said.on_platform):
        add(_account(a), CHANNEL, LinkFact("ON", a, CHANNEL.id, {"row": str(len(rows) + 1)}))
    return [*rows, Row("facts", len(rows) + 1, (), "says nothing")]


def _account(key: str) -> NodeFact:
    number = key.rpartition(":")[2]
    return NodeFact("Account", key, {"name": f"quayset {number}", "platform": "quaynet", "pseudonym": number})


def _holder(key: str) -> NodeFact:
    name = "Ada Berth" if key.startswith("per:") else "Quay Press"
    return NodeFact("Person" if key.startswith("per:") else "Organization", key, {"name": name}, (name,))


def _post(key: str) -> NodeFact:
    return NodeFact("Post", key, {"name": f"post {key[-1]}"})


def expected_edges(said: Facts) -> dict[tuple[str, str, str | None], tuple[int, int, str | None, str | None]]:
    """(amplifier, amplified, channel) -> interactions, those without time, first and last: by hand, row by row."""
    found: dict[tuple[str, str, str | None], list[str | None]] = defaultdict(list)

    def holder(account: str, at: str | None) -> str:
        for a, who, since, to in sorted(said.holdings, key=lambda row: (row[0], row[1], row[2] or "~")):
            covers = (at is None and since is None and to is None) or (
                at is not None and (since or "0") <= at[:10] <= (to or "9")
            )
            if a == account and covers:
                return who
        return account

    def add(source: str, target: str, at: str | None) -> None:
        channel = CHANNEL.id if source in said.on_platform else None
        end = holder(target, at) if target in ACCOUNTS else target
        found[holder(source, at), end, channel].append(at)

    for a, b, kind, at in said.interactions:
        if kind in {"reshare", "quote"}:
            add(a, b, at)
    passed_on = {p: min(q for x, q, kind, _ in said.shares if x == p and kind == "reshare")
                 for p, _, kind, _ in said.shares if kind == "reshare"}  # fmt: skip
    for p, q, kind, at in said.shares:
        if kind in {"reshare", "quote"} and p in said.authors:
            origin, steps = q, 0
            while origin in passed_on and steps < len(POSTS):
                origin, steps = passed_on[origin], steps + 1
            if origin in passed_on:
                origin = q
            add(said.authors[p], said.authors.get(origin, origin), at)
    dated: dict[Any, list[Any]] = {
        key: sorted(at for at in times if at) or [None] for key, times in found.items()
    }
    return {key: (len(at), at.count(None), dated[key][0], dated[key][-1]) for key, at in found.items()}


async def dump(store: Store) -> tuple[list[Any], list[Any]]:
    """Every node and relationship but those that tell of runs, as values that compare."""
    nodes = await store.read(
        "MATCH (n) WHERE NOT (n:Run OR n:Batch OR n:Migration OR n:Load) RETURN labels(n) AS l, properties(n) AS p"
    )
    links = await store.read(
        "MATCH (a)-[r]->(b) WHERE type(r) <> 'LOADED_BY' RETURN type(r) AS t, a.id AS a, b.id AS b, properties(r) AS p"
    )
    return (
        sorted(([sorted(labels), _plain(properties)] for labels, properties in nodes), key=str),
        sorted(([*ends, _plain(properties)] for *ends, properties in links), key=str),
    )


def _plain(properties: dict[str, Any]) -> dict[str, Any]:
    """Without absent values: a counter that is 0 says the same as none."""
    ignored = {"content_sha256"}
    return {
        key: value for key, value in sorted(properties.items())
        if value is not None and value != 0 and key not in ignored
    }  # fmt: skip
