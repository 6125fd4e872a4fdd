"""The yardstick of the HTTP door: a bare FastAPI handler that commits one row to SQLite with synchronous=FULL.

`python -m tests.bench.bare FILE` prints its port and serves until it is stopped.
"""

import asyncio
import socket
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

import uvicorn
from fastapi import Body, FastAPI


def make(file: str) -> FastAPI:
    """The application: every request is one commit, made in a thread of its own."""
    database = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE IF NOT EXISTS row (id INTEGER PRIMARY KEY, body TEXT)")
    writing = ThreadPoolExecutor(1)
    app = FastAPI()

    @app.post("/api/v1/messages", status_code=202)
    async def accept(body: Annotated[dict[str, Any], Body()]) -> dict[str, int]:
        loop = asyncio.get_running_loop()
        cursor = await loop.run_in_executor(
            writing, database.execute, "INSERT INTO row (body) VALUES (?)", (str(body),)
        )  # fmt: skip
        return {"id": cursor.lastrowid or 0}

    return app


if __name__ == "__main__":
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(listening.getsockname()[1], flush=True)
    config = uvicorn.Config(make(sys.argv[1]), log_config=None, access_log=False, loop="uvloop", http="httptools")
    asyncio.run(uvicorn.Server(config).serve(sockets=[listening]))
