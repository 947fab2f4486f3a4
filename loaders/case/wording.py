"""What the checks of the models say, in words that a person who writes a case can use."""

from typing import Annotated, Any, Final, NamedTuple, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from loaders.case.nearest import Nearest, suggestion
from loaders.case.tree import Fields
from schema import values
from schema.verbs import VERB_NAMES


class Wording(NamedTuple):
    """The three parts of a problem that follow its place."""

    what: str
    value: object
    remedy: str


_VERBS: Final = Nearest(sorted(VERB_NAMES), most=None)
_FIELDS: Final[dict[type[BaseModel], Nearest]] = {}

_ID_REMEDY: Final = "write a prefix, a colon and a name without spaces, for example per:jane-doe"
# Pattern of the model -> what it is not, and how to write it.
_PATTERNS: Final = {
    values.ENTITY_ID: ("is not the id of an entity or document", _ID_REMEDY),
    values.CLAIM_ID: (
        "is not the id of a claim",
        "write letters, digits, - _ or ., no colon, for example C001",
    ),
    values.CASE_ID: ("is not a short name", "write lower-case letters, digits and _, for example my_case"),
    values.INSTANT: ("is not an instant", "write it in UTC, for example 2026-11-22T10:00:00Z"),
    values.DAY: ("is not a day", "write it as 2021-12-14"),
    r"^[0-9a-f]{64}$": (
        "is not a SHA-256",
        "write 64 digits of 0-9 and a-f; `python -m loaders locate` prints it",
    ),
    r"^[^\s]{1,220}$": ("is not an id", "write an id without spaces, such as per:jane-doe or C001"),
    r"^Q[1-9]\d*$": ("is not a Wikidata item", "write Q and a number, for example Q42"),
    "^[A-Z][a-z]{3}$": ("is not a script", "write its ISO 15924 code, for example Latn or Hans"),
    "^(stated|inferred)$": ("is not a certainty", "write stated or inferred"),
}
_MISSING: Final = {
    "text": "add text: the count with its hedge as worded, for example “at least 56 times”",
    "said_by": "say whose voice it is: an entity, or the document for its own voice",
    "shown_in": "give at least one passage; `python -m loaders locate` prints it",
    "sha256": "`python -m loaders locate` prints it",
}

# The beginning of pydantic's name of an error -> what is wrong and how to write it.
_KINDS: Final = (
    ("string_type", "must be text", "write one text, no list and no mapping"),
    ("string_too_short", "is empty", "fill it in, or leave the field out"),
    ("string_too_long", "is longer than {max_length} characters", "shorten it"),
    ("int_", "is not a whole number", "write digits only, for example 56"),
    ("greater_than_equal", "is out of range", "write {ge} or more"),
    ("less_than_equal", "is out of range", "write {le} or less"),
    ("bool_", "is neither true nor false", "write true or false"),
    ("url_", "is not a web address", "write it with https://"),
    ("tuple_type", "must be a list", "begin each item with a dash and a space"),
    ("model_", "must be a mapping of fields", "write for example {example}"),
)
_EXAMPLES: Final = {
    "count": "{text: at least 56 times, min: 56}",
    "date": "{edtf: 2021-12-14, text: on Tuesday}",
    "grade": "{source: B, information: 2, reason: ...}",
    "at": "{document: doc:000, paragraph: 7, start: 1773, end: 1825, sha256: ...}",
}


def known_fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a model by the names that case files use."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def nested_model(annotation: Any) -> type[BaseModel] | None:
    """The model inside an annotation such as `tuple[Locator, ...]` or `Count | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    parts = get_args(annotation)
    for part in parts[:1] if getattr(annotation, "__origin__", None) is Annotated else parts:
        found = nested_model(part)
        if found is not None:
            return found
    return None


def wording_of(error: ErrorDetails, model: type[BaseModel]) -> Wording:
    """One error of pydantic about an entry of `model`, in our words."""
    path = ".".join(part for part in error["loc"] if isinstance(part, str))
    return _worded(error, _model_at(model, error["loc"][:-1]), path)


def _worded(error: ErrorDetails, model: type[BaseModel] | None, path: str) -> Wording:
    kind, context, value = error["type"], error.get("ctx", {}), error["input"]
    name = path.rsplit(".", 1)[-1]
    if kind == "extra_forbidden":
        return _unknown_field(name, model)
    if kind == "missing":
        remedy = "add it" if name == "text" and path != "count.text" else _MISSING.get(name, "add it")
        return Wording(f"{path} is missing", _brief_id(value), remedy)
    if kind == "value_error":
        return _own_words(context.get("error"), path, value)
    if value is None:
        return Wording(f"{path} has an empty item", "", "fill it in or remove it")
    return _by_kind(error, path, name)


def _by_kind(error: ErrorDetails, path: str, name: str) -> Wording:
    kind, context, value = error["type"], error.get("ctx", {}), error["input"]
    if kind in ("enum", "literal_error"):
        return _choices(str(context["expected"]), path, value)
    if kind == "string_pattern_mismatch":
        pattern = str(context["pattern"])
        what, remedy = _PATTERNS.get(pattern, ("is not written as it should be", f"it must match {pattern}"))
        return Wording(f"{path} {what}", value, remedy)
    for beginning, what, remedy in _KINDS:
        if kind.startswith(beginning):
            example = f"{name}: {_EXAMPLES.get(name, '{field: value}')}"
            said = remedy.format(**context, example=example)
            return Wording(f"{path} {what.format(**context)}", value, said)
    return Wording(f"{path}: {error['msg']}", value, "correct it")


def _own_words(error: object, path: str, value: object) -> Wording:
    """A check of ours says `what; remedy`."""
    what, _, remedy = str(error).partition("; ")
    if "not a verb" in what:
        near = suggestion(_VERBS.find(value)) if isinstance(value, str) else ""
        remedy = f"{near}schema/reference.md lists the verbs"
    if isinstance(value, dict):
        value = _brief_id(value)
    return Wording(f"{path} {what}".lstrip(), value, remedy or "correct it")


def _choices(expected: str, path: str, value: object) -> Wording:
    choices = expected.replace("'", "").replace(" or ", ", ").split(", ")
    near = suggestion(Nearest(choices).find(value)) if isinstance(value, str) else ""
    listed = " or ".join([", ".join(choices[:-1]), choices[-1]]) if len(choices) > 1 else choices[0].lower()
    return Wording(f"{path} has none of its values", value, f"{near}write {listed}")


def _unknown_field(name: str, model: type[BaseModel] | None) -> Wording:
    if model is None:
        return Wording("unknown field", name, "remove it")
    if model not in _FIELDS:
        _FIELDS[model] = Nearest(tuple(known_fields(model)), most=None)
    near = suggestion(_FIELDS[model].find(name))
    return Wording("unknown field", name, near + "The fields here are " + ", ".join(known_fields(model)))


def _model_at(model: type[BaseModel] | None, loc: tuple[int | str, ...]) -> type[BaseModel] | None:
    for part in loc:
        if model is None or isinstance(part, int):
            continue
        field = known_fields(model).get(part)
        model = nested_model(field.annotation) if field is not None else None
    return model


def _brief_id(value: object) -> object:
    """How a problem shows the mapping that it is about: by its id, else by its beginning."""
    if isinstance(value, dict) and isinstance(value.get("id"), str):
        return value["id"]
    return value if not isinstance(value, Fields) else dict(value)
