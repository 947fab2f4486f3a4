"""The rows of datasets: what one account did, and which of them an observed record is made of."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tests.api.naive.reader import Object, Reader

AMPLIFYING = ("quote", "reshare")


class Act(NamedTuple):
    """What an account did: to another account, or with a post that shares another post."""

    id: str
    at: str | None
    row: Mapping[str, Any]
    source: str | None
    target: str | None
    post: str | None = None
    shared: str | None = None
    origin: str | None = None  # the account that the row counts for: where reshares of reshares began

    @property
    def accounts(self) -> set[str]:
        """The accounts of both ends."""
        return {account for account in (self.source, self.target) if account is not None}


async def find_interactions(reader: Reader) -> list[Act]:
    """What accounts did to each other."""
    rows = await reader.rows(
        "MATCH (a:Account)-[r:INTERACTED]->(b:Account) RETURN a.id AS a, b.id AS b, properties(r) AS row"
    )
    return [Act(_name(row, end), row.get("at"), row, start, end, origin=end) for start, end, row in rows]


async def find_acts(reader: Reader) -> list[Act]:
    """What accounts did to each other and with posts. The first of those who posted it is the author of a post."""
    authors: dict[str, str] = {}
    for post, account in await reader.rows(
        "MATCH (p:Post)<-[:POSTED]-(a:Account) RETURN p.id AS p, a.id AS a"
    ):
        authors[post] = min(account, authors.get(post, account))
    rows = await reader.rows(
        "MATCH (p:Post)-[r:SHARES]->(q:Post) RETURN p.id AS p, p.at AS at, q.id AS q, properties(r) AS row"
    )
    passed_on: dict[str, str] = {}
    for post, _, shared, row in rows:
        if row.get("kind") == "reshare":
            passed_on[post] = min(shared, passed_on.get(post, shared))
    found = await find_interactions(reader)
    for post, at, shared, row in rows:
        origin = authors.get(_find_origin(shared, passed_on))
        ends = authors.get(post), authors.get(shared)
        found.append(Act(_name(row, shared), row.get("at") or at, row, *ends, post, shared, origin))
    return found


def _find_origin(post: str, passed_on: Mapping[str, str]) -> str:
    """Where the reshares behind a post begin; a post that leads into a ring stands for itself."""
    here, seen = post, set[str]()
    while here in passed_on:
        if here in seen:
            return post
        seen.add(here)
        here = passed_on[here]
    return here


async def find_rows_of(reader: Reader, edge: Mapping[str, Any], start: str, end: str) -> list[Act]:
    """The rows that an observed record is made of: those between its ends, and those that say they feed it."""
    return [
        act
        for act in await find_acts(reader)
        if act.row.get("kind") in AMPLIFYING
        and act.row["dataset"] == edge["dataset"]
        and (
            act.row.get("feeds") == edge["id"]
            or (act.row.get("feeds") is None and (act.source, act.target or act.shared) == (start, end))
        )
    ]


def make_interaction(reader: Reader, act: Act) -> Mapping[str, Any]:
    """A row as an answer shows it."""
    return {
        "id": act.id,
        "kind": act.row["kind"].upper(),
        "at": act.at,
        "dataset": act.row["dataset"],
        "row": act.row["row"],
        "source": reader.opens("Entity", act.source),
        "target": reader.opens("Entity", act.target),
        "post": reader.opens("Entity", act.post),
        "shared": reader.opens("Entity", act.shared),
    }


def page_of_interactions(
    reader: Reader, acts: Sequence[Act], arguments: Mapping[str, Any]
) -> Mapping[str, Any]:
    """A page of rows, the earliest first, those without a time last."""
    found = sorted(acts, key=lambda act: (act.at or "~", act.id))
    return reader.page([make_interaction(reader, act) for act in found], arguments)


async def page_of_account(reader: Reader, account: Object, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """The rows in which an account acted, or its post was acted on."""
    acts = [act for act in await find_interactions(reader) if account.id in act.accounts]
    return page_of_interactions(reader, acts, arguments)


def _name(row: Mapping[str, Any], end: str) -> str:
    return row.get("id") or f"{row['dataset']}:{row['row']}>{end}"
