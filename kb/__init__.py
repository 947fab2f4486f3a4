"""Where the graph is kept: the only folder that speaks Cypher."""
