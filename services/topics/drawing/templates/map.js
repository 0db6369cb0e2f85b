/* The map of topics: drawing, zooming, dragging, the tooltip. */
const canvas = $("map"), pen = canvas.getContext("2d"), tip = $("tip");
let view = {scale: 1, x: 0, y: 0}, fitted = 1, queued = false;
const colours = [...topics.map(topic => topic.colour), null];
const sizes = new Array(topics.length).fill(0);
counts.topic.forEach((topic, i) => { if (topic !== NONE) sizes[topic] += counts.size[i]; });
/* The most pixels for one unit: otherwise the dots of a few tickets would be huge. */
const LARGEST = 14;
const order = topics.map((_, index) => index).sort((a, b) => sizes[b] - sizes[a]);

function fit() {
  const {width, height} = canvas.getBoundingClientRect(), sharp = devicePixelRatio || 1;
  canvas.width = width * sharp; canvas.height = height * sharp;
  fitted = Math.min(LARGEST, Math.min(width, height) / (2.16 * data.reach));
  view = {scale: fitted, x: width / 2, y: height / 2};
  draw();
}
/* Show the topics of a theme as large as they fit, or the whole map for none. */
function zoomTo(theme) {
  fit();
  const own = topics.filter(topic => theme !== "" && topic.theme === +theme);
  if (!own.length) return;
  const left = Math.min(...own.map(one => one.x - one.r)), right = Math.max(...own.map(one => one.x + one.r));
  const low = Math.min(...own.map(one => one.y - one.r)), high = Math.max(...own.map(one => one.y + one.r));
  const width = canvas.clientWidth, height = canvas.clientHeight;
  /* The titles around the topics need a fifth of the room. */
  const scale = Math.min(fitted * 60, 0.8 * width / (right - left), 0.8 * height / (high - low));
  view = {scale, x: width / 2 - scale * (left + right) / 2, y: height / 2 + scale * (low + high) / 2};
  draw();
}
function draw() { if (!queued) { queued = true; requestAnimationFrame(paint); } }
function paint() {
  queued = false;
  const sharp = devicePixelRatio || 1, style = getComputedStyle(document.documentElement);
  const width = canvas.width / sharp, height = canvas.height / sharp;
  pen.setTransform(sharp, 0, 0, sharp, 0, 0);
  pen.clearRect(0, 0, width, height);
  const radius = Math.max(1, 0.72 * view.scale), by = new Map();
  for (let i = 0; i < N; i++) {
    if (!visible[i]) continue;
    const x = view.x + tickets.x[i] * view.scale, y = view.y - tickets.y[i] * view.scale;
    if (x < -9 || y < -9 || x > width + 9 || y > height + 9) continue;
    const dim = state.topic !== null && tickets.topic[i] !== state.topic;
    const key = `${tickets.topic[i]}${dim ? "d" : ""}`;
    if (!by.has(key)) by.set(key, []);
    by.get(key).push(x, y);
  }
  for (const [key, at] of by) {
    pen.globalAlpha = key.endsWith("d") ? 0.22 : 1;
    pen.fillStyle = colours[parseInt(key, 10)] ?? style.getPropertyValue("--outside");
    pen.beginPath();
    for (let i = 0; i < at.length; i += 2) { pen.moveTo(at[i] + radius, at[i + 1]); pen.arc(at[i], at[i + 1], radius, 0, 7); }
    pen.fill();
  }
  pen.globalAlpha = 1;
  write(width, height, style);
}
/* Write as many titles as fit without covering another title or topic, largest topics first: below,
   above or beside the topic, or on it where it is wide enough. */
