"""The sources: documents, what they copy and cite, the passages in them and the readings of garbled words."""

from collections.abc import Mapping
from typing import Any, Final

from kb.questions.arguments import check_entity_id
from kb.questions.claims import claims_of
from kb.select import Field, Many, One, Page, Part, Scalar, Step, Wanted


def _find_passages(_arguments: Mapping[str, Any]) -> Wanted:
    return Wanted((Part((Step("MATCH ({n})<-[:PART_OF]-({+n}:Passage)"),)),))


_CITES: Final = Many("Citation", "MATCH ({n})-[{+r}:CITES]->({+n}:Entity)", binds="{+n}, {+r}")

DOCUMENT: Final[dict[str, Field]] = {
    "case": Scalar("{n}.case"),
    "sha256": Scalar("{n}.sha256"),
    "chars": Scalar("{n}.chars"),
    "held": Scalar("coalesce({n}.held, false)"),
    "publisher": Many("Entity", "MATCH ({n})-[:PUBLISHED_UNDER]->({+n}:Entity)", only_one=True),
    "date": Scalar("{n}.date"),
    "url": Scalar("{n}.url"),
    "copies": Many(
        "Copy",
        "MATCH ({n})-[{+r}:COPIES]->({+n}:Document)",
        binds="{n} AS {+a}, {+r}, {+n}",
    ),
    "copiedBy": Many(
        "Copy",
        "MATCH ({n})<-[{+r}:COPIES]-({+a}:Document)",
        binds="{n} AS {+n}, {+r}, {+a}",
        order="{+a}.id",
    ),
    "cites": _CITES,
    "citedBy": Many("Citation", "MATCH ({n})<-[{+r}:CITES]-({+n}:Entity)", binds="{+n}, {+r}"),
    "passages": Page("Passage", _find_passages, parent="{n}.id"),
    "shownClaims": claims_of("MATCH ({n})<-[:PART_OF]-(:Passage)<-[:SHOWN_IN]-({+n}:Claim)"),
    "readings": Many("Reading", "MATCH ({n})-[:HAS_READING]->({+n}:Reading)", order="{+n}.start, {+n}.id"),
}

REPORT: Final[dict[str, Field]] = {
    "publisher": Many("Entity", "MATCH ({n})-[:PUBLISHED_UNDER]->({+n}:Entity)", only_one=True),
    "date": Scalar("{n}.date"),
    "citedBy": DOCUMENT["citedBy"],
}

DOCUMENT_PARTS: Final[dict[str, dict[str, Field]]] = {
    "Passage": {
        "id": Scalar("{n}.id"),
        "document": Many("Document", "MATCH ({n})-[:PART_OF]->({+n}:Document)", only_one=True),
        "paragraph": Scalar("{n}.paragraph"),
        "start": Scalar("{n}.start"),
        "end": Scalar("{n}.end"),
        "spanSha256": Scalar("{n}.span_sha256"),
        "held": Scalar("{n}.exact IS NOT NULL"),
        "exact": Scalar("{n}.exact"),
        "prefix": Scalar("{n}.prefix"),
        "suffix": Scalar("{n}.suffix"),
        "readings": Many("Reading", "MATCH ({n})-[:READ_AS]->({+n}:Reading)", order="{+n}.start, {+n}.id"),
    },
    "Reading": {
        "id": Scalar("{n}.id"),
        "start": Scalar("{n}.start"),
        "end": Scalar("{n}.end"),
        "reading": Scalar("{n}.reading"),
        "basis": Scalar("{n}.basis"),
        "why": Scalar("{n}.why"),
    },
    "Copy": {
        "document": One("Document", node="{a}"),
        "original": One("Document"),
        "how": Scalar("{r}.how"),
        "certainty": Scalar("{r}.certainty"),
        "basis": Scalar("{r}.basis"),
    },
    "Citation": {
        "work": One("Entity"),
        "certainty": Scalar("{r}.certainty"),
        "basis": Scalar("{r}.basis"),
    },
}


def _check_document(arguments: Mapping[str, Any]) -> None:
    check_entity_id("id", arguments["id"])


ONE_DOCUMENT: Final = Many(
    "Document",
    "MATCH ({+n}:Entity {id: {value}}) WHERE {+n}.type = 'Document'",
    only_one=True,
    argument="id",
    check=_check_document,
)
