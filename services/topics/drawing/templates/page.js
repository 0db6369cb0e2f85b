/* The form of filters, the summary, printing, and the first drawing. */
function refresh() { filter(); showTable(); showTopic(); draw(); }
$("query").oninput = event => { state.query = event.target.value; refresh(); };
$("theme").onchange = event => { state.theme = event.target.value; refresh(); zoomTo(state.theme); };
$("channel").onchange = event => { state.channel = event.target.value; refresh(); };
$("since").onchange = event => { state.since = +event.target.value; refresh(); };
const form = document.querySelector("form");
form.onsubmit = event => event.preventDefault();
/* At once, not in a later turn: a table redrawn later would take the focus from a topic reached meanwhile. */
$("all").onclick = () => {
  form.reset();
  Object.assign(state, {query: "", theme: "", channel: "", since: 0, outside: false});
  refresh(); fit();
};
document.querySelectorAll("th button").forEach(button => button.addEventListener("click", () => {
  const same = state.sort === button.dataset.sort;
  state.falling = same ? !state.falling : button.dataset.sort !== "title";
  state.sort = button.dataset.sort;
  showTable();
}));
$("themes").hidden = !themes.length;
$("theme").append(element("option", {value: "", text: "All themes"}),
  ...themes.map((title, index) => element("option", {value: index, text: title})));
$("channel").append(element("option", {value: "", text: "All channels"}),
  ...channels.map((name, index) => element("option", {value: index, text: name || "No channel"})));
const spans = [["All time", 0], ["Last 7 days", 7], ["Last 30 days", 30], ["Last 90 days", 90], ["Last year", 365]];
$("since").append(...spans.map(([text, days]) => element("option", {value: days, text})));
const nowhere = ALL - sizes.reduce((a, b) => a + b, 0);
$("summary").textContent = [...data.narrowed, plural(ALL, "ticket"), plural(topics.length, "topic") + (themes.length ? ` in ${plural(themes.length, "theme")}` : ""), `${number(nowhere)} in none`,
  days.length ? `${dayName(firstDay)} to ${dayName(lastDay)}` : "", `made ${data.made}`].filter(Boolean).join(" · ");
if (N < ALL) {
  $("partly").hidden = false;
  $("partly").textContent = `The map and the lists show ${number(N)} of the ${number(ALL)} tickets: the most typical of each topic, `
    + "the same share of all. The search looks through these; every other figure counts all tickets.";
}
canvas.setAttribute("aria-label", `Map of ${plural(topics.length, "topic")}. The largest: ${order.slice(0, 5).map(i => topics[i].title).join(", ") || "none"}.`);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
addEventListener("resize", () => { if (!printing()) zoomTo(state.theme); });
/* Printing does not wait for an animation frame, so the map is drawn at once. */
const printing = () => document.documentElement.classList.contains("printed");
addEventListener("beforeprint", () => { document.documentElement.classList.add("printed"); paint(); });
addEventListener("afterprint", () => { document.documentElement.classList.remove("printed"); fit(); });
const linked = topics.findIndex(topic => `#topic-${topic.id}` === location.hash);
if (linked >= 0) state.topic = linked;
filter(); showTable(); showTopic(); fit();
