"""What exists: the description of every node, relationship, verb and value; no I/O, no database."""
