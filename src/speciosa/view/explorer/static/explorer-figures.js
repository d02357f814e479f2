/* Draws figures when they come near; zoom, scale and bands are shared by all courses of a page. */
(function () {
  "use strict";
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const shown = { people: true, parameters: true, log: false, hidden: new Set(), ranges: {} };
  const drawn = new Map();
  let figures = {};
  let zooming = false;

  /* Tokens such as @ink become the colours of the page's theme. */
  function themed(value, theme) {
    if (typeof value === "string") {
      return value.startsWith("@") ? theme.getPropertyValue("--" + value.slice(1)).trim() : value;
    }
    if (Array.isArray(value)) {
      return typeof value[0] === "number" ? value : value.map((each) => themed(each, theme));
    }
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, themed(each, theme)]));
    }
    return value;
  }

  function source(holder) {
    const side = holder.closest("[data-figures]");
    return (side ? figures[side.dataset.figures] : figures.own) || {};
  }

  function step(holder) {
    const chart = holder.closest(".chart");
    return chart ? chart.dataset.step : "";
  }

  function courseData(data) {
    return data.map((trace) => {
      if (!trace.meta) return trace;
      const { kind, arm } = trace.meta;
      return { ...trace, visible: !shown.hidden.has(arm) && (kind === "median" || shown[kind]) };
    });
  }

  function draw(holder) {
    const figure = source(holder)[holder.dataset.figure];
    if (!figure || !window.Plotly) return;
    const theme = getComputedStyle(document.documentElement);
    const look = themed(figure.layout, theme);
    look.hoverlabel = { bgcolor: theme.getPropertyValue("--paper").trim(),
      bordercolor: theme.getPropertyValue("--grid").trim(),
      font: { color: theme.getPropertyValue("--ink").trim(), size: 12 } };
    look.width = Math.max(120, Math.floor(holder.getBoundingClientRect().width));
    const time = step(holder);
    if (time) {
      if (shown.ranges[time]) look.xaxis = { ...look.xaxis, range: shown.ranges[time] };
      if (shown.log) {
        look.yaxis = { ...look.yaxis, type: "log", range: undefined, autorange: true };
        look.shapes = (look.shapes || []).filter((each) => each.yref === "paper");
        look.annotations = (look.annotations || []).filter((each) => each.yref === "paper");
      }
    }
    const first = !drawn.has(holder);
    drawn.set(holder, look.width);
    Plotly.react(holder, courseData(themed(figure.data, theme)), look,
      { displayModeBar: false, responsive: false, scrollZoom: false, doubleClick: "reset" });
    holder.dataset.drawn = "yes";
    if (first && time) {
      holder.on("plotly_relayout", (change) => follow(time, holder, change));
    }
  }

  /* Every chart of the same time shows the same days. */
  function follow(time, from, change) {
    if (zooming) return;
    const range = change["xaxis.range"] ||
      ("xaxis.range[0]" in change ? [change["xaxis.range[0]"], change["xaxis.range[1]"]] : null);
    if (!range && !change["xaxis.autorange"]) return;
    if (range) shown.ranges[time] = range; else delete shown.ranges[time];
    zooming = true;
    const others = Array.from(drawn.keys()).filter((each) => each !== from && step(each) === time);
    Promise.all(others.map((each) => range
      ? Plotly.relayout(each, { "xaxis.range": range.slice() })
      : draw(each))).finally(() => { zooming = false; });
  }

  const near = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting && !drawn.has(entry.target)) draw(entry.target);
    }
  }, { rootMargin: "400px" });

  function redraw(only) {
    for (const holder of Array.from(drawn.keys())) {
      if (!holder.isConnected) drawn.delete(holder);
      else if (holder.offsetParent !== null && (!only || only(holder))) draw(holder);
    }
  }

  function watch() {
    for (const holder of Array.from(drawn.keys())) if (!holder.isConnected) drawn.delete(holder);
    document.querySelectorAll("[data-figure]").forEach((holder) => near.observe(holder));
  }

  async function load(name, address) {
    const found = await fetch(address, { headers: { accept: "application/json" } });
    if (found.ok) figures[name] = await found.json();
  }

  async function start() {
    const state = document.getElementById("state");
    const sides = Array.from(document.querySelectorAll("[data-figures]"));
    await Promise.all(sides.map((side) => load(side.dataset.figures, side.dataset.figures)));
    if (state) await load("own", `/runs/${encodeURIComponent(state.dataset.run)}/figures`);
    watch();
  }

  document.addEventListener("change", (event) => {
    const input = event.target;
    if (input.dataset.show) shown[input.dataset.show] = input.checked;
    else if ("log" in input.dataset) shown.log = input.checked;
    else if (input.dataset.arm) shown.hidden[input.checked ? "delete" : "add"](input.dataset.arm);
    else return;
    redraw((holder) => step(holder));
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-save], [data-unzoom], .stage");
    if (!button) return;
    if (button.dataset.save) save(button);
    else if ("unzoom" in button.dataset) { shown.ranges = {}; redraw((holder) => step(holder)); }
    else open(button.dataset.stage, button.getAttribute("aria-expanded") !== "true");
  });

  function save(button) {
    const holder = button.closest("figure").querySelector("[data-figure]");
    if (!drawn.has(holder)) draw(holder);
    const paper = getComputedStyle(document.documentElement).getPropertyValue("--paper").trim();
    const look = { ...holder.layout, paper_bgcolor: paper, plot_bgcolor: paper, width: 900, height: 480 };
    Plotly.downloadImage({ data: holder.data, layout: look },
      { format: button.dataset.save, width: 900, height: 480, filename: holder.dataset.figure });
  }

  /* Stages: which are open is kept while the answer sharpens, and in the address. */
  function open(stage, yes) {
    const panel = document.getElementById(`stage-${stage}`);
    const button = document.querySelector(`.stage[data-stage="${stage}"]`);
    if (!panel || !button) return;
    panel.hidden = !yes;
    button.setAttribute("aria-expanded", String(yes));
    const names = openStages();
    document.querySelector(".controls").hidden = names.length === 0;
    const address = new URL(window.location.href);
    if (names.length) address.searchParams.set("open", names.join(","));
    else address.searchParams.delete("open");
    window.history.replaceState(null, "", address);
    panel.querySelectorAll("[data-figure]").forEach((holder) => { if (yes && drawn.has(holder)) draw(holder); });
    if (yes) panel.scrollIntoView({ block: "nearest" });
  }

  function openStages() {
    return Array.from(document.querySelectorAll(".opened:not([hidden])")).map((each) => each.id.slice(6));
  }

  function restore(names) {
    names.filter(Boolean).forEach((name) => open(name, true));
    document.querySelectorAll("[data-show]").forEach((each) => { each.checked = shown[each.dataset.show]; });
    document.querySelectorAll("[data-log]").forEach((each) => { each.checked = shown.log; });
    document.querySelectorAll(".controls [data-arm]").forEach((each) => { each.checked = !shown.hidden.has(each.dataset.arm); });
  }

  let waiting = 0;
  window.addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => redraw((holder) =>
      Math.floor(holder.getBoundingClientRect().width) !== drawn.get(holder)), 150);
  });
  dark.addEventListener("change", () => redraw());

  window.Explorer = { restart: async (names) => { await start(); restore(names); redraw(); }, openStages };
  start().then(() => restore((new URL(window.location.href).searchParams.get("open") || "").split(",")));
})();
