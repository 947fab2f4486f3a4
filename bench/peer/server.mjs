// The peer: @neo4j/graphql on Apollo Server, over the same graph. node server.mjs PORT, with NEO4J_URI, NEO4J_USER and
// NEO4J_PASSWORD in the environment. Its generated queries start at nodes; the records are relationships, so they are
// asked for by @cypher, the way that the library has for that.
import neo4j from "neo4j-driver";
import { Neo4jGraphQL } from "@neo4j/graphql";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";

const typeDefs = `
type Account @node(labels: ["Entity", "Account"]) {
  id: ID!
  name: String!
  label: String! @cypher(statement: "RETURN this.name AS label", columnName: "label")
  platform: String!
  pseudonym: String
  handle: String
}
type Party { id: ID! name: String! label: String! platform: String! pseudonym: String }
type Place { id: ID! name: String! }
type RecordCount { text: String! }
type Amplification {
  id: ID!
  count: RecordCount!
  first: String
  last: String
  amplifier: Party!
  amplified: Party!
  channel: Place!
}
type Reported { claimCount: Int! }
type Observed { interactions: Int! first: String last: String }
type Group { amplifier: Place! channel: Place! observed: [Observed!]! reported: Reported! }
type Query {
  amplifications(channel: ID!, first: Int!): [Amplification!]! @cypher(statement: """
MATCH (:Entity)-[e:AMPLIFIED]->(:Entity) WHERE e.channel = $channel AND e.count_min > 0 AND e.id IS NOT NULL AND e.basis = 'observed'
WITH e ORDER BY e.channel DESC, e.count_min DESC, e.id DESC LIMIT $first
WITH e, startNode(e) AS a, endNode(e) AS b MATCH (c:Entity {id: e.channel})
RETURN {id: e.id, count: {text: e.count}, first: e.first, last: e.last,
  amplifier: {id: a.id, name: a.name, label: a.name, platform: a.platform, pseudonym: a.pseudonym},
  amplified: {id: b.id, name: b.name, label: b.name, platform: b.platform, pseudonym: b.pseudonym},
  channel: {id: c.id, name: c.name}} AS record ORDER BY e.count_min DESC, e.id DESC
""", columnName: "record")
  amplifiers(of: ID!, first: Int!): [Group!]! @cypher(statement: """
MATCH (x:Entity {id: $of})<-[e:AMPLIFIED]-(a:Entity) WHERE e.basis = 'observed'
WITH x, a, e.channel AS channel, e.dataset AS dataset, sum(e.count_min) AS amount, min(e.first) AS since, max(e.last) AS until
ORDER BY amount DESC, a.id + '|' + channel LIMIT $first
MATCH (c:Entity {id: channel})
WITH a, c, amount, since, until,
  COUNT { (x)<-[:WHOSE|WHAT]-(k:Claim {verb: 'AMPLIFIED'})-[:WHO]->(a) WHERE k.known_to IS NULL } AS claims
RETURN {amplifier: {id: a.id, name: a.name}, channel: {id: c.id, name: c.name},
  observed: [{interactions: amount, first: since, last: until}], reported: {claimCount: claims}} AS found
ORDER BY amount DESC, a.id + '|' + c.id
""", columnName: "found")
}`;

const port = Number(process.argv[2]);
const auth = neo4j.auth.basic(process.env.NEO4J_USER, process.env.NEO4J_PASSWORD);
const driver = neo4j.driver(process.env.NEO4J_URI, auth);
const schema = await new Neo4jGraphQL({ typeDefs, driver }).getSchema();
const server = new ApolloServer({ schema });
// The database named, which spares the driver a question for each request.
const context = async () => ({ sessionConfig: { database: "neo4j" } });
await startStandaloneServer(server, { context, listen: { port, host: "127.0.0.1" } });
