"""The sign-in provider, where one is configured: whether it answers, and with keys that can be used."""

from corong.desk.access.provider import Provider, ProviderAway
from corong.desk.pages.provider_page import BACK
from corong.doctor.finding import Finding, ok, trouble
from corong.runtime.clock import utc_now
from corong.runtime.directory import Directory
from corong.runtime.secret_ref import SecretMissing
from corong.runtime.settings import Settings

CHECK = "sign-in provider"


async def look_at_provider(settings: Settings, directory: Directory) -> list[Finding]:
    """Its description, its keys and the client's secret; nobody is signed in. Nothing where none is configured."""
    entry = directory.hub.sign_in_provider
    if entry is None:
        return []
    found = []
    try:
        entry.client_secret.reveal()
    except SecretMissing as error:
        told = (f"rahasia tidak ada: {error}", str(error))
        found.append(trouble(CHECK, told, ("isi rahasia itu", "put the secret there")))
    if not any(officer.identity for officer in directory.officers if officer.active):
        told = ("tidak ada petugas yang memiliki identity, jadi tidak ada yang dapat masuk dengannya",
                "no officer has an identity, so nobody can come in by it")  # fmt: skip
        found.append(trouble(CHECK, told, ("isi identity di officers.toml", "fill in identity in officers.toml")))
    provider = Provider(entry, utc_now)
    try:
        await provider.metadata()
        await provider.keys()
    except ProviderAway as error:
        told = (f"{entry.issuer}: tidak dapat dipakai ({error})", f"{entry.issuer}: can't be used ({error})")
        remedy = ("periksa issuer di hub.toml dan jaringannya", "look at issuer in hub.toml and at the network")
        return [*found, trouble(CHECK, told, remedy)]
    base = settings.public_url or directory.hub.public_url
    back = f"{base.rstrip('/')}{BACK}" if base else BACK
    told = (f"{entry.name}: menjawab; alamat kembali {back}", f"{entry.name}: answers; redirect address {back}")
    return found or [ok(CHECK, *told)]
