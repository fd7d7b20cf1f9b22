"""What a terminal hashes, signs and seals, by docs/wire.md alone."""

import base64
import hashlib
import hmac
import json
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ZEROS = "0" * 64


def b64u(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64u(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sha(data):
    return hashlib.sha256(data).hexdigest()


def digest(content):
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def lines(*parts):
    return "\n".join(map(str, parts)).encode()


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def public(key):
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def mac(key, data):
    return hmac.digest(key, data, "sha256")


def extract(suite, salt, label, ikm):
    return mac(salt, b"HPKE-v1" + suite + label + ikm)


def expand(suite, prk, label, info, length):
    return mac(prk, bytes([0, length]) + b"HPKE-v1" + suite + label + info + b"\1")[:length]


def hpke_schedule(district, info, ephemeral):
    """RFC 9180, base mode: the names of its sections 4 and 5."""
    kem, suite = b"KEM\0\x20", b"HPKE\0\x20\0\x01\0\x02"
    dh = ephemeral.exchange(X25519PublicKey.from_public_bytes(district))
    shared = expand(kem, extract(kem, b"", b"eae_prk", dh), b"shared_secret", public(ephemeral) + district, 32)
    context = b"\0" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
    secret = extract(suite, shared, b"secret", b"")
    key, nonce = expand(suite, secret, b"key", context, 32), expand(suite, secret, b"base_nonce", context, 12)
    return {"dh": dh, "shared_secret": shared, "secret": secret, "key": key, "base_nonce": nonce}


def hpke(district, info, plain, ephemeral):
    made = hpke_schedule(district, info, ephemeral)
    return {"enc": b64u(public(ephemeral)), "data": b64u(AESGCM(made["key"]).encrypt(made["base_nonce"], plain, b""))}


def gcm(key, nonce, plain, *aad):
    return {"nonce": b64u(nonce), "data": b64u(AESGCM(key).encrypt(nonce, plain, lines(*aad)))}


def frame(plain):
    """zstd, one raw block."""
    size = len(plain)
    return bytes.fromhex("28b52ffda0") + size.to_bytes(4, "little") + (8 * size + 1).to_bytes(3, "little") + plain


def key_body(terminal, day, district, district_id, ephemeral):
    """`day` is a key after its name."""
    sealed = hpke(district, lines("yichuang-day-key-1", terminal, day[0]), day[1], ephemeral)
    return compact({"v": 1, "open": {"dayKey": day[0], "districtKeyId": district_id, **sealed}, "sealed": None})


def case_body(terminal, entry, day, case, nonces, opened, personal):
    """A body and its wrapped key; `day` and `case` are keys after their names."""
    part = gcm(case[1], nonces[0], frame(personal), "yichuang-body-1", terminal, entry, "case")
    wrapped = gcm(day[1], nonces[1], case[1], "yichuang-case-key-1", terminal, case[0], day[0])
    body = {"v": 1, "open": opened, "sealed": {"dict": 1, "caseKey": case[0], **part}}
    return compact(body), {"caseKey": case[0], "dayKey": day[0], **wrapped}


def hash_text(e):
    hashed = [e[name] for name in "terminal incarnation seq id kind catalogue bodyHash prevHash".split()]
    at = [e["at"][name] for name in "wall monotonicMs boot serverOffsetMs".split()]
    return lines("yichuang-entry-1", *hashed, *("-" if value is None else value for value in at))


def signature_base(fields, created, nonce, keyid):
    given = f'({" ".join(fields)});created={created};nonce="{nonce}";keyid="{keyid}";alg="ed25519"'
    return given, lines(*(f"{name}: {value}" for name, value in fields.items()), f'"@signature-params": {given}')


def request_head(method, target, content, terminal, key, created, nonce):
    path, _, query = target.partition("?")
    own = {"yichuang-terminal": terminal}
    if content is not None:
        own["content-digest"] = digest(content)
    derived = {'"@method"': method, '"@path"': path, '"@query"': f"?{query}"}
    headers = {f'"{name}"': value for name, value in own.items()}
    given, base = signature_base({**derived, **headers}, created, nonce, terminal)
    signature = base64.b64encode(key.sign(base)).decode()
    return {**own, "signature-input": f"yichuang={given}", "signature": f"yichuang=:{signature}:"}


def vouched(key, text, signature):
    try:
        Ed25519PublicKey.from_public_bytes(unb64u(key)).verify(unb64u(signature), text)
    except InvalidSignature:
        return False
    return True


def gateway_time(status, head, content, nonce, gateway, terminal):
    """The gateway's clock; None when it did not give this answer to this request."""
    created = re.search(r";created=(\d+);", head.get("signature-input", ""))
    signature = re.fullmatch(r"yichuang=:([A-Za-z0-9+/]{86}==):", head.get("signature", ""))
    if not created or not signature or head.get("content-digest") != digest(content):
        return None
    signed = {'"@status"': status, '"content-digest"': digest(content), '"yichuang-terminal";req': terminal}
    given, base = signature_base(signed, created[1], nonce, "gateway")
    if head["signature-input"] != f"yichuang={given}":
        return None
    try:
        Ed25519PublicKey.from_public_bytes(gateway).verify(base64.b64decode(signature[1]), base)
    except InvalidSignature:
        return None
    return int(created[1])
