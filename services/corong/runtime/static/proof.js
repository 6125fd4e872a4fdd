// Checks a receipt's .tlog-proof (C2SP tlog-proof, RFC 6962, Ed25519) in the browser. Nothing is asked of the server.
// What it takes and refuses is what corong_verify.py takes and refuses: tests/browser/test_proof_readers.py.

const TEXT = new TextEncoder();
const HEADER = "c2sp.org/tlog-proof@v1";
const DASH = "\u2014 ";
const LARGEST = 2n ** 63n - 1n;
const MOST_PROOF_BYTES = 2_000_000;
const MOST_NOTE_BYTES = 1_000_000;
const MOST_SIGNATURES = 100;
// What no key's name holds: the plus sign, and what Unicode calls white space or a control character.
const NOT_IN_NAMES = /[+\u0000-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const CONTROLS = /[\u0000-\u0009\u000b-\u001f]/;

export class Invalid extends Error {}

const fail = (why) => {
  throw new Invalid(why);
};

const join = (...parts) => {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  parts.reduce((place, part) => (whole.set(part, place), place + part.length), 0);
  return whole;
};

const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));

const same = (one, other) => one.length === other.length && one.every((byte, place) => byte === other[place]);

// Base64 in its one canonical form: no byte of a proof can change unnoticed.
const bytesOf = (text) => {
  let raw;
  try {
    raw = atob(text);
  } catch {
    fail("unreadable");
  }
  if (btoa(raw) !== text) fail("unreadable");
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
};

const numberOf = (text) => {
  if (!/^(0|[1-9][0-9]{0,18})$/.test(text) || BigInt(text) > LARGEST) fail("unreadable");
  return BigInt(text);
};

// As it stands: a byte order mark is not passed over.
const textOf = (bytes) => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return fail("unreadable");
  }
};

export const readKey = (text) => {
  const found = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text) ?? fail("noKey");
  let key;
  try {
    key = bytesOf(found[3]);
  } catch {
    fail("noKey");
  }
  if (NOT_IN_NAMES.test(found[1]) || key.length !== 33 || key[0] !== 1) fail("noKey");
  return { name: found[1], id: found[2], typed: key, key: key.slice(1) };
};

const readNote = (text) => {
  const end = text.lastIndexOf("\n\n");
  if (end < 0 || end + 2 === text.length || !text.endsWith("\n") || CONTROLS.test(text)) fail("unreadable");
  if (TEXT.encode(text).length > MOST_NOTE_BYTES) fail("unreadable");
  const body = text.slice(0, end + 1);
  const lines = body.split("\n");
  if (lines.length < 4 || lines.slice(0, -1).includes("")) fail("unreadable");
  const root = bytesOf(lines[2]);
  if (root.length !== 32) fail("unreadable");
  const signatures = text.slice(end + 2, -1).split("\n").map((line) => {
    const [name, value, ...more] = line.startsWith(DASH) ? line.slice(DASH.length).split(" ") : [];
    const raw = name && value && !more.length ? bytesOf(value) : fail("unreadable");
    if (NOT_IN_NAMES.test(name) || raw.length < 5) fail("unreadable");
    return { name, id: raw.slice(0, 4), value: raw.slice(4) };
  });
  if (signatures.length > MOST_SIGNATURES) fail("unreadable");
  return { body, origin: lines[0], size: numberOf(lines[1]), root, signatures };
};

export const readProof = (text) => {
  const gap = text.indexOf("\n\n");
  const lines = text.slice(0, Math.max(gap, 0)).split("\n");
  if (gap < 0 || lines.shift() !== HEADER) fail("unreadable");
  const event = lines[0]?.startsWith("extra ") ? bytesOf(lines.shift().slice(6)) : fail("noEvent");
  if (!event.length || !lines[0]?.startsWith("index ")) fail("unreadable");
  const index = numberOf(lines.shift().slice(6));
  const path = lines.map(bytesOf);
  if (path.length > 63 || path.some((hash) => hash.length !== 32)) fail("unreadable");
  return { event, index, path, ...readNote(text.slice(gap + 2)) };
};

