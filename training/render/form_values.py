"""Plausible values for the labels of forms."""

from training.render.concept_values import MEANT, meant_value
from training.render.labels import form_words
from training.render.values import Values


def value_for(values: Values, label: str, kind: str) -> str:  # noqa: C901, PLR0911 - one for each kind
    """Make a plausible value for a label of a kind."""
    dice = values.dice
    match kind:
        case "date":
            return values.date(dice.randint(-900, 900))
        case "id":
            return values.identifier(("A", "P", "C", "K", "NO", "REF", "EX"))
        case "money":
            return values.money(values.cents(7))
        case "number":
            return str(int(10 ** dice.uniform(0, 5)))
        case "measure":
            return _quantity(values, label)
        case "country":
            return dice.choice(form_words("values", values.language)["country"])
        case "choice":
            return dice.choice(
                (*form_words("values", values.language)["choice"], *(values.invented() for _ in range(15)))
            )
        case "job":
            return dice.choice((*form_words("values", values.language)["job"], *(values.item() for _ in range(20))))
        case "time":
            return values.clock()
        case _ if kind in MEANT:
            return meant_value(values, kind)
    makers = {
        "person": values.person,
        "company": values.company,
        "phone": values.phone,
        "email": values.email,
        "street": values.street,
        "city": values.city,
        "postal": values.postal,
    }
    return makers[kind]()


def _quantity(values: Values, label: str) -> str:
    dice = values.dice
    number = dice.choice((str(dice.randint(1, 900)), f"{dice.uniform(0.5, 99):.1f}", f"{dice.uniform(0.5, 9):.2f}"))
    units = next(units for word, units in form_words("units", values.language).items() if word in label)
    return f"{number} {dice.choice(units)}"
