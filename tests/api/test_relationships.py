"""Every relationship that a reader may walk is a field, at both of its ends, and one statement walks them all."""

from typing import Any

import pytest

from api.context import Context
from api.schema import SCHEMA
from kb.questions import FIELDS
from kb.select import Many, One, Page, Scalar
from kb.store import Transaction
from schema.catalog import RELATIONSHIPS, STORED_TYPES
from schema.verbs import VERB_NAMES
from tests.api.cases import answer

# Each type of relationship with the fields that walk it, from its start and from its end.
WALKED = {
    "WHO": ("Claim.who", "Entity.claims", "Claim.claimsAboutIt"),
    "WHAT": ("Claim.what", "Entity.claims", "Claim.claimsAboutIt"),
    "WHOSE": ("Claim.whose", "Entity.claims"),
    "VIA": ("Claim.via", "Entity.claims"),
    "AT": ("Claim.at", "Entity.claims"),
    "DURING": ("Claim.during", "Entity.claims"),
    "ABOUT": ("Claim.about", "Entity.claims"),
    "SAID_BY": ("Claim.saidBy", "Entity.saidClaims"),
    "SHOWN_IN": ("Claim.shownIn", "Passage.claims", "Document.shownClaims"),
    "INSIDE": ("Claim.inside", "Claim.contents"),
    "DISPUTES": ("Claim.disputes", "Claim.disputedBy", "Entity.disputedBy"),
    "SUPPORTS": ("Claim.supports", "Claim.supportedBy"),
    "REPLIES_TO": ("Claim.repliesTo", "Claim.replies", "Entity.replies"),
    "REPLACES": ("Claim.history", "Claim.replacedBy"),
    "PART_OF": ("Passage.document", "Document.passages"),
    "COPIES": ("Document.copies", "Document.copiedBy"),
    "CITES": ("Document.cites", "Document.citedBy", "Report.citedBy"),
    "MENTIONS": ("Passage.names", "Entity.mentions"),
    "HAS_READING": ("Document.readings", "Reading.document"),
    "READ_AS": ("Passage.readings", "Reading.passages"),
    "PUBLISHED_UNDER": ("Document.publisher", "Report.publisher", "Entity.publications"),
    "NAMED": ("Entity.names", "Name.entity"),
    "LOADED_BY": ("Case.runs", "Run.case"),
    "POSTED": ("Account.posts", "Post.postedBy"),
    "SHARES": ("Post.shares", "Post.sharedBy"),
    "INTERACTED": ("Account.interactions", "Amplification.interactions"),
    "HELD_BY": ("Account.heldBy", "Entity.accounts"),
    "ON": ("Account.channel", "Channel.accountsOn"),
    "SENT_BY": ("Embassy.sentBy", "Place.embassiesSent"),
    "LOCATED_IN": ("Embassy.locatedIn", "Place.embassiesHere"),
    "POSTED_AT": ("Official.postings", "Embassy.officials"),
    "AMPLIFIED": ("Entity.amplified", "Entity.amplifiedBy"),
}
# Those that no field walks, and why.
NOT_WALKED = {
    "FOUND_AS": "the index of search: `entities(search)` reads it",
    **dict.fromkeys(
        VERB_NAMES - {"AMPLIFIED"},
        "made of one claim each: `claims(filter: {verb, who})` reads the claim, with its voice",
    ),
}


def test_every_relationship_is_walked_or_has_a_reason() -> None:
    assert {kind.name for kind in RELATIONSHIPS} == STORED_TYPES
    assert set(WALKED) | set(NOT_WALKED) == STORED_TYPES | VERB_NAMES
    assert not set(WALKED) & set(NOT_WALKED)


@pytest.mark.parametrize("relationship", WALKED)
def test_a_field_walks_it(relationship: str) -> None:
    for name in WALKED[relationship]:
        kind, field = name.split(".")
        assert relationship in cypher_of(kind, field), name
        assert field in SCHEMA.type_map[kind].fields  # type: ignore[attr-defined]


