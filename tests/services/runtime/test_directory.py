import shutil
from collections import Counter
from pathlib import Path

import pytest

from corong.runtime.directory import Directory, DirectoryError
from corong.runtime.opening import OFFICE_DAYS, WEEKDAYS, written_days
from corong.runtime.secret_ref import SecretMissing, SecretRef
from corong_contracts.case import CaseKind

ASAHAN = Path(__file__).parents[3] / "examples" / "asahan"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ASAHAN, tmp_path / "asahan"))


def add(file: Path, text: str) -> None:
    file.write_text(file.read_text() + text)


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def problem(folder: Path) -> str:
    with pytest.raises(DirectoryError) as caught:
        Directory.load(folder)
    return str(caught.value)


def test_the_example_is_a_regency_of_some_eighty_units() -> None:
    asahan = Directory.load(ASAHAN)
    kinds = Counter(unit.kind for unit in asahan.units)
    assert len(asahan.units) >= 80
    assert kinds["main"] == 1
    assert kinds["subdistrict"] == 25
    assert kinds["agency"] >= 30
    assert kinds["clinic"] >= 29
    assert asahan.main_unit.id == "diskominfo"
    assert {officer.role for officer in asahan.officers} == {
        "main_officer", "unit_officer", "operator", "superior", "auditor", "admin"
    }  # fmt: skip


def test_every_unit_has_its_officer_and_every_clinic_its_sub_district() -> None:
    asahan = Directory.load(ASAHAN)
    for unit in asahan.units:
        officer = asahan.officer(f"petugas-{unit.id}")
        assert (officer.role, officer.unit) == ("unit_officer", unit.id)
        if unit.kind == "clinic":
            assert unit.within is not None
            assert asahan.unit(unit.within).kind == "subdistrict"
        if unit.kind in ("clinic", "subdistrict"):
            assert unit.places


def test_the_example_starts_without_any_server_or_secret() -> None:
    asahan = Directory.load(ASAHAN)
    open_ways = {"web", "api", "feed", "counter", "phone", "letter"}
    assert {account.channel for account in asahan.enabled_accounts()} == open_ways
    assert [account.id for account in asahan.enabled_accounts("feed")] == ["feed"]


def test_looking_up_what_is_not_there() -> None:
    asahan = Directory.load(ASAHAN)
    for look in (asahan.unit, asahan.officer, asahan.account):
        with pytest.raises(KeyError):
            look("nobody")
    assert asahan.has_unit("bpbd")
    assert not asahan.has_unit("nobody")


def test_registers() -> None:
    hub = Directory.load(ASAHAN).hub
    assert hub.register_code(CaseKind.INFORMATION_REQUEST) == "PI"
    assert hub.register_code(CaseKind.PRAISE) == hub.register_code(None) == "UM"
    assert hub.zone.key == "Asia/Jakarta"


def test_token_generations(folder: Path) -> None:
    change(folder / "officers.toml", 'id = "petugas-bpbd"', 'id = "petugas-bpbd"\ntoken_generation = 3')
    change(folder / "officers.toml", 'id = "petugas-setda"', 'id = "petugas-setda"\nactive = false')
    asahan = Directory.load(folder)
    assert asahan.token_generation("officer", "petugas-bpbd") == 3
    assert asahan.token_generation("account", "web") == 1
    assert asahan.token_generation("officer", "petugas-setda") is None
    assert asahan.token_generation("account", "email-ppid") is None
    assert asahan.token_generation("account", "petugas-bpbd") is None


@pytest.mark.parametrize("name", ["hub", "units", "officers", "accounts"])
def test_a_missing_file_and_a_broken_one(folder: Path, name: str) -> None:
    file = folder / f"{name}.toml"
    add(file, "\nthis is not TOML")
    assert f"{file}: the file: it isn't TOML" in problem(folder)
    file.unlink()
    assert f"{file}: the file: it isn't there; copy it from" in problem(folder)


