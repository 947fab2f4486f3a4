"""A claim in one sentence with its voice, its kind and the standing of whoever says it: never a bare allegation."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from schema.claims import ClaimKind, ClaimStatus, Modality

# In a picture: a node of our style has room for fifty characters, and one report says a third of the shipped case.
VOICE_CHARS: Final = 24
CAPTION_CHARS: Final = 160


class Voice(NamedTuple):
    """Who says a claim: the entity's id, name and type, its standing, and the publisher of a work."""

    id: str
    name: str
    type: str
    standing: str | None
    publisher: str | None


# kind -> (one voice, several voices)
_VERBS: Final[dict[str, tuple[str, str]]] = {
    ClaimKind.FINDING: ("finds", "find"),
    ClaimKind.ALLEGATION: ("alleges", "allege"),
    ClaimKind.OPINION: ("is of the opinion", "are of the opinion"),
    ClaimKind.DEFENCE: ("says in defence", "say in defence"),
    ClaimKind.RECOMMENDATION: ("recommends", "recommend"),
    ClaimKind.STATEMENT: ("states", "state"),
    ClaimKind.CHARACTERISATION: ("characterises it thus", "characterise it thus"),
    ClaimKind.METADATA: ("shows of itself", "show of themselves"),
    ClaimKind.PRESUPPOSED: ("takes for granted", "take for granted"),
}

_MODALITIES: Final[dict[str, str]] = {
    Modality.ASSERTED: "",
    Modality.POSSIBLE: " (as possible)",
    Modality.INTENT: " (as an aim)",
    Modality.CONDITIONAL: " (under a condition)",
    Modality.NORMATIVE: " (as what ought to be)",
    Modality.PLANNED: " (as planned)",
    Modality.PRESUPPOSED: " (presupposed, not argued)",
}

# What one takes for granted is presupposed, and what one recommends ought to be: the verb says so already.
_SAID_BY_THE_VERB: Final = {
    (ClaimKind.PRESUPPOSED, Modality.PRESUPPOSED),
    (ClaimKind.RECOMMENDATION, Modality.NORMATIVE),
}


def introduce(voice: Voice) -> str:
    """How a voice is introduced, its standing included: “Uyghur Tribunal (unofficial court)”."""
    if voice.type == "Report":
        by = f" by {voice.publisher}" if voice.publisher else ""
        return f"the report “{voice.name}”{by}"
    return f"{voice.name} ({voice.standing})" if voice.standing else voice.name


def make_sentence(
    text: str, kind: str, modality: str, voices: Sequence[Voice], attributions: Sequence[str]
) -> str:
    """The claim with its voice; `attributions` are those of its passages: without a named speaker it says so."""
    return _say(text, kind, modality, voices, attributions, [introduce(voice) for voice in voices])


def make_caption(
    text: str, kind: str, modality: str, voices: Sequence[Voice], attributions: Sequence[str], status: str
) -> str:
    """What a picture shows of a claim: the same with the voices named briefly, cut between words, with an ellipsis.

    The voice is what comes first, and a standing is never cut, so that whatever room there is holds no bare
    allegation. A claim that default answers do not show has its status before it. The migration that fills `label` in
    graphs of before says the same in Cypher.
    """
    said = _say(text, kind, modality, voices, attributions, [_introduce_briefly(voice) for voice in voices])
    return _shorten(
        said if status == ClaimStatus.ACCEPTED else f"{status.capitalize()}: {said}", CAPTION_CHARS
    )


def _introduce_briefly(voice: Voice) -> str:
    name = _shorten(voice.name, VOICE_CHARS)
    if voice.type == "Report":
        return f"“{name}”"
    return f"{name} ({voice.standing})" if voice.standing else name


def _shorten(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    head, _, _ = text[:most].rpartition(" ")
    return f"{head or text[:most]}…"


def _say(
    text: str,
    kind: str,
    modality: str,
    voices: Sequence[Voice],
    attributions: Sequence[str],
    introduced: Sequence[str],
) -> str:
    who = " and ".join(introduced)
    verb = _VERBS[kind][len(voices) > 1 or any(voice.type == "Group" for voice in voices)]
    unnamed = ", naming no speaker," if attributions and set(attributions) == {"none"} else ""
    how = "" if (kind, modality) in _SAID_BY_THE_VERB else _MODALITIES[modality]
    return f"{who[:1].upper()}{who[1:]}{unnamed} {verb}{how}: {text}"
