"""Which language a text is in: by its script, then by a vote of its commonest words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

SAMPLE = 20_000  # characters looked at
FEWEST_WORDS = 40  # fewer tell little
FEWEST_CLEAR = 12  # and so few only where no other language comes near
# Function words that are frequent in terms and rare in the other languages listed.
COMMON = {
    "en": "the of and to that you your we our with is are for this by not any or from may will",
    "fr": "le les des et vous nous vos notre nos dans pour est sont ou par que du au aux sur une avec ne pas",
    "de": "der die das und sie wir ihre unsere mit für von den dem oder nicht werden ist sind zu auf eine",
    "es": "el la los las y de en usted sus nuestro nuestros con para que del por una o se es son su al como",
    "it": "il di e che per i della dei le con gli nostri nostro sono è un una dell alla nel o si",
    "pt": "o os as e você para com que dos das nossos nosso por uma não ou seus sua são em ao pela do da",
    "nl": "de het een en van u wij uw onze met voor op niet zijn of dat door te worden bij",
    "sv": "och att du vi som för med av inte är den det på kan eller till din dina våra",
    "da": "og at du vi som for med af ikke er den det på kan eller til din dine vores",
    "no": "og å du vi som for med av ikke er den det på kan eller til din dine våre",
    "fi": "ja on ei tai että voi sekä jos kun se ovat sinun meidän tämä mukaan",
    "pl": "i w z na do nie że się jest oraz lub przez są ich państwa dla od po które",
    "cs": "a v na je se že z do nebo k o s jsou pro které jako vaše naše podle",
    "tr": "ve bir bu için ile veya da de olarak olan sizin bizim gibi daha kadar",
    "id": "dan yang untuk dengan anda kami atau di ini dari pada tidak dalam akan ke dapat",
    "vi": "và của bạn chúng tôi cho các được trong là với không này khi có để",
    "ro": "și de la în cu pentru sau care este sunt nu prin dumneavoastră noastre pe din",
    "hu": "a az és hogy nem is vagy egy ön mi meg által ha amely vagyunk",
    "ru": "и в на не что вы мы с по для или от из к ваших наших это при как",
    "uk": "і в на не що ви ми з для або від та до ваших наших це при як",
}
VOTERS = {language: frozenset(words.split()) for language, words in COMMON.items()}
SCRIPTS = {"HANGUL": "ko", "ARABIC": "ar", "HEBREW": "he", "THAI": "th", "GREEK": "el", "DEVANAGARI": "hi"}
NEAR = {"no": "da", "nb": "da", "nn": "da", "uk": "ru"}  # told apart too poorly to quarrel about
WORD = re.compile(r"[^\W\d_]+")
OF_SCRIPTS = re.compile("[^\\W\\d_\x00-\u036f]")  # letters of other scripts than the Latin one
HAN, KANA = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]"), re.compile("[\u3040-\u30ff]")


@lru_cache(maxsize=8)
def language_of(text: str) -> str:
    """The ISO 639-1 code of the language that most of a text is in; "" if it is too short or unclear."""
    sample = text[:SAMPLE]
    script = _by_script(sample)
    return script or _by_words(WORD.findall(sample.casefold()))


def same_language(one: str, other: str) -> bool:
    """Whether two language tags ("en-GB", "pt_BR") name one language, or ones too close to tell apart."""
    first, second = (re.split(r"[-_]", tag.strip().lower())[0] for tag in (one, other))
    return NEAR.get(first, first) == NEAR.get(second, second)


def _by_script(sample: str) -> str:
    """Languages with a script of their own; a fifth of wide letters is enough, for they say more each."""
    if not OF_SCRIPTS.search(sample):
        return ""  # as of most texts, for a twentieth of the time that counting takes
    han, kana = len(HAN.findall(sample)), len(KANA.findall(sample))
    letters = sum(character.isalpha() for character in sample)
    if han + kana > max(FEWEST_WORDS, letters / 5):
        return "ja" if kana * 8 > han + kana else "zh"
    every = [character for character in sample[::7] if character.isalpha() and character > "\u0370"]
    scripts = Counter(unicodedata.name(character, "?").split()[0] for character in every)
    script, count = next(iter(scripts.most_common(1)), ("", 0))
    return SCRIPTS.get(script, "") if count * 7 > letters / 2 and letters > FEWEST_WORDS else ""


def _by_words(words: list[str]) -> str:
    if len(words) < FEWEST_CLEAR:
        return ""
    counts = Counter(words)
    votes = {
        language: sum(counts[word] for word in voters) / len(words) for language, voters in VOTERS.items()
    }
    first, second = sorted(votes, key=lambda language: votes[language], reverse=True)[:2]
    least, ahead = (0.15, 1.3) if len(words) >= FEWEST_WORDS else (0.2, 2.5)
    clear = votes[first] > least and votes[first] > ahead * votes[second]
    near = len(words) >= FEWEST_WORDS and votes[first] > 0.1 and same_language(first, second)
    return first if clear or near else ""
