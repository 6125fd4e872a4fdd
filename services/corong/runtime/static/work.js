// Finds the number that the form asks for while the form is read (intake/proof_of_work.py). Without it, or before it is
// found, the form is sent all the same.
const field = document.querySelector("input[data-work]");
const AT_ONCE = 250;

export async function numberOf(salt, wanted, most) {
  const encoder = new TextEncoder();
  for (let first = 0; first < most; first += AT_ONCE) {
    const digests = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, place) => crypto.subtle.digest("SHA-256", encoder.encode(salt + (first + place)))),
    );
    for (const [place, digest] of digests.entries()) {
      const found = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
      if (found === wanted) {
        return first + place;
      }
    }
  }
  return null;
}

// Browsers have no `crypto.subtle` on pages that come without encryption.
if (field && !field.value && globalThis.crypto?.subtle) {
  const { work, salt, most } = field.dataset;
  numberOf(salt, work, Number(most)).then((found) => {
    field.value = found ?? "";
  });
}
