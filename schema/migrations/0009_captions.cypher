// Neo4j Browser writes `name`, `title` or `label` into a node, in this order, else whatever property comes first.
// The same texts as kb/sentences.py and kb/case_graph.py make; a claim is cut between words at 160 characters.
MATCH (c:Claim) WHERE c.sentence IS NOT NULL
WITH c, CASE c.status WHEN 'accepted' THEN '' ELSE toUpper(left(c.status, 1)) + substring(c.status, 1) + ': ' END
  + c.sentence AS said
WITH c, said, left(said, 160) AS cut
WITH c, said, cut, size(cut) - size(last(split(cut, ' '))) - 1 AS kept
SET c.label = CASE WHEN size(said) <= 160 THEN said WHEN kept < 1 THEN cut + '…' ELSE left(cut, kept) + '…' END;
MATCH (p:Passage)-[:PART_OF]->(d:Document)
SET p.label = '¶ ' + toString(p.paragraph) + ', ' + toString(p.start) + '-' + toString(p.end) + ', ' + d.name;
MATCH (g:Reading) SET g.label = 'maybe: ' + g.reading;
MATCH (n:Name) SET n.label = n.written;
MATCH (r:Run) SET r.label = r.source + ', run ' + last(split(r.id, '/'));
