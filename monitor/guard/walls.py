"""What pages say that are served in place of a document: challenges, errors, log-ins, consent, maintenance.

Terms speak of all these things too, so a phrase counts only as a whole title or heading, or on a
page that says little else.
"""

from __future__ import annotations

import re


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


# As a whole title, a whole part of a title between bars, or a whole first heading.
TITLES = {
    "challenge": _any(
        r"just a moment[.… ]*", r"attention required[!. ]*", r"checking your browser.*", r"one more step",
        r"(please )?verif(y|ying) (that )?(you are|you're|your) (a )?(human|not a robot|browser).*",
        r"are you (a )?(robot|human)\??", r"(re)?captcha.*", r"(human|bot|security|browser) (check|verification|checkpoint|challenge)",
        r".{0,30}security checkpoint", r"client challenge", r"ddos-guard", r"pardon our interruption[.… ]*", r"please wait[.… ]*",
        r"request unsuccessful.*", r"人机验证|安全验证|滑动验证|安全检查|请稍候.*|ロボットではありません.*",
    ),
    "access-denied": _any(
        r"(error )?40[13]([ :,.-]+.{0,30})?", r"access (to this (page|site|resource) )?(has been |is |was )?(denied|blocked|restricted)[.! ]*",
        r"forbidden", r"unauthorized", r"(sorry, )?you have been blocked", r"not authori[sz]ed", r"error 10(06|09|10|12|15|20)",
        r"拒绝访问|访问被拒绝|禁止访问|アクセス拒否|アクセスが拒否されました|접근이 거부.*", r"zugriff verweigert|kein zugriff",
        r"accès (refusé|interdit)|acceso denegado|accesso negato|acesso negado|toegang geweigerd",
    ),
    "not-found": _any(
        r"(error |http )?404([ :,.!-]+.{0,40})?", r".{0,12}(page|document|content|site|resource)?\s?not found.{0,12}",
        r"(oops[,.! ]*|sorry[,. ]*)?(the |this |that )?(page|content|document)( you.{0,30})? (could not|couldn['’]t|can(no|['’])t) be found.?",
        r"(this |the )?(page|content|document|link) (isn['’]t|is not|is no longer|doesn['’]t|does not) (available|exist|here)( anymore)?.?",
        r"oops[!.… ]*", r"seite nicht gefunden|page (introuvable|non trouvée)|página no encontrada|pagina non trovata",
        r"página não encontrada|pagina niet gevonden", r"页面不存在|找不到(页面|网页|頁面)|页面未找到|ページが見つかりません.*|페이지를 찾을 수 없습니다.*",
    ),
    "application-error": _any(
        r"(application|server|internal server|runtime|unexpected|unknown|system|network) error.{0,20}", r"error[!. ]*", r"bad gateway",
        r"(error |http )?50\d([ :,.-]+.{0,40})?", r"service (temporarily )?unavailable", r"gateway time-?out", r"temporarily unavailable",
        r"(oops[,.! ]*|sorry[,. ]*)?something went wrong[.! ]*", r"an (unexpected |unknown )?error (has )?occurred[.! ]*", r"we['’]re having trouble.*",
        r"fehler|ein fehler ist aufgetreten|erreur|une erreur est survenue|se ha producido un error|si è verificato un errore|ocorreu um erro",
        r"系统错误|服务器错误|出错了|エラーが発生しました|エラー|오류가 발생했습니다",
    ),
    "maintenance": _any(
        r"(site |website |service |currently |scheduled |down |closed )*(is )?(under |for |in )?maintenance( mode)?[.! ]*",
        r"we['’]ll be (right )?back( soon| shortly)?[.! ]*", r"be right back[.! ]*", r"coming soon[.! ]*",
        r"wartungsarbeiten|wartung|wartungsmodus|site en maintenance|en mantenimiento|in manutenzione|em manutenção",
        r"系统维护中?|网站维护中?|メンテナンス中.*|점검 ?중.*",
    ),
    "login": _any(
        r"(please )?(log|sign)[ -]?in( to (continue|your account|.{1,20}))?", r"login( required)?", r"authentication required", r"(log|sign) in or sign up",
        r"anmelden|einloggen|connexion|se connecter|iniciar sesión|accedi|entrar|inloggen", r"登录|登入|用户登录|ログイン|サインイン|로그인",
    ),
    "consent": _any(
        r"before you continue( to .{1,30})?", r"(cookie|privacy) (consent|preferences|settings|choices)", r"we value your privacy", r"your privacy,? your choice",
        r"we (use|respect) .{0,20}cookies", r"bevor (sie|du) .{0,20}(weiter|fort).{0,20}", r"avant de continuer.{0,30}", r"antes de continuar.{0,30}", r"prima di continuare.{0,30}",
    ),
}  # fmt: skip

