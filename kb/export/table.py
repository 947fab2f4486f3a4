"""The flat row of each question: what a spreadsheet, a data frame and the attributes of a graph file hold.

Every row of an allegation has its voice, its standing, its contests and its replies; silence is said in words.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from kb.export.pages import ROLES, Batch, Row

NOT_STATED: Final = "not stated"
NO_REPLY: Final = "none recorded in the documents held"
NO_CONTEST: Final = "none recorded in the documents held"
BETWEEN: Final = " || "

TEXT: Final = "text"
WHOLE: Final = "whole number"
TRUTH: Final = "true or false"

_END: Final = ("id", "name", "type", "standing")
# What is known of the claim behind a row; of an observed row these are empty.
_CLAIM_COLUMNS: Final[dict[str, str]] = {
    "sentence": TEXT, "said_by": TEXT, "kind": TEXT, "modality": TEXT, "status": TEXT, "date": TEXT, "date_text": TEXT,
    "date_basis": TEXT, "date_reason": TEXT, "earliest": TEXT, "latest": TEXT, "documents": WHOLE, "origins": WHOLE,
    "contested": TRUTH, "contests": TEXT, "replies": TEXT, "supported_by": TEXT, "passages": TEXT, "grade": TEXT,
    "note": TEXT,
}  # fmt: skip
_COUNT_COLUMNS: Final[dict[str, str]] = {"count": TEXT, "count_min": WHOLE, "count_max": WHOLE, "unit": TEXT}
RECORD_COLUMNS: Final[dict[str, str]] = {
    "id": TEXT, "layer": TEXT, "basis": TEXT, "verb": TEXT,
    **{f"{end}_{name}": TEXT for end in ("source", "target") for name in _END},
    "channel_id": TEXT, "channel": TEXT, "content": TEXT, **_COUNT_COLUMNS, "claim": TEXT, **_CLAIM_COLUMNS,
    "dataset": TEXT, "dataset_title": TEXT, "dataset_licence": TEXT, "first": TEXT, "last": TEXT, "undated": WHOLE,
    "holder_bounds_unknown": WHOLE,
}  # fmt: skip
CLAIM_COLUMNS: Final[dict[str, str]] = {
    "id": TEXT, "case": TEXT, "version": WHOLE, "verb": TEXT, "text": TEXT,
    **{f"{role}{suffix}": TEXT for role in ROLES for suffix in ("_ids", "")},
    "object_text": TEXT, "frequency": TEXT, **_COUNT_COLUMNS, **_CLAIM_COLUMNS, "replies_to": TEXT, "inside": TEXT,
    "entered_by": TEXT, "entered_at": TEXT, "known_from": TEXT, "known_to": TEXT,
}  # fmt: skip
ENTITY_COLUMNS: Final[dict[str, str]] = {
    "id": TEXT, "type": TEXT, "name": TEXT, "other_names": TEXT, "standing": TEXT, "country": TEXT, "host": TEXT,
    "kind": TEXT, "ownership": TEXT, "platform": TEXT, "platform_id": TEXT, "handle": TEXT, "pseudonym": TEXT,
    "size": TEXT, "date": TEXT, "url": TEXT, "wikidata": TEXT, "note": TEXT, "replies": TEXT,
}  # fmt: skip
COLUMNS: Final = {
    "amplifications": RECORD_COLUMNS,
    "neighbourhood": RECORD_COLUMNS,
    "claims": CLAIM_COLUMNS,
    "entities": ENTITY_COLUMNS,
}


def flatten(question: str, batch: Batch) -> Iterable[Row]:
    """The rows of a batch, each with every column of its question, in their order."""
    if question == "claims":
        return map(flatten_claim, batch.claims)
    if question == "entities":
        return map(flatten_entity, batch.entities)
    return map(flatten_record, batch.records)


def flatten_record(record: Row) -> Row:
    """A record as one row; it says that it is derived, and from what."""
    row: Row = dict.fromkeys(RECORD_COLUMNS)
    row.update({name: record[name] for name in ("id", "basis", "verb", "first", "last", "undated")})
    row["layer"] = "derived from a claim" if record["claim"] else "derived from dataset rows"
    for end in ("source", "target"):
        entity = record[end]
        row[f"{end}_name"] = NOT_STATED
        if entity:
            row.update(_ends(end, entity))
    channel = record["channel"]
    row["channel_id"], row["channel"] = (channel["id"], channel["label"]) if channel else (None, NOT_STATED)
    row["content"] = _labels(record["content"])
    row.update(_count(record["count"]))
    row["holder_bounds_unknown"] = record["boundsUnknown"]
    if record["claim"]:
        row["claim"] = record["claim"]["id"]
        row.update(_standing_of(record["claim"]))
    else:
        row["sentence"] = say_observed(record)
        row["modality"] = "observed"
    if record["dataset"]:
        found = record["dataset"]
        row.update(dataset=found["id"], dataset_title=found["title"], dataset_licence=found["licence"])
    return row


def say_observed(record: Row) -> str:
    """What dataset rows show, in one sentence with the dataset as its voice."""
    dataset = record["dataset"]["title"] if record["dataset"] else NOT_STATED
    ends = [record[end]["label"] if record[end] else NOT_STATED for end in ("source", "target")]
    how = f": {record['count']['text']}" if record["count"] else ""
    return f"Rows of the dataset “{dataset}” show that {ends[0]} amplified {ends[1]}{how}"


def flatten_claim(claim: Row) -> Row:
    """A claim as one row."""
    row: Row = dict.fromkeys(CLAIM_COLUMNS)
    row.update({name: claim[name] for name in ("id", "case", "version", "verb", "text", "frequency")})
    for role in ROLES:
        row[role] = _labels(claim[role]) if claim[role] else NOT_STATED
        row[f"{role}_ids"] = BETWEEN.join(thing["id"] for thing in claim[role])
    row["object_text"] = claim["objectText"]
    row.update(_count(claim["count"]))
    row.update(_standing_of(claim))
    row["replies_to"] = BETWEEN.join(told["sentence"] for told in claim["repliesTo"])
    row["inside"] = BETWEEN.join(told["sentence"] for told in claim["inside"])
    row.update(entered_by=claim["enteredBy"], entered_at=claim["enteredAt"])
    row.update(known_from=claim["knownFrom"], known_to=claim["knownTo"])
    return row


def flatten_entity(entity: Row) -> Row:
    """An entity as one row; replies are counted, and “none recorded” is said."""
    row: Row = {name: entity.get(name) for name in ENTITY_COLUMNS}
    row["name"] = entity["label"]
    row["country"] = entity["country"]
    row["size"] = None if row["size"] is None else str(row["size"])
    names = (name["written"] for name in entity.get("names", ()) if name["written"] != entity["label"])
    row["other_names"] = BETWEEN.join(dict.fromkeys(names))
    # The end of a record was not asked for its replies: those to the claim stand with the record.
    if "repliesRecorded" in entity:
        row["replies"] = f"{entity['repliesRecorded']} recorded" if entity["repliesRecorded"] else NO_REPLY
    return row


def introduce(said: Row) -> str:
    """A voice with the standing of the body."""
    name: str = said["entity"]["label"]
    return f"{name} ({said['standing']})" if said["standing"] else name


def say_voices(claim: Row) -> str:
    """Whose voice, with standing."""
    return BETWEEN.join(introduce(said) for said in claim["saidBy"])


def say_replies(claim: Row) -> str:
    """The replies to a claim, each with its voice."""
    return BETWEEN.join(told["sentence"] for told in claim["replies"]) or NO_REPLY


def say_contests(claim: Row) -> str:
    """The contests of a claim: level, scope, and who contests it."""
    return (
        BETWEEN.join(
            f"[{found['level']}{', ' + found['scope'] if found['scope'] else ''}] {found['claim']['sentence']}"
            for found in claim["disputedBy"]
        )
        or NO_CONTEST
    )


def say_agreement(claim: Row) -> str:
    """Who agrees, opponents included."""
    return BETWEEN.join(told["sentence"] for told in claim["supportedBy"])


def _ends(end: str, entity: Row) -> Row:
    return {
        f"{end}_id": entity["id"],
        f"{end}_name": entity["label"],
        f"{end}_type": entity["type"],
        f"{end}_standing": entity["standing"],
    }


def _labels(things: Sequence[Row]) -> str:
    return BETWEEN.join(thing["label"] for thing in things)


def _count(count: Row | None) -> Row:
    """The count as its source words it; the bounds never stand without that text."""
    if count is None:
        return {"count": NOT_STATED}
    return {
        "count": count["text"],
        "count_min": count["min"],
        "count_max": count["max"],
        "unit": count["unit"],
    }


def _standing_of(claim: Row) -> Row:
    when = claim["when"]
    grade = claim["grade"]
    found: dict[str, Any] = {
        name: claim[name] for name in ("sentence", "kind", "modality", "status", "documents", "note")
    }
    return {
        **found,
        "said_by": say_voices(claim),
        "date": when["edtf"] or NOT_STATED,
        "date_text": when["literal"],
        "date_basis": when["basis"],
        "date_reason": when["reason"],
        "earliest": when["earliest"],
        "latest": when["latest"],
        "origins": claim["origins"]["count"],
        "contested": claim["contested"],
        "contests": say_contests(claim),
        "replies": say_replies(claim),
        "supported_by": say_agreement(claim),
        "passages": BETWEEN.join(shown["passage"]["id"] for shown in claim["shownIn"]),
        "grade": f"{grade['source']}{grade['information']}",
    }
