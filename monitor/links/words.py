"""Which words name a legal document, and of which type: patterns over link texts and words of paths."""

from __future__ import annotations

import re

# Beside Open Terms Archive's names, for what those do not cover.
SUBPROCESSORS = "Subprocessor List"
SERVICE_LEVELS = "Service Level Agreement"
OTHER = "Legal Document"

_TYPES = (
    (
        SUBPROCESSORS,
        r"sub-?\s?processors?|unterauftragsverarbeiter|sous-traitants ult|subencargados|子处理者",
    ),
    (
        SERVICE_LEVELS,
        r"service levels?(?: agreements?)?|\bslas?\b|服务等级协议|サービスレベル",
    ),
    (
        "Data Processor Agreement",
        r"data (?:process(?:ing|or)|protection) (?:addend\w+|agreements?|amendments?|terms|annex\w*"
        r"|schedule)|\bdpas?\b|customer data (?:agreements?|addend\w+)|standard contractual clauses"
        r"|\bsccs\b|auftragsverarbeitung\w*|\bavv\b|accord (?:de|sur le) traitement|acuerdo de tratamiento"
        r"|contrato de tratamiento|verwerkersovereenkomst|数据处理(?:协议|附录|条款)|データ処理",
    ),
    (
        "Trackers Policy",
        r"(?:cookies?|trackers?|tracking technologies) (?:policy|policies|notice|statement|declaration)"
        r"|^cookies?$|cookie-?richtlinien?|politique (?:de|relative aux) (?:gestion des )?cookies"
        r"|pol[ií]tica de cookies|cookieverklaring|cookie 政策|cookie政策",
    ),
    (
        "Data Usage Policy",
        r"(?:model|ai) training|train(?:ing)? (?:our |its |the |ai |your )*models?|(?:zero )?data retention"
        r"|retention polic\w+"
        r"|(?:how|what|where|why|when|do|does|is|are|will|can)\b.{0,40}\b(?:data|prompts?|conversations?"
        r"|chats?|content|inputs?)\b.{0,30}\b(?:used|stored?|kept|retain(?:ed)?|train\w*|handled|protected"
        r"|shared|deleted)\b"
        r"|(?:how|do|does|will|can)\b.{0,20}\b(?:use|store|keep|retain|train on|handle|share"
        r"|delete)\b.{0,24}\b(?:data|prompts?|conversations?|chats?|content|inputs?)\b"
        r"|data (?:usage|use|handling|collection)\b|(?:your|customer|user) data (?:in|and|for)\b"
        r"|datennutzung|utilisation (?:de vos|des) donn[ée]es|uso de (?:los |tus |sus )?datos|数据使用"
        r"|データの(?:使用|利用)",
    ),
    (
        "Acceptable Use Policy",
        r"acceptable use|prohibited us(?:es?|age)|usage polic\w+|\buse polic\w+|usage (?:guidelines|rules)"
        r"|\baup\b|content polic\w+|nutzungsrichtlinien?|可接受使用|使用政策|使用规范",
    ),
    (
        "Community Guidelines",
        r"community (?:guidelines|standards|rules|principles)|code of conduct|社区(?:规范|准则|公约)",
    ),
    (
        "Copyright Claims Policy",
        r"\bdmca\b|copyright (?:policy|claims?|complaints?|notice|infringement)"
        r"|intellectual property policy",
    ),
    (
        "Law Enforcement Guidelines",
        r"law enforcement (?:guidelines|requests?|guide|policy)|government requests? policy",
    ),
    (
        "Vulnerability Disclosure Policy",
        r"(?:vulnerability|responsible) disclosure(?: policy| program)?$",
    ),
    (
        "Developer Terms",
        r"(?:developers?|api|sdk|plugin|partner|platform|marketplace) (?:\w+ )?(?:terms|agreements?"
        r"|polic\w+|license)|开发者(?:协议|条款|政策)|开放平台.{0,6}(?:协议|条款)",
    ),
    (
        "Commercial Terms",
        r"(?:commercial|business|enterprise|customer|corporate|reseller) (?:\w+ )?(?:terms|agreements?)"
        r"|master (?:\w+ ){0,2}agreement|\bmsa\b|services? agreement|subscription agreement|order form"
        r"|商业条款",
    ),
    (
        "Privacy Policy",
        r"privacy (?:\w+ ){0,2}(?:policy|policies|notices?|statements?|terms|disclosures?|addend\w+"
        r"|supplements?|rights)|^(?:\w+ ){0,2}privacy$"
        r"|^privacy (?:and|&|\+) (?:cookies?|security|terms|legal|data protection)\b"
        r"|\b(?:ccpa|cpra|gdpr) (?:\w+ )?(?:notice|policy|statement|addend\w+)"
        r"|data (?:protection|privacy) (?:policy|notice|statement|declaration)"
        r"|datenschutz(?:erkl[äa]rung|hinweise?|bestimmungen|richtlinien?|information\w*)?\b"
        r"|(?:politique|charte) (?:de|sur la) (?:confidentialit|protection|vie priv)|\bconfidentialit[ée]$"
        r"|donn[ée]es personnelles|pol[ií]tica de privaci?dad\w*|aviso de privacidad|^privaci?dade?$"
        r"|informativa (?:sulla |privacy)|privacy ?(?:verklaring|beleid)|polityka prywatno[śs]ci"
        r"|隐私(?:政策|声明|条款|协议|权政策|保护|指引)?|個人情報|プライバシー|개인정보|конфиденциальност",
    ),
    (
        "Terms of Service",
        r"terms (?:of|and|&|\+) (?:\w+ ){0,2}(?:service|services|use|usage|sale|conditions|business"
        r"|polic\w+|privacy)\b|terms (?:of|and) (?:service|use|conditions)|^(?:\S+ ){0,9}terms$"
        r"|^terms (?:for|applicable|supplement)\b|\bterms of\b|\btos\b|\beula\b|\btouc?\b"
        r"|terms (?:of)?use\b|^terms\b(?!.{0,3}\w+ing\b)"
        r"|conditions (?:of (?:use|sale|service)|g[ée]n[ée]rales|d utilisation|d'utilisation|d’utilisation)"
        r"|\bagb\b|nutzungsbedingungen|gesch[äa]ftsbedingungen"
        r"|(?:t[ée]rminos|condiciones|termos|condi[çc][õo]es|termini|condizioni) (?:y condiciones"
        r"|e condi[çc][õo]es|e condizioni|(?:de|del|di|do|generales|d) ?\w*)|voorwaarden|regulamin"
        r"|(?:user|end user|licen[cs]e|participation|membership|account|beta|preview|evaluation"
        r"|purchase) (?:\w+ )?agreement|supplement(?:al|ary) (?:\w+ ){0,2}terms"
        r"|additional (?:\w+ ){0,2}terms|service specific terms|用户(?:服务)?协议|服务(?:条款|协议)"
        r"|使用(?:条款|协议)|会员.{0,6}协议|利用規約|이용약관|условия",
    ),
    (
        "Imprint",
        r"^(?:imprint|impressum|legal (?:notice|information)|mentions l[ée]gales|aviso legal|note legali)$",
    ),
    (
        OTHER,
        r"\b(?:polic(?:y|ies)|agreements?|addend(?:um|a)|supplements?|annex|rider)$"
        r"|^(?:\S+ ){0,6}(?:policy|agreement|addendum|supplement)\b"
        r"|\b(?:policy|agreement|addendum|supplement) \(|richtlinien?$|协议》?$|条款》?$|政策》?$|規約$",
    ),
)
TYPES = tuple((name, re.compile(pattern)) for name, pattern in _TYPES)

