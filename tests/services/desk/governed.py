"""A configuration whose officers may come in by a provider."""

import shutil
from pathlib import Path

from tests.services.desk.office import ASAHAN

SECRET = "rahasia-klien & lagi"


def governed(folder: Path, issuer: str, claim: str = "email", **identities: str) -> Path:
    """A copy of the example regency in `folder`; `identities` by officer, with _ for -."""
    config = folder / "config"
    shutil.copytree(ASAHAN, config)
    (folder / "provider.secret").write_text(f"{SECRET}\n")
    with (config / "hub.toml").open("a") as hub:
        hub.write(
            f'[sign_in_provider]\nissuer = "{issuer}"\nclient_id = "corong:asahan"\nname = "Akun Asahan"\n'
            f'client_secret = {{ file = "../provider.secret" }}\nclaim = "{claim}"\n'
        )
    officers = config / "officers.toml"
    text = officers.read_text()
    for name, identity in identities.items():
        named = f'id = "{name.replace("_", "-")}"\n'
        assert text.count(named) == 1
        text = text.replace(named, f'{named}identity = "{identity}"\n')
    officers.write_text(text)
    return config
