"""What may be there several times

A group may repeat (`medicine[0]`, `medicine[1]`), and so may a question, of which each answer is an instance. Instances
are told apart: conditions, checks, lights and what is saved are within each.
"""

from kommunalpro.pro.answers import following
from kommunalpro.pro.enablement import enabled_answers
from tests.spec.forms import answers, asked_paths, form, said
from tests.spec.tables import table

MEDICINE = """
allergic: boolean
medicine: group; repeats
  name: string
  daily: boolean
  dose: integer; if daily = yes
  reaction: text; if allergic = yes
many: text; if dose > 2
"""


@table(
    """
    answers                                                              | is asked
    –                                                                    | medicine[0]/name
    medicine[0]/daily: yes, medicine[1]/daily: no                        | medicine[0]/dose
    medicine[0]/daily: no, medicine[1]/daily: yes                        | medicine[1]/dose
    medicine[2]/daily: yes, medicine[7]/daily: yes                       | medicine[2]/dose, medicine[7]/dose
    medicine[0]/daily: no, medicine[10000]/daily: yes                    | medicine[10000]/dose
    allergic: yes, medicine[0]/name: A, medicine[1]/name: B              | medicine[0]/reaction, medicine[1]/reaction
    medicine[0]/daily: yes, medicine[0]/dose: 3                          | many
    medicine[0]/daily: yes, medicine[0]/dose: 1, medicine[1]/daily: yes, medicine[1]/dose: 3 | many
""",
    form=MEDICINE,
)
def test_each_instance_of_a_repeating_group_has_its_own_conditions(answers, is_asked):
    """Within an instance its own answers count; what stands outside is the same for all; from outside all are seen."""
    assert set(is_asked.split(", ")) <= set(asked_paths(MEDICINE, answers).split(", "))


@table(
    """
    answers                                       | is not asked
    –                                             | medicine[0]/dose, many
    medicine[0]/daily: yes, medicine[1]/daily: no | medicine[1]/dose
    medicine[2]/daily: yes                        | medicine[0]/name, medicine[1]/name
    allergic: no, medicine[0]/name: A             | medicine[0]/reaction
    medicine[0]/daily: no, medicine[0]/dose: 3    | many
    medicine[0]/dose: 3, medicine[1]/daily: yes   | medicine[0]/dose, many
""",
    form=MEDICINE,
)
def test_the_answer_in_one_instance_opens_nothing_in_another(answers, is_not_asked):
    assert not set(is_not_asked.split(", ")) & set(asked_paths(MEDICINE, answers).split(", "))


VISITS = """
visit: group; repeats
  ill: boolean
  drug: group; repeats
    side: boolean
    which: text; if side = yes
    worse: text; if ill = yes
  told: text; if side = yes
"""


@table(
    """
    answers                                                                 | asked by condition
    visit[0]/drug[0]/side: yes                                              | visit[0]/drug[0]/which, visit[0]/told
    visit[0]/drug[1]/side: yes, visit[1]/drug[0]/side: no                   | visit[0]/drug[1]/which, visit[0]/told
    visit[1]/ill: yes, visit[1]/drug[0]/side: no, visit[0]/drug[0]/side: no | visit[1]/drug[0]/worse
    visit[0]/drug[0]/side: no, visit[0]/drug[1]/side: yes                   | visit[0]/drug[1]/which, visit[0]/told
""",
    form=VISITS,
)
def test_instances_inside_instances_each_see_their_own_surroundings(answers, asked_by_condition):
    found = asked_paths(VISITS, answers).split(", ")
    hanging = [path for path in found if path.rsplit("/", 1)[-1] in ("which", "worse", "told")]
    assert ", ".join(hanging) == asked_by_condition


DRUGS = """
drug: string; repeats
  dose: integer
  high: text; if dose > 4
"""


@table(
    """
    answers                      | asked
    –                            | drug
    drug: A                      | drug, drug[0]/dose
    drug: A + B, drug[1]/dose: 5 | drug, drug[0]/dose, drug[1]/dose, drug[1]/high
    drug: A, drug[1]/dose: 5     | drug, drug[0]/dose
""",
    form=DRUGS,
)
def test_each_answer_to_a_repeating_question_has_its_own_questions(answers, asked):
    assert asked_paths(DRUGS, answers) == asked


@table(
    """
    change                       | afterwards
    drug: B                      | drug: B, drug[0]/dose: 2
    drug: A                      | drug: A, drug[0]/dose: 1
    drug: C + A + B              | drug: C + A + B, drug[1]/dose: 1, drug[2]/dose: 2
    drug: B + A                  | drug: B + A, drug[0]/dose: 2, drug[1]/dose: 1
    drug: C                      | drug: C
    drug: A + A                  | drug: A + A, drug[0]/dose: 1
    drug: B, drug[1]/dose: 9     | drug: B, drug[0]/dose: 9
    drug: C, drug[0]/dose: 8     | drug: C, drug[0]/dose: 8
    drug: A + C, drug[1]/dose: 3 | drug: A + C, drug[0]/dose: 1, drug[1]/dose: 3
    drug[0]/dose: 7              | drug: A + B, drug[0]/dose: 7, drug[1]/dose: 2
    drug: A + B                  | drug: A + B, drug[0]/dose: 1, drug[1]/dose: 2
""",
    form=f"{DRUGS}\n\ndrug: A + B, drug[0]/dose: 1, drug[1]/dose: 2",
)
def test_what_is_said_of_an_answer_follows_it_when_others_come_and_go(change, afterwards):
    """The numbers of the answers change; whose dose is which does not."""
    drugs = form(DRUGS)
    before = answers(drugs, "drug: A + B, drug[0]/dose: 1, drug[1]/dose: 2")
    left = {**before, **following(drugs, before, answers(drugs, change))}
    assert said({path: left[path] for path in sorted(left) if left[path]}) == afterwards


def test_an_answer_that_is_taken_back_takes_what_is_below_it_along():
    drugs = form(DRUGS)
    before = answers(drugs, "drug: A, drug[0]/dose: 1")
    assert following(drugs, before, {"drug": ()}) == {"drug": (), "drug[0]/dose": ()}


def test_an_instance_between_others_may_be_removed_and_the_others_stay_who_they_are():
    asked = form(MEDICINE)
    given = answers(asked, "medicine[0]/name: A, medicine[1]/name: B, medicine[2]/name: C")
    left = {path: value for path, value in given.items() if not path.startswith("medicine[1]/")}
    assert said(enabled_answers(asked, left)) == "medicine[0]/name: A, medicine[2]/name: C"
