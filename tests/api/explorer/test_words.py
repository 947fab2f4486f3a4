"""How values are shown: nothing of a source is markup, and nothing unseen stays unseen."""

from api.explorer.drawn import make_relays
from api.explorer.words import make_address, show_day, show_name, show_word


def test_a_name_is_escaped_and_kept_apart_from_the_direction_of_its_surroundings() -> None:
    assert show_name("<b>x</b>") == "<bdi>&lt;b&gt;x&lt;/b&gt;</bdi>"


def test_characters_that_turn_text_or_are_not_seen_are_shown_by_their_number() -> None:
    shown = show_name("per\u202egnp.exe\u200b")
    assert "\u202e" not in shown
    assert 'title="right-to-left override">U+202E</span>' in shown
    assert "U+200B" in shown


def test_days_are_marked_up_and_periods_stay_as_written() -> None:
    assert show_day("2021-12-16") == '<time datetime="2021-12-16">2021-12-16</time>'
    assert show_day("2020-01/2021-08") == "<span>2020-01/2021-08</span>"
    assert "not stated" in show_day(None)


def test_values_of_the_contract_read_as_words() -> None:
    assert show_word("MediaOutlet") == "media outlet"
    assert show_word("HOLDS_ROLE") == "holds role"


def test_an_address_leads_back_to_the_same_id() -> None:
    assert make_address({"__typename": "Official", "id": 'per:"<é'}) == "/entity/per:%22%3C%C3%A9"
    assert make_address({"__typename": "Document", "id": "a_case/doc:1"}) == "/document/a_case/doc:1"


def test_relays_stand_under_their_originals_and_a_circle_ends() -> None:
    first, second, third = ({"id": name, "__typename": "Document", "name": name} for name in "abc")
    chain = [{"document": second, "original": first}, {"document": third, "original": second}]
    (root,) = make_relays(chain, [third])
    assert [root.document, root.made[0].document, root.made[0].made[0].is_shown] == [first, second, True]
    assert make_relays([{"document": first, "original": first}], [first])[0].made == []
