"""What pages say that are served in place of a document: challenges, errors, log-ins, consent, maintenance.

Terms speak of all these things too, so a phrase counts only as a whole title or heading, or on a
page that says little else. Every line of the lists is one pattern.
"""

from __future__ import annotations

import re


def _any(lines: str) -> re.Pattern[str]:
    """One pattern for all lines; an apostrophe stands for both of its forms."""
    patterns = (line.strip().replace("'", "['’]") for line in lines.splitlines() if line.strip())
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


# As a whole title, a whole part of a title between bars, or a whole first heading.
TITLES = {
    "challenge": _any(r"""
        just a moment[.… ]*
        attention required[!. ]*
        checking your browser.{0,60}
        one more step
        (please )?verif(y|ying) (that )?(you are|you're|your) (a )?(human|not a robot|browser).{0,40}
        are you (a )?(robot|human)\??
        (re)?captcha.{0,40}
        .{0,30}(human|bot|security|browser) (check|verification|checkpoint|challenge)
        client challenge
        ddos-guard
        pardon our interruption[.… ]*
        please wait[.… ]*
        request unsuccessful.{0,80}
        人机验证|安全验证|滑动验证|安全检查
        请稍候.{0,10}|ロボットではありません
        """),
    "access-denied": _any(r"""
        (error )?40[13]([ :,.-]+.{0,30})?
        access (to this (page|site|resource) )?(has been |is |was )?(denied|blocked|restricted)[.! ]*
        forbidden|unauthorized|not authori[sz]ed
        (sorry, )?you have been blocked
        error 10(06|09|10|12|15|20)
        拒绝访问|访问被拒绝|禁止访问
        アクセス(が)?拒否(されました)?|접근이 거부.{0,10}
        zugriff verweigert|kein zugriff|toegang geweigerd
        accès (refusé|interdit)|acceso denegado|accesso negato|acesso negado
        """),
    "not-found": _any(r"""
        (error |http )?404([ :,.!-]+.{0,40})?
        .{0,12}((page|document|content|site|resource)\s)?not found.{0,12}
        ((oops|sorry)[,.! ]*)?(the |this |that )?(page|content|document)( you.{0,30})? can(no|')t be found.?
        ((oops|sorry)[,.! ]*)?(the |this )?(page|content|document)( you.{0,30})? could( not|n't) be found.?
        (this |the )?(page|content|document|link) (isn't|is not|is no longer) (available|here)( anymore)?.?
        (this |the )?(page|content|document|link) (doesn't|does not|no longer) exists?( anymore)?.?
        oops[!.… ]*
        seite nicht gefunden|pagina niet gevonden
        page (introuvable|non trouvée)|página no encontrada|pagina non trovata|página não encontrada
        (页面|頁面)不存在|找不到(页面|网页|頁面)|页面未找到
        ページが見つかりません.{0,10}|페이지를 찾을 수 없습니다.?
        """),
    "application-error": _any(r"""
        (application|server|internal server|runtime|unexpected|unknown|system|network) error.{0,20}
        error[!. ]*
        (error |http )?50\d([ :,.-]+.{0,40})?
        bad gateway|gateway time-?out
        (service )?(temporarily )?unavailable
        (oops[,.! ]*|sorry[,. ]*)?something went wrong[.! ]*
        an (unexpected |unknown )?error (has )?occurred[.! ]*
        we're having trouble.{0,40}
        (ein )?fehler( ist aufgetreten)?|(une )?erreur( est survenue)?
        se ha producido un error|si è verificato un errore|ocorreu um erro
        系统错误|服务器错误|出错了|エラー(が発生しました)?|오류가 발생했습니다
        """),
    "maintenance": _any(r"""
        ((web)?site |service |currently |scheduled )*(is )?(down |closed )?((under|for|in) )?maintenance\W*
        maintenance mode
        (we'll )?be (right )?back( soon| shortly)?[.! ]*
        coming soon[.! ]*
        wartung(sarbeiten|smodus)?|(site )?en maintenance|en mantenimiento|in manutenzione|em manutenção
        (系统|网站)维护中?|メンテナンス中.{0,10}|점검 ?중.{0,10}
        """),
    "login": _any(r"""
        (please )?(log|sign)[ -]?in( to (continue|your account|.{1,20}))?
        login( required)?|authentication required
        (log|sign) in or sign up
        anmelden|einloggen|connexion|se connecter|iniciar sesión|accedi|entrar|inloggen
        登录|登入|用户登录|ログイン|サインイン|로그인
        """),
    "consent": _any(r"""
        before you continue( to .{1,30})?
        (cookie|privacy) (consent|preferences|settings|choices)
        we value your privacy|your privacy,? your choice
        we (use|respect) .{0,20}cookies
        bevor (sie|du) .{0,20}(weiter|fort).{0,20}
        avant de continuer.{0,30}|antes de continuar.{0,30}|prima di continuare.{0,30}
        """),
}

