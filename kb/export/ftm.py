"""FollowTheMoney: entities as JSON lines, or the same as statements in CSV.

FollowTheMoney has no claims: what it calls a fact is one. So nothing becomes an Ownership, a Payment or a Directorship
here. A record is an UnknownLink and a claim a Note, each with the whole sentence, its voice in it.
"""

import csv
import hashlib
import io
from collections.abc import Iterator
from typing import Any, Final

import orjson

from kb.export.losses import Losses
from kb.export.pages import Batch, Row
from kb.export.table import (
    BETWEEN,
    flatten_record,
    introduce,
    say_agreement,
    say_contests,
    say_observed,
    say_replies,
)
from schema.standards import TYPES

DATASET: Final = "throughline"
STATEMENT_COLUMNS: Final = (
    "id", "entity_id", "canonical_id", "prop", "schema", "value", "dataset", "original_value",
)  # fmt: skip
_REFERENCES: Final = frozenset({"subject", "object", "entity"})
# `schema/standards.py` says what a type is; FollowTheMoney demands of these what nothing states (the end of a trip, the
# text of a message), so a wider schema stands in.
_WIDER: Final = {"Trip": "Event", "Message": "Document"}
COUNTS: Final = "counts with their hedge, told as text alone"
CONTESTS: Final = "contests with their level, told as text alone"
INFERRED: Final = "dates that are inferred, told as text alone"
PASSAGES: Final = "passages with their offsets, left out"
GRADES: Final = "modality, status, kind and grade of a claim, told as text alone"
CHANNELS: Final = "channels, told as text alone"
NO_SCHEMA: Final = "entities without a schema (channels, topics, narratives), told by their names in texts"
NO_END: Final = "records as a Note instead of a link, because an end is not stated or has no schema"


class FtmEntities:
    """One entity a line, each once."""

    def __init__(self, question: str, losses: Losses) -> None:
        self._question, self._losses = question, losses
        self._seen: set[str] = set()

    def begin(self) -> bytes:
        """Nothing: each line stands alone."""
        return b""

    def add(self, batch: Batch) -> bytes:
        """A line for each entity, link and note."""
        return b"".join(orjson.dumps(entity) + b"\n" for entity in self.entities(batch))

    def end(self) -> Iterator[bytes]:
        """Nothing."""
        return iter(())

    def close(self) -> None:
        """Nothing is held."""

    def entities(self, batch: Batch) -> Iterator[Row]:
        """The entities of a batch that have not been there, then its links and notes."""
        for thing in batch.things():
            if thing["type"] != "Claim" and self._is_new(thing["id"]):
                if _schema(thing) is None:
                    self._losses.lose(NO_SCHEMA)
                else:
                    yield self._written(_entity(thing))
        for record in batch.records:
            yield from self._record(record)
        for claim in batch.claims:
            if self._is_new(claim["id"]):
                self._count_losses(claim)
                yield self._note(claim)
                yield from self._replies(claim)

    def _record(self, record: Row) -> Iterator[Row]:
        claim = record["claim"]
        flat = flatten_record(record)
        if flat["channel_id"]:
            self._losses.lose(CHANNELS)
        if claim:
            self._count_losses(claim)
        elif record["count"]:
            self._losses.lose(COUNTS)
        ends = [record[end] if record[end] and _schema(record[end]) else None for end in ("source", "target")]
        described = _describe(claim) if claim else [say_observed(record)]
        described.append(f"Channel: {flat['channel']}. Count: {flat['count']}. Layer: {flat['layer']}.")
        dates = _dates(record, claim)
        if ends[0] and ends[1]:
            yield self._written(
                _make(
                    "link:" + record["id"],
                    "UnknownLink",
                    subject=ends[0]["id"],
                    object=ends[1]["id"],
                    role=f"{record['verb']} ({record['basis']})",
                    description=described,
                    recordId=record["id"],
                    publisher=_publishers(record, claim),
                    **dates,
                )
            )
        else:
            self._losses.lose(NO_END)
            known = [end["id"] for end in ends if end]
            yield self._written(_make("link:" + record["id"], "Note", description=described, entity=known))
        if claim:
            yield from self._replies(claim)

    def _note(self, claim: Row) -> Row:
        about = _roles_of(claim)
        publisher = [introduce(said) for said in claim["saidBy"]]
        return self._written(
            _make(claim["id"], "Note", description=_describe(claim), entity=about, publisher=publisher)
        )

    def _replies(self, claim: Row) -> Iterator[Row]:
        """A reply is a note on those that the claim is about, so that it stands wherever they are shown."""
        for told in claim["replies"]:
            if self._is_new(told["id"]):
                summary = f"Reply to: {claim['sentence']}"
                yield self._written(
                    _make(
                        told["id"],
                        "Note",
                        description=told["sentence"],
                        summary=summary,
                        entity=_roles_of(claim),
                    )
                )

    def _count_losses(self, claim: Row) -> None:
        self._losses.lose(GRADES)
        self._losses.lose(COUNTS, 1 if claim["count"] else 0)
        self._losses.lose(CONTESTS, len(claim["disputedBy"]))
        self._losses.lose(PASSAGES, len(claim["shownIn"]))
        self._losses.lose(INFERRED, 1 if claim["when"]["basis"] == "inferred" else 0)

    def _is_new(self, key: str) -> bool:
        is_new = key not in self._seen
        self._seen.add(key)
        return is_new

    def _written(self, entity: Row) -> Row:
        self._losses.written[entity["schema"]] += 1
        return entity


