"""When an exam counts. Pure functions."""

from datetime import date

from medaffairs.organization.rules import RuleError, check_not_future, check_order


def passed(score: float, pass_score: float) -> bool:
    """Whether a score reaches the pass mark."""
    return score >= pass_score


def counts_on(score: float, pass_score: float, exam_date: date, valid_to: date | None, on: date) -> bool:
    """Whether an exam supports an application on a day: taken by then, passed and not run out."""
    return passed(score, pass_score) and exam_date <= on and (valid_to is None or valid_to >= on)


def check_exam(score: float, pass_score: float, exam_date: date, valid_to: date | None, today: date) -> None:
    """Raise `RuleError` when an exam lies in the future, runs out before it was taken or has no pass mark."""
    if pass_score <= 0:
        raise RuleError("The pass score must be above zero", (), "pass_score")
    if score < 0:
        raise RuleError("The score must not be negative", (), "score")
    check_not_future([("Exam Date", exam_date)], today)
    check_order(("Exam Date", exam_date), ("Valid To", valid_to))
