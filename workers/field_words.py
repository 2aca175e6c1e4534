"""Words of questions that do not tell what a question is about, in the six languages of our papers, folded.

Words that every text is full of; words for what is asked (`total`, `due date`); and what stands beside names.
"""

from collections.abc import Iterable
from functools import cache

from storage.search_words import words_of


def _set(*texts: str) -> frozenset[str]:
    return frozenset(word for text in texts for word in words_of(text))


STOP_WORDS = _set(
    # English
    "a an the this that these those it its he she they them his her their we us our i me my you your of to in on "
    "at by for from with without as is are was were be been being am do does did done has have had having will "
    "would shall should can could may might must not no yes and or but if then than so such there here what which "
    "who whom whose when where why how much many any some all each every both only also ever still into onto over "
    "under about up down out off s t re ve ll d please tell give show say says said list find name state stated "
    "mention mentioned get got let want need know see look contain contains long often against per via between "
    "during before after since until",
    # German
    "der die das den dem des ein eine einen einem einer eines kein keine er sie es wir uns unser unsere ich mich "
    "mir mein meine du ihr ihre ihren sein seine von vom zu zum zur in im an am auf aus bei beim mit ohne fur "
    "durch um gegen nach vor seit bis uber unter zwischen ist sind war waren wird werden wurde wurden sei bin hat "
    "haben hatte hatten kann konnen soll sollen muss mussen darf nicht ja nein und oder aber wenn dann als so "
    "auch nur noch was welche welcher welches welchen welchem wer wen wem wessen wann wo wohin woher warum wie "
    "viel viele wieviel bitte nenne nenn zeige zeig sage sag gib liste finde lautet lauten steht stehen betragt "
    "betragen gibt heisst heissen dieser diese dieses diesem diesen man sich hoch",
    # French
    "le la les l un une des du de d au aux ce cet cette ces il elle ils elles on nous vous je j me m mon ma mes "
    "notre nos votre vos leur leurs son sa ses en dans sur sous par pour avec sans est sont etait etaient sera "
    "etre ete a ont avait avoir fait faire peut doit ne pas oui non et ou mais si que qu qui quoi quel quelle "
    "quels quelles quand combien comment pourquoi dont y donne donnez montre cherche trouve liste tout tous toute "
    "toutes",
    # Spanish
    "el la los las lo un una unos unas de del al a en con sin por para sobre entre desde hasta es son era eran "
    "fue fueron ser esta estan ha han habia hay se su sus mi mis nuestro nuestra yo nosotros que quien quienes "
    "cual cuales cuando donde como cuanto cuanta cuantos cuantas no si y o u pero este esta esto ese esa eso dime "
    "muestra lista",
    # Italian
    "il lo la i gli le l un uno una di del dello della dei degli delle da dal dalla dallo in nel nella nei al "
    "alla allo ai alle con su sul sulla per tra fra e ed o ma se che chi cosa quale quali quando dove come perche "
    "quanto quanta quanti quante deve devono entro non si sono era erano stato stata essere ha hanno suo sua suoi mio "
    "mia nostro questo questa mostra",
    # Dutch
    "de het een van naar in op aan bij met zonder voor door over onder tussen is zijn was waren wordt worden werd "
    "heeft hebben had kan moet niet ja nee en of maar als dan dat die dit deze ik mij mijn wij ons onze u uw hij "
    "zij hun wat welke wie wiens wanneer waar waarom hoe hoeveel geef toon zoek er te om",
)
GERMAN = _set(
    "der die das den dem des ein eine einer ist sind war wie was wer wem wann welche welcher welches von vom bei beim "
    "fur mit und lautet betragt hat wurde nenne zeige gib"
)

