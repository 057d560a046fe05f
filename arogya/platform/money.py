"""Money is integer paise everywhere; here it becomes what people read."""

from decimal import Decimal
from typing import Literal

from babel.numbers import format_currency

Language = Literal["en", "hi"]

_ENGLISH_UNDER_20 = """
zero one two three four five six seven eight nine
ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
""".split()  # noqa: SIM905  words read better than quotes
_ENGLISH_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

# Hindi has a word of its own for each number under a hundred. Spelling: Unicode CLDR's, and the Central Hindi
# Directorate's where it differs.
_HINDI_UNDER_100 = """
शून्य एक दो तीन चार पाँच छह सात आठ नौ
दस ग्यारह बारह तेरह चौदह पंद्रह सोलह सत्रह अठारह उन्नीस
बीस इक्कीस बाईस तेईस चौबीस पच्चीस छब्बीस सत्ताईस अट्ठाईस उनतीस
तीस इकतीस बत्तीस तैंतीस चौंतीस पैंतीस छत्तीस सैंतीस अड़तीस उनतालीस
चालीस इकतालीस बयालीस तैंतालीस चौवालीस पैंतालीस छियालीस सैंतालीस अड़तालीस उनचास
पचास इक्यावन बावन तिरपन चौवन पचपन छप्पन सत्तावन अट्ठावन उनसठ
साठ इकसठ बासठ तिरसठ चौंसठ पैंसठ छियासठ सड़सठ अड़सठ उनहत्तर
सत्तर इकहत्तर बहत्तर तिहत्तर चौहत्तर पचहत्तर छिहत्तर सतहत्तर अठहत्तर उनासी
अस्सी इक्यासी बयासी तिरासी चौरासी पचासी छियासी सत्तासी अट्ठासी नवासी
नब्बे इक्यानवे बानवे तिरानवे चौरानवे पचानवे छियानवे सत्तानवे अट्ठानवे निन्यानवे
""".split()  # noqa: SIM905  words read better than quotes

_SCALES: dict[Language, tuple[tuple[int, str], ...]] = {
    "en": ((10_000_000, "crore"), (100_000, "lakh"), (1_000, "thousand"), (100, "hundred")),
    "hi": ((10_000_000, "करोड़"), (100_000, "लाख"), (1_000, "हज़ार"), (100, "सौ")),
}


def rupees(paise: int) -> str:
    """₹12,34,567.50 for 123456750: Indian grouping, always two decimals."""
    return format_currency(Decimal(_checked(paise)).scaleb(-2), "INR", locale="en_IN")


def in_words(paise: int, language: Language = "en") -> str:
    """The amount as a receipt says it, in lakh and crore: "Rupees five hundred and fifty paise only"."""
    whole, part = divmod(_checked(paise), 100)
    return _in_hindi(whole, part) if language == "hi" else _in_english(whole, part)


def _checked(paise: int) -> int:
    # A bool is an int to Python; a True that reaches a receipt is a bug, not one paisa.
    if type(paise) is not int:
        raise TypeError(f"paise are whole numbers, not {type(paise).__name__}")
    if paise < 0:
        raise ValueError("an amount on paper is not negative: money given back is a refund of its own")
    return paise


def _in_english(whole: int, part: int) -> str:
    said = [f"rupee{'s' if whole != 1 else ''} {_number(whole, 'en')}"] if whole or not part else []
    if part:
        said.append(f"{_number(part, 'en')} {'paisa' if part == 1 else 'paise'}")
    sentence = " and ".join(said)
    return f"{sentence[0].upper()}{sentence[1:]} only"


def _in_hindi(whole: int, part: int) -> str:
    said = [f"{_number(whole, 'hi')} {'रुपया' if whole == 1 else 'रुपये'}"] if whole or not part else []
    if part:
        said.append(f"{_number(part, 'hi')} {'पैसा' if part == 1 else 'पैसे'}")
    return f"{' '.join(said)} मात्र"


def _number(number: int, language: Language) -> str:
    for size, name in _SCALES[language]:
        if number >= size:
            many, rest = divmod(number, size)
            tail = f" {_number(rest, language)}" if rest else ""
            return f"{_number(many, language)} {name}{tail}"
    return _HINDI_UNDER_100[number] if language == "hi" else _english_under_100(number)


def _english_under_100(number: int) -> str:
    if number < 20:
        return _ENGLISH_UNDER_20[number]
    tens, ones = divmod(number, 10)
    return _ENGLISH_TENS[tens] + (f"-{_ENGLISH_UNDER_20[ones]}" if ones else "")
