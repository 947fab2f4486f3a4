"""What is wrong with a case is told at its line, with the value and the remedy."""

from pathlib import Path

import pytest

from kb.documents import HeldDocuments, span_sha256
from loaders.case.problems import MAX_PROBLEMS
from loaders.case.read import read_case
from tests.loaders.small_case import SMALL, TEXT, at, changed, problems_of, write_case

OTHER_HASH = span_sha256("other words")
LOCATOR_C3 = at("who films ferries", attribution="own")
OVERLAPPING = "from: 2020-12-31, basis: said"
SELF_COPY = """\
- {document: doc:gazette, copies: doc:relay, how: relayed, certainty: stated, basis: It says so.}
citations:"""
TWO_ROWS = """\
interactions:
- {source: acct:pier.example:id:0042, target: acct:pier.example:handle:ada, kind: reply, dataset: pier, row: 8}
- {source: acct:pier.example:id:0042, target: acct:pier.example:handle:ada, kind: reply, dataset: pier, row: 8}
"""


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_the_case_that_the_tests_change_has_no_problem(tmp_path: Path) -> None:
    read = read_case(write_case(tmp_path / "small"), HeldDocuments(tmp_path / "data"))
    assert [claim.id for claim in read.case.claims] == ["C1", "C2", "C3", "C4"]
    assert read.case.documents[0].chars == len(TEXT)
    assert read.case.entities[0].model_dump()["country"] == "NO"
    assert read.case.interactions[0].row == "007"
    assert read.lines["claims", "C1"].endswith(f"case.yaml:{line_of(SMALL, '- id: C1')}")
    assert read.shipped == {"doc:gazette": TEXT.encode()}


