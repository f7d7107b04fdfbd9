"""How much of one text is in another, and what kind of document a text is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from monitor.model import Blocks, Page

WIDE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
WORD = re.compile(f"[{WIDE}]|[^\\W{WIDE}]+")
SHINGLE = 4  # words that must stand together to count as the same text

# What titles call each kind of document.
KINDS = {
    "privacy": r"privacy|datenschutz|confidentialité|vie privée|privacidad|privacidade|riservatezza"
    r"|隐私|隱私|プライバシー|개인정보",
    "terms": r"terms|conditions|\btos\b|\beula\b|agreement|nutzungsbedingungen|\bagb\b|\bcgu\b|términos"
    r"|condiciones|termini|condizioni|termos|voorwaarden|条款|條款|协议|協議|利用規約|規約|이용약관|약관",
    "cookies": r"cookie|tracker",
    "processing": r"data processing|\bdpa\b|auftragsverarbeitung|sub-?processor|数据处理",
    "usage": r"(acceptable|fair|prohibited)? ?(use|usage) polic|guidelines|code of conduct|richtlinien"
    r"|使用政策|ガイドライン",
    "security": r"security|vulnerability|responsible disclosure|bug bounty",
}
KIND = {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in KINDS.items()}
# What sets terms apart from other terms.
GENRES = {
    "a licence": r"licen[cs]e|\beula\b|lizenz|licencia",
    "a service": r"terms of (?:service|use)|terms (?:and|&) conditions|nutzungsbedingungen"
    r"|conditions d'utilisation",
    "partners": r"partner|affiliate|reseller|referral",
    "developers": r"developer|\bapi\b|\bsdk\b",
}
GENRE = {genre: re.compile(pattern, re.IGNORECASE) for genre, pattern in GENRES.items()}
LEGAL = re.compile(
    r"\b(?:terms?|polic(?:y|ies)|agreement|services?|data|information|personal|rights?|shall|may|must|liab\w+|law\w*|party|parties|consent"
    r"|customers?|users?|content|processing|retain\w*|collect\w*|disclos\w+|notice|applicable|including|daten|dienste?|recht\w*|vertrag\w*"
    r"|données|droits?|services?|contrat|datos|derechos|servicios?|contrato|dati|diritti|servizi|dados|direitos|serviços)\b"
    r"|数据|信息|服务|用户|权利|协议|条款|法律|個人情報|情報|サービス|利用|規約|개인정보|서비스|이용자",
    re.IGNORECASE,
)

# What else a title names a document by: its kind, or what it is about.
NAMED = re.compile(
    r"\b(?:polic(?:y|ies)|legal|notice|addendum|data|retention|deletion|training|copyright|dmca|sla|commitments?"
    r"|(?:supported|available) (?:countries|regions)|minimum age|compliance|trust|imprint)\b"
    r"|daten|impressum|aufbewahrung|données|mentions légales|datos|aviso legal|dados|dati"
    r"|数据|声明|データ|데이터",
    re.IGNORECASE,
)
# What terms say that is done with data.
DEED = re.compile(
    r"\b(?:stor(?:e|es|ed|ing)|delet\w+|retain\w*|retention|keeps?|kept|train(?:s|ed|ing)?|collect(?:s|ed|ing)?)\b"
    r"|\b(?:(?:ge)?speicher|(?:ge)?lösch|aufbewahr|conserv|supprim|almacen|elimin|armazen)\w*|保存|删除|收集|训练|収集|削除|수집|삭제",
    re.IGNORECASE,
)


def words(blocks: Blocks) -> list[str]:
    """The words of a text in lower case; a wide character is a word."""
    return [word for block in blocks for word in _words_of(block.text)]


@lru_cache(maxsize=4096)  # most blocks of a version stood in the one before it
def _words_of(text: str) -> tuple[str, ...]:
    return tuple(WORD.findall(text.casefold()))


@dataclass(frozen=True)
class Text:
    """A page's title and text with what is counted in it, each once and only when asked for."""

    title: str
    blocks: Blocks

    @cached_property
    def text(self) -> str:
        return "\n".join(block.text for block in self.blocks)

    @cached_property
    def words(self) -> list[str]:
        return words(self.blocks)

    @cached_property
    def shingles(self) -> frozenset[tuple[str, ...]]:
        return frozenset(zip(*(self.words[start:] for start in range(SHINGLE)), strict=False))

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of document that the title or the first heading names."""
        heading = next((block.text for block in self.blocks[:5]), "")
        named = f"{self.title}\n{heading[:100]}"
        return frozenset(kind for kind, pattern in KIND.items() if pattern.search(named))

    @cached_property
    def genres(self) -> frozenset[str]:
        """What kind of terms the title or the first heading names."""
        heading = next((block.text for block in self.blocks[:5]), "")
        named = f"{self.title}\n{heading[:100]}"
        return frozenset(genre for genre, pattern in GENRE.items() if pattern.search(named))

    @cached_property
    def is_named(self) -> bool:
        """Whether the title or the first heading names a document."""
        heading = next((block.text for block in self.blocks[:5]), "")
        return bool(self.kinds) or bool(NAMED.search(f"{self.title}\n{heading[:100]}"))

    @property
    def has_deeds(self) -> bool:
        """Whether the text says that something is kept, deleted, collected or trained on."""
        return bool(DEED.search(self.text))

    @cached_property
    def legal(self) -> float:
        """How many of a hundred words are those of terms, whatever their subject."""
        return 100 * len(LEGAL.findall(self.text)) / max(1, len(self.words))

    def share_in(self, other: Text) -> float:
        """The share of this text's runs of words that the other text holds too; 1 for a very short text."""
        return len(self.shingles & other.shingles) / len(self.shingles) if self.shingles else 1.0


@lru_cache(maxsize=2)
def _counted(title: str, blocks: Blocks) -> Text:
    return Text(title, blocks)


def text_of(page: Page) -> Text:
    """A page's text; what was counted in it is still known when the next version is compared with it."""
    return _counted(page.title, page.blocks)
