"""What a terminal and its acquirer send each other: frame, TPDU, header, and the fields for pyiso8583."""

import socket

import iso8583

# Kinds of field: packed digits that begin left or right, text, bytes; "fixed" or the bytes of the length in front.
LEFT, RIGHT, TEXT, BYTES = "left", "right", "text", "bytes"
FIXED, LL, LLL = 0, 1, 2

FIELDS = {
    2: (LEFT, LL, 19), 3: (LEFT, FIXED, 6), 4: (LEFT, FIXED, 12), 11: (LEFT, FIXED, 6), 12: (LEFT, FIXED, 6),
    13: (LEFT, FIXED, 4), 14: (LEFT, FIXED, 4), 15: (LEFT, FIXED, 4), 22: (LEFT, FIXED, 3),
    23: (RIGHT, FIXED, 3), 25: (LEFT, FIXED, 2), 26: (LEFT, FIXED, 2), 32: (LEFT, LL, 11), 35: (LEFT, LL, 37),
    36: (LEFT, LLL, 104), 37: (TEXT, FIXED, 12), 38: (TEXT, FIXED, 6), 39: (TEXT, FIXED, 2),
    41: (TEXT, FIXED, 8), 42: (TEXT, FIXED, 15), 44: (TEXT, LL, 25), 48: (LEFT, LLL, 322), 49: (TEXT, FIXED, 3),
    52: (BYTES, FIXED, 8), 53: (LEFT, FIXED, 16), 54: (TEXT, LLL, 20), 55: (BYTES, LLL, 255),
    57: (BYTES, LLL, 999), 59: (BYTES, LLL, 999), 60: (LEFT, LLL, 19), 61: (LEFT, LLL, 29),
    62: (BYTES, LLL, 999), 63: (TEXT, LLL, 163), 64: (BYTES, FIXED, 8),
}


def _entry(kind, prefix, most):
    entry = {"len_enc": "bcd", "len_type": prefix, "max_len": most, "desc": kind}
    if kind == TEXT:
        # Chinese stays as the bytes that it came in.
        return entry | {"data_enc": "latin-1"}
    entry["data_enc"] = "b"
    if kind == BYTES:
        return entry
    # To pyiso8583 packed digits are hexadecimal ones, so a track's separator is simply a D.
    return entry | {"len_count": "nibbles", "left_pad" if kind == RIGHT else "right_pad": "0"}


def _spec():
    frame = {
        "h": {"data_enc": "ascii", "len_enc": "ascii", "len_type": 0, "max_len": 0, "desc": "none"},
        "t": {"data_enc": "b", "len_enc": "ascii", "len_type": 0, "max_len": 2, "desc": "type"},
        "p": {"data_enc": "b", "len_enc": "ascii", "len_type": 0, "max_len": 8, "desc": "bitmap"},
        "1": {"data_enc": "b", "len_enc": "ascii", "len_type": 0, "max_len": 8, "desc": "more bitmap"},
    }
    return frame | {str(number): _entry(*how) for number, how in FIELDS.items()}


SPEC = _spec()
# TPDU: 60, destination, source.
TPDU = bytes.fromhex("6000030001")
# Application class (60 magnetic, 61 chip), software version 31, then state, demand and six reserved digits.
HEADER = {False: bytes.fromhex("603100000000"), True: bytes.fromhex("613100000000")}
# Length, TPDU and header stand before the message.
BEFORE = 2 + 5 + 6


class Refused(Exception):
    """What came is no frame, or no message."""


def encode(mti, fields):
    """The message from its type on; `fields` by number, text, digits or bytes in hexadecimal."""
    wanted = {"t": mti} | {str(number): value for number, value in fields.items()}
    message, _ = iso8583.encode(wanted, SPEC)
    return bytes(message)


def decode(message):
    """Type and fields of a message."""
    try:
        found, _ = iso8583.decode(message, SPEC)
    except iso8583.DecodeError as error:
        raise Refused(f"no message: {error}") from error
    fields = {int(name): value for name, value in found.items() if name.isdigit() and name != "1"}
    return found["t"], fields


def frame(message, chip=False):
    """A message with everything before it."""
    body = TPDU + HEADER[chip] + message
    return len(body).to_bytes(2, "big") + body


def unframe(whole, request):
    """What the header asks of the terminal (its processing demand), and the message."""
    tpdu, header, message = whole[2:7], whole[7:13], whole[13:]
    if tpdu != request[2:3] + request[5:7] + request[3:5]:
        raise Refused(f"TPDU {tpdu.hex()} does not turn {request[2:7].hex()} round")
    if header[:2] != request[7:9]:
        raise Refused(f"header {header.hex()} is not of the class and version of {request[7:13].hex()}")
    return header[2] & 0x0F, message


class Line:
    """One connection to the gateway, made when it is needed."""

    def __init__(self, host, port, patience):
        self.place, self.patience, self.socket = (host, port), patience, None

    def send(self, data):
        if self.is_dead():
            self.hang_up()
        if self.socket is None:
            self.socket = socket.create_connection(self.place, timeout=self.patience)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(data)

    def is_dead(self):
        """Whether the gateway has closed it while nobody looked."""
        if self.socket is None:
            return True
        try:
            self.socket.setblocking(False)
            return self.socket.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            self.socket.settimeout(self.patience)
            return False
        except OSError:
            return True

    def hear(self):
        """One frame with its length."""
        length = self._exactly(2)
        return length + self._exactly(int.from_bytes(length, "big"))

    def hang_up(self):
        if self.socket is not None:
            self.socket.close()
        self.socket = None

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise ConnectionError("closed by the gateway")
            data += more
        return data
