"""The fields that pages are asked for: how documents print their labels, and how people ask."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from random import Random

from training.render.page import Split

HELD_OUT_WORDING = 8  # one wording in eight is kept from training


@dataclass(frozen=True, slots=True)
class Field:
    """A field, the labels that documents print beside it, and the wordings in which it is asked."""

    name: str
    labels: tuple[str, ...]
    prompts: tuple[str, ...]


def _field(name: str, labels: str, prompts: str) -> Field:
    return Field(name, tuple(labels.split("|")), (name.replace("_", " "), *prompts.split("|")))


_ALL = (
    _field("invoice_number", "Invoice No|Invoice No.|Invoice Number|Invoice #|Invoice|Bill No|Document No.|Inv. No.|Our Invoice|Tax Invoice No.|Number",
           "number of this invoice|invoice no|What is the invoice number?|Which number does the invoice have?|document number of the bill|bill number"),
    _field("invoice_date", "Invoice Date|Date|Date of Issue|Issue Date|Issued|Dated|Bill Date|Date of Invoice|Invoice dated|Billing Date",
           "date of the invoice|date of issue|When was the invoice issued?|What is the invoice date?|issue date|date on which the bill was written"),
    _field("due_date", "Due Date|Payment Due|Due|Pay by|Payable by|Due on|Date Due|Please pay by|Payment due date|Due for payment",
           "payment due date|When is the payment due?|What is the due date?|date by which to pay|By when must it be paid?|last day of payment"),
    _field("vendor_name", "From|Seller|Vendor|Supplier|Issued by|Billed by|Sold by|Company|Biller",
           "name of the seller|supplier name|Who issued the invoice?|company that sends the bill|What is the name of the vendor?|seller|Who is the supplier?"),
    _field("customer_name", "Bill To|Customer|Billed To|Invoice To|To|Client|Sold To|Buyer|Bill to customer|Recipient",
           "name of the customer|billed to|Who is the customer?|Who has to pay the invoice?|buyer|client name|name of the recipient of the invoice"),
    _field("vat_number", "VAT No|VAT Number|VAT Reg. No.|VAT ID|Tax ID|USt-IdNr.|VAT Reg No|Tax No.|VAT Registration|TIN",
           "VAT id|VAT registration number|What is the VAT number?|tax identification number|tax id of the seller|Which VAT number is printed?"),
    _field("iban", "IBAN|Account (IBAN)|IBAN No.|Our IBAN|Bank account|IBAN number|Pay to IBAN|Account",
           "IBAN of the bank account|international bank account number|What is the IBAN?|account to pay to|Which IBAN is given?|bank account number"),
    _field("bic", "BIC|SWIFT|BIC/SWIFT|SWIFT Code|SWIFT/BIC|Bank code (BIC)|BIC code|SWIFT-BIC",
           "BIC of the bank|SWIFT code|What is the BIC?|bank identifier code|Which SWIFT code is given?"),
    _field("subtotal", "Subtotal|Net|Net Amount|Sub Total|Total excl. VAT|Total net|Amount before tax|Net total|Sum|Goods total",
           "amount before tax|net amount|What is the subtotal?|total without tax|How much is it without tax?|sum excluding VAT"),
    _field("tax", "VAT|Tax|Sales Tax|VAT 20%|VAT (19%)|Tax amount|GST|plus VAT 21%|VAT amount|TVA 20%|MwSt. 19%|Tax 8.25%",
           "tax amount|amount of VAT|How much tax is charged?|What is the tax?|sales tax|VAT amount"),
    _field("total", "Total|Amount Due|Grand Total|Total Due|Balance Due|Total Amount|Invoice Total|Total incl. VAT|Amount Payable|To Pay|Total to pay|Gross total",
           "total amount|amount to pay|What is the total?|How much has to be paid?|grand total|total including tax|final amount"),
    _field("purchase_order", "PO Number|P.O. No.|Purchase Order|Your Order|Order No.|PO|Customer PO|Your Reference|Order Ref.|PO #",
           "purchase order number|PO number|What is the purchase order number?|order number of the customer|Which order does it refer to?|number of the purchase order"),
    _field("merchant", "Merchant|Store|Shop|Outlet", "name of the shop|store name|Where was this bought?|Which store is it?|What is the merchant's name?|name of the merchant"),
    _field("date", "Date|Dated|Day|On|Date:",
           "date of the document|What is the date?|date printed on it|When was it written?|day of issue|Which date does it bear?"),
    _field("time", "Time|At|Time of sale|Hour", "time of day|What time is printed?|At what time was it?|time of purchase|time of the sale"),
    _field("payment_method", "Paid by|Payment|Payment method|Tender|Method|Paid with|Payment type|Settled by",
           "method of payment|How was it paid?|What is the payment method?|means of payment|type of payment|way of paying"),
    _field("receipt_number", "Receipt No|Receipt|Receipt #|Trans. No|Ticket|Ticket No.|Transaction|Bon-Nr.|Slip|Receipt Number",
           "number of the receipt|What is the receipt number?|transaction number|ticket number|receipt no|Which number does the receipt have?"),
    _field("cashier", "Cashier|Served by|Operator|Clerk|Your cashier|Attendant|Staff|You were served by",
           "name of the cashier|Who served the customer?|Who was the cashier?|served by|person at the till"),
    _field("sender", "From|Sender|Sent by|Return address|Return to",
           "who sent the letter|name of the sender|Who wrote this letter?|Who is the sender?|organisation that writes|letter from"),
    _field("recipient", "To|Recipient|Addressee|Attention|Attn.|For the attention of",
           "addressee|Who is the letter addressed to?|name of the recipient|Who receives the letter?|to whom it is addressed|letter to"),
    _field("subject", "Subject|Re|RE|Concerning|Regarding|About|Subject matter",
           "subject line|What is the letter about?|What is the subject?|topic of the letter|matter|re line"),
    _field("reference", "Our ref.|Reference|Your ref.|Ref.|Ref|Reference No.|File No.|Case No.|Our reference|Ref. number",
           "reference number|What is the reference?|file reference|Which reference does it have?|case number|reference of the letter"),
    _field("signed_by", "Signed|Signed by|Signature|Name|Authorised by",
           "who signed it|name of the signer|Who signed the letter?|signature name|person who signed|By whom is it signed?"),
    _field("first_name", "First Name|Given Name|Forename|First name(s)|Given names|Forename(s)|Christian name",
           "given name|What is the first name?|forename|person's first name|first name of the person"),
    _field("last_name", "Last Name|Surname|Family Name|Family name / Surname|Surname of applicant|Last name",
           "surname|family name|What is the last name?|person's surname|last name of the person"),
    _field("date_of_birth", "Date of Birth|DOB|Birth Date|Born|Born on|Birthdate|D.O.B.",
           "birth date|When was the person born?|What is the date of birth?|birthday|DOB|day of birth"),
    _field("phone", "Phone|Telephone|Tel.|Phone No.|Tel|Mobile|Contact number|Telephone number|Daytime phone",
           "phone number|telephone number|What is the phone number?|number to call|On which number can they be called?|telephone"),
    _field("email", "Email|E-mail|Email Address|E-Mail address|Mail|Electronic mail",
           "email address|e-mail|What is the email address?|address for electronic mail|Which e-mail is given?"),
    _field("city", "City|Town|Town / City|City / Town|Place of residence|Municipality|Locality",
           "town|Which city is given?|city of residence|name of the town|In which city do they live?"),
    _field("postal_code", "Postal Code|ZIP|Postcode|ZIP Code|Post code|Zip / Postal code|PLZ",
           "postcode|zip code|What is the postal code?|ZIP|post code of the address"),
    _field("form_number", "Form No.|Form|Form number|Form ID|No.|Document ID|Serial No.",
           "number of the form|What is the form number?|form id|Which form is it?|form no"),
    _field("bank_name", "Bank|Bank name|Issuing bank|Your bank|Institution",
           "name of the bank|Which bank is it?|bank that keeps the account|What is the bank called?|issuing bank"),
    _field("account_holder", "Account Holder|Account Name|Holder|Account owner|Customer|Name of account|Account in the name of|Account holder name",
           "name of the account holder|Who owns the account?|Whose account is it?|owner of the account|account name"),
    _field("statement_number", "Statement No.|Statement Number|Statement|Sheet No.|Statement #|Number of statement|Stmt No",
           "number of the statement|What is the statement number?|statement no|which statement|sequence number of the statement"),
    _field("period_start", "From|Period from|Start date|Statement from|Beginning|Start of period|Opening date",
           "first day of the period|start of the period|When does the period start?|from which date|beginning of the statement period"),
    _field("period_end", "To|Period to|End date|Statement to|Until|End of period|Through|Closing date",
           "last day of the period|end of the period|When does the period end?|until which date|end of the statement period"),
    _field("opening_balance", "Opening Balance|Previous Balance|Balance brought forward|Starting balance|Beginning balance|Old balance|Balance at start",
           "balance at the start|What is the opening balance?|previous balance|balance brought forward|money in the account at the beginning"),
    _field("closing_balance", "Closing Balance|New Balance|Ending Balance|Balance carried forward|Final balance|Balance at end|Current balance",
           "balance at the end|What is the closing balance?|new balance|ending balance|money in the account at the end"),
)  # fmt: skip
FIELDS = {field.name: field for field in _ALL}

# A field that stands on a page answers these as well, so they are never asked there as absent.
SAME = (
    {"date", "invoice_date"},
    {"merchant", "vendor_name", "sender"},
    {"customer_name", "recipient", "account_holder"},
    {"account_holder", "first_name", "last_name"},
    {"sender", "bank_name"},
    {"signed_by", "sender"},
    {"reference", "purchase_order"},
    {"reference", "invoice_number", "form_number", "receipt_number"},
    {"total", "closing_balance"},
    {"iban", "bank_account"},
    {"vendor_name", "bank_name"},
)
BY_FAMILY = {
    "invoice": "invoice_number invoice_date due_date vendor_name customer_name vat_number iban subtotal tax total purchase_order".split(),
    "receipt": "merchant date time total tax payment_method receipt_number cashier".split(),
    "letter": "sender recipient date subject reference signed_by".split(),
    "form": "first_name last_name date_of_birth phone email city postal_code form_number".split(),
    "statement": "bank_name account_holder iban bic statement_number period_start period_end opening_balance closing_balance".split(),
    "dense": [],
}
# Asked on a page of another family only where nothing printed there could be meant.
ELSEWHERE = {
    "invoice": "bic statement_number receipt_number cashier time date_of_birth form_number opening_balance closing_balance period_start period_end subject merchant".split(),
    "receipt": "invoice_number due_date iban bic purchase_order customer_name date_of_birth form_number subject statement_number opening_balance vat_number subtotal".split(),
    "letter": "due_date iban bic vat_number purchase_order total tax subtotal cashier time receipt_number date_of_birth payment_method opening_balance".split(),
    "form": "iban bic total subtotal tax cashier receipt_number invoice_number due_date opening_balance closing_balance vat_number purchase_order".split(),
    "statement": "invoice_number due_date vat_number subtotal tax cashier time date_of_birth purchase_order receipt_number payment_method form_number signed_by".split(),
    "dense": "cashier signed_by subject due_date purchase_order opening_balance closing_balance account_holder payment_method tax statement_number".split(),
}


@cache
def wordings(field: Field, split: Split) -> tuple[str, ...]:
    """The prompts of a field in a split: training never sees the held-out ones; held-out pages use all."""
    kept = tuple(p for p in field.prompts if sha256(p.encode()).digest()[1] % HELD_OUT_WORDING)
    return kept if split is Split.TRAIN and kept else field.prompts


@cache
def labels(field: Field, split: Split) -> tuple[str, ...]:
    """The printed labels of a field in a split, by the same rule."""
    kept = tuple(p for p in field.labels if sha256(p.encode()).digest()[1] % HELD_OUT_WORDING)
    return kept if split is Split.TRAIN and kept else field.labels


def prompts_for(field: Field, split: Split, dice: Random) -> tuple[str, ...]:
    """All wordings for a field, in random order."""
    choices = wordings(field, split)
    return tuple(dice.sample(choices, len(choices)))


def absent_prompts(field: Field, split: Split, dice: Random) -> tuple[str, ...]:
    """Wordings for asking what is not there: the same as for what is."""
    return prompts_for(field, split, dice)


def missing(family: str, present: set[str]) -> list[Field]:
    """Fields that may be asked of a page and are not on it."""
    shut = set(present).union(*(group for group in SAME if group & present)) if present else set()
    names = [*BY_FAMILY[family], *ELSEWHERE[family]]
    return [FIELDS[name] for name in dict.fromkeys(names) if name not in shut]
