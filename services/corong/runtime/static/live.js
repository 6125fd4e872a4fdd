// Pages of the desk that hear of changes while they are open. What is being typed is never touched; without this a page
// shows what was so when it was loaded.
const news = document.querySelector("[data-live]");
const AGAIN = 20_000;
let stream = null;

function listen(handlers) {
  const open = () => {
    if (stream || document.hidden) {
      return;
    }
    const address = new URL(news.dataset.live, location.href);
    address.searchParams.set("tanda", news.dataset.token);
    stream = new EventSource(address);
    for (const [name, handle] of Object.entries(handlers)) {
      stream.addEventListener(name, (event) => {
        news.dataset.token = event.lastEventId || news.dataset.token;
        handle(JSON.parse(event.data));
      });
    }
    stream.addEventListener("keluar", () => stop(news.dataset.over));
    stream.onerror = () => {
      if (stream?.readyState === EventSource.CLOSED) {
        close();
        setTimeout(open, AGAIN);
      }
    };
  };
  const close = () => {
    stream?.close();
    stream = null;
  };
  const stop = (words) => {
    close();
    removeEventListener("visibilitychange", look);
    say(words);
  };
  // A browser has few connections to a place: pages that nobody sees let theirs go.
  const look = () => (document.hidden ? close() : open());
  addEventListener("visibilitychange", look);
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
  return stop;
}

function say(words) {
  const line = document.createElement("p");
  line.textContent = words;
  news.replaceChildren(line);
  return line;
}

async function fresh() {
  const answer = await fetch(location.pathname + queryOf(), { headers: { Accept: "text/html" } });
  return answer.ok && !answer.redirected ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

function queryOf() {
  const asked = new URLSearchParams(location.search);
  for (const name of ["selesai", "menyusul", "draf"]) {
    asked.delete(name);
  }
  return `${asked}` ? `?${asked}` : "";
}

// Whether somebody is at work in a part of the page.
function busy(part) {
  return part.contains(document.activeElement) || [...part.querySelectorAll("textarea, input:not([type=hidden]), select")].some(
    (field) => (field.type === "checkbox" ? field.checked !== field.defaultChecked : field.defaultValue !== undefined && field.value !== field.defaultValue),
  );
}

function queue() {
  const list = document.querySelector("[data-list]");
  const line = (place, id) => place.querySelector(`[data-case="${CSS.escape(id)}"]`);
  // What is ticked stays ticked.
  const keeping = (change) => {
    const ticked = new Set([...list.querySelectorAll(".pick input:checked")].map((box) => box.value));
    change();
    for (const box of list.querySelectorAll(".pick input")) {
      box.checked = ticked.has(box.value);
    }
  };
  const show = (page) => {
    keeping(() => list.replaceChildren(...page.querySelector("[data-list]").childNodes));
    news.replaceChildren();
  };
  listen({
    antrean: async ({ rows, further }) => {
      const ids = new Set(rows.map(([id]) => id));
      const others = rows.filter(([id]) => !line(list, id)).length;
      for (const old of list.querySelectorAll("[data-case]")) {
        old.classList.toggle("left", !ids.has(old.dataset.case));
      }
      const changed = rows.filter(([id, mark]) => line(list, id) && line(list, id).dataset.mark !== mark);
      const page = changed.length || others ? await fresh() : null;
      for (const [id] of page ? changed : []) {
        const [before, now] = [line(list, id), line(page, id)];
        if (before && now && !before.contains(document.activeElement)) {
          keeping(() => before.replaceWith(now));
        }
      }
      for (const [id, , names] of rows) {
        const open = line(list, id)?.querySelector("[data-open-by]");
        if (open) {
          open.hidden = !names;
          open.querySelector("dd").textContent = names;
        }
      }
      if (others && page) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "small";
        button.textContent = news.dataset.show;
        button.addEventListener("click", async () => {
          show((await fresh()) ?? page);
          (list.querySelector("h3 a") ?? document.querySelector("#main")).focus();
        });
        say(`${news.dataset.new} ${others}`).append(button);
      } else if (further) {
        say(`${news.dataset.further} ${further}`);
      } else {
        news.replaceChildren();
      }
    },
  });
}

function oneCase() {
  const letters = document.querySelector(".letters");
  const title = (article) => article.querySelector("h3[id]");
  const parts = [".case-head", ".beside"];
  const renew = (page, chosen) => {
    for (const part of chosen) {
      const [old, now] = [document.querySelector(part), page.querySelector(part)];
      if (old && now && old.innerHTML !== now.innerHTML) {
        if (busy(old)) {
          old.addEventListener("focusout", () => setTimeout(() => renew(page, [part])), { once: true });
        } else {
          old.replaceWith(now);
        }
      }
    }
  };
  const put = (page) => {
    const came = [];
    for (const article of page.querySelectorAll(".letters > article")) {
      const known = document.getElementById(title(article).id)?.closest("article");
      if (!known) {
        article.classList.add("arrived");
        letters.append(article);
        came.push(title(article).textContent);
      } else if (known.textContent !== article.textContent) {
        known.replaceWith(article);
      }
    }
    renew(page, parts);
    const [write, now] = [document.querySelector("section > .write"), page.querySelector("section > .write")];
    const closed = write?.querySelector("[data-draft]") && !now?.querySelector("[data-draft]");
    if (write && now && !write.querySelector("[data-draft]") && now.querySelector("[data-draft]")) {
      write.replaceWith(now);
      document.dispatchEvent(new Event("corong:forms"));
    }
    const words = came.length ? [`${news.dataset.came} ${came.join(", ")}.`] : [news.dataset.changed];
    say([...words, ...(closed ? [news.dataset.closed] : [])].join(" "));
  };
  const stop = listen({
    perkara: async (data) => {
      for (const line of document.querySelectorAll("[data-words]")) {
        const words = data[line.dataset.words];
        line.hidden = !words;
        line.querySelector("span").textContent = words;
      }
      if (data.facts !== news.dataset.facts) {
        const page = await fresh();
        if (page) {
          news.dataset.facts = data.facts;
          put(page);
        }
      }
    },
    pergi: () => stop(news.dataset.gone),
  });
}

if (news) {
  (document.querySelector("[data-list]") ? queue : oneCase)();
}
