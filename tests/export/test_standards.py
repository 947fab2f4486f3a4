"""FollowTheMoney, STIX and PROV: each read and checked by its own library, with counts equal to the report."""

import csv
import io
import json
from typing import Any

import pytest
import pytest_asyncio
import rdflib
import stix2
from followthemoney import model
from stix2.properties import StringProperty

from api.context import Context
from kb.export.ftm import name_id
from tests.api.cases import answer
from tests.api.served import embedded_context
from tests.export.test_graphs import ASKED
from tests.export.test_tables import exported, read_csv

__all__ = ["embedded_context"]  # the fixture


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def context(embedded_context: Context) -> Context:
    """Both cases; that both engines give the same rows is what the tests of the tables show."""
    return embedded_context


OA = rdflib.Namespace("http://www.w3.org/ns/oa#")
PROV = rdflib.Namespace("http://www.w3.org/ns/prov#")
# rdflib 7.1 warns of itself while it reads JSON-LD.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")


# The types that OpenCTI adds to STIX, as its documentation lists their properties.
for kind in ("channel", "event", "narrative"):
    properties = [("name", StringProperty(required=True)), ("description", StringProperty())]
    stix2.CustomObject(kind, properties)(type(kind, (), {}))
stix2.CustomObservable("media-content", [("title", StringProperty())], [])(type("media", (), {}))


@pytest.mark.parametrize(("question", "given"), ASKED)
async def test_followthemoney_finds_every_entity_valid(
    context: Context, question: str, given: dict[str, str]
) -> None:
    content, report = await exported(context, question, "ftm", **given)
    entities = [json.loads(line) for line in content.splitlines()]
    counted: dict[str, int] = {}
    for entity in entities:
        proxy = model.get_proxy(entity, cleaned=False)
        assert not proxy.schema.abstract
        proxy.schema.validate(entity)
        # What its reader takes for garbage it drops: nothing may be dropped.
        read = proxy.to_dict()["properties"]
        assert {name: len(values) for name, values in read.items()} == {
            name: len(values) for name, values in entity["properties"].items()
        }
        counted[entity["schema"]] = counted.get(entity["schema"], 0) + 1
    assert counted == report["written"]
    ids = {entity["id"] for entity in entities}
    assert len(ids) == len(entities) > 0
    for entity in entities:
        for name in ("subject", "object", "entity"):
            assert set(entity["properties"].get(name, ())) <= ids


async def test_followthemoney_has_a_link_or_a_note_for_every_record_with_its_voice_and_hedge(
    context: Context,
) -> None:
    rows = read_csv((await exported(context, "amplifications", "csv"))[0])
    content, _ = await exported(context, "amplifications", "ftm")
    entities = {found["id"]: found for found in map(json.loads, content.splitlines())}
    for row in rows:
        found = entities[name_id("link:" + row["id"])]
        told = "\n".join(found["properties"]["description"])
        assert row["sentence"] in told
        assert f"Count: {row['count']}" in told
        if row["basis"] == "reported":
            assert f"Replies: {row['replies']}" in told
    # An allegation is no fact of ownership or payment.
    assert not {found["schema"] for found in entities.values()} & {"Ownership", "Payment", "Directorship"}


async def test_statements_say_the_same_as_the_entities(context: Context) -> None:
    entities = [json.loads(line) for line in (await exported(context, "claims", "ftm"))[0].splitlines()]
    rows = list(
        csv.DictReader(
            io.StringIO((await exported(context, "claims", "ftm-statements"))[0].decode(), newline="")
        )
    )
    values = {
        (e["id"], name, value) for e in entities for name, found in e["properties"].items() for value in found
    }
    assert {(row["entity_id"], row["prop"], row["value"]) for row in rows if row["prop"] != "id"} == values
    assert len({row["id"] for row in rows}) == len(rows)


@pytest.mark.parametrize(("question", "given"), ASKED)
async def test_stix_accepts_the_bundle_and_every_reference_is_in_it(
    context: Context, question: str, given: dict[str, str]
) -> None:
    content, report = await exported(context, question, "stix", **given)
    raw = json.loads(content)
    assert len(stix2.parse(raw, allow_custom=False).objects) == len(raw["objects"])
    ids = [found["id"] for found in raw["objects"]]
    assert len(set(ids)) == len(ids) == sum(report["written"].values())
    for found in raw["objects"]:
        refs = [found[name] for name in ("source_ref", "target_ref", "created_by_ref") if name in found]
        assert {*refs, *found.get("object_refs", ())} <= set(ids)
    if question in ("amplifications", "neighbourhood"):
        rows = read_csv((await exported(context, question, "csv", **given))[0])
        told = [
            found for found in raw["objects"] if "extensions" in found and "layer" in str(found["extensions"])
        ]
        assert len(told) == len(rows)


async def test_stix_carries_sentence_reply_and_hedge(context: Context) -> None:
    raw = json.loads((await exported(context, "amplifications", "stix"))[0])
    rows = {row["id"]: row for row in read_csv((await exported(context, "amplifications", "csv"))[0])}
    seen = 0
    for found in raw["objects"]:
        told: Any = next(iter(found.get("extensions", {}).values()), {})
        if told.get("extension_type") != "property-extension":
            continue
        row = rows[told["id"]]
        text = found.get("description") or found["content"]
        assert row["sentence"] in text
        assert told["count"] == row["count"]
        seen += 1
        if row["basis"] == "reported":
            assert f"Replies: {row['replies']}" in text
    assert seen == len(rows)


async def test_the_same_entity_has_the_same_stix_id_in_every_export(context: Context) -> None:
    names: dict[str, set[str]] = {}
    for question in ("amplifications", "claims"):
        for found in json.loads((await exported(context, question, "stix"))[0])["objects"]:
            if found["type"] == "identity":
                names.setdefault(found["name"], set()).add(found["id"])
    assert all(len(ids) == 1 for ids in names.values())
    assert len(names) > 5


async def test_rdf_readers_find_every_claim_with_its_voice_and_its_passages(context: Context) -> None:
    content, report = await exported(context, "claims", "prov")
    graph = rdflib.Graph().parse(data=content, format="json-ld")
    annotations = set(graph.subjects(rdflib.RDF.type, OA.Annotation))
    assert len(annotations) == report["written"]["annotations"]
    claims = set(graph.subjects(OA.motivatedBy, OA.describing))
    asked = "{ claims(first: 1000) { nodes { id replies { id } shownIn { attribution } } } }"
    found = (await answer(context, asked))["claims"]
    assert {str(claim) for claim in claims} == {f"urn:throughline:{node['id']}" for node in found["nodes"]}
    for claim in claims:
        assert list(graph.objects(claim, PROV.wasAttributedTo))
        assert list(graph.objects(claim, OA.hasTarget))
    replies = sum(len(node["replies"]) for node in found["nodes"])
    assert len(set(graph.subjects(OA.motivatedBy, OA.replying))) == replies > 0


@pytest.mark.parametrize("question", ["amplifications", "entities"])
async def test_rdf_readers_read_the_other_questions(context: Context, question: str) -> None:
    content, report = await exported(context, question, "prov")
    graph = rdflib.Graph().parse(data=content, format="json-ld")
    kind = rdflib.URIRef("urn:throughline:term:Record")
    assert len(set(graph.subjects(rdflib.RDF.type, kind))) == report["written"].get("records", 0)
    assert len(graph) > 0
