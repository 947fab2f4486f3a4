"""A STIX 2.1 bundle: entities with the objects that OpenCTI adds, records as relationships, claims as notes.

STIX has no hedge, no voice and no contest. Each description is a whole sentence with its voice and its replies, and a
property extension of our own carries the rest for those who read it.
"""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from kb.export.losses import Losses
from kb.export.pages import Batch, Row
from kb.export.table import flatten_claim, flatten_record, say_contests, say_replies
from schema.standards import TYPES, VERBS

# One name space, so that the same entity has the same id in every export.
_SPACE: Final = uuid.UUID("6f2d7d0c-5f0b-5b0e-9f0f-7a1b8f6b2a11")
# As OpenCTI registers its extensions.
OPENCTI: Final = "extension-definition--ea279b3e-5c71-4632-ac08-831c66a786ba"
OPENCTI_OBSERVABLE: Final = "extension-definition--f93e2c80-4231-4f9a-af8b-95c9bd566a82"
EXTENSION: Final = f"extension-definition--{uuid.uuid5(_SPACE, 'extension-definition')}"
AUTHOR: Final = f"identity--{uuid.uuid5(_SPACE, 'author')}"
# A relationship needs ends that are objects; these words name types of objects, and are no relationships.
_NO_RELATIONSHIP: Final = frozenset(
    {"note", "opinion", "report", "identity", "observed-data", "course-of-action", "object-ref", ""}
)
HEDGES: Final = (
    "counts, voices and contests in an extension and in the description, which STIX has no field for"
)
PASSAGES: Final = "passages with their offsets, told by their ids in the extension"
NO_END: Final = "records as a note instead of a relationship, because an end is not stated"
NO_DATE: Final = "reports as media content, because STIX demands a date that is not stated"
NO_COUNTRY: Final = "places as a grouping, because STIX demands a country or coordinates"
INFERRED: Final = "dates that are inferred, told in the extension alone"


