"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (name, text) => Object.assign(document.createElement(name), { textContent: text });

  // Sort: a column header becomes a button; rows compare by data-value, numbers before text, nothing last.
  const value = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
  const number = (text) => Number(text.replace("−", "-").replace(/[,×%]/g, ""));
  const compare = (a, b) => {
    const x = number(a), y = number(b);
    return Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b, undefined, { numeric: true }) : x - y;
  };
  const nothing = (text) => text === "" || text === "–";
  const sort = (table, column, direction) => {
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [value(row, column), row]);
    rows.sort(([a], [b]) => (nothing(a) || nothing(b) ? nothing(a) - nothing(b) : compare(a, b) * direction));
    body.append(...rows.map(([, row]) => row));
  };
  for (const table of all("table.sortable")) {
    all("thead th", table).forEach((head, column) => {
      if (head.classList.contains("still")) return;
      const button = make("button", head.textContent.trim());
      button.type = "button";
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const first = head.dataset.first ?? "ascending";
        const second = first === "ascending" ? "descending" : "ascending";
        const order = head.getAttribute("aria-sort") === first ? second : first;
        all("thead th", table).forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", order);
        sort(table, column, order === "ascending" ? 1 : -1);
      });
    });
  }

  // Filter: text and check boxes beside each table.
  for (const box of all(".filters")) {
    const table = document.getElementById(box.dataset.for);
    const rows = [...table.tBodies[0].rows];
    const text = box.querySelector("input[type=search]"), told = box.querySelector("output");
    let texts;
    const apply = () => {
      texts ??= rows.map((row) => row.textContent.toLowerCase());
      const wanted = text.value.trim().toLowerCase();
      const kinds = new Set(all("input[type=checkbox]:checked", box).map((input) => input.value));
      let shown = 0;
      rows.forEach((row, index) => {
        row.hidden = !(texts[index].includes(wanted) && (!kinds.size || kinds.has(row.dataset.kind)));
        shown += row.hidden ? 0 : 1;
      });
      told.textContent = `${shown} of ${rows.length} shown`;
    };
    box.addEventListener("input", apply);
    box.hidden = false;
    told.textContent = `${rows.length} of ${rows.length} shown`;
  }

  // Isolate: choosing an arm dims the others everywhere; Escape, or the same arm again, shows all.
  const bar = document.getElementById("chosen");
  const choose = (arm, name) => {
    const again = arm === undefined || document.body.dataset.arm === arm;
    all(".on").forEach((element) => element.classList.remove("on"));
    all("button.arm").forEach((button) => button.setAttribute("aria-pressed", String(!again && button.dataset.choose === arm)));
    bar.hidden = again;
    if (again) { delete document.body.dataset.arm; return; }
    document.body.dataset.arm = arm;
    all(`[data-arm~="${arm}"]`).forEach((element) => element.classList.add("on"));
    bar.querySelector("span").textContent = `Only ${name}`;
  };
  for (const place of all("[data-name]")) {
    const button = make("button", place.textContent);
    Object.assign(button, { type: "button", className: "arm", title: "Show only this arm in every figure and table" });
    button.dataset.choose = place.dataset.name;
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => choose(place.dataset.name, place.textContent));
    place.replaceChildren(button);
  }
  bar.querySelector("button").addEventListener("click", () => choose(undefined));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") choose(undefined); });

  // Hover: the numbers behind a mark, in a tip of our own instead of the browser's slow one.
  const tip = document.getElementById("tip");
  for (const title of all("svg [data-arm] > title")) { title.parentNode.dataset.tip = title.textContent; title.remove(); }
  document.addEventListener("pointermove", (event) => {
    const over = event.target.closest ? event.target.closest("[data-tip]") : null;
    tip.hidden = !over;
    if (!over) return;
    tip.textContent = over.dataset.tip;
    const left = Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 8);
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${event.clientY + 16 + tip.offsetHeight > innerHeight ? event.clientY - tip.offsetHeight - 10 : event.clientY + 16}px`;
  });
  document.addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });

  // Sections: the link of the one that is read is marked.
  const links = new Map(all("nav a").map((link) => [link.hash.slice(1), link]));
  const seen = new Set();
  const spy = new IntersectionObserver((entries) => {
    for (const entry of entries) entry.isIntersecting ? seen.add(entry.target.id) : seen.delete(entry.target.id);
    const first = [...links.keys()].find((id) => seen.has(id));
    if (!first) return;
    links.forEach((link, id) => { id === first ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current"); });
    const list = links.get(first).closest("ul");
    list.scrollLeft = links.get(first).offsetLeft - list.clientWidth / 3;
  }, { rootMargin: "-70px 0px -55% 0px" });
  links.forEach((_, id) => spy.observe(document.getElementById(id)));

  // Copy: the command under Reproduce.
  for (const button of all("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.textContent = "Copied";
    });
  }
  addEventListener("beforeprint", () => all("details").forEach((element) => { element.open = true; }));

  // A page that follows a run loads itself anew, unless its reader is busy with it.
  const every = Number(document.body.dataset.reloadS);
  const busy = () => document.hidden || document.body.dataset.arm || !tip.hidden || document.activeElement?.matches("input");
  if (every) setInterval(() => { if (!busy()) location.reload(); }, every * 1000);
})();
