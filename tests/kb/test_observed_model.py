"""Two datasets about the same accounts and posts, loaded in turn: what is derived is what a plain model has."""

import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from api.context import Context
from api.cursors import Cursors
from kb.bulk.load import load_dataset
from kb.config import Settings
from kb.derive import find_stale
from kb.documents import HeldDocuments
from kb.store import Store
from schema.observations import Dataset
from tests.api.cases import answer
from tests.conftest import clear_data
from tests.kb.invented_dataset import ACCOUNTS, CHANNEL, HOLDERS, POSTS, Facts, facts, make_rows

NAMES = ("quayset", "pierset")
NOW = "2024-05-01T00:00:00Z"
RECORDS = """
{ amplifications(basis: OBSERVED, first: 100) { nodes {
    amplifier { id } amplified { id } channel { id } dataset { id } count { text min } first last undated
    boundsUnknown accounts { id } interactions(first: 100) { nodes { id } } } } }"""
COUNTERS = """
MATCH (e:Entity) WHERE e.degree > 0 OR e.observed_out > 0 OR e.observed_in > 0
  OR e.observed_out_platform > 0 OR e.observed_in_platform > 0
RETURN e.id AS id, coalesce(e.degree, 0) AS degree, coalesce(e.observed_out, 0) AS o, coalesce(e.observed_in, 0) AS i,
  coalesce(e.observed_out_platform, 0) AS op, coalesce(e.observed_in_platform, 0) AS ip"""

Key = tuple[str, str, str | None, str]


class Acted(NamedTuple):
    """A row of the model: its id, who acted on whom, as what, when, and whether an unknown bound decided it."""

    id: str
    source: str
    target: str
    kind: str
    at: str | None
    is_open: bool


def model(said: Mapping[str, Facts]) -> dict[Key, list[Acted]]:
    """The rows of each edge, by hand: no index, no page, nothing kept from before."""
    holdings = {holding for found in said.values() for holding in found.holdings}
    on_platform = {account for found in said.values() for account in found.on_platform}
    authors = first_of((post, account) for found in said.values() for post, account in found.authors.items())
    passed_on = first_of(
        (post, shared)
        for found in said.values()
        for post, shared, kind, _ in found.shares
        if kind == "reshare"
    )
    edges: dict[Key, list[Acted]] = defaultdict(list)

    def add(dataset: str, row: str, source: str, target: str, kind: str, at: str | None) -> None:
        (start, opened), (end, closed) = holder_of(source, at, holdings), holder_of(target, at, holdings)
        key = (start, end, CHANNEL.id if source in on_platform else None, dataset)
        edges[key].append(Acted(row, source, target, kind, at, opened or closed))

    for dataset, found in said.items():
        before = len(found.interactions) + len(found.holdings) + len(found.authors)
        for number, (source, target, kind, at) in enumerate(found.interactions, 1):
            if kind in {"reshare", "quote"}:
                add(dataset, f"{dataset}:{number}>{target}", source, target, kind, at)
        for number, (post, shared, kind, at) in enumerate(found.shares, before + 1):
            if kind in {"reshare", "quote"} and post in authors:
                root = origin_of(shared, passed_on)
                row = f"{dataset}:{number}>{shared}"
                add(dataset, row, authors[post], authors.get(root, root), kind, at)
    return dict(edges)


