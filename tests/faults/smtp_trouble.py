"""A mail server that makes trouble as an address tells it to, once: later-ann@… is put off at first.

    python3 tests/faults/smtp_trouble.py LOG KEY CERTIFICATE PORT PORT PORT

The ports: one without TLS, one that wants STARTTLS and a login (shop, p@ss), one with TLS from the
start.  LOG gets a line for each thing that happened: the mails taken are `mail ADDRESS MESSAGE-ID`.
"""

import asyncio
import signal
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

ALWAYS = {
    "never": ("rcpt", "550 5.1.1 nobody of that name"),
    "spam": ("data", "554 5.7.1 we don't like it"),
}
ONCE = {
    "later": ("rcpt", "450 4.2.0 greylisted"),
    "full": ("data", "452 4.2.2 mailbox full"),
    "hang": ("data", None),
    "drop": ("data", None),
}


class Trouble:
    def __init__(self, log):
        self.log = log
        self.done = set()

    def say(self, line):
        self.log.write(line + "\n")
        self.log.flush()

    def trouble(self, address, step):
        """The kind of trouble that ADDRESS is due at STEP, and its reply; or None."""
        kind = address.split("-")[0]
        known = ALWAYS.get(kind) or ONCE.get(kind)
        if known is None or known[0] != step or (kind in ONCE and address in self.done):
            return None
        self.done.add(address)
        self.say(f"{kind} {address}")
        return kind, known[1]

    async def handle_RCPT(self, server, session, envelope, address, options):
        due = self.trouble(address, "rcpt")
        if due:
            return due[1]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        address = envelope.rcpt_tos[0]
        lines = envelope.content.decode("utf-8").splitlines()
        message_id = next(line.split(": ")[1] for line in lines if line.startswith("Message-ID: "))
        due = self.trouble(address, "data")
        if due and due[0] == "drop":
            self.say(f"mail {address} {message_id}")
            server.transport.abort()
            return "421 4.0.0 gone"
        if due and due[0] == "hang":
            await asyncio.sleep(3600)
        if due:
            return due[1]
        self.say(f"mail {address} {message_id}")
        return "250 2.0.0 taken"


def check_login(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and data == LoginPassword(b"shop", b"p@ss")
    return AuthResult(success=right, handled=False)


async def serve(log_path, key, certificate, ports):
    loop = asyncio.get_running_loop()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with open(log_path, "a", encoding="utf-8") as log:
        trouble = Trouble(log)
        login = {
            "tls_context": tls,
            "require_starttls": True,
            "authenticator": check_login,
            "auth_required": True,
        }
        kinds = ({}, None), (login, None), ({}, tls)
        for port, (options, context) in zip(ports, kinds):
            await loop.create_server(
                lambda options=options: SMTP(
                    trouble, hostname="localhost", timeout=3600, loop=loop, **options
                ),
                host="127.0.0.1",
                port=port,
                ssl=context,
            )
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        trouble.say("ready")
        await stopping.wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2], sys.argv[3], [int(p) for p in sys.argv[4:]]))