# What is asked, in the words of the six languages: any of a group finds the places where it stands.
_GROUPS = """
iban account konto kontonummer compte cuenta conto rekening rekeningnummer bankverbindung;
bic swift;
vat ust ustid uid umsatzsteuer mwst tva iva btw partita nif cif steuernummer tax taxes steuer impot impots impuesto
impuestos imposta imposte belasting;
total gesamt gesamtbetrag gesamtsumme summe betrag endbetrag rechnungsbetrag importe totale totaal montant amount sum
bedrag importo somme suma somma price prices preis prix precio prezzo prijs cost costs kosten kostet cout coste costo
due payable zahlbetrag brutto gross;
subtotal zwischensumme netto nettobetrag net sous imponible imponibile subtotaal;
date datum fecha data day tag jour dia giorno dag dated issued ausgestellt ausgestellten emise emitida emessa;
due deadline fallig falligkeit faellig zahlbar echeance vencimiento scadenza vervaldatum vervaldag payable paid
bezahlt bezahlen pay zahlen;
number nr num nummer numero n no id identifier reference referenz zeichen aktenzeichen referencia riferimento kenmerk
code rechnungsnummer belegnummer factuurnummer;
invoice invoices rechnung rechnungen facture factures factura facturas fattura fatture factuur facturen bill bills;
receipt receipts quittung beleg bon kassenbon recu ticket recibo ricevuta scontrino bonnetje kassabon;
letter letters brief briefe schreiben lettre courrier carta lettera;
form forms formular formulaire formulario modulo formulier antrag;
statement statements kontoauszug auszug releve extracto estratto afschrift;
contract contracts vertrag vertrage contrat contrato contratto contract agreement;
order orders bestellung bestellnummer auftrag commande pedido ordine bestelling purchase po;
vendor seller supplier company firm firma verkaufer lieferant fournisseur vendeur proveedor vendedor fornitore
venditore leverancier verkoper issuer aussteller shop store merchant handler laden geschaft;
customer client buyer kunde kundin kaufer klant cliente acheteur billed recipient empfanger destinataire destinatario
ontvanger addressed received erhalten;
sender absender expediteur remitente mittente afzender sent gesendet geschickt wrote written sends;
signed sign signature signatory unterschrift unterschrieben unterzeichnet signe firma firmado firmato ondertekend
handtekening;
subject betreff objet asunto oggetto onderwerp topic title titel;
bank banque banco banca holder inhaber kontoinhaber titulaire titular intestatario rekeninghouder;
balance saldo solde opening closing anfangssaldo endsaldo beginn start begin begins end ends ende;
period zeitraum periode periodo;
phone telephone tel telefon telefono telefoon mobile mobil fax;
email mail e-mail courriel correo posta;
address anschrift adresse direccion indirizzo adres street strasse rue calle straat city town stadt ort ville ciudad
citta stad zip postal postcode plz postleitzahl cap country land pays pais paese;
birth born birthday geboren geburtsdatum geburtstag naissance nacimiento nascita geboorte geboortedatum;
name names vorname nachname first last nom prenom nombre apellido nome cognome naam voornaam achternaam;
quantity menge anzahl quantite cantidad quantita aantal pieces stuck;
item items line position positionen article artikel articulo articolo product produkt produit producto prodotto
description beschreibung designation descripcion descrizione omschrijving;
payment method pagare payer pagar zahlung zahlungsart zahlungsweise paiement pago pagamento betaling cash card karte
bar terms;
cashier kassierer caissier cajero cassiere kassier served bedient;
time uhrzeit zeit heure hora ora tijd;
rent miete kaltmiete warmmiete loyer alquiler affitto huur deposit kaution;
document documents dokument dokumente page pages seite seiten file files paper papers fichier archivo documento;
discount rabatt skonto remise descuento sconto korting;
delivery lieferung lieferdatum lieferschein livraison entrega consegna levering delivered shipping versand;
transaction transactions movement movements buchung buchungen umsatz umsatze;
person people somebody mr mrs;
monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag sonntag;
printed gedruckt value values field entry word words;
monthly month months monat monate year years jahr jahre mois annee mes ano mese anno maand jaar week weeks woche;
currency wahrung devise moneda valuta euro euros eur usd chf gbp dollar dollars;
"""
GROUPS: tuple[frozenset[str], ...] = tuple(_set(group) for group in _GROUPS.split(";") if group.strip())
MOST_SYNONYMS = 30  # words that one word of a question is searched by besides

# They go with a name and tell no name by themselves.
LEGAL_FORMS = _set(
    "ag gmbh mbh kg kgaa ohg gbr ug ev eg se ltd limited llc llp inc incorporated corp corporation plc co "
    "sa sarl sas snc srl spa sl slu bv nv vof cv ab oy as aps oyj sro doo kft pty",
)
TITLES = _set(
    "mr mrs ms miss dr prof sir madam herr herrn frau firma fa familie m mme mlle monsieur madame senor senora sr sra "
    "signor signora sig dhr mevr heer mevrouw"
)
PARTICLES = frozenset({"de", "da", "di", "du", "del", "della", "der", "den", "van", "von", "vom", "la", "le", "ten"})
# Behind these a name follows, wherever nouns have capitals as well.
BEFORE_NAMES = _set("von bei fur an firma herr herrn frau fa vom beim namens kunde lieferant gegen durch of from by to")
OR_WORDS = _set("or oder ou o of")


@cache
def _groups_by_word() -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for number, group in enumerate(GROUPS):
        for word in group:
            found.setdefault(word, []).append(number)
    return found


def synonyms_of(word: str) -> frozenset[str]:
    """The words that stand for the same thing as a field word, itself among them; none for any other word."""
    numbers = _groups_by_word().get(word, ())
    return frozenset(other for number in numbers for other in GROUPS[number])


def is_field_word(word: str, more: Iterable[str] = ()) -> bool:
    """Whether a word tells what is asked, and not of what."""
    return word in _groups_by_word() or word in more
