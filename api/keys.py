"""Makes an API key: `python -m api.keys` prints the key for the client and the hash for KB_API_KEYS."""

import secrets
import sys

from api.guards import hash_key

KEY_BYTES = 32


def main() -> int:
    """Prints a new key and its hash; neither is kept anywhere."""
    key = secrets.token_urlsafe(KEY_BYTES)
    print(f"Key, for the client (shown once):  {key}")
    print(f"Hash, for KB_API_KEYS:             {hash_key(key)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
