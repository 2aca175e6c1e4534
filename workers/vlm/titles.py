"""What the titles of columns mean, and which lines of a table are sums, in the words of six languages."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache

ALIKE = 0.82  # of two texts, one of them perhaps misread, that are taken for the same
MOST_MORE = 4  # words behind the one that tells what a title means
LEAST_FUZZY, LEAST_FUZZY_SUM = 5, 7  # characters: shorter texts must be read exactly
_CODES = "eur|euro|euros|usd|gbp|chf|sek|nok|dkk|pln|czk|huf|jpy|cad|aud|kr|fr|zl|kc"
CODES = frozenset(_CODES.split("|"))
SIGNS = "€$£¥"


class Means(StrEnum):
    """What a column holds."""

    POSITION = "position"
    CODE = "code"
    DESCRIPTION = "description"
    QUANTITY = "quantity"
    UNIT = "unit"
    UNIT_PRICE = "unit price"
    DISCOUNT = "discount"
    TAX_RATE = "tax rate"
    TAX = "tax"
    AMOUNT = "amount"
    DATE = "date"
    VALUE_DATE = "value date"
    DEBIT = "debit"
    CREDIT = "credit"
    BALANCE = "balance"
    CURRENCY = "currency"


# As texts fold: lower case, no accents, no marks. English, German, French, Spanish, Italian, Dutch; `|` parts them.
_TITLES = {
    Means.POSITION: (
        "pos|position|no|nr|num|n|line|line no|item no|lfd nr|lfd|ligne|rang|linea|riga|regel|rij|row|sl no|sr no"
        "|s no|volgnr|orden|item"
    ),
    Means.CODE: (
        "code|sku|art no|item no|item code|article no|product code|part no|part number|ref|reference|item number"
        "|article number|product no|catalog no|cat no|id|stock no|model|barcode|ean|isbn|art nr|artikelnr"
        "|artikelnummer|best nr|bestellnr|bestellnummer|produktnr|teilenummer|materialnr|sachnummer|referenz"
        "|beleg|belegnr|code article|code produit|no article|n article|ref article|numero|codigo|cod|referencia"
        "|articulo no|n articulo|cod articulo|codice|codice articolo|cod art|rif|riferimento|artikelcode"
        "|productcode|bestelnr|bestelnummer|referentie|kenmerk"
    ),
    Means.DESCRIPTION: (
        "description|item|items|item description|product|product name|products|article|articles|service|services"
        "|details|detail|particulars|goods|name|work|task|activity|text|transaction|transactions|narrative|memo"
        "|payee|transaction details|transaction description|position|remarks|goods and services|what|designation"
        "|description of goods|description of services|merchant|concept|beschreibung|bezeichnung|artikel"
        "|artikelbezeichnung|leistung|leistungen|produkt|ware|warenbezeichnung|buchungstext|verwendungszweck"
        "|vorgang|erlauterung|umsatzart|auftraggeber|empfanger|auftraggeber empfanger|begunstigter"
        "|text verwendungszweck|gegenstand|tatigkeit|arbeit|produktbezeichnung|leistungsbeschreibung|libelle"
        "|intitule|prestation|prestations|produit|produits|objet|operation|operations|nature"
        "|nature de l operation|libelle des operations|designation des produits|descripcion|concepto|articulo"
        "|producto|servicio|servicios|detalle|detalles|movimiento|movimientos|operacion|texto|observaciones"
        "|denominacion|descrizione|articolo|prodotto|servizio|prestazione|causale|dettaglio|dettagli|operazione"
        "|descrizione operazione|oggetto|beni|movimenti|voce|denominazione|omschrijving|beschrijving"
        "|product omschrijving|productomschrijving|dienst|diensten|mededeling|naam|tegenpartij|transactie"
        "|toelichting|naam omschrijving|werkzaamheden|artikelomschrijving|begunstigde"
    ),
    Means.QUANTITY: (
        "qty|quantity|quantities|units|hours|hrs|pcs|pieces|count|number|no|no of units|days|amount of units"
        "|ordered|shipped|qty shipped|qty ordered|delivered|menge|anzahl|anz|stk|stck|stuck|stunden|std|einheiten"
        "|tage|liefermenge|quantite|qte|nombre|nbre|nb|heures|unites|jours|cantidad|cant|cdad|uds|unidades|horas"
        "|ud|ctd|dias|quantita|qta|q ta|pezzi|pz|ore|numero|giorni|nr|aantal|hoeveelheid|stuks|uren|aant|dagen"
    ),
    Means.UNIT: (
        "unit|uom|per|measure|unit of measure|einheit|einh|me|mengeneinheit|unite|unidad|unita|u m|um|eenheid"
        "|eenh|u|unid medida|udm"
    ),
    Means.UNIT_PRICE: (
        "unit price|price|unit cost|rate|each|price per unit|price each|unit rate|cost|cost per unit|hourly rate"
        "|item price|list price|unit amount|price unit|rate per hour|unit value|per unit|net price|retail price"
        "|einzelpreis|preis|e preis|stuckpreis|ep|preis einh|einzel|einheitspreis|preis pro einheit|stundensatz"
        "|satz|preis einheit|preis stk|einzelbetrag|stundenlohn|preis pro stuck|prix unitaire|prix|p u|pu"
        "|prix unit|tarif|prix u|cout unitaire|p unitaire|taux horaire|pu ht|prix unitaire ht|precio"
        "|precio unitario|precio unit|p unit|precio ud|tarifa|p unitario|precio unidad|valor unitario|costo"
        "|precio uni|pvp|prezzo|prezzo unitario|prezzo unit|prezzo un|costo unitario|tariffa|importo unitario"
        "|prijs|stukprijs|eenheidsprijs|prijs per stuk|prijs per eenheid|tarief|uurtarief|per stuk|prijs eenheid"
    ),
    Means.DISCOUNT: (
        "discount|disc|rebate|reduction|less|rabatt|rab|nachlass|remise|rabais|rem|descuento|dto|dcto|desc|sconto"
        "|sc|korting|kort|discount amount"
    ),
    Means.TAX_RATE: (
        "vat|vat rate|tax rate|tax|gst|sales tax|rate|tax code|vat code|mwst|ust|steuer|steuersatz|mwst satz"
        "|ust satz|tva|taux tva|taux|taux de tva|iva|tipo iva|tipo|aliquota|aliq|aliquota iva|btw|btw tarief"
        "|btw code|tarief|impuesto|imposta|taxe|al iva"
    ),
    Means.TAX: (
        "vat amount|tax amount|gst amount|mwst betrag|steuerbetrag|montant tva|cuota iva|cuota|importo iva"
        "|btw bedrag|ust betrag|imposta iva|importe iva"
    ),
    Means.AMOUNT: (
        "amount|total|line total|net|sum|value|total amount|net amount|total price|line amount|extended price"
        "|extension|ext price|subtotal|gross|gross amount|price|total cost|amount due|charge|charges|net value"
        "|item total|total value|totals|extended|fee|fees|cost|paid|payment|transaction amount|turnover|betrag"
        "|gesamt|gesamtpreis|summe|gp|netto|wert|gesamtbetrag|umsatz|nettobetrag|bruttobetrag|brutto|preis"
        "|betrag netto|betrag brutto|positionsbetrag|zeilensumme|nettopreis|g preis|endpreis|kosten|gebuhr"
        "|montant|total ht|montant ht|somme|prix total|total ligne|total ttc|montant ttc|p total|prix|valeur"
        "|montant net|net ht|prix ht|prix ttc|importe|total linea|precio total|suma|valor|neto|importe neto"
        "|importe total|base|total neto|precio|monto|importe linea|base imponible|importo|totale|prezzo totale"
        "|totale riga|valore|imponibile|somma|importo netto|importo totale|totale netto|prezzo|netto riga|bedrag"
        "|totaal|totaalprijs|regeltotaal|som|totaalbedrag|nettobedrag|waarde|totaal excl|subtotaal|prijs totaal"
        "|mutatie|prijs"
    ),
    Means.DATE: (
        "date|day|booked|posting date|booking date|transaction date|posted|trans date|entry date|date posted"
        "|service date|post date|when|datum|buchung|buchungstag|buchungsdatum|tag|bu tag|leistungsdatum|buchdatum"
        "|bu datum|date operation|date d operation|date de l operation|jour|date comptable|date compta|le|fecha"
        "|fecha operacion|fecha de operacion|fecha oper|f operacion|dia|fecha contable|f oper|data"
        "|fecha cont|date cpta|date op|data cont|data oper|data reg"
        "|data operazione|data contabile|data movimento|giorno|data op|data registrazione|boekdatum|boekingsdatum"
        "|transactiedatum|boeking|dag|datum boeking|geboekt|uitgevoerd"
    ),
    Means.VALUE_DATE: (
        "value date|val date|value|effective date|wertstellung|valuta|wert|valutadatum|wertdatum|date valeur"
        "|date de valeur|valeur|fecha valor|f valor|valor|data valuta|rentedatum|val|data val|fecha val"
    ),
    Means.DEBIT: (
        "debit|debits|out|paid out|withdrawals|withdrawal|money out|payments|debit amount|charges|payments out"
        "|outgoing|spent|withdrawn|dr|soll|lastschrift|belastung|belastungen|ausgang|ausgange|lastschriften"
        "|ausgaben|zu ihren lasten|auszahlung|auszahlungen|abgang|debiteur|sorties|sortie|depenses|retrait"
        "|retraits|montant debit|debe|cargo|cargos|adeudos|salidas|salida|debito|debitos|retiros|gastos|pagos"
        "|adeudo|dare|addebito|addebiti|uscite|uscita|prelievi|pagamenti|af|debet|afschrijving|afschrijvingen|uit"
        "|uitgaven|afgeschreven"
    ),
    Means.CREDIT: (
        "credit|credits|in|paid in|deposits|deposit|money in|credit amount|payments in|receipts|incoming|received"
        "|cr|haben|gutschrift|gutschriften|eingang|eingange|zu ihren gunsten|einnahmen|einzahlung|einzahlungen"
        "|zugang|crediteur|entrees|entree|recettes|versement|versements|montant credit|depot|depots|haber|abono"
        "|abonos|ingresos|ingreso|entradas|entrada|credito|creditos|depositos|avere|accredito|accrediti|entrate"
        "|entrata|versamenti|bij|bijschrijving|bijschrijvingen|ontvangsten|ontvangen|bijgeschreven|inkomsten"
    ),
    Means.BALANCE: (
        "balance|running balance|account balance|new balance|balance after|saldo|kontostand|neuer saldo"
        "|kontosaldo|solde|nouveau solde|solde progressif|saldo disponible|saldo contable|saldo progressivo"
        "|saldo contabile|nieuw saldo|saldo na|saldo na mutatie|closing balance|available balance|stand|restsaldo"
    ),
    Means.CURRENCY: "currency|cur|ccy|curr|wahrung|whg|wrg|devise|monnaie|moneda|divisa|div|valuta|munt|muntsoort",
}
_CARRIED = (
    "carried forward|brought forward|carried over|carry over|balance forward|opening balance|previous balance"
    "|start balance|starting balance|beginning balance|old balance|balance b f|balance c f|b f|c f|b fwd|c fwd"
    "|carryover|carry forward|balance brought forward|balance carried forward|amount brought forward"
    "|amount carried forward|subtotal|sub total|page total|total page|balance on|balance at|page subtotal"
    "|ubertrag|ubertrag von seite|ubertrag auf seite|saldovortrag|vortrag|anfangssaldo|alter kontostand"
    "|alter saldo|anfangsbestand|kontostand am|kontostand vom|saldo vom|zwischensumme|seitensumme|saldo am"
    "|ubertrag seite|a reporter|a nouveau|report a nouveau|solde precedent|ancien solde|solde initial"
    "|solde au|sous total|solde anterieur|solde d ouverture|solde debiteur au|solde crediteur au|report page"
    "|saldo anterior|saldo inicial|suma y sigue|suma anterior|saldo previo|saldo de apertura|suma parcial"
    "|saldo al|saldo a|subtotal pagina|suma pagina|riporto|a riportare|da riportare"
    "|saldo iniziale|saldo precedente|saldo di apertura|subtotale|totale parziale|totale pagina|vecchio saldo"
    "|transporteren|over te brengen|vorig saldo|beginsaldo|oud saldo|begin saldo|startsaldo|subtotaal"
    "|tussentotaal|overgebracht|saldo per|saldo op|openingssaldo|current balance|balance at start|balance at end"
    "|balance from|previous statement"
)
_CLOSED = (
    "total|totals|grand total|net total|total net|gross total|sum|total amount|total due|amount due|balance due"
    "|to pay|total to pay|amount payable|invoice total|order total|total gross|net amount|gross amount|total incl"
    "|total excl|closing balance|new balance|ending balance|final balance|end balance|total debits|total credits"
    "|total payments|total movements|total charges|vat|tax|sales tax|gst|hst|pst|plus vat|incl vat|of which vat"
    "|vat included|incl tax|tax included|total vat|total tax|net|gross|total sales|rounding|balance|amount"
    "|total discount|you saved|savings|total savings|to be paid|taxable|taxable amount|gesamt|gesamtsumme"
    "|gesamtbetrag|summe|endsumme|endbetrag|rechnungsbetrag|zu zahlen|zahlbetrag|nettosumme|nettobetrag"
    "|bruttobetrag|bruttosumme|netto|brutto|mwst|ust|umsatzsteuer|mehrwertsteuer|zzgl mwst|inkl mwst|zzgl ust"
    "|inkl ust|enthaltene mwst|steuer|steuerbetrag|endsaldo|schlusssaldo|neuer kontostand|neuer saldo|endbestand"
    "|summe soll|summe haben|gesamt netto|gesamt brutto|summe netto|rundung|gesamt eur|summe eur|saldo|betrag"
    "|total ht|total ttc|montant total|net a payer|a payer|total general|montant ht|montant ttc|tva|dont tva"
    "|taxes|taxe|nouveau solde|solde final|solde de cloture|total debit|total credit|total des operations"
    "|total a payer|total tva|montant du|arrondi|somme|solde|montant|importe total|total factura|total a pagar"
    "|a pagar|suma|suma total|base imponible|iva|cuota iva|impuestos|total iva|saldo final|nuevo saldo"
    "|saldo de cierre|total cargos|total abonos|redondeo|total neto|total bruto|importe|totale|totale fattura"
    "|totale documento|totale da pagare|da pagare|importo totale|imponibile|imposta|di cui iva|saldo finale"
    "|nuovo saldo|totale dare|totale avere|totale iva|totale complessivo|netto a pagare|arrotondamento|importo"
    "|totale eur|totale euro|totaal|eindtotaal|totaalbedrag|te betalen|te voldoen|totaal incl|totaal excl|btw"
    "|btw bedrag|eindsaldo|nieuw saldo|slotsaldo|totaal af|totaal bij|afronding|som|totaal te betalen|bedrag"
)
_PAID = (
    "transport|report|arrastre|transporte|items|item count|number of items|no of items|articles|change|change due"
    "|cash|cash back|card|credit card"
    "|debit card|visa|mastercard|maestro|paid|amount paid|paid by|payment|payment method|tendered|amount tendered"
    "|visa debit|card payment|amex|contactless|voucher|deposit paid|given|paypal|apple pay|google pay|gift card"
    "|bank transfer|tip|gratuity|service charge|discount|gegeben|bar|ruckgeld|ec karte|girocard|karte|barzahlung"
    "|bezahlt|kreditkarte|wechselgeld|zahlung|zahlungsart|trinkgeld|uberweisung|kartenzahlung|gutschein"
    "|gutscheine|lastschrift|rabatt|especes|carte|carte bancaire|cb|rendu|monnaie|a rendre|rendu monnaie|cheque"
    "|paiement|regle|reglement|mode de paiement|virement|carte bleue|especes recues|remise|efectivo|tarjeta"
    "|cambio|entregado|pago|pagado|forma de pago|propina|transferencia|tarjeta de credito|descuento|contanti"
    "|contante|carta|resto|pagamento|bancomat|carta di credito|pagato|bonifico|importo pagato|pagamento contante"
    "|pagamento elettronico|sconto|contant|pin|pinnen|wisselgeld|betaald|betaling|terug|bankpas|pinbetaling|fooi"
    "|overschrijving|bankoverschrijving|korting"
)


def _parts(texts: str) -> frozenset[str]:
    return frozenset(texts.split("|"))


# What may be said beside a title, or beside the words of a sum.
_QUALIFIED = _parts(
    "eur|euro|euros|usd|gbp|chf|sek|nok|dkk|pln|jpy|cad|aud|incl|excl|inc|exc|ex|including|excluding"
    "|inclusive|exclusive|net|gross|ht|ttc|netto|brutto|inkl|exkl|zzgl|neto|bruto|lordo|of|in|pro|par|por|the"
    "|and|und|et|y|e|en|de|des|du|del|della|di|van|der|vat|tax|mwst|ust|tva|iva|btw"
)
_TOTALS = _parts("tot|total|totale|totaal")
_FILLING = _TOTALS | _parts("amount|amt|betrag|montant|importe|importo|bedrag|no|nr|rate|at|on|for|to|from|by|with")
_TOTAL = re.compile(
    r"\b(?:(?:sub|sous) ?)?(?:tot|total|totale|totaal|subtotal[eo]?|summe|gesamt\w*|suma|somma|zwischensumme)\b"
)
_SPELT = re.compile(r"\b[a-z](?: [a-z]\b)+")  # `t v a`, once its dots are gone


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """A title without accents, marks and capitals, its words parted by single blanks."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ẞ", "ss")).casefold()
    kept = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", kept).split())


