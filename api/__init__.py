"""How it goes out: GraphQL in, one question to the graph for each root field, JSON out; no Cypher here."""
