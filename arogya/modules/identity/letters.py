"""What is written to people about their account, in their language."""

from dataclasses import dataclass

from arogya.platform.messages import Email


@dataclass(frozen=True, slots=True)
class _Words:
    subject: str
    body: str


_SIGNED = {"en": "\n\nArogya", "hi": "\n\nआरोग्य"}

_LETTERS: dict[str, dict[str, _Words]] = {
    "reset": {
        "en": _Words(
            "Choose a new password",
            "Somebody, probably you, asked for a new password for {username}. Choose it here within 30 minutes:\n\n"
            "{link}\n\nIf it was not you, do nothing: your password stays as it is.",
        ),
        "hi": _Words(
            "नया पासवर्ड चुनें",
            "किसी ने, शायद आपने, {username} के लिए नया पासवर्ड माँगा है। 30 मिनट के भीतर यहाँ चुनें:\n\n"
            "{link}\n\nअगर यह आप नहीं थे तो कुछ न करें: आपका पासवर्ड वही रहेगा।",
        ),
    },
    "email": {
        "en": _Words(
            "Is this your e-mail address?",
            "{username} wants to sign in with this address. If that is you, open this within 24 hours:\n\n"
            "{link}\n\nIf it is not, do nothing: the address is then not used.",
        ),
        "hi": _Words(
            "क्या यह आपका ई-मेल पता है?",
            "{username} इस पते से साइन इन करना चाहते हैं। अगर यह आप हैं तो 24 घंटे के भीतर इसे खोलें:\n\n"
            "{link}\n\nअगर नहीं, तो कुछ न करें: तब यह पता काम में नहीं लिया जाएगा।",
        ),
    },
    "email-taken": {
        "en": _Words(
            "Your e-mail address was asked for",
            "Somebody wanted to sign in with this address, but it already belongs to an account. Nothing was changed.",
        ),
        "hi": _Words(
            "आपका ई-मेल पता माँगा गया",
            "किसी ने इस पते से साइन इन करना चाहा, पर यह पहले से एक खाते का है। कुछ नहीं बदला गया।",
        ),
    },
    "email-changed": {
        "en": _Words(
            "Your e-mail address was changed",
            "{username} signs in with another e-mail address from now on, and no longer with this one. "
            "If it was not you, tell your hospital's administrator at once.",
        ),
        "hi": _Words(
            "आपका ई-मेल पता बदला गया",
            "{username} अब दूसरे ई-मेल पते से साइन इन करते हैं, इस पते से नहीं। अगर यह आप नहीं थे तो अस्पताल के प्रशासक को तुरंत बताएँ।",
        ),
    },
    "second-factor-off": {
        "en": _Words(
            "Your second step is off",
            "Signing in as {username} no longer asks for a code from the phone. "
            "If this surprises you, tell your hospital's administrator at once.",
        ),
        "hi": _Words(
            "आपका दूसरा चरण बंद है",
            "{username} से साइन इन करते समय अब फ़ोन का कोड नहीं पूछा जाएगा। "
            "अगर आपको यह पता नहीं था तो अस्पताल के प्रशासक को तुरंत बताएँ।",
        ),
    },
    "invitation": {
        "en": _Words(
            "{hospital} invites you",
            "You are invited to work in {hospital} with Arogya. Say who you are and choose how you sign in, "
            "within 7 days:\n\n{link}\n\nWhoever has this link can take the place: don't pass it on.",
        ),
        "hi": _Words(
            "{hospital} का निमंत्रण",
            "आपको {hospital} में आरोग्य पर काम करने के लिए बुलाया गया है। 7 दिन के भीतर अपना नाम लिखें "
            "और साइन इन करने का तरीका चुनें:\n\n{link}\n\nजिसके पास यह लिंक है वह यह जगह ले सकता है: इसे आगे न भेजें।",
        ),
    },
}


def letter(kind: str, to: str, language: str, **told: str) -> Email:
    """kind: one of the above. told: what its sentences name."""
    spoken = language if language in _SIGNED else "en"
    words = _LETTERS[kind][spoken]
    return Email(to, words.subject.format(**told), words.body.format(**told) + _SIGNED[spoken])
