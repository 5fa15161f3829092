"""A POS terminal that shares nothing with Hefu but the specification: the other side of the black-box tests.

Commands come as JSON objects, one a line, on standard input (or one in --do); each is answered by a line of JSON.
Amounts are minor units. A command names an earlier transaction by its trace: {"do": "void", "of": 7}.

  sign_on, sign_off, echo                    {"do": "sign_on"}
  sale, pre_auth, balance                    {"do": "sale", "amount": 100, "card": "62…", "pin": "123456"}
  void, refund, reversal, last_result        {"do": "refund", "of": 7, "amount": 50}
  completion, completion_advice,
  completion_void, pre_auth_void             {"do": "completion", "of": 7, "amount": 100}
  settle                                     {"do": "settle", "skew": 1}: totals that much too high
  repeat                                     {"do": "repeat", "of": 7}: the same frame again
  raw                                        {"do": "raw", "hex": "0005…"}

Every command may carry "set" ({"4": "…"} overwrites fields), "drop" ([14]), "mac": "wrong", "trace", and
"hang_up": true (send, and close without listening) and "dry": true (only show the frame). An answer's "problems" lists all that is wrong with it.
"""

import argparse
import json
import sys
import time

import answers
import keys
import wire

EXPIRY = "3012"
# Entry: F22 without its PIN digit, service code on the track, chip.
ENTRIES = {"swipe": ("02", "101", False), "insert": ("05", "201", True), "contactless": ("07", "201", True)}
# MTI, F3, F25, type in F60.
MESSAGES = {
    "balance": ("0200", "310000", "00", "01"),
    "sale": ("0200", "000000", "00", "22"),
    "void": ("0200", "200000", "00", "23"),
    "refund": ("0220", "200000", "00", "25"),
    "pre_auth": ("0100", "030000", "06", "10"),
    "pre_auth_void": ("0100", "200000", "06", "11"),
    "completion": ("0200", "000000", "06", "20"),
    "completion_void": ("0200", "200000", "06", "21"),
    "completion_advice": ("0220", "000000", "06", "24"),
}
DEBITS, CREDITS = ("sale", "completion", "completion_advice"), ("void", "refund", "completion_void")
# What a chip that asks online says: cryptogram and its circumstances.
CHIP = (
    "9F2608A1B2C3D4E5F60718" "9F270180" "9F101307010103A0B000010A010000000000A1B2C3D4" "9F37041A2B3C4D" "9F36020042"
    "95050080046000" "9A03261122" "9C0100" "9F0206{amount}" "5F2A020156" "82027C00" "9F1A020156"
    "9F0306000000000000" "9F3303E0F1C8"
)
CHIP_OF_REVERSAL = "95050080046000" "9F1E083132333435363738" "9F101307010103A0B000010A010000000000A1B2C3D4" "9F36020042"


