"""How the log is written: one line a record, as text for people or as JSON for programs."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Final

ACCESS: Final = logging.getLogger("throughline.access")
#: Where a record keeps the fields that a program reads.
FIELDS: Final = "fields"


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        found: dict[str, Any] = {
            "at": at.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, FIELDS, {}),
        }
        if record.exc_info:
            found["error"] = self.formatException(record.exc_info)
        return json.dumps(found)


def configure_logging(level: str, form: str) -> None:
    """Sends every record to stderr in one form, `TEXT` or `JSON`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonFormatter() if form == "JSON" else logging.Formatter("%(levelname)s %(name)s: %(message)s")
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # Its warnings are about clients that leave early; its errors come through ours.
    logging.getLogger("neo4j").setLevel(logging.ERROR)
    # It would tell of each request that a test or a tool of ours sends.
    logging.getLogger("httpx").setLevel(logging.WARNING)


def log_access(fields: dict[str, Any]) -> None:
    """One line for one request: never its query, its variables, or an address that is not one of ours."""
    told = " ".join(str(value) for value in fields.values() if value is not None)
    ACCESS.info("%s", told, extra={FIELDS: fields})
