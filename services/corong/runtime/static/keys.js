// Single keys for who works here all day; not while something is typed, and off where the officer has switched them off.
const help = document.getElementById("keys-help");
const opener = document.querySelector("[data-keys-help]");

const typing = (place) => place.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
const stops = () => [...document.querySelectorAll(".case-line :is(h2, h3) a, .letters > article")].filter((one) => one.getClientRects().length);

function step(by) {
  const all = stops();
  const at = all.findIndex((one) => one.contains(document.activeElement));
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))];
  if (next) {
    if (next.matches("article")) {
      next.tabIndex = -1;
    }
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }
}

// What a key is for stands at the thing itself: a link is followed, a form's first field or button gets the focus.
function go(key) {
  const place = document.querySelector(`[data-key~="${key}"]`);
  if (!place) {
    return false;
  }
  if (place.matches("a")) {
    place.click();
    return true;
  }
  if (place.matches("details")) {
    place.open = true;
  }
  (place.querySelector("textarea, input:not([type=hidden]), select") ?? place.querySelector("button"))?.focus();
  return true;
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  "?": () => help.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.altKey || help.open) {
    return;
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest?.("main form");
    if (form && typing(event.target)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button:not([formaction], [type=button])"));
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || typing(event.target)) {
    return;
  }
  const key = event.key.toLowerCase();
  if (keys[key]) {
    event.preventDefault();
    keys[key]();
  } else if (/^[a-z]$/.test(key) && go(key)) {
    event.preventDefault();
  }
});

opener.hidden = false;
opener.addEventListener("click", () => help.showModal());
