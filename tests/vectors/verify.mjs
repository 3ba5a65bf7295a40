// Recomputes every digest, fingerprint, journal hash and derived id of record.json, with nothing
// but Node's own modules: a second implementation of docs/SYNC.md, so that anybody can check one.
//
//   node tests/vectors/verify.mjs [record.json]

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const UNSIGNED = ["storeId", "createdAt", "digest", "fingerprint", "journal", "syncState"];
const PRODUCTS = "4bee730a-d144-57a6-84c8-4ecb0f4bae1d";

/** RFC 8785, with only what a record may hold: no floats, no nulls. Keys sort by UTF-16 unit. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const fields = Object.keys(value).sort();
    return `{${fields.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new Error(`not whole: ${value}`);
  if (!["number", "string", "boolean"].includes(typeof value)) throw new Error(`not allowed: ${value}`);
  return JSON.stringify(value);
}

const sha256 = (value) => createHash("sha256").update(canonical(value), "utf8").digest("hex");

function digestOf(sale) {
  return sha256(Object.fromEntries(Object.entries(sale).filter(([name]) => !UNSIGNED.includes(name))));
}

function fingerprintOf(sale) {
  // By code point, which is the order of the UTF-8 bytes; JavaScript's own sort goes by UTF-16 unit.
  const byCodePoint = (one, other) => Buffer.compare(Buffer.from(canonical(one)), Buffer.from(canonical(other)));
  const lines = sale.lines
    .map(({ sku, quantity, unitPrice, discount }) => ({ sku, quantity, unitPrice, discount }))
    .sort(byCodePoint);
  return sha256({ lines, tenders: sale.tenders.map((tender) => tender.method).sort(), total: sale.total });
}

function hashOf(registerId, { sequence, previousHash, kind, recordedAt }, digest) {
  return sha256({ registerId, sequence, previousHash, kind, recordedAt, digest });
}

function nfc(value) {
  if (typeof value === "string") return value.normalize("NFC");
  if (Array.isArray(value)) return value.map(nfc);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [nfc(name), nfc(field)]));
}

function uuid5(namespace, name) {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(namespace)) throw new Error(`not a UUID: ${namespace}`);
  const bytes = createHash("sha1").update(Buffer.from(namespace.replaceAll("-", ""), "hex")).update(name, "utf8").digest();
  bytes[6] = (bytes[6] & 0x0f) | 0x50;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString("hex", 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function seal(given, previous) {
  const sale = nfc(given);
  const digest = digestOf(sale);
  const link = {
    sequence: (previous?.sequence ?? 0) + 1,
    previousHash: previous?.hash ?? "0".repeat(64),
    kind: "sale",
    recordedAt: sale.soldAt,
  };
  const hash = hashOf(sale.registerId, link, digest);
  return { ...sale, digest, fingerprint: fingerprintOf(sale), journal: { ...link, hash } };
}

/** What is first found wrong with a document that was read, or "valid". */
function verdictOn(sale) {
  const digest = digestOf(sale);
  if (sale.digest !== digest) return "digest";
  if (sale.fingerprint !== fingerprintOf(sale)) return "fingerprint";
  let signed = digest;
  if (sale.originalDigest !== undefined) {
    const { originalSaleId, originalDigest, ...rest } = sale;
    if (sale.saleId !== uuid5(originalSaleId, originalDigest)) return "copy";
    if (digestOf({ ...rest, saleId: originalSaleId }) !== originalDigest) return "copy";
    signed = originalDigest;
  }
  const { journal } = sale;
  const belongs = journal.kind === "sale" && journal.recordedAt === sale.soldAt;
  return belongs && journal.hash === hashOf(sale.registerId, journal, signed) ? "valid" : "journal";
}

const file = process.argv[2] ?? new URL("record.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8"));
let passed = 0;
let failed = 0;

function check(name, found, expected) {
  if (found === expected) {
    passed += 1;
  } else {
    failed += 1;
    console.error(`${name}\n  computed ${found}\n  recorded ${expected}`);
  }
}

/** The vectors under `name`; a file that has none is not a proof. */
function all(name) {
  const found = vectors[name] ?? [];
  if (found.length === 0) check(`vectors of “${name}”`, "none", "some");
  return found;
}

let before = null;
for (const { name, given, previous, sealed } of all("seal")) {
  const made = seal(given, previous);
  check(`${name}: digest`, made.digest, sealed.digest);
  check(`${name}: fingerprint`, made.fingerprint, sealed.fingerprint);
  check(`${name}: journal hash`, made.journal.hash, sealed.journal.hash);
  check(`${name}: the whole document`, canonical(made), canonical(sealed));
  check(`${name}: the link before`, canonical(previous ?? {}), canonical(before ?? {}));
  before = { sequence: sealed.journal.sequence, hash: sealed.journal.hash };
}
for (const { registerId, document, link } of all("links")) {
  check(`link ${link.sequence}: hash`, hashOf(registerId, link, sha256(document)), link.hash);
  check(`link ${link.sequence}: the link before`, link.previousHash, before?.hash);
}
for (const { name, document, verdict, digest, fingerprint, whole } of all("read")) {
  check(`${name}: digest`, digestOf(document), digest);
  check(`${name}: fingerprint`, fingerprintOf(document), fingerprint);
  check(`${name}: verdict`, verdictOn(document), verdict);
  check(`${name}: the whole document`, sha256(document), whole);
}
for (const { value, text } of all("canonical")) check("canonical JSON", canonical(value), text);
for (const { saleId, digest, copyId, reversalId, reversalCartId } of all("ids")) {
  check(`${saleId}: copy`, uuid5(saleId, digest), copyId);
  check(`${saleId}: reversal`, uuid5(copyId, "reversal"), reversalId);
  check(`${saleId}: reversal's cart`, uuid5(copyId, "reversal cart"), reversalCartId);
}
for (const { sku, productId } of all("products")) check(`product ${sku}`, uuid5(PRODUCTS, sku.normalize("NFC")), productId);

// The record that docs/SYNC.md shows, and the values that it quotes.
const page = readFileSync(new URL("../../docs/SYNC.md", import.meta.url), "utf8");
const shown = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => JSON.parse(text));
check("docs/SYNC.md: records", shown.length, 1);
for (const sale of shown) check("docs/SYNC.md: verdict", verdictOn(sale), "valid");
for (const { name, sealed } of all("seal")) {
  const row = `| ${name} | \`${sealed.digest}\` | \`${sealed.fingerprint}\` | \`${sealed.journal.hash}\` |`;
  check(`docs/SYNC.md: ${name}`, page.includes(row), true);
}

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
