// The demo's switches under its badge, and how far its made-up past is told.
(() => {
  const [menu, list, past] = ["demo-menu", "demo-scenarios", "demo-past"].map((id) => document.getElementById(id));
  const at = "/api/v1/demo/scenarios";
  const make = (name, text, set = {}) => Object.assign(document.createElement(name), { textContent: text }, set);

  const show = (scenarios) => {
    const focus = document.activeElement?.dataset?.scenario;
    list.replaceChildren(
      ...scenarios.map(({ name, what, on }) => {
        const turn = make("button", "", { type: "button" });
        turn.dataset.scenario = name;
        turn.setAttribute("role", "switch");
        turn.setAttribute("aria-checked", on);
        turn.append(make("b", name.replaceAll("-", " ")), make("span", what));
        turn.onclick = () => ask(`${at}/${name}`, { method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ on: !on }) });
        const line = make("li", "");
        line.append(turn);
        return line;
      }),
    );
    list.querySelector(`[data-scenario="${focus}"]`)?.focus();
  };
  const ask = async (address, options) => {
    try {
      const answer = await fetch(address, { cache: "no-store", ...options });
      if (!answer.ok) throw new Error(answer.status);
      show(await answer.json());
    } catch {
      list.replaceChildren(make("li", "The switches could not be reached. Close this and try again."));
    }
  };
  // The badge is part of the app: it is made to open the menu here, where the menu is.
  const badge = document.querySelector("header .demo");
  Object.assign(badge, { tabIndex: 0, title: "What can go wrong here: switch it on" });
  badge.setAttribute("role", "button");
  badge.setAttribute("aria-haspopup", "dialog");
  badge.addEventListener("click", () => menu.togglePopover());
  badge.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    menu.togglePopover();
  });
  menu.addEventListener("toggle", ({ newState }) => newState === "open" && ask(at));

  const look = async () => {
    try {
      const { days, told } = await (await fetch("/api/v1/demo/past", { cache: "no-store" })).json();
      past.hidden = told >= days;
      past.textContent = `The made-up past is being told: ${told} of ${days} days. Days and trends fill up as it goes.`;
      if (told < days) setTimeout(look, 2000);
    } catch {
      setTimeout(look, 10000);
    }
  };
  look();
})();
