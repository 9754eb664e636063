// Checks the log fixture with @sigstore/verify 3.1.0: checkpoints (log line) and inclusion. Files by path, not exported: pinned.
//
//   node verify.js MODULES DIR      accept (exit 0) or refuse (exit 1)
//
// It reads neither tiles nor bundles nor cosignatures nor consistency proofs; Go and Python do.
"use strict";
const crypto = require("crypto");
const fs = require("fs");
const path = require("path");

const [modules, dir] = process.argv.slice(2);
const dist = path.resolve(modules, "@sigstore/verify/dist/tlog");
const { verifyCheckpoint } = require(path.join(dist, "checkpoint.js"));
const { verifyMerkleInclusion } = require(path.join(dist, "merkle.js"));

const read = (name) => fs.readFileSync(path.join(dir, name), "utf8");

function check(condition, what) {
  if (!condition) throw new Error(what);
}

// Ed25519 key as SPKI: 12 fixed octets and the key; log id = key id and zeros.
function tlog() {
  const [name, keyId, material] = read("log.vkey").trim().split(/\+(.{8})\+/s);
  const key = Buffer.from(material, "base64");
  check(key.length === 33 && key[0] === 1, "log.vkey is of type 0x01");
  const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key.subarray(1)]);
  return {
    baseURL: name,
    logID: Buffer.concat([Buffer.from(keyId, "hex"), Buffer.alloc(28)]),
    publicKey: crypto.createPublicKey({ key: spki, format: "der", type: "spki" }),
  };
}

function open(note, log) {
  const checkpoint = verifyCheckpoint({ inclusionProof: { checkpoint: { envelope: note } } }, [log]);
  check(checkpoint.origin === log.baseURL, "another origin");
  return checkpoint;
}

try {
  const log = tlog();
  for (const size of [1, 5, 256, 300, 1000, 70000]) {
    check(open(read(`checkpoints/${size}`), log).logSize === BigInt(size), "size of a checkpoint");
  }
  const published = open(read("checkpoint"), log);
  const text = read("entry.tlog-proof");
  const cut = text.indexOf("\n\n");
  const lines = text.slice(0, cut).split("\n");
  const checkpoint = open(text.slice(cut + 2), log);
  check(checkpoint.logHash.equals(published.logHash), "the proof's checkpoint");
  const entry = {
    canonicalizedBody: Buffer.from(read("entry.hex").trim(), "hex"),
    inclusionProof: { logIndex: lines[1].slice(6), hashes: lines.slice(2).map((line) => Buffer.from(line, "base64")) },
  };
  verifyMerkleInclusion(entry, checkpoint);
} catch (error) {
  console.log(`refused: ${error.code || ""} ${error.message}`);
  process.exit(1);
}
console.log("accepted: @sigstore/verify");
