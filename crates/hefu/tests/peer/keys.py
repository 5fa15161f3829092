"""Keys, check values, PIN blocks and MACs of a terminal, on the DES of pycryptodome alone."""

from Crypto.Cipher import DES

import wire


def encrypt(key, block):
    """One block under a key of 8 bytes (DES) or 16 (two-key triple DES)."""
    left = DES.new(key[:8], DES.MODE_ECB)
    if len(key) == 8:
        return left.encrypt(block)
    return left.encrypt(DES.new(key[8:16], DES.MODE_ECB).decrypt(left.encrypt(block)))


def decrypt(key, data):
    """Any number of blocks, each on its own."""
    left = DES.new(key[:8], DES.MODE_ECB)
    if len(key) == 8:
        return left.decrypt(data)
    return left.decrypt(DES.new(key[8:16], DES.MODE_ECB).encrypt(left.decrypt(data)))


def check_value(key):
    return encrypt(key, bytes(8))[:4]


def exclusive_or(one, other):
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def mac_ecb(key, data):
    """The ECB MAC of UnionPay: eight hexadecimal characters."""
    data += bytes(-len(data) % 8)
    mixed = bytes(8)
    for start in range(0, len(data), 8):
        mixed = exclusive_or(mixed, data[start : start + 8])
    first, last = (mixed.hex().upper().encode()[start : start + 8] for start in (0, 8))
    return encrypt(key, exclusive_or(encrypt(key, first), last)).hex().upper().encode()[:8]


def pin_block(pin, card):
    """ISO 9564 format 0."""
    digits = f"0{len(pin):x}{pin}".ljust(16, "f")
    account = card[-13:-1].rjust(16, "0")
    return exclusive_or(bytes.fromhex(digits), bytes.fromhex(account))


def unwrap_003(master, f62):
    """PIN key and MAC key of layout 003; refuses what does not check."""
    if len(f62) != 40:
        raise wire.Refused(f"F62 of layout 003 has 40 bytes, not {len(f62)}")
    wrapped_pin, pin_check, wrapped_mac, filler, mac_check = (
        f62[:16], f62[16:20], f62[20:28], f62[28:36], f62[36:40],
    )
    if filler != bytes(8):
        raise wire.Refused("the MAC key of layout 003 is followed by eight zero bytes")
    pin, mac = decrypt(master, wrapped_pin), decrypt(master, wrapped_mac)
    for name, key, check in (("PIN", pin, pin_check), ("MAC", mac, mac_check)):
        if check_value(key) != check:
            raise wire.Refused(f"the check value of the {name} key is wrong")
    return pin, mac


# Published vectors, so that this file is not its own judge.
VECTOR_KEY = bytes.fromhex("55036372B17543ECB173730768B8D6C4")
VECTOR_INPUT = bytes.fromhex(
    "08300000000002C0001530303637303034363432383937333730313739333233303032"
    "00110000000137200277319F0605A0000003339F220103DF050832303234313233"
    "319F0605A0000003339F220104DF050832303234313233319F0605A0000003339F"
    "220102DF050832303231313233319F0605A0000000039F220107DF050832303137"
    "313233319F0605A0000000039F220108DF050832303233313233319F0605A00000"
    "00039F220109DF050832303233313233319F0605A0000000659F220110DF050832"
    "303232313233319F0605A0000000659F220112DF050832303232313233319F0605"
    "A0000000659F220114DF050832303232313233319F0605A0000000049F220104DF"
    "050832303137313233319F0605A0000000049F220105DF05083230323131323331"
    "9F0605A0000000049F220106DF05083230323131323331"
)
VECTOR_FRAME = bytes.fromhex(
    "007f600003000060321032007202003020048000c080150000000000000012340000020300993030303030303031"
    "39353237313831383232313738373531353600192600000100060000000000435f01123238343431323334353637"
    "383930313233345f03063136303033365f04063230303832365c0230314233413039324145"
)


def check_vectors():
    """Whether this file computes what the specifications print; a list of what it does not."""
    master = bytes.fromhex("70F2A84CCBC2AE8625CBB0F2C22AB923")
    test_master = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    framed = VECTOR_FRAME
    mti, fields = wire.decode(framed[wire.BEFORE :])
    cases = {
        "check value": (check_value(test_master).hex(), "08d7b4fb"),
        "unwrap": (decrypt(master, bytes.fromhex("96D605EA176B7E9E")).hex(), "c24a8fb57aa20123"),
        "PIN block, card of 18": (pin_block("123456", "123456789012345678").hex(), "061253dffedcba98"),
        "PIN block, card of 16": (pin_block("123456", "1234567890123456").hex(), "0612713176fedcba"),
        "MAC, vector 1": (mac_ecb(VECTOR_KEY, VECTOR_INPUT), b"5FE058DB"),
        "MAC, vector 2": (
            mac_ecb(bytes.fromhex("0723C80DB5F4CD3D") * 2, framed[wire.BEFORE : -8]),
            framed[-8:],
        ),
        "message of vector 2": ((mti, fields[4], fields[11]), ("0200", "000000001234", "000002")),
        "the same message, written again": (wire.encode(mti, fields), framed[wire.BEFORE :]),
    }
    return [f"{name}: {found!r} is not {right!r}" for name, (found, right) in cases.items() if found != right]