# Anywhere on a page that says little else.
PHRASES = {
    "challenge": _any(
        r"checking (if the site connection is secure|your browser)", r"verify(ing)? (that )?you are (a )?human", r"verify you are not a (ro)?bot",
        r"complete the (security check|captcha|challenge)", r"enable javascript and cookies to continue", r"performance (&|and) security by cloudflare", r"\bray id\b",
        r"unusual (traffic|activity) (from|coming)", r"press (&|and) hold", r"solve (this|the) (captcha|puzzle|challenge)", r"confirm (that )?you('re| are) (a )?(human|not a robot)",
        r"protected by (datadome|imperva|perimeterx|human)", r"incapsula incident", r"needs to review the security of your connection",
        r"请完成(安全)?验证|拖动滑块|访问过于频繁|私はロボットではありません",
    ),
    "access-denied": _any(
        r"you (don['’]t|do not) have (permission|access)", r"access (to this (page|site|resource) )?(has been |is |was )?denied", r"(sorry, )?you have been blocked",
        r"(is not|isn['’]t|not) (yet )?available in your (country|region|location|area)", r"blocked by (our|the) (security|firewall)", r"403 forbidden",
        r"没有权限|无权访问|您的访问被(拒绝|阻断)|アクセス権がありません", r"nicht berechtigt|vous n['’]êtes pas autorisé",
    ),
    "not-found": _any(
        r"\b404\b.{0,40}(not found|error|page)|(error|http|code).{0,10}\b404\b", r"(page|document|content|article|url|resource).{0,60}(not found|(could not|couldn['’]t|can(no|['’])t) be found)",
        r"(page|content|article|document)( you.{0,40})? (isn['’]t|is not|is no longer|are no longer|was|has been|doesn['’]t|does not|no longer) (available|exists?|removed|moved|deleted)",
        r"can(no|['’])t find (the|that|this|what) (page|you)", r"nicht gefunden|n['’]existe (pas|plus)|introuvable|no (existe|se encuentra|encontramos)|non (esiste|trovata)|não (existe|encontrada)",
        r"页面不存在|找不到|已被删除|見つかりません|찾을 수 없",
    ),
    "application-error": _any(
        r"application error", r"a (client|server)-side exception", r"internal server error", r"something went wrong", r"(an|unexpected|unknown) error (has )?occurred", r"bad gateway",
        r"service (is )?(temporarily |currently )?unavailable", r"gateway time-?out", r"(failed|unable) to (load|fetch|connect|establish)", r"error(s)? on line \d+", r"upstream (connect|request)",
        r"(fatal|parse|database|uncaught) error", r"error establishing a database connection", r"stack trace", r"please try again (later|in a)", r"too many requests", r"rate limit",
        r"系统繁忙|稍后再试|服务器错误|しばらくしてから|나중에 다시|später (noch einmal|erneut)|réessayer plus tard|inténtelo de nuevo|riprova più tardi|tente novamente",
    ),
    "maintenance": _any(
        r"(under|for|scheduled|undergoing|down for|performing|site) maintenance", r"be (right )?back (soon|shortly)", r"wartungsarbeiten|en maintenance|en mantenimiento|in manutenzione|em manutenção|维护|メンテナンス|점검",
    ),
    "login": _any(
        r"(log|sign) ?in to (continue|view|access|see|your)", r"(please|must|need to|have to) (log|sign) ?in", r"forgot (your )?password", r"continue with (google|apple|microsoft|email|github|sso)",
        r"don['’]t have an account", r"create an account", r"anmelden, um|passwort vergessen|mot de passe oublié|contraseña|password dimenticata|esqueceu|忘记密码|请登录|パスワードをお忘れ|비밀번호",
    ),
    "consent": _any(
        r"before you continue", r"(accept|allow|reject|decline) all( cookies)?", r"manage (my )?(cookies|preferences|consent|choices)", r"alle (akzeptieren|ablehnen)|tout (accepter|refuser)|aceptar todo|accetta tutt|aceitar tud|全部(接受|拒绝)|すべて(同意|拒否)",
    ),
    "script-shell": _any(
        r"(enable|turn on|requires?|without|need) javascript", r"javascript (is|must be|has been) (disabled|enabled|required|not)", r"browser (is not|isn['’]t) supported|unsupported browser", r"启用 ?javascript|javascript ?を有効|javascript aktivieren|activer javascript|habilit\w+ javascript|activ\w+ javascript",
    ),
}  # fmt: skip

