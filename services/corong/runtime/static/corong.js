// Makes the pages a little quicker to use; every page works without it.

// A page that comes back with errors: readers of screens and keyboards start at the list of them.
document.querySelector("[data-focus]")?.focus();

for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", () => {
    // After the browser has read the form; a second press would only bring the same receipt.
    setTimeout(() => {
      for (const button of form.querySelectorAll("button")) {
        button.disabled = true;
      }
      form.setAttribute("aria-busy", "true");
    });
  });
}
// A page that comes back from the browser's history has its buttons again.
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("form[data-once] button")) {
    button.disabled = false;
  }
});

for (const output of document.querySelectorAll("[data-counts]")) {
  const field = document.getElementById(output.dataset.counts);
  const format = new Intl.NumberFormat(document.documentElement.lang);
  const show = () => {
    output.textContent = `${format.format(field.value.length)} / ${format.format(Number(output.dataset.most))}`;
  };
  field.addEventListener("input", show);
  output.hidden = false;
  show();
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (navigator.clipboard) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = button.dataset.copied;
    });
  }
}
