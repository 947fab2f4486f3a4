"""The data dictionary and the JSON Schema of case files, made from the models."""

from typing import Any

from schema.case_files import CaseFile
from schema.catalog import (
    ENTITY_BOOKKEEPING,
    ENTITY_TYPES,
    OBSERVED_EDGE,
    OTHER_NODES,
    RELATIONSHIPS,
    REPORTED_EDGE,
    UNIQUE_KEYS,
    labels_of,
)
from schema.standards import TYPES
from schema.standards import VERBS as VERB_COUNTERPARTS
from schema.verbs import VERBS


def make_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one file of a case folder, as an editor checks it."""
    made = _as_written(CaseFile.model_json_schema(by_alias=True))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **made,
        "title": "Throughline case file",
    }


def _as_written(schema: Any) -> Any:
    """The schema for YAML as people write it: any text may be an unquoted number, a list of ids one id."""
    if isinstance(schema, list):
        return [_as_written(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _as_written(part) for key, part in schema.items()}
    if made.get("type") == "string" and not made.keys() & {"enum", "const", "format"}:
        made["type"] = ["string", "number"]
    items = made.get("items")
    if made.get("type") == "array" and isinstance(items, dict) and "pattern" in items:
        said = {key: made.pop(key) for key in ("title", "description", "default") if key in made}
        return {**said, "anyOf": [items, made]}
    return made


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _table(*head: str) -> list[str]:
    return [_row(*head), _row(*("---" for _ in head))]


def _node_section(name: str, model: Any) -> list[str]:
    labels = labels_of(name) if name in ENTITY_TYPES else (name,)
    doc = " ".join((model.__doc__ or "").split())
    lines = [f"### {name}", "", f"{doc} Labels: {', '.join(f'`{label}`' for label in labels)}.", ""]
    lines += _table("property", "required", "meaning")
    for field_name, field in model.model_fields.items():
        lines.append(_row(f"`{field_name}`", "yes" if field.is_required() else "", field.description or ""))
    return [*lines, ""]


def make_reference() -> str:
    """The data dictionary as Markdown."""
    lines = [
        "# Data dictionary",
        "",
        "Made from the models by `python -m schema`; do not edit.",
        "",
        "## Entities",
        "",
    ]
    lines += ["Every entity also has:", "", *_table("property", "meaning")]
    lines += [_row(f"`{name}`", says) for name, says in ENTITY_BOOKKEEPING.items()] + [""]
    for name, model in ENTITY_TYPES.items():
        lines += _node_section(name, model)
    lines += ["## Other nodes", ""]
    for other_name, other in OTHER_NODES.items():
        lines += _node_section(other_name, other)
    lines += ["## Relationships", "", *_table("type", "layer", "from", "to", "properties", "says")]
    lines += [
        _row(f"`{r.name}`", r.layer, r.start, r.end, ", ".join(r.properties), r.says) for r in RELATIONSHIPS
    ]
    lines += [
        "",
        "## Derived edges",
        "",
        "Typed by the verb of the claim; `AMPLIFIED` also from observed interactions.",
        "",
    ]
    lines += [f"Reported: {', '.join(f'`{name}`' for name in REPORTED_EDGE)}.", ""]
    lines += [f"Observed: {', '.join(f'`{name}`' for name in OBSERVED_EDGE)}.", "", "## Verbs", ""]
    lines += _table(
        "verb", "reading", "passive", "FollowTheMoney", "STIX 2.1", "PROV-O / Web Annotation", "DISARM Red"
    )
    lines += [_row(f"`{v.name}`", v.reading, v.passive, *VERB_COUNTERPARTS[v.name]) for v in VERBS]
    lines += ["", "## Types elsewhere", ""]
    lines += _table("type", "FollowTheMoney", "STIX 2.1", "PROV-O / Web Annotation", "DISARM Red")
    lines += [_row(name, *counterpart) for name, counterpart in TYPES.items()]
    lines += [
        "",
        "## Keys",
        "",
        ", ".join(f"`{label}.{key}`" for label, key in UNIQUE_KEYS) + " are unique.",
        "",
    ]
    return "\n".join(lines)