function write(width, height, style) {
  const size = width < 500 ? 11 : 13, tall = size + 3;
  pen.font = `600 ${size}px system-ui, sans-serif`; pen.textAlign = "center"; pen.textBaseline = "top";
  pen.lineWidth = 4; pen.lineJoin = "round";
  pen.strokeStyle = style.getPropertyValue("--ground"); pen.fillStyle = style.getPropertyValue("--ink");
  const discs = topics.map((topic, index) => ({index, x: view.x + topic.x * view.scale,
    y: view.y - topic.y * view.scale, r: topic.r * view.scale})).filter(one => rows[one.index].size);
  const covers = ([left, top, right, bottom], disc) => {
    const across = disc.x - Math.max(left, Math.min(right, disc.x)), down = disc.y - Math.max(top, Math.min(bottom, disc.y));
    return across * across + down * down < disc.r * disc.r * 0.85;
  };
  const taken = [];
  for (const index of order) {
    const disc = discs.find(one => one.index === index);
    if (!disc || state.topic !== null && state.topic !== index) continue;
    if (disc.x < 0 || disc.x > width || disc.y + disc.r < 0 || disc.y - disc.r > height) continue;
    // Where the title has no room, the number alone may have some.
    for (const lines of [topics[index].lines, [String(topics[index].id)]]) {
      const high = tall * lines.length;
      const half = Math.max(...lines.map(line => pen.measureText(line).width)) / 2 + 3;
      const x = Math.max(half, Math.min(width - half, disc.x)), beside = disc.r + half + 2;
      const boxes = [[x, disc.y + disc.r + 2], [x, disc.y - disc.r - high - 2],
        [disc.x + beside, disc.y - high / 2], [disc.x - beside, disc.y - high / 2],
        ...(disc.r > half ? [[x, disc.y - high / 2]] : [])]
        .map(([middle, top]) => [middle - half, top, middle + half, top + high])
        .filter(box => box[0] >= 0 && box[1] >= 0 && box[2] <= width && box[3] <= height);
      const meets = box => taken.some(one => box[0] < one[2] && one[0] < box[2] && box[1] < one[3] && one[1] < box[3]);
      const box = state.topic === index ? boxes[0]
        : boxes.find(one => !meets(one) && !discs.some(other => other.index !== index && covers(one, other)));
      if (!box) continue;
      taken.push(box);
      const middle = (box[0] + box[2]) / 2;
      lines.forEach((line, at) => { pen.strokeText(line, middle, box[1] + at * tall); pen.fillText(line, middle, box[1] + at * tall); });
      break;
    }
  }
}
function nearest(event) {
  const {left, top} = canvas.getBoundingClientRect();
  const x = event.clientX - left, y = event.clientY - top;
  let best = -1, least = 12 * 12;
  for (let i = 0; i < N; i++) {
    if (!visible[i]) continue;
    const across = view.x + tickets.x[i] * view.scale - x, up = view.y - tickets.y[i] * view.scale - y;
    const away = across * across + up * up;
    if (away < least) { least = away; best = i; }
  }
  return best;
}
function zoom(by, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2) {
  const scale = Math.min(fitted * 60, Math.max(fitted * 0.6, view.scale * by)), real = scale / view.scale;
  view = {scale, x: x + (view.x - x) * real, y: y + (view.y - y) * real};
  draw();
}
const held = new Map();
let moved = 0;
canvas.addEventListener("pointerdown", event => { held.set(event.pointerId, event); moved = 0; canvas.setPointerCapture(event.pointerId); tip.style.display = "none"; });
canvas.addEventListener("pointermove", event => {
  const before = held.get(event.pointerId);
  if (!before) { hover(event); return; }
  const others = [...held.values()].filter(one => one.pointerId !== event.pointerId);
  if (others.length) {
    const other = others[0], {left, top} = canvas.getBoundingClientRect();
    const was = Math.hypot(before.clientX - other.clientX, before.clientY - other.clientY);
    const is = Math.hypot(event.clientX - other.clientX, event.clientY - other.clientY);
    if (was > 0) zoom(is / was, (event.clientX + other.clientX) / 2 - left, (event.clientY + other.clientY) / 2 - top);
  } else {
    view.x += event.clientX - before.clientX; view.y += event.clientY - before.clientY;
    draw();
  }
  moved += Math.abs(event.clientX - before.clientX) + Math.abs(event.clientY - before.clientY);
  held.set(event.pointerId, event);
});
canvas.addEventListener("pointerup", event => {
  held.delete(event.pointerId);
  if (moved > 5) return;
  const at = nearest(event);
  if (at >= 0 && tickets.topic[at] !== NONE) open(tickets.topic[at], false);
  else if (state.topic !== null) open(state.topic, false);
});
canvas.addEventListener("pointercancel", event => held.delete(event.pointerId));
canvas.addEventListener("pointerleave", () => { tip.style.display = "none"; });
canvas.addEventListener("wheel", event => {
  event.preventDefault();
  const {left, top} = canvas.getBoundingClientRect();
  zoom(Math.exp(-event.deltaY / 400), event.clientX - left, event.clientY - top);
}, {passive: false});
canvas.addEventListener("keydown", event => {
  const step = 60, moves = {ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step]};
  if (moves[event.key]) { view.x += moves[event.key][0]; view.y += moves[event.key][1]; draw(); }
  else if (event.key === "+" || event.key === "=") zoom(1.3);
  else if (event.key === "-") zoom(1 / 1.3);
  else if (event.key === "0") fit();
  else return;
  event.preventDefault();
});
function hover(event) {
  const at = nearest(event);
  tip.style.display = at < 0 ? "none" : "block";
  if (at < 0) return;
  const {left, top, width} = canvas.getBoundingClientRect();
  const where = tickets.topic[at] === NONE ? "in no topic" : topics[tickets.topic[at]].title;
  tip.replaceChildren(element("b", {text: tickets.title[at]}),
    element("div", {text: [where, channels[tickets.channel[at]], dayName(tickets.day[at])].filter(Boolean).join(" · ")}));
  const x = event.clientX - left, y = event.clientY - top;
  tip.style.left = `${Math.max(4, Math.min(x + 14, width - tip.offsetWidth - 6))}px`;
  tip.style.top = `${y + tip.offsetHeight + 24 > canvas.clientHeight ? y - tip.offsetHeight - 10 : y + 14}px`;
}
/* Esc closes the topic and puts the keyboard focus back on the button that opened it. */
addEventListener("keydown", event => {
  if (event.key !== "Escape" || state.topic === null || event.target.matches("input, select")) return;
  const index = state.topic, stays = event.target === canvas;
  open(index, false);
  if (!stays) document.querySelector(`.name[data-topic="${index}"]`)?.focus();
});
$("closer").onclick = () => zoom(1.4);
$("further").onclick = () => zoom(1 / 1.4);
$("whole").onclick = fit;
