"""What a document's other values tell about the one that is read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hints:
    """Habits of one document, as far as its values tell them without doubt; None or nothing where they do not."""

    day_first: bool | None = None  # of dates in figures: 03/04/2025 is the third of April
    decimal: str | None = None  # the decimal mark, "," or "."
    currencies: tuple[str, ...] = ()  # the ISO 4217 codes that its amounts name, sorted
    language: str | None = None  # of its month names: "de"
    countries: tuple[str, ...] = ()  # of its VAT, account and telephone numbers: "DE", sorted
    year: int | None = None  # the latest that is printed in full

    @property
    def country(self) -> str | None:
        """The one country of the document; None where it names none, or several."""
        return self.countries[0] if len(self.countries) == 1 else None

    @property
    def currency(self) -> str | None:
        """The one currency of the document; None where it names none, or several."""
        return self.currencies[0] if len(self.currencies) == 1 else None


NO_HINTS = Hints()