# What is changed, into what; the part at whose line it is told; what is told.
CHANGES = [
    ("said_by: [doc:gazette]", "sayd_by: [doc:gazette]", "sayd_by", "unknown field, 'sayd_by', did you mean said_by?"),
    ("said_by: [doc:gazette]", "sayd_by:", "sayd_by", "unknown field, 'sayd_by'"),
    ("said_by: [doc:gazette]", "said_by:", "said_by:\n", "said_by is missing, 'C3', say whose voice it is"),
    ("what: content:films", "what: content:film", "content:film\n", ("leads to nothing that this case declares, "
     "'content:film', did you mean content:films? Declare it under entities")),
    ("replies_to: C1", "replies_to: C7", "C7", "leads to no claim of this case, 'C7', An id without"),
    ("who: [per:otto-lind]", "who: [otto-lind]", "[otto", "'otto-lind', did you mean per:otto-lind?"),
    ("- id: C3", "- id: C2", "- id: C2\n  verb: IS_A", "id is already taken, 'C2', claim 'C2' has it in"),
    ("id: org:quay", "id: org:gazette", "- id: org:gazette\n  type: Org", "entity 'org:gazette': id is already taken"),
    ("id: content:films", "id: doc:relay", "id: doc:relay\n  type", "document 'doc:relay' has it in"),
    ("verb: DENIED", "verb: DENYED", "DENYED", ("not a verb of the vocabulary, 'DENYED', did you mean DENIED, "
     "DETAINED or DEFENDED? schema/reference.md lists the verbs")),
    ("verb: DENIED", "verb:", "verb:\n", "verb is missing"),
    ("kind: defence", "kind: defense", "defense", "'defense', did you mean defence? write finding, allegation"),
    ("type: Content", "type: Contents", "Contents", "type is no type of entity, 'Contents', did you mean Content?"),
    ("text: at least 12 times, min", "min", "count:", "count.text is missing, '{min: 12, unit: times}', add text"),
    ("{text: at least 12 times, min: 12, unit: times}", "12", "count:", ("count must be a mapping of fields, '12', "
     "write for example count: {text: at least 56 times, min: 56}")),
    ("min: 12", "min: 13", "count:", "says “at least 12 times”, but neither min nor max is a number of it"),
    ("min: 12", "min: a dozen", "count:", "count.min is not a whole number, 'a dozen'"),
    ("min: 12", "min: 99999999999999999999", "count:", "count.min is out of range"),
    ("date: 2021-06-01", "date: 1 June 2021", "1 June 2021", "date is not an EDTF date, '1 June 2021', write for"),
    ("date: 2021-06-01", "date: 2021-02-30", "2021-02-30", "is not an EDTF date"),
    ("date: 2021-06-01", f"date: [{'2021,' * 40}]", "2021,", "date must be text"),
    ("entered_at: 2026-11-22T", "entered_at: 2026-11-31T", "11-31", "is not an instant of the calendar"),
    ("from: 2020-01-01", "from: 2020-02-30", "2020-02-30", "is not a day of the calendar"),
    ("country: NO", "country: Norway", "Norway", "is not an ISO 3166-1 alpha-2 code in capitals, 'Norway'"),
    ("handle: ada\n", "handle: bea\n", "- id: acct:pier.example:handle:ada", "it is acct:pier.example:handle:bea"),
    ("publisher: org:gazette", "publisher: content:films", "publisher: content", "of type Content, 'content:films'"),
    ("cites: work:quay-report", "cites: org:quay", "cites: org", "type Organization, 'org:quay', name Document or"),
    ("copies: doc:gazette", "copies: work:quay-report", "copies: work", "of type Report, 'work:quay-report', name Doc"),
    ("target: acct:pier.example:id:0042", "target: per:ada-vale", "target: per", ("of type Official, 'per:ada-vale', "
     "name Account")),
    ("dataset: pier", "dataset: peer", "dataset: peer", "is no dataset of this case, 'peer', did you mean pier?"),
    ("verb: HOLDS_ROLE", "verb: STATED", "type: Official", ("no claim says that this person is of type Official, "
     "'Official', add a claim HOLDS_ROLE, or a posting, about per:ada-vale, or write type: Person")),
    ("citations:", SELF_COPY, "- {document: doc:relay", ("a document copies itself, 'doc:relay copies doc:gazette "
     "copies doc:relay'")),
    ("replies_to: C1", "replies_to: C4", "replies_to", "replies to itself, 'C4 replies to C4'"),
    ("claim: C1, level", "claim: C4, level", "claim: C4", "disputes itself, 'C4'"),
    ("what: C1", "what: C4", "who: per:ada-vale\n  what: C4", "is about itself, 'C4 is about C4'"),
    ("from: 2021-01-01, basis: said", OVERLAPPING, OVERLAPPING, "two holders at one time of acct:pier.example:handle"),
    ("from: 2021-01-01, basis: said", "basis: said", "holder: per:ada-vale", "two holders at one time"),
    ("interactions:\n", TWO_ROWS, "row: 8}\n- {source: acct:pier.example:handle:ada", "row '8' is there twice"),
    ("who: [per:otto-lind]", "who: [per:otto-lind, per:otto-lind]", "who: [", "names the same twice"),
    ("who: [per:otto-lind]", "who: [per:otto-lind, ~]", "who: [", "who has an empty item"),
    ("file: gazette.txt", "file: none.txt", "none.txt", "file: there is no such file, 'none.txt'"),
    ("file: gazette.txt", "file: ../gazette.txt", "../gaz", "file leads out of the case folder, '../gazette.txt'"),
    ("file: gazette.txt", "file: /etc/hostname", "/etc", "file leads out of the case folder"),
    ("file: gazette.txt", f"file: gazette.txt\n  sha256: {OTHER_HASH}", OTHER_HASH, "file has another SHA-256"),
    ("file: gazette.txt", "file: gazette.txt\n  chars: 7", "chars: 7", "chars is not the length of its file, 7"),
    ("name: A relay of it", "name: A relay\n  url: javascript:alert(1)", "url", "url is not a web address"),
    ("case:\n  id: small", "case:\n  id: Small case", "Small", "id is not a short name, 'Small case'"),
    ("datasets:", "data:", "data:\n", "unknown section, 'data'"),
    ("shown_in:\n  - " + LOCATOR_C3, "shown_in: " + LOCATOR_C3, "shown_in: {", "shown_in must be a list"),
    ("name: Quay Institute", f"name: {'x' * 400}", "x" * 400, "name is longer than 300 characters"),
    ("name: Quay Institute", "name: ''", "name: ''", "name is empty"),
    ("title: Pier sample", "title: [Pier]", "title: [", "title must be text"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "where", "says"), CHANGES)
