"use strict";
// Words are compared without case and accents; an entry counts where all of them begin a word of it.
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const begins = (word) => new RegExp("(?<![\\p{L}\\p{N}])" + word, "gu"); // a word is letters, digits and hyphens
const entries = JSON.parse(document.getElementById("entries").textContent)
  .map((entry) => ({...entry, called: folded(entry.name), text: folded(entry.words)}));
const box = document.getElementById("words");
const MOST = 50;

// What is in the name counts five times as much as what is in the sentence.
function score(entry, words) {
  let sum = 0;
  for (const word of words) {
    const named = (entry.called.match(begins(word)) || []).length;
    const said = (entry.text.match(begins(word)) || []).length;
    if (!named && !said) return 0;
    sum += 5 * Math.min(named, 1) + Math.min(said, 3);
  }
  return sum;
}

function element(name, text, parent) {
  const made = document.createElement(name);
  made.textContent = text;
  parent.append(made);
  return made;
}

function shown(entry) {
  const item = document.createElement("li");
  item.className = "card plain-edge";
  const lead = element("p", "", item);
  lead.className = "lead";
  element("a", entry.name, lead).href = entry.to;
  const facts = element("p", "", item);
  facts.className = "facts";
  element("span", entry.sort, facts);
  if (entry.day) element("span", entry.day, facts);
  if (entry.words) element("blockquote", entry.words, item);
  return item;
}

function search() {
  const words = folded(box.value).split(/[^\p{L}\p{N}-]+/u).filter(Boolean);
  const found = words.length ? entries.map((entry) => [score(entry, words), entry]).filter(([sum]) => sum) : [];
  found.sort((one, other) => other[0] - one[0] || other[1].day.localeCompare(one[1].day));
  document.getElementById("results").replaceChildren(...found.slice(0, MOST).map(([, entry]) => shown(entry)));
  document.getElementById("found").textContent =
    !words.length ? "" : found.length > MOST ? `The first ${MOST} of ${found.length}` : `${found.length} found`;
}

box.value = new URLSearchParams(location.search).get("q") || "";
box.addEventListener("input", search);
document.getElementById("search").addEventListener("submit", (event) => { event.preventDefault(); search(); });
search();
