"""The looks: how a kind of document is printed, and in which countries' dress."""

from collections.abc import Callable

from training.foreign.draft import Draft
from training.foreign.looks import services, trade
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
}
