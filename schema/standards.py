"""What types and verbs are called elsewhere: FollowTheMoney, STIX 2.1 with OpenCTI, PROV-O, Web Annotation, DISARM."""

from typing import Final, NamedTuple


class Counterpart(NamedTuple):
    """Names in the other vocabularies; '' where one has no counterpart.

    `ftm` is a FollowTheMoney schema, `stix` a STIX 2.1 object or relationship type (OpenCTI extensions marked
    'opencti:'), `w3c` a PROV-O ('prov:') or Web Annotation ('oa:') term, `disarm` a DISARM Red technique number. The
    DISARM number says which technique a claim of this verb may be evidence for, not that anyone used it.
    """

    ftm: str = ""
    stix: str = ""
    w3c: str = ""
    disarm: str = ""


TYPES: Final[dict[str, Counterpart]] = {
    "Official": Counterpart("Person", "identity", "prov:Person"),
    "Influencer": Counterpart("Person", "identity", "prov:Person"),
    "Person": Counterpart("Person", "identity", "prov:Person"),
    "Embassy": Counterpart("PublicBody", "identity", "prov:Organization", "T0110"),
    "Organization": Counterpart("Organization", "identity", "prov:Organization"),
    "MediaOutlet": Counterpart("Organization", "opencti:channel", "prov:Organization", "T0111"),
    "Tribunal": Counterpart("Organization", "identity", "prov:Organization"),
    "Group": Counterpart("LegalEntity", "identity", "prov:Agent"),
    "Account": Counterpart("UserAccount", "user-account", "prov:Agent"),
    "Channel": Counterpart("Thing", "opencti:channel", "prov:Entity", "T0104"),
    "Post": Counterpart("Message", "opencti:media-content", "prov:Entity"),
    "Content": Counterpart("Document", "opencti:media-content", "prov:Collection"),
    "Tour": Counterpart("Trip", "opencti:event", "prov:Activity", "T0057"),
    "Event": Counterpart("Event", "opencti:event", "prov:Activity"),
    "Report": Counterpart("Document", "report", "prov:Entity"),
    "Document": Counterpart("Document", "report", "prov:Entity"),
    "Place": Counterpart("Address", "location", "prov:Location"),
    "Topic": Counterpart("Thing", "grouping", "prov:Entity"),
    "Narrative": Counterpart("Thing", "opencti:narrative", "prov:Entity", "T0003"),
    "Campaign": Counterpart("Project", "campaign", "prov:Activity"),
    "Claim": Counterpart("Note", "relationship", "oa:Annotation"),
    "Passage": Counterpart("Mention", "note", "oa:TextPositionSelector"),
    "Reading": Counterpart("Note", "opinion", "oa:Annotation"),
    "Name": Counterpart("Thing", "", "prov:value"),
    "NameKey": Counterpart("", "", "prov:value"),
    "Case": Counterpart("Thing", "grouping", "prov:Bundle"),
    "Dataset": Counterpart("Thing", "observed-data", "prov:Collection"),
    "Run": Counterpart("", "", "prov:Activity"),
    "Change": Counterpart("", "", "prov:Activity"),
    "Judgement": Counterpart("", "opinion", "prov:alternateOf"),
    "Migration": Counterpart("", "", "prov:Activity"),
}

_SAID = Counterpart("Note", "note", "prov:wasQuotedFrom")
_LINK = Counterpart("UnknownLink", "related-to", "prov:wasInfluencedBy")

