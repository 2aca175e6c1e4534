"""The words that questions are made of, in English and German, as folded phrases; and what fields go by besides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from storage.filters import Op
from storage.sums import Cut
from workers.plans.plan import Intent
from workers.typed.folding import bare


def words_in(text: str) -> frozenset[str]:
    """The words of a text, as questions are looked up by them."""
    return frozenset(bare(word) for word in text.split())


def phrases(*texts: str) -> tuple[tuple[str, ...], ...]:
    """The phrases that commas part in these texts."""
    return tuple(tuple(bare(part).split()) for text in texts for part in text.split(","))


# What is asked. Where several fit at a place, the longest phrase does.
INTENTS: Mapping[Intent, tuple[tuple[str, ...], ...]] = {
    Intent.COUNT: phrases(
        "how many, number of, total number of, count, count of, count the, how many of",
        "wie viele, wieviele, anzahl, anzahl der, anzahl von, zahl der, gesamtzahl der",
    ),
    Intent.SUM: phrases(
        "sum, sum of, sum up, add up, total sum of, how much, combined",
        "summe, summe der, summe aller, gesamtsumme, gesamtsumme der, gesamtsumme aller, wie viel, wieviel",
        "addiere, insgesamt",
    ),
    Intent.AVERAGE: phrases(
        "average, average of, mean, mean of, on average",
        "durchschnitt, durchschnitt der, durchschnittlich, durchschnittliche, durchschnittlicher, durchschnittlichen",
        "im durchschnitt, mittelwert, mittelwert der",
    ),
    Intent.LARGEST: phrases(
        "largest, biggest, highest, greatest, maximum, max, most expensive, dearest, costliest",
        "grosste, grossten, grosster, hochste, hochsten, hochster, teuerste, teuersten, maximale, maximaler",
    ),
    Intent.SMALLEST: phrases(
        "smallest, lowest, minimum, min, least expensive, cheapest, least",
        "kleinste, kleinsten, kleinster, niedrigste, niedrigsten, geringste, geringsten, billigste, billigsten",
        "gunstigste, gunstigsten, minimale",
    ),
    Intent.LIST: phrases(
        "who are, which, list, list all",
        "show, show me, show all, find, find all, give me all, give me a list of, display, what",
        "welche, welcher, welches, welchen, liste, zeige, zeig mir, zeige mir, finde, nenne, nenne alle, auflisten",
    ),
    Intent.LOOKUP: phrases(
        "what is, what was, whats, tell me, give me, who is, who was, what are, what were",
        "was ist, wie ist, wie lautet, was war, wer ist, nenne mir, wie hoch ist, wie hoch war",
    ),
}
# At the beginning these ask whether there is any, which a number tells.
IS_THERE = phrases(
    "are there, are there any, is there, is there any, is there a, is there an, do we have, do we have any, do i have",
    "do i have any, did we get, did we get any, have we got, have we got any, did we receive, gibt es, haben wir",
    "habe ich",
)
EARLIEST = phrases("earliest, oldest, first, erste, ersten, erster, fruheste, fruhesten, alteste, altesten, alteste")
LATEST = phrases(
    "latest, newest, most recent, last, letzte, letzten, letzter, spateste, spatesten, neueste, neuesten"
    ", neuste, jungste, aktuellste"
)
WHEN = phrases(
    "when is, when was, when are, when were, on which day is, on which day was, wann ist, wann war, wann wurde"
)
DISTINCT = phrases("different, distinct, unique, verschiedene, verschiedenen, unterschiedliche, unterschiedlichen")
TOTAL = phrases("total, totals, overall total, gesamt")  # a sum where an amount is one, and the field of that name
IN_ALL = phrases(
    "in total, in all, altogether, all together, overall, all in all, in the archive, in my archive, in our archive",
    "in the database, in these documents, in the documents, in here, here, insgesamt, zusammen, alles in allem",
    "im archiv, in den dokumenten, in diesen dokumenten",
)
# What restricts nothing, wherever it stands.
GLUE = words_in(
    "the a an all any every each of is are was were be been do does did has have had we i you us our my me there that "
    "whose where deren only just nur please can could tell show exist available give value values der die das des den "
    "dem ein eine einen einer eines alle aller allen ist sind war waren haben hat hatte hatten wir ich uns unsere "
    "unserer mein meine es gibt gab bitte davon welche man wurden wurde"
)
# Verbs that say only what a record's own date, its parties or its amount say, where these stand behind them.
WRITTEN = words_in(
    "received receive got get issued issue dated sent written made came coming erhalten bekommen ausgestellt "
    "geschrieben datiert gesendet geschickt eingegangen"
)
GOTTEN = words_in("receive get got received erhalten bekommen")
SENT = words_in("send sent write wrote written mail mailed")
ARTICLES = words_in("a an the each every any last first latest der die das ein eine")
BILLED = words_in("bill billed charge charged invoice invoiced berechnet berechnete")
SPENT = words_in("spend spent pay paid bezahlt gezahlt ausgegeben")
# Behind documents these say that their amounts are meant, and nothing else.
COME_TO = phrases("come to, comes to, came to, amount to, amounts to, add up to, adds up to, sum up to, betragen")
ENDED = words_in("issued written dated ausgestellt geschrieben datiert")
US = words_in("us me uns mir")
WE = words_in("we i wir ich")
# Before the schema's noun these say nothing: tax on invoices, the total for all invoices.
BEFORE_NOUNS = words_in("on in for from by across over among within to with auf aus fur von bei uber in mit")
ABOUT = phrases("about, on, regarding, concerning, with subject, uber, zu, betreffend")
EACH = phrases(
    "per, by, for each, for every, each, from each, to each, with each, at each, from every, grouped by",
    "broken down by, split by, group by, in each, of each",
    "pro, je, nach, fur jede, fur jeden, fur jedes, jeweils nach, gruppiert nach, aufgeteilt nach",
)
CUTS: Mapping[Cut, tuple[tuple[str, ...], ...]] = {
    Cut.DAY: phrases("day, tag"),
    Cut.MONTH: phrases("month, calendar month, monat"),
    Cut.QUARTER: phrases("quarter, calendar quarter, quartal"),
    Cut.YEAR: phrases("year, calendar year, jahr"),
    Cut.CURRENCY: phrases("currency, wahrung"),
}
ADVERBS = {"monthly": Cut.MONTH, "yearly": Cut.YEAR, "annually": Cut.YEAR, "quarterly": Cut.QUARTER, "daily": Cut.DAY}

# Before an amount, or a number.
BOUNDS: Mapping[Op, tuple[tuple[str, ...], ...]] = {
    Op.MORE: phrases(
        "over, more than, above, greater than, larger than, bigger than, higher than, exceeding, exceeds, exceed",
        "in excess of, uber, mehr als, grosser als, hoher als",
    ),
    Op.AT_LEAST: phrases(
        "at least, no less than, not less than, a minimum of, minimum of, starting at, mindestens, wenigstens",
    ),
    Op.LESS: phrases(
        "under, less than, below, lower than, smaller than, cheaper than, unter, weniger als, kleiner als"
        ", geringer als",
        "niedriger als",
    ),
    Op.AT_MOST: phrases(
        "at most, no more than, not more than, up to, a maximum of, maximum of, hochstens, maximal, bis zu",
    ),
    Op.EQUALS: phrases("exactly, equal to, of exactly, amounting to, equals, genau, gleich"),
}
# Behind an amount.
BOUNDS_BEHIND: Mapping[Op, tuple[tuple[str, ...], ...]] = {
    Op.AT_LEAST: phrases("or more, and more, or above, and above, and up, and over, or higher, upwards, oder mehr"),
    Op.AT_MOST: phrases("or less, and less, or below, and below, or lower, or under, oder weniger"),
}
HAS_AMOUNT = phrases("of, is, was, are, equals, equal to, von, ist, betragt")  # between a field and its one amount
BETWEEN = phrases("between, zwischen")
# Before what is cut out: names and days.
NOT = phrases(
    "not, but not, and not, except, except for, excluding, excluding those, except those, not those, not the ones",
    "other than, but, apart from, that are not, which are not, that were not, which were not, are not, were not",
    "is not",
    "isnt, arent, werent, wasnt, who is not, leaving out, without those, not including, nicht, aber nicht, und nicht",
    "die nicht, ausser, ausser denen, mit ausnahme von, ausgenommen",
)
HAVING = phrases("with a, with an, with, having, that have, which have, have, mit, mit einer, mit einem")
LACKING = phrases(
    "without a, without an, without, without any, lacking, lacking a, having no, with no, that have no, have no",
    "missing a, missing an, missing, ohne, ohne eine, ohne einen, lack, lack a, lack an, that lack, that lack a",
    "which have no, do not have a, do not have an, do not have any, that do not have a, dont have a, dont have an",
    "that dont have a, with missing, miss, that miss, miss a, haben keine, haben keinen, haben kein, kein, keine",
    "mit fehlendem",
    "mit fehlender, not having a, not having an",
)
MISSING_BEHIND = phrases(
    "is missing, are missing, was missing, missing, is absent, is not given, is not there, is empty, is not known",
    "is unknown, fehlt, fehlen, is not stated, is lacking",
)
# Before the name of somebody: from whom, to whom, or either.
FROM = phrases("from, by, at, von, bei, vom")
TO = phrases("to, for, fur, an")
OF = phrases("of, with, der firma, des, in, mit")
IS = phrases("is, are, was, were, named, called, like, equals, ist, sind, heisst, lautet, namens, contains, containing")
OR = frozenset({"or", "and", "und", "oder"})
NUMBER_OF = frozenset({"number", "no", "nr", "nummer", "id", "num", "#"})
_COUNTED: tuple[str, ...] = (
    "one eins",
    "two zwei",
    "three drei",
    "four vier",
    "five funf",
    "six sechs",
    "seven sieben",
    "eight acht",
)
_COUNTED += ("nine neun", "ten zehn")
NUMBERS = {word: number for number, words in enumerate(_COUNTED, 1) for word in words.split()}
TOP = phrases("top")
# At the beginning these ask whether something is so, which no number and no list says.
WHETHER = words_in(
    "is are was were am does did do has have had will would should can could may must ist sind war waren hat haben wird"
)
MOST = phrases(
    "most, the most, more than any other, highest number of, the highest number of, greatest number of",
    "the greatest number of, largest number of, the largest number of, am meisten, die meisten, den meisten, meisten",
)
FEWEST = phrases(
    "lowest number of, the lowest number of, smallest number of, the smallest number of, fewest, the fewest, the least",
    "am wenigsten, die wenigsten, wenigsten",
)
BY_COUNT = phrases(
    "by number of, by the number of, by count of, by how many, ranked by number of, nach anzahl, nach anzahl der",
    "nach der anzahl der, nach der anzahl von",
)
COUNTED_BEHIND = phrases("by count, by number, by frequency, by volume of")
WHICH = phrases("which, what, in which, in what, during which, welcher, welches, welchem, in welchem, welchen")
PAID_HOW = phrases("paid by, paid in, paid with, paid using, were paid by, were paid in, were paid with, bezahlt mit")
# What only asks nicely, and restricts nothing.
POLITE = phrases(
    "please, kindly, hello, hi, hey, thanks, thank you, thanks a lot, many thanks, i would like to know",
    "id like to know",
    "i want to know, i need to know, would you, do you know, i would like to see, id like to see, i want to see",
    "i need, i would like, id like, can you, could you, could you please, would you please, let me know, for me",
    "good morning, i was wondering, im wondering, i wonder, would like to know, want to know, need to know, quickly",
    "out of interest, if possible, if you can, by any chance, so, well, ok, okay, dear assistant, bitte, danke",
    "vielen dank, hallo, ich mochte wissen, ich wusste gern, ich wurde gern wissen, kannst du mir sagen, kannst du mir",
    "konnen sie mir sagen, konnten sie mir sagen, konntest du mir sagen, sag mir, sagen sie mir, konnen sie mir",
    "bitte mal",
    "would you mind telling me, please could you find out, could you find out, can you find out, please find out",
    "find out, would you kindly tell me, could you kindly tell me, i am looking for, im looking for, i need to see",
    "weisst du, wissen sie, guten tag, mochte ich wissen, mir, sagen, konnten sie mir bitte sagen",
    "konnen sie mir bitte sagen",
)


@dataclass(frozen=True, slots=True)
class Concept:
    """What fields of these names are also called, each in the order in which it is preferred."""

    names: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...]


def _concept(names: str, *also: str) -> Concept:
    return Concept(tuple(names.split()), phrases(*also))


CONCEPTS: Mapping[str, Concept] = {
    "amount": _concept(
        "total total_amount grand_total amount_due gross amount total_price price sum value cost",
        "total, amount, total amount, sum, grand total, gross, gross amount, value, price, worth, cost",
        "betrag, gesamtbetrag, summe, gesamtsumme, wert, endbetrag, bruttobetrag",
        "preis",
    ),
    "net": _concept(
        "subtotal net net_amount net_total",
        "net, net amount, net total, before tax, without tax, netto, nettobetrag, vor steuer",
    ),
    "tax": _concept(
        "tax vat tax_amount vat_amount",
        "tax, vat, sales tax, tax amount, vat amount, mwst, mehrwertsteuer, steuer, ust, umsatzsteuer, steuerbetrag",
    ),
    "vendor": _concept(
        "vendor_name vendor supplier supplier_name seller seller_name merchant merchant_name shop store issuer",
        "vendor, supplier, seller, merchant, shop, store, provider, issuer, company, lieferant, lieferanten, handler",
        "verkaufer, aussteller, rechnungssteller, geschaft, laden, firma, anbieter",
    ),
    "customer": _concept(
        "customer_name customer client client_name buyer buyer_name bill_to",
        "customer, client, buyer, purchaser, kunde, kunden, kaufer, auftraggeber, rechnungsempfanger",
    ),
    "sender": _concept("sender sender_name author", "sender, author, writer, absender, verfasser"),
    "recipient": _concept("recipient recipient_name addressee", "recipient, addressee, empfanger, adressat"),
    "holder": _concept("account_holder holder owner", "account holder, holder, owner, kontoinhaber, inhaber"),
    "bank": _concept("bank_name bank", "bank"),
    "date": _concept(
        "invoice_date date issue_date issued_on document_date receipt_date letter_date",
        "date, issue date, date of issue, invoice date, datum, rechnungsdatum, ausstellungsdatum",
    ),
    "due": _concept(
        "due_date due payment_due pay_by",
        "due, due date, payable, falligkeitsdatum, fallig, falligkeit, fallige, falligen",
    ),
    "number": _concept(
        "invoice_number number receipt_number form_number statement_number document_number",
        "number, no, nummer, rechnungsnummer, belegnummer, invoice no, invoice id",
    ),
    "order": _concept(
        "purchase_order order_number po_number",
        "purchase order, po, po number, order number, bestellnummer, bestellung",
    ),
    "iban": _concept("iban", "iban, ibans, bank account, bank account number, bankverbindung"),
    "vat_number": _concept(
        "vat_number vat_id", "vat number, vat id, vat no, tax id, ust id nr, umsatzsteuer id, ust idnr, ust id"
    ),
    "email": _concept("email e_mail", "email, e mail, email address, mail address, e mail adresse"),
    "phone": _concept(
        "phone phone_number telephone", "phone, phone number, telephone, telephone number, telefon, telefonnummer"
    ),
    "subject": _concept("subject", "subject, topic, betreff"),
    "payment": _concept("payment_method", "payment method, method of payment, zahlungsart"),
    "birth": _concept(
        "date_of_birth birthday birth_date", "date of birth, birthday, birth date, geburtsdatum, geburtstag"
    ),
    "items": _concept("line_items items positions", "line item, line, item, position, positionen, posten"),
    "entries": _concept("transactions entries", "transaction, entry, booking, buchung, buchungen"),
}
PARTIES_FROM = ("vendor", "sender", "bank")
PARTIES_TO = ("customer", "recipient", "holder")

# What the schemas that come with the service are called; others go by their own names and titles.
NOUNS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "invoice": phrases(
        "invoice, bill, rechnung, rechnungen, facture, factures, factura, facturas, fattura, fatture, factuur"
    ),
    "receipt": phrases(
        "receipt, sales slip, till receipt, beleg, belege, quittung, quittungen, kassenbon, kassenbons, bon"
    ),
    "letter": phrases("letter, brief, briefe, briefen, schreiben"),
    "form": phrases("form, formular, formulare"),
    "statement": phrases("bank statement, account statement, statement, kontoauszug, kontoauszuge"),
}
UNITS = words_in(
    "today yesterday last this next previous past year month week quarter day years months weeks quarters days jahr"
    " monday tuesday wednesday thursday friday saturday sunday"
)
DOCUMENTS = phrases("document, file, pdf, dokument, dokumente, datei, dateien")
PAGES = phrases("page, seite, seiten")


@cache
def all_words() -> frozenset[str]:
    """Every word that any question is made of."""
    named = (*NOUNS.values(), *(concept.phrases for concept in CONCEPTS.values()))
    return function_words() | {word for known in named for phrase in known for word in phrase}


@cache
def function_words() -> frozenset[str]:
    """Those that are no names of documents and fields."""
    known = [*INTENTS.values(), *BOUNDS.values(), *BOUNDS_BEHIND.values(), *CUTS.values(), DOCUMENTS, PAGES]
    known += [EARLIEST, LATEST, WHEN, DISTINCT, TOTAL, IN_ALL, COME_TO, ABOUT, EACH, BETWEEN, NOT, HAVING, LACKING]
    known += [MISSING_BEHIND, FROM, TO, OF, IS, HAS_AMOUNT, TOP, MOST, FEWEST, BY_COUNT, WHICH, POLITE, IS_THERE]
    words = {word for phrases_known in known for phrase in phrases_known for word in phrase}
    words |= GLUE | WRITTEN | GOTTEN | BILLED | SPENT | ENDED | US | WE | BEFORE_NOUNS | OR | NUMBER_OF
    return frozenset(words | NUMBERS.keys() | ADVERBS.keys() | UNITS)


@cache
def _as_set(known: tuple[tuple[str, ...], ...]) -> tuple[frozenset[tuple[str, ...]], int]:
    return frozenset(known), max(map(len, known))


def longest(known: tuple[tuple[str, ...], ...], words: Sequence[str]) -> int:
    """How many of the first words are one of the phrases; 0: none is. A word may hold blanks, as of `e-mail`."""
    phrases_known, most = _as_set(known)
    for length in range(min(most, len(words)), 0, -1):
        if tuple(" ".join(words[:length]).split()) in phrases_known:
            return length
    return 0
