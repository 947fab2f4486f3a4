"""Promises over the whole catalog: nothing undocumented, unmapped, ambiguous or imported from elsewhere."""

import ast
import json
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from pydantic import BaseModel

from schema.catalog import (
    EDGE_TYPES,
    ENTITY_TYPES,
    LABELS,
    OTHER_NODES,
    RELATIONSHIP_TYPES,
    RELATIONSHIPS,
    STORED_TYPES,
    labels_of,
)
from schema.reference import make_json_schema, make_reference
from schema.standards import TYPES
from schema.standards import VERBS as COUNTERPARTS
from schema.verbs import ROLE_VERBS, VERB_NAMES, VERBS

ROOT = Path(__file__).parent.parent.parent
MODELS = {**ENTITY_TYPES, **OTHER_NODES}


def test_verbs_are_disjoint_from_every_stored_relationship_type() -> None:
    assert not EDGE_TYPES & STORED_TYPES


def test_no_label_is_also_a_relationship_type() -> None:
    assert not {label.upper() for label in LABELS} & RELATIONSHIP_TYPES
    assert all(kind == kind.upper() for kind in RELATIONSHIP_TYPES)


def test_each_verb_is_named_once_and_has_a_reading_and_a_passive() -> None:
    assert len(VERB_NAMES) == len(VERBS)
    assert all(verb.reading and verb.passive for verb in VERBS)
    assert set().union(*ROLE_VERBS.values()) <= VERB_NAMES


def test_every_type_and_verb_has_its_counterparts_elsewhere() -> None:
    assert set(COUNTERPARTS) == VERB_NAMES
    assert set(TYPES) == LABELS - {"Entity"}
    assert all(any(counterpart) for counterpart in [*COUNTERPARTS.values(), *TYPES.values()])


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
def test_every_model_and_every_field_is_described(model: type[BaseModel]) -> None:
    assert model.__doc__
    undescribed = [name for name, field in model.model_fields.items() if not field.description]
    assert not undescribed


# Nothing of the story: what the machine keeps for itself, and what nothing writes yet.
BOOKKEEPING = {"NameKey", "Batch", "Load", "Migration", "Change", "Judgement"}


@pytest.mark.parametrize("name", sorted(MODELS.keys() - BOOKKEEPING))
def test_neo4j_browser_finds_a_caption_without_a_style(name: str) -> None:
    # Else it writes whatever property comes first into the node.
    assert MODELS[name].model_fields.keys() & {"name", "title", "label"}


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
def test_every_model_is_frozen_and_closed(model: type[BaseModel]) -> None:
    assert model.model_config.get("frozen")
    assert model.model_config.get("extra") == "forbid"


def test_no_model_has_a_field_for_what_is_private() -> None:
    private = {
        "address",
        "birth",
        "born",
        "family",
        "spouse",
        "religion",
        "ethnicity",
        "health",
        "phone",
        "email",
    }
    fields = {name for model in ENTITY_TYPES.values() for name in model.model_fields}
    assert not {name for name in fields if private & set(name.split("_"))}


def test_every_relationship_ends_at_known_labels() -> None:
    ends = {label for kind in RELATIONSHIPS for side in (kind.start, kind.end) for label in side.split("|")}
    assert ends <= LABELS


def test_an_official_is_also_a_person_and_a_person_only_a_person() -> None:
    assert labels_of("Official") == ("Entity", "Person", "Official")
    assert labels_of("Person") == ("Entity", "Person")
    assert labels_of("Embassy") == ("Entity", "Embassy")


def test_the_generated_files_are_current() -> None:
    assert (ROOT / "schema" / "reference.md").read_text("utf-8") == make_reference(), "run python -m schema"
    stored = json.loads((ROOT / "schema" / "case.schema.json").read_text("utf-8"))
    assert stored == make_json_schema(), "run python -m schema"


@pytest.mark.parametrize("path", sorted((ROOT / "schema").glob("*.py")), ids=lambda path: path.stem)
def test_the_schema_reads_nothing_of_ours_and_no_driver(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not {module.split(".")[0] for module in modules} & {
        "kb",
        "api",
        "loaders",
        "neo4j",
        "strawberry",
        "os",
    }


def test_nothing_installed_has_our_folder_names() -> None:
    installed = packages_distributions()
    assert [installed.get(name) for name in ("schema", "kb", "loaders", "api")] == [None] * 4


@pytest.mark.parametrize("folder", ["schema", "kb", "loaders", "api"])
def test_every_module_opens_with_one_sentence(folder: str) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        if "node_modules" in path.parts:
            continue
        doc = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        assert doc.strip().split("\n\n")[0].rstrip().endswith((".", "`")), (
            f"{path} says nothing of what belongs in it"
        )
