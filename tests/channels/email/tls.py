"""A front with TLS before a mail server that has none: from the first byte on, or after STARTTLS."""

import asyncio
import contextlib
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Protocol = Literal["imap", "smtp"]


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that no authority signed, with its key; both in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "uji")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


@contextlib.contextmanager
def tls_front(server_port: int, pem: Path, *, starttls: Protocol | None = None) -> Iterator[int]:
    """The port of a front before 127.0.0.1:`server_port`; with `starttls` it begins without TLS."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", server_port)
        with contextlib.suppress(OSError, EOFError):
            if starttls is not None:
                writer.write(await server_reader.readline())
                await _until_starttls(reader, writer, starttls)
                await writer.start_tls(context)
            await asyncio.gather(_pump(reader, server_writer), _pump(server_reader, writer))

    listening = asyncio.start_server(serve, "127.0.0.1", 0, ssl=None if starttls else context)
    server = asyncio.run_coroutine_threadsafe(listening, loop).result(10)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def _until_starttls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, protocol: Protocol) -> None:
    while line := (await reader.readline()).decode():
        words = line.upper().split()
        if protocol == "smtp":
            writer.write(b"220 Siap\r\n" if words[0] == "STARTTLS" else b"250-uji\r\n250 STARTTLS\r\n")
            if words[0] == "STARTTLS":
                return
        elif words[1] == "STARTTLS":
            writer.write(f"{line.split()[0]} OK siap\r\n".encode())
            return
        else:
            writer.write(f"* CAPABILITY IMAP4rev1 STARTTLS\r\n{line.split()[0]} OK siap\r\n".encode())
    raise EOFError


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
