"""Patients by name: those whom the screens' pictures show, so that a demo looks like them. All of them are invented."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Player:
    """number: of the MRN, None for any."""

    name: str
    name_local: str | None
    gender: str
    age: int
    language: str
    number: int | None = None
    blood_group: str | None = None


@dataclass(frozen=True, slots=True)
class Relative(Player):
    """One of the Deshmukh family. visits: all of theirs but today's, (doctor, days from today)."""

    relation: str = ""
    of: str = ""
    visits: tuple[tuple[str, int], ...] = ()


FAMILY_PHONE = "90000 11207"
SUNITA = Relative("Sunita Deshmukh", "सुनीता देशमुख", "female", 46, "mr", 204518, "O+", "W/o", "Mahesh Deshmukh",
                  (("doctor", -7), ("dr.menon", -40), ("dr.nambiar", 5)))  # fmt: skip
ISHITA = Relative("Ishita Deshmukh", "इशिता देशमुख", "female", 14, "mr", 221068, "O+", "D/o", "Mahesh Deshmukh",
                  (("dr.farooqui", -83),))  # fmt: skip
AARAV = Relative("Aarav Deshmukh", "आरव देशमुख", "male", 9, "mr", 221067, "B+", "S/o", "Mahesh Deshmukh",
                 (("dr.farooqui", 3),))  # fmt: skip
DESHMUKHS = (
    SUNITA,
    Relative("Mahesh Deshmukh", "महेश देशमुख", "male", 51, "mr", 204519, "B+", "S/o", "Vasantrao Deshmukh",
             (("dr.menon", -51),)),
    Relative("Kamala Deshmukh", "कमला देशमुख", "female", 73, "mr", 198804, "B+", "W/o", "Vasantrao Deshmukh",
             (("dr.gill", -87),)),
    ISHITA,
    AARAV,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Queue:
    """Who stands where in one doctor's queue of today; whoever else comes is drawn."""

    seen: tuple[Player, ...] = ()
    missed: tuple[Player, ...] = ()
    inside: tuple[Player, ...] = ()
    waiting: tuple[Player, ...] = ()
    expected: tuple[Player, ...] = ()
    pending: tuple[Player, ...] = ()


QUEUES: dict[str, Queue] = {
    "doctor": Queue(
        seen=(Player("Leela Krishnan", "லீலா கிருஷ்ணன்", "female", 61, "ta"),
              Player("Omkar Jadhav", "ओंकार जाधव", "male", 29, "mr"),
              Player("Bhavesh Shah", "ભાવેશ શાહ", "male", 44, "gu"),
              Player("Dinesh Patil", "दिनेश पाटील", "male", 49, "mr")),
        missed=(Player("Savitri Mishra", "सावित्री मिश्रा", "female", 55, "hi"),),
        inside=(Player("Gurdeep Sandhu", "ਗੁਰਦੀਪ ਸੰਧੂ", "male", 58, "pa", 187442, "B+"),),
        waiting=(Player("Fatima Shaikh", "فاطمہ شیخ", "female", 34, "ur"),
                 Player("Ananya Sen", "অনন্যা সেন", "female", 27, "bn")),
        expected=(Player("Tenzin Dorje", None, "male", 31, "en"),
                  Player("Naveen Reddy", None, "male", 44, "te")),
        pending=(Player("Asha Waghmare", "आशा वाघमारे", "female", 52, "mr"),),
    ),
    "dr.menon": Queue(
        seen=(Player("Vasant Joshi", "वसंत जोशी", "male", 70, "mr"),
              Player("Rukhsana Begum", "رخسانہ بیگم", "female", 59, "ur"),
              Player("Peter Fernandes", None, "male", 63, "en")),
        inside=(Player("Kiran Bedekar", "किरण बेडेकर", "male", 48, "mr"),),
        waiting=(Player("Raghav Bhat", None, "male", 67, "en"),),
        expected=(Player("Mohd Irfan Ansari", "محمد عرفان انصاری", "male", 41, "ur"),
                  Player("Usha Tiwari", "उषा तिवारी", "female", 66, "hi")),
    ),
    "dr.gill": Queue(
        waiting=(Player("Suresh Kamble", "सुरेश कांबळे", "male", 38, "mr"),
                 Player("Mary Thomas", None, "female", 57, "en"),
                 Player("Jagdish Lal", "जगदीश लाल", "male", 64, "hi")),
        expected=(Player("Nandini Bose", "নন্দিনী বসু", "female", 33, "bn"),
                  Player("Farhan Ali", "فرحان علی", "male", 26, "ur"),
                  Player("Rehana Qazi", "ریحانہ قاضی", "female", 47, "ur"),
                  Player("Parvati Devi", "पार्वती देवी", "female", 71, "hi")),
    ),
    "dr.farooqui": Queue(
        seen=(Player("Aditya More", "आदित्य मोरे", "male", 6, "mr"),
              Player("Zoya Khan", "زویا خان", "female", 4, "ur"),
              Player("Arjun Nair", None, "male", 11, "ml"),
              Player("Meher Gill", "ਮਿਹਰ ਗਿੱਲ", "female", 8, "pa")),
        inside=(Player("Kabir Sethi", "ਕਬੀਰ ਸੇਠੀ", "male", 5, "pa"),),
        expected=(Player("Ishaan Rao", None, "male", 3, "te"),),
    ),
    "dr.nambiar": Queue(expected=(Player("Shobha Rane", "शोभा राणे", "female", 42, "mr"),)),
    "dr.kulkarni": Queue(
        seen=(Player("Alka Saxena", "अलका सक्सेना", "female", 36, "hi"),
              Player("Vikram Solanki", None, "male", 53, "gu"),
              Player("Deepa Pillai", None, "female", 30, "ml")),
        expected=(Player("Imtiaz Sheikh", "امتیاز شیخ", "male", 39, "ur"),
                  Player("Rohini Datar", "रोहिणी दातार", "female", 45, "mr")),
        pending=(Player("Pushpa Yadav", "पुष्पा यादव", "female", 62, "hi", 176203),),
    ),
    "dr.rao": Queue(missed=(Player("Joseph D'Souza", None, "male", 38, "en"),), expected=(ISHITA,)),
}  # fmt: skip

SKIPPED_AT, PRIORITY_AT = "dr.pawar", "dr.rao"
"""In whose queue someone did not come when called, and someone goes before the others."""

OTHERS = (Player("Shabana Pathan", "شبانہ پٹھان", "female", 36, "ur", 203310),)

MOTHER = Player("Rina Das", "রীনা দাস", "female", 25, "bn", 219950)
BABY = "Baby of Rina Das"


def everyone() -> list[Player]:
    """All but the Deshmukhs, each once."""
    queued = [
        player
        for queue in QUEUES.values()
        for group in (queue.seen, queue.missed, queue.inside, queue.waiting, queue.expected, queue.pending)
        for player in group
        if not isinstance(player, Relative)
    ]
    return [*queued, *OTHERS]