UNIT, OFFICER = (f'[[{table}]]\nid = "x"\nname = "X"\n' for table in ("unit", "officer"))
ACCOUNT = '[[account]]\nid = "x"\nname = "X"\nchannel = "email"\nreceipts = true\n'


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("units", '[[unit]]\nid = "bpbd"\nname = "Dua"\nkind = "agency"', "unit 'bpbd': the id stands 2 times"),
        ("units", '[[unit]]\nid = "a.b"\nname = "Titik"\nkind = "agency"', "unit 'a.b': id: "),
        ("units", '[[unit]]\nid = "A"\nname = "Besar"\nkind = "agency"', "unit 'A': id: "),
        ("units", '[[unit]]\nid = "x"\nname = " "\nkind = "agency"', "unit 'x': name: "),
        ("units", UNIT + 'kind = "kantor"', "unit 'x': kind: "),
        ("units", '[[unit]]\nname = "X"\nkind = "agency"', "unit no. 90: id: "),
        ("units", UNIT + 'kind = "main"', "exactly one unit is the main office, found: diskominfo, x"),
        ("units", UNIT + 'kind = "agency"\ntopics = ["jalan"]', "topic 'jalan' belongs to 'dinas-pupr'"),
        ("units", UNIT + 'kind = "clinic"\nplaces = ["aek loba"]', "'puskesmas-aek-loba' already"),
        ("units", UNIT + 'kind = "clinic"\nwithin = "y"', "unit 'x': within 'y' is not a unit"),
        ("units", '[[units]]\nid = "x"', "units: no such table in this file; every entry begins with [[unit]]"),
        ("officers", OFFICER + 'role = "operator"\nunit = "y"', "officer 'x': there is no unit 'y'"),
        ("officers", OFFICER + 'role = "raja"\nunit = "bpbd"', "officer 'x': role: "),
        ("accounts", ACCOUNT + 'unit = "y"', "there is no unit 'y'"),
        ("accounts", '[[account]]\nid = "x"\nchanel = "web"\nunit = "bpbd"', "account 'x': chanel: "),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_file_and_entry(folder: Path, file: str, text: str, told: str) -> None:
    add(folder / f"{file}.toml", f"\n{text}\n")
    message = problem(folder)
    assert told in message
    assert all(line.startswith(f"{folder / file}.toml: ") and "; " in line for line in message.splitlines())


def test_no_main_office(folder: Path) -> None:
    change(folder / "units.toml", 'kind = "main"', 'kind = "agency"')
    assert "found: none" in problem(folder)


def test_every_mistake_is_told_at_once(folder: Path) -> None:
    change(folder / "hub.toml", "Asia/Jakarta", "Asia/Kisaran")
    change(folder / "hub.toml", "default =", "# default =")
    change(folder / "units.toml", 'kind = "agency"', 'kind = "office"')
    with pytest.raises(DirectoryError) as caught:
        Directory.load(folder)
    assert [(p.file.name, p.what.split(":")[0]) for p in caught.value.problems] == [
        ("hub.toml", "time_zone"), ("hub.toml", "registers"), ("units.toml", "kind")
    ]  # fmt: skip


SETTINGS = f'\n{ACCOUNT}unit = "bpbd"\n[account.settings]\n'