// RFC 9162 section 2.1.3.2; index and size are BigInt: they may pass what a number holds exactly.
export const rootOf = async (event, index, size, path) => {
  if (index >= size) fail("notIncluded");
  let place = index;
  let last = size - 1n;
  let found = await sha256([0], event);
  const up = () => {
    place >>= 1n;
    last >>= 1n;
  };
  for (const step of path) {
    if (last === 0n) fail("notIncluded");
    if (place % 2n === 1n || place === last) {
      found = await sha256([1], step, found);
      while (place % 2n === 0n && place !== 0n) up();
    } else {
      found = await sha256([1], found, step);
    }
    up();
  }
  return last === 0n ? found : fail("notIncluded");
};

export const signedBy = async (proof, key) => {
  const id = (await sha256(TEXT.encode(`${key.name}\n`), key.typed)).slice(0, 4);
  if (Array.from(id, (byte) => byte.toString(16).padStart(2, "0")).join("") !== key.id) fail("noKey");
  const mine = proof.signatures.filter((each) => each.name === key.name && same(each.id, id));
  if (!mine.length || proof.origin !== key.name) fail("notSigned");
  let verifier;
  try {
    verifier = await crypto.subtle.importKey("raw", key.key, "Ed25519", false, ["verify"]);
  } catch {
    fail("oldBrowser");
  }
  for (const each of mine) {
    if (!(await crypto.subtle.verify("Ed25519", verifier, each.value, TEXT.encode(proof.body)))) fail("notSigned");
  }
};

// The bytes of a file and the log's key: a proof in which everything holds.
export const verified = async (bytes, keyText) => {
  if (!globalThis.crypto?.subtle) fail("oldBrowser");
  const key = readKey(keyText);
  if (bytes.byteLength > MOST_PROOF_BYTES) fail("unreadable");
  const proof = readProof(textOf(bytes));
  if (!same(await rootOf(proof.event, proof.index, proof.size, proof.path), proof.root)) fail("notIncluded");
  await signedBy(proof, key);
  return proof;
};

const check = async (bytes, keyText) => {
  const proof = await verified(bytes, keyText);
  return { event: JSON.parse(textOf(proof.event)), index: proof.index, size: proof.size, origin: proof.origin };
};

const form = document.querySelector("form[data-proof]");
if (form) {
  const verdict = document.getElementById("verdict");
  // Forged or changed is one thing, not being able to look another.
  const kindOf = (why) => (why === "" ? "good" : ["notIncluded", "notSigned"].includes(why) ? "bad" : "unclear");
  const colours = { good: "positive", bad: "negative", unclear: "" };
  const show = (reason, facts = null) => {
    const kind = kindOf(reason);
    const why = reason && form.dataset[reason];
    verdict.className = `notice ${colours[kind]}`;
    verdict.querySelector("h2").textContent = form.dataset[`${kind}Title`];
    const words = verdict.querySelector("[data-why]");
    words.textContent = why;
    words.hidden = !why;
    for (const field of verdict.querySelectorAll("[data-fact]")) field.textContent = facts?.[field.dataset.fact] ?? "";
    verdict.querySelector("[data-facts]").hidden = !facts;
    verdict.hidden = false;
    verdict.focus();
  };
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const file = document.getElementById("proof").files[0];
    if (!file) return show("noFile");
    try {
      const found = await check(await file.arrayBuffer(), document.getElementById("key").value.trim());
      const language = document.documentElement.lang;
      const time = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });
      const number = new Intl.NumberFormat(language);
      show("", {
        registration: found.event.data?.registration ?? found.event.type,
        time: time.format(new Date(found.event.recordedtime)),
        place: `${number.format(found.index + 1n)} / ${number.format(found.size)}`,
        origin: found.origin,
      });
    } catch (error) {
      show(error instanceof Invalid ? error.message : "unreadable");
    }
  });
}
