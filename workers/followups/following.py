"""A question after others: whole, left out in part, or pointing back. The rules in their order."""

import re
from collections.abc import Sequence

from workers.followups.fields import exchange_field, field_in, nominative, plain_head
from workers.followups.kinds import WORD, Language, find_kind, language_of
from workers.followups.names import WORDS_BEFORE, Name, exchange_name, find_name, find_number
from workers.followups.pronouns import Pointed, aim_of, said_in_full
from workers.followups.times import Span, Time, exchange_time, find_time, step_of
from workers.followups.told import Meant, Rule, Told

LONGEST = 300  # characters of a question that may leave something out, or of one that it is taken from
_OPENING = re.compile(r"^(?:and|und|or|oder|but|aber|so|also|then|dann|ok(?:ay)?)\b[\s,]+", re.IGNORECASE)
_ABOUT = re.compile(
    r"^(?:what about|how about|what of|(?:and )?the same (?:question )?for|same for|wie sieht es für|dasselbe für|"
    r"das gleiche für|"
    r"(?P<with>was ist mit|wie (?:ist|steht) es (?:mit|bei|um)|wie sieht es (?:mit|bei)))"
    r"\s+(?P<rest>.+?)(?:\s+aus)?\s*[?.!]*$",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"(?:what(?:['’]s)?|which|who(?:['’]s|m|se)?|when|where|why|how|is|are|was|were|does|do|did|has|have|had|can|could|list|"
    r"show|name|tell|give|find|count|sum|add|calculate|welche[rsnm]?|wer|we[mn]|wessen|wann|wo|woher|warum|wieso|wie|"
    r"wieviele?|ist|sind|war|waren|hat|haben|hatte|gibt?|kann|wird|wurden?|liste|zeige?|nenne?|finde|suche?|zähle|"
    r"summiere|sage?|worauf|womit|wofür)$"
)
_LEADS = {*WORDS_BEFORE.split("|"), "in", "on", "auf", "zu", "im", "unter", "aus"}
_WH = re.compile(r"(?:what|which|whom?|how|when|where|welche[rsnm]?|we[rmn]|wessen|wann|wo|wie|wieviele?)$")
_ALONE = re.compile(
    r"^(?P<word>when|where|wann|wo)(?:\s+(?:was|is|war|ist)\s+(?:that|this|it|das))?\s*\??$", re.IGNORECASE
)
_IN_ALL = re.compile(
    r"^(?:(?:how much|what|wie ?viel|was)(?:\s+(?:is|are|was|were|ist|sind|war|waren)\s+(?:it|that|this|they|das|es|"
    r"sie))?\s+)?(?:in total|in all|altogether|all together|together|insgesamt|zusammen)\s*\??$",
    re.IGNORECASE,
)
_WHO_DID = re.compile(r"^who (?P<did>\w+ed|sent|wrote|paid|sold|bought|made) (?P<it>.+?)\s*\?*$", re.IGNORECASE)
_WER_HAT = re.compile(r"^wer hat (?P<it>.+) (?P<done>\w+)\s*\?*$", re.IGNORECASE)
_KIND_ALONE = re.compile(
    rf"(?:(?P<lead>.*?)\s)?(?:(?:the|der|die|das|dem|den|des|vom)\s)?(?P<kind>{WORD})", re.IGNORECASE
)
_DONE = {"wrote": "written", "made": "made"}  # verbs whose forms differ


def follow_up(question: str, turns: Sequence[Told]) -> Meant:
    """What a question means after these turns, the oldest first.

    It is never refused: where nothing fits it is asked as it stands, and `rule` and `why` say so.
    """
    asked = question.strip()
    if not turns:
        return Meant(asked, Rule.FIRST, "It is the first question.")
    if len(asked) > LONGEST:
        return Meant(asked, Rule.WHOLE, "It is too long to leave anything out.")
    before = turns[-1]
    language = language_of(asked, language_of(before.question))
    rest, opened = _opened(asked)
    alone = _alone(rest, before) or _in_all(rest, turns, language)
    if alone is not None:
        return alone
    if _is_whole(rest):
        return _pointing(rest, turns, language) or _whole(asked, rest, opened, turns, language)
    return (
        _pointing(rest, turns, language, fragment=True)
        or _parts(rest, turns, language)
        or _loose(asked, rest, opened, turns)
    )


