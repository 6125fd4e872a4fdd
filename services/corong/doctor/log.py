"""What auditing signs the log with, and how far it was signed."""

from corong.auditing import log_key
from corong.auditing.app import name_of
from corong.auditing.head_file import BadHead, HeadFile
from corong.auditing.log_key import BadLogKey
from corong.auditing.witnesses import BadWitnesses, keys_of
from corong.doctor.finding import Finding, mode_of, note, ok, trouble
from corong.runtime.directory import Directory
from corong.runtime.settings import Settings


def look_at_log(settings: Settings, directory: Directory) -> list[Finding]:
    """Whether the log's key is there, is this log's, and nobody else may read it; whether the head is this log's."""
    path = settings.data / "secrets" / "log.key"
    head_file = HeadFile(settings.log_head or settings.data / "log-head")
    origin = name_of(settings, directory)
    try:
        key = log_key.load(path, origin)
        head = head_file.read(key.verifier, origin)
        names = ", ".join(witness.name for witness in keys_of(settings.log_witnesses))
    except BadLogKey as error:
        if not (path.exists() or log_key.given() or head_file.path.exists()):
            return [note("log", "belum ada kuncinya; dibuat saat pertama jalan", "no key yet; made at the first start")]
        remedy = (
            "kembalikan kunci log dari cadangan, atau setel seperti tertulis",
            "bring the log's key back from the backup, or set what is told",
        )
        return [trouble("log", (f"kunci log tidak dapat dipakai: {error}", str(error)), remedy)]
    except BadWitnesses as error:
        remedy = ("setel kunci saksi seperti tertulis", "set the witnesses' keys as told")
        return [trouble("log", (f"kunci saksi tidak dapat dipakai: {error}", str(error)), remedy)]
    except BadHead as error:
        remedy = ("bandingkan dengan cadangan dan saksi", "compare it with the backup and the witnesses")
        return [trouble("log", (f"catatan penandatanganan terakhir rusak: {error}", str(error)), remedy)]
    except OSError as error:
        text = f"{error.filename or path}: {error.strerror}"
        return [trouble("log", (text, text), ("periksa pemilik dan izinnya", "look at its owner and mode"))]
    found = [] if log_key.given() else mode_of("log", path)
    size = 0 if head is None else head.size
    by, seen_by = (f"; saksi: {names}", f"; witnesses: {names}") if names else ("", "")
    return found or [ok("log", f"{key.verifier}: {size} ditandatangani{by}", f"{key.verifier}: {size} signed{seen_by}")]