def first_of(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Of all that are said of one thing, the first by its id."""
    return dict(sorted(pairs, reverse=True))


def holder_of(
    account: str, at: str | None, holdings: Iterable[tuple[str, str, str | None, str | None]]
) -> tuple[str, bool]:
    """Who held it then, and whether a bound of that is not known; the account itself when nobody did."""
    for held, who, since, to in sorted(holdings, key=lambda holding: [part or "~" for part in holding]):
        is_always = since is None and to is None
        covers = at is not None and (since or "") <= at[:10] <= (to or "~")
        if held == account and (is_always or covers):
            return who, since is None or to is None
    return account, False


def origin_of(post: str, passed_on: Mapping[str, str]) -> str:
    """Where the reshares behind a post begin; a post that leads into a ring stands for itself."""
    walked = post
    for _ in POSTS:
        if walked not in passed_on:
            return walked
        walked = passed_on[walked]
    return post if walked in passed_on else walked


def records(edges: Mapping[Key, list[Acted]]) -> dict[Key, dict[str, Any]]:
    """What the API is to say of each edge."""
    found: dict[Key, dict[str, Any]] = {}
    for key, rows in edges.items():
        kinds = Counter(row.kind for row in rows)
        words = [
            f"{kinds[kind]} {kind}" + "s" * (kinds[kind] > 1) for kind in ("reshare", "quote") if kinds[kind]
        ]
        times = sorted(row.at for row in rows if row.at)
        found[key] = {
            "count": {"text": " and ".join(words) + " held", "min": len(rows)},
            "first": times[0] if times else None,
            "last": times[-1] if times else None,
            "undated": len(rows) - len(times),
            "boundsUnknown": sum(row.is_open for row in rows),
            "accounts": sorted({end for row in rows for end in (row.source, row.target) if end in ACCOUNTS}),
            "interactions": sorted(row.id for row in rows),
        }
    return found


def counters(edges: Mapping[Key, list[Acted]]) -> dict[str, list[int]]:
    """Entity -> its edges, its rows out and in, and those of them on a platform."""
    found: dict[str, list[int]] = defaultdict(lambda: [0] * 5)
    for (start, end, channel, _), rows in edges.items():
        for one in {start, end}:
            found[one][0] += 1
        for place, one in ((1, start), (2, end)):
            found[one][place] += len(rows)
            found[one][place + 2] += len(rows) * (channel is not None)
    return dict(found)


RANKED = """
query ($by: GroupBy!) {
  amplifiers(groupBy: [$by], orderBy: OBSERVED, basis: OBSERVED, first: 100) {
    totalCount nodes { amplifier { id } amplified { id }
      observed { dataset { id } interactions first last undated boundsUnknown accounts } } } }"""


def ranking(edges: Mapping[Key, list[Acted]], side: int) -> list[tuple[str, dict[str, dict[str, Any]]]]:
    """The actors on a side by the most rows that one dataset shows of them: what each dataset shows."""
    acted: dict[str, dict[str, list[Acted]]] = defaultdict(lambda: defaultdict(list))
    for key, rows in edges.items():
        acted[(key[0], key[1])[side]][key[3]] += rows
    shown = {
        actor: {
            dataset: {
                "interactions": len(rows),
                "first": min((row.at for row in rows if row.at), default=None),
                "last": max((row.at for row in rows if row.at), default=None),
                "undated": sum(row.at is None for row in rows),
                "boundsUnknown": any(row.is_open for row in rows),
                "accounts": len({end for row in rows for end in (row.source, row.target)} & set(ACCOUNTS)),
            }
            for dataset, rows in datasets.items()
        }
        for actor, datasets in acted.items()
    }
    return sorted(
        shown.items(), key=lambda pair: (-max(one["interactions"] for one in pair[1].values()), pair[0])
    )


async def load(store: Store, folder: Path, name: str, said: Facts, step: int) -> None:
    dataset = Dataset(id=name, title=name, publisher="Quay Institute", licence="CC0-1.0")
    rows = make_rows(said)
    await load_dataset(store, Settings(data=folder), dataset, rows, content_sha256=str(step), now=NOW)


async def must_equal_the_model(store: Store, said: Mapping[str, Facts]) -> None:
    held = HeldDocuments(Path(tempfile.gettempdir()))
    context = Context(store, Cursors(b"a secret for tests alone, 32 b.."), held)
    edges = model(said)
    nodes = (await answer(context, RECORDS))["amplifications"]["nodes"]
    answered = {}
    for node in nodes:
        channel = node.pop("channel")
        ends = (node.pop("amplifier")["id"], node.pop("amplified")["id"], channel and channel["id"])
        node["accounts"] = sorted(account["id"] for account in node["accounts"])
        node["interactions"] = sorted(row["id"] for row in node["interactions"]["nodes"])
        answered[*ends, node.pop("dataset")["id"]] = node
    assert len(answered) == len(nodes), "one edge for each pair, channel and dataset"
    assert answered == records(edges), said
    assert {key: numbers for key, *numbers in await store.read(COUNTERS)} == counters(edges), said
    for side, by in enumerate(("amplifier", "amplified")):
        ranked = (await answer(context, RANKED, by=by.upper()))["amplifiers"]
        found = [
            (node[by]["id"], {shown.pop("dataset")["id"]: shown for shown in node["observed"]})
            for node in ranked["nodes"]
        ]
        assert found == ranking(edges, side), said
        assert ranked["totalCount"] == len(found)
    assert await find_stale(store) == []


REPOSTED = Facts(
    authors={POSTS[0]: ACCOUNTS[0], POSTS[1]: ACCOUNTS[1]},
    shares=[(POSTS[1], POSTS[0], "reshare", "2024-01-15T00:00:00Z")],
)


async def test_a_post_that_two_datasets_show_is_counted_once_in_each(migrated: Store, tmp_path: Path) -> None:
    await load(migrated, tmp_path, "quayset", REPOSTED, 1)
    await load(migrated, tmp_path, "pierset", Facts(authors={POSTS[1]: ACCOUNTS[1]}), 2)
    await must_equal_the_model(
        migrated, {"quayset": REPOSTED, "pierset": Facts(authors={POSTS[1]: ACCOUNTS[1]})}
    )


async def test_an_author_that_another_dataset_names_moves_the_edges_of_this_one(
    migrated: Store, tmp_path: Path
) -> None:
    unsigned = Facts(authors={POSTS[1]: ACCOUNTS[1]}, shares=REPOSTED.shares)
    await load(migrated, tmp_path, "quayset", unsigned, 1)
    for step, told in enumerate([Facts(authors={POSTS[0]: ACCOUNTS[0]}), Facts()], 2):
        await load(migrated, tmp_path, "pierset", told, step)
        await must_equal_the_model(migrated, {"quayset": unsigned, "pierset": told})


async def test_a_chain_through_two_datasets_counts_for_its_origin(migrated: Store, tmp_path: Path) -> None:
    first = Facts(
        authors=dict(zip(POSTS[:3], ACCOUNTS[:3], strict=True)),
        shares=[(POSTS[2], POSTS[1], "reshare", None)],
        holdings=[(ACCOUNTS[0], HOLDERS[0], None, None)],
    )
    await load(migrated, tmp_path, "quayset", first, 1)
    for step, kind in enumerate(["reshare", "quote", "mention"], 2):
        second = Facts(shares=[(POSTS[1], POSTS[0], kind, None)])
        await load(migrated, tmp_path, "pierset", second, step)
        await must_equal_the_model(migrated, {"quayset": first, "pierset": second})


@pytest.mark.parametrize("examples", [4, pytest.param(150, marks=pytest.mark.long)])
async def test_after_any_loads_of_two_datasets_all_is_as_the_model_says(
    migrated_module: Store, tmp_path: Path, examples: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three loads in turn, each followed by a look at every edge, row and counter."""
    monkeypatch.setattr("kb.bulk.cut.cut.__defaults__", (3,))
    monkeypatch.setattr("kb.amplified.PAGE_ACTORS", 2)
    monkeypatch.setattr("kb.bulk.follow.PAGE_ACTORS", 2)
    drawn: list[list[tuple[str, Facts]]] = []

    @seed(20261126)
    @settings(max_examples=examples, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(loads=st.lists(st.tuples(st.sampled_from(NAMES), facts()), min_size=3, max_size=3))
    def draw(loads: list[tuple[str, Facts]]) -> None:
        drawn.append(loads)

    draw()
    compared = 0
    for loads in drawn:
        await clear_data(migrated_module)
        said: dict[str, Facts] = {}
        for step, (name, found) in enumerate(loads):
            said[name] = found
            await load(migrated_module, tmp_path, name, found, step)
            await must_equal_the_model(migrated_module, said)
            compared += len(model(said))
    assert compared > examples, "most examples have edges"