class Terminal:
    def __init__(self, options):
        self.line = wire.Line(*options.gateway.rsplit(":", 1), options.patience)
        self.number, self.merchant = options.terminal, options.merchant
        self.master = bytes.fromhex(options.master)
        self.batch, self.trace = "000000", options.first_trace
        self.pin_key = self.mac_key = None
        # By trace: what was asked, and what became of it.
        self.records = {}

    # --- commands ---------------------------------------------------------------------------------------------

    def do(self, command):
        kind = command["do"]
        if kind in MESSAGES:
            return self.transact(kind, command)
        return getattr(self, kind)(command)

    def sign_on(self, command):
        heard = self.exchange("0800", self.begin("00", "003") | {63: "001"}, command)
        if heard.get("code") == "00":
            fields = heard["fields"]
            try:
                self.pin_key, self.mac_key = keys.unwrap_003(self.master, bytes.fromhex(fields[62]))
                self.batch = fields[60][2:8]
            except wire.Refused as refused:
                heard["problems"].append(str(refused))
        return heard

    def sign_off(self, command):
        return self.exchange("0820", self.begin("00", "002"), command)

    def echo(self, command):
        fields = self.begin("00", "301")
        del fields[11]
        return self.exchange("0820", fields, command)

    def last_result(self, command):
        of = self.records[command["of"]]
        asked = of["asked"][1]
        fields = self.begin("00", "390") | {61: asked[60][2:8] + asked[11]}
        return self.exchange("0820", fields, command)

    def transact(self, kind, command):
        mti, processing, condition, message_type = MESSAGES[kind]
        of = self.records.get(command.get("of"))
        card = command.get("card") or (of and of["card"]) or "6200000000000005"
        entry = command.get("entry", "swipe")
        mode, service, chip = ENTRIES[entry]
        fields = self.begin(message_type, "000") | {3: processing, 25: condition, 49: "156"}
        amount = command.get("amount", of["amount"] if of else 0)
        if kind != "balance":
            fields[4] = f"{amount:012}"
        pin = command.get("pin")
        if kind in CREDITS and kind != "refund" or kind == "completion_advice":
            # From the terminal's records: keyed, no track.
            fields |= {2: card, 22: "012"}
        else:
            fields |= {22: mode + ("1" if pin else "2"), 35: f"{card}D{EXPIRY}{service}0000000000"}
            fields[60] += "60" + ("1" if command.get("part") else "0")
        if chip:
            fields |= {2: card, 14: EXPIRY, 23: "001", 55: CHIP.format(amount=f"{amount:012}")}
        if pin:
            block = keys.encrypt(self.pin_key, keys.pin_block(pin, card)).hex().upper()
            fields |= {26: "12", 52: block, 53: "2600000000000000"}
        if of:
            asked, heard = of["asked"][1], of["fields"]
            fields[61] = asked[60][2:8] + asked[11]
            if kind in ("refund", "completion", "completion_advice", "pre_auth_void"):
                fields[61] += heard.get(13, "0101")
            if kind in ("void", "refund", "completion_void"):
                fields[37] = heard.get(37, "000000000000")
            else:
                fields[38] = heard.get(38, "000000")
        if kind == "refund":
            fields[63] = "CUP"
        record = {"kind": kind, "card": card, "amount": amount, "of": command.get("of"), "fields": {}, "code": None}
        return self.exchange(mti, fields, command, chip, record)

    def reversal(self, command):
        of = self.records[command["of"]]
        original = of["asked"][1]
        kept = (2, 3, 4, 11, 14, 22, 23, 25, 38, 41, 42, 49, 60, 61)
        fields = {field: original[field] for field in kept if field in original}
        fields[39] = command.get("reason", "98")
        if 38 in of["fields"]:
            fields[38] = of["fields"][38]
        if 55 in original:
            fields[55] = CHIP_OF_REVERSAL
        heard = self.exchange("0400", fields, command, chip=55 in original)
        of["reversed"] = of.get("reversed") or heard.get("code") == "00"
        return heard

    def settle(self, command):
        counted = [record for record in self.records.values() if self.counts(record)]
        sums = {}
        for side in (DEBITS, CREDITS):
            of_side = [record["approved"] for record in counted if record["kind"] in side]
            sums[side] = (sum(of_side), len(of_side))
        debit, credit = sums[DEBITS], sums[CREDITS]
        totals = f"{debit[0] + command.get('skew', 0):012}{debit[1]:03}{credit[0]:012}{credit[1]:03}0"
        fields = self.begin("00", "201") | {48: totals + "0" * 31, 49: "156", 63: "001"}
        heard = self.exchange("0500", fields, command)
        heard["totals"] = {"debit": debit[0], "debits": debit[1], "credit": credit[0], "credits": credit[1]}
        heard["balanced"] = {"1": True, "2": False}.get(heard.get("fields", {}).get(48, "")[30:31])
        heard["uploads"] = self.upload(counted, heard["balanced"]) if heard["balanced"] is not None else []
        if heard["uploads"] and heard["uploads"][-1].get("code") == "00":
            for record in counted:
                record["settled"] = True
        return heard

    def upload(self, counted, balanced):
        """All details eight at a time when the totals differ, and the message that ends it."""
        heard, lines = [], [] if balanced else counted
        for at in range(0, len(lines), 8):
            items = [
                f"00{record['asked'][1][11]}{record['card']:0>20}{record['approved']:012}"
                for record in lines[at : at + 8]
            ]
            fields = self.begin("00", "201") | {48: f"{len(items):02}" + "".join(items)}
            heard.append(self.exchange("0320", fields, {}))
        end = self.begin("00", "207" if balanced else "202") | {48: f"{len(lines):04}"}
        heard.append(self.exchange("0320", end, {}))
        return heard

    def repeat(self, command):
        of = self.records[command["of"]]
        return self.deliver(of["frame"], of["asked"], of["key"], command)

    def raw(self, command):
        try:
            self.line.send(bytes.fromhex(command["hex"]))
            if command.get("hang_up"):
                self.line.hang_up()
                return {"hung_up": True}
            return {"heard": self.line.hear().hex()}
        except TimeoutError:
            return {"silent": True}
        except OSError:
            self.line.hang_up()
            return {"closed": True}

    # --- messages ---------------------------------------------------------------------------------------------

    def begin(self, message_type, code):
        self.trace += 1
        return {11: f"{self.trace:06}", 41: self.number, 42: self.merchant, 60: message_type + self.batch + code}

    def exchange(self, mti, fields, command, chip=False, record=None):
        """Sends a request and hears its answer; keeps a record of what can be named later."""
        if "trace" in command:
            fields[11] = f"{command['trace']:06}"
        fields |= {int(field): value for field, value in command.get("set", {}).items()}
        for field in command.get("drop", []):
            fields.pop(field, None)
        asked, key = (mti, dict(fields)), self.mac_key
        if answers.has_mac(answers.name(mti, fields)) and 64 not in command.get("drop", []):
            message = wire.encode(mti, fields | {64: "0" * 16})[:-8]
            mac = keys.mac_ecb(key or bytes(8), message)
            message += mac[::-1] if command.get("mac") == "wrong" else mac
        else:
            message = wire.encode(mti, fields)
        frame = wire.frame(message, chip)
        if record is not None:
            record |= {"asked": asked, "frame": frame, "key": key}
            self.records[int(fields[11])] = record
        heard = self.deliver(frame, asked, key, command)
        if record is not None and heard.get("code") is not None:
            record |= {"fields": heard["fields"], "code": heard["code"]}
            record["approved"] = int(heard["fields"].get(4, "0")) if heard["code"] in answers.APPROVED else 0
        return heard

    def deliver(self, frame, asked, key, command):
        """One frame there, one back, everything checked."""
        trace = int(asked[1].get(11, "0"))
        if command.get("dry"):
            return {"trace": trace, "frame": frame.hex()}
        started = time.monotonic()
        try:
            self.line.send(frame)
            if command.get("hang_up"):
                self.line.hang_up()
                return {"trace": trace, "hung_up": True}
            whole = self.line.hear()
        except TimeoutError:
            self.line.hang_up()
            return {"trace": trace, "silent": True}
        except OSError as error:
            self.line.hang_up()
            return {"trace": trace, "closed": True, "why": str(error)}
        heard = self.judge(whole, frame, asked, key)
        return heard | {"trace": trace, "seconds": round(time.monotonic() - started, 3)}

    def judge(self, whole, frame, asked, key):
        try:
            demand, message = wire.unframe(whole, frame)
            mti, fields = wire.decode(message)
        except wire.Refused as refused:
            return {"problems": [str(refused)]}
        problems = answers.problems(asked, (mti, fields), has_keys=key is not None)
        # An answer uses its request's key; what came under a key that is gone is refused under the present one.
        usable = [key, self.mac_key] if fields.get(39) == "A0" else [key]
        good = any(one and answers.check_mac(one, message, fields, keys.mac_ecb) for one in usable)
        if 64 in fields and not good:
            problems.append("the answer's MAC is wrong")
        amount = int(fields[4]) if 4 in fields else None
        return {
            "mti": mti, "code": fields.get(39), "rrn": fields.get(37), "auth": fields.get(38), "amount": amount,
            "batch": fields.get(60, "")[2:8], "demand": demand, "words": answers.words(fields),
            "fields": fields, "problems": problems,
        }

    @staticmethod
    def counts(record):
        """Whether a transaction stands in the totals of this batch."""
        in_totals = record["kind"] in DEBITS + CREDITS
        return in_totals and record.get("approved", 0) > 0 and not record.get("reversed") and not record.get("settled")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gateway", default="127.0.0.1:8583")
    parser.add_argument("--terminal", default="10000001")
    parser.add_argument("--merchant", default="898110253110001")
    parser.add_argument("--master", default="0123456789ABCDEFFEDCBA9876543210")
    parser.add_argument("--patience", type=float, default=60, help="how many seconds an answer is waited for")
    parser.add_argument("--first-trace", type=int, default=0)
    parser.add_argument("--do", help="one command instead of standard input")
    parser.add_argument("--check", action="store_true", help="compute the published vectors, and end")
    options = parser.parse_args()
    if options.check:
        wrong = keys.check_vectors()
        print(json.dumps({"wrong": wrong}))
        sys.exit(1 if wrong else 0)
    terminal = Terminal(options)
    for line in [options.do] if options.do else sys.stdin:
        print(json.dumps(terminal.do(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
