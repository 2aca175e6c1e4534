"""What a question is about: names, numbers, dates, quoted words, in several languages; and nothing of what is asked."""

import pytest

from workers.subject_words import Day, Kind, about

NAMES = {
    "What is the IBAN of Schulze AG?": [("schulze",)],
    "What is the IBAN of Deutsche Bank AG?": [("deutsche",)],
    "iban of meyer gmbh": [("meyer",)],
    "iban of meyer": [("meyer",)],
    "What's Meyer's IBAN?": [("meyer",)],
    "Meyer's IBAN?": [("meyer",)],
    "Who is Jan van der Berg?": [("jan", "berg")],
    "Who signed for Johnson & Sons Ltd.?": [("johnson", "sons")],
    "How high is the Matterhorn?": [("matterhorn",)],
    "Who is the director of the company ACME?": [("acme",)],
    "Quel est le total de la facture de Dupont SARL?": [("dupont",)],
    "Quanto deve pagare Rossi S.r.l.?": [("rossi",)],
    "Wie lautet die Rechnungsnummer der Firma Müller & Söhne KG?": [("muller", "sohne")],
    "Wie hoch ist die Miete von Frau Anna Schmidt?": [("anna", "schmidt")],
    "Was kostet das Abonnement bei Vodafone?": [("vodafone",)],
    "Wie hoch ist die Kaution für die Wohnung?": [],
    "When is the rent due?": [],
    "WHAT IS THE TOTAL": [],
    "What is the VAT number?": [],
    "Who is the merchant on Monday?": [],
}
NUMBERS = {
    "What is the total of invoice INV-2024/0077?": [("inv", "2024", "0077")],
    "Who is the merchant of receipt 000123?": [("000123",)],
    "Whose account is DE89 3704 0044 0532 0130 00?": [("de89", "3704", "0044", "0532", "0130", "00")],
    "Which invoice has a total of $1,204.00?": [("1", "204", "00")],
    "Who sent the letter with the reference A-17?": [("a", "17")],
    "What is the form of x.y@web.de?": [("x", "y", "web", "de")],
    "What is the price of 2 chairs?": [],
    "What was paid to him in 2023?": [],
    "What is the total of invoice 2023?": [("2023",)],
}
DAYS = {
    "What was signed on 12 March 2024?": Day(2024, 3, 12),
    "What was signed on March 12, 2024?": Day(2024, 3, 12),
    "Was wurde am 12. März 2024 unterschrieben?": Day(2024, 3, 12),
    "Qu'est-ce qui a été signé le 12 mars 2024?": Day(2024, 3, 12),
    "What was signed on 2024-03-12?": Day(2024, 3, 12),
    "Was wurde am 25.03.24 bezahlt?": Day(2024, 3, 25),
    "What was paid in 2023?": Day(2023),
    "What was paid in May 2023?": Day(2023, 5),
}


@pytest.mark.parametrize("question", NAMES)
def test_the_names_of_a_question_have_to_be_there(question: str) -> None:
    assert [one.words for one in about(question).subjects if one.kind is Kind.NAME] == NAMES[question]


@pytest.mark.parametrize("question", NUMBERS)
def test_numbers_of_three_digits_and_more_are_names(question: str) -> None:
    assert [one.words for one in about(question).subjects if one.kind is Kind.NUMBER] == NUMBERS[question]


@pytest.mark.parametrize("question", DAYS)
def test_days_months_and_years_are_understood(question: str) -> None:
    assert [one.day for one in about(question).subjects] == [DAYS[question]]


def test_words_for_what_is_asked_are_no_subject_and_others_are_soft() -> None:
    asked = about("What is the total of the gym membership?")
    assert (asked.subjects, asked.fields, asked.words) == ((), ("total",), ("gym", "membership"))
    asked = about("What is the hourly fee?", {"hourly", "fee"})  # fields of a schema of one's own
    assert (asked.subjects, asked.fields, asked.words) == ((), ("hourly", "fee"), ())


def test_what_stands_beside_a_name_may_be_left_out() -> None:
    (subject,) = about("What is the IBAN of Schulze AG?").subjects
    assert subject.beside == ("ag",)


def test_quoted_words_are_a_subject_as_they_stand() -> None:
    (subject,) = about('Which page says "time is money"?').subjects
    assert (subject.kind, subject.words) == (Kind.QUOTE, ("time", "is", "money"))


def test_one_of_two_names_is_enough_where_the_question_says_or() -> None:
    assert about("What is the total of Meyer or Schulze?").either
    assert not about("What is the total of Meyer and Schulze?").either


@pytest.mark.parametrize(
    "question", ["?", "...", "''", '""', "12", "a" * 1_000, "’s", "\U0001d518 ﬁ ½ 請求書", "12.13.14 99-99-9999"]
)
def test_no_question_is_too_strange(question: str) -> None:
    about(question)
