"""Constraints and indexes as the catalog asks for them, in words that both engines accept."""

from schema.catalog import EDGE_INDEXES, NODE_INDEXES, UNIQUE_KEYS


def make_schema_statements() -> list[str]:
    """One CREATE ... IF NOT EXISTS for each unique key and index of the catalog; a test finds each in a migration."""
    statements = [
        f"CREATE CONSTRAINT {label.lower()}_{key} IF NOT EXISTS FOR (n:{label}) REQUIRE n.{key} IS UNIQUE"
        for label, key in UNIQUE_KEYS
    ]
    for label, keys in NODE_INDEXES:
        name = "_".join((label.lower(), *keys, "index"))
        statements.append(
            f"CREATE INDEX {name} IF NOT EXISTS FOR (n:{label}) ON ({', '.join(f'n.{k}' for k in keys)})"
        )
    for kind, keys in EDGE_INDEXES:
        name = "_".join((kind.lower(), *keys, "index"))
        columns = ", ".join(f"r.{key}" for key in keys)
        statements.append(f"CREATE INDEX {name} IF NOT EXISTS FOR ()-[r:{kind}]-() ON ({columns})")
    return statements
