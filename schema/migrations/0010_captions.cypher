// Neo4j Browser writes `name`, `title` or `label` into a node, in this order, else whatever property comes first.
// The same texts as kb/sentences.py and kb/case_graph.py make. Of a claim: the sentence, its voices cut between words at
// 24 characters, a report without its publisher, and the whole cut at 160.
MATCH (c:Claim) WHERE c.sentence IS NOT NULL
WITH c, COLLECT {
  MATCH (c)-[:SAID_BY]->(v:Entity)
  WITH v, left(v.name, 24) AS cut
  WITH v, cut, size(cut) - size(last(split(cut, ' '))) - 1 AS kept
  WITH v, CASE WHEN size(v.name) <= 24 THEN v.name WHEN kept < 1 THEN cut + '…' ELSE left(cut, kept) + '…' END AS brief,
    COLLECT { MATCH (v)-[:PUBLISHED_UNDER]->(p:Entity) RETURN p.name ORDER BY p.id } AS publishers
  WITH v.type = 'Report' AS is_report, v.name AS name, brief, coalesce(' by ' + head(publishers), '') AS by
  RETURN CASE WHEN is_report THEN ['the report “' + name + '”' + by, '“' + brief + '”'] ELSE [name, brief] END
  ORDER BY size(name) DESC } AS voices
WITH c, reduce(lead = left(c.sentence, size(c.sentence) - size(c.text)), voice IN voices |
  replace(replace(lead, voice[0], voice[1]), toUpper(left(voice[0], 1)) + substring(voice[0], 1),
    toUpper(left(voice[1], 1)) + substring(voice[1], 1))) AS lead
WITH c, CASE c.status WHEN 'accepted' THEN '' ELSE toUpper(left(c.status, 1)) + substring(c.status, 1) + ': ' END
  + lead + c.text AS said
WITH c, said, left(said, 160) AS cut
WITH c, said, cut, size(cut) - size(last(split(cut, ' '))) - 1 AS kept
SET c.label = CASE WHEN size(said) <= 160 THEN said WHEN kept < 1 THEN cut + '…' ELSE left(cut, kept) + '…' END;
MATCH (p:Passage)-[:PART_OF]->(d:Document)
SET p.label = '¶ ' + toString(p.paragraph) + ', ' + toString(p.start) + '-' + toString(p.end) + ', ' + d.name;
MATCH (g:Reading) SET g.label = 'maybe: ' + g.reading;
MATCH (n:Name) SET n.label = n.written;
MATCH (r:Run) SET r.label = r.source + ', run ' + last(split(r.id, '/'));
