"""Anyone's table of posts or interactions, read by a mapping that says what its columns mean."""
