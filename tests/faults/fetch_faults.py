# SPDX-License-Identifier: MIT
"""Runs the fetch worker against a server that misbehaves.

usage: fetch_faults.py WORKER SCRATCH-DIRECTORY

Whatever the server does, the worker answers in time, with one whole answer or
one sentence, and never with a byte of what it was sent in an error.
"""
import json
import os
import socket
import ssl
import subprocess
import sys
import time

import misbehaving_server as bad

WORKER, SCRATCH = sys.argv[1:3]
SLOW = float(os.environ.get("JIT_SLOW", "1"))
failures = 0


def check(name, condition, told=""):
    global failures
    if not condition:
        failures += 1
        print(f"FAILED: {name}: {told}")


class Worker:
    def __init__(self, job, environment=None):
        self.socket, theirs = socket.socketpair()
        self.process = subprocess.Popen([WORKER], stdin=theirs, stdout=theirs,
                                        env={**os.environ, **(environment or {})})
        theirs.close()
        text = job if isinstance(job, bytes) else json.dumps({**job, "payload": 0}).encode()
        self.socket.sendall(text + b"\0")

    def answer(self):
        """The answer's object and payload, checked to be whole."""
        data = b""
        while piece := self.socket.recv(65536):
            data += piece
        status = self.process.wait()
        head, _, payload = data.partition(b"\0")
        answer = json.loads(head)
        check("exit status", status == 0, status)
        check("payload", len(payload) == answer["payload"], answer)
        return answer, payload


def call(url, deadline_ms=3000, ca_file="", method="POST"):
    return {"method": method, "url": url, "headers": {"Signature": "jit=:x:"},
            "body": "{}", "ca_file": ca_file, "deadline_ms": int(deadline_ms * SLOW)}


def credentials(grant_url, sts_url, deadline_ms=3000):
    return {"job": "credentials", "grant": call(grant_url, deadline_ms),
            "sts_url": sts_url, "deadline_ms": int(deadline_ms * SLOW)}


def expect_error(name, job, kind, words, retry, within=4.0):
    began = time.monotonic()
    answer, payload = Worker(job).answer()
    took = time.monotonic() - began
    error = answer.get("error", {})
    check(name, error.get("kind") == kind, answer)
    check(name, words in error.get("message", ""), answer)
    check(name, ("retry" in error) == retry, answer)
    check(name, not payload and bad.MARKER not in json.dumps(answer), answer)
    check(name, took < within * SLOW, f"took {took:.1f} s")
    return error


def calls(server):
    """What a call makes of each fault: kind, words, whether to retry, milliseconds."""
    for path, kind, words, retry, deadline in (
            ("stall", "unreachable", "did not answer in time", True, 500),
            ("drip", "unreachable", "did not answer in time", True, 500),
            ("drip-head", "unreachable", "did not answer in time", True, 500),
            ("nothing", "unreachable", "without an answer", True, 3000),
            ("reset", "unreachable", "broke the connection off", True, 3000),
            ("garbage", "unreachable", "not HTTP", False, 3000),
            ("half-body", "unreachable", "only part of an answer", True, 3000),
            ("half-chunk", "unreachable", "part of an answer", True, 3000),
            ("huge", "unreachable", "more than is allowed", False, 3000),
            ("huge-chunked", "unreachable", "more than is allowed", False, 3000),
            ("huge-endless", "unreachable", "more than is allowed", False, 3000),
            ("huge-head", "unreachable", "more than is allowed", False, 3000),
            ("huge-interim", "unreachable", "more than is allowed", False, 3000)):
        expect_error(path, {"job": "call", **call(server.url + path, deadline)}, kind, words,
                     retry)
    for path, status in (("redirect", 302), ("grant-refused", 409), ("grant-down", 503),
                         ("grant", 200), ("lying-short", 200)):
        answer, payload = Worker({"job": "call", **call(server.url + path)}).answer()
        check(path, answer.get("status") == status, answer)
        check(path, len(payload) > 0 and len(payload) < 1000, payload)
    check("redirect", "trap" not in server.counts, server.counts)