def cypher_of(kind: str, field: str) -> str:
    """The text of the piece behind a field."""
    match FIELDS[kind][field]:
        case Scalar(expression):
            return expression
        case Many() as many:
            return many.match
        case One() as one:
            return one.node
        case Page() as page:
            return " ".join(step.text for part in page.find({}).parts for step in part.steps)


THE_LONG_WALK = """{ embassies { nodes { name officials {
    role from to dataset row claim { id }
    official { name accounts { platform handle amplified(first: 10) { edges { node {
        basis amplified { name } channel { name } count { text } saidBy { entity { name } } dataset { title }
    } } } } }
} } } }"""


async def test_from_embassies_to_what_the_accounts_of_their_officials_amplified(context: Context) -> None:
    before = context.store.statements_run
    embassies = (await answer(context, THE_LONG_WALK))["embassies"]["nodes"]
    assert context.store.statements_run - before == 1
    ilsa = next(each for embassy in embassies for each in embassy["officials"] if each["row"] == "p1")
    assert (ilsa["role"], ilsa["from"], ilsa["to"]) == ("cultural attaché", None, "2024-06-30")
    (account,) = ilsa["official"]["accounts"]
    records = [edge["node"] for edge in account["amplified"]["edges"]]
    assert {"3 reshares held", "2 reshares and 1 quote held"} & {each["count"]["text"] for each in records}
    assert {each["channel"]["name"] for each in records} == {"Plaza"}


OBSERVED = """
CREATE (mission:Entity:Embassy {id: 'org:observed-mission', name: 'Observed mission', type: 'Embassy', kind: 'embassy',
                                canonical: 'org:observed-mission', sources: ['observed']})
CREATE (state:Entity:Place {id: 'place:observed-state', name: 'Observed state', type: 'Place', country: 'QX',
                            canonical: 'place:observed-state', sources: ['observed']})
CREATE (town:Entity:Place {id: 'place:observed-town', name: 'Observed town', type: 'Place', country: 'QY',
                           canonical: 'place:observed-town', sources: ['observed']})
CREATE (first:Entity:Post {id: 'post:observed-1', name: 'First', type: 'Post', at: '2024-01-01T00:00:00Z',
                           canonical: 'post:observed-1', sources: ['observed']})
CREATE (second:Entity:Post {id: 'post:observed-2', name: 'Second', type: 'Post', at: '2024-01-02T00:00:00Z',
                            canonical: 'post:observed-2', sources: ['observed']})
CREATE (account:Entity:Account {id: 'acct:observed:handle:one', name: 'one', type: 'Account', platform: 'observed',
                                handle: 'one', canonical: 'acct:observed:handle:one', sources: ['observed']})
CREATE (channel:Entity:Channel {id: 'platform:observed', name: 'Observed', type: 'Channel', kind: 'platform',
                                canonical: 'platform:observed', sources: ['observed']})
CREATE (mission)-[:SENT_BY {dataset: 'observed', row: '1'}]->(state)
CREATE (mission)-[:LOCATED_IN {dataset: 'observed', row: '1'}]->(town)
CREATE (account)-[:HELD_BY {to: '2024-01-01', basis: 'observed', dataset: 'observed', row: '2'}]->(mission)
CREATE (account)-[:ON {dataset: 'observed', row: '2'}]->(channel)
CREATE (account)-[:POSTED {dataset: 'observed', row: '3'}]->(first)
CREATE (account)-[:POSTED {dataset: 'observed', row: '4'}]->(second)
CREATE (second)-[:SHARES {kind: 'quote', dataset: 'observed', row: '4'}]->(first)
RETURN 1 AS done"""
FORGET = "MATCH (n:Entity) WHERE n.sources = ['observed'] DETACH DELETE n RETURN count(*) AS gone"
WALK_OBSERVED = """{
  embassies(sender: "QX", country: "QY", first: 5) { nodes { id
    sentBy { id embassiesSent(first: 5) { nodes { id } } } locatedIn { id embassiesHere(first: 5) { nodes { id } } }
    accounts {
      channel { id accountsOn(first: 5) { nodes { id } } }
      posts(first: 5) { nodes { id at postedBy { id } shares(first: 5) { nodes { kind dataset row post { id } } }
                      sharedBy(first: 5) { totalCount nodes { post { id } } } } }
    }
  } }
  other: embassies(sender: "QY") { totalCount }
  timeline(id: "org:observed-mission") { nodes { from basis post { id postedBy { id } } } }
}"""


