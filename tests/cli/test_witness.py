"""A witness signs nothing that contradicts what it has seen: rollbacks, forks, and a folder that can't be trusted."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from corong.auditing.note import COSIGNATURE, SigningKey, VerifierKey, open_checkpoint
from corong.cli import audit_witness
from corong.cli.trouble import FAILED, TAMPERED, Trouble
from tests.services.auditing.handmade import LOG, HandmadeLog, event, events

NAME = "saksi.example/w1"


class Witness:
    """One, with its files, beside a log that it watches."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = HandmadeLog(folder / "log", events(400))
        self.secret = SigningKey(NAME, b"w" * 32, COSIGNATURE)
        (folder / "secret").write_text(self.secret.secret + "\n")

    @property
    def seen(self) -> bytes:
        return (self.folder / "state").read_bytes()

    def sign(self, *, first: bool = False) -> bytes:
        """The cosigned checkpoint."""
        given = {"secret": self.folder / "secret", "state": self.folder / "state", "key": [LOG.vkey]}
        audit_witness.witness(str(self.log.folder), output=self.folder / "out", first=first, name=None, **given)  # type: ignore[arg-type]
        return (self.folder / "out").read_bytes()

    def refuses(self, code: int) -> Trouble:
        before = self.seen
        (self.folder / "out").unlink(missing_ok=True)
        with pytest.raises(Trouble) as told:
            self.sign()
        assert told.value.code == code
        assert self.seen == before
        assert not (self.folder / "out").exists()
        return told.value


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    found = Witness(tmp_path)
    found.log.publish(290)
    found.sign(first=True)
    return found


def test_a_growing_log_is_cosigned(witness: Witness) -> None:
    for size in (290, 291, 300, 400):
        witness.log.publish(size)
        cosigned = witness.sign()
        checkpoint, opened = open_checkpoint(cosigned, VerifierKey.parse(LOG.vkey), [witness.secret.verifier])
        assert checkpoint.size == size
        assert opened.signers[witness.secret.verifier]
        assert witness.seen == witness.log.checkpoint(size)


def test_a_rollback_is_refused_and_kept(witness: Witness) -> None:
    witness.log.write("checkpoint", witness.log.checkpoint(280))
    witness.refuses(TAMPERED)
    assert (witness.folder / "state.refused").read_bytes() == witness.log.checkpoint(280)


@pytest.mark.parametrize("size", [290, 291, 400])
@pytest.mark.parametrize("changed", [0, 200, 289])
def test_a_fork_is_refused_and_kept(witness: Witness, size: int, changed: int) -> None:
    bodies = list(witness.log.bodies)
    bodies[changed] = event("intake.44", 1)
    shutil.rmtree(witness.log.folder)
    forked = HandmadeLog(witness.log.folder, bodies).publish(size)
    witness.refuses(TAMPERED)
    assert (witness.folder / "state.refused").read_bytes() == forked.checkpoint(size)


def test_missing_tiles_are_no_consent(witness: Witness) -> None:
    witness.log.publish(400)
    shutil.rmtree(witness.log.folder / "tile")
    witness.refuses(FAILED)
    assert not (witness.folder / "state.refused").exists()


def test_nothing_is_signed_before_the_state_is_on_the_disk(witness: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        raise Trouble("the disk is full")

    signed: list[bytes] = []
    sign: Callable[..., object] = SigningKey.sign

    def signing(self: SigningKey, *more: object) -> object:
        signed.append(b"")
        return sign(self, *more)

    monkeypatch.setattr(SigningKey, "sign", signing)
    monkeypatch.setattr(audit_witness, "_replace", full)
    witness.log.publish(400)
    witness.refuses(FAILED)
    assert signed == []


def test_signatures_that_others_add_stop_nothing(witness: Witness) -> None:
    witness.log.publish(300)
    lines = "".join(f"— orang.lain/{number} AAAAAAAA\n" for number in range(200)).encode()
    witness.log.write("checkpoint", witness.log.checkpoint(300) + lines)
    checkpoint, opened = open_checkpoint(witness.sign(), VerifierKey.parse(LOG.vkey), [witness.secret.verifier])
    assert checkpoint.size == 300
    assert opened.signers[witness.secret.verifier]
    witness.log.publish(301)
    assert witness.sign()  # what was kept of the crowded one can be read again
