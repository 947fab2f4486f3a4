"""A tiny invented case as a value, for tests that change one thing in it."""

import hashlib
from copy import deepcopy
from typing import Any

from kb.documents import HeldDocuments, span_sha256
from kb.migrate import migrate
from kb.save import SaveReport, save_case
from kb.store import Store
from schema.case_files import CaseFile

TEXT = (
    "Mira Vale shared the ferry films at least 12 times, the Quay Report says. The gazette agrees 🛟 fully.\n"
)
GAZETTE_SHA = hashlib.sha256(TEXT.encode()).hexdigest()
LONG_AGO = "2024-01-01T00:00:00Z"


def shown(words: str, attribution: str = "explicit", document: str = "doc:gazette") -> dict[str, Any]:
    """The locator of words of TEXT, with how they name the voice."""
    start = TEXT.index(words)
    at = {"paragraph": "1", "start": str(start), "end": str(start + len(words)), "sha256": span_sha256(words)}
    return {"document": document, **at, "attribution": attribution}


HARBOUR: dict[str, Any] = {
    "case": {"id": "harbour", "title": "Harbour", "entered_by": "tests", "entered_at": LONG_AGO},
    "documents": [
        {"id": "doc:gazette", "name": "The gazette", "sha256": GAZETTE_SHA, "publisher": "org:gazette"},
        {"id": "doc:echo", "name": "The echo"},
    ],
    "copies": [
        {"document": "doc:echo", "copies": "doc:gazette", "how": "relayed", "certainty": "stated", "basis": "said"}
    ],
    "entities": [
        {"id": "per:mira-vale", "type": "Official", "name": "Mira Vale", "country": "NO"},
        {"id": "per:otto-lind", "type": "Influencer", "name": "Otto Lind"},
        {"id": "org:gazette", "type": "MediaOutlet", "name": "The Gazette"},
        {"id": "org:quay", "type": "Organization", "name": "Quay Institute"},
        {"id": "work:quay-report", "type": "Report", "name": "Quay Report", "publisher": "org:quay"},
        {"id": "content:films", "type": "Content", "name": "ferry films"},
        {"id": "channel:briefing", "type": "Channel", "name": "briefing", "kind": "press_briefing"},
    ],
    "claims": [
        {
            "id": "H1", "verb": "AMPLIFIED", "kind": "finding", "text": "Mira Vale shared the films at least 12 times.",
            "who": "per:mira-vale", "what": "content:films", "whose": "per:otto-lind", "via": "channel:briefing",
            "count": {"text": "at least 12 times", "min": "12", "unit": "times"},
            "said_by": "work:quay-report",
            "shown_in": [shown("shared the ferry films at least 12 times"),
                         shown("at least 12 times", document="doc:echo")],
        },
        {
            "id": "H2", "verb": "HOLDS_ROLE", "kind": "statement", "text": "Mira Vale is harbour attaché.",
            "who": "per:mira-vale", "what": "org:gazette", "said_by": ["doc:gazette", "doc:echo"],
            "shown_in": shown("Mira Vale", "own"),
        },
        {
            "id": "H3", "verb": "IS_A", "kind": "allegation", "text": "Otto Lind is a film maker.",
            "who": "per:otto-lind", "object_text": "film maker", "said_by": "per:mira-vale",
            "shown_in": shown("Mira Vale"), "inside": "H4",
            "disputes": [{"entity": "work:quay-report", "level": "source", "scope": "general"}],
        },
        {
            "id": "H4", "verb": "STATED", "kind": "statement", "text": "Mira Vale spoke of Otto Lind.",
            "who": "per:mira-vale", "what": "H3", "said_by": "doc:gazette", "shown_in": shown("Mira Vale", "own"),
        },
    ],
}  # fmt: skip


def make_case(**sections: Any) -> CaseFile:
    """The harbour case with whole sections replaced."""
    raw = deepcopy(HARBOUR) | sections
    for claim in raw["claims"]:
        if isinstance(claim["shown_in"], dict):
            claim["shown_in"] = [claim["shown_in"]]
    return CaseFile.model_validate(raw)


def with_claim(key: str, **fields: Any) -> CaseFile:
    """The harbour case with fields of one claim changed."""
    return make_case(
        claims=[{**claim, **(fields if claim["id"] == key else {})} for claim in HARBOUR["claims"]]
    )


def without_claim(key: str, **sections: Any) -> CaseFile:
    """The harbour case without one claim."""
    return make_case(claims=[claim for claim in HARBOUR["claims"] if claim["id"] != key], **sections)


async def load(store: Store, held: HeldDocuments, case: CaseFile, now: str = LONG_AGO) -> SaveReport:
    """Migrates and saves; the hash is that of the content, as the loader has it."""
    await migrate(store, now)
    sha = hashlib.sha256(case.model_dump_json().encode()).hexdigest()
    return await save_case(store, case, content_sha256=sha, held=held, now=now)