async def test_what_datasets_show_of_missions_posts_and_shares_is_walked(context: Context) -> None:
    async def create(transaction: Transaction) -> Any:
        return await transaction.run(OBSERVED)

    async def forget(transaction: Transaction) -> Any:
        return await transaction.run(FORGET)

    await context.store.write(create)
    try:
        found = await answer(context, WALK_OBSERVED)
    finally:
        await context.store.write(forget)
    (mission,) = found["embassies"]["nodes"]
    assert mission["sentBy"]["embassiesSent"]["nodes"] == [{"id": "org:observed-mission"}]
    assert mission["locatedIn"]["embassiesHere"]["nodes"] == [{"id": "org:observed-mission"}]
    (account,) = mission["accounts"]
    assert account["channel"] == {
        "id": "platform:observed", "accountsOn": {"nodes": [{"id": "acct:observed:handle:one"}]},
    }  # fmt: skip
    first, second = account["posts"]["nodes"]
    assert first["postedBy"] == {"id": "acct:observed:handle:one"}
    assert (first["shares"]["nodes"], first["sharedBy"]["nodes"]) == (
        [],
        [{"post": {"id": "post:observed-2"}}],
    )
    assert second["shares"]["nodes"] == [
        {"kind": "QUOTE", "dataset": "observed", "row": "4", "post": {"id": "post:observed-1"}}
    ]
    assert found["other"]["totalCount"] == 0
    # The mission held the account until the first of January; what came after is not its own.
    posts = [item["post"]["id"] for item in found["timeline"]["nodes"]]
    assert posts == ["post:observed-1"]


async def test_a_report_a_passage_a_name_and_a_reading_lead_back(context: Context) -> None:
    query = """{
      entity(id: "org:aspi") { publications { nodes { id } } names { entity { id } } }
      report: entity(id: "work:aspi-report") { disputedBy { totalCount nodes { level claim { id } source { id } } } }
      document(id: "teaching_case/doc:tern") { readings { id document { id } passages { id readings { id } } }
        passages(first: 50) { nodes { id names { entity { id mentions { nodes { passage { id } } } } } } } }
      claims(first: 200) { nodes { id inside { id } contents { id } claimsAboutIt { nodes { id } } } }
    }"""
    found = await answer(context, query)
    assert {"id": "work:aspi-report"} in found["entity"]["publications"]["nodes"]
    assert {each["entity"]["id"] for each in found["entity"]["names"]} == {"org:aspi"}
    contests = found["report"]["disputedBy"]
    assert contests["totalCount"] == len(contests["nodes"]) > 0
    assert {each["level"] for each in contests["nodes"]} == {"SOURCE"}
    for reading in found["document"]["readings"]:
        assert reading["document"]["id"] == "teaching_case/doc:tern"
        for passage in reading["passages"]:
            assert {"id": reading["id"]} in passage["readings"]
    for passage in found["document"]["passages"]["nodes"]:
        for named in passage["names"]:
            assert passage["id"] in {each["passage"]["id"] for each in named["entity"]["mentions"]["nodes"]}
    contents = {each["id"]: {inner["id"] for inner in each["contents"]} for each in found["claims"]["nodes"]}
    for claim in found["claims"]["nodes"]:
        for act in claim["inside"][:1]:
            assert claim["id"] in contents[act["id"]]
    about = {each["id"]: each["claimsAboutIt"]["nodes"] for each in found["claims"]["nodes"]}
    assert any(about.values())
