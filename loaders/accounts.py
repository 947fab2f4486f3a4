"""Accounts and their platforms, keyed as every source has to key them."""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from kb.bulk.facts import LinkFact, NodeFact

# How platforms are called; one that is missing here is shown by its slug.
PLATFORM_NAMES: Final = {"twitter": "Twitter", "facebook": "Facebook", "youtube": "YouTube"}
_HANDLE: Final = {
    # Fifteen characters since 2007; some older handles have more.
    "twitter": re.compile(r"[A-Za-z0-9_]{1,20}"),
    "facebook": re.compile(r"[^\s@/]{1,100}"),
    "youtube": re.compile(r"[^\s@/]{1,100}"),
}
# The platform's own id of an account. YouTube's is a text and keeps its case.
_PLATFORM_ID: Final = {
    "twitter": re.compile(r"[1-9][0-9]{0,19}"),
    "facebook": re.compile(r"[1-9][0-9]{0,19}"),
    "youtube": re.compile(r"UC[A-Za-z0-9_-]{22}"),
}


def is_handle(platform: str, text: str) -> bool:
    """Whether the platform could have given this handle."""
    return _HANDLE[platform].fullmatch(text) is not None


def is_platform_id(platform: str, text: str) -> bool:
    """Whether the platform could have given this id; a number of digits alone may be a Twitter handle as well."""
    return _PLATFORM_ID[platform].fullmatch(text) is not None


def make_account(
    platform: str, *, platform_id: str | None = None, handle: str | None = None, name: str | None = None
) -> NodeFact:
    """An account keyed by the platform's id, else by its handle, which is taken in lower case.

    It is called by its `name` or else @handle, as it is written, and found by both.
    """
    lower = handle.lower() if handle else None
    shown = name or (f"@{handle}" if handle else f"{platform} account {platform_id}")
    properties = {"name": shown, "platform": platform, "platform_id": platform_id, "handle": lower}
    names = (shown, *([f"@{lower}"] if lower else []))
    kept = {key: value for key, value in properties.items() if value is not None}
    return NodeFact("Account", account_id(platform, platform_id, handle), kept, tuple(dict.fromkeys(names)))


def account_id(platform: str, platform_id: str | None, handle: str | None) -> str:
    """The id of an account: by the platform's own id where it is known, else by its handle."""
    if platform_id:
        return f"acct:{platform}:id:{platform_id}"
    if handle is None:
        raise ValueError(f"an account of {platform} has neither id nor handle")
    return f"acct:{platform}:handle:{handle.lower()}"


@lru_cache(maxsize=100)
def make_platform(platform: str) -> NodeFact:
    """The platform as the channel that accounts are on."""
    name = PLATFORM_NAMES.get(platform, platform)
    return NodeFact("Channel", f"platform:{platform}", {"name": name, "kind": "platform"}, (name,))


def on_platform(account: NodeFact, row: str) -> LinkFact:
    """That an account is on its platform, as `row` shows."""
    return LinkFact("ON", account.id, f"platform:{account.properties['platform']}", {"row": row})


def make_pseudonymous_account(dataset: str, platform: str, pseudonym: str) -> NodeFact:
    """An account that a dataset hides behind a number or a hash: known in that dataset alone, and found by no name."""
    properties = {"name": f"account {pseudonym} of {dataset}", "platform": platform, "pseudonym": pseudonym}
    return NodeFact("Account", f"acct:{dataset}:{as_key(pseudonym)}", properties)


def make_post(platform: str, key: str, *, at: str | None = None, dataset: str | None = None) -> NodeFact:
    """A post by the platform's own id, or by what `dataset` calls it when that hides the platform's ids."""
    name = (
        f"post {key} of {dataset}" if dataset else f"post {key} on {PLATFORM_NAMES.get(platform, platform)}"
    )
    properties = {"name": name, "platform": platform, **({"at": at} if at else {})}
    return NodeFact("Post", f"post:{dataset or platform}:{as_key(key)}", properties)


def as_key(text: str) -> str:
    """The text as a part of an id: what an id cannot hold, such as the / of a hash, is written as in an address."""
    return text if text.isalnum() and text.isascii() else quote(text, safe="")
