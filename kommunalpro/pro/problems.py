"""What is wrong with a questionnaire: the problems that compiling finds, all at once.

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
    "expression-language": Text(
        "Udtrykket er skrevet i {language}; kun FHIRPath kan regnes ud.",
        "The expression is written in {language}; only FHIRPath is evaluated.",
    ),
    "expression-long": Text(
        "Udtrykket er længere end {limit} tegn.", "The expression is longer than {limit} characters."
    ),
    "expression-many": Text(
        "Udtrykkene i skemaet er tilsammen længere end {limit} tegn.",
        "The expressions of the questionnaire are longer than {limit} characters together.",
    ),
    "expression-size": Text("Udtrykket har mere end {limit} dele.", "The expression has more than {limit} parts."),
    "expression-depth": Text(
        "Udtrykkets dele ligger for dybt inde i hinanden.", "The parts of the expression are nested too deeply."
    ),
    "expression-syntax": Text(
        "Udtrykket kan ikke læses fra tegn {place}.", "The expression cannot be read from character {place}."
    ),
    "expression-function": Text("Funktionen {name}() kan ikke bruges.", "The function {name}() is not available."),
    "expression-arguments": Text(
        "Funktionen {name}() skal bruges på en anden måde.", "The function {name}() is used in another way."
    ),
    "expression-part": Text("{text} kan ikke bruges i et udtryk.", "{text} is not available in an expression."),
    "expression-name": Text("Et svar har ingen del, der hedder {name}.", "An answer has no part called {name}."),
    "expression-variable": Text("Der er ingen variabel %{name} her.", "There is no variable %{name} here."),
    "expression-variable-name": Text(
        "Variablen ”{name}” mangler et brugbart navn, eller navnet er brugt før.",
        "The variable “{name}” has no usable name, or the name is used before.",
    ),
    "expression-link-id": Text(
        "linkId kan kun sammenlignes (= eller in) med navne i anførselstegn.",
        "linkId can only be compared (= or in) with names in quotes.",
    ),
    "expression-unknown": Text(
        "Udtrykket spørger til {question}, som ikke findes.",
        "The expression asks about {question}, which is not there.",
    ),
    "expression-no-question": Text("Udtrykket nævner intet spørgsmål.", "The expression names no question."),
    "expression-unnamed": Text(
        "Udtrykket ser på svar på spørgsmål, som det ikke nævner.",
        "The expression looks at answers to questions that it does not name.",
    ),
    "expression-unreached": Text(
        "Udtrykket nævner {question}, men ser aldrig på svaret: spørgsmålet står et andet sted.",
        "The expression names {question} but never looks at the answer: the question stands elsewhere.",
    ),
    "expression-option": Text(
        "Udtrykket spørger til svaret {value}, som ingen af spørgsmålene har.",
        "The expression asks about the answer {value}, which none of the questions has.",
    ),
    "expression-trial": Text("Udtrykket kan ikke regnes ud: {why}", "The expression cannot be evaluated: {why}"),
    "expression-empty": Text(
        "Udtrykket giver intet, selv når alle spørgsmålene er besvaret.",
        "The expression gives nothing even when all questions are answered.",
    ),
    "expression-item": Text(
        "Svar af typen {type} kan ikke regnes ud; de kan heller ikke være der flere gange.",
        "Answers of type {type} are not computed, nor are several answers to one question.",
    ),
    "expression-kind": Text(
        "En værdi af typen {kind} kan ikke bruges sådan.", "A value of type {kind} cannot be used so."
    ),
    "expression-several": Text("Der er flere værdier, hvor der skal være én.", "There are several values, not one."),
    "expression-duplicate": Text(
        "Den samme værdi er der to gange, og | tager kun den ene med; brug combine().",
        "The same value is there twice, and | takes only one of them; use combine().",
    ),
    "expression-no-ordinal": Text(
        "Ingen svarmulighed på {question} har en talværdi.", "No option of {question} has a number."
    ),
    "expression-steps": Text("Det tager for lang tid.", "It takes too long."),
    "expression-library": Text("Udtrykket kunne ikke beregnes.", "The expression could not be evaluated."),
    "expression-value": Text("Resultatet kan ikke være et svar: {why}", "The result cannot be an answer: {why}"),
    "expression-failed-before": Text(
        "Det bygger på noget, der ikke kunne regnes ud.", "It builds on something that could not be computed."
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
    "no-effect": Text(
        "{what} har ingen virkning på et spørgsmål af typen {type}.", "{what} has no effect on an item of type {type}."
    ),
    "length": Text("Et svar kan ikke have højst {length} tegn.", "An answer cannot have at most {length} characters."),
    "places": Text("Et tal kan ikke have højst {places} decimaler.", "A number cannot have at most {places} decimals."),
    "slider": Text(
        "En skyder skal have en mindste og en største værdi.", "A slider needs a smallest and a greatest value."
    ),
    "occurs-once": Text(
        "Flere svar kræver, at spørgsmålet kan besvares flere gange (repeats).",
        "Several answers need a question that repeats.",
    ),
    "initial": Text(
        "Svaret på forhånd kan ikke gives: {why}", "The answer that is given beforehand cannot be given: {why}"
    ),
    "initial-not-a-question": Text(
        "Kun spørgsmål kan have et svar på forhånd.", "Only a question has an answer beforehand."
    ),
    "initial-options": Text(
        "Hvor der er svarmuligheder, vælges svaret på forhånd blandt dem (initialSelected).",
        "Where there are options, the answer beforehand is chosen among them (initialSelected).",
    ),
    "image": Text("Et billede er ikke med i spørgeskemaet.", "An image is not contained in the questionnaire."),
    "image-type": Text(
        "Et billede er af typen {type}; det kan være {types}.", "An image is of type {type}; it may be {types}."
    ),
    "implicit-rules": Text(
        "Det følger reglerne {url} (implicitRules), som ikke kan forstås her.",
        "It follows the rules {url} (implicitRules), which are not understood here.",
    ),
    "feedback-bounds": Text(
        "En tilbagemeldings mindste værdi er større end den største.",
        "The smallest value of a feedback is greater than its greatest.",
    ),
    "feedback": Text("En tilbagemelding mangler tekst eller grænser.", "A feedback lacks text or bounds."),
}

_FLAWS = frozenset({
    "no-effect", "length", "places", "slider", "occurs-once", "initial", "initial-not-a-question", "initial-options",
    "image", "image-type", "feedback", "feedback-bounds",
})  # fmt: skip
"""Problems of what a questionnaire does without: a limit, a picture or words that are left out, as if not written.

Nobody may publish them, and what was published before they were looked for is answered all the same. What decides when
a question is asked, what may be chosen, a score or a light is never among them: an unknown is not left out there.
"""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where: `link_id` of the item, `expression` its place in the Questionnaire."""

    link_id: str
    expression: str
    code: str
    text: Text

    @property
    def is_flaw(self) -> bool:
        """Whether the questionnaire can be answered without what is wrong, and is refused only where it is new."""
        return self.code in _FLAWS

    def __str__(self) -> str:
        return f"{self.link_id}: {self.text.say('en')}"


class ExpressionError(ValueError):
    """An expression that cannot be read, may not be used, or has no result: a code with what its text names."""

    def __init__(self, code: str, **parts: Text | int | str) -> None:
        self.code, self.parts = code, parts
        super().__init__(self.text.say("en"))

    @property
    def text(self) -> Text:
        """Say what is wrong."""
        return TEXTS[self.code].fill(**self.parts)


class Problems(list[Problem]):
    """Collects what is wrong while a questionnaire is read."""

    def add(self, link_id: str, expression: str, code: str, **parts: Text | int | str) -> None:
        """Note one problem by its code."""
        self.append(Problem(link_id, expression, code, TEXTS[code].fill(**parts)))