def bound_to(turns: Sequence[Told]) -> Told | None:
    """The last turn that has documents to point to: those of its answer, or those it was narrowed to."""
    return next((turn for turn in reversed(turns) if turn.documents or turn.within), None)


def _opened(text: str) -> tuple[str, bool]:
    """The question without the words that tie it to the one before, and whether there were any."""
    rest = text
    while (found := _OPENING.match(rest)) is not None:
        rest = rest[found.end() :]
    about = _ABOUT.match(rest)
    if about is not None:
        return nominative(about["rest"]) if about["with"] else about["rest"], True
    return rest, rest != text


def _is_whole(text: str) -> bool:
    """Whether it is built as a question or an order, not as a piece of one."""
    words = text.lower().rstrip(" ?.!").split()
    if len(words) < 2:  # noqa: PLR2004 - `when?` asks for nothing by itself
        return False
    if _ASKING.match(words[0]) or (words[0] in _LEADS and _WH.match(words[1])):
        return True
    return len(words) > 4 and any(map(_WH.match, words))  # noqa: PLR2004 - `in 2023, how many were paid?`


def _whole(asked: str, rest: str, opened: bool, turns: Sequence[Told], language: Language) -> Meant:  # noqa: FBT001 - as _opened tells it
    """A whole question stands by itself; opened by `and`, and about nothing that it names, by the last answer."""
    bound = bound_to(turns)
    about_nothing = not (find_time(rest) or find_name(rest, language) or find_number(rest) or find_kind(rest))
    if opened and about_nothing and bound is not None:
        documents = bound.documents or bound.within
        return Meant(_capital(rest), Rule.POINTS, "It goes on about what the last answer stands in.", documents)
    return Meant(_capital(rest) if opened else asked, Rule.WHOLE, "It stands by itself.")


def _alone(rest: str, before: Told) -> Meant | None:
    """`When?` after who did something."""
    found = _ALONE.match(rest)
    if found is None:
        return None
    word = found["word"].capitalize()
    did, hat = _WHO_DID.match(before.question), _WER_HAT.match(before.question)
    if did is not None:
        verb = _DONE.get(did["did"].lower(), did["did"])
        text = f"{word} {'were' if did['it'].endswith('s') else 'was'} {did['it']} {verb}?"
    elif hat is not None:
        what = re.sub(r"^den\b", "der", hat["it"], flags=re.IGNORECASE)
        text = f"{word} wurde {what} {hat['done']}?"
    else:
        return None
    return Meant(text, Rule.PARTS, "The rest is that of the question before.", before.documents or before.within)


def _in_all(rest: str, turns: Sequence[Told], language: Language) -> Meant | None:
    """`How much is that in total?` after how many, or which."""
    bound = bound_to(turns)
    documents = () if bound is None else bound.documents
    if bound is None or len(documents) < 2 or not _IN_ALL.match(rest):  # noqa: PLR2004 - one makes no sum
        return None
    kind = aim_of(bound.question, None, many=True, language=language).kind
    head = "Wie hoch ist die Summe der" if language is Language.GERMAN else "What is the total of the"
    why = f"It is about the {len(documents)} documents of the last answer."
    return Meant(f"{head} {kind.many}?", Rule.POINTS, why, documents)


def _pointing(rest: str, turns: Sequence[Told], language: Language, *, fragment: bool = False) -> Meant | None:
    """Words that point back are bound to the documents of the last answer."""
    bound = bound_to(turns)
    documents = () if bound is None else bound.documents or bound.within or ()
    about = turns[-1] if bound is None else bound
    pointed = said_in_full(
        rest, aim_of(about.question, about.answer, many=len(documents) > 1, language=language), language
    )
    if pointed is None:
        return None
    if not documents:
        return Meant(rest, Rule.OPEN, f"“{pointed.said}” points to an answer, and no document is known for one.")
    return _bound(pointed, documents, turns, language, fragment=fragment)


