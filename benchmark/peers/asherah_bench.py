"""Another Asherah implementation as a process that times itself: reads {config} and then {size, call, count} as lines of
JSON from stdin, answers each with the CPU time of one call in microseconds, of all threads. Run by the Python of an
environment that holds the package `asherah`, of whichever of its two shapes."""

import json
import os
import sys
import time

import asherah


class Configured:
    """What the package that has a class of its own reads of a configuration."""

    def __init__(self, config):
        self.config = config
        self.service_name = config["ServiceName"]
        self.product_id = config["ProductID"]

    def to_json(self):
        return self.config


def open_peer(config):
    """Two functions: encrypt(partition, data) and decrypt(partition, record)."""
    if not hasattr(asherah, "Asherah"):
        asherah.setup(config)
        return asherah.encrypt_bytes, asherah.decrypt_bytes
    peer = asherah.Asherah()
    peer.setup(Configured(config))
    return peer.encrypt, peer.decrypt


def timed(call, argument, count):
    start = time.process_time()
    for _ in range(count):
        call("partition", argument)
    return (time.process_time() - start) / count * 1e6


def answer(text):
    print("answer " + json.dumps(text), flush=True)


encrypt, decrypt = open_peer(json.loads(sys.stdin.readline())["config"])
for line in sys.stdin:
    request = json.loads(line)
    data = os.urandom(request["size"])
    record = encrypt("partition", data)
    if bytes(decrypt("partition", record)) != data:
        raise ValueError("another record came back")
    work = (encrypt, data) if request["call"] == "encrypt" else (decrypt, record)
    answer(timed(*work, request["count"]))
os._exit(0)