# Anywhere on a page that says little else.
PHRASES = {
    "challenge": _any(r"""
        checking (if the site connection is secure|your browser)
        verify(ing)? (that )?you are (a )?human
        verify you are not a (ro)?bot
        complete the (security check|captcha|challenge)
        enable javascript and cookies to continue
        performance (&|and) security by cloudflare
        \bray id\b
        unusual (traffic|activity) (from|coming)
        press (&|and) hold
        solve (this|the) (captcha|puzzle|challenge)
        confirm (that )?you('re| are) (a )?(human|not a robot)
        protected by (datadome|imperva|perimeterx|human)
        incapsula incident
        needs to review the security of your connection
        请完成(安全)?验证|拖动滑块|访问过于频繁|私はロボットではありません
        """),
    "access-denied": _any(r"""
        you (don't|do not) have (permission|access)
        access (to this (page|site|resource) )?(has been |is |was )?denied
        you have been blocked
        (isn't|not) (yet )?available in your (country|region|location|area)
        blocked by (our|the) (security|firewall)
        403 forbidden
        没有权限|无权访问|您的访问被(拒绝|阻断)|アクセス権がありません
        nicht berechtigt|vous n'êtes pas autorisé
        """),
    "not-found": _any(r"""
        \b404\b.{0,40}(not found|error|page)
        (error|http|code).{0,10}\b404\b
        (page|document|content|article|url|resource).{0,60}not found
        (page|document|content|article|url|resource).{0,60}(could( not|n't)|can(no|')t) be found
        (page|content|article|document)( you.{0,40})? (isn't|is not|(is|are) no longer) available
        (page|content|article|document)( you.{0,40})? (was|has been) (removed|moved|deleted)
        (page|content|article|document)( you.{0,40})? (doesn't|does not|no longer) exists?
        can(no|')t find (the|that|this|what) (page|you)
        nicht gefunden|n'existe (pas|plus)|introuvable|no (existe|se encuentra|encontramos)
        non (esiste|trovata)|não (existe|encontrada)
        (页面|頁面)不存在|找不到|已被删除|見つかりません|찾을 수 없
        """),
    "application-error": _any(r"""
        application error|internal server error|bad gateway|gateway time-?out
        a (client|server)-side exception
        something went wrong
        (an|unexpected|unknown) error (has )?occurred
        service (is )?(temporarily |currently )?unavailable
        (failed|unable) to (load|fetch|connect|establish)
        error(s)? on line \d+
        upstream (connect|request)
        (fatal|parse|database|uncaught) error
        error establishing a database connection
        stack trace
        please try again (later|in a)
        too many requests|rate limit
        系统繁忙|稍后再试|服务器错误|しばらくしてから|나중에 다시
        später (noch einmal|erneut)|réessayer plus tard|inténtelo de nuevo|riprova più tardi|tente novamente
        """),
    "maintenance": _any(r"""
        (under|for|scheduled|undergoing|down for|performing|site) maintenance
        be (right )?back (soon|shortly)
        wartungsarbeiten|en maintenance|en mantenimiento|in manutenzione|em manutenção
        维护|メンテナンス|점검
        """),
    "login": _any(r"""
        (log|sign) ?in to (continue|view|access|see|your)
        (please|must|need to|have to) (log|sign) ?in
        forgot (your )?password
        continue with (google|apple|microsoft|email|github|sso)
        don't have an account
        anmelden, um|passwort vergessen|mot de passe oublié|olvidado.{0,20}contraseña
        password dimenticata|esqueceu.{0,20}senha
        忘记密码|请登录|パスワードをお忘れ|비밀번호
        """),
    "consent": _any(r"""
        before you continue
        (accept|allow|reject|decline) all( cookies)?
        manage (my )?(cookies|preferences|consent|choices)
        alle (akzeptieren|ablehnen)|tout (accepter|refuser)|aceptar todo|accetta tutt|aceitar tud
        全部(接受|拒绝)|すべて(同意|拒否)
        """),
    "script-shell": _any(r"""
        (enable|turn on|requires?|without|need) javascript
        javascript (is|must be|has been) (disabled|enabled|required|not)
        browser (is not|isn't) supported|unsupported browser
        启用 ?javascript|javascript ?を有効
        javascript aktivieren|activer javascript|habilit\w+ javascript|activ\w+ javascript
        """),
}

