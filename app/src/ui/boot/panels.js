// What a panel's menu offers on every page: its figures as a table, and a line of HTML that shows it
// elsewhere. Where the files of a panel are stands in the menu's own links.
(() => {
  const sheet = document.getElementById("sheet");
  const [title, body] = [sheet.querySelector("h2"), sheet.querySelector(".sheet-body")];
  const make = (name, text = "", set = {}) => Object.assign(document.createElement(name), { textContent: text }, set);
  let asked = 0;

  // RFC 4180: fields in quotes may hold commas, quotes and line breaks.
  const rowsOf = (csv) => {
    const rows = [[]];
    for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
      rows.at(-1).push(quoted?.replaceAll('""', '"') ?? plain);
      if (end !== ",") rows.push([]);
    }
    return rows.filter((row) => row.length > 1 || row[0]);
  };
  const isNumber = (text) => /^-?\d+(\.\d+)?$/.test(text);
  // What the file guards against spreadsheets (`'+1…`) is shown as it is; moments to the second.
  const shown = (text) => text.replace(/^'(?=[=+@-])/, "").replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?Z$/, "$1 $2 UTC");
  const cell = (name, text, set) => {
    const made = make(name, shown(text), set);
    made.className = isNumber(text) ? "number" : "";
    return made;
  };

  const table = async (menu) => {
    const mine = ++asked;
    const address = menu.querySelector("a[data-csv]").href;
    body.replaceChildren(make("p", "Reading the figures"));
    try {
      const answer = await fetch(address, { headers: { accept: "text/csv" }, signal: AbortSignal.timeout?.(20000) });
      if (!answer.ok) throw new Error(answer.status);
      const [head = [], ...rows] = rowsOf(await answer.text());
      if (mine !== asked) return;
      if (!rows.length) return body.replaceChildren(make("p", "There are no figures yet"));
      const made = make("table");
      const line = (row, name) => {
        const tr = make("tr");
        tr.append(...row.map((text) => cell(name, name === "th" ? text.replaceAll("_", " ") : text, name === "th" ? { scope: "col" } : {})));
        return tr;
      };
      made.createTHead().append(line(head, "th"));
      made.createTBody().append(...rows.map((row) => line(row, "td")));
      const box = make("div", "", { tabIndex: 0 });
      box.setAttribute("role", "region");
      box.setAttribute("aria-label", title.textContent);
      box.append(made);
      body.replaceChildren(box, make("p", "Exact counts, as the file has them. Times with Z or UTC are in UTC."));
    } catch {
      if (mine === asked) body.replaceChildren(make("p", "The figures could not be read. Close this and try again."));
    }
  };

  // Only what has just been seen to work is offered.
  const embed = (menu) => {
    const mine = ++asked;
    const light = getComputedStyle(document.documentElement).colorScheme === "light" ? "light" : "dark";
    const address = new URL(menu.querySelector("a[data-svg]").href);
    address.searchParams.set("theme", light);
    address.searchParams.set("width", 640);
    address.searchParams.set("height", 400);
    const picture = make("img", "", { alt: title.textContent, width: 640, height: 400 });
    body.replaceChildren(make("p", "Drawing the picture"));
    picture.onerror = () => mine === asked && body.replaceChildren(make("p", "The picture could not be drawn, so there is nothing to embed."));
    picture.onload = () => {
      if (mine !== asked) return;
      const alt = title.textContent.replaceAll('"', "&quot;");
      const line = `<img src="${address.href.replaceAll("&", "&amp;")}" width="640" height="400" alt="${alt}">`;
      const field = make("textarea", line, { readOnly: true, rows: 3 });
      field.setAttribute("aria-label", "HTML of the picture");
      const copy = make("button", "Copy", { type: "button" });
      copy.onclick = async () => {
        field.select();
        try {
          await navigator.clipboard.writeText(line);
          copy.textContent = "Copied";
        } catch {
          copy.textContent = "Press Ctrl+C";
        }
      };
      body.replaceChildren(
        picture,
        field,
        copy,
        make("p", "Shows the panel as of when the page around it loads the picture. It works where this server’s address can be reached; “.png” instead of “.svg” serves mails and chats."),
      );
    };
    picture.src = address;
  };

  document.addEventListener("click", ({ target }) => {
    const item = target.closest("details.menu > div > *");
    const open = document.querySelectorAll("details.menu[open]");
    const show = item?.dataset.show;
    if (show === "table" || show === "embed") {
      title.textContent = item.closest(".panel").querySelector("h2").textContent;
      (show === "table" ? table : embed)(item.closest(".menu"));
      sheet.showModal();
    }
    for (const menu of open) if (item || !menu.contains(target)) menu.open = false;
    if (target === sheet) sheet.close();
  });
  sheet.addEventListener("close", () => {
    asked += 1;
    body.replaceChildren();
  });
})();
