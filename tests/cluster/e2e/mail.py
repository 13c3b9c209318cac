"""The stories' mail server: every mail becomes a line of a file before it is answered with 250.

    python3 mail.py PORT FILE

A line: the template, the recipient, the Message-ID, and the whole mail in base64.
"""

import asyncio
import base64
import email
import sys

from aiosmtpd.smtp import SMTP


class Lines:
    def __init__(self, path: str) -> None:
        self.file = open(path, "a", encoding="utf-8")

    async def handle_DATA(self, server, session, envelope) -> str:
        recipient = ", ".join(envelope.rcpt_tos)
        headers = email.message_from_bytes(envelope.original_content)
        template, message_id = ((headers[name] or "-").strip() for name in ("X-Shop-Template", "Message-ID"))
        mail = f"X-RcptTo: {recipient}\r\n".encode() + envelope.original_content
        print(template, recipient, message_id, base64.b64encode(mail).decode(), file=self.file, flush=True)
        return "250 OK"


async def serve(port: int, path: str) -> None:
    loop = asyncio.get_running_loop()
    handler = Lines(path)
    await loop.create_server(lambda: SMTP(handler, enable_SMTPUTF8=True, loop=loop), port=port, backlog=1024)
    await asyncio.Event().wait()


asyncio.run(serve(int(sys.argv[1]), sys.argv[2]))
