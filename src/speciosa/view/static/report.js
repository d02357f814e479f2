/* Draws the figures of a report: each when it comes near, all of them before printing. */
(function () {
  "use strict";
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const drawn = new Map();
  let printing = false;

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

  function draw(holder) {
    const figure = figures[holder.dataset.figure];
    const theme = getComputedStyle(document.documentElement);
    const look = themed(figure.layout, theme);
    look.hoverlabel = { bgcolor: theme.getPropertyValue("--paper").trim(),
      bordercolor: theme.getPropertyValue("--grid").trim(),
      font: { color: theme.getPropertyValue("--ink").trim(), size: 12 } };
    look.width = Math.max(120, Math.floor(holder.getBoundingClientRect().width));
    drawn.set(holder, look.width);
    Plotly.react(holder, themed(figure.data, theme), look,
      { displayModeBar: false, responsive: false, scrollZoom: false, doubleClick: false });
    holder.setAttribute("role", "img");
  }

  const holders = Array.from(document.querySelectorAll("[data-figure]"));
  const near = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting && !drawn.has(entry.target)) draw(entry.target);
    }
  }, { rootMargin: "600px" });
  holders.forEach((holder) => near.observe(holder));

  function redraw() {
    for (const [holder, width] of drawn) {
      if (Math.floor(holder.getBoundingClientRect().width) !== width) draw(holder);
    }
  }
  let waiting = 0;
  window.addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { if (!printing) redraw(); }, 150);
  });
  dark.addEventListener("change", () => Array.from(drawn.keys()).forEach(draw));

  /* On paper: light colours, the paper's width, every figure and every table open. */
  window.addEventListener("beforeprint", () => {
    printing = true;
    document.documentElement.classList.add("paper");
    document.querySelectorAll("details.open-in-print").forEach((each) => { each.open = true; });
    holders.forEach(draw);
  });
  window.addEventListener("afterprint", () => {
    printing = false;
    document.documentElement.classList.remove("paper");
    holders.forEach(draw);
  });
})();