def refused_calls():
    for url in ("http://192.0.2.1/", "http://localhost.example/", "ftp://127.0.0.1/",
                "file:///etc/hostname", "https://u:hunter2@127.0.0.1/"):
        error = expect_error(url, {"job": "call", **call(url)}, "usage", "", False, 1)
        check(url, "hunter2" not in error.get("message", ""), error)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    expect_error("nobody there", {"job": "call", **call(url)}, "unreachable",
                 "does not accept connections", True)
    for job in (b"{}", b"[]", b"garbage", b'{"job": "dance", "payload": 0}',
                b'{"job": "call", "payload": 0}', b'{"job": "call", "job": "call", "payload": 0}'):
        answer, _ = Worker(job).answer()
        check(f"job {job}", answer["error"]["kind"] in ("usage", "internal"), answer)


def exchanges(server):
    for grant, sts, kind, words, retry in (
            ("grant-refused", "sts", "no-session", "ended by ann", False),
            ("grant-down", "sts", "unreachable", "the broker answered with status 503", True),
            ("grant-garbage", "sts", "unreachable", "not well-formed JSON", False),
            ("grant-empty", "sts", "unreachable", "not well-formed JSON", False),
            ("grant-no-account", "sts", "unreachable", "malformed account_id", False),
            ("grant-ending", "sts", "no-session", "ends within 30 s", False),
            ("redirect", "sts", "unreachable", "a redirect (302), which is not followed", False),
            ("half-body", "sts", "unreachable", "only part of an answer", True),
            ("grant", "sts-garbage", "unreachable", "not well-formed XML", False),
            ("grant", "sts-half-xml", "unreachable", "not well-formed XML", False),
            ("grant", "sts-empty", "unreachable", "not well-formed XML", False),
            ("grant", "lying-short", "unreachable", "no proper AccessKeyId", False),
            ("grant", "sts-denied", "refused-by-aws", "STS refused: AccessDenied: Not", False),
            ("grant", "sts-expired", "refused-by-aws", "ExpiredTokenException", True),
            ("grant", "sts-throttled", "refused-by-aws", "STS refused: Throttling", True),
            ("grant", "sts-5xx", "unreachable", "STS answered with status 500", True),
            ("grant", "redirect", "unreachable", "STS answered with status 302", False),
            ("grant", "huge", "unreachable", "more than is allowed", False),
            ("grant", "half-body", "unreachable", "only part of an answer", True),
            ("grant", "nothing", "unreachable", "without an answer", True),
            ("grant", "garbage", "unreachable", "not HTTP", False),
            ("grant", "sts-over", "internal", "over already", False),
            ("grant", "sts-elsewhen", "internal", "this machine's clock is 36", False)):
        before = server.counts.get(sts, 0)
        expect_error(f"{grant} {sts}", credentials(server.url + grant, server.url + sts), kind,
                     words, retry)
        tries = server.counts.get(sts, 0) - before
        if grant == "grant":
            many = retry and sts != "sts-expired"
            check(f"{grant} {sts}", (tries > 1) == many and tries <= 5, f"{tries} tries")
        else:
            check(f"{grant} {sts}", tries == (grant == "grant-ending"), f"{tries} tries")
    expect_error("stalled STS", credentials(server.url + "grant", server.url + "stall", 800),
                 "unreachable", "did not answer in time", True, 2)
    error = expect_error("broker behind",
                         credentials(server.url + "grant-behind", server.url + "sts-denied"),
                         "refused-by-aws", "the broker's clock is 41", False)
    check("broker behind", "behind AWS's; STS refused: AccessDenied" in error["message"], error)
    check("trap", "trap" not in server.counts, server.counts)


def good_exchanges(server):
    for sts in ("sts", "sts-throttled-then-good", "sts-5xx-then-good", "sts-idp-then-good",
                "nothing-then-good", "half-body-then-good", "reset-then-good"):
        job = credentials(server.url + "grant", server.url + sts)
        answer, payload = Worker(job).answer()
        check(sts, "error" not in answer, answer)
        if "error" in answer:
            continue
        document = json.loads(payload)
        check(sts, payload.endswith(b"}\n") and payload.count(b"\n") == 1, payload)
        check(sts, [document[name] for name in ("Version", "AccessKeyId", "SecretAccessKey",
                                                "SessionToken", "AccountId")] ==
              [1, bad.KEY_ID, bad.SECRET, bad.TOKEN, "123456789012"], document)
        check(sts, server.counts[sts] == (3 if sts != "sts" else 1), server.counts)
    form = server.bodies["sts"].decode()
    check("form", "Action=AssumeRoleWithWebIdentity&" in form and "Policy=" not in form and
          "RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fjit&" in form, form)


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, cwd=SCRATCH, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def make_certificate(name, alternative):
    """A self-signed certificate: its file, and a server's context with it."""
    path = os.path.join(SCRATCH, name)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", path + ".key", "-out", path + ".pem", "-subj", "/CN=" + name,
            "-addext", "subjectAltName=" + alternative)
    return path + ".pem", context_of(path)