def _table() -> dict[str, tuple[Means, ...]]:
    known: dict[str, list[Means]] = {}
    for means, titles in _TITLES.items():
        for title in titles.split("|"):
            known.setdefault(title, []).append(means)
    return {title: tuple(dict.fromkeys(several)) for title, several in known.items()}


_KNOWN = _table()
_SUMS = {phrase: sort for sort, said in enumerate((_CARRIED, _CLOSED, _PAID)) for phrase in said.split("|")}
_LONGEST_SUM = max(len(phrase.split()) for phrase in _SUMS)


@lru_cache(maxsize=4096)
def meanings(title: str) -> tuple[Means, ...]:
    """What a title may mean; where nothing is known of all of it, a side of an account in it, or its first word."""
    if found := strictly(title):
        return found
    if (side := side_of(title)) is not None:
        return (side,)
    first, *more = fold(title).split() or [""]
    return _KNOWN.get(first, ()) if more and len(first) >= LEAST_FUZZY and len(more) < MOST_MORE else ()


@lru_cache(maxsize=4096)
def strictly(title: str) -> tuple[Means, ...]:
    """What a whole title may mean, also where a letter was misread or its currency or tax is said beside it."""
    for part in (title, *title.split("/")):
        folded = fold(part)
        for text in dict.fromkeys((folded, _unqualified(folded))):
            if found := _KNOWN.get(text) or _KNOWN.get(_nearest(text, _NEAR_TITLES) or ""):
                return found
    return (Means.AMOUNT,) if names_currency(title) else ()


