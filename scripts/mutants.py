"""Change the code of scores and lights in every small way, and see whether a test notices: mutation testing.

    python scripts/mutants.py

Writes docs/reference/mutants.md. A change that no test notices is told with its lines, and is a failure unless
`SAME_RESULT` says why it changes no result. Which modules: `[tool.mutmut]` in pyproject.toml. Takes some minutes, on a
copy in .cache.
"""

import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from machine import PROJECT

PAGE = PROJECT / "docs" / "reference" / "mutants.md"
COPY = PROJECT / ".cache" / "mutants"
_RESULT = re.compile(r"^\s*(\S+): ([a-z ]+)$", re.MULTILINE)

SAME_RESULT: Mapping[tuple[str, str], str] = {
    (
        'return text.rstrip("0").rstrip(".") if "." in text else text',
        'return text.rstrip("XX0XX").rstrip(".") if "." in text else text',
    ): "a number has no X",
    (
        'return text.rstrip("0").rstrip(".") if "." in text else text',
        'return text.rstrip("0").rstrip("XX.XX") if "." in text else text',
    ): "a number has no X",
    (
        'return value.rstrip("0").rstrip(".") if "." in value else value',
        'return value.rstrip("XX0XX").rstrip(".") if "." in value else value',
    ): "a time of day has no X",
    (
        'return value.rstrip("0").rstrip(".") if "." in value else value',
        'return value.rstrip("0").rstrip("XX.XX") if "." in value else value',
    ): "a time of day has no X",
    (
        "total, parts = sum(counted, _ZERO), _ONE",
        "total, parts = sum(counted, ), _ONE",
    ): "the whole number 0 and the decimal 0 are the same to a sum of decimals",
    ("return hash(self.id)", "return hash(None)"): "what is equal has the same hash either way",
    (
        "around = (pair for pair in pairwise(self.bands) if pair[0].high < value < pair[1].low)",
        "around = (pair for pair in pairwise(self.bands) if pair[0].high <= value < pair[1].low)",
    ): "what lies on a band's end lies in the band, which is looked at before",
    (
        "around = (pair for pair in pairwise(self.bands) if pair[0].high < value < pair[1].low)",
        "around = (pair for pair in pairwise(self.bands) if pair[0].high < value <= pair[1].low)",
    ): "what lies on a band's end lies in the band, which is looked at before",
    ("if len(answers) > 1:", "if len(answers) >= 1:"): "what is found of several answers is found of one, but slower",
    ("choice = one_of_few(item, answer)", "choice = None"): "what is not remembered is found anew",
    (
        "return _rules_met(form, item, answer) if choice is None else form.once(_said_of, item, choice, type(choice))",
        "return _rules_met(form, item, answer) if (choice is None) or True else"
        " form.once(_said_of, item, choice, type(choice))",
    ): "what is not remembered is found anew",
    (
        "reasons += _doubts_in(topic, definitions, doubts) if doubts else ()",
        "reasons += _doubts_in(topic, definitions, doubts) if (doubts) or True else ()",
    ): "where nothing is in doubt, nothing is added",
    (
        "option = item.option_for(answer) if item.options else None",
        "option = item.option_for(answer) if (item.options) or True else None",
    ): "where there are no options, none is chosen",
    (
        "return hits_among(view, enabled_answers(form, answers)) if view.acute else ()",
        "return hits_among(view, enabled_answers(form, answers)) if (view.acute) or True else ()",
    ): "of no rules none is met",
    (
        "is_alike = own in NUMBERS and (type(value) is int or is_number(value))",
        "is_alike = own in NUMBERS and (type(None) is int or is_number(value))",
    ): "the first is the second's shorter way for a whole number",
    (
        "return Decimal(value) if type(value) is int or is_number(value) else None",
        "return Decimal(value) if type(None) is int or is_number(value) else None",
    ): "the first is the second's shorter way for a whole number",
    (
        "first, second = parse_interval(one, DENMARK), parse_interval(other, DENMARK)",
        "first, second = parse_interval(one, None), parse_interval(other, DENMARK)",
    ): "no zone is the process's own, which is Denmark's wherever Django is set up",
    (
        "first, second = parse_interval(one, DENMARK), parse_interval(other, DENMARK)",
        "first, second = parse_interval(one, DENMARK), parse_interval(other, None)",
    ): "no zone is the process's own, which is Denmark's wherever Django is set up",
    (
        'return Condition(operator, kind if type(value) is type(given) else "", value)',
        'return Condition(operator, kind if type(value) is type(given) else "XXXX", value)',
    ): "no answer is of either kind",
}
"""What a line is, and what it may be as well → why nothing comes out differently."""

HEAD = """# Mutants
<!-- Written by `make mutants`; change the code or its tests. -->

Every line of the modules below is changed in small ways, one at a time (`+` to `-`, `>` to `>=`, a number by one, a
word left out), and the engine's tests run on it. A change that they do not notice would be a mistake in a score or a
light that nobody sees. What is left can make no difference to a result, for the reason that stands with it.

| Module | Changes | Noticed |
|---|---|---|
"""


def main() -> int:
    """Run it, write the page, and fail for a change that nobody noticed and nobody explained."""
    _copy()
    mutmut = str(Path(sys.executable).parent / "mutmut")
    subprocess.run([mutmut, "run"], cwd=COPY, check=False)
    found = dict(_RESULT.findall(_said(mutmut, "results", "--all", "true")))
    left = {name: _change(_said(mutmut, "show", name)) for name, result in found.items() if result != "killed"}
    PAGE.write_text("".join(_page(found, left)), encoding="utf-8")
    unexplained = {name: change for name, change in left.items() if change not in SAME_RESULT}
    for name, (before, after) in unexplained.items():
        print(f"{name} ({found[name]})\n  - {before}\n  + {after}")
    print(f"{len(found)} changes, {len(left)} not noticed, {len(unexplained)} of them unexplained")
    return int(bool(unexplained) or not found)


def _copy() -> None:
    shutil.rmtree(COPY, ignore_errors=True)
    files = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, files.split("\0")):
        if (PROJECT / name).is_file():
            (COPY / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, COPY / name)


def _said(*command: str) -> str:
    return subprocess.run(command, cwd=COPY, check=True, capture_output=True, text=True).stdout


def _change(shown: str) -> tuple[str, str]:
    """Give the lines before and after, without the names of the file."""
    lines = [line for line in shown.splitlines() if not line.startswith(("---", "+++"))]
    before, after = (" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
    return before, after


def _page(found: Mapping[str, str], left: Mapping[str, tuple[str, str]]) -> list[str]:
    modules = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"]["only_mutate"]
    names = {module.removesuffix(".py").replace("/", "."): module for module in modules}
    made = Counter(name.rpartition(".")[0] for name in found)
    unseen = Counter(name.rpartition(".")[0] for name in left)
    rows = [f"| `{path}` | {made[name]} | {made[name] - unseen[name]} |\n" for name, path in names.items()]
    why = [
        f"\n- `{before}` or `{after}`: {SAME_RESULT.get((before, after), '**not explained**')}"
        for before, after in dict.fromkeys(left.values())
    ]
    return [HEAD, *rows, *(["\n## What is left"] if why else []), *why, "\n"]


if __name__ == "__main__":
    sys.exit(main())