# Pages on which something is set, asked for or bought: about a legal matter, and no document.
TOOLS = re.compile(
    r"\b(?:settings?|preferences?|choices|dashboard|manage|opt ?outs?|do not sell|request form"
    r"|requests? (?:access|deletion)|delete (?:my|your)|download (?:my|your)|sign ?in|log ?in|sign ?up"
    r"|contact|feedback|report (?:a|an|abuse)|faqs?|subscribe|newsletter|webinar|training (?:course|session"
    r"|video)s?|tutorials?|quick ?start|careers?|jobs?|pricing|generator|template)\b|einstellungen"
    r"|param[èe]tres|设置|管理"
)
# Editions of a document that no longer hold.
FORMER = re.compile(
    r"\b(?:previous|prior|past|former|earlier|archived?|older|historical|deprecated"
    r"|superseded) (?:\w+ ){0,3}(?:versions?|terms|polic\w+|privacy|agreements?|statements?|notices?"
    r"|editions?|updates?)\b|\b(?:versions?|policy|terms) (?:archive|history)\b"
    r"|历史版本|fr[üu]here"
)
# What an edition is called in a list of them.
EDITION = re.compile(
    r"(?:\w{3,9}\.? )?\d{1,4}(?:st|nd|rd|th)?[ ,./-]*(?:\w{3,9}\.?)?[ ,./-]*\d{2,4}"
    r"|\d{4}年\d{1,2}月(?:\d{1,2}日)?|v?(?:ersion)? ?\d{1,4}(?:\.\d{1,4}){0,3}"
)
