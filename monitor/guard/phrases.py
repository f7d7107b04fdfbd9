"""What pages say that are served in place of a document, or of a part of it. A line is a pattern."""

from __future__ import annotations

import re

from monitor.guard.lines import any_line

# Anywhere on a page that says little else.
PHRASES = {
    "challenge": any_line(r"""
        checking (if the site connection is secure|your browser)
        verify(ing)? (that )?you are (a )?human
        verify you are not a (ro)?bot
        complete the (security check|captcha|challenge)
        enable javascript and cookies to continue
        unusual (traffic|activity) (from|coming)
        press (&|and) hold
        solve (this|the) (captcha|puzzle|challenge)
        confirm (that )?you('re| are) (a )?(human|not a robot)
        protected by (datadome|imperva|perimeterx|human)
        incapsula incident
        needs to review the security of your connection
        请完成(安全)?验证|拖动滑块|访问过于频繁|私はロボットではありません
        verif(y|ying) (that )?you('re| are) (not a (ro)?bot|(a )?human)
        (checking|verifying) your browser
        press (&|and|&amp;) hold|completing the captcha
        (are|is|you're|were|you were) (a )?(ro)?bots? (and|or|:|\.)
        made us think (that )?you were a (ro)?bot
        (not|aren't) a (ro)?bot\b
        (show|prove|confirm|make sure).{0,30} (not a (ro)?bot|not a machine|(a )?human( being)?\b)
        (characters|letters|text) (that )?you see (below|in (this|the) (image|picture))
        proof[- ]of[- ]work
        (enable|activate) js and disable any ad ?blocker
        disable any ad ?blockers?.{0,60}(browser|reload)
        (protected|secured|accelerated)( and \w+)? by (akamai|imperva|datadome|perimeterx|human)\b
        (protected|secured|accelerated)( and \w+)? by (sucuri|cloudflare|radware|f5)\b
        requested url was rejected
        dass sie (ein mensch|kein roboter) sind|sicherheit ihrer verbindung
        que (vous êtes|vous n'êtes pas) (un )?(humain|robot)|sécurité de votre connexion
        activer javascript et désactiver
        que (usted )?(es|eres) (un )?(ser )?humano|seguridad de su conexión|no (es|eres|soy) un robot
        que você é humano|di essere un essere umano|non sei un robot|of u een mens bent
        что вы (не робот|человек)
        是否是真人|(确认|验证)您?(是真人|不是机器人)|滑块|完成验证|连接的安全性
        人間であることを|ブラウザを確認|アクセスを確認して|ロボットではない
        사람인지 확인|로봇이 아닙니다|연결의 보안
        """),
    "access-denied": any_line(r"""
        you (don't|do not) have (permission|access)
        access (to this (page|site|resource) )?(has been |is |was )?denied
        you have been blocked
        (isn't|not) (yet )?available in your (country|region|location|area)
        blocked by (our|the) (security|firewall)
        403 forbidden
        没有权限|无权访问|您的访问被(拒绝|阻断)|アクセス権がありません
        nicht berechtigt|vous n'êtes pas autorisé
        (were|been|are|is|was) (blocked|banned) (from|by|because)|you('re| are) unable to access
        banned the (country|region)|access from your country
        (un|not (yet )?)available (here|where you (are|live))|isn't available where you
        (unavailable|not (yet )?(offered|available|supported)) (in|for) your (country|region|location|area)
        (not yet|isn't yet) offered where you
        only available in (certain|some|select(ed)?) (countries|regions|locations)
        access(ing)? (this|the|our) (web)?site from a country|access (therefore )?cannot be granted
        (turn off|disable|using) (your|a|the) (vpn|proxy)
        request (was |has been )?blocked|permission to (view|access) this
        in (ihrem|deinem) land (derzeit |noch |leider )?nicht verfügbar|dans votre (pays|région)
        en (su|tu) (país|región)
        (所在|您的)(的)?(国家|地区).{0,8}(不支持|不可用|暂不|无法)|お住まいの(国|地域)
        """),
    "not-found": any_line(r"""
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
        (page|content|article|document|file|resource)( (that )?you.{0,60})? (been )?(moved|removed|deleted)
        (page|content|article|document)( (that )?you.{0,60})? (has|have|might have)( been)? (moved|removed)
        (page|article|document) (has|may have|might have) (been )?(moved|removed) or
        (couldn't|could not|cannot|unable to) (find|locate|open) (the|that|this) (page|file|article|site)
        (requested|specified) (url|key|page|resource|address|file) (was not found|does not exist|is no longer)
        broken link|nosuch(key|bucket)|deployment_not_found|cannot get /
        there('s| is) nothing here|no such (app|page|file|site)
        (not allowed|unable) to (view|access) this (article|page|item)
        has been unpublished|can(no|')t access this item
        (diese|die) seite (gibt|existiert).{0,20}(nicht|nicht mehr)
        no (hemos podido|pudimos|podemos).{0,20}encontrar
        (não conseguimos|non (riusciamo|abbiamo)).{0,20}(encontrar|trovare|trovato)
        404.{0,30}(sorry|page|exist)
        """),
    "application-error": any_line(r"""
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
        could(n't| not) (be )?(satisf|process|complete)\w* .{0,20}request|connection timed out
        web server is (down|not returning)
        (backend|origin) .{0,10}(read|fetch|server|timed).{0,10}error|guru m(ed|eder)itation|fastly error
        (fatal|uncaught|unhandled|critical|chunkload|syntax|type|reference)[ ]?error\b
        (unexpected|technical|temporary) (problem|issue|difficulties|glitch)
        at (full )?capacity|(re)?load the page (in|to)|exception type:|debug = true
        (web|http) server (is|installed at).{0,60}(installed|working|running)
        an erreur|etwas schiefgelaufen|erreur (est survenue|s'est produite)|algo (salió|ha salido|deu)
        réessayer (plus tard|ultérieurement)|laden sie die seite neu
        网络异常|请刷新|稍后(再|重)试|再読み込み
        """),
    "maintenance": any_line(r"""
        (under|for|scheduled|undergoing|down for|performing|site) maintenance
        be (right )?back (soon|shortly)
        wartungsarbeiten|en maintenance|en mantenimiento|in manutenzione|em manutenção
        维护|メンテナンス|점검
        (temporarily|currently) (offline|down)|while we (upgrade|update|improve|make)
        wird (gerade|derzeit|momentan) gewartet|nous revenons|en cours de maintenance
        系统升级|升级维护
        """),
    "login": any_line(r"""
        (log|sign) ?in to (continue|view|access|see|your)
        (please|must|need to|have to) (log|sign) ?in
        forgot (your )?password
        continue with (google|apple|microsoft|email|github|sso)
        don't have an account
        anmelden, um|passwort vergessen|mot de passe oublié|olvidado.{0,20}contraseña
        password dimenticata|esqueceu.{0,20}senha
        忘记密码|请登录|パスワードをお忘れ|비밀번호
        (new here|no account|not your computer|forgot (your )?(email|username))\?
        ((don't|already) have an|can't access your) account\?
        use your .{1,20}(work )?account( to|$)|keep me signed in|identity provider|work (account|email)
        session (has )?(expired|timed out)|log ?in again
        request access|(document|page|portal) is private|sign an nda
        (手机号|验证码|扫码|密码)登录|获取验证码|注册账号
        """),
    "consent": any_line(r"""
        before you continue
        (accept|allow|reject|decline) all( cookies)?
        manage (my )?(cookies|preferences|consent|choices)
        alle (akzeptieren|ablehnen)|tout (accepter|refuser)|aceptar todo|accetta tutt|aceitar tud
        全部(接受|拒绝)|すべて(同意|拒否)
        (we|you) and (our )?\d+ (advertising )?(partners|vendors)
        our \d+ (advertising |technology )?(partners|vendors)
        agree and (close|continue|go on)|continue without (agreeing|accepting)|confirm my choices
        allow selection
        manage consent preferences|deny (all)?\s*(allow|accept)|more options\s*agree
        wir und (bis zu )?(unsere )?\d+ partner|werbefrei|ohne zustimmung|mit werbung (und|lesen|weiter)
        continuer sans accepter|accepter et (fermer|continuer)|nos (\d+ )?partenaires et nous
        """),
    "script-shell": any_line(r"""
        (enable|turn on|requires?|without|need) javascript
        javascript (is|must be|has been) (disabled|enabled|required|not)
        browser (is not|isn't) supported|unsupported browser
        启用 ?javascript|javascript ?を有効
        javascript aktivieren|activer javascript|habilit\w+ javascript|activ\w+ javascript
        (update|upgrade) your browser|(modern|newer|latest version of) .{0,20}(browsers?|chrome|firefox|edge)
        browser( version)? is (out of date|outdated|too old|no longer supported)
        """),
    "age-gate": any_line(r"""
        (your )?(date of birth|birth ?date|age) to (enter|continue|access|see|view)
        (at least|over) \d\d (years (old|of age) )?to (enter|view|continue|access)
        confirm (that )?you are (at least |over )?\d\d
        """),
    "parked-domain": any_line(r"""
        domain (name )?(may be|is|has been|might be) (for sale|parked|registered|expired|available)
        domain has expired
        (buy|get|purchase|acquire) this domain|parked free|inquire (now|about this domain)
        account has been suspended
        """),
}

# What such pages carry in small print, whatever they are.
SIGNATURES = {
    "challenge": any_line(r"""
        \bray id\b
        performance (&|and) security by cloudflare
        why (am i seeing this|do i have to complete)
        """),
    "consent": any_line(r"""
        we and our (advertising )?(partners|vendors)
        """),
    "login": any_line(r"""
        create (an )?account|sign up
        """),
}

# "not available in English" and "not available to minors" are clauses; "not available in your region"
# is a wall.
NOT_OF_SOME = r"(?! (to|for|on|under|upon|through|via|in (?!your))\b)"
PART = "(page|content|section|document|article|policy|file|resource)"
# A block of its own that begins so stands where a part of the document should be.
FAILED_PART = re.compile(
    r"(?:(?:oops|sorry|whoops|uh[ -]oh)[,.! ]*)?(?:"
    + any_line(
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
