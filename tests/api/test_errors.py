"""Every error has a code and names the argument, its value and what to do; nothing of our insides is shown."""

import logging

import pytest

from api.context import Context
from api.errors import CODES, from_kb
from api.execute import run
from kb.errors import BadQuery, KbError, QueryTimeout, QueryTooLarge, StoreBusy, StoreUnavailable
from tests.api.cases import refusal

BAD = {
    '{ entity(id: "two words") { id } }': ("BAD_ID", "id: 'two words' cannot be the id of an entity; write"),
    '{ claim(id: "C038") { id } }': ("BAD_ID", "id: 'C038' cannot be the id of a claim; write for example"),
    '{ document(id: "") { id } }': ("BAD_ID", "id: '' cannot be"),
    '{ amplifications(channel: "no") { totalCount } }': ("BAD_ID", "channel: 'no'"),
    '{ claims(filter: {who: "no"}) { totalCount } }': ("BAD_ID", "who: 'no'"),
    '{ claims(filter: {case: "No Case"}) { totalCount } }': ("BAD_ID", "case: 'No Case'"),
    '{ claims(filter: {period: "last year"}) { totalCount } }': ("BAD_PERIOD", "period: 'last year' is not"),
    '{ claims(filter: {period: "XXXX-12-16"}) { totalCount } }': ("BAD_PERIOD", "period: 'XXXX-12-16'"),
    '{ amplifications(period: "2021-08/2020-01") { totalCount } }': ("BAD_PERIOD", "period: "),
    '{ amplifications(validAt: "2021") { totalCount } }': ("BAD_PERIOD", "validAt: '2021' is not a day"),
    '{ amplifications(validAt: "2021-02-30") { totalCount } }': ("BAD_PERIOD", "validAt: '2021-02-30'"),
    '{ amplifications(knownAt: "yesterday") { totalCount } }': ("BAD_PERIOD", "knownAt: 'yesterday' is not"),
    "{ amplifications(minCount: -1) { totalCount } }": ("BAD_ARGUMENT", "minCount: -1 is negative"),
    '{ entities(country: "China") { totalCount } }': ("BAD_ARGUMENT", "country: 'China' is not"),
    '{ entities(search: "  ") { totalCount } }': ("BAD_ARGUMENT", "search: '  ' holds no words"),
    "{ nonsense }": ("BAD_REQUEST", "Cannot query field 'nonsense'"),
    "{ claims(first: 1 ": ("BAD_REQUEST", "Syntax Error"),
    "mutation { claims { totalCount } }": ("BAD_REQUEST", "The mutation operation is not supported"),
}


@pytest.mark.parametrize("query", BAD)
async def test_what_cannot_be_used_is_named_with_a_remedy(context: Context, query: str) -> None:
    code, begins = BAD[query]
    found, message = await refusal(context, query)
    assert (found, message[: len(begins)]) == (code, begins) or (found == code and begins in message)
    assert found in CODES


async def test_a_long_value_is_not_repeated_whole(context: Context) -> None:
    _, message = await refusal(context, f'{{ entity(id: "{"x" * 100_000}") {{ id }} }}')
    assert len(message) < 250


async def test_a_variable_that_does_not_fit_is_refused_before_anything_is_asked(context: Context) -> None:
    response = await run(
        context, "query ($first: Int!) { claims(first: $first) { totalCount } }", {"first": "x"}
    )
    assert response.is_refused
    assert response.body["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}


async def test_an_operation_that_is_not_there_is_refused(context: Context) -> None:
    response = await run(context, "query A { health { engine } } query B { health { engine } }")
    assert "operationName" in response.body["errors"][0]["message"]
    response = await run(context, "query A { health { engine } }", operation="C")
    assert "operationName: 'C'" in response.body["errors"][0]["message"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (QueryTimeout("secret"), "TIMEOUT"),
        (QueryTooLarge("secret"), "TOO_EXPENSIVE"),
        (StoreUnavailable("secret"), "STORE_UNAVAILABLE"),
        (StoreBusy("secret"), "STORE_UNAVAILABLE"),
        (BadQuery("MATCH (secret)"), "INTERNAL"),
        (KbError("secret"), "INTERNAL"),
    ],
)
def test_an_error_of_the_store_keeps_its_words_to_the_log(
    error: KbError, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        told = from_kb(error)
    assert (told.extensions or {})["code"] == code
    assert "secret" not in told.message
    if code == "INTERNAL":
        assert told.message.split()[-1] in caplog.text


@pytest.mark.parametrize(
    "text", ["'", '"', "\\", "}) DETACH DELETE n //", "$p0", "\u0000", "\ud800", "{value}", "{+n}", "`", "💥"]
)
async def test_any_text_is_a_value_and_never_part_of_a_statement(context: Context, text: str) -> None:
    before = await context.store.read("MATCH (n) RETURN count(n) AS nodes")
    query = "query ($t: String!) { claims(filter: {text: $t}) { totalCount } entities(search: $t) { totalCount } }"
    response = await run(context, query, {"t": text})
    codes = {error["extensions"]["code"] for error in response.body.get("errors", ())}
    assert codes <= {"BAD_ID", "BAD_ARGUMENT"}
    assert await context.store.read("MATCH (n) RETURN count(n) AS nodes") == before