class FtmStatements:
    """The same entities, one property value a row."""

    def __init__(self, question: str, losses: Losses) -> None:
        self._entities = FtmEntities(question, losses)
        self._losses = losses

    def begin(self) -> bytes:
        """The names of the columns."""
        return _lines([STATEMENT_COLUMNS])

    def add(self, batch: Batch) -> bytes:
        """The statements of each entity; the first says that it exists."""
        rows: list[tuple[str, ...]] = []
        for entity in self._entities.entities(batch):
            values = [(name, value) for name, found in entity["properties"].items() for value in found]
            for prop, value in [("id", entity["id"]), *values]:
                key = "\n".join((DATASET, entity["id"], prop, value)).encode(errors="replace")
                rows.append(
                    (hashlib.sha1(key, usedforsecurity=False).hexdigest(), entity["id"], entity["id"], prop,
                     entity["schema"], value, DATASET, "")
                )  # fmt: skip
        self._losses.written["statements"] += len(rows)
        return _lines(rows)

    def end(self) -> Iterator[bytes]:
        """Nothing."""
        return iter(())

    def close(self) -> None:
        """Nothing is held."""


def _schema(entity: Row) -> str | None:
    found = TYPES[entity["type"]].ftm
    # Abstract in FollowTheMoney: nothing can be just a thing.
    return None if found in ("Thing", "") else _WIDER.get(found, found)


def _entity(entity: Row) -> Row:
    schema = str(_schema(entity))
    country = entity["country"].lower() if entity["country"] else None
    names = [name["written"] for name in entity.get("names", ()) if name["written"] != entity["label"]]
    notes = [f"Throughline id: {entity['id']}"]
    if entity["standing"]:
        notes.append(f"Standing: {entity['standing']}")
    if entity["type"] == "Group":
        notes.append("An unnamed plural; its members are not stated.")
    if entity.get("repliesRecorded") == 0:
        notes.append("Replies: none recorded in the documents held.")
    own: dict[str, Any] = {}
    if schema == "UserAccount":
        own = {"username": entity["handle"] or entity["label"], "service": entity["platform"]}
    elif schema == "Document":
        own = {"fileName": entity["id"], "title": entity["label"]}
    elif schema == "Address":
        own = {"full": entity["label"]}
    return _make(
        entity["id"], schema, name=entity["label"], alias=names, country=country, notes=notes,
        wikidataId=entity.get("wikidata"), **own,
    )  # fmt: skip


def _make(key: str, schema: str, **properties: Any) -> Row:
    """An entity; a property without a value is left out."""
    found: dict[str, list[str]] = {}
    for name, value in properties.items():
        values = [value] if isinstance(value, str) else [each for each in value or () if each]
        if values and values != [""]:
            make = name_id if name in _REFERENCES else _clean
            found[name] = list(dict.fromkeys(make(text) for text in values))
    return {"id": name_id(key), "schema": schema, "properties": found, "datasets": [DATASET]}


def name_id(key: str) -> str:
    """The id of ours as FollowTheMoney takes ids: letters, digits, dots and hyphens."""
    return "tl-" + hashlib.sha1(key.encode(errors="replace"), usedforsecurity=False).hexdigest()


def _clean(text: str) -> str:
    """Valid Unicode without control characters: the readers of FollowTheMoney drop values that have them."""
    whole = text.encode(errors="replace").decode()
    return "".join(letter if letter >= " " or letter in "\n\t" else "\ufffd" for letter in whole)


def _describe(claim: Row) -> list[str]:
    when = claim["when"]
    grade = claim["grade"]
    told = [
        claim["sentence"],
        f"Kind: {claim['kind']}. Modality: {claim['modality']}. Status: {claim['status']}.",
        f"Independent origins: {claim['origins']['count']}. Grade: {grade['source']}{grade['information']}.",
        f"Date: {when['edtf'] or 'not stated'} ({when['basis']}).",
        f"Contests: {say_contests(claim)}",
        f"Replies: {say_replies(claim)}",
    ]
    if claim["count"]:
        told.append(f"Count: {claim['count']['text']}")
    if claim["supportedBy"]:
        told.append(f"Agreement: {say_agreement(claim)}")
    return told


def _dates(record: Row, claim: Row | None) -> dict[str, Any]:
    """Days that are stated or observed."""
    if claim is None:
        return {"startDate": record["first"], "endDate": record["last"]}
    when = claim["when"]
    if when["basis"] != "stated":
        return {}
    return {"startDate": when["earliest"], "endDate": when["latest"]}


def _publishers(record: Row, claim: Row | None) -> str | None:
    if claim:
        return BETWEEN.join(introduce(said) for said in claim["saidBy"])
    return record["dataset"]["title"] if record["dataset"] else None


def _roles_of(claim: Row) -> list[str]:
    things = [
        thing for role in ("who", "what", "whose", "about", "during", "at", "via") for thing in claim[role]
    ]
    return [thing["id"] for thing in things if thing["type"] != "Claim" and _schema(thing)]


def _lines(rows: Any) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(errors="replace")
