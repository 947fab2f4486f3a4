"""Entities by what a person types, told one name after another; and the missions of two states."""

import re
from collections.abc import Mapping
from typing import Any

from kb.names import find_consonants, make_keys, split_words
from schema.catalog import PERSON_TYPES
from tests.api.naive.reader import Object, Reader


async def find_entities(reader: Reader, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Entities by name, type and country; the most exact name first."""
    ranks: dict[str, int] = {}
    search = arguments.get("search")
    rows = await reader.rows(
        "MATCH (m:Entity) RETURN m.id AS id, m.type AS type, m.wikidata AS q, m.country AS own, m.sender AS sent"
    )
    kinds = {row[0]: row[1] for row in rows}
    if search is None:
        ranks = dict.fromkeys(kinds, 0)
    elif re.fullmatch(r"[Qq][1-9]\d*", search.strip()):
        ranks = {row[0]: 0 for row in rows if row[2] == search.strip().upper()}
    elif ":" in search:
        ranks = {row[0]: 0 for row in rows if row[0] == search.strip()}
    else:
        for key, written in await reader.rows(
            "MATCH (m:Entity)-[:NAMED]->(n:Name) RETURN m.id AS id, n.written AS written"
        ):
            rank = rank_name(written, search.strip())
            if rank is not None:
                ranks[key] = min(rank, ranks.get(key, rank))
    types = {_name_type(name) for name in arguments.get("types") or []}
    types |= PERSON_TYPES if "Person" in types else set()
    country = arguments.get("country")
    states = {row[0]: row[3] if row[3] is not None else row[4] for row in rows}
    found = sorted(
        (rank, key)
        for key, rank in ranks.items()
        if (arguments.get("types") is None or kinds[key] in types) and country in (None, states[key])
    )
    return reader.page(await reader.open_all("Entity", [key for _, key in found]), arguments)


def _name_type(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def rank_name(written: str, search: str) -> int | None:
    """How well a name fits what is typed, 0 the best: as a handle, as written, the same, its beginning, its words,
    nearly so."""
    words, typed = split_words(written), split_words(search)
    whole, asked = "".join(words), "".join(typed)
    keys = make_keys(written)
    is_found = any(key.startswith(asked) for key in keys) or (
        len(typed) > 1
        and all(_begins(words, word) for word in typed)
        and any(key.startswith(max(typed, key=len)) for key in keys)
    )
    if not is_found and not _is_nearly(words, typed, keys):
        return None
    if written.lower() == "@" + search.removeprefix("@").lower():
        return 0
    if written == search:
        return 1
    if whole == asked:
        return 2
    if whole.startswith(asked):
        return 3
    return 4 if is_found else 5


def _begins(words: list[str], start: str) -> bool:
    return any(word.startswith(start) for word in words)


def _is_nearly(words: list[str], typed: list[str], keys: list[str]) -> bool:
    """Whether all of it, or one word where the others are there, is one letter off; or only vowels are."""
    asked = "".join(typed)
    if len(asked) >= 4 and any(is_one_off(asked, key) for key in keys):
        return True
    for place, word in enumerate(typed):
        others = typed[:place] + typed[place + 1 :]
        is_there = others and len(word) >= 4 and all(_begins(words, other) for other in others)
        if is_there and any(is_one_off(word, key) for key in keys):
            return True
    consonants = find_consonants(asked)
    return bool(consonants) and "~" + consonants in keys


def is_one_off(one: str, other: str) -> bool:
    """Whether one letter left out, added or exchanged, or two neighbours swapped, make one text of the other."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    a, b = one[same:], other[same:]
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


async def find_embassies(reader: Reader, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Diplomatic missions by name, of the states that sent them and where they are."""
    found: list[tuple[str, str]] = []
    for key in await reader.ids("(m:Embassy)"):
        mission = Object("Embassy", "Entity", key)
        fits = True
        for argument, own, edge in (("country", "host", "LOCATED_IN"), ("sender", "sender", "SENT_BY")):
            asked = arguments.get(argument)
            places = await reader.ids(f"(:Embassy {{id: $id}})-[:{edge}]->(m:Place)", id=key)
            states = [
                await reader.property(mission, own),
                *[
                    await reader.property(place, "country")
                    for place in await reader.open_all("Entity", places)
                ],
            ]
            fits = fits and (asked is None or asked in states)
        if fits:
            found.append((await reader.property(mission, "name"), key))
    rows = [Object("Embassy", "Entity", key) for _, key in sorted(found)]
    return reader.page(rows, arguments)
