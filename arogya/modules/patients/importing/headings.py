"""What a column holds, guessed from its heading: English, Hindi, and the names that other systems use."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal, get_args

Target = Literal[
    "name", "first_name", "middle_name", "last_name", "name_local", "mrn", "phone", "phone_2", "gender", "birth_date",
    "birth_year", "age", "blood_group", "father_name", "husband_name", "relative_name", "email", "address_line", "city",
    "district", "state", "postal_code", "abha_number", "abha_address", "aadhaar_last4", "passport", "contact_name",
    "contact_relation", "contact_phone", "relative_kind", "birth_date_precision",
]  # fmt: skip
"""What may be taken from a file."""
TARGETS: tuple[Target, ...] = get_args(Target)

_SAID: dict[Target, str] = {
    "name": "name, patient name, patients name, full name, pt name, name of patient, patient, beneficiary name, "
    "नाम, मरीज का नाम, रोगी का नाम, पूरा नाम, मरीज नाम",
    "first_name": "first name, fname, given name, patient first name, forename, पहला नाम, प्रथम नाम",
    "middle_name": "middle name, mname, patient middle name, मध्य नाम",
    "last_name": "last name, lname, surname, family name, patient last name, उपनाम, अंतिम नाम, कुलनाम, सरनेम",
    "name_local": "name in own script, अपनी लिपि में नाम, "
    "local name, name local, hindi name, name in hindi, name hindi, vernacular name, regional name, "
    "हिंदी नाम, हिन्दी नाम, नाम हिंदी",
    "mrn": "uhid, uhid no, uhid number, mrn, mrn no, mr no, mrno, mr number, mrd no, medical record number, "
    "medical record no, patient id, patientid, patient no, patient number, patient code, hospital no, "
    "hospital number, registration no, registration number, reg no, regno, reg number, opd no, op no, ip no, cr no, "
    "cr number, hid, pid, यूएचआईडी, पंजीकरण संख्या, पंजीयन संख्या, मरीज आईडी, रोगी संख्या, मरीज संख्या, "
    "रजिस्ट्रेशन नंबर, पंजीकरण क्रमांक, एमआर नंबर",
    "phone": "phone, phones, phone no, phone number, mobile, mobile no, mobile number, mob no, mob, mobile phone, "
    "contact, contact no, contact number, cell, cell no, cell phone, primary phone, phone 1, mobile 1, tel, telephone, "
    "telephone no, whatsapp, whatsapp no, whatsapp number, patient mobile, patient phone, मोबाइल, मोबाइल नंबर, "
    "मोबाइल न, फोन, फोन नंबर, संपर्क, संपर्क नंबर, दूरभाष, मोबाइल संख्या",
    "phone_2": "phone 2, mobile 2, alternate phone, alternate mobile, alternate no, alternate number, alt phone, "
    "alt mobile, alternate contact, alternate contact no, secondary phone, second phone, other phone, residence phone, "
    "landline, दूसरा मोबाइल, अन्य फोन, वैकल्पिक नंबर",
    "gender": "gender, sex, m f, mf, gender sex, sex gender, gender code, लिंग, जेंडर",
    "birth_date": "dob, d o b, date of birth, birth date, birthdate, birthday, birth dt, patient dob, जन्म तिथि, "
    "जन्मतिथि, जन्म दिनांक, जन्म तारीख, जन्मदिन",
    "birth_date_precision": "birth date known to the, birth date precision, जन्म तिथि कहाँ तक ज्ञात",
    "birth_year": "yob, year of birth, birth year, yearofbirth, जन्म वर्ष",
    "age": "age, age years, age in years, age yrs, age y, patient age, age yr, उम्र, आयु, उम्र वर्ष",
    "blood_group": "blood group, bloodgroup, blood grp, blood type, bg, blood, रक्त समूह, ब्लड ग्रुप, रक्त वर्ग",
    "father_name": "father name, fathers name, father, s o, d o, name of father, पिता का नाम, पिता",
    "husband_name": "husband name, husbands name, husband, w o, spouse name, spouse, पति का नाम, पति",
    "relative_name": "whose, guardian name, guardian, relative name, father husband name, fathers husbands name, "
    "father or husband name, father spouse name, s o w o d o, s o d o w o, c o, care of, relation name, "
    "पिता पति का नाम, अभिभावक, अभिभावक का नाम",
    "relative_kind": "child or spouse of, relative kind, किसके बच्चे या जीवनसाथी",
    "email": "email, e mail, email id, e mail id, email address, mail id, mail, ईमेल, ई मेल",
    "address_line": "address, address 1, address line, address line 1, addr, patient address, residential address, "
    "permanent address, current address, street, full address, पता, निवास, स्थायी पता",
    "city": "city, town, village, city village, village town, town village, city town, place, शहर, गांव, गाँव, नगर, ग्राम",
    "district": "district, dist, जिला",
    "state": "state, province, राज्य, प्रदेश",
    "postal_code": "pin, pincode, pin code, postal code, zip, zip code, zipcode, postcode, पिन कोड, पिनकोड, पिन",
    "abha_number": "abha, abha no, abha नंबर, abha number, abha id, abhaid, health id number, healthid number, ndhm id, "
    "health id no, abha card no, आभा नंबर, आभा, आभा संख्या",
    "abha_address": "abha address, health id, healthid, phr address, phr id, आभा पता",
    "aadhaar_last4": "aadhaar last 4, aadhaar last four, aadhar last 4, aadhaar last 4 digits",
    "passport": "passport, passport no, passport number, पासपोर्ट, पासपोर्ट नंबर",
    "contact_name": "emergency contact, emergency contact name, emergency name, nok, nok name, next of kin, "
    "next of kin name, kin name, attendant name, आपातकालीन संपर्क, आपातकालीन संपर्क नाम",
    "contact_relation": "emergency contact relation, emergency relation, nok relation, relation, relationship, "
    "relationship with patient, संबंध, रिश्ता",
    "contact_phone": "emergency contact no, emergency contact number, emergency phone, emergency mobile, nok phone, "
    "nok mobile, nok contact, attendant mobile, attendant phone, emergency no, आपातकालीन नंबर",
}

_NUKTA = "\u093c"


def _folded(heading: str) -> str:
    """Letters and digits alone: `Mobile No.` is `mobileno`. The dot below of Hindi letters comes and goes."""
    spread = unicodedata.normalize("NFKD", re.sub(r"\([^)]*\)", " ", heading) or heading).casefold()
    spread = spread.replace(_NUKTA, "").replace("\u0901", "\u0902")
    return "".join(c for c in spread if unicodedata.category(c)[0] in "LN" or unicodedata.category(c) in {"Mn", "Mc"})


_KNOWN: dict[str, Target] = {_folded(said): target for target, said_of in _SAID.items() for said in said_of.split(",")}


def guessed(headings: Sequence[str]) -> dict[Target, int]:
    """What may be in which column; the first of two that say the same. A second phone stands as the second."""
    found: dict[Target, int] = {}
    for column, heading in enumerate(headings):
        target = _KNOWN.get(_folded(heading))
        if target == "phone" and "phone" in found:
            target = "phone_2"
        if target is not None and target not in found:
            found[target] = column
    if "name" in found and "first_name" in found:
        # Both: the parts are sure to be the person's, "name" may be whatever else has one.
        for part in ("first_name", "middle_name", "last_name"):
            found.pop(part, None)
    return found
