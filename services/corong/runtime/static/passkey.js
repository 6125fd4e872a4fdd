// Passkeys: coming in with one, and making one. The pages work with the password where this can't run.

const text = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const bytes = (coded) => Uint8Array.from(atob(coded.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));

async function ask(box, address, body) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-Corong-Token": box.dataset.token },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (!answer.ok) {
    throw new Error(said.detail);
  }
  return said;
}

function listed(credentials = []) {
  return credentials.map((one) => ({ ...one, id: bytes(one.id) }));
}

// What the authenticator gave, as the server reads it.
function told(credential) {
  const { response } = credential;
  const parts = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) {
      parts[name] = text(response[name]);
    }
  }
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response: parts };
}

async function comeIn(box) {
  const wanted = await ask(box, "/masuk/kunci/mulai", {});
  const publicKey = {
    ...wanted, challenge: bytes(wanted.challenge), allowCredentials: listed(wanted.allowCredentials),
  };
  const credential = await navigator.credentials.get({ publicKey });
  return ask(box, "/masuk/kunci", { credential: told(credential), next: box.dataset.next });
}

async function make(box) {
  const password = box.querySelector("input[type=password]").value;
  const wanted = await ask(box, "/desk/akun/kunci/mulai", { password });
  const publicKey = {
    ...wanted,
    challenge: bytes(wanted.challenge),
    user: { ...wanted.user, id: bytes(wanted.user.id) },
    excludeCredentials: listed(wanted.excludeCredentials),
  };
  const credential = await navigator.credentials.create({ publicKey });
  return ask(box, "/desk/akun/kunci", { credential: told(credential) });
}

for (const box of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) {
    continue;
  }
  box.hidden = false;
  const problem = box.querySelector("[role=alert]");
  const begin = box.dataset.passkey === "make" ? make : comeIn;
  box.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = box.querySelector("button");
    button.disabled = true;
    problem.textContent = "";
    try {
      location.assign((await begin(box)).to);
    } catch (error) {
      // The browser's own errors are about the person or the device: nobody chose a passkey, or there is one already.
      problem.textContent = error instanceof DOMException ? box.dataset.cancelled : error.message;
      button.disabled = false;
    }
  });
}
