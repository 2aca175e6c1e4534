"""How people ask an archive."""

from random import Random

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
QUARTERS = ("first", "second", "third", "fourth")
PLURALS = {
    "invoice": "invoices",
    "receipt": "receipts",
    "letter": "letters",
    "form": "forms",
    "statement": "statements",
}
ISSUERS = {"invoice": "vendor_name", "receipt": "merchant", "letter": "sender", "statement": "bank_name"}
# What names a document of a schema, the best first: a field, and how it is said.
WANTED: dict[str, tuple[tuple[str, str], ...]] = {
    "invoice": (("invoice_number", "invoice {}"), ("purchase_order", "the invoice for order {}")),
    "receipt": (("receipt_number", "receipt {}"),),
    "letter": (("reference", "the letter with the reference {}"), ("signed_by", "the letter that {} signed")),
    "form": (
        ("email", "the form of {}"),
        ("form_number", "form {}"),
        ("phone", "the form with the phone number {}"),
    ),
    "statement": (("statement_number", "statement {}"),),
}
ASKED: dict[str, tuple[str, ...]] = {
    "invoice_number": ("What is the number of {s}?",),
    "invoice_date": ("When was {s} issued?", "What is the date of {s}?", "What is the invoice date of {s}?"),
    "due_date": ("When is {s} due?", "By when must {s} be paid?", "What is the due date of {s}?"),
    "vendor_name": ("Who sent {s}?", "Which company issued {s}?", "Who is the vendor of {s}?"),
    "customer_name": ("Who is {s} billed to?", "Who is the customer of {s}?"),
    "vat_number": ("What is the VAT number of {s}?", "Which VAT number does {s} have?"),
    "iban": ("What is the IBAN of {s}?", "What is the IBAN on {s}?", "To which IBAN is {s} paid?"),
    "bic": ("What is the BIC on {s}?",),
    "subtotal": ("What is the subtotal of {s}?", "How much is {s} before tax?"),
    "tax": ("How much tax is on {s}?", "What is the tax of {s}?"),
    "total": ("What is the total of {s}?", "How much is {s}?", "How much has to be paid for {s}?"),
    "purchase_order": ("What is the purchase order of {s}?", "Which purchase order does {s} name?"),
    "merchant": ("Which shop is {s} from?", "Who is the merchant of {s}?"),
    "date": ("What is the date of {s}?", "Which date is on {s}?"),
    "time": ("At what time was {s} printed?", "What time is on {s}?"),
    "payment_method": ("How was {s} paid?", "What is the payment method of {s}?"),
    "cashier": ("Who was the cashier on {s}?",),
    "sender": ("Who sent {s}?", "Who is the sender of {s}?"),
    "recipient": ("Who received {s}?", "Who is the recipient of {s}?", "To whom is {s} addressed?"),
    "subject": ("What is the subject of {s}?", "What is {s} about?"),
    "signed_by": ("Who signed {s}?",),
    "first_name": ("What is the first name on {s}?",),
    "last_name": ("What is the last name on {s}?",),
    "date_of_birth": ("What is the date of birth on {s}?", "When was the person on {s} born?"),
    "phone": ("What is the phone number on {s}?",),
    "email": ("What is the email address on {s}?",),
    "city": ("Which city is on {s}?",),
    "postal_code": ("What is the postal code on {s}?",),
    "bank_name": ("Which bank issued {s}?", "Of which bank is {s}?"),
    "account_holder": ("Who is the account holder of {s}?", "Whose account is {s} about?"),
    "period_start": ("On which day does {s} begin?", "What is the start of the period of {s}?"),
    "period_end": ("On which day does {s} end?", "What is the end of the period of {s}?"),
    "opening_balance": ("What is the opening balance of {s}?",),
    "closing_balance": ("What is the closing balance of {s}?",),
}
# Nothing in business papers answers these.
FOREIGN = (
    "How high is the Matterhorn?",
    "Who won the football match on Sunday?",
    "What is the boiling point of ethanol?",
    "Which river flows through Vienna?",
    "What is the name of the captain's dog?",
    "How many legs does a spider have?",
    "Who wrote the opera about the barber?",
    "What is the recipe for the apple cake?",
    "At which port did the submarine surface?",
    "What colour is the roof of the lighthouse?",
    "What is the password of the wireless network?",
    "Who was elected president of the chess club?",
    "How deep is the lake behind the castle?",
    "Which planet has the most moons?",
    "What is the speed of light in glass?",
    "Which song did the choir sing at the wedding?",
    "How many goals did the home team score?",
    "Who painted the ceiling of the chapel?",
    "What does the oldest tree in the park weigh?",
    "When does the comet return?",
)


def asked_of(dice: Random, schema: str, field: str, prompt: str, subject: str) -> str:
    """A field of something that is named, asked in one of its wordings, or by a noun."""
    noun = " ".join(word if word.isupper() else word.lower() for word in prompt.rstrip("?: .").split())
    wordings = ASKED.get(field) or (f"What is the {noun} on {{s}}?", f"What {noun} does {{s}} state?")
    if field in {"iban", "vat_number"} and not subject.startswith(schema):
        wordings = (f"What is the {noun.replace('_', ' ').upper().replace('NUMBER', 'number')} of {{s}}?",)
    return dice.choice(wordings).format(s=subject)
