"""The only writer of cases: compares what a case asks for with what is stored, and writes the difference, whole."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, LiteralString

from kb.bulk.nodes import merge_properties
from kb.case_graph import CaseGraph, Link, Properties, links_by_shape, make_case_graph
from kb.derive import derive
from kb.documents import HeldDocuments
from kb.errors import BadInput, Problem
from kb.store import Store, Transaction, batched, literal
from schema.case_files import CaseFile
from schema.catalog import LABELS, RELATIONSHIP_TYPES, RELATIONSHIPS, labels_of

Progress = Callable[[str, int, int], None]

_CASE: LiteralString = "MATCH (k:Case {id: $case}) RETURN k.content_sha256 AS sha"
_ENTITIES: LiteralString = """
MATCH (e:Entity) WHERE e.id IN $ids OR $case IN e.sources
RETURN e.id AS id, properties(e) AS properties, labels(e) AS labels"""
_CLAIMS: LiteralString = """
MATCH (c:Claim {case: $case})
RETURN c.id AS id, c.content_sha256 AS sha, c.version AS version, c.known_to AS known_to"""
_PASSAGES: LiteralString = "MATCH (p:Passage {case: $case}) RETURN p.id AS id, properties(p) AS properties"
_READINGS: LiteralString = "MATCH (r:Reading {case: $case}) RETURN r.id AS id, properties(r) AS properties"
_NAMES: LiteralString = "MATCH (n:Name {source: $case}) RETURN n.id AS id, properties(n) AS properties"
_NAME_KEYS: LiteralString = "MATCH (k:NameKey {source: $case}) RETURN k.id AS id, properties(k) AS properties"
_DATASETS: LiteralString = (
    "MATCH (d:Dataset) WHERE d.case = $case RETURN d.id AS id, properties(d) AS properties"
)

# The stored relationships that this case answers for, each way to find them once.
_LINKS: Final[tuple[LiteralString, ...]] = (
    """MATCH (a:Claim {case: $case})-[r]->(b) WHERE a.known_to IS NULL AND type(r) <> 'REPLACES'
RETURN type(r) AS type, 'Claim' AS of, a.id AS start, labels(b) AS labels, b.id AS end, properties(r) AS p""",
    """MATCH (a:Passage {case: $case})-[r]->(b)
RETURN type(r) AS type, 'Passage' AS of, a.id AS start, labels(b) AS labels, b.id AS end, properties(r) AS p""",
    """MATCH (a:Document {case: $case})-[r:COPIES|CITES|HAS_READING|PUBLISHED_UNDER]->(b)
RETURN type(r) AS type, 'Entity' AS of, a.id AS start, labels(b) AS labels, b.id AS end, properties(r) AS p""",
    """MATCH (a:Report)-[r:PUBLISHED_UNDER]->(b) WHERE $case IN a.sources
RETURN type(r) AS type, 'Entity' AS of, a.id AS start, labels(b) AS labels, b.id AS end, properties(r) AS p""",
    """MATCH (b:Name {source: $case})<-[r:NAMED]-(a:Entity)
RETURN type(r) AS type, 'Entity' AS of, a.id AS start, labels(b) AS labels, b.id AS end, properties(r) AS p""",
    """MATCH (b:NameKey {source: $case})<-[r:FOUND_AS]-(a:Name)
RETURN type(r) AS type, 'Name' AS of, a.id AS start, labels(b) AS labels, b.id AS end, properties(r) AS p""",
    """MATCH (a:Entity)-[r:INTERACTED|HELD_BY|POSTED_AT|ON]->(b:Entity)
