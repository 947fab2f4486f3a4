"""Ids: each declared once, each reference leading to something of the right sort."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from loaders.case.entries import Entry
from loaders.case.nearest import Nearest, suggestion
from loaders.case.problems import Problems, where
from loaders.case.tree import find_texts
from schema.catalog import ENTITY_TYPES, RELATIONSHIPS
from schema.values import CLAIM_ID, ENTITY_ID

DOCUMENT: Final = "Document"
CLAIM: Final = "Claim"
_ANY_ENTITY: Final = frozenset(ENTITY_TYPES)
# Who can publish: people, bodies, outlets and what they run; not a place, a topic or another document.
_PUBLISHERS: Final = frozenset(
    {
        "Person",
        "Official",
        "Influencer",
        "Organization",
        "MediaOutlet",
        "Tribunal",
        "Embassy",
        "Group",
        "Account",
    }
    | {"Channel", "Campaign"}
)
_DATASET: Final = "Dataset"


class Reference(NamedTuple):
    """A field that holds ids: where it stands in an entry, and the labels that it may lead to."""

    section: str
    path: tuple[str, ...]
    labels: frozenset[str]


def _ends(relationship: str, *, start: bool = False) -> frozenset[str]:
    """The labels at one end of a relationship type of the catalog."""
    found = next(kind for kind in RELATIONSHIPS if kind.name == relationship)
    named = set((found.start if start else found.end).split("|"))
    return frozenset((named - {"Entity"}) | (_ANY_ENTITY if "Entity" in named else set()))


def _claim_references() -> Iterator[Reference]:
    for role in ("who", "what", "whose", "via", "at", "during", "about", "said_by"):
        yield Reference("claims", (role,), _ends(role.upper()))
    for relation in ("inside", "supports", "replies_to"):
        yield Reference("claims", (relation,), frozenset({CLAIM}))
    yield Reference("claims", ("disputes", "claim"), frozenset({CLAIM}))
    yield Reference("claims", ("disputes", "entity"), _ANY_ENTITY)
    yield Reference("claims", ("shown_in", "document"), frozenset({DOCUMENT}))


REFERENCES: Final = (
    *_claim_references(),
    Reference("documents", ("publisher",), _PUBLISHERS),
    Reference("entities", ("publisher",), _PUBLISHERS),
    Reference("entities", ("mentions", "document"), frozenset({DOCUMENT})),
    Reference("copies", ("document",), _ends("COPIES", start=True)),
    Reference("copies", ("copies",), _ends("COPIES")),
    Reference("citations", ("document",), _ends("CITES", start=True)),
    Reference("citations", ("cites",), _ends("CITES")),
    Reference("readings", ("at", "document"), frozenset({DOCUMENT})),
    Reference("holders", ("account",), _ends("HELD_BY", start=True)),
    Reference("holders", ("holder",), _ends("HELD_BY") - {DOCUMENT, "Account"}),
    Reference("postings", ("official",), _ends("POSTED_AT", start=True)),
    Reference("postings", ("embassy",), _ends("POSTED_AT")),
    Reference("postings", ("dataset",), frozenset({_DATASET})),
    Reference("interactions", ("source",), _ends("INTERACTED", start=True)),
    Reference("interactions", ("target",), _ends("INTERACTED")),
    Reference("interactions", ("dataset",), frozenset({_DATASET})),
)


class Declared:
    """What the case declares, by id: entities and documents share one space, claims and datasets have their own."""

    def __init__(self) -> None:
        self.things: dict[str, Entry] = {}
        self.claims: dict[str, Entry] = {}
        self.datasets: dict[str, Entry] = {}
        self.readings: dict[str, Entry] = {}
        self.used: set[str] = set()

    def space(self, section: str) -> dict[str, Entry] | None:
        """Where ids of a section are kept; None for a section whose entries have none."""
        spaces = {"claims": self.claims, "datasets": self.datasets, "readings": self.readings}
        return self.things if section in ("entities", "documents") else spaces.get(section)

    def label_of(self, thing: str) -> str:
        """The type of an entity or document; empty when the entry names none."""
        entry = self.things[thing]
        return DOCUMENT if entry.section == "documents" else entry.text("type")


def declare(entries: Sequence[Entry], problems: Problems) -> Declared:
    """Every id of the case; one that is declared twice is told at its second place."""
    declared = Declared()
    for entry in entries:
        space = declared.space(entry.section)
        if space is None or entry.id is None:
            continue
        first = space.setdefault(entry.id, entry)
        if first is not entry:
            other = f"{first.title} has it in {where(first.file, first.line)}; rename one, or remove one"
            problems.add(
                entry.file, entry.line_at(("id",)), f"{entry.title}: id is already taken", entry.id, other
            )
    return declared


def check_references(
    entries: Sequence[Entry], declared: Declared, problems: Problems, *, complete: bool
) -> None:
    """Tells every reference that leads nowhere or to the wrong sort of thing, and notes what is used.

    When the files could not be read whole, what leads nowhere may lead to the rest of them and is not told.
    """
    checker = _Checker(declared, problems, complete=complete)
    by_section: dict[str, list[Reference]] = {}
    for reference in REFERENCES:
        by_section.setdefault(reference.section, []).append(reference)
    for entry in entries:
        for reference in by_section.get(entry.section, ()):
            checker.check(entry, reference)


class _Checker:
    def __init__(self, declared: Declared, problems: Problems, *, complete: bool) -> None:
        self._declared = declared
        self._problems = problems
        self._complete = complete
        self._near_things = Nearest(declared.things)
        self._near_claims = Nearest(declared.claims)
        self._near_datasets = Nearest(declared.datasets)

    def check(self, entry: Entry, reference: Reference) -> None:
        seen: set[str] = set()
        lists_ids = reference.path[-1] not in ("document", "dataset")
        for text, loc in find_texts(entry.raw, reference.path):
            if text in seen and lists_ids:
                self._tell(entry, loc, reference, "names the same twice", text, "remove one")
                continue
            seen.add(text)
            if reference.labels == {_DATASET}:
                if text not in self._declared.datasets and self._complete:
                    near = suggestion(self._near_datasets.find(text))
                    remedy = f"{near}Declare it under datasets"
                    self._tell(entry, loc, reference, "is no dataset of this case", text, remedy)
            elif ":" in text:
                self._check_thing(entry, loc, reference, text)
            else:
                self._check_claim(entry, loc, reference, text)

    def _check_thing(self, entry: Entry, loc: tuple[int | str, ...], reference: Reference, text: str) -> None:
        if reference.labels == {CLAIM} or not re.fullmatch(ENTITY_ID, text):
            if reference.path in (("who",), ("what",)):
                remedy = "write a prefix, a colon and a name, for example per:jane-doe"
                self._tell(entry, loc, reference, "is no id", text, remedy)
            return
        if text not in self._declared.things:
            if self._complete:
                found = self._near_things.find(text)
                fits = tuple(name for name in found if self._declared.label_of(name) in reference.labels)
                remedy = suggestion(fits) + _declare_where(reference)
                self._tell(entry, loc, reference, "leads to nothing that this case declares", text, remedy)
            return
        self._declared.used.add(text)
        label = self._declared.label_of(text)
        if label in ENTITY_TYPES and label not in reference.labels:
            remedy = f"name {_listed(reference.labels)}"
            self._tell(entry, loc, reference, f"leads to a thing of type {label}", text, remedy)

    def _check_claim(self, entry: Entry, loc: tuple[int | str, ...], reference: Reference, text: str) -> None:
        if CLAIM not in reference.labels or not re.fullmatch(CLAIM_ID, text):
            return
        if text not in self._declared.claims and self._complete:
            near = self._near_claims.find(text)
            if not near and reference.labels != {CLAIM}:
                near = self._near_things.find(text)
            remedy = f"{suggestion(near)}An id without a colon is a claim of this case"
            self._tell(entry, loc, reference, "leads to no claim of this case", text, remedy)

    def _tell(
        self,
        entry: Entry,
        loc: tuple[int | str, ...],
        reference: Reference,
        what: str,
        value: str,
        remedy: str,
    ) -> None:
        field = ".".join(reference.path)
        self._problems.add(entry.file, entry.line_at(loc), f"{entry.title}: {field} {what}", value, remedy)


def _declare_where(reference: Reference) -> str:
    if reference.labels == {DOCUMENT}:
        return "Declare it under documents"
    return "Declare it under entities, with shared: true when another case has it already"


def _listed(labels: frozenset[str]) -> str:
    names = sorted(labels)
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]
