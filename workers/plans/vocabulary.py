"""What the schemas of a workspace and their fields are called in questions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from core.records import FieldKind
from storage import schemas
from storage.database import Session
from storage.subjects import Subject, fields_by_path
from storage.tables import Schema
from storage.wanted import TableField, Wanted
from workers.plans.lexicon import CONCEPTS, NOUNS
from workers.plans.plan import AMOUNTS
from workers.plans.reading import words_of
from workers.typed.folding import bare

_OWN, _SHORT, _ALSO = 0, 1, 2  # a field's own name or title; without its `name`; what such fields are called besides
_ENDINGS = frozenset({"name", "amount"})
_TEXTS = frozenset({FieldKind.TEXT, FieldKind.COUNTRY, FieldKind.CHOICE})


@dataclass(frozen=True, slots=True)
class Called:
    """One of the things that a phrase may mean; lower ranks go first."""

    subject: Subject
    rank: int


@dataclass(frozen=True)
class Vocabulary:
    """One schema with everything that it and its fields go by."""

    name: str
    title: str
    version: int
    wanted: Wanted
    schema_id: str
    fields: dict[str, Subject] = field(default_factory=dict)

    @classmethod
    def of(cls, schema: Schema) -> "Vocabulary":
        """The words of a schema version."""
        wanted = schemas.wanted_of(schema.body)
        title = schema.body.get("title")
        plain = schema.name.replace("_", " ").replace("-", " ")
        named = title if isinstance(title, str) and title.strip() else plain
        return cls(schema.name, named, schema.version, wanted, schema.id, fields_by_path(wanted))

    @property
    def singular(self) -> str:
        """What one of its documents is called in answers."""
        return self.title[:1].lower() + self.title[1:] if self.title[1:].islower() else self.title

    @property
    def plural(self) -> str:
        """What several are called."""
        one = self.singular
        if one.endswith("y") and one[-2:-1] not in set("aeiou"):
            return one[:-1] + "ies"
        return one + ("es" if one.endswith(("s", "x", "ch", "sh")) else "s")

    @cached_property
    def nouns(self) -> frozenset[tuple[str, ...]]:
        """Phrases for one or more of its documents, as stems."""
        return self.own_nouns | {words_of(" ".join(phrase)) for phrase in NOUNS.get(self.name, ())}

    @cached_property
    def own_nouns(self) -> frozenset[tuple[str, ...]]:
        """Those that are its name or title."""
        own = {words_of(self.name.replace("-", " ")), words_of(self.title)}
        return frozenset(phrase for phrase in own if phrase)

    @cached_property
    def tables(self) -> dict[tuple[str, ...], TableField]:
        """Phrases for rows of its tables."""
        found: dict[tuple[str, ...], TableField] = {}
        for table in self.wanted.tables:
            own = [
                words_of(table.path.replace(".", " ")),
                words_of(table.title),
                words_of(table.path.rpartition(".")[2]),
            ]
            also = (c.phrases for c in CONCEPTS.values() if bare(table.path).replace(" ", "_") in c.names)
            for phrase in [*own, *(words_of(" ".join(p)) for phrases in also for p in phrases)]:
                found.setdefault(phrase, table)
        return found

    @cached_property
    def phrases(self) -> dict[tuple[str, ...], list[Called]]:
        """What each phrase may mean, the likeliest first."""
        found: dict[tuple[str, ...], list[Called]] = {}
        for path, subject in self.fields.items():
            for rank, phrase in self._phrases_of(path):
                known = found.setdefault(phrase, [])
                if all(called.subject != subject for called in known):
                    known.append(Called(subject, rank))
        for known in found.values():
            known.sort(key=lambda called: called.rank)
        return found

    def _phrases_of(self, path: str) -> Iterable[tuple[int, tuple[str, ...]]]:
        leaf = path.rpartition(".")[2]
        wanted = self.wanted.find(path)
        own = [words_of(leaf), words_of(path.replace(".", " ")), words_of(wanted.title if wanted else leaf)]
        yield from ((_OWN, phrase) for phrase in dict.fromkeys(own) if phrase)
        yield from ((_SHORT, p[:-1]) for p in dict.fromkeys(own) if len(p) > 1 and p[-1] in _ENDINGS)
        for concept in CONCEPTS.values():
            if leaf.lower() in concept.names:
                rank = _ALSO + concept.names.index(leaf.lower())
                yield from ((rank, words_of(" ".join(phrase))) for phrase in concept.phrases)

    @cached_property
    def words(self) -> frozenset[str]:
        """All stems that its documents, tables and fields go by."""
        return frozenset(word for phrase in (*self.nouns, *self.tables, *self.phrases) for word in phrase)

    @cached_property
    def own_words(self) -> frozenset[tuple[str, ...]]:
        """Phrases by which it calls its documents and fields itself."""
        return self.own_nouns | {phrase for path in self.fields for phrase in self.own_phrases(path)}

    def own_phrases(self, path: str) -> list[tuple[str, ...]]:
        """What a field is called by its own name or title."""
        return [phrase for rank, phrase in self._phrases_of(path) if rank < _ALSO] if path in self.fields else []

    def field_called(self, phrase: Sequence[str], table: TableField | None = None) -> Subject | None:
        """The one field that a phrase of stems means; None where it means none, or several alike.

        Within a table its columns go before the record's own fields; without one, no column is meant.
        """
        known = self.phrases.get(tuple(phrase), [])
        inside = [c for c in known if table is not None and c.subject.field.startswith(table.path + ".")]
        fitting = inside or [c for c in known if not c.subject.cell]
        best = [c.subject for c in fitting if c.rank == fitting[0].rank]
        return best[0] if len(best) == 1 else None

    def of_concept(self, name: str, table: TableField | None = None) -> Subject | None:
        """The field of the schema, or of the table, that a concept means first."""
        prefix = "" if table is None else table.path + "."
        for leaf in CONCEPTS[name].names:
            for path, subject in self.fields.items():
                short = path[len(prefix) :] if path.startswith(prefix) else None
                if short is not None and subject.cell == (table is not None) and short.lower() == leaf:
                    return subject
        return None

    def amount(self, table: TableField | None = None) -> Subject | None:
        """What is added up where no field is named: by its name, or as the only amount of money."""
        named = self.of_concept("amount", table)
        if named is not None and named.kind in AMOUNTS:
            return named
        return self._only(FieldKind.MONEY, table)

    def date(self, table: TableField | None = None) -> Subject | None:
        """The day of a document, or of a row, where no field is named."""
        for leaf in (f"{self.name}_date", "date"):
            found = self._leaf(leaf, table)
            if found is not None and found.kind is FieldKind.DATE:
                return found
        named = self.of_concept("date", table)
        if named is not None and named.kind is FieldKind.DATE:
            return named
        return self._only(FieldKind.DATE, table)

    def texts(self, concepts: Sequence[str] | None = None) -> list[Subject]:
        """The fields of these concepts in which a name may stand; without concepts all texts of the record."""
        if concepts is None:
            return [s for s in self.fields.values() if s.kind in _TEXTS and not s.cell]
        found = [self.of_concept(name) for name in concepts]
        return [s for s in found if s is not None and s.kind in _TEXTS]

    def numbers_of_documents(self) -> list[Subject]:
        """The fields by which one document is told from the others."""
        named = self.of_concept("number")
        own = self._leaf("reference", None)
        return [s for s in (named, own) if s is not None and s.kind is FieldKind.TEXT]

    def _leaf(self, leaf: str, table: TableField | None) -> Subject | None:
        return self.fields.get(leaf if table is None else f"{table.path}.{leaf}")

    def _only(self, kind: FieldKind, table: TableField | None) -> Subject | None:
        inside = [
            s
            for s in self.fields.values()
            if s.kind is kind and (s.field.startswith(table.path + ".") if table else not s.cell)
        ]
        return inside[0] if len(inside) == 1 else None


def vocabularies_of(session: Session, workspace_id: str) -> list[Vocabulary]:
    """Those of the latest version of each schema. A version never changes, so its words are kept."""
    return [_KNOWN.get(schema.id) or _kept(schema) for schema in schemas.list_schemas(session, workspace_id)]


def _kept(schema: Schema) -> Vocabulary:
    if len(_KNOWN) >= _MOST_KNOWN:
        _KNOWN.clear()
    _KNOWN[schema.id] = made = Vocabulary.of(schema)
    return made


_KNOWN: dict[str, Vocabulary] = {}
_MOST_KNOWN = 200
