"""Files that nobody should be able to hurt us with: what is not plain YAML text is told, quickly and in few words."""

import os
import resource
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.documents import HeldDocuments
from kb.errors import BadInput, Problem
from loaders.case.read import read_case
from tests.loaders.small_case import SMALL, changed, problems_of, write_case

# A machine under load may be slow; what these tests refuse would take minutes.
AT_ONCE_S = 5.0


def told_about(tmp_path: Path, content: bytes) -> list[str]:
    """The problems of the small case with one more file."""
    folder = write_case(tmp_path / "small")
    (folder / "more.yaml").write_bytes(content)
    return problems_of(folder)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"claims:\n- &a x\n", "more.yaml:2: has an anchor, '&a'"),
        (b"claims:\n- *a\n", "more.yaml:2: has an alias, '*a', write out what it stands for"),
        (b"claims:\n- id: X1\n  <<: {a: b}\n", "more.yaml:3: has a merge key, '<<'"),
        (b"claims:\n- !!str x\n", "more.yaml:2: has a tag, 'tag:yaml.org,2002:str'"),
        (b"claims:\n- !!python/object/apply:os.system [id]\n", "more.yaml:2: has a tag, 'tag:yaml.org,2002:python/obj"),
        (b"claims: !x []\n", "more.yaml:1: has a tag, '!x'"),
        (b"claims:\n- id: X1\n  id: X2\n", "more.yaml:3: has a key twice, 'id', remove one of the two; the other is"),
        (b"claims: []\nclaims: []\n", "more.yaml:2: has a key twice, 'claims'"),
        (b"claims: []\n---\nclaims: []\n", "more.yaml:2: begins a second YAML document"),
        (b"claims:\n- ? [a]\n  : b\n", "more.yaml:2: has a key that is no text"),
        (b"claims:\n- ~: b\n", "more.yaml:2: has an empty key"),
        (b"claims:\n\t- id: X1\n", "more.yaml:2: begins with a character that YAML reserves, 'column 1', indent"),
        (b"claims:\n- text: a: b\n", "more.yaml:2: a colon stands where none can be"),
        (b"claims:\n- text: 'never closed\n\n", "more.yaml:2: a quotation mark or bracket is never closed"),
        (b"claims: [a, b\n", "a list in square brackets is not closed"),
        (b"claims: {a: b\n", "a mapping in braces is not closed"),
        (b"claims:\n  - a\n - b\n", "more.yaml:3: the indentation does not fit"),
        (b'claims:\n- "\\ud800"\n', "more.yaml:2: has a backslash that means nothing"),
        (b'claims:\n- "a\\0b"\n', "more.yaml:2: has a control character"),
        (b"claims:\n- a\x00b\n", "more.yaml:2: has a control character, '\\x00', remove it"),
        (b"claims:\n- a\x1b[31mb\n", "more.yaml:2: has a control character, '\\x1b'"),
        (b"claims:\n- caf\xe9\n", "more.yaml:2: is not UTF-8, 'byte 0xe9 at 13', save the file as UTF-8"),
        ("claims:\n".encode("utf-16"), "more.yaml:1: is not UTF-8"),
        (b"- a\n", "more.yaml:1: has no sections"),
        (b"just words\n", "more.yaml:1: has no sections, 'just words', begin with one of case, documents"),
        (b"claims: words\n", "more.yaml:1: claims must be a list, 'words'"),
        (b"case: [a]\n", "more.yaml:1: case must be a mapping"),
        (b"[" * 200_000, "more.yaml:1: nests too deep, '20 levels'"),
        (b"{a: " * 200_000, "more.yaml:1: nests too deep"),
        (b"- " * 200_000, "more.yaml:1: nests too deep"),
        (b"? " * 200_000, "more.yaml:1: has a key that is no text"),
        (b"k" * 3_000_000 + b": v\n", "more.yaml:1: "),
        (b"claims:\n- id: " + b"x" * 3_000_000, "more.yaml:2: claim"),
    ],
)  # fmt: skip
def test_what_is_not_plain_yaml_is_told_at_its_line(tmp_path: Path, content: bytes, says: str) -> None:
    started = time.monotonic()
    told = told_about(tmp_path, content)
    assert any(says in problem for problem in told), told
    assert all(len(problem) < 1_200 for problem in told)
    assert time.monotonic() - started < AT_ONCE_S


def test_a_bomb_of_aliases_is_never_expanded(tmp_path: Path) -> None:
    layers = b"".join(b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 30))
    started = time.monotonic()
    told = told_about(tmp_path, b"a0: &a0 lol\n" + layers)
    assert sum("has an alias" in problem for problem in told) == 290
    assert time.monotonic() - started < AT_ONCE_S


