"""Twelve questions of an analyst in Cypher, about the shipped case, each with what to expect and the rule it shows.

What `expect` says of the rows is compared with them on both engines.
"""

from typing import Final, LiteralString, NamedTuple


class Question(NamedTuple):
    """A question: its title, its Cypher, how many rows it finds in the shipped case, and what they teach.

    `picture`: the rows are paths, which the Browser draws; `rows` are then the paths.
    """

    name: str
    title: str
    cypher: LiteralString
    rows: int
    expect: str
    rule: str
    picture: bool = False


QUESTIONS: Final = (
    Question(
        "who-amplified-whom",
        "Who amplified whom, and how often?",
        """MATCH (a:Entity)-[e:AMPLIFIED]->(b:Entity)
WHERE e.claim STARTS WITH 'xinjiang_2021/' AND e.modality = 'asserted'
RETURN a.name AS amplifier, b.name AS amplified, coalesce(e.count, 'not stated') AS count, e.sentence AS says
ORDER BY coalesce(e.count_min, -1) DESC, e.id""",
        7,
        "Seven rows. The first two have counts: “at least 546 posts” and “at least 56 times”.",
        "A count is text, so that nobody reads the number without its hedge. 546 and 56 may overlap: they are never "
        "added. Without the line on modality two more rows come: what is only possible, and what is taken for granted.",
    ),
    Question(
        "amplification-drawn",
        "The same as a picture",
        """MATCH (a:Entity)-[e:AMPLIFIED]->(b:Entity)
WHERE e.claim STARTS WITH 'xinjiang_2021/'
RETURN a, e, b ORDER BY e.id""",
        9,
        "Nine arrows. Click one: its properties hold the sentence, the voice, the hedge and the modality.",
        "These edges are derived from claims and can be rebuilt at any time. The claim is the truth: “claim” on the "
        "edge is its id.",
        picture=True,
    ),
    Question(
        "which-channel",
        "Through which channel?",
        """MATCH (c:Claim {case: 'xinjiang_2021', verb: 'AMPLIFIED'})
WHERE c.known_to IS NULL AND c.status = 'accepted'
OPTIONAL MATCH (c)-[:VIA]->(v:Entity)
RETURN coalesce(v.name, 'not stated') AS channel, c.sentence AS says
ORDER BY channel, c.id""",
        10,
        "Ten rows; in five of them the channel is “not stated”.",
        "Silence is “not stated in the documents held”. It is neither 0, nor “none”, nor a likely platform.",
    ),
    Question(
        "who-says-so",
        "Who says that, and where is it written?",
        """MATCH (c:Claim {id: 'xinjiang_2021/C038'})-[s:SHOWN_IN]->(p:Passage)-[:PART_OF]->(d:Document)
MATCH (c)-[:SAID_BY]->(v:Entity)
RETURN v.name AS voice, d.name AS document, p.paragraph AS paragraph, p.start AS start, p.end AS end,
  s.attribution AS attribution
ORDER BY document""",
        2,
        "Two rows: two articles, one voice, the report.",
        "No claim without a voice and a passage. Start and end count code points in the held file; the words show "
        "once you hold it yourself.",
    ),
    Question(
        "documents-and-origins",
        "How many documents, and how many origins?",
        """MATCH (c:Claim {case: 'xinjiang_2021'})
WHERE c.known_to IS NULL AND c.documents > c.origins
RETURN c.documents AS documents, c.origins AS origins, c.sentence AS says
ORDER BY c.id""",
        37,
        "Thirty-seven rows, each with two documents and one origin.",
        "Two articles that relay one report are two documents and one origin. Origins are what counts.",
    ),
    Question(
        "who-relays-whom",
        "Which text relays or cites which?",
        """MATCH (d:Entity)-[r:COPIES|CITES]->(other:Entity)
WHERE 'xinjiang_2021' IN d.sources
RETURN d, r, other ORDER BY d.id, type(r), other.id""",
        5,
        "Five arrows: two texts copy, three cite. Click a COPIES arrow to see how sure that is, and on what it rests.",
        "Only COPIES are followed when origins are counted; an inferred one is marked as inferred.",
        picture=True,
    ),
    Question(
        "who-contests",
        "What is contested, and how?",
        """MATCH (c:Claim {case: 'xinjiang_2021'})-[d:DISPUTES]->(other)
RETURN d.level AS level, d.scope AS scope, c.sentence AS says, coalesce(other.name, other.sentence) AS of
ORDER BY level, c.id, of""",
        9,
        "Nine rows: one direct contest, four implicit ones, four of a source.",
        "A contest is shown with its level and its scope. The product never decides who is right, and a contest of a "
        "source is no contest of each thing it says.",
    ),
    Question(
        "people",
        "What is said of each person, what do they say, did they reply?",
        """MATCH (p:Person) WHERE 'xinjiang_2021' IN p.sources
RETURN p.name AS person,
  COUNT { MATCH (p)<-[:WHO|WHAT|WHOSE]-(c:Claim) WHERE c.known_to IS NULL RETURN DISTINCT c } AS claims_about,
  COUNT { MATCH (p)<-[:SAID_BY]-(c:Claim) WHERE c.known_to IS NULL RETURN DISTINCT c } AS claims_by,
  COUNT { MATCH (p)<-[:SAID_BY]-(c:Claim)-[:REPLIES_TO]->(:Claim) WHERE c.known_to IS NULL
    RETURN DISTINCT c } AS replies
ORDER BY person""",
        6,
        "Six people. None of them has a reply in the two texts.",
        "The right of reply: “none recorded” is shown too, and is no silence of the person. A statement is never made "
        "a reply by software.",
    ),
    Question(
        "one-person-drawn",
        "One person, and everything that is said of him",
        """MATCH way = (p:Entity {id: 'per:zhang-heqing'})<-[:WHO|WHAT|WHOSE|SAID_BY]-(c:Claim)
  -[:SAID_BY|SHOWN_IN]->(other)
RETURN way ORDER BY c.id, other.id""",
        9,
        "Nine ways: his claims, who says each, and the passages that show it. The report says all of them.",
        "Amplified is not complicit: a role belongs to one claim and one event, never to the person as a label.",
        picture=True,
    ),
    Question(
        "groups",
        "Who are “the 13”?",
        """MATCH (g:Group) WHERE 'xinjiang_2021' IN g.sources
RETURN g.name AS name, g.size AS size, g.note AS note
ORDER BY name""",
        18,
        "Eighteen groups, and no arrow from a named person into “the 13 foreign influencers”.",
        "Groups stay groups. Being named in a report is not being one of the 13, nor paid, nor on a tour.",
    ),
    Question(
        "dates",
        "Which dates are stated, which are inferred?",
        """MATCH (c:Claim {case: 'xinjiang_2021'}) WHERE c.known_to IS NULL
RETURN c.date_basis AS basis, count(c) AS claims ORDER BY basis""",
        3,
        "Three rows: five inferred, five stated, ninety-three not stated.",
        "An inferred date carries its basis and looks different. A claim without a date stays without one.",
    ),
    Question(
        "readings",
        "Which words are garbled, and how may they read?",
        """MATCH (g:Reading {case: 'xinjiang_2021'})
RETURN g.id AS reading_id, g.start AS start, g.end AS end, g.reading AS reading, g.basis AS basis
ORDER BY reading_id""",
        22,
        "Twenty-two readings.",
        "A repair of garbled text is a proposal with its basis, never a silent correction.",
    ),
)
