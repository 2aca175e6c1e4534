"""What is searched for, read by ourselves: nothing that a person types reaches a database's own query language.

invoice acme          both words, in any order
"total due"           these words next to each other; so is what has signs in it, as INV-2024/7 or vendor_name:acme
inv*                  words that begin so
acme OR meyer         one of the two; binds closer than the blank between words
-draft                and not this
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from core.errors import InvalidRequest
from storage.search_words import is_alone, words_of

LONGEST_QUERY = 1_000  # characters
MOST_WORDS = 32
SHORTEST_BEGINNING = 2  # letters before a star
_PIECE = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))(?P<star>(?<=")\*)?')


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand next to each other. With `begins`, the last one is the beginning of a word."""

    words: tuple[str, ...]
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """Every group has a term that the page has, and none of `without` is there."""

    groups: tuple[tuple[Term, ...], ...]
    without: tuple[Term, ...] = ()

    @property
    def terms(self) -> tuple[Term, ...]:
        """What may be found, each term once."""
        return tuple(dict.fromkeys(term for group in self.groups for term in group))

    @property
    def is_open(self) -> bool:
        """Whether a page may be found that has not all of the terms."""
        return any(len(group) > 1 for group in self.groups)

    def strict(self) -> "Search":
        """The same with every term on the page."""
        return Search(tuple((term,) for term in self.terms), self.without)


def parse_search(text: str) -> Search:
    """Read what is searched for. Raises InvalidRequest where it is too long or has no word to look for."""
    if len(text) > LONGEST_QUERY:
        raise InvalidRequest(f"A search has at most {LONGEST_QUERY:,} characters; this one has {len(text):,}.")
    groups: list[list[Term]] = []
    without: list[Term] = []
    joined = False  # an OR stands before
    for piece in _PIECE.finditer(text):
        said = piece["word"] or ""
        if not piece["minus"] and said in {"OR", "AND"}:
            joined = said == "OR" and bool(groups)
            continue
        term = _term_of(piece)
        if term is None:
            continue
        if piece["minus"]:
            without.append(term)
        elif joined:
            groups[-1].append(term)
        else:
            groups.append([term])
        joined = False
    each_once = dict.fromkeys(tuple(dict.fromkeys(group)) for group in groups)
    search = Search(tuple(each_once), tuple(dict.fromkeys(without)))
    _check(search)
    return search


def scope_of(workspace_id: str, document_id: str) -> str:
    """The words of the index that tell whose a page is, and of which document."""
    return f"w{workspace_id} d{document_id}"


def as_match(search: Search, workspace_id: str, document_ids: Sequence[str] = ()) -> str:
    """For the MATCH of SQLite's FTS5: within a workspace, and of these documents where some are named."""
    wanted = " AND ".join(_group(group, " OR ", _quoted) for group in search.groups)
    if search.without:
        wanted = f"({wanted}) NOT {_group(search.without, ' OR ', _quoted)}"
    scope = f'scope : "w{workspace_id}"'
    if document_ids:
        scope += f" AND scope : ({' OR '.join(f'd{one}' for one in document_ids)})"
    return f"{{words said}} : ({wanted}) AND {scope}"


def as_tsquery(search: Search, workspace_id: str | None, document_ids: Sequence[str] = ()) -> str:
    """The same for a cast to PostgreSQL's tsquery; None: within all workspaces, behind whose walls others are."""
    parts = [_group(group, " | ", _lexemes) for group in search.groups]
    if search.without:
        parts.append(f"!{_group(search.without, ' | ', _lexemes)}")
    if workspace_id is not None:
        parts.append(within_workspace(workspace_id))
    if document_ids:
        parts.append(f"({' | '.join(_scoped(f'd{one}') for one in document_ids)})")
    return " & ".join(parts)


def within_workspace(workspace_id: str) -> str:
    """Any page of a workspace, for a cast to PostgreSQL's tsquery."""
    return _scoped(f"w{workspace_id}")


def as_vector(words: Sequence[str], said: Sequence[str], scope: str) -> str:
    """Words with their places, for a cast to PostgreSQL's tsvector, and the scope with none.

    No phrase runs from the words of a reading into those of values.
    """
    places: dict[str, list[str]] = {}
    for place, word in [*enumerate(words, 1), *enumerate(said, len(words) + 2)]:
        places.setdefault(word, []).append(str(place))
    placed = [f"'{word}':{','.join(at)}" for word, at in places.items()]
    return " ".join([*placed, *map(_scoped, scope.split())])


def _scoped(word: str) -> str:
    """A word that no page has: signs part the words of pages."""
    return f"'#{word}'"


def _term_of(piece: re.Match[str]) -> Term | None:
    said = piece["word"] if piece["word"] is not None else piece["phrase"]
    words = tuple(words_of(said))
    if not words:
        return None
    begins = (bool(piece["star"]) or (piece["word"] or "").endswith("*")) and not is_alone(words[-1])
    if begins and len(words[-1]) < SHORTEST_BEGINNING:
        raise InvalidRequest(f"A beginning of words has at least {SHORTEST_BEGINNING} letters: {words[-1]}* has one.")
    return Term(words, begins)


def _check(search: Search) -> None:
    if not search.groups:
        raise InvalidRequest("The search has no word to look for.")
    count = sum(len(term.words) for term in (*search.terms, *search.without))
    if count > MOST_WORDS:
        raise InvalidRequest(f"A search has at most {MOST_WORDS} words; this one has {count}.")


def _group(terms: Sequence[Term], between: str, write: Callable[[Term], str]) -> str:
    return f"({between.join(write(term) for term in terms)})"


def _quoted(term: Term) -> str:
    """Letters and digits in quotes: FTS5 reads nothing else into them."""
    return f'"{" ".join(term.words)}"' + ("*" if term.begins else "")


def _lexemes(term: Term) -> str:
    """The same for PostgreSQL."""
    return "(" + " <-> ".join(_lexeme_list(term)) + ")"


def _lexeme_list(term: Term) -> Iterator[str]:
    last = len(term.words) - 1
    for place, word in enumerate(term.words):
        yield f"'{word}'" + (":*" if term.begins and place == last else "")