class Stix:
    """One bundle; each object once."""

    def __init__(self, question: str, losses: Losses) -> None:
        self._question, self._losses = question, losses
        self._seen: set[str] = set()
        self._is_first = True
        self._now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")

    def begin(self) -> bytes:
        """The head of the bundle, who made it, and what our extension is."""
        head = f'{{"type":"bundle","id":"bundle--{uuid.uuid4()}","objects":[\n'.encode()
        author = self._object("identity", "author", name="Throughline", identity_class="system")
        extension = self._object(
            "extension-definition",
            "extension-definition",
            name="Throughline claim",
            description="Hedge, voice, standing, contests and layer of a claim or record; columns as in its CSV export",
            schema="https://docs.oasis-open.org/cti/stix/v2.1/stix-v2.1.html",
            version="1.0.0",
            extension_types=["property-extension"],
            created_by_ref=AUTHOR,
        )
        return head + self._lines([author, extension])

    def add(self, batch: Batch) -> bytes:
        """The objects of the batch."""
        objects = [self._entity(thing) for thing in batch.things() if thing["type"] != "Claim"]
        for record in batch.records:
            objects += self._record(record)
        for claim in batch.claims:
            objects += self._claim(claim)
        return self._lines([found for found in objects if found["id"] not in self._seen])

    def end(self) -> Iterator[bytes]:
        """The end of the bundle."""
        yield b"\n]}\n"

    def close(self) -> None:
        """Nothing is held."""

    def _lines(self, objects: list[Row]) -> bytes:
        lines: list[bytes] = []
        for found in objects:
            if found["id"] in self._seen:
                continue
            self._seen.add(found["id"])
            self._losses.written[found["type"]] += 1
            lines.append((b"" if self._is_first else b",\n") + orjson.dumps(found))
            self._is_first = False
        return b"".join(lines)

    def _object(self, kind: str, key: str, **properties: Any) -> Row:
        values = {name: value for name, value in properties.items() if value not in (None, "", [])}
        times = (
            {} if kind in ("user-account", "media-content") else {"created": self._now, "modified": self._now}
        )
        return {
            "type": kind,
            "spec_version": "2.1",
            "id": f"{kind}--{uuid.uuid5(_SPACE, key)}",
            **times,
            **values,
        }

    def _entity(self, entity: Row) -> Row:
        kind, name, key = TYPES[entity["type"]].stix, _text(entity["label"]), entity["id"]
        described = f"Standing: {entity['standing']}" if entity["standing"] else None
        is_new = key not in self._seen
        self._seen.add(key)
        own: Row = {"name": name, "created_by_ref": AUTHOR}
        match kind:
            case "identity":
                own |= {"identity_class": _CLASSES[entity["type"]], "description": described}
            case "user-account":
                own = {"display_name": name, "account_login": entity["handle"], "user_id": key}
                own["account_type"] = entity["platform"]
            case "location" if entity["country"]:
                own["country"] = entity["country"]
            case "location" | "grouping":
                self._losses.lose(NO_COUNTRY, 1 if is_new and kind == "location" else 0)
                kind = "grouping"
                own |= {"context": "unspecified", "object_refs": [AUTHOR]}
            case "report" | "opencti:media-content":
                self._losses.lose(NO_DATE, 1 if is_new and kind == "report" else 0)
                kind = "media-content"
                own = {"title": name, "extensions": {OPENCTI_OBSERVABLE: {"extension_type": "new-sco"}}}
            case "campaign":
                own["description"] = described
            case _:
                kind = kind.removeprefix("opencti:")
                own |= {"description": described, "extensions": {OPENCTI: {"extension_type": "new-sdo"}}}
        return self._object(kind, key, **own)

    def _ref(self, entity: Row) -> str:
        return str(self._entity(entity)["id"])

    def _record(self, record: Row) -> list[Row]:
        claim, flat = record["claim"], flatten_record(record)
        self._losses.lose(HEDGES)
        described = _describe(claim) if claim else f"{flat['sentence']} (layer: {flat['layer']})"
        common = {"description": _text(described), "created_by_ref": AUTHOR, "extensions": _extend(flat)}
        objects = self._replies(claim) if claim else []
        if not record["source"] or not record["target"]:
            self._losses.lose(NO_END)
            refs = [self._ref(record[end]) for end in ("source", "target") if record[end]] or [AUTHOR]
            common["content"] = common.pop("description")
            return [self._object("note", record["id"], object_refs=refs, **common), *objects]
        if claim:
            self._losses.lose(PASSAGES, len(claim["shownIn"]))
        made = self._object(
            "relationship",
            record["id"],
            relationship_type=_relationship(record["verb"]),
            source_ref=self._ref(record["source"]),
            target_ref=self._ref(record["target"]),
            **common,
            **self._times(record, claim),
        )
        return [made, *objects]

    def _times(self, record: Row, claim: Row | None) -> Row:
        if claim:
            when = claim["when"]
            if when["basis"] != "stated":
                self._losses.lose(INFERRED, 1 if when["basis"] == "inferred" else 0)
                return {}
            first, last = when["earliest"], when["latest"]
        else:
            first, last = record["first"], record["last"]
        times = {"start_time": _instant(first, "T00:00:00Z"), "stop_time": _instant(last, "T23:59:59Z")}
        # STIX wants the end behind the beginning, and one interaction has one instant.
        if times["start_time"] == times["stop_time"]:
            del times["stop_time"]
        return times

    def _claim(self, claim: Row) -> list[Row]:
        flat = flatten_claim(claim)
        self._losses.lose(HEDGES)
        self._losses.lose(PASSAGES, len(claim["shownIn"]))
        return [self._note(claim, claim, _describe(claim), _extend(flat)), *self._replies(claim)]

    def _replies(self, claim: Row) -> list[Row]:
        return [self._note(told, claim, f"Reply: {told['sentence']}", None) for told in claim["replies"]]

    def _note(self, told: Row, about: Row, content: str, extensions: Row | None) -> Row:
        things = [
            thing
            for role in ("who", "what", "whose", "via", "at", "during", "about")
            for thing in about[role]
        ]
        refs = [self._ref(thing) for thing in things if thing["type"] != "Claim"]
        refs += [self._ref(said["entity"]) for said in about["saidBy"]]
        return self._object("note", told["id"], content=_text(content), object_refs=list(dict.fromkeys(refs)),
                            created_by_ref=AUTHOR, extensions=extensions)  # fmt: skip


_CLASSES: Final = {
    "Official": "individual", "Influencer": "individual", "Person": "individual", "Group": "group",
    "Embassy": "organization", "Organization": "organization", "Tribunal": "organization",
}  # fmt: skip


def _relationship(verb: str) -> str:
    found = VERBS[verb].stix.removeprefix("opencti:")
    return "related-to" if found in _NO_RELATIONSHIP else found


def _describe(claim: Row) -> str:
    return (
        f"{claim['sentence']} (modality: {claim['modality']})"
        f"\nContests: {say_contests(claim)}\nReplies: {say_replies(claim)}"
    )


def _extend(flat: Row) -> Row:
    values = {name: _text(value) if isinstance(value, str) else value for name, value in flat.items()}
    return {
        EXTENSION: {
            "extension_type": "property-extension",
            **{name: value for name, value in values.items() if value not in (None, "")},
        }
    }


def _text(text: str) -> str:
    return text.encode(errors="replace").decode()


def _instant(text: str | None, of_day: str) -> str | None:
    return text if text is None or "T" in text else text + of_day