# "not available in English" and "not available to minors" are clauses; "not available in your region"
# is a wall.
NOT_OF_SOME = r"(?! (to|for|on|under|upon|through|via|in (?!your))\b)"
PART = "(page|content|section|document|article|policy|file|resource)"
# A block of its own that begins so stands where a part of the document should be.
FAILED_PART = re.compile(
    r"(?:(?:oops|sorry|whoops|uh[ -]oh)[,.! ]*)?(?:"
    + _any(
        r"""
        (this|the|that) {part}( you.{0,40})? (isn't|is not|is no longer|is currently not) available{after}
        (this|the|that) {part} is (temporarily |currently )?unavailable{after}
        (this|the|that) {part}( you.{0,40})? could( not|n't) be (found|loaded|shown|displayed)
        (this|the|that) {part}( you.{0,40})? can(no|')t be (found|loaded|shown|displayed)
        something went wrong
        application error:?[ ]
        (an|unexpected|unknown|internal) (\w+ )?error (has )?occurred[.,! ]*(please|try|while|$)
        error loading[ ]
        (error|failed|unable|could not|couldn't) ?(:|to) ?(load|fetch|retrieve|display|render)
        errors?: error on line \d+
        internal server error
        (you need to|please) (enable|turn on) javascript
        (page|content) not found
        (页面|内容|文档)(不存在|加载失败|无法(显示|加载))|加载失败|出错了
        エラーが発生しました|コンテンツを(表示|読み込)\w{0,8}ません|콘텐츠를 (불러올|표시할) 수 없
        diese (seite|inhalte?) (ist|sind) (derzeit |leider )?nicht verfügbar
        ce(tte)? (page|contenu) n'est (pas|plus) disponible|est[ea] (página|contenido) no está disponible
        """.replace("{after}", NOT_OF_SOME).replace("{part}", PART)
    ).pattern
    + ")",
    re.IGNORECASE,
)
LONGEST_FAILED_PART = 80  # words

# In the bytes of a page that shows little text.
MARKUP_OF_CHALLENGES = (
    b"_cf_chl_opt",
    b"/cdn-cgi/challenge-platform",
    b"challenges.cloudflare.com",
    b"captcha-delivery.com",
    b"px-captcha",
    b"_Incapsula_Resource",
    b"awsWafCookieDomainList",
    b"hcaptcha.com",
    b"geetest",
    b"/.well-known/vercel/security",
    b"aliyun_waf",
)
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