WHERE $case IN a.sources AND r.dataset IN $datasets
RETURN type(r) AS type, 'Entity' AS of, a.id AS start, labels(b) AS labels, b.id AS end, properties(r) AS p""",
)

_SET_CLAIM_CLOSED: LiteralString = """
UNWIND $rows AS row MATCH (c:Claim {id: row[0]})
SET c.id = row[1], c.status = row[2], c.known_to = $now"""
_REPLACE: LiteralString = """
UNWIND $rows AS row MATCH (new:Claim {id: row[0]}) MATCH (old:Claim {id: row[1]})
CREATE (new)-[:REPLACES {reason: row[2]}]->(old)"""
_SET_SOURCES: LiteralString = "UNWIND $rows AS row MATCH (e:Entity {id: row[0]}) SET e.sources = row[1]"
_DELETE_ENTITY: LiteralString = """
UNWIND $ids AS id MATCH (e:Entity {id: id}) WHERE NOT EXISTS { (e)--(other) WHERE NOT other:Name }
DETACH DELETE e"""
_DELETE_PASSAGE: LiteralString = """
UNWIND $ids AS id MATCH (p:Passage {id: id}) WHERE NOT EXISTS { (p)<-[:SHOWN_IN]-(:Claim) } DETACH DELETE p"""
_SAVE_CASE: LiteralString = "MERGE (k:Case {id: $case}) SET k += $properties"
_RUN: LiteralString = """
MATCH (k:Case {id: $case}) OPTIONAL MATCH (k)-[:LOADED_BY]->(before:Run)
WITH k, count(before) AS number
CREATE (k)-[:LOADED_BY]->(r:Run)
SET r.id = $case + '/' + toString(number + 1), r.label = $case + ', run ' + toString(number + 1),
    r.source = $case, r.at = $now, r.content_sha256 = $sha, r.rows_changed = $changed"""

# Not the case's to say: `feeds` is derived, `written` comes with the words of a held document.
_NOT_THE_CASES: Final = frozenset({"feeds", "written"})
# Words come with a held document; a machine that does not hold it must not take them away.
_WORDS: Final = ("prefix", "exact", "suffix")


@dataclass
class SaveReport:
    """What a save changed: `rows_changed` nodes and relationships, and how many of which."""

    unchanged: bool = False
    rows_changed: int = 0
    summary: dict[str, int] = field(default_factory=dict)

    def count(self, what: str, rows: int) -> None:
        """Adds rows that were changed under the name of what they are."""
        if rows:
            self.rows_changed += rows
            self.summary[what] = self.summary.get(what, 0) + rows


def _be_quiet(_stage: str, _done: int, _total: int) -> None:
    pass


async def save_case(
    store: Store,
    case: CaseFile,
    *,
    content_sha256: str,
    held: HeldDocuments,
    now: str,
    progress: Progress = _be_quiet,
) -> SaveReport:
    """Makes the store hold exactly this (checked) case, in one transaction: it is loaded whole or not at all.

    A claim that is no longer in the case is closed (status withdrawn, known_to `now`), a changed one becomes a new
    version. Derived edges follow in the same transaction. Raises BadInput, where `where` is the id of an entity that
    another case declares differently, and the errors of `Store.write`.
    """
    if case.case is None:
        raise ValueError("a case without a head was not checked")
    stored = await store.read(_CASE, {"case": case.case.id})
    if stored and stored[0][0] == content_sha256:
        return SaveReport(unchanged=True)
    graph = make_case_graph(case, held, now)
    head = {"title": case.case.title, "description": case.case.description, "content_sha256": content_sha256}

    async def work(transaction: Transaction) -> SaveReport:
        return await _Saving(transaction, graph, now, progress).save(head)

    return await store.write(work)


def find_conflicts(graph: CaseGraph, stored: dict[str, Properties]) -> list[Problem]:
    """What this case declares otherwise than another case that has declared it before."""
    problems: list[Problem] = []
    for key, wanted in graph.entities.items():
        found = stored.get(key)
        others = [source for source in (found or {}).get("sources", []) if source != graph.case]
        if not found or not others or found["sources"][0] == graph.case:
            continue
        by = f"the case or dataset {', '.join(others)} has declared it"
        if key not in graph.shared:
            problems.append(Problem(key, by, key, "say shared: true on it, or choose another id"))
            continue
        for name in sorted((wanted.keys() | found.keys()) - _NOT_COMPARED):
            if wanted.get(name) is not None and found.get(name) is not None and wanted[name] != found[name]:
                remedy = f"write {found[name]!r}, or change it in the case {others[0]} first"
                problems.append(Problem(key, f"{by} with another {name}", wanted[name], remedy))
    return problems


# Another case may use another name (it becomes a Name with its source) and keeps no bookkeeping of its own.
_NOT_COMPARED: Final = frozenset({"name", "note", "sources", "canonical", "degree"})


class _Saving:
    """One attempt at saving; made anew for each retry of the transaction."""

    def __init__(self, transaction: Transaction, graph: CaseGraph, now: str, progress: Progress) -> None:
        self._run = transaction.run
        self._transaction = transaction
        self._graph = graph
        self._case = graph.case
        self._now = now
        self._progress = progress
        self._report = SaveReport()
        # Accounts that lost a holder or their platform, and who held them: their edges are made anew.
        self._left: set[str] = set()

    async def save(self, head: Properties) -> SaveReport:
        datasets = {row[0] for row in await self._run(_DATASETS, {"case": self._case})}
        dropped = await self._save_entities()
        await self._save_plain("Reading", self._graph.readings, _READINGS)
        await self._save_plain("Name", self._graph.names, _NAMES)
        await self._save_plain("NameKey", self._graph.name_keys, _NAME_KEYS)
        await self._save_plain("Dataset", self._graph.datasets, _DATASETS)
        stale_passages = await self._save_passages()
        await self._save_claims()
        await self._save_links(sorted({*datasets, *self._graph.datasets, self._case}))
        self._progress("derived edges", 0, 1)
        self._report.count("derived", await derive(self._transaction, self._case, [*dropped, *self._left]))
        self._progress("derived edges", 1, 1)
        await self._drop_entities(dropped)
        for ids in batched(stale_passages):
            await self._run(_DELETE_PASSAGE, {"ids": ids})
        await self._run(_SAVE_CASE, {"case": self._case, "properties": head})
        if self._report.rows_changed:
            run = {"now": self._now, "sha": head["content_sha256"], "changed": self._report.rows_changed}
            await self._run(_RUN, {"case": self._case, **run})
        return self._report

    async def _save_entities(self) -> dict[str, list[str]]:
        """Creates and updates entities; returns those that this case no longer declares, with their other sources."""
        wanted = self._graph.entities
        rows = await self._run(_ENTITIES, {"ids": list(wanted), "case": self._case})
        stored: dict[str, Properties] = {row[0]: row[1] for row in rows}
        if problems := find_conflicts(self._graph, stored):
            raise BadInput(problems)
        created: dict[tuple[str, ...], list[Properties]] = {}
        for key, properties in wanted.items():
            found = stored.get(key)
            if found is None:
                fresh = {**properties, "sources": [self._case], "canonical": key, "degree": 0}
                created.setdefault(labels_of(properties["type"]), []).append(fresh)
            else:
                await self._update_entity(key, properties, found)
        for labels, fresh_rows in created.items():
            await self._create_nodes(labels, fresh_rows)
        self._report.count("entities", sum(map(len, created.values())))
        dropped = [
            key for key, found in stored.items() if key not in wanted and self._case in found["sources"]
        ]
        self._report.count("entities dropped", len(dropped))
        return {key: [source for source in stored[key]["sources"] if source != self._case] for key in dropped}

    async def _drop_entities(self, dropped: dict[str, list[str]]) -> None:
        """Last, because relationships are found through the sources of their start."""
        await self._batches("entities", _SET_SOURCES, [list(pair) for pair in dropped.items()])
        for ids in batched([key for key, sources in dropped.items() if not sources]):
            # An entity that the history of claims still needs stays, without a source.
            await self._run(_DELETE_ENTITY, {"ids": ids})

    async def _update_entity(self, key: str, wanted: Properties, found: Properties) -> None:
        merged = merge_properties(found, wanted, self._case)
        if found.get("held") and found.get("sha256") == wanted.get("sha256"):
            merged |= {"held": True, "chars": found["chars"]}
        if merged == found:
            return
        relabel = _relabel_clause(found["type"], merged["type"])
        statement = f"MATCH (e:Entity {{id: $id}}) SET e = $properties {relabel}"
        await self._run(literal(statement), {"id": key, "properties": merged})
        self._report.count("entities", 1)

    async def _save_plain(self, label: str, wanted: dict[str, Properties], find: LiteralString) -> None:
        """Makes the nodes of one label equal to `wanted`: creates, updates, and deletes those not asked for."""
        stored = {row[0]: row[1] for row in await self._run(find, {"case": self._case})}
        gone = [key for key in stored if key not in wanted]
        changed = [props for key, props in wanted.items() if key in stored and stored[key] != props]
        await self._batches(label, _node_statement("DETACH DELETE n", label), [[key] for key in gone])
        await self._create_nodes((label,), [props for key, props in wanted.items() if key not in stored])
        await self._batches(label, _node_statement("SET n = row[1]", label), [[p["id"], p] for p in changed])
        new = sum(key not in stored for key in wanted)
        self._report.count(f"{label.lower()}s", len(gone) + len(changed) + new)

    async def _save_passages(self) -> list[str]:
        stored = {row[0]: row[1] for row in await self._run(_PASSAGES, {"case": self._case})}
        wanted = {key: _with_words(props, stored.get(key)) for key, props in self._graph.passages.items()}
        fresh = [props for key, props in wanted.items() if key not in stored]
        changed = [[key, props] for key, props in wanted.items() if key in stored and stored[key] != props]
        await self._create_nodes(("Passage",), fresh)
        await self._batches("passages", _node_statement("SET n = row[1]", "Passage"), changed)
        self._report.count("passages", len(fresh) + len(changed))
        return [key for key in stored if key not in wanted]

    async def _save_claims(self) -> None:
        rows = await self._run(_CLAIMS, {"case": self._case})
        stored = {row[0]: (row[1], row[2], row[3]) for row in rows}
        closing: list[list[str]] = []
        replaced: list[list[str]] = []
        fresh: list[Properties] = []
        for key, wanted in self._graph.claims.items():
            sha, version, known_to = stored.get(key, (None, 0, None))
            if sha == wanted["content_sha256"] and known_to is None:
                continue
            fresh.append({**wanted, "version": version + 1})
            if version:
                old = f"{key}@{version}"
                closing.append([key, old, "corrected" if known_to is None else "withdrawn"])
                why = "changed in the case" if known_to is None else "entered again"
                replaced.append([key, old, self._graph.reasons.get(key, why)])
        current = [key for key, (_, _, known_to) in stored.items() if known_to is None and "@" not in key]
        withdrawn = [[key, key, "withdrawn"] for key in current if key not in self._graph.claims]
        reopened = {row[0] for row in closing if stored[row[0]][2] is not None}
        await self._batches(
            "claims", _SET_CLAIM_CLOSED, [row for row in closing + withdrawn if row[0] not in reopened]
        )
        await self._batches("claims", _RENAME_CLAIM, [row[:2] for row in closing if row[0] in reopened])
        await self._create_nodes(("Claim",), fresh)
        await self._batches("claims", _REPLACE, replaced)
        self._report.count("claims changed", len(replaced))
        self._report.count("claims new", len(fresh) - len(replaced))
        self._report.count("claims closed", len(withdrawn))

    async def _save_links(self, datasets: Sequence[str]) -> None:
        wanted = self._graph.links
        stored: set[Link] = set()
        for find in _LINKS:
            for kind, start_label, start, end_labels, end, properties in await self._run(
                find, {"case": self._case, "datasets": datasets}
            ):
                kept = tuple(sorted((k, v) for k, v in properties.items() if k not in _NOT_THE_CASES))
                stored.add(Link(kind, (start_label, start), (_end_label(end_labels), end), kept))
        stored = {link for link in stored if not self._belongs_to_another_source(link)}
        bare = {_without_words(link): link for link in wanted}
        gone, fresh = stored - bare.keys(), {bare[link] for link in bare.keys() - stored}
        for (kind, start, end), links in links_by_shape(gone).items():
            rows = [[link.start[1], link.end[1], dict(link.properties)] for link in links]
            await self._batches("relationships", _delete_link_statement(kind, start, end), rows)
        self._left = {
            end[1] for link in gone if link.type in ("HELD_BY", "ON") for end in (link.start, link.end)
        }
        done = 0
        for (kind, start, end), links in links_by_shape(fresh).items():
            rows = [[link.start[1], link.end[1], dict(link.properties)] for link in links]
            await self._batches(
                "relationships", _create_link_statement(kind, start, end), rows, done, len(fresh)
            )
            done += len(links)
        self._report.count("relationships", len(gone) + len(fresh))

    def _belongs_to_another_source(self, link: Link) -> bool:
        """A report that two cases share keeps the publisher that the other case gave it."""
        return (
            link.type == "PUBLISHED_UNDER"
            and link.start[1] in self._graph.shared
            and link not in self._graph.links
        )

    async def _create_nodes(self, labels: tuple[str, ...], rows: list[Properties]) -> None:
        joined = ":".join(_known(label, LABELS) for label in labels)
        statement = f"UNWIND $rows AS row CREATE (n:{joined}) SET n = row"
        await self._batches(labels[-1], statement, rows)

    async def _batches(
        self, stage: str, statement: str, rows: Sequence[Any], done: int = 0, total: int | None = None
    ) -> None:
        for batch in batched(rows):
            await self._run(literal(statement), {"rows": batch, "now": self._now})
            done += len(batch)
            self._progress(stage, done, total or len(rows))


_RENAME_CLAIM: LiteralString = "UNWIND $rows AS row MATCH (c:Claim {id: row[0]}) SET c.id = row[1]"


def _without_words(link: Link) -> Link:
    return link._replace(properties=tuple(pair for pair in link.properties if pair[0] not in _NOT_THE_CASES))


def _with_words(wanted: Properties, stored: Properties | None) -> Properties:
    if stored is None or "exact" in wanted or stored["span_sha256"] != wanted["span_sha256"]:
        return wanted
    return {**wanted, **{name: stored[name] for name in _WORDS if name in stored}}


def _known(name: str, names: Iterable[str]) -> str:
    """The name, which must be one of the catalog: labels and types cannot be parameters of a statement."""
    if name not in names:
        raise ValueError(f"{name!r} is not in the catalog")
    return name


def _end_label(labels: Sequence[str]) -> str:
    return "Entity" if "Entity" in labels else next(label for label in labels if label in LABELS)


def _relabel_clause(before: str, after: str) -> str:
    if before == after:
        return ""
    old, new = set(labels_of(before)), set(labels_of(after))
    removed = "".join(f":{_known(label, LABELS)}" for label in sorted(old - new))
    added = "".join(f":{_known(label, LABELS)}" for label in sorted(new - old))
    return (f"SET e{added} " if added else "") + (f"REMOVE e{removed}" if removed else "")


def _node_statement(action: LiteralString, label: str) -> str:
    return f"UNWIND $rows AS row MATCH (n:{_known(label, LABELS)} {{id: row[0]}}) {action}"


def _ends(kind: str, start: str, end: str) -> tuple[str, str, str]:
    return _known(kind, RELATIONSHIP_TYPES), _known(start, LABELS), _known(end, LABELS)


def _create_link_statement(kind: str, start: str, end: str) -> str:
    kind, start, end = _ends(kind, start, end)
    return (
        f"UNWIND $rows AS row MATCH (a:{start} {{id: row[0]}}) MATCH (b:{end} {{id: row[1]}}) "
        f"CREATE (a)-[r:{kind}]->(b) SET r = row[2]"
    )


def _delete_link_statement(kind: str, start: str, end: str) -> str:
    kind, start, end = _ends(kind, start, end)
    properties = {relationship.name: relationship.properties for relationship in RELATIONSHIPS}[kind]
    compared = [name for name in properties if name not in _NOT_THE_CASES]
    same = " AND ".join(f"coalesce(r.`{name}`, '') = coalesce(row[2].`{name}`, '')" for name in compared)
    where = f"WHERE {same} " if same else ""
    return f"UNWIND $rows AS row MATCH (a:{start} {{id: row[0]}})-[r:{kind}]->(b:{end} {{id: row[1]}}) {where}DELETE r"
