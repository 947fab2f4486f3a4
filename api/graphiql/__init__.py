"""Where the GraphiQL page is, and the policy under which a browser runs it."""

from pathlib import Path
from typing import Final

#: What is built: `index.html` is for GET /graphql, `drawing.js` for the explorer's pages; mounted at /graphiql.
DIST: Final = Path(__file__).parent / "dist"

# Tried in Chromium: under this the page shows whole and reports no violation. The editor and its pop-ups
# write style attributes and elements (hence 'unsafe-inline', for styles alone); its stylesheet carries fonts
# and small images as data: addresses; scripts and workers are files of ours.
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; "
    "font-src 'self' data:; "
    "worker-src 'self'; "
    "connect-src 'self'; "
    "base-uri 'none'; "
    "form-action 'none'; "
    "frame-ancestors 'none'"
)


def is_built() -> bool:
    """Whether the page is there, with the drawing; it is built as a whole or not at all."""
    return (DIST / "index.html").is_file() and (DIST / "drawing.js").is_file()
