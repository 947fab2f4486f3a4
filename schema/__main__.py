"""Writes the generated files: the data dictionary and the JSON Schema of case files."""

import json
from pathlib import Path

from schema.reference import make_json_schema, make_reference

HERE = Path(__file__).parent
(HERE / "reference.md").write_text(make_reference(), "utf-8", newline="\n")
(HERE / "case.schema.json").write_text(json.dumps(make_json_schema(), indent=1) + "\n", "utf-8", newline="\n")
