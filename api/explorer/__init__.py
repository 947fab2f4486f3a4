"""The explorer: pages rendered on the server, each a GraphQL document and a template of the same name."""

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "pages"
STATIC: Final = Path(__file__).parent / "static"

# No script and no style but our files, and no other host. Drawings are saved as files made in the browser: blob.
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' data: blob:; "
    "connect-src 'self'; "
    "form-action 'self'; "
    "base-uri 'none'; "
    "frame-ancestors 'none'"
)
