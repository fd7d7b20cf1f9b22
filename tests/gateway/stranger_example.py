"""The worked example of docs/wire.md, computed by a stranger's code and compared block by block.

stranger_example.py FILE    prints how many blocks are alike; ends with the name of the first that is not
"""

import json
import re
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from stranger_wire import ZEROS, case_body, frame, gateway_time, hash_text, hpke
from stranger_wire import hpke_schedule, key_body, lines, request_head, sha, unb64u


def blocks(text):
    return dict(re.findall(r"^```(?:json|text) ([a-z0-9-]+)\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL))


def head_of(block):
    first, *rest = block.split("\n")
    return first.split(" "), dict(line.split(": ", 1) for line in rest)


def main(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    given, alike = blocks(text), []

    def compare(name, found, wanted):
        if found != wanted:
            sys.exit(f"{name} is not as the description says: {found}")
        alike.append(name)

    keys = dict(re.split(r" {2,}", line) for line in given["keys"].split("\n"))
    secret = {name: bytes.fromhex(value) for name, value in keys.items() if re.fullmatch("[0-9a-f]{24,}", value)}
    entries = [json.loads(line) for line in given["content"].split("\n")]
    terminal, case_id, wrapped = entries[0]["terminal"], entries[1]["id"], json.loads(given["wrapped"])
    day, case = (wrapped["dayKey"], secret["day key"]), (wrapped["caseKey"], secret["case key"])

    district = unb64u(keys["district public key"])
    ephemeral = X25519PrivateKey.from_private_bytes(secret["ephemeral private key"])
    info = lines("yichuang-day-key-1", terminal, day[0])
    made = {name: value.hex() for name, value in hpke_schedule(district, info, ephemeral).items()}
    made.update(hpke(district, info, day[1], ephemeral))
    compare("hpke", made, dict(re.split(" +", line) for line in given["hpke"].split("\n")))
    body = key_body(terminal, day, district, keys["district key id"], ephemeral)
    compare("body-1", body.decode(), given["body-1"])
    compare("dictionary-1", sha(given["dictionary-1"].encode()), re.search("SHA-256 `([0-9a-f]{64})`", text)[1])

    personal, opened = given["personal"].encode(), json.loads(given["body-2"])["open"]
    nonces = secret["nonce of the part"], secret["nonce of the case key"]
    body, key = case_body(terminal, case_id, day, case, nonces, opened, personal)
    compare("frame-head", frame(personal)[:12].hex(), given["frame-head"])
    compare("body-2", body.decode(), given["body-2"])
    compare("wrapped", key, wrapped)

    before = ZEROS
    for number, e in enumerate(entries, 1):
        compare(f"the body in line {number}", e["body"], given[f"body-{number}"])
        hashed = hash_text({**e, "bodyHash": sha(e["body"].encode()), "prevHash": before})
        before = sha(hashed)
        compare(f"hash-text-{number}", hashed.decode(), given[f"hash-text-{number}"])
        compare(f"hash-{number}", [before, before], [given[f"hash-{number}"], e["hash"]])

    own = Ed25519PrivateKey.from_private_bytes(secret["terminal private key"])
    nonce_of = {}
    for name, content in (("batch-head", given["content"].encode() + b"\n"), ("cursor-head", None)):
        [method, target], head = head_of(given[name])
        created, nonce_of[name] = re.search('created=(\\d+);nonce="(.+?)"', head["signature-input"]).groups()
        head.pop("content-type", None)
        compare(name, request_head(method, target, content, terminal, own, created, nonce_of[name]), head)
    [_, status], head = head_of(given["answer-head"])
    answer, gateway = given["answer-content"].encode(), unb64u(keys["gateway public key"])
    clock = gateway_time(int(status), head, answer, nonce_of["batch-head"], gateway, terminal)
    compare("answer-head", f";created={clock};" in head["signature-input"], True)
    print(json.dumps({"alike": len(alike)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
