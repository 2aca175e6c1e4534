"""Questions of how many, how much and which, planned over records and answered in SQL; no model, no page is asked."""

from workers.plans.answers import ExactAnswer
from workers.plans.citing import citations
from workers.plans.exact import answer_plan, exact_answer
from workers.plans.forms import plan_from_dict, plan_schema, plan_to_dict
from workers.plans.plan import Condition, Grouping, Intent, Plan

__all__ = [
    "Condition",
    "ExactAnswer",
    "Grouping",
    "Intent",
    "Plan",
    "answer_plan",
    "citations",
    "exact_answer",
    "plan_from_dict",
    "plan_schema",
    "plan_to_dict",
]
