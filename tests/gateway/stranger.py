"""A terminal that needs nothing but docs/wire.md, Python's standard library and Debian's python3-cryptography.

stranger.py URL CODE    enrols and sends; after each act it prints its counts as JSON and reads the next URL from stdin
"""

import http.client
import json
import os
import sys
import time
import uuid

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from stranger_wire import ZEROS, b64u, case_body, compact, gateway_time, hash_text
from stranger_wire import key_body, lines, public, request_head, sha, unb64u, vouched

SELF = "/v1/terminals/self"
COUNTED = ("stored", "duplicate", "held", "quarantined", "rewound", "refused", "believed", "disbelieved")


def check(holds, what):
    if not holds:
        sys.exit(f"not as the description says: {what}")


def uuid7():
    bits = int(time.time() * 1000) << 80 | int.from_bytes(os.urandom(10), "big")
    return str(uuid.UUID(int=bits & ~(0xF << 76 | 0x3 << 62) | 0x7 << 76 | 0x2 << 62))


class Terminal:
    def __init__(self, url):
        self.url, self.key, self.day = url, Ed25519PrivateKey.generate(), (uuid7(), os.urandom(32))
        self.me, self.epoch, self.skew = {}, None, 0.0
        self.journal, self.delivered, self.counts = [], set(), dict.fromkeys(COUNTED, 0)

    def call(self, method, target, content, head):
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=120)
        connection.request(method, target, content, head)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    def enrol(self, code):
        asked = compact({"code": code, "publicKey": b64u(public(self.key))})
        status, _, content = self.call("POST", "/v1/enrol", asked, {"content-type": "application/json"})
        return status, json.loads(content)

    def ask(self, method, path, content=None, kind="application/json", key=None, again=True):
        """Only an answer that the gateway signed for this very request is one."""
        nonce, created, gateway = b64u(os.urandom(18)), int(time.time() + self.skew), unb64u(self.me["gatewayKey"])
        head = request_head(method, SELF + path, content, self.me["terminalId"], key or self.key, created, nonce)
        status, given, answer = self.call(method, SELF + path, content, {"content-type": kind, **head})
        clock = gateway_time(status, given, answer, nonce, gateway, self.me["terminalId"])
        check(clock is not None, f"an answer {status} is signed by the gateway")
        altered = (status + 1, answer, nonce), (status, answer + b" ", nonce), (status, answer, nonce[::-1])
        believed = (gateway_time(s, given, a, n, gateway, self.me["terminalId"]) for s, a, n in altered)
        self.counts["disbelieved"] += sum(answered is None for answered in believed)
        self.counts["believed"] += 1
        self.counts["refused"] += status != 200
        self.skew, value = clock - time.time(), json.loads(answer)
        if again and value.get("code") == "clock":
            return self.ask(method, path, content, kind, key, again=False)
        return status, value

    def ask_for_key(self, signer):
        """Has the gateway take the own key in the place of the one that signs."""
        own = b64u(public(self.key))
        text = lines("yichuang-terminal-key-1", self.me["terminalId"], b64u(public(signer)), own)
        return self.ask("POST", "/key", compact({"publicKey": own, "proof": b64u(self.key.sign(text))}), key=signer)

    def follow(self):
        """Goes from the gateway's key that it knows to the one that signs now, each vouched for by the one before."""
        status, _, content = self.call("GET", "/v1/gateway-keys", None, {})
        for key in json.loads(content)["successors"]:
            known = self.me["gatewayKey"]
            text = lines("yichuang-gateway-key-1", "standard", known, key["publicKey"], key["from"])
            check(vouched(known, text, key["signature"]), "a key follows the one before")
            check(not vouched(known, text + b" ", key["signature"]), "and nothing else does")
            self.me["gatewayKey"] = key["publicKey"]

    def hash_at(self, seq):
        return self.journal[seq - 1]["hash"] if seq else ZEROS

    def write(self, kind, entry, body, keys=()):
        at = {"wall": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "monotonicMs": time.monotonic_ns() // 10**6}
        at.update(boot="boot-1", serverOffsetMs=round(self.skew * 1000))
        last = len(self.journal)
        e = {"v": 1, "terminal": self.me["terminalId"], "incarnation": 1, "seq": last + 1, "id": entry, "kind": kind}
        e.update(catalogue=sha(b"catalogue"), body=body.decode(), bodyHash=sha(body), prevHash=self.hash_at(last), at=at)
        self.journal.append({**e, "hash": sha(hash_text(e)), "keys": list(keys)})

    def write_key(self):
        me, ephemeral = self.me, X25519PrivateKey.generate()
        body = key_body(me["terminalId"], self.day, unb64u(me["districtKey"]), me["districtKeyId"], ephemeral)
        self.write("key", uuid7(), body)

    def write_case(self):
        entry, receipt = uuid7(), f"stranger-{len(self.journal)}"
        opened = {"case": uuid7(), "receiptNumber": receipt, "item": "residence-certificate", "offline": "S"}
        opened.update(acceptedAt="2026-03-02T09:30:00+08:00", answers={"purpose": "school"})
        personal = {"card": {"name": "王秀英"}, "answers": {}, "signature": {"height": 400, "strokes": [[10, 20]]}}
        case, nonces = (uuid7(), os.urandom(32)), (os.urandom(12), os.urandom(12))
        body, wrapped = case_body(self.me["terminalId"], entry, self.day, case, nonces, opened, compact(personal))
        self.write("case", entry, body, [wrapped])

    def send(self, *seqs):
        """A batch; an entry is delivered by its own answer alone."""
        content = b"".join(compact(self.journal[seq - 1]) + b"\n" for seq in seqs)
        status, answer = self.ask("POST", "/batches", content, "application/x-ndjson")
        check(status == 200 and [e["seq"] for e in answer["entries"]] == list(seqs), "one answer for each entry")
        for e in answer["entries"]:
            self.counts[e["result"]] += 1
            if e["result"] != "held":
                self.delivered.add(e["seq"])
        return answer["cursor"]

    def look(self):
        """Obeys the cursor: what was lost behind it waits again. Returns what waits."""
        status, cursor = self.ask("GET", "/cursor")
        head = cursor["contiguousSeq"]
        check(status == 200 and cursor["headHash"] == self.hash_at(head), "the cursor speaks of this chain")
        lost = {seq for seq in self.delivered if seq > head}
        self.counts["rewound"] += len(lost)
        self.delivered -= lost
        self.epoch = cursor["epoch"]
        return [e["seq"] for e in self.journal if e["seq"] not in self.delivered]

    def verify(self):
        """The own chain, entry by entry; and the gateway has come to its end."""
        for e in self.journal:
            check(e["prevHash"] == self.hash_at(e["seq"] - 1) and e["bodyHash"] == sha(e["body"].encode()), "a link")
            check(e["hash"] == sha(hash_text(e)), "a hash")
        check(self.look() == [], "everything has come, and nothing was lost")

    def tell(self):
        print(json.dumps({**self.counts, "chain": len(self.journal), "epoch": self.epoch}), flush=True)


def main(url, code):
    t = Terminal(url)
    status, t.me = t.enrol(code)
    check(status == 200 and t.enrol(code) == (200, t.me), "a code enrols, and answers the same key again")
    check(Terminal(url).enrol(code)[1]["code"] == "enrol-code", "a code serves one key")
    check(t.look() == [] and t.epoch == t.me["epoch"], "the epoch is the one of the enrolment")
    t.write_key()
    t.write_case()
    t.write_case()
    t.send(1, 2, 3)
    t.verify()
    t.tell()

    t.url = sys.stdin.readline().strip()
    t.send(1, 2, 3)
    for _ in range(4):
        t.write_case()
    check(t.send(4, 6, 7)["holes"] == [5], "a gap is a hole")
    t.send(5)
    check(t.ask("GET", "/cursor", key=Ed25519PrivateKey.generate())[1]["code"] == "signature", "a wrong signature")
    t.skew -= 3600
    beat = {"software": "stranger 1", "catalogue": sha(b"catalogue"), "unsynced": 0, "oldestUnsyncedSeconds": None}
    check(t.ask("POST", "/heartbeat", compact({**beat, "devices": {}, "diskFreeBytes": 1})) == (200, {}), "a heartbeat")
    t.send(6, 7)
    former, t.key = t.key, Ed25519PrivateKey.generate()
    check(t.ask_for_key(former) == (200, {}), "another key is taken")
    check(t.ask_for_key(former)[1]["code"] == "signature", "the former key signs no more")
    check(t.ask_for_key(t.key) == (200, {}), "the same answer when it is asked again")
    t.verify()
    t.tell()

    t.url = sys.stdin.readline().strip()
    t.follow()
    check(t.ask("GET", "/cursor")[1]["code"] == "signature", "the restored gateway does not know the key")
    check(t.ask_for_key(former) == (200, {}), "the former key asks for the present one")
    status, district = t.ask("GET", "/district-key")
    check(status == 200 and district["from"] and district["id"] != t.me["districtKeyId"], "another key of the district")
    waiting = t.look()
    check(t.epoch != t.me["epoch"], "the epoch is another")
    t.send(*waiting)
    t.verify()
    t.tell()


if __name__ == "__main__":
    main(*sys.argv[1:])
