"""States and territories as places, one for each ISO 3166-1 code whatever the dataset calls it."""

from functools import lru_cache

import iso3166

from kb.bulk.facts import NodeFact


@lru_cache(maxsize=1_000)
def make_country(code: str, *spellings: str) -> NodeFact:
    """The place of an ISO 3166-1 alpha-2 code, with other `spellings` to be found by; raises KeyError for no code.

    Its name is the one that the standard has; for Taiwan, Palestine and others the one without a claim in it.
    """
    name = iso3166.countries_by_alpha2[code].apolitical_name
    names = tuple(dict.fromkeys((name, *spellings)))
    return NodeFact("Place", country_id(code), {"name": name, "country": code}, names)


def country_id(code: str) -> str:
    """The id of the place of a country."""
    return f"country:{code}"
