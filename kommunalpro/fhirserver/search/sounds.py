"""How a Danish name sounds, as a key that is the same for names that sound alike: `Christian` and `Kristian`, `KRSTN`.

Made as Postel's Cologne phonetics: each letter has the sound that it has beside its neighbours, sounds that are hard to
tell apart are one (B and P, D and T, F V W, G K Q), a sound that follows itself is one, and vowels count where a word
begins. Other than there, for names are spelt otherwise in Danish than in German:

- J, and H before a vowel, are sounds of their own at the beginning: by the German rule Hansen is Jensen;
- C is S before E, I, Y, Æ and Ø, else K: Eric is Erik;
- D is silent after L and N at the end (Svend, Kjeld), V between a vowel and a consonant (Povl, Hovgaard);
- M and N are two: Emma is not Anna.

What is no letter of these stands for itself. Libraries were tried in its place: Soundex, Metaphone, NYSIIS, the match
rating codex (jellyfish 1.3.0) and Cologne phonetics as published each part some of what sounds alike in Danish, and the
last takes Hansen for Jensen.

Source: H. J. Postel, "Die Kölner Phonetik", IBM-Nachrichten 19 (1969), pp. 925-931. The Danish rules are ours.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from kommunalpro.fhirserver.search.values import LONGEST, Value, folded, strings

MOST_WORDS = 100
"""Words of a name that it is found by."""
_VOWELS = "aeiouyæøåœ"
_RULES = (
    # letters between these neighbours → their sound. The first that fits; `^` and `$` are the ends of the word.
    ("^h?j|^y(?=[aeou])", "J"),
    (f"^h(?=[{_VOWELS}])", "H"),
    ("(?<=[ln])d(?=t?$)", ""),
    (f"(?<=[{_VOWELS}])[vw](?=[^{_VOWELS}])", ""),
    ("(?<=q)u", "F"),
    ("ph|[fvw]", "F"),
    ("sch(?=[lmnw])|[dt]+(?=[sz])|c(?=[eiyæø])|[sz]", "S"),
    ("x", "KS"),
    ("[ckgq]", "K"),
    ("[bp]", "P"),
    # As many as there are: one by one, each would be looked behind of anew for an S.
    ("[dtðþđ]+", "T"),
    ("[lł]", "L"),
    ("m", "M"),
    ("n", "N"),
    ("r", "R"),
    (f"[{_VOWELS}j]", "A"),
    ("h", ""),
)
_LETTERS = re.compile("|".join(f"({letters})" for letters, _ in _RULES))
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHE = re.compile(r"['\u2019]")
_AGAIN = re.compile(r"([A-Z])\1+")


def sound_values(value: Any, base_url: str) -> Iterator[Value]:
    """Give how a HumanName, or a name that is a text, sounds from each of its words on: by any of them it is found.

    By the first hundred, each with no more after it than is indexed: what has more words is no name.
    """
    heard = sounds(_said(value), MOST_WORDS + LONGEST)
    for number in range(min(len(heard), MOST_WORDS)):
        yield sound_key(heard[number : number + LONGEST]), ""


def sound_key(heard: list[str]) -> str:
    """Give words as they stand in the index: each has an end, so that what begins alike is not alike."""
    return "".join(f"{word} " for word in heard)


def _said(name: Any) -> str:
    """Give a name as it is said: given names and family name, or the whole where it is not told what is which."""
    if not isinstance(name, dict):
        return " ".join(strings(name))
    parts = [text for part in ("given", "family") for text in strings({part: name.get(part, ())})]
    return " ".join(parts or strings({"text": name.get("text", ())}))


def sounds(text: str, most: int | None = None) -> list[str]:
    """Give how a name sounds, word by word; `most`: of no more than so many words.

    >>> sounds("Anne-Sophie Møller"), sounds("Ane Sofie Moeller")
    (['AN', 'SF', 'MLR'], ['AN', 'SF', 'MLR'])
    """
    return [_sound(word) for word in _WORD.findall(_APOSTROPHE.sub("", folded(text)))[:most]]


@lru_cache(maxsize=4096)
def _sound(word: str) -> str:
    """Give the key of a word; the word itself where it has no sound."""
    heard = _AGAIN.sub(r"\1", _LETTERS.sub(lambda match: _RULES[(match.lastindex or 0) - 1][1], word))
    return heard[:1] + heard[1:].replace("A", "") or word
