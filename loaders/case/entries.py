"""Each entry of each section, checked by its model alone."""

from functools import cache
from typing import Any, Final, NamedTuple

from pydantic import BaseModel, ValidationError

from loaders.case.nearest import Nearest, suggestion
from loaders.case.problems import Problems
from loaders.case.tree import Fields, Items, Value, line_at
from loaders.case.wording import known_fields, nested_model, wording_of
from schema.case_files import ENTRY_MODELS, CaseFile, EntityEntry
from schema.catalog import ENTITY_TYPES

HEAD: Final = "case"
# Section -> the model of its entries; entities have one model for each type.
SECTIONS: Final[dict[str, type[BaseModel]]] = {
    name: (nested_model(field.annotation) if name != "entities" else None) or EntityEntry
    for name, field in CaseFile.model_fields.items()
}
# What one entry of a section is called.
SINGULAR: Final = {
    "case": "case", "documents": "document", "copies": "copy", "citations": "citation", "readings": "reading",
    "entities": "entity", "claims": "claim", "datasets": "dataset", "holders": "holder", "postings": "posting",
    "interactions": "interaction",
}  # fmt: skip
_SECTION_NAMES: Final = Nearest(tuple(SECTIONS), most=None)
_TYPE_NAMES: Final = Nearest(tuple(ENTRY_MODELS), most=None)


class Entry(NamedTuple):
    """One entry as it was written, and where."""

    section: str
    file: str
    line: int
    raw: Fields

    @property
    def id(self) -> str | None:
        """Its id, None when it has none that is text."""
        found = self.raw.get("id")
        return found if isinstance(found, str) else None

    @property
    def title(self) -> str:
        """How problems call it: `claim C001`."""
        return f"{SINGULAR[self.section]} {self.id[:80]!r}" if self.id else SINGULAR[self.section]

    def text(self, name: str) -> str:
        """The text of a field, empty when it has none."""
        found = self.raw.get(name)
        return found if isinstance(found, str) else ""

    def line_at(self, loc: tuple[int | str, ...]) -> int:
        """The line of a part of it."""
        return line_at(self.raw, loc) or self.line


def find_entries(root: Value, file: str, problems: Problems) -> list[Entry]:
    """Every entry of every section of one file; what is no section and no entry is told."""
    if root is None:
        return []
    if not isinstance(root, Fields):
        line = root.line if isinstance(root, Items) else 1
        problems.add(
            file, line, "has no sections", root, f"begin with one of {', '.join(SECTIONS)}, and a colon"
        )
        return []
    entries: list[Entry] = []
    for section, value in root.items():
        line = root.line_of(section)
        if section not in SECTIONS:
            near = suggestion(_SECTION_NAMES.find(section))
            problems.add(
                file, line, "unknown section", section, f"{near}The sections are {', '.join(SECTIONS)}"
            )
        elif value is None:
            continue
        elif section == HEAD:
            if isinstance(value, Fields):
                entries.append(Entry(HEAD, file, line, value))
            else:
                problems.add(
                    file, line, "case must be a mapping", value, "write id:, title: and so on under it"
                )
        elif isinstance(value, Items):
            entries += _entries_of(section, value, file, problems)
        else:
            problems.add(
                file, line, f"{section} must be a list", value, "begin each entry with a dash and a space"
            )
    return entries


def _entries_of(section: str, items: Items, file: str, problems: Problems) -> list[Entry]:
    found = []
    for value, line in zip(items, items.lines, strict=True):
        if isinstance(value, Fields):
            found.append(Entry(section, file, line, value))
        else:
            shown = "" if value is None else value
            problems.add(file, line, f"{section} has an item that is no mapping", shown, "write `- id: ...`")
    return found


def check_entry(entry: Entry, problems: Problems) -> BaseModel | None:
    """The entry as its model, or None when it is told what is wrong with it."""
    model = _model_of(entry, problems)
    if model is None or not entry.raw.whole:
        return None
    made = _validate(model, _without_absent(entry.raw, model), entry, problems)
    if isinstance(made, EntityEntry):
        # What only the stored type knows: an account's id follows from its platform and handle.
        stored = ENTITY_TYPES[made.type]
        named = made.model_dump(mode="json", include=set(stored.model_fields))
        if _validate(stored, named, entry, problems) is None:
            return None
    _check_address(entry, problems)
    return made


def _model_of(entry: Entry, problems: Problems) -> type[BaseModel] | None:
    if entry.section != "entities":
        return SECTIONS[entry.section]
    kind = entry.raw.get("type")
    if isinstance(kind, str) and kind in ENTRY_MODELS:
        return ENTRY_MODELS[kind]
    near = suggestion(_TYPE_NAMES.find(kind)) if isinstance(kind, str) else ""
    what = f"{entry.title}: {'type is no type of entity' if kind else 'type is missing'}"
    if kind == "Document":
        near = "documents have a section of their own. "
    remedy = f"{near}The types are {', '.join(ENTRY_MODELS)}"
    problems.add(entry.file, entry.line_at(("type",)), what, kind or entry.id or "", remedy)
    return None


def _validate(
    model: type[BaseModel], raw: dict[str, Any], entry: Entry, problems: Problems
) -> BaseModel | None:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        for found in error.errors(include_url=False):
            if problems.full:
                problems.add(entry.file, entry.line, entry.title, "", "")
                break
            told = wording_of(found, model)
            line = entry.line_at(found["loc"])
            problems.add(entry.file, line, f"{entry.title}: {told.what}", told.value, told.remedy)
        return None


def _check_address(entry: Entry, problems: Problems) -> None:
    """An address is shown as a link: it may lead to the web and nowhere else (`javascript:`, `file:`)."""
    address = entry.text("url")
    if address and not address.lower().startswith(("https://", "http://")):
        what = f"{entry.title}: url is not a web address"
        problems.add(entry.file, entry.line_at(("url",)), what, address, "write it with https://")


def _without_absent(raw: Fields, model: type[BaseModel]) -> dict[str, Any]:
    """The mapping as the model takes it: a known field without a value is absent, an unknown one is kept to be told."""
    nested = _nested_fields(model)
    made: dict[str, Any] = {}
    for name, value in raw.items():
        if value is None and name in nested:
            continue
        inner = nested.get(name)
        if inner is not None and isinstance(value, Fields):
            made[name] = _without_absent(value, inner)
        elif inner is not None and isinstance(value, Items):
            made[name] = [
                _without_absent(item, inner) if isinstance(item, Fields) else item for item in value
            ]
        else:
            made[name] = value
    return made


@cache
def _nested_fields(model: type[BaseModel]) -> dict[str, type[BaseModel] | None]:
    return {name: nested_model(field.annotation) for name, field in known_fields(model).items()}
