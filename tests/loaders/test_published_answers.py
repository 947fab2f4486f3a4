"""The published missions and diplomats, loaded and asked for: the answers are those of a plain reading of the files."""

import tempfile
from collections import Counter
from pathlib import Path

import pytest

from api.context import Context
from api.cursors import Cursors
from kb.checks import run_checks
from kb.config import Settings
from kb.documents import HeldDocuments
from kb.store import Store
from loaders.run_dataset import Options, run_dataset
from tests.api.cases import answer
from tests.loaders.published import DATA, published, read_raw

QUESTION = """
query ($sender: String, $host: String) {
  sent: embassies(sender: $sender) { totalCount }
  here: embassies(country: $host) { totalCount }
  both: embassies(sender: $sender, country: $host) { totalCount }
}"""
LISTED = """{ officials { totalCount } accounts: entities(types: [ACCOUNT]) { totalCount } }"""


@pytest.mark.long
async def test_the_answers_are_those_of_a_plain_reading(migrated: Store, settings: Settings) -> None:
    """Two loads of 9,852 and 4,027 rows, and the same again."""
    missions = read_raw(published("embassies", "embassies").paths["missions"], ";")
    folders = {"embassies": "embassies", "diplomat_accounts": "diplomat-accounts"}
    told: list[str] = []
    context = Context(
        migrated, Cursors(b"a secret for tests alone, 32 b.."), HeldDocuments(Path(tempfile.mkdtemp()))
    )

    async def load(name: str) -> None:
        options = Options(told.append)
        await run_dataset(name, DATA / folders[name], settings, options, now="2026-01-01T00:00:00Z")

    await load("embassies")
    for sender, host in (("Norway", "Australia"), ("Kenya", "Italy"), ("France", "Brazil")):
        codes = {
            "Norway": "NO",
            "Kenya": "KE",
            "France": "FR",
            "Australia": "AU",
            "Italy": "IT",
            "Brazil": "BR",
        }
        found = await answer(context, QUESTION, sender=codes[sender], host=codes[host])
        pairs = Counter((row["operator"], row["country"]) for row in missions)
        assert found["sent"]["totalCount"] == sum(n for (who, _), n in pairs.items() if who == sender)
        assert found["here"]["totalCount"] == sum(n for (_, where), n in pairs.items() if where == host)
        assert found["both"]["totalCount"] == pairs[sender, host]
    await load("diplomat_accounts")
    listed = await answer(context, LISTED)
    assert listed["officials"]["totalCount"] == 191
    # 838 Twitter, 971 Facebook and 58 YouTube accounts of missions (one each is given twice), 885 of diplomats.
    assert listed["accounts"]["totalCount"] == 838 + 971 + 58 + 885
    await load("embassies")
    await load("diplomat_accounts")
    assert [line for line in told if line.endswith("0 rows sent")] == [
        f"{name}: unchanged: these files are what is loaded; 0 rows sent" for name in folders
    ]
    assert [check for check in await run_checks(migrated) if check.rows] == []
