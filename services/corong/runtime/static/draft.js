// Keeps on the server what an officer types, after each pause. Without it each form has a button for that.
const PAUSE = 1200, AGAIN = 8000;

class Draft {
  constructor(form) {
    this.form = form;
    this.box = form.querySelector("[data-draft-state]");
    this.line = this.box.querySelector(".when");
    this.changed = this.saving = this.stopped = false;
    form.addEventListener("input", () => this.later(PAUSE));
    form.addEventListener("submit", (event) => this.submitted(event));
    addEventListener("visibilitychange", () => document.hidden && this.leave());
    addEventListener("pagehide", () => this.leave());
    addEventListener("pageshow", () => { this.stopped = this.stopped && Boolean(this.conflict); });
  }

  later(wait) {
    this.changed = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), wait);
  }

  submitted(event) {
    if (event.submitter?.hasAttribute("data-keep")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      this.changed = true;
      this.save();
      return;
    }
    this.stopped = true; // what was sent must not come back as a draft
    clearTimeout(this.timer);
    this.under?.abort();
  }

  leave() {
    if (this.changed && !this.saving) {
      this.save(true);
    }
  }

  async save(keepalive = false) {
    clearTimeout(this.timer);
    if (this.stopped || this.saving) {
      return;
    }
    this.saving = true;
    this.changed = false;
    this.under = new AbortController();
    try {
      const answer = await fetch(this.form.dataset.draft, {
        method: "POST",
        headers: { "X-Corong-Token": this.form.elements.token.value, Accept: "application/json" },
        body: new URLSearchParams(new FormData(this.form)),
        signal: this.under.signal,
        keepalive,
      });
      if (answer.ok) {
        const { version, told } = await answer.json();
        this.form.elements.draft.value = version;
        this.line.textContent = told;
        this.renewed = false;
      } else if (answer.status === 409 && answer.headers.get("x-corong-draft")) {
        this.show(await answer.json());
      } else if (answer.status === 403 && !this.renewed) {
        this.renewed = true; // signed in again in another window: the form's token belongs to the session before
        this.changed = await renew();
      } else {
        this.line.textContent = answer.status === 401 ? this.box.dataset.away : this.box.dataset.waits;
        this.later(AGAIN);
      }
    } catch (error) {
      if (error.name !== "AbortError") {
        this.line.textContent = this.box.dataset.waits;
        this.later(AGAIN);
      }
    } finally {
      this.saving = false;
    }
    if (this.changed) {
      this.later(PAUSE);
    }
  }

  // Another window was quicker: whoever writes decides, and nothing is overwritten until then.
  show({ version, told, words }) {
    this.stopped = true;
    this.conflict?.remove();
    this.conflict = make("div", "notice negative");
    this.conflict.setAttribute("role", "alert");
    const text = words.map(([, value]) => value).filter(Boolean).join("\n");
    if (text) {
      const shown = make("details");
      shown.append(make("summary", "", this.box.dataset.shows), make("div", "words other-words", text));
      this.conflict.append(make("p", "", told), shown);
    } else {
      this.conflict.append(make("p", "", told));
    }
    const buttons = make("p", "draft-buttons");
    buttons.append(this.choice(this.box.dataset.mine, version, () => this.save()));
    if (text) {
      buttons.append(this.choice(this.box.dataset.theirs, version, () => fill(this.form, words)));
    }
    this.conflict.append(buttons);
    this.box.before(this.conflict);
  }

  choice(name, version, then) {
    const button = make("button", "small quiet", name);
    button.type = "button";
    button.addEventListener("click", () => {
      this.conflict.remove();
      this.conflict = null;
      this.stopped = false;
      this.form.elements.draft.value = version;
      this.form.querySelector("textarea, input:not([type=hidden]), select")?.focus();
      then();
    });
    return button;
  }
}

async function renew() {
  const page = new DOMParser().parseFromString(await (await fetch(location.pathname)).text(), "text/html");
  const token = page.querySelector("main input[name=token]")?.value;
  for (const field of token ? document.querySelectorAll("input[name=token]") : []) {
    field.value = token;
  }
  return Boolean(token);
}

function make(tag, classes = "", text = "") {
  const made = document.createElement(tag);
  made.className = classes;
  made.textContent = text;
  return made;
}

function fill(form, words) {
  for (const field of form.elements) {
    const values = words.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field.type === "checkbox") {
      field.checked = values.includes(field.value);
    } else if (field.matches("textarea, select, input:not([type=hidden])")) {
      field.value = values[0] ?? "";
    }
  }
}

const known = new WeakSet();
const take = () => {
  for (const form of document.querySelectorAll("form[data-draft]")) {
    if (!known.has(form)) {
      known.add(form);
      new Draft(form);
    }
  }
};
document.addEventListener("corong:forms", take);
take();
