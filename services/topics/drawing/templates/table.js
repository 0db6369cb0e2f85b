"use strict";
/* The data, the filters, the table of topics, and the list of one topic's tickets. */
const data = JSON.parse(document.getElementById("data").textContent);
const {topics, themes, tickets, counts, channels} = data;
const N = tickets.title.length, ALL = counts.size.reduce((a, b) => a + b, 0), PAGE = 50, WEEKS = 26, NONE = -1;
const $ = id => document.getElementById(id);
const number = value => value.toLocaleString("en");
const plural = (count, one) => `${number(count)} ${one}${count === 1 ? "" : "s"}`;
const shareOf = (part, all) => all ? `${Math.round(100 * part / all)} %` : "–";
const dayName = day => day === null ? "" : new Date(day * 864e5).toISOString().slice(0, 10);
const days = counts.day.filter(day => day !== null);
const lastDay = days.reduce((a, b) => Math.max(a, b), 0);
const firstDay = days.reduce((a, b) => Math.min(a, b), lastDay);
const folded = tickets.title.map(title => title.toLowerCase());
const state = {query: "", theme: "", channel: "", since: 0, topic: null, outside: false, sort: "size", falling: true, shown: PAGE};
let visible = new Uint8Array(N).fill(1), rows = [], outside = 0;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (key === "text") made.textContent = value;
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/* Apply the filters and count each topic's tickets. A search looks only through the listed tickets;
   without one, all tickets are counted. */
function filter() {
  const words = state.query.toLowerCase().split(/\s+/).filter(Boolean);
  const since = state.since ? lastDay - state.since + 1 : -Infinity;
  const passes = (from, i) => (since === -Infinity || from.day[i] !== null && from.day[i] >= since) && (state.channel === "" || from.channel[i] === +state.channel)
    && (state.theme === "" || topics[from.topic[i]]?.theme === +state.theme);
  for (let i = 0; i < N; i++)
    visible[i] = +(passes(tickets, i) && words.every(word => folded[i].includes(word)));
  rows = topics.map((topic, index) => ({topic, index, title: topic.title, quality: topic.quality, size: 0, solved: 0, weeks: new Array(weeks()).fill(0)}));
  outside = 0;
  let count = 0;
  const add = (from, i, size, solved) => {
    count += size;
    const row = rows[from.topic[i]];
    if (!row) { outside += size; return; }
    row.size += size; row.solved += solved;
    if (from.day[i] === null) return;
    const week = row.weeks.length - 1 - Math.floor((lastDay - from.day[i]) / 7);
    if (week >= 0) row.weeks[week] += size;
  };
  if (words.length) {
    for (let i = 0; i < N; i++) if (visible[i]) add(tickets, i, 1, tickets.solved[i]);
  } else {
    for (let i = 0; i < counts.size.length; i++)
      if (passes(counts, i)) add(counts, i, counts.size[i], counts.solved[i]);
  }
  const among = words.length && N < ALL ? `the ${number(N)} listed` : number(ALL);
  $("count").textContent = count === ALL ? "" : `${plural(count, "ticket")} of ${among}`;
}
function weeks() { return Math.max(1, Math.min(WEEKS, Math.floor((lastDay - firstDay) / 7) + 1)); }

const keys = {
  title: row => row.title.toLowerCase(),
  size: row => row.size,
  solved: row => row.size ? row.solved / row.size : -1,
  quality: row => row.quality,
  trend: row => row.weeks[row.weeks.length - 1] - mean(row.weeks.slice(0, -1)),
};
const mean = values => values.length ? values.reduce((a, b) => a + b, 0) / values.length : 0;

function bars(values, width, height, label) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const most = Math.max(1, ...values), step = width / values.length;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("width", width); svg.setAttribute("height", height);
  svg.setAttribute("role", "img"); svg.setAttribute("aria-label", label);
  values.forEach((value, at) => {
    const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const tall = value ? Math.max(1.5, value / most * height) : 0.5;
    bar.setAttribute("x", at * step); bar.setAttribute("y", height - tall);
    bar.setAttribute("width", Math.max(1, step - 1)); bar.setAttribute("height", tall);
    svg.append(bar);
  });
  return svg;
}

