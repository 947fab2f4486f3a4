"""What entries say together: cycles, roles that no claim states, holders that overlap, rows that repeat."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from loaders.case.entries import HEAD, Entry
from loaders.case.problems import Problems, where
from loaders.case.references import Declared
from loaders.case.tree import find_texts
from schema.verbs import ROLE_VERBS

# Relations of claims that must not lead back to where they began: who says something inside what, who answers whom.
_ACYCLIC: Final = {
    "inside": ("is inside itself", "inside", "say which of them is the act of saying"),
    "replies_to": ("replies to itself", "replies to", "the later one replies to the earlier one"),
    "who": ("is about itself", "is about", "name what it is about, or use inside"),
}
_NEVER_ITSELF: Final = (("supports",), ("disputes", "claim"))


def check_head(entries: Sequence[Entry], folder: str, problems: Problems, *, complete: bool) -> None:
    """Tells that a case has no head, or more than one."""
    heads = [entry for entry in entries if entry.section == HEAD]
    if not heads and complete:
        problems.add(
            folder, 0, "has no head", "case", "write case: with id, title, entered_by and entered_at"
        )
    for other in heads[1:]:
        first = where(heads[0].file, heads[0].line)
        problems.add(
            other.file, other.line, "is a second head of the case", other.id or "", f"the first is in {first}"
        )


def check_documents(entries: Sequence[Entry], problems: Problems) -> None:
    """Tells documents that copy themselves, by way of others or not, and relations that stand there twice."""
    copies = _pairs(entries, "copies", "document", "copies")
    citations = _pairs(entries, "citations", "document", "cites")
    for pairs, section, says in ((copies, "copies", "copies"), (citations, "citations", "cites")):
        rows = ((entry, (section, *pair)) for pair, entry in pairs)
        _tell_repeated(rows, lambda entry: f"{entry.title}: is there twice", problems)
        for pair, entry in pairs:
            if pair[0] == pair[1] and section == "citations":
                what = f"{entry.title}: a document {says} itself"
                problems.add(entry.file, entry.line, what, pair[0], "name another document")
    targets: dict[str, list[str]] = {}
    places: dict[str, Entry] = {}
    for (document, copied), entry in copies:
        targets.setdefault(document, []).append(copied)
        places.setdefault(document, entry)
    for cycle in find_cycles(targets):
        entry = places[cycle[0]]
        chain = " copies ".join([*cycle, cycle[0]])
        remedy = "remove one of these copies; the first text copies none"
        problems.add(entry.file, entry.line, "copies: a document copies itself", chain, remedy)


def check_claims(declared: Declared, problems: Problems) -> None:
    """Tells claims that lead back to themselves."""
    for field, (what, says, remedy) in _ACYCLIC.items():
        fields = ("who", "what") if field == "who" else (field,)
        targets = {
            key: [text for name in fields for text, _ in find_texts(entry.raw, (name,)) if ":" not in text]
            for key, entry in declared.claims.items()
            if any(name in entry.raw for name in fields)
        }
        for cycle in find_cycles(targets):
            entry = declared.claims[cycle[0]]
            line = entry.line_at((next(name for name in fields if name in entry.raw),))
            chain = f" {says} ".join([*cycle, cycle[0]])
            problems.add(entry.file, line, f"{entry.title}: {what}", chain, remedy)
    for key, entry in declared.claims.items():
        for path in _NEVER_ITSELF:
            for text, loc in find_texts(entry.raw, path):
                if text == key:
                    what = f"{entry.title}: {path[0]} itself"
                    problems.add(entry.file, entry.line_at(loc), what, key, "name another claim")


def check_roles(declared: Declared, entries: Sequence[Entry], problems: Problems) -> None:
    """Tells people typed by a role that no claim and no posting of this case gives them.

    An entity that another case has declared (`shared: true`) was shown to have its role there.
    """
    shown: dict[str, set[str]] = {"Official": set(), "Influencer": set()}
    for claim in declared.claims.values():
        if claim.text("garbled") == "true" or claim.text("suggested") == "true":
            continue
        for role, role_verbs in ROLE_VERBS.items():
            if claim.text("verb") in role_verbs:
                shown[role].update(text for text, _ in find_texts(claim.raw, ("who",)))
    shown["Official"].update(entry.text("official") for entry in entries if entry.section == "postings")
    for key, entry in declared.things.items():
        role = entry.text("type") if entry.section == "entities" else ""
        if role in shown and key not in shown[role] and entry.text("shared").lower() != "true":
            verbs = " or ".join(sorted(ROLE_VERBS[role]))
            posting = ", or a posting," if role == "Official" else ""
            remedy = f"add a claim {verbs}{posting} about {key}, or write type: Person"
            what = f"{entry.title}: no claim says that this person is of type {role}"
            problems.add(entry.file, entry.line_at(("type",)), what, role, remedy)


def check_observed(entries: Sequence[Entry], problems: Problems) -> None:
    """Tells rows that repeat, and accounts with two holders at one time."""
    rows = (
        (entry, tuple(entry.text(name) for name in ("dataset", "row", "source", "target", "kind")))
        for entry in entries
        if entry.section == "interactions"
    )
    _tell_repeated(rows, lambda entry: f"{entry.title}: row {entry.text('row')!r} is there twice", problems)
    postings = (
        (entry, tuple(entry.text(name) for name in ("dataset", "row", "official", "embassy", "role", "from")))
        for entry in entries
        if entry.section == "postings"
    )
    _tell_repeated(
        postings, lambda entry: f"{entry.title}: row {entry.text('row')!r} is there twice", problems
    )
    holders = [entry for entry in entries if entry.section == "holders"]
    same = ((e, tuple(e.text(name) for name in ("account", "holder", "from", "to"))) for e in holders)
    _tell_repeated(same, lambda entry: f"{entry.title}: is there twice", problems)
    by_account: dict[str, list[Entry]] = {}
    for entry in holders:
        if entry.text("account") and entry.text("holder"):
            by_account.setdefault(entry.text("account"), []).append(entry)
    for held in by_account.values():
        _tell_overlaps(held, problems)


def find_unused(declared: Declared) -> Iterator[str]:
    """One line for each entity that nothing refers to and no passage mentions."""
    for key, entry in declared.things.items():
        if entry.section == "entities" and key not in declared.used and not entry.raw.get("mentions"):
            yield f"{where(entry.file, entry.line)}: note: nothing uses the {entry.title}"


def find_cycles(targets: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The cycles met when every edge is followed once, each as the names along it; none is met twice."""
    cycles: list[list[str]] = []
    done: set[str] = set()
    for start in targets:
        if start in done:
            continue
        # A stack of our own: a chain of 50,000 replies is deeper than Python may recurse.
        path, on_path = [start], {start: 0}
        waiting = [iter(targets[start])]
        while waiting:
            name = next(waiting[-1], None)
            if name is None:
                waiting.pop()
                ended = path.pop()
                del on_path[ended]
                done.add(ended)
            elif name in on_path:
                cycles.append(path[on_path[name] :])
            elif name not in done and name in targets:
                on_path[name] = len(path)
                path.append(name)
                waiting.append(iter(targets[name]))
    return cycles


