"""Descriptions for the API, taken from the models where a field is one of theirs."""

from collections.abc import Callable
from typing import Any, NoReturn

import strawberry
from pydantic import BaseModel


def about(model: type[Any]) -> str:
    """What a model is: its docstring on one line."""
    return " ".join((model.__doc__ or "").split())


def says(model: type[BaseModel], name: str, *, more: str = "") -> Any:
    """A field that is the model's: described as there, and what the API adds."""
    description = model.model_fields[name].description or ""
    return strawberry.field(description=description + more)


def named(description: str, name: str | None = None) -> Any:
    """A field of the API's own."""
    return strawberry.field(description=description, name=name)


def asked(resolver: Callable[..., object], description: str) -> Any:
    """A field with the arguments and the type of `resolver`, which is never called."""
    return strawberry.field(resolver=resolver, description=description)


def handed_out() -> NoReturn:
    """The body of every field with arguments: its value is in the planned answer, see api/schema.py."""
    raise AssertionError("fields are handed out from the planned answer, never computed")