# A block of its own that begins so stands where a part of the document should be.
FAILED_PART = _any(
    r"(oops|sorry|whoops|uh[ -]oh)?[,.! ]*(this|the|that) (page|content|section|document|article|file|resource|policy)( you.{0,40})? "
    r"(isn['’]t|is not|is no longer|is currently not|is currently un|is temporarily un|is un)\s?available"
    r"(?! (in (english|german|french|spanish|other|this|any|the following)|to |for |on |under |at https?|upon|through|via ))",
    r"(oops|sorry|whoops|uh[ -]oh)?[,.! ]*(this|the) (page|content|section|document|article|file|resource)( you.{0,40})? (could not|couldn['’]t|can(no|['’])t) be (found|loaded|displayed|retrieved|opened)",
    r"(oops|sorry|whoops|uh[ -]oh)?[,.! ]*something went wrong", r"application error: ", r"(an|unexpected|unknown|internal) (\w+ )?error (has )?occurred[.,! ]*(please|try|while|$)",
    r"(error|failed|unable|could not|couldn['’]t) ?(:|to) ?(load|fetch|retrieve|display|render)(ing)? (the |this |your )?(page|content|document|data|section|resource|module)",
    r"errors?: error on line \d+", r"internal server error", r"(you need to|please) (enable|turn on) javascript", r"error loading ", r"(page|content) not found",
    r"(页面|内容|文档)(不存在|加载失败|无法(显示|加载))|加载失败|出错了|エラーが発生しました|コンテンツを(表示|読み込)\w*ません|콘텐츠를 (불러올|표시할) 수 없",
    r"(diese|die) (seite|inhalte?) (ist|sind) (derzeit |leider )?nicht verfügbar|ce(tte)? (page|contenu) n['’]est (pas|plus) disponible|est[ea] (página|contenido) no está disponible",
)  # fmt: skip
LONGEST_FAILED_PART = 80  # words

# In the bytes of a page that shows little text.
MARKUP_OF_CHALLENGES = (
    b"_cf_chl_opt", b"/cdn-cgi/challenge-platform", b"captcha-delivery.com", b"px-captcha", b"_Incapsula_Resource", b"awsWafCookieDomainList",
    b"challenges.cloudflare.com", b"ak_bmsc", b"hcaptcha.com", b"geetest", b"/.well-known/vercel/security", b"aliyun_waf",
)  # fmt: skip
SEPARATOR = re.compile(r"\s+[|–—·•»:/-]+\s+|\s*[|｜_]\s*")


def wall_title(title: str) -> str:
    """The kind of wall that a title or heading names as a whole, or as a whole part between bars; else ""."""
    parts = [title.strip(), *(part.strip() for part in SEPARATOR.split(title))]
    for code, pattern in TITLES.items():
        if any(pattern.fullmatch(part) for part in parts if part):
            return code
    return ""


def wall_phrase(text: str) -> tuple[str, str]:
    """The kind of wall that a short text speaks of, with the words that tell; else ("", "")."""
    for code, pattern in PHRASES.items():
        if found := pattern.search(text):
            return code, found[0]
    return "", ""
