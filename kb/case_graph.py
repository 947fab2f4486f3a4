"""What a case becomes: the nodes and relationships that its files ask for, as plain values; no database."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from kb.documents import HeldDocuments, context
from kb.names import HEAD_CHARS, make_keys, make_name
from schema.case_files import CaseFile, ClaimEntry, DocumentEntry, EntityEntry, own_fields
from schema.catalog import ENTITY_TYPES
from schema.claims import ROLES, Claim, ClaimStatus
from schema.documents import Document, Passage, Reading
from schema.values import DateBasis, Locator, When

Properties = dict[str, Any]

# Reports and documents name their publisher in a field; in the graph it is a relationship.
NOT_PROPERTIES: Final = frozenset({"publisher"})


class Link(NamedTuple):
    """A relationship to be: its type, the label and id of both ends, its properties as a sorted tuple."""

    type: str
    start: tuple[str, str]
    end: tuple[str, str]
    properties: tuple[tuple[str, Any], ...] = ()


@dataclass
class CaseGraph:
    """The nodes by id and the relationships of one case."""

    case: str
    entities: dict[str, Properties] = field(default_factory=dict)
    claims: dict[str, Properties] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    passages: dict[str, Properties] = field(default_factory=dict)
    readings: dict[str, Properties] = field(default_factory=dict)
    names: dict[str, Properties] = field(default_factory=dict)
    name_keys: dict[str, Properties] = field(default_factory=dict)
    datasets: dict[str, Properties] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    links: set[Link] = field(default_factory=set)


def make_case_graph(case: CaseFile, held: HeldDocuments, now: str) -> CaseGraph:
    """The graph of a checked case; `now` is the instant (UTC, ending in Z) from which its claims are known."""
    return _Builder(case, held, now).build()


def hash_of(value: Any) -> str:
    """SHA-256 of a JSON-able value, independent of key order."""
    return hashlib.sha256(
        json.dumps(value, sort_keys=True, ensure_ascii=True, default=str).encode()
    ).hexdigest()


class _Builder:
    def __init__(self, case: CaseFile, held: HeldDocuments, now: str) -> None:
        if case.case is None:
            raise ValueError("a case without a head was not checked")
        self._file, self._head, self._held, self._now = case, case.case, held, now
        self._documents = {entry.id: entry for entry in case.documents}
        self._texts = {
            entry.id: held.text(entry.sha256) if entry.sha256 else None for entry in case.documents
        }
        self._graph = CaseGraph(case.case.id)

    def build(self) -> CaseGraph:
        for document in self._file.documents:
            self._add_document(document)
        for entity in self._file.entities:
            self._add_entity(entity)
        for reading in self._file.readings:
            self._add_reading(reading.id, reading.at, reading.model_dump(exclude={"id", "at"}))
        for claim in self._file.claims:
            self._add_claim(claim)
        self._add_document_relations()
        self._add_observed()
        self._join_readings_to_passages()
        return self._graph

    def _full(self, local: str) -> str:
        return f"{self._head.id}/{local}"

    def _entity(self, ref: str) -> tuple[str, str]:
        return ("Entity", self._full(ref) if ref in self._documents else ref)

    def _end(self, ref: str) -> tuple[str, str]:
        return self._entity(ref) if ":" in ref else ("Claim", self._full(ref))

    def _link(self, type_: str, start: tuple[str, str], end: tuple[str, str], /, **properties: Any) -> None:
        kept = tuple(sorted((key, value) for key, value in properties.items() if value is not None))
        self._graph.links.add(Link(type_, start, end, kept))

    def _add_document(self, entry: DocumentEntry) -> None:
        text = self._texts[entry.id]
        stored = Document.model_construct(
            **entry.model_dump(exclude={"file", "id", "chars"}),
            id=self._full(entry.id),
            case=self._head.id,
            chars=len(text) if text is not None else entry.chars,
            held=text is not None,
        )
        self._put_entity("Document", stored.model_dump(warnings=False))
        if entry.publisher:
            self._link("PUBLISHED_UNDER", ("Entity", stored.id), ("Entity", entry.publisher))

    def _add_entity(self, entry: EntityEntry) -> None:
        model = ENTITY_TYPES[entry.type]
        wanted = {"id", "name", "note", "wikidata", *own_fields(model)}
        stored = model.model_validate(entry.model_dump(mode="json", include=wanted))
        properties = stored.model_dump(mode="json")
        self._put_entity(entry.type, properties)
        if entry.shared:
            self._graph.shared.add(entry.id)
        if properties.get("publisher"):
            self._link("PUBLISHED_UNDER", ("Entity", entry.id), ("Entity", properties["publisher"]))
        platform = f"platform:{properties.get('platform')}"
        if entry.type == "Account" and any(other.id == platform for other in self._file.entities):
            self._link("ON", ("Entity", entry.id), ("Entity", platform), dataset=self._head.id)
        handle = properties.get("handle")
        spellings = [entry.name, *(name.written for name in entry.names), *([f"@{handle}"] if handle else [])]
        scripts = {name.written: name.script for name in entry.names if name.script}
        for written in dict.fromkeys(spellings):
            self._add_name(entry.id, written, scripts.get(written))
        for mention in entry.mentions:
            passage = self._passage(mention)
            self._link(
                "MENTIONS",
                passage,
                ("Entity", entry.id),
                written=self._graph.passages[passage[1]].get("exact"),
            )

    def _put_entity(self, kind: str, properties: Mapping[str, Any]) -> None:
        kept = {
            key: value for key, value in properties.items() if value is not None and key not in NOT_PROPERTIES
        }
        self._graph.entities[properties["id"]] = {**kept, "type": kind}

    def _add_name(self, entity: str, written: str, script: str | None) -> None:
        name = make_name(entity, written, self._head.id, script)
        key = name["id"]
        self._graph.names[key] = dict(name)
        self._link("NAMED", ("Entity", entity), ("Name", key))
        for text in make_keys(written):
            found = f"{self._head.id}#{text}"
            head = text[:HEAD_CHARS]
            self._graph.name_keys[found] = {"id": found, "key": text, "head": head, "source": self._head.id}
            self._link("FOUND_AS", ("Name", key), ("NameKey", found))

    def _passage(self, at: Locator) -> tuple[str, str]:
        document = self._full(at.document)
        key = f"{document}:{at.start}-{at.end}"
        if key not in self._graph.passages:
            text = self._texts.get(at.document)
            prefix, exact, suffix = (
                context(text, at.start, at.end) if text is not None else (None, None, None)
            )
            passage = Passage(
                id=key, label=f"¶ {at.paragraph}, {at.start}-{at.end}, {self._documents[at.document].name}",
                case=self._head.id, paragraph=at.paragraph, start=at.start, end=at.end,
                span_sha256=at.sha256, exact=exact, prefix=prefix, suffix=suffix,
            )  # fmt: skip
            self._graph.passages[key] = passage.model_dump(exclude_none=True)
            self._link("PART_OF", ("Passage", key), ("Entity", document))
        return ("Passage", key)

    def _add_reading(self, local: str, at: Locator, words: Properties) -> None:
        reading = Reading(
            id=self._full(local),
            label=f"maybe: {words['reading']}",
            case=self._head.id,
            start=at.start,
            end=at.end,
            span_sha256=at.sha256,
            **words,
        )
        self._graph.readings[reading.id] = reading.model_dump(exclude_none=True)
        self._link("HAS_READING", ("Entity", self._full(at.document)), ("Reading", reading.id))

    def _join_readings_to_passages(self) -> None:
        spans: dict[str, list[tuple[int, int, str]]] = {}
        for entry in self._file.readings:
            spans.setdefault(self._full(entry.at.document), []).append(
                (entry.at.start, entry.at.end, self._full(entry.id))
            )
        for key, passage in self._graph.passages.items():
            document = key.rsplit(":", 1)[0]
            for start, end, reading in spans.get(document, ()):
                if start < passage["end"] and passage["start"] < end:
                    self._link("READ_AS", ("Passage", key), ("Reading", reading))

    def _add_claim(self, entry: ClaimEntry) -> None:
        key = self._full(entry.id)
        me = ("Claim", key)
        self._graph.claims[key] = self._claim_properties(entry, key)
        if entry.reason:
            self._graph.reasons[key] = entry.reason
        for role in ROLES:
            for ref in getattr(entry, role):
                self._link(role.upper(), me, self._end(ref))
        for voice in entry.said_by:
            self._link("SAID_BY", me, self._entity(voice))
        for shown in entry.shown_in:
            self._link("SHOWN_IN", me, self._passage(shown), attribution=shown.attribution.value)
        if entry.inside:
            self._link("INSIDE", me, ("Claim", self._full(entry.inside)))
        for dispute in entry.disputes:
            target = self._end(dispute.claim or dispute.entity or "")
            self._link("DISPUTES", me, target, level=dispute.level.value, scope=dispute.scope)
        for other in entry.supports:
            self._link("SUPPORTS", me, ("Claim", self._full(other)))
        for other in entry.replies_to:
            self._link("REPLIES_TO", me, ("Claim", self._full(other)))

    def _claim_properties(self, entry: ClaimEntry, key: str) -> Properties:
        when = entry.date or When(basis=DateBasis.NOT_STATED)
        bounds = when.bounds
        status = ClaimStatus.GARBLED if entry.garbled else ClaimStatus.SUGGESTED if entry.suggested else None
        claim = Claim(
            id=key, case=self._head.id, verb=entry.verb, text=entry.text, object_text=entry.object_text,
            frequency=entry.frequency, kind=entry.kind, modality=entry.modality,
            status=status or ClaimStatus.ACCEPTED,
            count=entry.count.text if entry.count else None,
            count_min=entry.count.min if entry.count else None,
            count_max=entry.count.max if entry.count else None,
            unit=entry.count.unit if entry.count else None,
            date=when.edtf, date_text=when.text, date_basis=when.basis, date_reason=when.reason,
            earliest=bounds.earliest, latest=bounds.latest, note=entry.note,
            entered_by=self._head.entered_by, entered_at=self._head.entered_at, known_from=self._now,
            content_sha256=hash_of(entry.model_dump(mode="json", exclude={"reason"})),
        )  # fmt: skip
        graded: Properties = {}
        if entry.grade:
            graded = {"grade_source": entry.grade.source.value, "grade_information": entry.grade.information,
                      "grade_reason": entry.grade.reason}  # fmt: skip
        return {**claim.model_dump(mode="json", exclude_none=True), **graded}

    def _add_document_relations(self) -> None:
        for copy in self._file.copies:
            self._link("COPIES", self._entity(copy.document), self._entity(copy.copies),
                       how=copy.how, certainty=copy.certainty, basis=copy.basis)  # fmt: skip
        for citation in self._file.citations:
            self._link("CITES", self._entity(citation.document), self._entity(citation.cites),
                       certainty=citation.certainty, basis=citation.basis)  # fmt: skip

    def _add_observed(self) -> None:
        for dataset in self._file.datasets:
            self._graph.datasets[dataset.id] = {**dataset.model_dump(), "case": self._head.id}
        for row in self._file.interactions:
            shown = row.model_dump(mode="json", include={"kind", "at", "dataset", "row"})
            # One row may name several accounts; each is an interaction of its own.
            key = f"{row.dataset}:{row.row}>{row.target}"
            self._link("INTERACTED", ("Entity", row.source), ("Entity", row.target), id=key, **shown)
        for number, holding in enumerate(self._file.holders, 1):
            source = {"basis": holding.basis, "dataset": self._head.id, "row": str(number)}
            days = {"from": holding.since, "to": holding.to}
            self._link("HELD_BY", ("Entity", holding.account), ("Entity", holding.holder), **source, **days)
        for posting in self._file.postings:
            shown = posting.model_dump(mode="json", include={"role", "dataset", "row"})
            days = {"from": posting.since, "to": posting.to}
            self._link(
                "POSTED_AT", ("Entity", posting.official), ("Entity", posting.embassy), **shown, **days
            )


def links_by_shape(links: Iterable[Link]) -> dict[tuple[str, str, str], list[Link]]:
    """The links grouped by type and the labels of their ends: one statement writes each group."""
    groups: dict[tuple[str, str, str], list[Link]] = {}
    for link in sorted(links):
        groups.setdefault((link.type, link.start[0], link.end[0]), []).append(link)
    return groups
