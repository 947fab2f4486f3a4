"""The work file of a load holds what the rows say, whatever their texts hold."""

from pathlib import Path

import pytest

from kb.amplified import NewEdge
from kb.bulk.facts import LinkFact, NodeFact, Row
from kb.bulk.own_edges import own_edges
from kb.bulk.staged import StagedLink
from kb.bulk.staging import CHUNK_ROWS, Staging

ENDS = ("acct:quayset:1", "acct:quayset:2")


@pytest.mark.parametrize(
    "text",
    ["plain", 'Quay "Press"; a,b\\ \n', "\u202e 新华 🦜", "\\u0000", "before\x00behind", "\x01\x7f\ufffe"],
    ids=ascii,
)
def test_texts_come_out_as_they_went_in(tmp_path: Path, text: str) -> None:
    nodes = [
        NodeFact("Account", key, {"name": text, "platform": "quaynet", "pseudonym": text}, (text, "Quay"))
        for key in ENDS
    ]
    rows = [
        Row(
            "f",
            1,
            (*nodes, LinkFact("INTERACTED", *ENDS, {"kind": "reshare", "at": text, "row": text})),
        )
    ]
    with Staging(tmp_path / "work.sqlite") as staging:
        staging.fill(rows, lambda _: None, lambda _: None)
        for node in staging.nodes():
            assert (node.properties["name"], node.properties["pseudonym"]) == (text, text)
            assert node.names == [text, "Quay"]
        (link,) = staging.links("INTERACTED")
        assert (link.start, link.end, link.row) == (*ENDS, text)
        assert link.values == ["reshare", text, text]


def test_the_first_row_decides_whichever_chunk_has_a_character_that_json_functions_end_at(
    tmp_path: Path,
) -> None:
    """Chunks by one step and value by value, in turns."""
    numbers = range(1, 4 * CHUNK_ROWS)

    def row(number: int) -> Row:
        name = f"name {number}" + ("\x00" if number // CHUNK_ROWS % 2 else "")
        account = NodeFact(
            "Account", f"acct:quayset:{number % 7}", {"name": name, "platform": "quaynet", "pseudonym": "p"}
        )
        return Row("f", number, (account,))

    with Staging(tmp_path / "work.sqlite") as staging:
        counted = staging.fill(map(row, numbers), lambda _: None, lambda _: None)
        assert counted.read == counted.used == len(numbers)
        names = {node.id: node.properties["name"] for node in staging.nodes()}
    assert names == {f"acct:quayset:{number % 7}": f"name {number}" for number in range(1, 8)}


def test_entities_have_the_numbers_of_their_order_wherever_links_lead(tmp_path: Path) -> None:
    """Ends that are far from the starts, many times the same, and with a character that JSON functions end at."""
    keys = [f"acct:quayset:{number:04}" for number in range(900)] + ["acct:quayset:z\x00z"]
    accounts = [
        NodeFact("Account", key, {"name": key, "platform": "quaynet", "pseudonym": key}) for key in keys
    ]
    links = [
        LinkFact("INTERACTED", start, end, {"kind": "reshare", "row": str(number)})
        for number, (start, end) in enumerate(
            [(keys[3], keys[-1]), (keys[4], keys[800]), (keys[4], keys[3]), (keys[7], keys[-1])]
        )
    ]
    with Staging(tmp_path / "work.sqlite") as staging:
        staging.fill([Row("f", 1, (*accounts, *links))], lambda _: None, lambda _: None)
        order = {node.id: number for number, node in enumerate(staging.nodes())}
        found: list[StagedLink | NewEdge] = [*staging.links("INTERACTED", are_numbered=True)]
        found += own_edges(staging, "quayset", "", are_numbered=True)
        assert len(found) == 2 * len(links)
        assert [link.ends for link in found] == [(order[link.start], order[link.end]) for link in found]
