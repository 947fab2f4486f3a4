"""The closed vocabulary of verbs: each with its reading, its passive and what it becomes in a derived edge."""

from typing import Final, NamedTuple


class Verb(NamedTuple):
    """A verb of claims; its name is also the type of the derived edge."""

    name: str
    reading: str
    passive: str


VERBS: Final[tuple[Verb, ...]] = tuple(
    Verb(*row)
    for row in (
        # Content and its spread
        ("AMPLIFIED", "amplified", "was amplified by"),
        ("CREATED", "created", "was created by"),
        ("PUBLISHED", "published", "was published by"),
        ("REFERENCES", "references", "is referenced by"),
        ("INCLUDED", "included", "was included in"),
        ("FOCUSES_ON", "focuses on", "is a focus of"),
        ("SUPPORTS_NARRATIVE", "supports the narrative", "is supported by"),
        ("CHALLENGED", "challenged", "was challenged by"),
        ("SPANS", "spans", "is spanned by"),
        ("TITLED", "is titled", "is the title of"),
        ("RELEASED_ON", "was released on", "saw the release of"),
        ("RANKED_FIRST_AS", "ranked first as", "was headed by"),
        ("NAMED_IN", "is named in", "names"),
        # People, bodies, places
        ("HOLDS_ROLE", "holds the role of", "is held by"),
        ("IS_A", "is a", "is what is said of"),
        ("ALSO_KNOWN_AS", "is also known as", "is another name of"),
        ("NATIONALITY", "has the nationality", "is the nationality of"),
        ("BASED_IN", "is based in", "is the base of"),
        ("BASED_IN_COUNTRY", "is based in the country", "is the country of"),
        ("SITUATED_IN", "is situated in", "is the place of"),
        ("BELONGS_TO", "is part of", "includes"),
        ("MEMBER_OF", "is a member of", "has as a member"),
        ("WORKS_FOR", "works for", "employs"),
        ("OWNS", "owns", "is owned by"),
        ("CONTROLLED_BY", "is controlled by", "controls"),
        ("BACKED_BY", "is backed by", "backs"),
        ("FUNDED_BY", "is funded by", "funds"),
        ("BENEFICIARIES_OF", "are the beneficiaries of", "benefits"),
        ("PARTICIPATES_IN", "participates in", "has the participation of"),
        ("RUNS", "runs", "is run by"),
        ("POPULAR_IN", "is popular in", "is where is popular"),
        ("HAS_NO", "has no", "is not had by"),
        ("HAS", "has", "is had by"),
        ("EXISTS", "exist", "are there"),
        # Acts
        ("USES", "uses", "is used by"),
        ("LEVERAGES", "leverages", "is leveraged by"),
        ("AIMS_TO", "aims to", "is an aim of"),
        ("CAN_PACKAGE_MESSAGES_THROUGH", "can package its messages through", "can carry the messages of"),
        ("INVITED", "invited", "was invited by"),
        ("HOSTED", "hosted", "was hosted by"),
        ("ATTENDED", "attended", "was attended by"),
        ("PAID", "paid", "was paid by"),
        ("MET", "met", "was met by"),
        ("GAINS", "gains", "is gained by"),
        ("ENCOUNTERS", "encounters", "is encountered by"),
        ("DETAINED", "detained", "was detained by"),
        ("PERPETRATED", "perpetrated", "was perpetrated by"),
        ("RESPONSIBLE_FOR", "is responsible for", "is the responsibility of"),
        ("PREPARING_TO_RELEASE", "is preparing to release", "is being prepared by"),
        ("FAILED_TO", "failed to", "was not achieved by"),
        ("COINCIDED_WITH", "coincided with", "coincided with"),
        ("ALIGNED_WITH", "is aligned with", "is in line with"),
        ("MADE_NOTABLE_BY", "is made notable by", "makes notable"),
        ("EXPECTED", "is expected", "is expected of"),
        # Acts of saying
        ("STATED", "stated", "was stated by"),
        ("CALLED", "called", "was called so by"),
        ("CALLED_FOR", "called for", "was called for by"),
        ("SAID_IT_RECEIVED", "said it had received", "is said to have been received by"),
        ("SAID_ON", "spoke on", "is when spoke"),
        ("SAID_VIA", "spoke through", "carried the words of"),
        ("TOLD", "told", "was told by"),
        ("DECLARED_ITSELF_CONVINCED", "declared itself convinced", "convinced"),
        ("RULED", "ruled", "was ruled by"),
        ("TESTIFIED_AT", "testified at", "heard the testimony of"),
        ("DEFENDED", "defended", "was defended by"),
        ("DENIED", "denied", "was denied by"),
        ("GAVE_REASON", "gave the reason", "is a reason given by"),
        ("ACCUSED", "accused", "was accused by"),
        ("ARGUES", "argues", "is argued by"),
        ("ARGUES_IF", "argues, under a condition,", "is argued under a condition by"),
        ("RECOMMENDED", "recommended", "was recommended by"),
        ("IS", "is", "is what is said of"),
        ("ARE", "are", "is what is said of"),
        # The documents themselves
        ("DATED", "is dated", "is the date of"),
        ("DATELINED_AT", "is datelined at", "is the dateline of"),
        ("PUBLISHED_BY", "was published by", "published"),
        ("DERIVED_FROM", "says that it derives from", "is named as its source by"),
        ("QUOTES_INTERVIEW_BY", "quotes an interview by", "made the interview quoted in"),
        ("CONTAINS_PHOTO_CREDIT", "contains a photo credit of", "is credited for a photo in"),
        ("HAS_HEADING", "has the heading", "is a heading of"),
    )
)

VERB_NAMES: Final = frozenset(verb.name for verb in VERBS)

# A claim of one of these, about a person, lets a case type that person so.
ROLE_VERBS: Final = {
    "Official": frozenset({"HOLDS_ROLE"}),
    "Influencer": frozenset({"IS_A", "HOLDS_ROLE"}),
}
