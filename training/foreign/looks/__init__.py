"""The looks: how a kind of document is printed, and in which countries' dress."""

from collections.abc import Callable

from training.foreign.draft import Draft
from training.foreign.looks import craft, letters, papers, services, trade
from training.foreign.world import World

Look = Callable[[World], Draft]

# A page for each country named.
LOOKS: dict[str, tuple[Look, tuple[str, ...]]] = {
    "shop": (trade.shop, ("gb", "us", "gb", "us")),
    "freelance": (trade.freelance, ("gb", "gb", "gb", "gb")),
    "receipt": (trade.receipt, ("gb", "gb", "gb", "gb")),
    "mail": (trade.mail, ("gb", "gb", "gb", "gb")),
    "mediterranean": (trade.mediterranean, ("es", "it", "es", "it")),
    "energy": (services.energy, ("fr", "fr", "fr", "fr")),
    "hotel": (services.hotel, ("gb", "us", "gb", "us")),
    "lab": (services.lab, ("gb", "gb", "gb", "gb")),
    "form": (services.office_form, ("us", "us", "us", "us")),
    "statement": (papers.statement, ("gb", "gb", "gb", "gb")),
    "payslip": (papers.payslip, ("gb", "gb", "gb", "gb")),
    "delivery": (papers.delivery, ("gb", "gb", "gb", "gb")),
    "notice": (letters.notice, ("gb", "gb", "gb", "gb")),
    "farewell": (letters.farewell, ("de", "de", "de")),
    "insurance": (letters.insurance, ("gb", "gb", "gb", "gb")),
    "craftsman": (craft.craftsman, ("de", "de", "de", "de")),
    "dutch": (craft.dutch, ("nl", "nl", "nl")),
}