def context_of(path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path + ".pem", path + ".key")
    return context


def make_expired_certificate():
    """Only "openssl ca" can date a certificate back."""
    path = os.path.join(SCRATCH, "past")
    with open(path + ".conf", "w", encoding="ascii") as file:
        file.write("[ca]\ndefault_ca = c\n[c]\ndatabase = past.db\nserial = past.serial\n"
                   "new_certs_dir = .\ndefault_md = sha256\npolicy = p\n"
                   "x509_extensions = e\n[p]\ncommonName = supplied\n"
                   "[e]\nbasicConstraints = CA:true\nsubjectAltName = IP:127.0.0.1\n")
    with open(path + ".db", "w", encoding="ascii"):
        pass
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", path + ".key", "-out", path + ".csr", "-subj", "/CN=past")
    openssl("ca", "-batch", "-selfsign", "-rand_serial", "-config", path + ".conf", "-keyfile",
            path + ".key", "-in", path + ".csr", "-out", path + ".pem", "-notext", "-startdate",
            "20200101000000Z", "-enddate", "20210101000000Z")
    return path + ".pem", context_of(path)


def certificates():
    ours, good = make_certificate("ours", "IP:127.0.0.1")
    other, wrong_name = make_certificate("other", "DNS:jit.example.com")
    past, expired = make_expired_certificate()
    old = make_certificate("old", "IP:127.0.0.1")[1]
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    servers = [bad.Server(context) for context in (good, wrong_name, expired, old)]
    answer, _ = Worker({"job": "call", **call(servers[0].url + "grant", ca_file=ours)}).answer()
    check("our own CA", answer.get("status") == 200, answer)
    for name, server, ca_file, kind, words in (
            ("unknown CA", servers[0], "", "unreachable", "is not trusted: "),
            ("another CA", servers[0], other, "unreachable", "is not trusted: "),
            ("wrong name", servers[1], other, "unreachable", "for another name"),
            ("expired", servers[2], past, "unreachable", "certificate has expired"),
            ("TLS 1.1", servers[3], ours, "unreachable", "no TLS 1.2 or newer"),
            ("no CA file", servers[0], SCRATCH + "/none", "usage", "ca_file cannot be read")):
        expect_error(name, {"job": "call", **call(server.url + "grant", ca_file=ca_file)}, kind,
                     words, name == "TLS 1.1")
        check(name, "grant" not in server.counts or server is servers[0], server.counts)
    check("handshakes", servers[0].counts == {"grant": 1}, servers[0].counts)
    for server in servers:
        server.close()


def hygiene(server):
    """A worker in the middle of a call: confined, and gone when the core is."""
    server.stalled.clear()
    worker = Worker({"job": "call", **call(server.url + "stall"), "deadline_ms": 60000})
    check("stalled", server.stalled.wait(10 * SLOW))
    with open(f"/proc/{worker.process.pid}/status", encoding="ascii") as file:
        status = file.read()
    check("seccomp", "Seccomp:\t2" in status and "NoNewPrivs:\t1" in status, status)
    with open(f"/proc/{worker.process.pid}/limits", encoding="ascii") as file:
        limits = " ".join(file.read().split())
    check("core", "Max core file size 0 0" in limits, limits)
    check("files", "Max file size 0 0" in limits or "sanitize" in WORKER, limits)
    worker.socket.close()
    try:
        worker.process.wait(5 * SLOW)
    except subprocess.TimeoutExpired:
        worker.process.kill()
        check("hang-up", False, "the worker stays when the core is gone")


def proxies(server):
    """Plain http stays on this machine whatever the environment says."""
    proxy = {name: server.url for name in ("http_proxy", "all_proxy", "ALL_PROXY")}
    target = bad.Server()
    answer, _ = Worker({"job": "call", **call(target.url + "grant")}, proxy).answer()
    check("proxy", answer.get("status") == 200 and target.counts == {"grant": 1}, answer)
    target.close()


def main():
    server = bad.Server()
    calls(server)
    refused_calls()
    good_exchanges(server)
    exchanges(server)
    proxies(server)
    hygiene(server)
    certificates()
    server.close()
    return 1 if failures else 0


sys.exit(main())
