"""Terms of queries."""

from pypika.terms import Criterion, ExistsCriterion, Function, LiteralValue, Not, Term, ValueWrapper

__all__ = ["Criterion", "ExistsCriterion", "Function", "LiteralValue", "Not", "Term", "ValueWrapper"]
