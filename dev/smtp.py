"""The local stack's mail server: takes every message and keeps it in a Maildir.

    python3 dev/smtp.py PORT MAILDIR [ADDRESS]

A message is on disk before it is answered with 250.  SIGTERM ends it.
"""

import asyncio
import signal
import sys

from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP


async def serve(port: int, folder: str, address: str = "127.0.0.1") -> None:
    loop = asyncio.get_running_loop()
    handler = Mailbox(folder)
    server = await loop.create_server(
        lambda: SMTP(handler, enable_SMTPUTF8=True, hostname="localhost", loop=loop),
        host=address,
        port=port,
        backlog=1024,
    )
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    await stopping.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), *sys.argv[2:4]))