@pytest.mark.parametrize(
    "content",
    [
        b"claims:\n" + b"- {}\n" * 200_000,
        b"claims:\n- " + b"".join(b"k%d: v\n  " % n for n in range(50_000)),
        b"".join(b"k%d: v\n" % n for n in range(50_000)),
        b"claims:\n- id: X1\n  who: [" + b",".join(b"per:q%d" % n for n in range(100_000)) + b"]\n",
    ],
)
def test_mistakes_by_the_ten_thousand_are_told_in_seconds(tmp_path: Path, content: bytes) -> None:
    started = time.monotonic()
    assert len(told_about(tmp_path, content)) > 10_000
    # Seen to take minutes when each problem searched the whole file for its line.
    assert time.monotonic() - started < 6 * AT_ONCE_S


def test_a_case_full_of_mistakes_takes_no_hint_from_the_next(tmp_path: Path) -> None:
    fields = b"".join(b"unknown%d: v\n  " % n for n in range(300))
    assert len(told_about(tmp_path, b"claims:\n- " + fields)) > 300
    (told, *_) = problems_of(write_case(tmp_path / "next", changed("country: NO", "cuontry: NO")))
    assert "did you mean country?" in told


def test_lines_are_those_of_an_editor_whatever_ends_them(tmp_path: Path) -> None:
    text = changed("title: The ferry films", 'title: "ferry \u2028\u2029\x85films"')
    told = problems_of(write_case(tmp_path / "small", changed("country: NO", "country: Norway", text)))
    place = f"case.yaml:{SMALL[: SMALL.index('country')].count(chr(10)) + 1}:"
    assert told[0].startswith(place)
    crlf = write_case(tmp_path / "crlf", changed("country: NO", "country: Norway").replace("\n", "\r\n"))
    assert problems_of(crlf)[0].startswith(place)


def test_crlf_and_a_byte_order_mark_are_fine(tmp_path: Path) -> None:
    folder = write_case(tmp_path / "small", "\ufeff" + SMALL.replace("\n", "\r\n"))
    assert read_case(folder, HeldDocuments(tmp_path / "data")).case.entities[0].name == "Ada Vale"


def test_every_plain_word_stays_the_text_that_it_is(tmp_path: Path) -> None:
    names = ["no", "0123", "1e3", "2021-12-16", "12:30:45", "0x1F", "true", "1_000", ".inf", "=", "<<"]
    entities = "".join(
        f"- {{id: org:o{n}, type: Organization, name: {name}}}\n" for n, name in enumerate(names)
    )
    folder = write_case(tmp_path / "small", changed("entities:\n", f"entities:\n{entities}"))
    case = read_case(folder, HeldDocuments(tmp_path / "data")).case
    assert [entity.name for entity in case.entities[: len(names)]] == names


def test_a_field_without_a_value_is_absent(tmp_path: Path) -> None:
    text = changed("country: NO", "country: ~\n  note:\n  wikidata: null\n  names:")
    case = read_case(write_case(tmp_path / "small", text), HeldDocuments(tmp_path / "data")).case
    assert case.entities[0].note is None
    assert case.entities[0].names == ()


def test_an_empty_file_among_others_is_fine(tmp_path: Path) -> None:
    folder = write_case(tmp_path / "small")
    (folder / "empty.yaml").write_bytes(b"")
    (folder / "comment.yaml").write_bytes(b"# to do\n---\n")
    (folder / "nothing.yaml").write_bytes(b"claims:\n")
    read_case(folder, HeldDocuments(tmp_path / "data"))


def test_a_file_of_200_mb_is_refused_at_once_and_without_reading_it(tmp_path: Path) -> None:
    folder = write_case(tmp_path / "small")
    with (folder / "large.yaml").open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    most_kb, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    assert problems_of(folder)[0].startswith("large.yaml: is larger than 10 MB, '200.0 MB'")
    assert time.monotonic() - started < AT_ONCE_S
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - most_kb < 50 * 1024


def test_files_that_are_too_large_together_are_refused(tmp_path: Path) -> None:
    folder = write_case(tmp_path / "small")
    for number in range(6):
        with (folder / f"{number}.yaml").open("wb") as file:
            file.truncate(9 * 1024 * 1024)
    (told,) = problems_of(folder)
    assert "is larger than 50 MB, '54.0 MB', split it into several cases" in told


def test_a_folder_without_yaml_is_refused(tmp_path: Path) -> None:
    assert "has no YAML file" in problems_of(tmp_path)[0]
    assert "there is no such folder" in problems_of(tmp_path / "none")[0]
    (tmp_path / "a-file").write_text("x")
    assert "is not a folder" in problems_of(tmp_path / "a-file")[0]


