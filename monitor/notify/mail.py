"""Sends mail by SMTP, encrypted and verified; bounded in time, whatever the server does."""

from __future__ import annotations

import asyncio
import logging
import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from monitor.errors import DeliveryError
from monitor.model import Encryption

log = logging.getLogger(__name__)

SECONDS = 45.0
"""How long a server may take for one message."""

LONGEST_REPLY = 200
"""Characters of a server's words that an error repeats."""


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """A mail server, and who signs in there."""

    host: str
    port: int
    encryption: Encryption
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    seconds: float = SECONDS


@dataclass(frozen=True, kw_only=True)
class Mail:
    """What is sent: an event and its subject, text and HTML, from one address to others."""

    sender: str
    to: tuple[str, ...]
    event: str
    at: datetime
    subject: str
    text: str
    html: str

    def written(self) -> bytes:
        """The mail as it goes over the wire; the same event has the same Message-ID at every attempt."""
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self.sender
        mail["To"] = ", ".join(self.to)
        # A line break in a header would begin another one; the library refuses it, and none gets that far.
        mail["Subject"] = " ".join(self.subject.split())
        mail["Date"] = format_datetime(self.at)
        mail["Message-ID"] = f"<{self.event}@{self.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Tos-Monitor-Event"] = self.event
        mail.set_content(self.text, cte="quoted-printable")
        mail.add_alternative(self.html, subtype="html", cte="quoted-printable")
        return mail.as_bytes()


async def send(box: Mailbox, mail: Mail) -> tuple[str, ...]:
    """Deliver a mail; the receivers that the server refused for good while it took the others.

    Raises DeliveryError when nobody got it, or somebody may get it later.
    """
    link = smtplib.SMTP(timeout=box.seconds)
    try:
        async with asyncio.timeout(box.seconds):
            return await asyncio.to_thread(_send, link, box, mail)
    except TimeoutError as error:
        raise _error(box, f"did not answer within {box.seconds:g} s") from error
    finally:
        # A thread cannot be stopped, but one that reads from a connection that is shut down ends by itself.
        _cut(link)


def _cut(link: smtplib.SMTP) -> None:
    if (connection := link.sock) is not None:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def _send(link: smtplib.SMTP, box: Mailbox, mail: Mail) -> tuple[str, ...]:
    try:
        _sign_in(link, box)
        return _transmit(link, box, mail)
    except smtplib.SMTPResponseException as error:
        raise _answered(box, error.smtp_code, error.smtp_error) from error
    except ssl.SSLCertVerificationError as error:
        raise _error(box, f"shows a certificate that is not trusted: {error.verify_message}") from error
    except smtplib.SMTPServerDisconnected as error:
        raise _error(box, "closed the connection in the middle") from error
    except TimeoutError as error:
        raise _error(box, f"did not answer within {box.seconds:g} s") from error
    except smtplib.SMTPException as error:
        raise _error(box, f"cannot be used: {_short(str(error), box)}") from error
    except OSError as error:
        what = error.strerror or type(error).__name__
        raise _error(box, f"cannot be connected to ({what}); does it run, and is its port right?") from error
    finally:
        link.close()


def _sign_in(link: smtplib.SMTP, box: Mailbox) -> None:
    if box.encryption is Encryption.TLS:
        link.sock = socket.create_connection((box.host, box.port), timeout=box.seconds)
        _encrypt(link, box)
        _expect(link.getreply(), 220)
    else:
        _expect(link.connect(box.host, box.port), 220)
    link.ehlo_or_helo_if_needed()
    if box.encryption is Encryption.STARTTLS:
        if not link.has_extn("starttls"):
            raise _error(box, 'offers no encryption; write encryption = "tls" if its port begins with it')
        _expect(link.docmd("STARTTLS"), 220)
        _encrypt(link, box)
        link.ehlo()
    if box.user:
        link.login(box.user, box.password)


def _encrypt(link: smtplib.SMTP, box: Mailbox) -> None:
    """Go on encrypted; what the server said in the clear before is forgotten."""
    assert link.sock is not None  # it is connected
    context = ssl.create_default_context()
    if box.ca_file:
        context.load_verify_locations(cafile=box.ca_file)
    link.sock = context.wrap_socket(link.sock, server_hostname=box.host)
    link.file = None


def _transmit(link: smtplib.SMTP, box: Mailbox, mail: Mail) -> tuple[str, ...]:
    _expect(link.mail(mail.sender), 250)
    refused: list[str] = []
    for address in mail.to:
        code, words = link.rcpt(address)
        if code in (250, 251):
            continue
        # Who is refused only for now would miss it if the others got it; who is refused for good would
        # keep it from them.
        if code < 500 or len(mail.to) == 1:
            raise _answered(box, code, words)
        log.warning("mail refused", extra={"to": address, "answer": _short(words, box)})
        refused.append(address)
    if len(refused) == len(mail.to):
        raise _error(box, f"refuses every receiver: {', '.join(refused)}")
    _expect(link.data(mail.written()), 250)
    with suppress(smtplib.SMTPException, OSError):
        link.putcmd("quit")  # nobody waits for the answer: it has the mail
    return tuple(refused)


def _expect(reply: tuple[int, bytes], wanted: int) -> None:
    code, words = reply
    if code != wanted:
        raise smtplib.SMTPResponseException(code, words)


def _answered(box: Mailbox, code: int, words: bytes | str) -> DeliveryError:
    hint = "; are user and password right?" if code in (530, 534, 535) else ""
    # 552 and 554 are about a message (RFC 5321, 4.2.3): too large, or not wanted; others may pass.
    return _error(box, f"answered {code} {_short(words, box)}{hint}", refused=code in (552, 554))


def _short(words: bytes | str, box: Mailbox) -> str:
    """A server's words on one line, without the password that some repeat."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    text = text.replace(box.password, "***") if box.password else text
    printable = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(printable.split())[:LONGEST_REPLY]


def _error(box: Mailbox, what: str, *, refused: bool = False) -> DeliveryError:
    return DeliveryError(f"the mail server {box.host}:{box.port} {what}", refused=refused)
