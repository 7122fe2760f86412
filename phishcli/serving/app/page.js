"use strict";
const $ = (id) => document.getElementById(id);
let columns = [];

async function ask(path, body) {
  const headers = {};
  if ($("key").value) headers.Authorization = "Bearer " + $("key").value;
  if (body) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method: body ? "POST" : "GET", headers, body });
  return { status: answer.status, content: await answer.json() };
}

function say(problem) {
  const wrong = (problem.errors || []).map((e) => (e.field ? e.field + " " : "") + e.problem + "; expected " + e.expected);
  $("problem").textContent = [problem.detail, ...wrong].join("\n");
  $("problem").hidden = false;
  $("result").hidden = true;
}

function fill(row) {
  columns.forEach((column, place) => {
    if (column.name in row) $("field-" + place).value = row[column.name] === null ? "" : String(row[column.name]);
  });
}

function build(column, place) {
  const box = document.createElement("div");
  const label = document.createElement("label");
  label.htmlFor = "field-" + place;
  label.textContent = column.name;
  const input = document.createElement("input");
  input.id = "field-" + place;
  input.placeholder = column.expected;
  box.append(label, input);
  if (column.categories.length) {
    const list = document.createElement("datalist");
    list.id = "known-" + place;
    for (const category of column.categories) list.append(new Option(category, category));
    input.setAttribute("list", list.id);
    box.append(list);
  }
  return box;
}

function value(column, text) {
  if (text === "") return null;
  if (column.expected.startsWith("a number") && /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text)) return Number(text);
  if (column.expected.startsWith("true") && /^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  return text;
}

async function start() {
  const { status, content } = await ask("/v1/model");
  if (status === 401) {
    $("about").textContent = "This service asks for an API key.";
    $("key-line").hidden = false;
    return;
  }
  if (status !== 200) return say(content);
  columns = content.columns;
  $("about").textContent = `${content.model}, version ${content.version}, threshold ${content.threshold}`;
  $("fields").replaceChildren(...columns.map(build));
  fill(content.example);
  $("form").hidden = false;
}

function show(content) {
  $("problem").hidden = true;
  $("verdict").textContent = content.verdict;
  const notes = [];
  if (content.failed_open) notes.push(content.reason);
  else notes.push(`Probability ${content.probability.toFixed(4)}, label ${content.label}, threshold ${content.threshold}.`);
  if ((content.missing || []).length) notes.push("Missing: " + content.missing.join(", ") + ".");
  if ((content.unseen || []).length) notes.push("Not seen in training: " + content.unseen.join(", ") + ".");
  $("answer-notes").textContent = notes.join(" ");
  $("reasons").replaceChildren(...(content.reasons || []).map((reason) => {
    const item = document.createElement("li");
    item.textContent = reason.text;
    return item;
  }));
  $("result").hidden = false;
}

$("paste").addEventListener("input", () => {
  try {
    const row = JSON.parse($("paste").value);
    if (row && typeof row === "object") fill(Array.isArray(row.rows) ? row.rows[0] || {} : row);
  } catch (error) { /* not yet a whole row */ }
});
$("use-key").addEventListener("click", start);
$("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const row = Object.fromEntries(columns.map((column, place) => [column.name, value(column, $("field-" + place).value)]));
  try {
    const answer = await ask("/v1/explain", JSON.stringify(row));
    if (answer.status === 200) show(answer.content); else say(answer.content);
  } catch (error) {
    say({ detail: "The service does not answer." });
  }
});
start().catch(() => say({ detail: "The service does not answer." }));
