"""Why a questionnaire cannot be answered: the problems that compiling finds, all at once.

The texts stand here alone, code → both languages, so that they can be read through as one.
"""

from dataclasses import dataclass

from kommunalpro.pro.text import Text

TEXTS = {
    "link-id-missing": Text("Et spørgsmål mangler sit linkId.", "An item has no linkId."),
    "link-id-twice": Text("linkId bruges mere end én gang.", "The linkId is used more than once."),
    "link-id-form": Text(
        "linkId må ikke indeholde skråstreg, kantede parenteser eller mellemrum i enderne.",
        "A linkId may not hold a slash, square brackets, or space at its ends.",
    ),
    "type": Text("Spørgsmålstypen {type} findes ikke.", "There is no item type {type}."),
    "depth": Text(
        "Spørgsmål ligger i mere end {limit} lag inden i hinanden.", "Items are nested more than {limit} levels deep."
    ),
    "size": Text("Der er mere end {limit} spørgsmål.", "There are more than {limit} items."),
    "modifier": Text(
        "Udvidelsen {url} ændrer meningen og kan ikke forstås her.",
        "The modifier extension {url} is not understood here.",
    ),
    "extension-kind": Text(
        "Udvidelsen {url} har en værdi af en forkert type.", "The extension {url} has a value of the wrong type."
    ),
    "expression": Text(
        "Udtrykket i {url} kan ikke regnes ud her.", "The expression in {url} cannot be evaluated here."
    ),
    "display-content": Text(
        "En tekst kan ikke besvares og ikke indeholde noget.", "A display item has no answers and no items."
    ),
    "condition-unknown": Text(
        "Betingelsen spørger til {question}, som ikke findes.",
        "The condition asks about {question}, which is not there.",
    ),
    "condition-not-a-question": Text(
        "Betingelsen spørger til {question}, som ikke kan besvares.",
        "The condition asks about {question}, which cannot be answered.",
    ),
    "condition-circle": Text("Betingelserne går i ring: {questions}.", "The conditions go in a circle: {questions}."),
    "condition-chain": Text(
        "Betingelserne hænger sammen i mere end {limit} led.", "The conditions are chained more than {limit} deep."
    ),
    "condition-behavior": Text(
        "Flere betingelser kræver, at det står, om alle eller én skal være opfyldt.",
        "Several conditions need an enableBehavior.",
    ),
    "condition-operator": Text("Sammenligningen {operator} findes ikke.", "There is no operator {operator}."),
    "condition-value": Text(
        "En værdi af typen {kind} kan ikke sammenlignes ({operator}) med svar på {question}.",
        "A value of type {kind} cannot be compared ({operator}) with answers to {question}.",
    ),
    "condition-option": Text(
        "Betingelsen spørger efter svaret {value}, som {question} ikke har.",
        "The condition asks for the answer {value}, which {question} does not have.",
    ),
    "rule-conditions": Text(
        "En regel for lys skal have en eller to betingelser.", "A rule for a light needs one or two conditions."
    ),
    "rule-light": Text("Lyset {light} findes ikke.", "There is no light {light}."),
    "options-missing": Text("Der er intet at vælge imellem.", "There is nothing to choose from."),
    "option-value": Text(
        "En svarmulighed har en værdi, der ikke kan læses.", "An option has a value that cannot be read."
    ),
    "option-code": Text("En svarmulighed mangler sin kode.", "An option has no code."),
    "option-twice": Text("Den samme svarmulighed står der to gange.", "The same option stands there twice."),
    "option-kind": Text(
        "En svarmulighed har en type, som spørgsmålet ikke kan have.", "An option's type does not fit the question."
    ),
    "value-set": Text(
        "Svarmulighederne {url} er ikke med i spørgeskemaet.",
        "The value set {url} is not contained in the questionnaire.",
    ),
    "value-set-listing": Text(
        "Svarmulighederne {url} er ikke regnet op alle sammen, og det skal de være.",
        "The value set {url} does not list all its concepts, as it must.",
    ),
    "bounds": Text("Den mindste værdi er større end den største.", "The smallest value is greater than the greatest."),
    "bound-kind": Text("En grænse har en anden type end spørgsmålet.", "A bound has another type than the question."),
    "occurs": Text(
        "Det største antal svar er under 1 eller under det mindste.",
        "The greatest number of answers is below 1 or below the least.",
    ),
    "step": Text("Trinnet {step} går ikke op i skalaen.", "The step {step} does not divide the range."),
    "pattern": Text("Mønsteret for svaret kan ikke læses.", "The pattern of the answer cannot be read."),
    "feedback": Text("En tilbagemelding mangler tekst eller grænser.", "A feedback lacks text or bounds."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where: `link_id` of the item, `expression` its place in the Questionnaire."""

    link_id: str
    expression: str
    code: str
    text: Text

    def __str__(self) -> str:
        return f"{self.link_id}: {self.text.say('en')}"


class Problems(list[Problem]):
    """Collects what is wrong while a questionnaire is read."""

    def add(self, link_id: str, expression: str, code: str, **parts: Text | int | str) -> None:
        """Note one problem by its code."""
        self.append(Problem(link_id, expression, code, TEXTS[code].fill(**parts)))
