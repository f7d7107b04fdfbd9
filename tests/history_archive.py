"""A repository written as Open Terms Archive writes one, and a watchlist to import it into."""

import subprocess
from datetime import UTC, datetime, timedelta

from tests.program import CLAUSES, Program

START = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
YES = "We use your prompts and your answers to train our models unless you opt out in your settings."
LONGER = "We keep prompts and answers for 90 days after you sent or received them."

WATCHLIST = """\
[defaults]
delay = "0s"
render = "http"
confirm_after = "0s"
allow_addresses = ["127.0.0.0/8"]
[providers.acme]
name = "Acme AI"
[providers.acme.documents.terms]
type = "Terms of Service"
url = "{url}"
robots = false
[providers.acme.documents.privacy]
type = "Privacy Policy"
url = "https://acme.test/privacy"
[providers.acme.products.chat]
name = "Acme Chat"
audience = "consumer"
documents = ["terms"]
training = {{ position = "no", verified = {verified} }}
"""


def markdown(clauses=CLAUSES, **more: str) -> str:
    """The text of a page as the archive's engine writes it."""
    parts = {**clauses, **more}
    return "# Terms of Service\n\n" + "".join(f"## {name}\n\n{text}\n\n" for name, text in parts.items())


class Archive:
    """A repository that is written as the archive's engine writes it."""

    def __init__(self, folder):
        self.folder, self.at = folder, START
        folder.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *words, **env):
        names = {
            f"GIT_{who}_{what}": "ota@example.org"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        }
        when = {f"GIT_{who}_DATE": self.at.isoformat() for who in ("AUTHOR", "COMMITTER")}
        base = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder)}
        return subprocess.run(
            ["git", "-C", str(self.folder), *words],
            env=base | names | when,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def record(
        self,
        text,
        subject="Record new changes of Acme Terms of Service",
        *,
        name="Acme/Terms of Service.md",
        body="",
        after=DAY,
    ):
        """Commit a text, and let time pass."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        self.git("add", "-A")
        self.git(
            "commit",
            "-q",
            "-m",
            subject,
            "-m",
            body or "This version was recorded after extracting from snapshot abcdef0",
        )
        self.at += after

    def rename(self, old, new, after=DAY):
        (self.folder / new).parent.mkdir(exist_ok=True)
        self.git("mv", old, new)
        self.git("commit", "-q", "-m", f"Rename {old}")
        self.at += after


def watch(program: Program, url="https://acme.test/terms", verified="2026-05-05"):
    (program.folder / "watchlist.toml").write_text(WATCHLIST.format(url=url, verified=verified))


def imported(program, archive, *words, code=0):
    came, out = program.run("history", "import", str(archive.folder), *words)
    assert came == code, out + program.said
    return out
