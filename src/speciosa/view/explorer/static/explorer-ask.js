/* The form: kept as it is written, checked beside each field, with words offered in regimens. */
(function () {
  "use strict";
  const form = document.getElementById("ask");
  const arms = document.getElementById("arms");
  let waiting = 0;
  let asked = 0;

  function body() {
    return new URLSearchParams(new FormData(form)).toString();
  }

  function tell(wrong) {
    form.querySelectorAll("[data-wrong]").forEach((place) => {
      const message = wrong[place.dataset.wrong] || "";
      place.textContent = message;
      place.hidden = !message;
      form.querySelectorAll(`[aria-describedby="${CSS.escape(place.id)}"]`).forEach((field) => {
        if (message) {
          field.setAttribute("aria-invalid", "true");
          if (field.closest("details")) field.closest("details").open = true;
        }
        else field.removeAttribute("aria-invalid");
      });
    });
  }

  function banners(said) {
    const place = document.getElementById("banners");
    place.replaceChildren(...said.map((banner) => {
      const box = document.createElement("div");
      const text = document.createElement("p");
      const source = document.createElement("span");
      box.className = "banner";
      box.setAttribute("role", "note");
      source.className = "small";
      source.textContent = ` (${banner.source})`;
      text.append(banner.text, source);
      box.append(text);
      return box;
    }));
  }

  /* Endpoints move with the length of the study. */
  function moveEndpoints(told) {
    for (const [key, value] of Object.entries(told.lengths)) {
      form.elements[`was.${key}`].value = value;
    }
    told.endpoints.forEach(([label, days], number) => {
      const words = form.querySelector(`[data-endpoint="${number}"]`);
      if (words) words.textContent = label;
      (days || []).forEach((day, place) => {
        const field = form.elements[`endpoint.${number}.days.${place}`];
        if (field && field !== document.activeElement) field.value = day;
      });
    });
  }

  async function keep() {
    const turn = ++asked;
    const found = await fetch("/draft", { method: "POST", body: body(),
      headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" } });
    if (!found.ok || turn !== asked) return;
    const told = await found.json();
    if (told.other) { window.location.reload(); return; }
    tell(told.wrong);
    banners(told.banners);
    moveEndpoints(told);
    document.getElementById("size").textContent = told.size;
  }

  function later() {
    clearTimeout(waiting);
    waiting = setTimeout(keep, 350);
  }

  form.addEventListener("input", (event) => {
    if (event.target.name && event.target.name.endsWith(".label")) {
      event.target.closest("fieldset").querySelector(".arm-name").textContent = event.target.value;
    }
    later();
  });
  form.addEventListener("change", later);
  const first = form.querySelector("[aria-invalid=true]");
  if (first) first.focus();

  document.getElementById("download").addEventListener("click", async (event) => {
    event.preventDefault();
    const address = event.currentTarget.href;
    clearTimeout(waiting);
    await keep();
    window.location.assign(address);
  });

  /* Arms. */
  document.getElementById("add-arm").addEventListener("click", () => {
    const numbers = Array.from(arms.children).map((each) => Number(each.dataset.arm));
    const number = Math.max(-1, ...numbers) + 1;
    const shell = document.createElement("div");
    shell.innerHTML = document.getElementById("arm-template").innerHTML.replaceAll("NUMBER", String(number));
    const arm = shell.firstElementChild;
    arms.append(arm);
    arm.querySelector(`[name="arm.${number}.label"]`).focus();
    later();
  });
  arms.addEventListener("click", (event) => {
    const button = event.target.closest("[data-remove]");
    if (!button) return;
    button.closest("fieldset").remove();
    document.getElementById("add-arm").focus();
    later();
  });

  /* Words that may follow in a regimen. */
  function line(area) {
    const before = area.value.slice(0, area.selectionStart);
    return before.slice(before.lastIndexOf("\n") + 1);
  }

  function shut(area) {
    const list = document.getElementById(area.getAttribute("aria-controls"));
    list.hidden = true;
    area.setAttribute("aria-expanded", "false");
    area.removeAttribute("aria-activedescendant");
  }

  function take(area, word) {
    const begun = /[\w-]*$/.exec(line(area))[0];
    const fits = word.toLowerCase().startsWith(begun.toLowerCase()) ? begun.length : 0;
    const at = area.selectionStart;
    area.setRangeText(`${word} `, at - fits, at, "end");
    shut(area);
    area.focus();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  async function offer(area) {
    const text = line(area);
    const found = await fetch(`/suggest?text=${encodeURIComponent(text)}`, { headers: { accept: "application/json" } });
    if (!found.ok || line(area) !== text || document.activeElement !== area) return;
    const begun = /[\w-]*$/.exec(text)[0].toLowerCase();
    const words = (await found.json()).filter((word) => !word.startsWith("<") && word !== begun);
    const list = document.getElementById(area.getAttribute("aria-controls"));
    list.replaceChildren(...words.map((word, place) => {
      const item = document.createElement("li");
      item.id = `${list.id}-${place}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.textContent = word;
      item.addEventListener("mousedown", (event) => { event.preventDefault(); take(area, word); });
      return item;
    }));
    list.hidden = words.length === 0;
    area.setAttribute("aria-expanded", String(words.length > 0));
  }

  function move(area, by) {
    const list = document.getElementById(area.getAttribute("aria-controls"));
    const items = Array.from(list.children);
    const now = items.findIndex((each) => each.getAttribute("aria-selected") === "true");
    const next = items[(now + by + items.length) % items.length];
    items.forEach((each) => each.setAttribute("aria-selected", String(each === next)));
    next.scrollIntoView({ block: "nearest" });
    area.setAttribute("aria-activedescendant", next.id);
  }

  arms.addEventListener("input", (event) => {
    if (!event.target.classList.contains("regimens")) return;
    shut(event.target);
    offer(event.target);
  });
  arms.addEventListener("focusout", (event) => {
    if (event.target.classList.contains("regimens")) shut(event.target);
  });
  arms.addEventListener("keydown", (event) => {
    const area = event.target;
    if (!area.classList.contains("regimens") || area.getAttribute("aria-expanded") !== "true") return;
    const list = document.getElementById(area.getAttribute("aria-controls"));
    const chosen = list.querySelector("[aria-selected=true]");
    if (event.key === "ArrowDown") move(area, 1);
    else if (event.key === "ArrowUp") move(area, -1);
    else if (event.key === "Escape") shut(area);
    else if (event.key === "Enter" && chosen) take(area, chosen.textContent);
    else return;
    event.preventDefault();
  });

  /* A study file from this machine. */
  document.getElementById("upload").addEventListener("change", async (event) => {
    const file = event.target.files[0];
    const place = document.getElementById("upload-wrong");
    if (!file) return;
    let message = "";
    if (file.size > 200000) {
      message = "The file is larger than any study: at most 200,000 bytes.";
    } else {
      const found = await fetch("/upload", { method: "POST", body: await file.text(),
        headers: { "content-type": "text/plain", accept: "application/json" } });
      const told = await found.json().catch(() => ({}));
      if (found.ok && told.study) { window.location.assign("/"); return; }
      message = told.error || "The file could not be read.";
    }
    place.textContent = message;
    place.hidden = false;
    event.target.value = "";
  });
})();
