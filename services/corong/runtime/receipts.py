"""Receipts: a number, and a secret that proves whose it is. The log holds what checks the secret, never the secret.

The secret is derived from the citizen's own key: an erasure takes it away, and the check stays, so that the holder
of a receipt still learns that, when and why the case was erased.
"""

import hashlib
import hmac
import re

_STRANGE = re.compile(r"[^A-Z0-9]")
_SLIPS = str.maketrans("018", "OIB")
"""The secret has the letters A–Z and the digits 2–7 alone (RFC 4648 section 6): these can only be misread letters."""


def receipt_check(case: str, secret: str) -> str:
    """SHA-256 over the case and the secret, whose 80 bits of chance can't be guessed from it; hexadecimal."""
    return hashlib.sha256(f"corong receipt\n{case}\n{tidy_secret(secret)}".encode()).hexdigest()


def letter_check(case: str, secret: str, digest: str) -> str:
    """SHA-256 over the case, the receipt's secret and the digest of a letter's pages; hexadecimal."""
    return hashlib.sha256(f"corong letter\n{case}\n{tidy_secret(secret)}\n{digest}".encode()).hexdigest()


def opens(case: str, secret: str, check: str) -> bool:
    """Whether this is the secret of the case's receipt; it takes the same time whatever is wrong with it."""
    return hmac.compare_digest(receipt_check(case, secret), check)


def tidy_number(number: str) -> str:
    """`pd 2026 000123`, `PD-2026-000123` and the like → `PD/2026/000123`."""
    return "/".join(re.findall(r"[A-Z0-9]+", number.upper()))


def written_secret(secret: str) -> str:
    """In groups of four, as receipts show it."""
    tidy = tidy_secret(secret)
    return "-".join(tidy[start : start + 4] for start in range(0, len(tidy), 4))


def tidy_secret(secret: str) -> str:
    """Without hyphens, spaces and lower case; digits that a secret can't have as the letters that they look like."""
    return _STRANGE.sub("", secret.upper()).translate(_SLIPS)
