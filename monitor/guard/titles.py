"""What pages are titled or headed that are served in place of a document. A line is a pattern."""

from __future__ import annotations

from monitor.guard.lines import any_line

# Titles that stand on pages of several kinds.
AMBIGUOUS = any_line(
    r"""
    attention required|denied|blocked|pardon our
    (^|\W)(error|oops|whoops|uh[ -]oh|sorry|unavailable|hoppla|ups|oups|vaya)\b
    welcome|redirected|whoops|moment|wait|稍候|お待ち
    """
)

# As a whole title, a whole part of a title between bars, or a whole first heading.
TITLES = {
    "challenge": any_line(r"""
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
        nur einen moment[.… ]*|einen moment( bitte)?[.… ]*|un instant[.… ]*|un moment(o)?[.… ]*
        um momento[.… ]*
        ci siamo quasi[.… ]*|een ogenblik( geduld)?[.… ]*|один момент[.… ]*|bir dakika( lütfen)?[.… ]*
        (one|a) moment(, | )?please[.… ]*
        (making sure|checking|verifying|confirm|prove)( that)? you('re| are) (not a (ro)?bot|(a )?human).?
        (we're )?verifying your browser[.… ]*
        additional security check( is)? required
        request rejected
        you are being redirected[.… ]*
        (请)?(稍候|稍等).{0,10}|验证码|しばらくお待ちください[.… ]*|アクセスを確認しています
        잠시만 기다려? ?(주세요|주십시오|십시오)?[.… ]*|잠시만 기다리십시오[.… ]*
        """),
    "access-denied": any_line(r"""
        (error )?40[13]([ :,.-]+.{0,30})?
        access (to this (page|site|resource) )?(has been |is |was )?(denied|blocked|restricted)[.! ]*
        forbidden|unauthorized|not authori[sz]ed
        (sorry, )?you have been blocked
        error 10(06|09|10|12|15|20)
        拒绝访问|访问被拒绝|禁止访问
        アクセス(が)?拒否(されました)?|접근이 거부.{0,10}
        zugriff verweigert|kein zugriff|toegang geweigerd
        accès (refusé|interdit)|acceso denegado|accesso negato|acesso negado
        .{0,40}access denied( .{0,60})?
        403[ -]+forbidden.{0,40}
        error 10(06|09|10|12|15|20)\b.{0,60}
        (app|service|site|content) (is )?(unavailable|not available|blocked) in your (country|region|area)
        (http |error )?451([ :,.-]+.{0,50})?
        unavailable (for|due to) legal reasons
        request blocked[.! ]*
        """),
    "not-found": any_line(r"""
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
        (uh[ -]oh[,.! ]*)?(the |this |that )?(page|article)( you.{0,30})? (doesn't|does not) exist.{0,8}
        site not found|no such app|nothing (to see )?here[.! ]*|(410 )?gone
        (file|page|site|resource) not found.{0,40}
        (we )?(couldn't|could not|can't|cannot) find (the|that|this) page[.! ]*
        lost\?|dead end[.! ]*|whoops[!.… ]*|uh[ -]oh[!.… ]*
        (hoppla|ups|¡vaya|oups|ops|huch)[!.… ]*
        お探しのページは.{0,20}
        """),
    "application-error": any_line(r"""
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
        (.{0,40}\W)?5[0-3]\d[ :,.-]+.{0,60}
        (we('re| are) )?sorry, (but )?something went wrong.{0,10}
        server error( \(\d{3}\)| in .{0,60})?
        http status 5\d\d.{0,40}
        \w+(error|exception) at /.{0,100}
        connection timed out.{0,20}|web server is down.{0,20}
        fastly error.{0,80}
        welcome to (nginx|openresty|caddy|apache)[!. ]*
        apache2? .{0,20}(default|test) page.{0,20}|iis windows server|(it works|test page)[!. ]*
        (there has been |there was )?a critical error.{0,40}
        critical error|database error|error establishing a database connection
        (da ist|es ist|hier ist) etwas schiefgelaufen[.! ]*|etwas ist schiefgelaufen[.! ]*
        une erreur (s'est produite|est survenue|inattendue.{0,20})[.! ]*
        (algo|algo ha) (salió|salido|deu) (mal|errado)[.! ]*|qualcosa è andato storto[.! ]*
        网络异常.{0,10}|系统繁忙.{0,10}
        """),
    "maintenance": any_line(r"""
        ((web)?site |service |currently |scheduled )*(is )?(down |closed )?((under|for|in) )?maintenance\W*
        maintenance mode
        (we'll )?be (right )?back( soon| shortly)?[.! ]*
        coming soon[.! ]*
        wartung(sarbeiten|smodus)?|(site )?en maintenance|en mantenimiento|in manutenzione|em manutenção
        (系统|网站)维护中?|メンテナンス中.{0,10}|점검 ?중.{0,10}
        we('ll| will) be (right )?back( soon| shortly)?[.! ]*
        (site )?en cours de maintenance[.! ]*|wir sind (gleich|bald|in kürze) wieder da[.! ]*
        (系统|网站)?(正在)?(升级|维护)(升级|维护)?中?[。！!]?
        (scheduled|planned|system|website) (maintenance|upgrade|downtime)[.! ]*
        """),
    "login": any_line(r"""
        (please )?(log|sign)[ -]?in( to (continue|your account|.{1,20}))?
        login( required)?|authentication required
        (log|sign) in or sign up
        anmelden|einloggen|connexion|se connecter|iniciar sesión|accedi|entrar|inloggen
        登录|登入|用户登录|ログイン|サインイン|로그인
        welcome( back)?[!,. ]*
        single sign[- ]on|sso|sign in with sso
        (log|sign)[ -]?in to .{1,30}
        (create|sign up for) (an|your|a free) account
        (request|gain) access
        (your )?session (has )?(expired|timed out|ended)[.! ]*
        (identifiez|connectez)[ -]vous.{0,20}|willkommen zurück[!. ]*|bon retour[!. ]*
        bienvenido de nuevo[!. ]*
        """),
    "consent": any_line(r"""
        before you continue( to .{1,30})?
        (cookie|privacy) (consent|preferences|settings|choices)
        we value your privacy|your privacy,? your choice
        we (use|respect) .{0,20}cookies
        bevor (sie|du) .{0,20}(weiter|fort).{0,20}
        avant de continuer.{0,30}|antes de continuar.{0,30}|prima di continuare.{0,30}
        (this|our) (web)?site uses cookies[.! ]*|(about|your) cookies on .{1,30}
        privacy preference cent(er|re)
        (your|make a|cookie) choices?
        (wir|acht) .{0,20}(ihre|deine) privatsphäre.{0,20}|(le respect de )?votre vie privée.{0,30}
        (weiter|lesen).{0,20} mit werbung.{0,30}|datenschutz-?einstellungen|cookie-?einstellungen
        valoramos (su|tu) privacidad|rispettiamo la (tua|vostra) privacy
        """),
    "age-gate": any_line(r"""
        how old are you\?
        (are you|you must be|i am) (at least |over )?\d\d( years)?( (of age|old))?( or (older|over))?\??
        (age|altersprüfung) ?(verification|check|gate|confirmation)?|verify your age|altersverifikation
        vérification de l'âge
        年龄(验证|确认)|年齢(確認|認証)
        """),
    "parked-domain": any_line(r"""
        (this )?(domain|website)( name)? (is |may be |has )?(for sale|expired|parked|suspended)[.! ]*
        (this )?account (has been )?suspended[.! ]*|(domain|website) (expired|suspended|parked|default page)
        """),
}
