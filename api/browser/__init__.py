"""Neo4j Browser for analysts: its page from Maven, and a guide, a style and saved queries that we serve."""
