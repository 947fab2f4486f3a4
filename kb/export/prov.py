"""W3C Web Annotation with PROV as JSON-LD: a claim annotates passages, and is attributed to its voice.

The context stands in the file: reading it asks no other server.
"""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

import orjson

from kb.export.losses import Losses
from kb.export.pages import Batch, Row
from kb.export.table import flatten_record, say_observed
from schema.standards import TYPES, VERBS

CONTEXT: Final[dict[str, Any]] = {
    "oa": "http://www.w3.org/ns/oa#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "tl": "urn:throughline:term:",
    "id": "@id",
    "type": "@type",
    "label": "rdfs:label",
    "value": "rdf:value",
    "body": "oa:hasBody",
    "target": {"@id": "oa:hasTarget", "@type": "@id"},
    "source": {"@id": "oa:hasSource", "@type": "@id"},
    "selector": "oa:hasSelector",
    "refinedBy": "oa:refinedBy",
    "motivation": {"@id": "oa:motivatedBy", "@type": "@id"},
    "start": "oa:start",
    "end": "oa:end",
    "exact": "oa:exact",
    "prefix": "oa:prefix",
    "suffix": "oa:suffix",
    "attributedTo": {"@id": "prov:wasAttributedTo", "@type": "@id"},
    "derivedFrom": {"@id": "prov:wasDerivedFrom", "@type": "@id"},
    "generatedAt": {"@id": "prov:generatedAtTime", "@type": "xsd:dateTime"},
}
RECORDS: Final = (
    "fields of records (counts, channels, dates) as terms of our own, which PROV has no words for"
)
FIELDS: Final = "hedges, kinds, modalities, grades and dates of claims as terms of our own"
CONTESTS: Final = "contest levels as terms of our own"


class Prov:
    """One graph of annotations, agents and records."""

    def __init__(self, question: str, losses: Losses) -> None:
        self._question, self._losses = question, losses
        self._seen: set[str] = set()
        self._is_first = True

    def begin(self) -> bytes:
        """The context."""
        return b'{"@context":' + orjson.dumps(CONTEXT) + b',"@graph":[\n'

    def add(self, batch: Batch) -> bytes:
        """The resources of the batch."""
        return b"".join(self._line(found) for found in self._resources(batch))

    def end(self) -> Iterator[bytes]:
        """The end."""
        yield b"\n]}\n"

    def close(self) -> None:
        """Nothing is held."""

    def _line(self, found: Row) -> bytes:
        line = (b"" if self._is_first else b",\n") + orjson.dumps(_without_absent(found))
        self._is_first = False
        return line

    def _resources(self, batch: Batch) -> Iterator[Row]:
        for thing in batch.things():
            if thing["type"] != "Claim" and self._is_new(thing["id"]):
                self._losses.written["entities"] += 1
                kind = TYPES[thing["type"]].w3c
                yield {"id": _urn(thing["id"]), "type": [kind, f"tl:{thing['type']}"], "label": _text(thing["label"]),
                       "tl:standing": thing["standing"]}  # fmt: skip
        for claim in batch.whole_claims():
            if self._is_new(claim["id"]):
                yield from self._claim(claim)
        for record in batch.records:
            self._losses.written["records"] += 1
            self._losses.lose(RECORDS)
            yield _record(record)

    def _claim(self, claim: Row) -> Iterator[Row]:
        self._losses.written["annotations"] += 1
        self._losses.lose(FIELDS)
        when, count = claim["when"], claim["count"]
        yield {
            "id": _urn(claim["id"]),
            "type": ["oa:Annotation", "prov:Entity"],
            "motivation": "oa:describing",
            "body": {"type": "oa:TextualBody", "value": _text(claim["sentence"])},
            "target": [_target(shown) for shown in claim["shownIn"]],
            "attributedTo": [_urn(said["entity"]["id"]) for said in claim["saidBy"]],
            "generatedAt": claim["enteredAt"],
            "tl:verb": claim["verb"],
            "tl:means": VERBS[claim["verb"]].w3c,
            "tl:kind": claim["kind"],
            "tl:modality": claim["modality"],
            "tl:status": claim["status"],
            "tl:count": _text(count["text"]) if count else None,
            "tl:date": when["edtf"] or "not stated",
            "tl:dateBasis": when["basis"],
            "tl:independentOrigins": claim["origins"]["count"],
            "tl:grade": f"{claim['grade']['source']}{claim['grade']['information']}",
            "tl:replies": len(claim["replies"]) or "none recorded in the documents held",
        }
        others = [
            *(("oa:replying", told, {}) for told in claim["replies"]),
            *(("tl:agreeing", told, {}) for told in claim["supportedBy"]),
            *(
                ("tl:contesting", found["claim"], {"tl:level": found["level"], "tl:scope": found["scope"]})
                for found in claim["disputedBy"]
            ),
        ]
        # Numbered: one claim may contest another twice, itself and its source.
        for number, (motivation, told, further) in enumerate(others, 1):
            self._losses.written["annotations"] += 1
            self._losses.lose(CONTESTS, 1 if further else 0)
            yield {
                "id": f"{_urn(claim['id'])}:answer:{number}",
                "type": "oa:Annotation",
                "motivation": motivation,
                "body": {"type": "oa:TextualBody", "value": _text(told["sentence"])},
                "target": [_urn(claim["id"])],
                "derivedFrom": _urn(told["id"]),
                **further,
            }

    def _is_new(self, key: str) -> bool:
        is_new = key not in self._seen
        self._seen.add(key)
        return is_new


def _target(shown: Row) -> Row:
    """Offsets count Unicode code points, as the Web Annotation model has them."""
    passage = shown["passage"]
    words: Row | None = None
    if passage["exact"] is not None:
        words = {"type": "oa:TextQuoteSelector"}
        words.update({name: passage[name] for name in ("exact", "prefix", "suffix")})
    return {
        "id": _urn(passage["id"]),
        "source": _urn(passage["document"]["id"]),
        "selector": {
            "type": "oa:TextPositionSelector",
            "start": passage["start"],
            "end": passage["end"],
            "refinedBy": words,
        },
        "tl:attribution": shown["attribution"],
        "tl:spanSha256": passage["spanSha256"],
    }


def _record(record: Row) -> Row:
    claim, flat = record["claim"], flatten_record(record)
    derived_from = (
        _urn(claim["id"]) if claim else f"urn:throughline:dataset:{quote(str(flat['dataset']), safe='')}"
    )
    told = {
        f"tl:{name}": _text(str(flat[name]))
        for name in ("basis", "layer", "verb", "channel", "count", "content")
    }
    return {
        "id": f"urn:throughline:record:{quote(record['id'], safe='')}",
        "type": ["prov:Entity", "tl:Record"],
        "label": _text(claim["sentence"] if claim else say_observed(record)),
        "derivedFrom": derived_from,
        "tl:from": {"id": _urn(record["source"]["id"])} if record["source"] else "not stated",
        "tl:to": {"id": _urn(record["target"]["id"])} if record["target"] else "not stated",
        "tl:first": record["first"],
        "tl:last": record["last"],
        "tl:replies": flat["replies"],
        **told,
    }


def _urn(key: str) -> str:
    return f"urn:throughline:{quote(key, safe=':/@')}"


def _text(text: str) -> str:
    return text.encode(errors="replace").decode()


def _without_absent(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_absent(inner) for name, inner in value.items() if inner is not None}
    return [_without_absent(inner) for inner in value] if isinstance(value, list) else value