def _bound(
    pointed: Pointed, documents: tuple[str, ...], turns: Sequence[Told], language: Language, *, fragment: bool
) -> Meant:
    if pointed.which is not None:
        if pointed.which >= len(documents):
            return Meant(pointed.question, Rule.OPEN, f"The last answer has no “{pointed.said}”.", documents)
        documents = (documents[pointed.which],)
    text = pointed.question
    if fragment:
        thing = _lowered(text).rstrip(" ?.!")
        if re.fullmatch(rf"\w+\s+(?:{WORD})", thing, re.IGNORECASE):  # nothing is asked of it
            return Meant(turns[-1].question, Rule.OPEN, f"“{pointed.said}” says no more than where to look.", documents)
        text = f"{plain_head(language)} {thing}?"
    where = "the document" if len(documents) == 1 else f"the {len(documents)} documents"
    return Meant(text, Rule.POINTS, f"“{pointed.said}” is {where} of the last answer.", documents)


def _parts(rest: str, turns: Sequence[Told], language: Language) -> Meant | None:
    """What is there takes the place of its like in the question before; the rest of that is kept."""
    before = turns[-1]
    if len(before.question) > LONGEST:
        return None
    text, left, changed = before.question, rest.strip(" ?.!,"), []
    if not left:
        return None
    step = step_of(left, text)
    time = Time(Span.YEAR, "", step, 0, len(left)) if step else find_time(left)
    if time is not None:
        text = exchange_time(text, time, language)
        changed.append(f"“{time.time}”")
        left = (left[: time.start] + left[time.end :]).strip(" ,")
    if left:
        done = _rest_of_parts(text, left, before, language)
        if done is None:
            return None
        text, said, narrowed = done
        changed.append(f"“{said}”")
        if narrowed and time is None:
            return Meant(
                text,
                Rule.PARTS,
                f"{changed[0]} takes the place of its like in the question before.",
                _same_document(turns),
            )
    take = "take the places of their like" if len(changed) > 1 else "takes the place of its like"
    return Meant(text, Rule.PARTS, f"{' and '.join(changed)} {take} in the question before.")


def _rest_of_parts(text: str, left: str, before: Told, language: Language) -> tuple[str, str, bool] | None:
    """The question with a kind, a number, a name or a field exchanged; what by; whether the document stays the same."""
    kind = _KIND_ALONE.fullmatch(left)
    old = find_kind(text)
    if kind is not None and old is not None and (kind["lead"] or "").lower() in _LEADS | {""}:
        return text[: old[1].start()] + kind["kind"] + text[old[1].end() :], kind["kind"], False
    number, old_number = find_number(left), find_number(text)
    if number is not None and old_number is not None:
        return exchange_name(text, number, old_number, language), number.text, False
    name = _name_in(left, language)
    if name is not None:
        return exchange_name(text, name, find_name(text, language, before.names), language), name.text, False
    field = field_in(left, language)
    if field is None:
        return None
    asked = exchange_field(text, field, language)
    return asked or f"{plain_head(language)} {field}{_of_name(text, before, language)}?", field, True


def _name_in(fragment: str, language: Language) -> Name | None:
    """A name with its small word, or one alone that begins with a capital and is no field."""
    name = find_name(fragment, language)
    if name is not None:
        return name
    bare = fragment.strip()
    alone = bare[:1].isupper() and not bare.isupper() and len(bare.split()) < 5  # noqa: PLR2004 - more are no name
    if not alone or (language is Language.GERMAN and field_in(bare, language)) or find_kind(bare):
        return None
    return None if bare.split()[0].lower() in {"the", "der", "die", "das"} else Name(bare, "", 0, len(bare))


def _of_name(text: str, before: Told, language: Language) -> str:
    """Whom a question without a field was about, where it names somebody."""
    name = find_name(text, language, before.names)
    return "" if name is None else f" {'von' if language is Language.GERMAN else 'of'} {name.text}"


def _same_document(turns: Sequence[Told]) -> tuple[str, ...] | None:
    """Where another field is asked for: the document that the last answer stands in, unless there are several."""
    before = turns[-1]
    if len(before.documents) == 1:
        return before.documents
    return before.within if not before.documents else None


def _loose(asked: str, rest: str, opened: bool, turns: Sequence[Told]) -> Meant:  # noqa: FBT001 - as _opened tells it
    """A piece that fits nowhere."""
    if opened:
        return Meant(
            asked, Rule.OPEN, "It goes on from the question before, and nothing there is like it.", turns[-1].within
        )
    return Meant(rest, Rule.WHOLE, "It stands by itself.")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lowered(text: str) -> str:
    """A fragment as it was before its first letter became a capital."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
