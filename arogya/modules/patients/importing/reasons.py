"""Why a line is refused, in the language of who takes the report away. English stands with each refusal itself."""

from typing import Final

from arogya.platform.money import Language

HINDI: Final = {
    "required": "यह नहीं है",
    "twice_in_file": "पहले की किसी पंक्ति में भी यही नंबर है",
    "same_person_in_file": "पहले की किसी पंक्ति में यही व्यक्ति है",
    "mrn_taken": "यहाँ किसी मरीज़ का यही नंबर है",
    "identifier_taken": "यहाँ किसी मरीज़ का यही नंबर है",
    "same_person_here": "यह व्यक्ति पहले से दर्ज है",
    "too_many_cells": "शीर्षकों से अधिक खाने: किसी पाठ में विभाजक चिह्न है",
    "cell_error": "स्प्रेडशीट यहाँ त्रुटि दिखाती है",
    "gender_unreadable": "M, F या O लिखें",
    "blood_group_unreadable": "A+, A-, B+, B-, AB+, AB-, O+, O- में से एक लिखें",
    "age_unreadable": "34, 9 m या 2 y 6 m लिखें",
    "date_unreadable": "dd/mm/yyyy या yyyy-mm-dd लिखें",
    "date_ambiguous": "दोनों में से कोई भी दिन हो सकता है: बताएँ पहले क्या है",
    "date_short_year": "वर्ष के चारों अंक लिखें",
    "date_impossible": "ऐसा कोई दिन नहीं है",
    "date_only_year": "केवल वर्ष: “जन्म वर्ष” चुनें",
    "year_unreadable": "यह जन्म वर्ष नहीं हो सकता",
    "in_the_future": "भविष्य में है",
    "too_long_ago": "बहुत पुराना है",
    "abha_format": "ABHA नंबर में 14 अंक होते हैं",
    "abha_address_format": "ABHA पता name@abdm जैसा होता है",
    "aadhaar_last4": "चार अंक",
    "passport_format": "अक्षर और अंक",
    "no_word": "नाम में कम से कम एक अक्षर हो",
    "string_too_long": "बहुत लंबा है",
    "less_than_equal": "बहुत बड़ा है",
    "string_pattern_mismatch": "यह ऐसा नहीं हो सकता",
    "value_error": "एक ही पंक्ति, बिना टैब के",
    "nul_character": "ऐसा अक्षर जो रखा नहीं जा सकता",
}
"""By code, as the client says them; a test keeps the two alike."""


def said(code: str, message: str, language: Language) -> str:
    """The reason in this language; in English where Hindi has no words for its code."""
    return HINDI.get(code, message) if language == "hi" else message
