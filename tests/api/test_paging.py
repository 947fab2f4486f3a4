"""Paging walks every row once, and a cursor serves its own list alone."""

from typing import Any

import pytest

from api.context import Context
from tests.api.cases import answer, refusal

LISTS = {
    "amplifications": "amplifications(first: $first, after: $after)",
    "observed": "amplifications(basis: OBSERVED, first: $first, after: $after)",
    "every modality": "amplifications(modality: [ASSERTED, PRESUPPOSED], first: $first, after: $after)",
    "claims": "claims(first: $first, after: $after)",
    "claims by first day": "claims(orderBy: EARLIEST, first: $first, after: $after)",
    "claims by last day": "claims(orderBy: LATEST, first: $first, after: $after)",
    "claims of one": 'claims(filter: {entity: "org:aspi"}, first: $first, after: $after)',
    "entities": "entities(first: $first, after: $after)",
    "entities by name": 'entities(search: "a", first: $first, after: $after)',
    "groups": "amplifiers(first: $first, after: $after)",
    "groups by what datasets show": "amplifiers(orderBy: OBSERVED, first: $first, after: $after)",
    "pairs": "amplifiers(groupBy: [CHANNEL, AMPLIFIER], orderBy: KEY, first: $first, after: $after)",
    "timeline": 'timeline(id: "per:ilsa-vorrin", first: $first, after: $after)',
}
NESTED = {
    "claims": 'entity(id: "org:aspi") { list: claims(first: $first, after: $after) FIELDS }',
    "said": 'entity(id: "work:aspi-report") { list: saidClaims(first: $first, after: $after) FIELDS }',
    "amplified by": 'entity(id: "per:daro-minwen") { list: amplifiedBy(first: $first, after: $after) FIELDS }',
    "passages": 'document(id: "teaching_case/doc:tern") { list: passages(first: $first, after: $after) FIELDS }',
    "shown": 'document(id: "teaching_case/doc:tern") { list: shownClaims(first: $first, after: $after) FIELDS }',
}
FIELDS = "{ totalCount edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"
QUERIES = {
    name: f"query ($first: Int!, $after: String) {{ list: {text} {FIELDS} }}" for name, text in LISTS.items()
}
QUERIES |= {
    f"nested {name}": f"query ($first: Int!, $after: String) {{ parent: {text.replace('FIELDS', FIELDS)} }}"
    for name, text in NESTED.items()
}


async def page(context: Context, query: str, first: int, after: str | None) -> Any:
    found = await answer(context, query, first=first, after=after)
    return (found.get("parent") or found)["list"]


@pytest.mark.parametrize("name", QUERIES)
async def test_pages_of_any_size_give_every_row_once_in_one_order(context: Context, name: str) -> None:
    whole = await page(context, QUERIES[name], 1000, None)
    ids = [edge["node"]["id"] for edge in whole["edges"]]
    assert len(ids) == len(set(ids)) == whole["totalCount"] > 2
    for size in (1, 2, 7, len(ids)):
        seen: list[str] = []
        after = None
        while True:
            found = await page(context, QUERIES[name], size, after)
            assert found["pageInfo"]["hasPreviousPage"] == (after is not None)
            assert found["totalCount"] == len(ids)
            seen += [edge["node"]["id"] for edge in found["edges"]]
            after = found["pageInfo"]["endCursor"]
            if not found["pageInfo"]["hasNextPage"]:
                break
            assert len(found["edges"]) == size
        assert seen == ids, size


async def test_a_page_can_begin_behind_any_row(context: Context) -> None:
    whole = await page(context, QUERIES["claims"], 10, None)
    behind = await page(context, QUERIES["claims"], 3, whole["edges"][4]["cursor"])
    assert [edge["node"]["id"] for edge in behind["edges"]] == [
        edge["node"]["id"] for edge in whole["edges"][5:8]
    ]


async def test_reported_records_come_first_the_largest_count_first(context: Context) -> None:
    found = await answer(context, "{ amplifications(first: 100) { nodes { basis id count { min } } } }")
    keys = [
        (each["basis"] == "OBSERVED", (each["count"] or {}).get("min") or -1, each["id"])
        for each in found["amplifications"]["nodes"]
    ]
    reported = [key for key in keys if not key[0]]
    observed = [key for key in keys if key[0]]
    assert reported, "and none of them without"
    assert observed
    assert keys == [
        *sorted(reported, key=lambda key: (-key[1], key[2])),
        *sorted(observed, key=lambda key: key[1:], reverse=True),
    ]


async def test_first_nothing_says_whether_there_is_something(context: Context) -> None:
    found = await page(context, QUERIES["claims"], 0, None)
    assert (found["edges"], found["pageInfo"]["hasNextPage"], found["pageInfo"]["endCursor"]) == (
        [],
        True,
        None,
    )


@pytest.mark.parametrize("first", [-1, 1001, 2_000_000_000])
async def test_a_page_larger_than_a_page_is_refused(context: Context, first: int) -> None:
    code, message = await refusal(context, QUERIES["claims"], first=first)
    assert code == "BAD_ARGUMENT"
    assert message.startswith(f"first: {first} is outside what one page holds; write 0 to 1,000")


async def test_a_cursor_of_another_field_argument_or_parent_is_refused(context: Context) -> None:
    claims = (await page(context, QUERIES["claims"], 2, None))["pageInfo"]["endCursor"]
    for name in ("amplifications", "claims by first day", "claims of one", "entities", "nested claims"):
        assert (await refusal(context, QUERIES[name], first=2, after=claims))[0] == "BAD_CURSOR", name
    nested = (await page(context, QUERIES["nested claims"], 2, None))["pageInfo"]["endCursor"]
    other = QUERIES["nested claims"].replace("org:aspi", "place:xinjiang")
    assert (await refusal(context, other, first=2, after=nested))[0] == "BAD_CURSOR"
    assert (await refusal(context, QUERIES["claims"], first=2, after=nested))[0] == "BAD_CURSOR"


@pytest.mark.parametrize("after", ["", "xyz", "AAAA", "é", "A" * 5000, "WyIiLFsiYSJdXQ"])
async def test_a_cursor_that_was_not_made_here_is_refused(context: Context, after: str) -> None:
    assert (await refusal(context, QUERIES["claims"], first=2, after=after))[0] == "BAD_CURSOR"


async def test_no_changed_letter_of_a_cursor_is_accepted(context: Context) -> None:
    cursor = (await page(context, QUERIES["claims"], 2, None))["pageInfo"]["endCursor"]
    for place in range(0, len(cursor) - 1, 3):
        changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        assert (await refusal(context, QUERIES["claims"], first=2, after=changed))[0] == "BAD_CURSOR", place