VERBS: Final[dict[str, Counterpart]] = {
    "AMPLIFIED": Counterpart("UnknownLink", "opencti:amplifies", "prov:wasInfluencedBy", "T0118"),
    "CREATED": Counterpart("Documentation", "created-by", "prov:wasAttributedTo", "T0087"),
    "PUBLISHED": Counterpart("Documentation", "opencti:publishes", "prov:wasAttributedTo", "T0115"),
    "REFERENCES": Counterpart("Documentation", "related-to", "prov:wasDerivedFrom", "T0118"),
    "INCLUDED": Counterpart("Thing", "related-to", "prov:hadMember"),
    "FOCUSES_ON": Counterpart("Thing", "related-to", "oa:hasTarget"),
    "SUPPORTS_NARRATIVE": Counterpart("UnknownLink", "opencti:uses", "prov:wasInfluencedBy", "T0003"),
    "CHALLENGED": Counterpart("UnknownLink", "related-to", "oa:hasTarget", "T0004"),
    "SPANS": Counterpart("Interval", "observed-data", "prov:startedAtTime"),
    "TITLED": Counterpart("Document", "report", "prov:value"),
    "RELEASED_ON": Counterpart("Document", "report", "prov:generatedAtTime"),
    "RANKED_FIRST_AS": _SAID,
    "NAMED_IN": Counterpart("Mention", "object-ref", "oa:hasTarget"),
    "HOLDS_ROLE": Counterpart("Occupancy", "opencti:employed-by", "prov:hadRole"),
    "IS_A": Counterpart("Thing", "identity", "prov:type"),
    "ALSO_KNOWN_AS": Counterpart("Thing", "identity", "prov:alternateOf"),
    "NATIONALITY": Counterpart("Person", "identity", "prov:type"),
    "BASED_IN": Counterpart("Thing", "located-at", "prov:atLocation"),
    "BASED_IN_COUNTRY": Counterpart("Thing", "located-at", "prov:atLocation"),
    "SITUATED_IN": Counterpart("Thing", "located-at", "prov:atLocation"),
    "BELONGS_TO": Counterpart("Membership", "opencti:part-of", "prov:hadMember"),
    "MEMBER_OF": Counterpart("Membership", "opencti:part-of", "prov:actedOnBehalfOf"),
    "WORKS_FOR": Counterpart("Employment", "opencti:employed-by", "prov:actedOnBehalfOf"),
    "OWNS": Counterpart("Ownership", "related-to", "prov:wasInfluencedBy"),
    "CONTROLLED_BY": Counterpart("Directorship", "related-to", "prov:actedOnBehalfOf"),
    "BACKED_BY": _LINK,
    "FUNDED_BY": Counterpart("Payment", "related-to", "prov:wasInfluencedBy"),
    "BENEFICIARIES_OF": _LINK,
    "PARTICIPATES_IN": Counterpart("ProjectParticipant", "opencti:participates-in", "prov:wasAssociatedWith"),
    "RUNS": Counterpart("Directorship", "related-to", "prov:wasAssociatedWith"),
    "POPULAR_IN": _LINK,
    "HAS_NO": _SAID,
    "HAS": _SAID,
    "EXISTS": _SAID,
    "USES": Counterpart("UnknownLink", "uses", "prov:used", "T0100.003"),
    "LEVERAGES": Counterpart("UnknownLink", "uses", "prov:used", "T0100.003"),
    "AIMS_TO": Counterpart("Note", "note", "prov:wasInfluencedBy", "T0074"),
    "CAN_PACKAGE_MESSAGES_THROUGH": Counterpart("UnknownLink", "uses", "prov:used", "T0100.003"),
    "INVITED": Counterpart("UnknownLink", "related-to", "prov:wasAssociatedWith", "T0126"),
    "HOSTED": Counterpart("Event", "related-to", "prov:wasAssociatedWith", "T0057"),
    "ATTENDED": Counterpart("UnknownLink", "opencti:participates-in", "prov:wasAssociatedWith"),
    "PAID": Counterpart("Payment", "related-to", "prov:wasInfluencedBy"),
    "MET": Counterpart("UnknownLink", "related-to", "prov:wasAssociatedWith"),
    "GAINS": _SAID,
    "ENCOUNTERS": _SAID,
    "DETAINED": Counterpart("UnknownLink", "related-to", "prov:wasInfluencedBy"),
    "PERPETRATED": Counterpart("UnknownLink", "attributed-to", "prov:wasAssociatedWith"),
    "RESPONSIBLE_FOR": Counterpart("UnknownLink", "attributed-to", "prov:wasAssociatedWith"),
    "PREPARING_TO_RELEASE": Counterpart("Documentation", "opencti:publishes", "prov:wasAttributedTo"),
    "FAILED_TO": _SAID,
    "COINCIDED_WITH": Counterpart("Event", "related-to", "prov:wasInformedBy"),
    "ALIGNED_WITH": _LINK,
    "MADE_NOTABLE_BY": _SAID,
    "EXPECTED": _SAID,
    "STATED": _SAID,
    "CALLED": _SAID,
    "CALLED_FOR": _SAID,
    "SAID_IT_RECEIVED": _SAID,
    "SAID_ON": _SAID,
    "SAID_VIA": Counterpart("Message", "opencti:uses", "prov:used"),
    "TOLD": Counterpart("Call", "note", "prov:wasQuotedFrom"),
    "DECLARED_ITSELF_CONVINCED": Counterpart("Note", "opinion", "prov:wasQuotedFrom"),
    "RULED": Counterpart("CourtCase", "opinion", "prov:wasQuotedFrom"),
    "TESTIFIED_AT": Counterpart("CourtCaseParty", "opencti:participates-in", "prov:wasAssociatedWith"),
    "DEFENDED": Counterpart("Note", "opinion", "prov:wasQuotedFrom", "T0076"),
    "DENIED": Counterpart("Note", "opinion", "prov:wasQuotedFrom", "T0075"),
    "GAVE_REASON": _SAID,
    "ACCUSED": Counterpart("Note", "opinion", "prov:wasQuotedFrom", "T0066"),
    "ARGUES": Counterpart("Note", "opinion", "prov:wasQuotedFrom"),
    "ARGUES_IF": Counterpart("Note", "opinion", "prov:wasQuotedFrom"),
    "RECOMMENDED": Counterpart("Note", "course-of-action", "prov:wasQuotedFrom"),
    "IS": Counterpart("Note", "opinion", "prov:wasQuotedFrom"),
    "ARE": Counterpart("Note", "opinion", "prov:wasQuotedFrom"),
    "DATED": Counterpart("Document", "report", "prov:generatedAtTime"),
    "DATELINED_AT": Counterpart("Document", "report", "prov:atLocation"),
    "PUBLISHED_BY": Counterpart("Documentation", "created-by", "prov:wasAttributedTo"),
    "DERIVED_FROM": Counterpart("Documentation", "derived-from", "prov:wasDerivedFrom"),
    "QUOTES_INTERVIEW_BY": Counterpart("Documentation", "related-to", "prov:wasQuotedFrom"),
    "CONTAINS_PHOTO_CREDIT": Counterpart("Documentation", "related-to", "prov:wasAttributedTo"),
    "HAS_HEADING": Counterpart("Document", "report", "oa:TextQuoteSelector"),
}
