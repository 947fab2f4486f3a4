"""Writes the contract: `python -m api.export` makes schema/schema.graphql from the code."""

from pathlib import Path
from typing import Final

from api.schema import CONTRACT

CONTRACT_FILE: Final = Path(__file__).parent.parent / "schema" / "schema.graphql"

if __name__ == "__main__":
    CONTRACT_FILE.write_text(CONTRACT, "utf-8", newline="\n")