def _pairs(
    entries: Iterable[Entry], section: str, first: str, second: str
) -> list[tuple[tuple[str, str], Entry]]:
    return [
        ((entry.text(first), entry.text(second)), entry)
        for entry in entries
        if entry.section == section and entry.text(first) and entry.text(second)
    ]


def _tell_repeated(
    rows: Iterable[tuple[Entry, Hashable]], what: Callable[[Entry], str], problems: Problems
) -> None:
    first: dict[Hashable, Entry] = {}
    for entry, key in rows:
        other = first.setdefault(key, entry)
        if other is not entry:
            remedy = f"remove one; the other is in {where(other.file, other.line)}"
            shown = next((text for text in map(entry.text, ("document", "account", "dataset")) if text), "")
            problems.add(entry.file, entry.line, what(entry), shown, remedy)


def _tell_overlaps(held: Sequence[Entry], problems: Problems) -> None:
    """Tells each holding that begins before an earlier one of someone else has ended; an unknown bound covers."""
    in_order = sorted(held, key=lambda entry: entry.text("from"))
    # The holding that ends last, and the one that ends last of all other holders.
    last: Entry | None = None
    last_of_others: Entry | None = None
    for entry in in_order:
        rival = last if last is not None and last.text("holder") != entry.text("holder") else last_of_others
        if rival is not None and entry.text("from") <= _end(rival):
            other = f"{rival.text('holder')} holds it too ({where(rival.file, rival.line)})"
            remedy = f"{other}; both days count, so end one before the other begins"
            what = f"{entry.title}: two holders at one time of {entry.text('account')}"
            problems.add(entry.file, entry.line, what, entry.text("holder"), remedy)
        if last is None or _end(entry) >= _end(last):
            if last is not None and last.text("holder") != entry.text("holder"):
                last_of_others = last
            last = entry
        elif entry.text("holder") != last.text("holder") and (
            last_of_others is None or _end(entry) > _end(last_of_others)
        ):
            last_of_others = entry


def _end(entry: Entry) -> str:
    return entry.text("to") or "9999-12-31"
