"""Another Asherah implementation as a process: reads {config, jobs} as JSON from stdin, prints one line of
JSON per job. Run by the Python of the venv that holds the package `asherah`, of whichever of its two shapes."""

import base64
import json
import sys

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


def answer(peer, job):
    encrypt, decrypt = peer
    try:
        if "data" in job:
            return {"record": encrypt(job["partition"], base64.b64decode(job["data"]))}
        data = bytes(decrypt(job["partition"], job["record"]))
        return {"data": base64.b64encode(data).decode()}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


request = json.load(sys.stdin)
opened = open_peer(request["config"])
for each in request["jobs"]:
    print("answer " + json.dumps(answer(opened, each)), flush=True)
