/* Follows the state of a run, or of all, and takes in a sharper answer when there is one. */
(function () {
  "use strict";
  const state = document.getElementById("state");
  const list = document.getElementById("runs");
  const PACE = 700;

  function write(root, told) {
    root.querySelector("[data-mark]").textContent = told.mark;
    root.querySelector("[data-words]").textContent = told.words;
    const more = [];
    if (told.before) more.push(`${told.before} before it`);
    if (told.phase) more.push(told.phase);
    if (told.open && told.asked) more.push(`${told.done.toLocaleString("en")} of ${told.asked.toLocaleString("en")} people`);
    if (told.failed) more.push(`${told.failed} failed`);
    if (told.left) more.push(`about ${told.left} left`);
    if (told.took) more.push(`took ${told.took}`);
    if (told.message) more.push(told.message);
    root.querySelector("[data-more]").textContent = more.join(" · ");
  }

  async function ask(address) {
    try {
      const found = await fetch(address, { headers: { accept: "application/json" } });
      return found.ok ? await found.json() : null;
    } catch (error) {
      return null;
    }
  }

  async function sharpen(run) {
    const found = await fetch(`/runs/${encodeURIComponent(run)}/answer`);
    if (found.status !== 200) return;
    const place = document.getElementById("answer");
    const names = window.Explorer.openStages();
    const top = window.scrollY;
    place.innerHTML = await found.text();
    place.setAttribute("aria-busy", "false");
    await window.Explorer.restart(names);
    window.scrollTo(0, top);
  }

  async function follow() {
    const run = state.dataset.run;
    const told = await ask(`/runs/${encodeURIComponent(run)}/state`);
    if (told) {
      write(state, told);
      const meter = state.querySelector("[role=progressbar]");
      meter.hidden = !told.open;
      meter.setAttribute("aria-valuenow", String(Math.round(100 * told.share)));
      meter.firstElementChild.style.width = `${100 * told.share}%`;
      state.querySelectorAll("[data-when]").forEach((each) => { each.hidden = !told[each.dataset.when]; });
      document.querySelectorAll("[data-finished]").forEach((each) => { each.hidden = told.state !== "finished"; });
      if (told.answer > Number(state.dataset.answer)) {
        await sharpen(run);
        state.dataset.answer = String(told.answer);
      }
      state.dataset.state = told.state;
    } else {
      state.querySelector("[data-more]").textContent = "The explorer does not answer; trying again.";
    }
    if (!told || told.open) setTimeout(follow, PACE);
  }

  async function followAll() {
    const told = await ask("/runs.json");
    for (const each of told || []) {
      const row = list.querySelector(`[data-run="${CSS.escape(each.id)}"]`);
      if (row) write(row, each);
    }
    if (!told || told.some((each) => each.open)) setTimeout(followAll, 2 * PACE);
  }

  if (state && state.dataset.open === "yes") follow();
  if (list) followAll();
})();