def test_secrets_are_named_and_read_late(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(
        folder / "accounts.toml",
        SETTINGS + 'password = { env = "X_PASSWORD" }\nnested = { token = { file = "x.token" } }\n',
    )
    account = Directory.load(folder).account("x")
    password, token = account.settings["password"], account.settings["nested"]["token"]
    with pytest.raises(SecretMissing, match="X_PASSWORD is not set"):
        password.reveal()
    with pytest.raises(SecretMissing, match=r"x\.token can't be read"):
        token.reveal()
    monkeypatch.setenv("X_PASSWORD", "rahasia-1")
    (folder / "x.token").write_text("rahasia-2\n")
    assert (password.reveal(), token.reveal()) == ("rahasia-1", "rahasia-2")
    (folder / "x.token").write_text("\n")
    with pytest.raises(SecretMissing, match="is empty"):
        token.reveal()
    for shown in (repr(account), str(account), repr(password), repr(token), account.model_dump_json()):
        assert "rahasia" not in shown


@pytest.mark.parametrize(
    "line", ['password = "rahasia"', 'deep = { api_token = "rahasia" }', 'client_secret = "rahasia"']
)
def test_a_secret_written_out_is_refused_and_not_repeated(folder: Path, line: str) -> None:
    add(folder / "accounts.toml", SETTINGS + line + "\n")
    message = problem(folder)
    assert "is written out: name it as" in message
    assert "rahasia" not in message


def test_a_reference_names_one_place() -> None:
    for wrong in ({}, {"env": "A", "file": "b"}, {"env": ""}):
        with pytest.raises(ValueError, match="a secret is either"):
            SecretRef.model_validate(wrong)


def test_a_unit_opens_as_the_law_counts_unless_it_says_otherwise(folder: Path) -> None:
    units = folder / "units.toml"
    asahan = Directory.load(folder)
    assert asahan.main_unit.opening_days == OFFICE_DAYS
    assert asahan.unit("puskesmas-aek-loba").opening_days == (*OFFICE_DAYS, "sat")
    first = 'opening_days = ["mon", "tue", "wed", "thu", "fri", "sat"]'
    change(units, first, 'opening_days = ["sat", "mon"]')
    assert Directory.load(folder).unit("puskesmas-aek-loba").opening_days == ("mon", "sat"), "in the week's order"
    change(units, 'opening_days = ["sat", "mon"]', 'opening_days = ["sat", "sat"]')
    assert "a day stands twice" in problem(folder)
    change(units, 'opening_days = ["sat", "sat"]', 'opening_days = ["sabtu"]')
    assert "opening_days" in problem(folder)


def test_opening_days_are_written_as_people_say_them() -> None:
    assert (written_days(OFFICE_DAYS, "id"), written_days(WEEKDAYS, "en")) == (
        "Senin sampai Jumat", "Monday to Sunday",
    )  # fmt: skip
    assert (written_days(("thu", "tue"), "id"), written_days(("mon", "tue"), "en")) == (
        "Selasa, Kamis", "Monday, Tuesday",
    )  # fmt: skip
    assert written_days(("mon", "tue", "thu"), "id") == "Senin, Selasa, Kamis"


PROVIDER = """
[sign_in_provider]
issuer = "https://masuk.asahan.example/realms/pemkab"
client_id = "corong"
client_secret = { env = "CORONG_TEST_PROVIDER" }
name = "Akun Asahan"
"""


def test_a_sign_in_provider_and_whom_it_calls_what(folder: Path) -> None:
    assert Directory.load(folder).hub.sign_in_provider is None
    add(folder / "hub.toml", PROVIDER)
    change(folder / "officers.toml", 'id = "ppid-utama"\n', 'id = "ppid-utama"\nidentity = "Ade@asahan.example"\n')
    found = Directory.load(folder)
    assert found.hub.sign_in_provider is not None
    assert found.hub.sign_in_provider.claim == "email"
    for said in ("ade@ASAHAN.example", "Ade@asahan.example"):
        officer = found.identified(said)
        assert officer is not None
        assert officer.id == "ppid-utama"
    # The Kelvin sign is a k in small letters, and the dotless i looks like one: both are somebody else.
    for said in ("ade@asahan.example.id", "", "ppid-utama", "ade@asahan.examp\u217ce", "\u0430de@asahan.example"):
        assert found.identified(said) is None
    assert found.identified("ade@asahan.example", exact=True) is None
    assert found.identified("Ade@asahan.example", exact=True) is not None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('{ env = "CORONG_TEST_PROVIDER" }', '"rahasia"', "client_secret is written out"),
        ("https://masuk", "http://masuk", "not an https address"),
        ("https://masuk.asahan.example/realms/pemkab", "https://a@masuk.example", "not an https address"),
        ("https://masuk.asahan.example/realms/pemkab", "https://masuk.example?a=b", "not an https address"),
        ("https://masuk.asahan.example/realms/pemkab", "https://masuk.example:x", "not an https address"),
        ("https://masuk.asahan.example/realms/pemkab", "https://", "issuer"),
        ('name = "Akun Asahan"', 'nama = "Akun Asahan"', "nama"),
    ],
)
def test_a_sign_in_provider_that_cannot_be_used(folder: Path, old: str, new: str, told: str) -> None:
    add(folder / "hub.toml", PROVIDER.replace(old, new))
    found = problem(folder)
    assert told in found
    assert '"rahasia"' not in found


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:9400", "http://localhost:9400", "http://[::1]:9400"])
def test_a_provider_on_this_machine_needs_no_encryption(folder: Path, issuer: str) -> None:
    add(folder / "hub.toml", PROVIDER.replace("https://masuk.asahan.example/realms/pemkab", issuer))
    found = Directory.load(folder).hub.sign_in_provider
    assert found is not None
    assert found.issuer == issuer


def test_no_two_officers_have_one_identity(folder: Path) -> None:
    for officer, identity in (("ppid-utama", "Ade@asahan.example"), ("ppid-utama-2", "ade@asahan.example")):
        change(folder / "officers.toml", f'id = "{officer}"\n', f'id = "{officer}"\nidentity = "{identity}"\n')
    found = problem(folder)
    assert "'ppid-utama'" in found
    assert "'ppid-utama-2'" in found
    assert "identity stands with another officer" in found
    assert "@asahan" not in found
