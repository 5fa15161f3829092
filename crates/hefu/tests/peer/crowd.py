"""Clients that mean harm, or only sit there. Commands come as JSON, one a line, and are answered by one line each.

  {"do": "idle", "count": 10000}      opens so many connections that say nothing  ->  {"open": …}
  {"do": "alive"}                     how many of them are still open             ->  {"open": …}
  {"do": "nonsense", "seed": 1}       broken bytes of every kind, each on its own connection; waits until the
                                      gateway has closed them all                 ->  {"sent": …, "closed": …}
  {"do": "slow", "seconds": 5}        one byte of a good frame a second           ->  {"sent": …, "closed": …}
"""

import argparse
import json
import random
import resource
import socket
import sys
import time

import keys
import wire

# Files that this program needs for itself.
SPARE = 200
GOOD = keys.VECTOR_FRAME


class Crowd:
    def __init__(self, gateway, patience):
        host, port = gateway.rsplit(":", 1)
        self.place, self.patience, self.sitting = (host, int(port)), patience, []

    def connect(self):
        return socket.create_connection(self.place, timeout=self.patience)

    def idle(self, command):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        count = command["count"] if most == resource.RLIM_INFINITY else min(command["count"], most - SPARE)
        self.sitting += [self.connect() for _ in range(count)]
        return self.alive(command)

    def alive(self, _):
        still = 0
        for connection in self.sitting:
            connection.setblocking(False)
            try:
                still += connection.recv(1) != b""
            except BlockingIOError:
                still += 1
            except OSError:
                pass
        return {"open": still}

    def nonsense(self, command):
        dice = random.Random(command["seed"])
        sent, connections = nonsense(dice), []
        for data in sent:
            connection = self.connect()
            connections.append(connection)
            try:
                connection.sendall(data)
            except OSError:
                # Closed before all of it was said.
                pass
        return {"sent": len(sent), "closed": sum(self.ends(connection) for connection in connections)}

    def slow(self, command):
        connection, sent = self.connect(), 0
        until = time.monotonic() + command["seconds"]
        for byte in GOOD:
            try:
                connection.sendall(bytes([byte]))
            except OSError:
                return {"sent": sent, "closed": True}
            sent += 1
            connection.settimeout(1)
            try:
                if connection.recv(1) == b"":
                    return {"sent": sent, "closed": True}
            except TimeoutError:
                pass
            except OSError:
                return {"sent": sent, "closed": True}
            if time.monotonic() > until:
                break
        return {"sent": sent, "closed": False}

    def ends(self, connection):
        """Whether the gateway closes the connection, after whatever it answers."""
        connection.settimeout(self.patience)
        try:
            while connection.recv(4096):
                pass
        except TimeoutError:
            return False
        except OSError:
            pass
        return True


def nonsense(dice):
    """Frames that are none: noise, cut, too long, empty, and good ones with a part turned to noise."""

    def noise(count):
        return dice.randbytes(count)

    all_of_it = [b"\x00\x00", b"\x00\x01\xff", b"\xff\xff" + noise(70_000), b"\x08\x01" + noise(2_049)]
    all_of_it += [GOOD[:cut] for cut in (1, 2, 3, 7, 13, 15, 20, 40, len(GOOD) - 1)]
    for _ in range(40):
        body = noise(dice.randrange(1, 300))
        all_of_it.append(len(body).to_bytes(2, "big") + body)
        all_of_it.append(noise(dice.randrange(1, 3_000)))
        # TPDU and header are good, so that what follows is read.
        body = wire.TPDU + wire.HEADER[False] + bytes.fromhex("0200") + noise(dice.randrange(1, 300))
        all_of_it.append(len(body).to_bytes(2, "big") + body)
        at = dice.randrange(2, len(GOOD))
        all_of_it.append(GOOD[:at] + noise(1) + GOOD[at + 1 :])
    # Half of them with a good frame behind, which nobody may be made to wait for.
    return [data + (GOOD if dice.random() < 0.5 else b"") for data in all_of_it]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gateway", default="127.0.0.1:8583")
    parser.add_argument("--patience", type=float, default=60)
    options = parser.parse_args()
    crowd = Crowd(options.gateway, options.patience)
    for line in sys.stdin:
        command = json.loads(line)
        print(json.dumps(getattr(crowd, command["do"])(command)), flush=True)


if __name__ == "__main__":
    main()
