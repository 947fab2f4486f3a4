"""A tiny invented case as text, for tests that change one thing in it."""

import subprocess
import sys
from pathlib import Path

import pytest

from kb.documents import HeldDocuments, paragraphs, span_sha256
from kb.errors import BadInput
from loaders.case.passages import paragraph_of
from loaders.case.read import read_case

ROOT = Path(__file__).parents[2]
TEXT = (
    "Ada Vale, attachée of the harbour, shared the ferry films at least 12 times 🛟, says the Quay Report.\r\n\r\n"
    "«אדה» is how Otto Lind, who films ferries, calls her. The harbour denies it; the harbour denies all.\r\n"
)


def at(words: str, *, document: str = "doc:gazette", attribution: str = "") -> str:
    """The locator of words of TEXT, as a person writes it."""
    start = TEXT.index(words)
    fields = f"document: {document}, paragraph: {paragraph_of(paragraphs(TEXT), start)}, start: {start}"
    shown = f", attribution: {attribution}" if attribution else ""
    return f"{{{fields}, end: {start + len(words)}, sha256: {span_sha256(words)}{shown}}}"


SMALL = f"""\
# yaml-language-server: $schema=../../schema/case.schema.json
case:
  id: small
  title: The ferry films
  entered_by: Test desk
  entered_at: 2026-11-22T10:00:00Z

documents:
- id: doc:gazette
  name: Harbour Gazette, 1 June
  file: gazette.txt
  publisher: org:gazette
  date: 2021-06-01
- id: doc:relay
  name: A relay of it

copies:
- {{document: doc:relay, copies: doc:gazette, how: relayed, certainty: stated, basis: It says so.}}
citations:
- {{document: doc:gazette, cites: work:quay-report}}

readings:
- id: G1
  at: {at("אדה")}
  reading: Ada
  basis: The article names her above.

entities:
- id: per:ada-vale
  type: Official
  name: Ada Vale
  country: NO
  mentions:
  - {at("Ada Vale")}
- id: per:otto-lind
  type: Influencer
  name: Otto Lind
- id: org:gazette
  type: MediaOutlet
  name: Harbour Gazette
- id: org:quay
  type: Organization
  name: Quay Institute
- id: work:quay-report
  type: Report
  name: Quay Report
  publisher: org:quay
- id: content:films
  type: Content
  name: The ferry films
- id: acct:pier.example:handle:ada
  type: Account
  name: Ada on Pier
  platform: pier.example
  handle: ada
- id: acct:pier.example:id:0042
  type: Account
  name: Otto on Pier
  platform: pier.example
  platform_id: 0042

claims:
- id: C1
  verb: AMPLIFIED
  text: Ada Vale shared the ferry films at least 12 times.
  kind: finding
  who: per:ada-vale
  what: content:films
  whose: per:otto-lind
  count: {{text: at least 12 times, min: 12, unit: times}}
  said_by: work:quay-report
  shown_in:
  - {at("shared the ferry films at least 12 times", attribution="explicit")}
- id: C2
  verb: HOLDS_ROLE
  text: Ada Vale is an attachée of the harbour.
  kind: statement
  who: per:ada-vale
  object_text: attachée
  said_by: doc:gazette
  shown_in:
  - {at("Ada Vale, attachée of the harbour", attribution="own")}
- id: C3
  verb: IS_A
  text: Otto Lind is a film maker.
  kind: statement
  who: [per:otto-lind]
  object_text: film maker
  said_by: [doc:gazette]
  shown_in:
  - {at("who films ferries", attribution="own")}
- id: C4
  verb: DENIED
  text: Ada Vale denies it.
  kind: defence
  who: per:ada-vale
  what: C1
  said_by: per:ada-vale
  replies_to: C1
  disputes:
  - {{claim: C1, level: direct}}
  shown_in:
  - {at("The harbour denies it", attribution="explicit")}

datasets:
- {{id: pier, title: Pier sample, publisher: Test desk, licence: CC0-1.0}}
holders:
- {{account: acct:pier.example:handle:ada, holder: per:ada-vale, from: 2020-01-01, to: 2020-12-31, basis: said}}
- {{account: acct:pier.example:handle:ada, holder: org:quay, from: 2021-01-01, basis: said}}
interactions:
- {{source: acct:pier.example:handle:ada, target: acct:pier.example:id:0042, kind: reshare, dataset: pier, row: 007}}
"""


def write_case(folder: Path, text: str = SMALL) -> Path:
    """A case folder with the text as its one YAML file and TEXT as its document."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "case.yaml").write_bytes(text.encode())
    (folder / "gazette.txt").write_bytes(TEXT.encode())
    return folder


def changed(old: str, new: str, text: str = SMALL) -> str:
    """SMALL with one thing changed, which must be there exactly once."""
    assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
    return text.replace(old, new)


def problems_of(folder: Path, data: Path | None = None) -> list[str]:
    """The problems of a case as `file:line: ...`, with paths relative to its folder."""
    with pytest.raises(BadInput) as refused:
        read_case(folder, HeldDocuments(data or folder.parent / "data"))
    return [str(problem).replace(f"{folder}/", "") for problem in refused.value.problems]


def run_loaders(*arguments: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """`python -m loaders` as a person runs it, warnings being errors."""
    # With -W alone pyparsing turns on advice about grammars, and gives some about that of edtf.
    command = [sys.executable, "-W", "error", "-W", "ignore:::pyparsing", "-m", "loaders", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, encoding="utf-8", check=False
    )
