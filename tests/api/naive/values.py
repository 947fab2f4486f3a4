"""What random documents ask about: invented datasets beside the cases, and values for arguments from what is held."""

import random
from collections.abc import Iterable
from pathlib import Path

from api.context import Context
from kb.bulk.load import load_dataset
from kb.config import Settings
from schema.observations import Dataset
from tests.api.naive.reader import Reader
from tests.kb.invented_dataset import ACCOUNTS, HOLDERS, POSTS, TIMES, Facts, make_rows

NAMES = ("quayset", "pierset")
KINDS = ("reshare", "reshare", "quote", "mention")
# The first and the last day of a holding.
BOUNDS = ((None, None), (None, "2024-02-01"), ("2024-02-01", None), ("2024-01-01", "2024-03-01"))


async def load_facts(context: Context, folder: Path, seed: int) -> None:
    """Two invented datasets about the same accounts, holders and posts, beside what the store holds."""
    for name in NAMES:
        dataset = Dataset(id=name, title=name, publisher="Quay Institute", licence="CC0-1.0")
        rows = make_rows(draw_facts(random.Random(f"{seed} {name}")))
        settings, now = Settings(data=folder), "2024-05-01T00:00:00Z"
        await load_dataset(context.store, settings, dataset, rows, content_sha256=f"{seed}", now=now)


def draw_facts(drawn: random.Random) -> Facts:
    """A few rows of each kind about few accounts and posts, so that much of it meets."""

    def act(ends: list[str]) -> tuple[str, str, str, str | None]:
        return drawn.choice(ends), drawn.choice(ends), drawn.choice(KINDS), drawn.choice(TIMES)

    return Facts(
        interactions=[act(ACCOUNTS) for _ in range(8)],
        holdings=[
            (drawn.choice(ACCOUNTS), drawn.choice(HOLDERS), *drawn.choice(BOUNDS))
            for _ in range(drawn.randrange(4))
        ],
        authors={post: drawn.choice(ACCOUNTS) for post in drawn.sample(POSTS, k=4)},
        # A post shares an earlier one: in a ring of reshares nobody began, which kb/questions/records.py tells.
        shares=[share for share in (act(POSTS) for _ in range(12)) if share[0] > share[1]],
        on_platform=frozenset(drawn.sample(ACCOUNTS, k=3)),
    )


def quote(values: Iterable[str | None]) -> list[str]:
    return [f'"{value}"' for value in values if value]


async def make_values(context: Context) -> dict[str, list[str]]:
    """Values for arguments: what the store holds, most often what many rows speak of, and what it does not hold."""
    reader = Reader(context.store)
    ends = await reader.rows(
        "MATCH (a:Entity)-[e]-(:Entity) WHERE type(e) IN ['AMPLIFIED', 'HELD_BY', 'POSTED_AT']"
        " RETURN a.id AS id ORDER BY id"
    )
    entities = quote([*(row[0] for row in ends), *(await reader.ids("(m:Entity)"))[::7], "per:nobody"])
    roles = {
        role: quote(await reader.ids(f"(:Claim)-[:{edge}]->(m:Entity)"))
        for role, edge in (("what", "WHAT"), ("whose", "WHOSE"), ("via", "VIA"), ("about", "ABOUT"),
                           ("said", "SAID_BY"))
    }  # fmt: skip
    names = [row[0] for row in await reader.rows("MATCH (m:Name) RETURN m.written AS w ORDER BY m.id")]
    instants = await reader.rows("MATCH (c:Claim) RETURN DISTINCT c.known_from AS at ORDER BY at")
    period = [
        '"2021"',
        '"2021-06/2021-12"',
        '"2021-12-01/.."',
        '"../2020"',
        '"2021-11-20"',
        '"2019/2021"',
        '"2022-03"',
        '"2024-01"',
        '"2024-02/.."',
    ]
    days = ['"2021-12-06"', '"2020-01-01"', '"2021-06-15"', '"2022-05-09"', '"2019-05-01"', '"2024-02-15"']
    return {
        "ID": entities,
        "claim.id": quote(await reader.ids("(m:Claim)")),
        "document.id": quote(await reader.ids("(m:Document)")),
        "passage.id": quote(await reader.ids("(m:Passage)")),
        "filter.document": quote(await reader.ids("(m:Document)")),
        "filter.saidBy": roles["said"],
        "content": roles["what"],
        "of": [*roles["whose"], *roles["what"], *entities],
        "channel": [*roles["via"], *quote(await reader.ids("(m:Channel)"))],
        "narrative": quote(await reader.ids("(m:Narrative)")),
        "embassy": quote(await reader.ids("(m:Embassy)")),
        "case": quote(["xinjiang_2021", "teaching_case", "no_case"]),
        "text": quote(["tour", "The ", "video"]),
        "search": quote(
            [*names, *(make_typo(name) for name in names), *(name.split()[0].lower() for name in names)]
            + [name.split()[-1][:4] for name in names] + ["Q42", "per:nobody"]
        ),
        "period": period,
        "validAt": days,
        "officials.at": days,
        "knownAt": [*quote(row[0] for row in instants), '"2020-01-01"', '"2030-01-01"'],
        "country": quote(["CN", "US", "XX", "KE"]),
        "sender": quote(["CN", "US", "XX", "KE"]),
        "groupBy": ["[AMPLIFIER]", "[AMPLIFIED]", "[CHANNEL]", "[COUNTRY]", "[MONTH]", "[AMPLIFIER, MONTH]",
                    "[CHANNEL, AMPLIFIED]", "[MONTH, COUNTRY]"],
        "maxHops": ["1", "2", "3"],
        "after": ["null"],
        "paths.first": ["1", "3", "20"],
        "amplifications.first": ["2", "20"],
        "amplifiers.first": ["2", "20"],
        "timeline.first": ["2", "20"],
    }  # fmt: skip


def make_typo(name: str) -> str:
    """The name with two letters swapped."""
    return name[:2] + name[3:4] + name[2:3] + name[4:]
