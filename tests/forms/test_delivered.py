"""The delivered forms: sound, of a length that people bear, installed once and then the hospital's own."""

from __future__ import annotations

import frappe
import pytest
from frappe.utils import now_datetime

from medaffairs.forms import design, rules, templates
from medaffairs.setup.form_templates import delivered, sync_forms

CATEGORIES = [f"AE{number:02}" for number in range(1, 20)]


@pytest.mark.parametrize("code", [*CATEGORIES, "AE_NEAR_MISS"])
def test_a_delivered_form_is_in_force_and_sound(site, code):
    form = templates.in_force(code)
    assert design.template_faults(form, now_datetime()) == []
    assert form.purpose == "FORM_PURPOSE-ADVERSE_EVENT"


def kinds_of_event(form: rules.Template) -> list[dict]:
    """One set of answers for each kind of event that a form knows."""
    chooser = form.question("subtype")
    return [{"subtype": option.text} for option in chooser.options] if chooser else [{}]


@pytest.mark.parametrize("code", CATEGORIES)
def test_whoever_reports_is_asked_eight_to_twenty_five_questions(site, code):
    form = templates.in_force(code)
    for answers in kinds_of_event(form):
        count = len(rules.visible(form, answers))
        assert 8 <= count <= 25, answers
        assert any(question.mandatory for question in form.asked)


@pytest.mark.parametrize("code", CATEGORIES)
def test_every_question_of_a_form_can_be_asked(site, code):
    """A condition that no answer fulfils would be a question that nobody ever sees."""
    form, met = templates.in_force(code), set()
    known: dict = {}
    for question in form.asked:
        choices = [option.text for option in question.options] or [1]
        for choice in choices:
            value = (
                [choice] if question.kind == rules.MULTI else 1 if question.kind == rules.YES_NO else choice
            )
            for other in form.asked:
                if rules.holds(other.depends_on, {**known, question.code: value}):
                    met.add(other.code)
    assert met == {question.code for question in form.asked}


def test_a_near_miss_takes_six_questions_at_most(site):
    form = templates.in_force("AE_NEAR_MISS")
    assert len(form.asked) <= 6
    assert sum(question.mandatory for question in form.asked) <= 3


def test_questions_differ_from_form_to_form(site):
    sets = {code: frozenset(q.label for q in templates.in_force(code).asked) for code in CATEGORIES}
    for code, labels in sets.items():
        for other, theirs in sets.items():
            assert code == other or len(labels & theirs) < len(labels) / 2, (code, other)


def test_what_the_hospital_has_changed_stays(site):
    assert sync_forms() == 0
    draft = frappe.get_doc("Form Template", templates.new_version(templates.in_force("AE13").name))
    draft.questions[0].label = "本院岗位"
    draft.save()
    templates.put_in_force(draft.name)
    assert sync_forms() == 0
    assert templates.in_force("AE13").questions[0].label == "本院岗位"
    assert len(delivered()) == 20
