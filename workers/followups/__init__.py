"""What a question means after the questions before it; knows no model and no database.

A question that leaves something out takes it from the turn before, part for part: a year for a year, a name for a name,
a field for a field. A word that points back is bound to the documents of the last answer. What was understood is told
with the reason, so nothing is taken for granted in silence.
"""

from workers.followups.following import follow_up
from workers.followups.told import Meant, Rule, Told

__all__ = ["Meant", "Rule", "Told", "follow_up"]
