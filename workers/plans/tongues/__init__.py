"""Further languages in which questions are understood, each a table of its phrases in English."""

from workers.plans.tongues.translating import Translations, translations

__all__ = ["Translations", "translations"]
