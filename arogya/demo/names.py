"""Names as families in Pune have them, in Latin letters and, where people write them so, in their own script."""

from dataclasses import dataclass
from random import Random

Name = tuple[str, str | None]
"""In Latin letters, and in the own script."""


@dataclass(frozen=True, slots=True)
class Community:
    """share: of the families. language: as BCP 47 has it."""

    language: str
    share: int
    men: tuple[Name, ...]
    women: tuple[Name, ...]
    families: tuple[Name, ...]

    def name(self, gender: str, family: Name, draw: Random, taken: set[str]) -> Name:
        """A given name before the family's; not one that this family has already."""
        given = self.men if gender == "male" else self.women
        free = [name for name in given if name[0] not in taken] or list(given)
        chosen = draw.choice(free)
        taken.add(chosen[0])
        return joined(chosen, family)


def joined(given: Name, family: Name) -> Name:
    local = f"{given[1]} {family[1]}" if given[1] and family[1] else None
    return f"{given[0]} {family[0]}", local


def _names(text: str) -> tuple[Name, ...]:
    """`Mahesh महेश, Peter`: pairs, and names that are written in Latin letters only."""
    parts = (entry.split() for entry in text.replace("\n", " ").split(","))
    return tuple((part[0], part[1] if len(part) > 1 else None) for part in parts if part)


COMMUNITIES = (
    Community(
        "mr", 38,
        _names("""Omkar ओंकार, Dinesh दिनेश, Suresh सुरेश, Ganesh गणेश, Nitin नितीन, Vasant वसंत, Aditya आदित्य,
                  Sanket संकेत, Tushar तुषार, Yash यश, Pandurang पांडुरंग, Sameer समीर, Vishwas विश्वास, Nilesh निलेश"""),
        _names("""Savitri सावित्री, Asha आशा, Rohini रोहिणी, Shobha शोभा, Mangal मंगल, Vaishali वैशाली, Swati स्वाती,
                  Manisha मनीषा, Kamala कमला, Surekha सुरेखा, Anuja अनुजा, Gauri गौरी, Sharvari शर्वरी, Vandana वंदना"""),
        _names("""Patil पाटील, Jadhav जाधव, More मोरे, Kamble कांबळे, Shinde शिंदे, Waghmare वाघमारे, Datar दातार,
                  Rane राणे, Bedekar बेडेकर, Joshi जोशी, Kale काळे, Gaikwad गायकवाड, Chavan चव्हाण, Sathe साठे,
                  Nimkar निमकर, Dhamale धमाले"""),
    ),
    Community(
        "hi", 22,
        _names("""Rajesh राजेश, Vikram विक्रम, Ramesh रमेश, Manoj मनोज, Sanjay संजय, Deepak दीपक, Ashok अशोक,
                  Jagdish जगदीश, Pankaj पंकज, Brijesh बृजेश, Lalit ललित, Mukesh मुकेश"""),
        _names("""Pushpa पुष्पा, Usha उषा, Alka अलका, Parvati पार्वती, Neha नेहा, Anita अनीता, Sarita सरिता, Meena मीना,
                  Geeta गीता, Sushila सुशीला, Ritu ऋतु, Kiran किरण, Poonam पूनम"""),
        _names("""Yadav यादव, Mishra मिश्रा, Tiwari तिवारी, Saxena सक्सेना, Sharma शर्मा, Verma वर्मा, Gupta गुप्ता,
                  Chauhan चौहान, Pandey पांडेय, Dubey दुबे, Kushwaha कुशवाहा, Rawat रावत"""),
    ),
    Community(
        "ur", 9,
        _names("""Nadeem ندیم, Rizwan رضوان, Aslam اسلم, Tariq طارق, Waseem وسیم, Junaid جنید, Haroon ہارون,
                  Farhan فرحان"""),
        _names("""Fatima فاطمہ, Rukhsana رخسانہ, Rehana ریحانہ, Shabana شبانہ, Ayesha عائشہ, Nasreen نسرین,
                  Sumaiya سمیہ, Mumtaz ممتاز"""),
        _names("Shaikh شیخ, Ansari انصاری, Sayyed سید, Qazi قاضی, Momin مومن, Attar عطار, Bagwan باغبان"),
    ),
    Community(
        "ta", 6,
        _names("""Murugan முருகன், Senthil செந்தில், Karthik கார்த்திக், Kannan கண்ணன், Saravanan சரவணன்,
                  Elango இளங்கோ"""),
        _names("""Lakshmi லட்சுமி, Meenakshi மீனாட்சி, Leela லீலா, Revathi ரேவதி, Malar மலர், Selvi செல்வி,
                  Thenmozhi தேன்மொழி"""),
        _names("""Krishnan கிருஷ்ணன், Raman ராமன், Subramanian சுப்ரமணியன், Natarajan நடராஜன், Sundaram சுந்தரம்,
                  Arumugam ஆறுமுகம்"""),
    ),
    Community(
        "bn", 6,
        _names("Subrata সুব্রত, Anirban অনির্বাণ, Tapan তপন, Debashis দেবাশিস, Partha পার্থ, Arindam অরিন্দম, Bimal বিমল"),
        _names("Ananya অনন্যা, Nandini নন্দিনী, Mitali মিতালী, Shampa শম্পা, Tania তানিয়া, Piyali পিয়ালী, Rupa রূপা"),
        _names("Sen সেন, Bose বসু, Das দাস, Ghosh ঘোষ, Dutta দত্ত, Pal পাল, Saha সাহা, Mondal মণ্ডল"),
    ),
    Community(
        "pa", 6,
        _names("Harjit ਹਰਜੀਤ, Manpreet ਮਨਪ੍ਰੀਤ, Balwinder ਬਲਵਿੰਦਰ, Jaspal ਜਸਪਾਲ, Sukhdev ਸੁਖਦੇਵ, Gurnam ਗੁਰਨਾਮ"),
        _names("Simran ਸਿਮਰਨ, Harleen ਹਰਲੀਨ, Jasleen ਜਸਲੀਨ, Amrit ਅੰਮ੍ਰਿਤ, Kiranjit ਕਿਰਨਜੀਤ, Rupinder ਰੁਪਿੰਦਰ"),
        _names("Sandhu ਸੰਧੂ, Gill ਗਿੱਲ, Sethi ਸੇਠੀ, Dhillon ਢਿੱਲੋਂ, Brar ਬਰਾੜ, Bedi ਬੇਦੀ"),
    ),
    Community(
        "gu", 5,
        _names("Bhavesh, Hiren, Ketan, Jignesh, Chirag, Mitesh"),
        _names("Hetal, Bhavna, Falguni, Dipti, Komal, Jalpa"),
        _names("Shah, Desai, Trivedi, Vora, Solanki, Panchal"),
    ),
    Community(
        "te", 3,
        _names("Naveen, Srinivas, Ravi, Venkat, Kishore"),
        _names("Padma, Sowjanya, Swarna, Bhargavi, Sirisha"),
        _names("Reddy, Naidu, Chary, Goud"),
    ),
    Community(
        "ml", 3,
        _names("Arjun, Biju, Vinod, Sreejith, Manu"),
        _names("Deepa, Sreeja, Bindu, Remya, Ambili"),
        _names("Nair, Pillai, Kurup, Warrier"),
    ),
    Community(
        "en", 4,
        _names("Peter, Anthony, Rohan, Melvyn, Denzil"),
        _names("Mary, Maria, Sandra, Janice, Flavia"),
        _names("Fernandes, D'Souza, Thomas, Pereira, Rodrigues"),
    ),
)  # fmt: skip
