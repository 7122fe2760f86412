// Draws the charts of the report and moves its numbers with the threshold. All data are in the page.
(function () {
  "use strict";
  const data = JSON.parse(document.getElementById("report-data").textContent);
  const views = {};
  const PANEL = 300; // what a panel of several takes, in pixels
  const EDGE = 90; // what the axis of a wide chart takes
  const state = { model: data.model, threshold: data.models[data.model].threshold, cells: null, rule: null };
  const at = (id) => document.getElementById(id);
  const count = (value) => value.toLocaleString("en-US", { maximumFractionDigits: value < 10 ? 1 : 0 });
  const rate = (value) => (value === null ? "-" : value.toFixed(4));
  const ratio = (part, whole) => (whole > 0 ? part / whole : null);

  // What a field holds, within its limits; a value beyond them is marked, and the limit counts.
  function entered(id) {
    const field = at(id), value = field.valueAsNumber;
    const least = Number(field.min), most = field.max === "" ? Number.MAX_SAFE_INTEGER : Number(field.max);
    const within = Number.isFinite(value) ? Math.min(Math.max(value, least), most) : 0;
    field.setAttribute("aria-invalid", String(value !== within));
    return within;
  }

  function cellsAt(model, index) {
    const steps = data.models[model].steps;
    return { tp: steps.tp[index], fp: steps.fp[index] };
  }

  function show() {
    const model = data.models[state.model];
    const { tp, fp } = state.cells;
    const fn = model.positives - tp, tn = model.negatives - fp;
    const recall = ratio(tp, model.positives), fpr = ratio(fp, model.negatives);
    const base = entered("base-rate") / 100, volume = entered("volume"), minutes = entered("minutes");
    const found = volume * base * (recall || 0), wrong = volume * (1 - base) * (fpr || 0);
    const unseen = tn > 0 && fp === 0, most = volume * (1 - base) * model.unseen;
    const numbers = {
      threshold: state.threshold.toFixed(4), tp: count(tp), fp: count(fp), fn: count(fn), tn: count(tn),
      accuracy: rate(ratio(tp + tn, model.positives + model.negatives)), recall: rate(recall), fpr: rate(fpr),
      precision: rate(ratio(tp, tp + fp)), alerts: count(found + wrong), true: count(found),
      false: unseen ? "≤ " + count(most) : count(wrong), missed: count(volume * base - found),
      real: unseen ? "≥ " + rate(ratio(found, found + most)) : rate(ratio(found, found + wrong)),
      hours: count((found + wrong) * minutes / 60),
    };
    for (const [name, text] of Object.entries(numbers)) at("live-" + name).textContent = text;
    const point = { threshold: state.threshold, recall: recall, fpr: fpr, precision: ratio(tp, tp + fp) };
    for (const name of ["roc", "precision_recall", "distribution"]) {
      if (views[name]) views[name].data("live", point.precision === null && name === "precision_recall" ? [] : [point]).runAsync();
    }
    for (const button of document.querySelectorAll("[data-rule]")) {
      button.setAttribute("aria-pressed", String(button.dataset.rule === state.rule));
    }
  }

  function moveTo(index) {
    state.threshold = index / (data.models[state.model].steps.tp.length - 1);
    state.cells = cellsAt(state.model, index);
    state.rule = null;
    show();
  }

  function choose(rule) {
    const points = data.models[state.model].points;
    const point = points.find((each) => each.rule === rule) || points[0];
    Object.assign(state, { threshold: point.threshold, cells: { tp: point.tp, fp: point.fp }, rule: point.rule });
    at("threshold").value = Math.round(Math.min(1, Math.max(0, point.threshold)) * 1000);
    show();
  }

  function bins(model) {
    const steps = data.models[model].steps, width = (steps.tp.length - 1) / data.bins, rows = [];
    [["tp", data.classes[0]], ["fp", data.classes[1]]].forEach(([cell, name]) => {
      for (let i = 0; i < data.bins; i += 1) {
        const next = i + 1 < data.bins ? steps[cell][(i + 1) * width] : 0;
        rows.push({ class: name, from: i / data.bins, to: (i + 1) / data.bins, rows: steps[cell][i * width] - next });
      }
    });
    return rows;
  }

  function pick(model) {
    state.model = model;
    at("model").value = model;
    at("live-model").textContent = model;
    for (const points of document.querySelectorAll("[data-points]")) points.hidden = points.dataset.points !== model;
    const holder = at("rules");
    holder.replaceChildren(...data.models[model].points.map((point) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", textContent: point.rule, title: point.why });
      button.dataset.rule = point.rule;
      button.addEventListener("click", () => choose(point.rule));
      return button;
    }));
    if (views.distribution) views.distribution.data("scores", bins(model)).runAsync();
    choose(data.models[model].points[0].rule);
  }

  function follow() {
    const asked = new URLSearchParams(location.hash.slice(1));
    if (!asked.has("threshold")) return;
    if (asked.get("model") in data.models) pick(asked.get("model"));
    const index = Math.round(Number(asked.get("threshold")) * 1000);
    if (index >= 0 && index <= 1000) {
      at("threshold").value = index;
      moveTo(index);
    }
  }

  async function draw() {
    if (window.vegaEmbed) {
      for (const [name, spec] of Object.entries(data.charts)) {
        const box = at("chart-" + name);
        if (box && box.parentElement.className === "wide" && spec.width) spec.width = Math.max(PANEL, box.clientWidth - EDGE);
        if (box && spec.columns) spec.columns = Math.max(1, Math.min(spec.columns, Math.floor(box.clientWidth / PANEL)));
        const made = await window.vegaEmbed("#chart-" + name, spec, { actions: false, renderer: "svg" });
        views[name] = made.view;
      }
    }
    pick(data.model);
    follow();
    document.documentElement.dataset.ready = "true";
  }

  at("threshold").addEventListener("input", (event) => moveTo(Number(event.target.value)));
  at("model").addEventListener("change", (event) => pick(event.target.value));
  for (const id of ["base-rate", "volume", "minutes"]) at(id).addEventListener("input", show);
  window.addEventListener("hashchange", follow);
  at("open-all").addEventListener("click", () => document.querySelectorAll("details").forEach((each) => { each.open = true; }));
  draw();
})();
