"""The other side of pyiso8583.rs: the same two dialects, written down for the package pyiso8583.

Reads one request a line and answers one line:
  decode <dialect> <message in hex>                 ->  <mti> <field>=<value in hex> ...
  encode <dialect> <mti> <field>=<value in hex> ... ->  <message in hex>
  fields <dialect>                                  ->  <field> ...
"""

import sys

import iso8583

# Field: kind, length, and how many digits of length stand in front ("" for none).
CUP = """
2 n 19 LL|3 n 6|4 n 12|11 n 6|12 n 6|13 n 4|14 n 4|15 n 4|22 n 3|23 right 3|25 n 2|26 n 2|32 n 11 LL
35 n 37 LL|36 n 104 LLL|37 text 12|38 text 6|39 text 2|41 text 8|42 text 15|44 text 25 LL|48 n 322 LLL
49 text 3|52 b 8|53 n 16|54 text 20 LLL|55 b 255 LLL|57 b 999 LLL|59 b 999 LLL|60 n 19 LLL|61 n 29 LLL
62 b 999 LLL|63 text 163 LLL|64 b 8
"""
HOST = """
2 text 19 LL|3 text 6|4 text 12|7 text 10|11 text 6|12 text 6|13 text 4|14 text 4|15 text 4|18 text 4
22 text 3|23 text 3|25 text 2|26 text 2|32 text 11 LL|33 text 11 LL|35 text 37 LL|37 text 12|38 text 6
39 text 2|41 text 8|42 text 15|43 text 40|48 text 512 LLL|49 text 3|52 b 8|53 text 16|54 text 40 LLL
55 b 255 LLL|60 text 100 LLL|70 text 3|90 text 42|95 text 42|96 b 8|128 b 8
"""


def spec(table, packed):
    """What pyiso8583 wants to know. Bitmaps are binary on both links."""
    length_encoding = "bcd" if packed else "ascii"
    width = {"": 0, "LL": 1, "LLL": 2} if packed else {"": 0, "LL": 2, "LLL": 3}
    bitmap = {"data_enc": "b", "len_enc": "ascii", "len_type": 0, "max_len": 8}
    mti = {"data_enc": "b", "max_len": 2} if packed else {"data_enc": "ascii", "max_len": 4}
    result = {
        "h": {"data_enc": "ascii", "len_enc": "ascii", "len_type": 0, "max_len": 0},
        "t": {"len_enc": "ascii", "len_type": 0, **mti},
        "p": dict(bitmap),
        "1": dict(bitmap),
    }
    for row in table.replace("\n", "|").strip("|").split("|"):
        field, kind, most, *prefix = row.split()
        entry = {"len_enc": length_encoding, "len_type": width["".join(prefix)], "max_len": int(most)}
        if kind == "text":
            # Chinese in GBK passes through unchanged, byte for byte.
            entry["data_enc"] = "latin-1"
        elif kind == "b":
            entry["data_enc"] = "b"
        else:
            # To pyiso8583 packed digits are hexadecimal, so that the D of a track needs nothing special.
            side = "left_pad" if kind == "right" else "right_pad"
            entry |= {"data_enc": "b", "len_count": "nibbles", side: "0"}
        result[field] = entry
    return result


SPECS = {"cup": spec(CUP, packed=True), "host": spec(HOST, packed=False)}


def is_raw(entry):
    """Fields of bytes: pyiso8583 holds them as hexadecimal text."""
    return entry["data_enc"] == "b" and entry.get("len_count") != "nibbles"


def decode(dialect, message):
    fields, _ = iso8583.decode(bytes.fromhex(message), SPECS[dialect])
    answer = [fields["t"]]
    for field, value in sorted((int(f), v) for f, v in fields.items() if f.isdigit() and f != "1"):
        raw = is_raw(SPECS[dialect][str(field)])
        answer.append(f"{field}={value.lower() if raw else value.encode('latin-1').hex()}")
    return " ".join(answer)


def encode(dialect, mti, *pairs):
    fields = {"t": mti}
    for field, value in (pair.split("=") for pair in pairs):
        raw = is_raw(SPECS[dialect][field])
        fields[field] = value.upper() if raw else bytes.fromhex(value).decode("latin-1")
    message, _ = iso8583.encode(fields, SPECS[dialect])
    return bytes(message).hex()


def fields(dialect):
    numbered = [f for f in SPECS[dialect] if f.isdigit() and f != "1"]
    return " ".join(numbered)


for line in sys.stdin:
    command, *arguments = line.split()
    print({"decode": decode, "encode": encode, "fields": fields}[command](*arguments), flush=True)
