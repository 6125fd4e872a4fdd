// Checks a receipt's .tlog-proof (C2SP tlog-proof, RFC 6962, Ed25519) in the browser. Nothing is asked of the server.

const TEXT = new TextEncoder();
const HEADER = "c2sp.org/tlog-proof@v1";
const DASH = "\u2014 ";

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
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text) || !Number.isSafeInteger(Number(text))) fail("unreadable");
  return Number(text);
};

export const readKey = (text) => {
  const found = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text.trim()) ?? fail("noKey");
  let key;
  try {
    key = bytesOf(found[3]);
  } catch {
    fail("noKey");
  }
  if (key.length !== 33 || key[0] !== 1) fail("noKey");
  return { name: found[1], id: found[2], typed: key, key: key.slice(1) };
};

const readNote = (text) => {
  const end = text.lastIndexOf("\n\n");
  if (end < 0 || !text.endsWith("\n")) fail("unreadable");
  const body = text.slice(0, end + 1);
  const lines = body.split("\n");
  if (lines.length < 4 || lines.slice(0, -1).includes("")) fail("unreadable");
  const root = bytesOf(lines[2]);
  if (root.length !== 32) fail("unreadable");
  const signatures = text.slice(end + 2, -1).split("\n").map((line) => {
    const [name, value, ...more] = line.startsWith(DASH) ? line.slice(DASH.length).split(" ") : [];
    const raw = name && value && !more.length ? bytesOf(value) : fail("unreadable");
    return { name, id: raw.slice(0, 4), value: raw.slice(4) };
  });
  return { body, origin: lines[0], size: numberOf(lines[1]), root, signatures };
};

export const readProof = (text) => {
  const gap = text.indexOf("\n\n");
  const lines = text.slice(0, Math.max(gap, 0)).split("\n");
  if (gap < 0 || lines.shift() !== HEADER) fail("unreadable");
  const event = lines[0]?.startsWith("extra ") ? bytesOf(lines.shift().slice(6)) : fail("noEvent");
  if (!lines[0]?.startsWith("index ")) fail("unreadable");
  const index = numberOf(lines.shift().slice(6));
  const path = lines.map(bytesOf);
  if (path.length > 63 || path.some((hash) => hash.length !== 32)) fail("unreadable");
  return { event, index, path, ...readNote(text.slice(gap + 2)) };
};

// RFC 9162 section 2.1.3.2. Sizes may pass 2**32, so no shifts.
export const rootOf = async (event, index, size, path) => {
  if (index >= size) fail("notIncluded");
  let place = index;
  let last = size - 1;
  let found = await sha256([0], event);
  const up = () => {
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  };
  for (const step of path) {
    if (last === 0) fail("notIncluded");
    if (place % 2 === 1 || place === last) {
      found = await sha256([1], step, found);
      while (place % 2 === 0 && place !== 0) up();
    } else {
      found = await sha256([1], found, step);
    }
    up();
  }
  return last === 0 ? found : fail("notIncluded");
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

export const check = async (text, keyText) => {
  if (!globalThis.crypto?.subtle) fail("oldBrowser");
  const key = readKey(keyText);
  const proof = readProof(text);
  if (!same(await rootOf(proof.event, proof.index, proof.size, proof.path), proof.root)) fail("notIncluded");
  await signedBy(proof, key);
  const event = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(proof.event));
  return { event, index: proof.index, size: proof.size, origin: proof.origin };
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
      const text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
      const found = await check(text, document.getElementById("key").value);
      const language = document.documentElement.lang;
      const time = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });
      const number = new Intl.NumberFormat(language);
      show("", {
        registration: found.event.data?.registration ?? found.event.type,
        time: time.format(new Date(found.event.recordedtime)),
        place: `${number.format(found.index + 1)} / ${number.format(found.size)}`,
        origin: found.origin,
      });
    } catch (error) {
      show(error instanceof Invalid ? error.message : "unreadable");
    }
  });
}
