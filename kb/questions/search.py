"""Entities by what a person types: an id, a Wikidata item, a handle, or a name in any script, spelt right or nearly so.

A name is looked up by its keys (kb/names.py), by equality and by beginning: range indexes that give the same rows on
both engines, where their full-text indexes split, fold and rank in ways of their own. One edit is found by asking for
each of the texts one edit away, some 70 for each letter, because keys for them would be ten times the names.
"""

import re
from typing import Final, LiteralString

from kb.names import HEAD_CHARS, make_search
from kb.questions.arguments import BadArgument
from kb.select import Clause, Key, Part, Step

# What may be an id: nobody writes a name so.
_ID: Final = re.compile(r"([a-z][a-z0-9_]{0,63}/)?[a-z][a-z0-9_-]*:[^\s|#]{1,200}")
_WIKIDATA: Final = re.compile(r"[Qq][1-9]\d{0,14}")
# The longest name there is; each letter costs some 70 look-ups.
MAX_SEARCH_CHARS: Final = 200

_BY_ID: LiteralString = "MATCH ({+n}:Entity {id: {value}}) WITH {+n}, 0 AS {+r}"
_BY_WIKIDATA: LiteralString = "MATCH ({+n}:Entity {wikidata: {value}}) WITH {+n}, 0 AS {+r}"

# Equality uses the index on both engines; for STARTS WITH in a longer statement the embedded engine reads every key.
# So a text of HEAD_CHARS letters or more is looked up by the first of them: among 100,000 names on the embedded engine
# a whole name takes 49 ms, a first word 59 ms, a misspelt name 47 ms (`python -m bench.search`).
_BEGINS: LiteralString = "key.key STARTS WITH {whole} RETURN name, 4 AS rank"
_HAS_WORDS: LiteralString = (
    "key.key STARTS WITH {longest}"
    " AND all(word IN {words} WHERE (' ' + name.words) CONTAINS (' ' + word)) RETURN name, 4 AS rank"
)
_BY_HEAD: LiteralString = "MATCH (key:NameKey {head: {head}})<-[:FOUND_AS]-(name:Name) WHERE "
_BY_ANY: LiteralString = "MATCH (key:NameKey)<-[:FOUND_AS]-(name:Name) WHERE "
_NEARLY: LiteralString = (
    "UNWIND {near} AS near UNWIND near[0] AS spelling MATCH (key:NameKey {key: spelling})<-[:FOUND_AS]-(name:Name)"
    " WHERE all(word IN near[1] WHERE (' ' + name.words) CONTAINS (' ' + word)) RETURN name, 5 AS rank"
)
# Its handle; as written; the same when folded; begins with it; has its words; nearly so.
_RANKED: LiteralString = (
    " MATCH ({+n}:Entity)-[:NAMED]->(name) WITH {+n}, min(CASE WHEN toLower(name.written) = {handle} THEN 0"
    " WHEN name.written = {written} THEN 1 WHEN replace(name.words, ' ', '') = {all} THEN 2"
    " WHEN replace(name.words, ' ', '') STARTS WITH {all} THEN 3 ELSE rank END) AS {+r}"
)


def find_by_search(search: str, conditions: tuple[Clause, ...]) -> Part:
    """The entities that `search` means, the most exact first; raises BadArgument when it holds nothing to look for."""
    text = search.strip()
    if not text:
        raise BadArgument(
            "BAD_ARGUMENT", "search", search[:80], "holds no words; write a name, a handle or an id"
        )
    if len(text) > MAX_SEARCH_CHARS:
        raise BadArgument(
            "BAD_ARGUMENT", "search", text[:80], f"is longer than {MAX_SEARCH_CHARS} characters; write a name"
        )
    if _ID.fullmatch(text):
        start = Step(_BY_ID, conditions, text)
    elif _WIKIDATA.fullmatch(text):
        start = Step(_BY_WIKIDATA, conditions, text.upper())
    else:
        start = _by_name(text, conditions)
    return Part((start,), binds=("{+n}", "{+r}"), keys=(Key("{+r}"), Key("{+n}.id")))


def _by_name(text: str, conditions: tuple[Clause, ...]) -> Step:
    wanted = make_search(text)
    ways: list[LiteralString] = [_find_keys(wanted.start, "{whole head}") + _BEGINS]
    values: list[tuple[LiteralString, object]] = [
        ("{whole head}", wanted.start[:HEAD_CHARS]),
        ("{whole}", wanted.start),
    ]
    if len(wanted.words) > 1:
        ways.append(_find_keys(wanted.longest, "{longest head}") + _HAS_WORDS)
        values.append(("{longest head}", wanted.longest[:HEAD_CHARS]))
        values.extend((("{longest}", wanted.longest), ("{words}", wanted.words)))
    if wanted.near:
        ways.append(_NEARLY)
        values.append(("{near}", wanted.near))
    values.extend((("{handle}", wanted.handle), ("{written}", wanted.written), ("{all}", wanted.whole)))
    return Step("CALL () { " + " UNION ALL ".join(ways) + " }" + _RANKED, conditions, values=tuple(values))


def _find_keys(start: str, head: LiteralString) -> LiteralString:
    """How keys that begin with a text are found; fewer letters than a head begin with many of them."""
    return _BY_HEAD.replace("{head}", head) if len(start) >= HEAD_CHARS else _BY_ANY
