"""Makes Chromium trust certificates besides the public ones: it reads them from an NSS database alone.

Switches that let it ignore errors are no way: they hold for whatever a server sends along, also unsigned.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")
_SECONDS = 20.0  # for one of certutil's steps
REMEDY = "apt-get install -y --no-install-recommends libnss3-tools"


def can_trust() -> bool:
    """Whether the tool that writes such a database is installed."""
    return shutil.which("certutil") is not None


def home_that_trusts(ca_file: Path, home: Path) -> dict[str, str]:
    """Writes the database into an empty folder; gives the environment of a Chromium that reads it there.

    Raises OSError or subprocess.SubprocessError where that cannot be done.
    """
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    _certutil(database, "-N", "--empty-password")
    for number, certificate in enumerate(_CERTIFICATE.findall(ca_file.read_text(encoding="latin-1"))):
        _certutil(database, "-A", "-a", "-t", "C,,", "-n", f"trusted-{number}", given=certificate)
    return {"HOME": str(home), "PATH": os.defpath}


def _certutil(database: Path, *words: str, given: str = "") -> None:
    subprocess.run(
        ["certutil", "-d", f"sql:{database}", *words],
        input=given,
        text=True,
        check=True,
        capture_output=True,
        timeout=_SECONDS,
    )
