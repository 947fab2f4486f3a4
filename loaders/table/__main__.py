"""Writes the JSON Schema of mapping files, by which editors complete them."""

import json
from pathlib import Path

from loaders.table.mapping import Mapping


def make_schema() -> str:
    """The text of mapping.schema.json, which a test compares with the file."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Mapping.model_json_schema()}
    # YAML has values that JSON Schema's types tell apart and the loader does not: it takes every one as text.
    return json.dumps(schema, indent=1) + "\n"


if __name__ == "__main__":
    (Path(__file__).parent / "mapping.schema.json").write_text(make_schema(), "utf-8", newline="\n")