function showTable() {
  const key = keys[state.sort], way = state.falling ? -1 : 1;
  const sorted = some => some.sort((a, b) => {
    const one = key(a), other = key(b);
    return way * (one < other ? -1 : one > other ? 1 : 0) || a.index - b.index;
  });
  const left = rows.filter(row => row.size);
  const parts = themes.length ? sorted(themes.map((title, index) => together(title, index, left)).filter(part => part.size))
    : [{rows: left}];
  $("topics").querySelectorAll("tbody").forEach(body => body.remove());
  $("topics").append(...parts.map(part => {
    const body = element("tbody", {}, ...sorted(part.rows).map(topicRow));
    // A theme of one topic is that topic.
    if (members[part.index] > 1) {
      body.className = "themed";
      body.prepend(themeRow(part));
    }
    return body;
  }));
  if (!left.length)
    $("topics").append(element("tbody", {}, element("tr", {}, element("td", {colspan: "5", class: "faint", text: emptyText()}))));
  document.querySelectorAll("th button").forEach(button =>
    button.parentElement.setAttribute("aria-sort",
      button.dataset.sort !== state.sort ? "none" : state.falling ? "descending" : "ascending"));
}
function emptyText() {
  if (!topics.length) return "No two tickets are about the same: there are no topics.";
  if (outside) return "No topic has such tickets.";
  return state.query.trim() ? `No ticket says “${state.query.trim()}”. “Show all” starts again.` : "There are no such tickets.";
}
const members = themes.map((_, index) => topics.filter(topic => topic.theme === index).length);
/* Return a theme with the figures of its topics that pass the filters. */
function together(title, index, left) {
  const own = left.filter(row => row.topic.theme === index), sum = of => own.reduce((a, row) => a + of(row), 0);
  const size = sum(row => row.size);
  return {title, index, rows: own, size, solved: sum(row => row.solved), quality: sum(row => row.size * row.quality) / size,
    weeks: new Array(weeks()).fill(0).map((_, at) => sum(row => row.weeks[at]))};
}
function themeRow(theme) {
  return element("tr", {class: "theme"},
    element("th", {scope: "rowgroup", text: theme.title}),
    element("td", {class: "number", text: number(theme.size)}),
    element("td", {class: "number", text: shareOf(theme.solved, theme.size)}),
    element("td"), element("td"));
}
function topicRow(row) {
  const {topic} = row;
  const name = element("button", {class: "name", type: "button", "data-topic": row.index, onclick: () => open(row.index, true)},
    element("i", {class: "dot", style: `background:${topic.colour}`, "aria-hidden": "true"}),
    element("span", {text: `${topic.id} · ${topic.title}`}));
  if (topic.rising) name.append(element("i", {class: "sign", text: "↑", title: "asked more than usual"}));
  if (topic.change) name.append(element("i", {class: "sign", text: topic.change}));
  return element("tr", {"aria-current": String(state.topic === row.index)},
    element("td", {}, name),
    element("td", {class: "number", text: number(row.size)}),
    element("td", {class: "number", text: shareOf(row.solved, row.size)}),
    element("td", {class: "number", text: `${topic.quality} %`}),
    element("td", {}, bars(row.weeks, 104, 22,
      `${row.weeks[row.weeks.length - 1]} in the last week, ${mean(row.weeks).toFixed(1)} a week before`)));
}

function open(index, moves) {
  state.topic = state.topic === index && !moves ? null : index;
  state.shown = PAGE;
  history.replaceState(null, "", state.topic === null ? " " : `#topic-${topics[state.topic]?.id ?? "none"}`);
  showTable(); showTopic(); draw();
  if (moves) { $("topic").focus({preventScroll: true}); $("topic").scrollIntoView({block: "nearest"}); }
}

function showTopic() {
  const section = $("topic"), index = state.topic;
  const wanted = index === null ? null : index;
  const found = [];
  for (let i = 0; i < N; i++)
    if (visible[i] && (wanted === null ? tickets.topic[i] === NONE : tickets.topic[i] === wanted)) found.push(i);
  if (index === null) {
    section.replaceChildren(element("h2", {text: `In no topic: ${plural(outside, "ticket")}`}));
    if (outside > found.length) section.append(element("p", {class: "faint", text: `${number(found.length)} of them are listed.`}));
    if (!found.length) return;
    section.append(element("button", {type: "button", "aria-expanded": String(state.outside), text: state.outside ? "Hide them" : "Show them",
      onclick: () => { state.outside = !state.outside; showTopic(); section.querySelector("button").focus(); }}));
    if (state.outside) list(section, found);
    return;
  }
  const row = rows[index], topic = topics[index];
  const known = [plural(row.size, "ticket"), `${shareOf(row.solved, row.size)} solved`, `quality ${topic.quality} %`];
  if (topic.median) known.push(`half of the solved within ${topic.median}`);
  if (row.size > found.length) known.push(`the ${number(found.length)} most typical are listed`);
  section.replaceChildren(
    element("h2", {}, element("i", {class: "dot", style: `background:${topic.colour}`, "aria-hidden": "true"}), ` ${topic.id} · ${topic.title}`),
    element("p", {class: "faint", text: known.join(" · ")}),
    element("p", {class: "terms"}, ...topic.terms.map(term => element("span", {text: term}))),
    bars(row.weeks, Math.min(620, innerWidth - 60), 90, `Tickets a week: ${row.weeks.join(", ")}`),
    element("div", {class: "axis", style: `width:${Math.min(620, innerWidth - 60)}px`},
      element("span", {text: dayName(lastDay - 7 * row.weeks.length + 1)}), element("span", {text: dayName(lastDay)})));
  const first = topic.representatives.filter(i => visible[i]);
  const rest = found.filter(i => !first.includes(i)).sort((a, b) => tickets.day[b] - tickets.day[a]);
  list(section, [...first, ...rest]);
}

function list(section, found) {
  const items = found.slice(0, state.shown).map(i => {
    const title = tickets.url[i]
      ? element("a", {href: tickets.url[i], target: "_blank", rel: "noopener noreferrer", text: tickets.title[i]})
      : element("span", {text: tickets.title[i]});
    const known = [channels[tickets.channel[i]], dayName(tickets.day[i]), tickets.solved[i] ? "solved" : "open"];
    return element("li", {}, title, element("div", {class: "faint", text: known.filter(Boolean).join(" · ")}));
  });
  section.append(element("ul", {}, ...items));
  if (found.length > state.shown)
    section.append(element("button", {type: "button", text: `Show more of ${number(found.length)}`,
      onclick: () => { state.shown += 4 * PAGE; showTopic(); }}));
}