def names_currency(title: str) -> bool:
    """Whether a title says nothing but a currency: amounts stand under it."""
    bare = title.strip(" .()[]")
    words = [word for word in fold(bare).split() if word != "in"]
    return (bool(bare) and all(c in SIGNS for c in bare)) or (len(words) == 1 and words[0] in CODES)


@lru_cache(maxsize=4096)
def side_of(title: str) -> Means | None:
    """The one side of an account that a longer title speaks of: `Bedrag af`, `Amounts paid out`."""
    words = fold(title).split()
    if not 1 < len(words) <= MOST_MORE + 1:
        return None
    parts = [" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1)]
    said = [means for part in parts if part not in _QUALIFIED for means in _KNOWN.get(part, ())]
    sides = {means for means in said if means in {Means.DEBIT, Means.CREDIT}}
    others = {Means.BALANCE, Means.DATE, Means.DESCRIPTION} & set(said)
    return sides.pop() if len(sides) == 1 and not others else None


def is_exact(title: str) -> bool:
    """Whether a title is known as it stands, letter by letter."""
    return fold(title) in _KNOWN


@lru_cache(maxsize=16384)
def alike(one: str, other: str) -> float:
    """How alike two folded texts are, 0 to 1; short ones are the same or not."""
    if one == other:
        return 1.0
    if min(len(one), len(other)) < LEAST_FUZZY or abs(len(one) - len(other)) > 3:  # noqa: PLR2004 - misread
        return 0.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def sum_of(label: str) -> str | None:
    """The words that begin a label, where they name a sum; None where the line is none.

    Short forms are known: `T.V.A.`, and `Tot. imponibile`, where what follows the total is a sum by itself.
    """
    folded = fold(label)
    return _sum_in(folded.split()) or _sum_in(_SPELT.sub(lambda found: found[0].replace(" ", ""), folded).split())


def _sum_in(words: list[str]) -> str | None:
    while words and words[0].isdigit():
        words = words[1:]
    if words and words[0] == "tot":
        what = _sum_in(words[1:])
        return what if what is not None and not is_payment(what) else "total"
    for count in range(min(len(words), _LONGEST_SUM), 0, -1):
        text = " ".join(words[:count])
        if text in _SUMS:
            return text
        if near := _nearest(text, _NEAR_SUMS):
            return near
    return None


def is_carried(phrase: str) -> bool:
    """Whether rows go on behind this sum: what was carried over, or a sum in between."""
    return _SUMS[phrase] == 0


def is_payment(phrase: str) -> bool:
    """Whether it tells how a sum was paid, or what came off it; the words may name a thing as well."""
    return _SUMS[phrase] == 2  # noqa: PLR2004 - the third of the lists


def has_total(label: str) -> bool:
    """Whether a label speaks of a total anywhere."""
    return _TOTAL.search(fold(label)) is not None


def is_all(label: str, phrase: str) -> bool:
    """Whether a label says nothing beside the words of a sum: figures, currencies and dates are nothing."""
    spelt = _SPELT.sub(lambda found: found[0].replace(" ", ""), fold(label))
    words = [w for w in spelt.split() if not w.isdecimal() and len(w) > 1 and w not in _QUALIFIED | _FILLING]
    return len(words) <= len([word for word in phrase.split() if word not in _QUALIFIED | _FILLING])


def _unqualified(folded: str) -> str:
    kept = [word for word in folded.split() if word not in _QUALIFIED]
    return " ".join(kept)


def _dents(text: str) -> set[str]:
    """A text, and the text without each of its characters: two texts that share one are an edit apart."""
    return {text, *(text[:i] + text[i + 1 :] for i in range(len(text)))}


def _near(texts: Iterable[str], least: int) -> dict[str, list[str]]:
    """Texts of so many characters at least by their dents."""
    found: dict[str, list[str]] = {}
    for text in texts:
        for dent in _dents(text) if len(text) >= least else ():
            found.setdefault(dent, []).append(text)
    return found


_NEAR_TITLES, _NEAR_SUMS = _near(_KNOWN, LEAST_FUZZY), _near(_SUMS, LEAST_FUZZY_SUM)


def _nearest(text: str, among: Mapping[str, Sequence[str]]) -> str | None:
    """The known text that is likest to one in which a character is misread, missing or too many."""
    found = sorted({known for dent in _dents(text) for known in among.get(dent, ())})
    return max(found, key=lambda known: alike(text, known), default=None)