def test_a_mistake_is_told_at_its_line(tmp_path: Path, old: str, new: str, where: str, says: str) -> None:
    text = changed(old, new)
    told = problems_of(write_case(tmp_path / "small", text))
    assert [problem for problem in told if says in problem], told
    place = f"case.yaml:{line_of(text, where)}:"
    assert [problem for problem in told if says in problem and problem.startswith(place)], (place, told)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "end: {end}",
            "end: 9999",
            f"end lies outside the document, 9999, doc:gazette has {len(TEXT)} code points",
        ),
        (
            "paragraph: 2",
            "paragraph: 1",
            "is not the paragraph of the words, 1, offset {start} is in paragraph 2",
        ),
        ("sha256: {sha}", f"sha256: {OTHER_HASH}", "is not the hash of the words there"),
        ("sha256: {sha}", "sha256: abc", "is not a SHA-256, 'abc'"),
        ("start: {start}", "start: {end}", "the end is exclusive and lies behind the start"),
        ("start: {start}", "start: {before}", "is not the hash of the words there"),
        (
            "document: doc:gazette",
            "document: doc:gazete",
            "'doc:gazete', did you mean doc:gazette? Declare it under",
        ),
        ("attribution: own", "attribution: owner", "did you mean own? write explicit, carried, none or own"),
    ],
)
def test_a_locator_that_is_not_what_the_document_shows_is_told(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    start = TEXT.index("who films ferries")
    numbers = {
        "start": start,
        "before": start - 1,
        "end": start + 17,
        "sha": span_sha256("who films ferries"),
    }
    text = changed(LOCATOR_C3, changed(old.format(**numbers), new.format(**numbers), LOCATOR_C3))
    told = problems_of(write_case(tmp_path / "small", text))
    assert any(says.format(**numbers) in problem for problem in told), told
    assert told[0].startswith(f"case.yaml:{line_of(text, '- id: C3') + 8}:")


def test_words_that_stand_elsewhere_are_offered_with_their_offsets(tmp_path: Path) -> None:
    start = TEXT.index("who films ferries")
    moved = LOCATOR_C3.replace(f"start: {start}, end: {start + 17}", f"start: {start - 9}, end: {start + 8}")
    (told,) = problems_of(write_case(tmp_path / "small", changed(LOCATOR_C3, moved)))
    assert f"these words stand at paragraph: 2, start: {start}, end: {start + 17}" in told


def test_locators_are_checked_against_the_held_document_when_none_is_shipped(tmp_path: Path) -> None:
    held = HeldDocuments(tmp_path / "data")
    sha256 = held.hold_bytes(TEXT.encode(), name="gazette").sha256
    text = changed("file: gazette.txt", f"sha256: {sha256}")
    assert read_case(write_case(tmp_path / "good", text), held).shipped == {}
    wrong = changed(LOCATOR_C3, LOCATOR_C3.replace("paragraph: 2", "paragraph: 1"), text)
    assert "is not the paragraph" in problems_of(write_case(tmp_path / "bad", wrong), tmp_path / "data")[0]


def test_offsets_of_a_document_that_is_not_here_are_checked_by_its_length(tmp_path: Path) -> None:
    text = changed("file: gazette.txt", "chars: 60")
    told = problems_of(write_case(tmp_path / "small", text))
    assert told
    assert all("lies outside the document" in problem for problem in told)


def test_two_locators_of_the_same_words_must_agree_when_nobody_has_the_document(tmp_path: Path) -> None:
    text = changed("  file: gazette.txt\n", "")
    again = LOCATOR_C3.replace("paragraph: 2", "paragraph: 1")
    second = at("The harbour denies it", attribution="explicit")
    told = problems_of(write_case(tmp_path / "small", changed(second, again, text)))
    assert "the same words have another paragraph elsewhere" in told[0]


def test_a_held_document_that_was_changed_is_told_at_the_line_of_its_hash(tmp_path: Path) -> None:
    held = HeldDocuments(tmp_path / "data")
    sha256 = held.hold_bytes(TEXT.encode(), name="gazette").sha256
    (held.folder / f"{sha256}.txt").write_bytes(b"other words")
    told = problems_of(write_case(tmp_path / "small", changed("file: gazette.txt", f"sha256: {sha256}")))
    assert told[0].startswith("case.yaml:11: document 'doc:gazette': sha256: the held file was changed")


def test_every_problem_of_every_file_is_told_at_once_in_order(tmp_path: Path) -> None:
    text = SMALL
    for old, new in (
        ("verb: DENIED", "verb: DENYED"),
        ("country: NO", "country: Norway"),
        ("what: content:films", "what: content:filmz"),
        ("said_by: [doc:gazette]", "sayd_by: [doc:gazette]"),
        ("text: at least 12 times, min", "min"),
        ("cites: work:quay-report", "cites: work:key-report"),
    ):
        text = changed(old, new, text)
    folder = write_case(tmp_path / "small", text)
    (folder / "more.yml").write_text(
        "claims:\n- id: C1\n  verb: IS\nentities:\n- id: per:x\n  type: Person\n"
    )
    told = problems_of(folder)
    for says in ("'DENYED'", "'Norway'", "'content:filmz'", "'sayd_by'", "count.text", "'work:key-report'",
                 "id is already taken, 'C1'", "more.yml:5: entity 'per:x': name is missing",
                 "more.yml:2: claim 'C1': shown_in is missing"):  # fmt: skip
        assert sum(says in problem for problem in told) == 1, (says, told)
    places = [(problem.split(":")[0], int(problem.split(":")[1])) for problem in told]
    assert places == sorted(places)


def test_a_syntax_error_hides_no_problem_before_it_and_makes_none_behind_it(tmp_path: Path) -> None:
    text = changed("country: NO", "country: Norway")
    text = changed("  object_text: film maker\n", "  object_text: 'film maker\n", text)
    told = problems_of(write_case(tmp_path / "small", text))
    assert any("'Norway'" in problem for problem in told)
    assert any("a quotation mark or bracket is never closed" in problem for problem in told)
    assert not any("per:otto-lind" in problem for problem in told), told


def test_a_case_needs_one_head_and_no_more(tmp_path: Path) -> None:
    folder = write_case(tmp_path / "small", SMALL[SMALL.index("documents:") :])
    assert "has no head, 'case', write case: with id" in problems_of(folder)[0]
    for name in ("a.yaml", "b.yaml"):
        (folder / name).write_text(
            "case: {id: small, title: S, entered_by: me, entered_at: 2026-11-22T10:00:00Z}\n"
        )
    assert problems_of(folder)[0].startswith(
        "b.yaml:1: is a second head of the case, 'small', the first is in"
    )


def test_a_cycle_of_copies_is_told_once_with_all_its_documents(tmp_path: Path) -> None:
    copies = "".join(
        f"- {{document: doc:{a}, copies: doc:{b}, how: relayed, certainty: stated, basis: said}}\n"
        for a, b in ("ab", "bc", "ca", "da")
    )
    documents = "".join(f"- {{id: doc:{name}, name: {name}}}\n" for name in "abcd")
    text = changed("\ncopies:\n", f"{documents}\ncopies:\n{copies}")
    (told,) = problems_of(write_case(tmp_path / "small", text))
    assert "'doc:a copies doc:b copies doc:c copies doc:a'" in told


def test_agreement_may_be_mutual_and_a_reply_chain_long(tmp_path: Path) -> None:
    claims = "".join(
        f"- {{id: R{n}, verb: STATED, text: Said., kind: statement, who: doc:gazette, said_by: doc:gazette, "
        f"supports: R{(n + 1) % 2000}, replies_to: {f'R{n - 1}' if n else 'C1'}, shown_in: [{LOCATOR_C3}]}}\n"
        for n in range(2000)
    )
    folder = write_case(tmp_path / "small", changed("\ndatasets:", f"{claims}\ndatasets:"))
    assert len(read_case(folder, HeldDocuments(tmp_path / "data")).case.claims) == 2004


def test_what_nothing_uses_is_a_note_and_no_problem(tmp_path: Path) -> None:
    text = changed("entities:\n", "entities:\n- {id: org:idle, type: Organization, name: Idle}\n")
    read = read_case(write_case(tmp_path / "small", text), HeldDocuments(tmp_path / "data"))
    place = f"case.yaml:{line_of(text, 'org:idle')}"
    assert [note.rsplit("/", 1)[-1] for note in read.notes] == [
        f"{place}: note: nothing uses the entity 'org:idle'"
    ]


def test_a_shared_person_needs_no_role_claim_here(tmp_path: Path) -> None:
    text = changed("verb: HOLDS_ROLE", "verb: STATED")
    text = changed("  type: Official\n", "  type: Official\n  shared: true\n", text)
    read_case(write_case(tmp_path / "small", text), HeldDocuments(tmp_path / "data"))


def test_a_claim_that_no_person_has_accepted_gives_no_role(tmp_path: Path) -> None:
    text = changed("verb: HOLDS_ROLE", "suggested: true\n  verb: HOLDS_ROLE")
    assert "is of type Official" in problems_of(write_case(tmp_path / "small", text))[0]


def test_a_group_is_never_named(tmp_path: Path) -> None:
    group = "- {id: grp:some, type: Group, name: Some, named: %s}\n"
    text = changed("entities:\n", "entities:\n" + group % "false")
    read_case(write_case(tmp_path / "small", text), HeldDocuments(tmp_path / "data"))
    named = changed("entities:\n", "entities:\n" + group % "true")
    assert (
        "named has none of its values, 'true', write false"
        in problems_of(write_case(tmp_path / "n", named))[0]
    )


def test_problems_without_end_are_counted_and_not_all_shown(tmp_path: Path) -> None:
    folder = write_case(tmp_path / "small", changed("claims:\n", "claims:\n" + "- x\n" * 20_000))
    told = problems_of(folder)
    assert len(told) == MAX_PROBLEMS + 1
    assert told[-1].endswith("has more problems, 'at least 10000', correct these first")


def test_the_fingerprint_is_of_the_content_and_not_of_its_form(tmp_path: Path) -> None:
    held = HeldDocuments(tmp_path / "data")
    first = read_case(write_case(tmp_path / "a"), held).content_sha256
    head, _, rest = SMALL.partition("entities:\n")
    other = write_case(tmp_path / "b", head.replace("\n", "\r\n"))
    (other / "z.yaml").write_text(
        f"# a comment\nentities:\n{rest}".replace("who: [per:otto-lind]", "who: per:otto-lind")
    )
    assert read_case(other, held).content_sha256 == first
    edited = write_case(tmp_path / "c", changed("title: The ferry films", "title: Ferry films"))
    assert read_case(edited, held).content_sha256 != first
    (tmp_path / "a" / "gazette.txt").write_bytes(TEXT.encode() + b"More.")
    assert read_case(tmp_path / "a", held).content_sha256 != first