def test_other_files_hidden_files_and_notes_are_left_out(tmp_path: Path) -> None:
    folder = write_case(tmp_path / "small")
    for name in ("README.md", ".draft.yaml", "case.yaml~", "picture.png"):
        (folder / name).write_bytes(b"\xff\xfe: [")
    (folder / ".git").mkdir()
    (folder / ".git" / "x.yaml").write_bytes(b"\xff")
    read_case(folder, HeldDocuments(tmp_path / "data"))


def test_files_in_subfolders_are_read(tmp_path: Path) -> None:
    folder = write_case(tmp_path / "small")
    (folder / "part").mkdir()
    (folder / "part" / "more.yml").write_text("entities:\n- {id: org:x, type: Organisation, name: X}\n")
    assert problems_of(folder)[0].startswith("part/more.yml:2: entity 'org:x': type is no type of entity")


def test_pipes_devices_folders_and_links_are_told_and_not_followed(tmp_path: Path) -> None:
    folder = write_case(tmp_path / "small")
    os.mkfifo(folder / "pipe.yaml")
    (folder / "folder.yaml").mkdir()
    (folder / "loop.yaml").symlink_to(folder / "loop.yaml")
    (folder / "device.yaml").symlink_to("/dev/zero")
    (folder / "round").symlink_to(folder)
    (tmp_path / "out.yaml").write_text("claims: []")
    (folder / "out.yaml").symlink_to(tmp_path / "out.yaml")
    told = problems_of(folder)
    for says in ("pipe.yaml: is not a file, 'named pipe'", "loop.yaml: is a link that leads out",
                 "device.yaml: is a link that leads out", "out.yaml: is a link that leads out",
                 "round: is a link to a folder and is not followed"):  # fmt: skip
        assert sum(problem.startswith(says) for problem in told) == 1, (says, told)
    assert len(told) == 5


def test_a_document_may_not_be_a_link_out_of_the_case(tmp_path: Path) -> None:
    folder = write_case(tmp_path / "small")
    (folder / "gazette.txt").rename(tmp_path / "secret.txt")
    (folder / "gazette.txt").symlink_to(tmp_path / "secret.txt")
    assert "file leads out of the case folder" in problems_of(folder)[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything: permissions cannot be tried as root")
def test_what_may_not_be_read_is_told(tmp_path: Path) -> None:
    folder = write_case(tmp_path / "small")
    (folder / "case.yaml").chmod(0)
    assert "cannot be read, 'Permission denied'" in problems_of(folder)[0]


def test_a_file_name_with_terminal_codes_is_shown_escaped(tmp_path: Path) -> None:
    folder = write_case(tmp_path / "small")
    (folder / "a\x1b[2J\n.yaml").write_text("nothing: x\n")
    told = problems_of(folder)[0]
    assert told.isprintable()
    assert r"\x1b[2J\n.yaml" in told


PARTS = st.sampled_from(
    ["claims:", "entities:", "- ", "\n", "  ", "\t", "id: C1", "who: ", "[", "]", "{", "}", "&a ", "*a", "!!x ",
     "'", '"', ": ", "? ", "---", "...", "<<: ", "#", "~", "shown_in:", "count: ", "edtf: ", "2021", "\\ud800", "😀",
     "\u2028", "case:", "documents:", "type: Person", "per:a", "start: 9", "end: ", "9" * 25, "%YAML 1.1", "|", "\r"]
)  # fmt: skip
# The folder is written anew by each example.
FUZZ = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def find_problems(folder: Path) -> tuple[Problem, ...] | None:
    """None when the case has no problem; anything else that is raised fails the test."""
    try:
        read_case(folder, HeldDocuments(folder.parent / "data"))
    except BadInput as error:
        return error.problems
    return None


@FUZZ
@given(
    st.one_of(
        st.binary(max_size=300), st.lists(PARTS, max_size=60).map(lambda parts: "".join(parts).encode())
    )
)
def test_no_bytes_make_anything_but_problems(tmp_path: Path, content: bytes) -> None:
    folder = write_case(tmp_path / "small")
    (folder / "more.yaml").write_bytes(content)
    told = find_problems(folder)
    assert told is None or all(problem.what and problem.remedy for problem in told)


@FUZZ
@given(st.data())
def test_no_edit_of_a_good_case_makes_anything_but_problems(tmp_path: Path, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(SMALL)))
    end = data.draw(st.integers(start, min(len(SMALL), start + 40)))
    # A lone surrogate cannot be written to a file.
    text = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
    edited = SMALL[:start] + data.draw(st.one_of(PARTS, text)) + SMALL[end:]
    told = find_problems(write_case(tmp_path / "small", edited))
    assert told is None or all(problem.what and problem.remedy for problem in told)
