"""What an answer must look like: exactly which fields, what they repeat, whether a MAC stands behind them."""

import wire

# MTI of the request, type and network code of F60: the name of the exchange.
SIGN_ON, SIGN_OFF, ECHO, SETTLEMENT, UPLOAD = "sign-on", "sign-off", "echo", "settlement", "upload"
LAST_RESULT, SIGNATURE, REVERSAL, BALANCE, MONEY = "last result", "signature", "reversal", "balance", "money"

PLAIN = {
    SIGN_ON: {11, 12, 13, 32, 37, 39, 41, 42, 60},
    SIGN_OFF: {11, 12, 13, 32, 37, 39, 41, 42, 60},
    ECHO: {12, 13, 39, 41, 42, 60},
    SETTLEMENT: {11, 12, 13, 15, 32, 37, 41, 42, 48, 49, 60, 63},
    UPLOAD: {11, 12, 13, 32, 37, 39, 41, 42, 48, 60},
}
# A sale's answer; these always, the others where they apply.
ALWAYS = {3, 11, 12, 13, 25, 32, 39, 41, 42, 49, 60, 63, 64}
APPROVED = {"00", "10", "11"}
# Fields that come back as they were sent.
REPEATED = (2, 3, 4, 11, 14, 25, 41, 42, 49, 61)


def name(mti, fields):
    kind, code = fields[60][:2], fields[60][8:11]
    if mti == "0820":
        return {"301": ECHO, "002": SIGN_OFF, "390": LAST_RESULT}.get(code, SIGNATURE if kind == "07" else None)
    if mti == "0200" and fields.get(3) == "310000":
        return BALANCE
    named = {"0800": SIGN_ON, "0500": SETTLEMENT, "0320": UPLOAD, "0400": REVERSAL}
    return named.get(mti, MONEY)


def has_mac(exchange):
    return exchange not in PLAIN


def problems(request, answer, has_keys):
    """Everything that is wrong with an answer; both are (MTI, fields). The MAC is checked elsewhere."""
    (asked_mti, asked), (mti, heard) = request, answer
    exchange, wrong = name(asked_mti, asked), []
    if mti != f"{int(asked_mti) + 10:04}":
        wrong.append(f"{mti} answers {asked_mti}")
    must, may = expected(exchange, asked, heard)
    if not has_keys:
        # There is nothing yet to compute a MAC with.
        must, may = must - {64}, may - {64}
    found = set(heard)
    if must - found:
        wrong.append(f"{exchange}: fields {sorted(must - found)} are missing")
    if found - must - may:
        wrong.append(f"{exchange}: fields {sorted(found - must - may)} do not belong there")
    for field in REPEATED:
        # A part approval names its own amount.
        part = field == 4 and heard.get(39) == "10"
        if field in asked and field in heard and asked[field] != heard[field] and not part:
            wrong.append(f"F{field} was not repeated")
    # The sign-on assigns the batch.
    parts = [(0, 2), (8, 11)] if exchange == SIGN_ON else [(0, 11)]
    if any(asked[60][a:b] != heard.get(60, "")[a:b] for a, b in parts):
        wrong.append(f"F60 {asked[60]} became {heard.get(60)}")
    return wrong + shapes(exchange, asked, heard)


def expected(exchange, asked, heard):
    """The fields that must be there, and those that may."""
    code = heard.get(39)
    if exchange in PLAIN:
        keys = {62} if exchange == SIGN_ON and code == "00" else set()
        return PLAIN[exchange] | keys, set()
    if exchange == SIGNATURE:
        return {11, 12, 13, 32, 39, 41, 42, 60, 64}, {15, 37}
    if exchange == LAST_RESULT:
        # An extension: the dialect's table does not list its answer.
        return {11, 12, 13, 39, 41, 42, 60, 64}, {4, 15, 32, 37, 38, 44, 55, 61, 63}
    must = ALWAYS | {field for field in (2, 4, 14) if field in asked}
    if exchange == REVERSAL:
        return must, {15, 37, 44}
    if code in APPROVED:
        # The authorisation code belongs to what takes or holds money.
        takes = exchange == MONEY and asked[3] in ("000000", "030000")
        must |= {15, 37, 44} | ({38} if takes else set()) | ({54} if exchange == BALANCE else set())
        may = {38} | ({54} if code == "10" else set())
    else:
        may = {15, 37, 44}
    return must, may | ({55} if 55 in asked else set())


def shapes(exchange, asked, heard):
    """Contents that are the same for everybody."""
    wrong = []
    month, day = int(heard.get(13, "0101")[:2]), int(heard.get(13, "0101")[2:])
    hour, minute, second = (int(heard.get(12, "000000")[at : at + 2]) for at in (0, 2, 4))
    if not (1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 60):
        wrong.append(f"F13 {heard.get(13)} F12 {heard.get(12)} is no time")
    if 44 in heard and len(heard[44]) != 22:
        wrong.append("F44 is receiver and acquirer, 11 characters each")
    if 63 in heard and 63 in asked and heard[63][:3] != asked[63][:3]:
        wrong.append(f"F63.1 {asked[63][:3]} became {heard[63][:3]}")
    if exchange == SETTLEMENT:
        zeros = [heard[48][a:b] == asked[48][a:b] for a, b in ((0, 30), (31, 61))]
        if len(heard[48]) != 62 or not all(zeros):
            wrong.append("F48 of the settlement does not repeat the totals")
    return wrong


def words(fields):
    """What F63 shows to the cashier: three places of up to 20 bytes, in GBK."""
    return fields.get(63, "")[3:].encode("latin-1").decode("gbk", "replace").replace("\0", " ").strip()


def check_mac(key, message, fields, compute):
    """Whether F64 is the MAC over everything before it."""
    return fields.get(64, "").upper() == compute(key, message[:-8]).hex().upper()


assert set(REPEATED) <= set(wire.FIELDS)
