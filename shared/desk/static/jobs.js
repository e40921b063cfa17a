// The list of jobs and batches, as they stand.
import { clock, listen, make } from "./live.js";

const byId = (id) => document.getElementById(id);
const [list, find] = [byId("jobs"), byId("find")];
let rows = [];
let batchesDrawn = "";

function jobRow(row) {
  const title = make("a", { href: `/jobs/${row.id}` }, make("bdi", {}, row.title), row.year ? ` (${row.year})` : "");
  const told = [make("span", { class: `state ${row.state}` }, row.state)];
  if (row.state === "running") {
    const share = row.share === null ? "" : ` ${Math.round(row.share * 100)}%`;
    told.push(make("span", { class: "tag" }, `${row.stage}${share}`));
  } else if (row.next && row.state !== "ready") {
    told.push(make("span", { class: "tag" }, `next: ${row.next}`));
  }
  const item = make("li", { "data-id": row.id }, title, ...told);
  item.append(make("span", { class: "tag" }, make("bdi", {}, `${row.languages.join(" → ")} · ${row.place}`)));
  if (row.problem) item.append(make("span", { class: "reason" }, make("bdi", {}, row.problem)));
  return item;
}

function batchRow(row) {
  const counts = Object.entries(row.counts).map(([state, count]) => `${count} ${state}`).join(", ");
  const left = row.seconds_left ? ` · about ${clock(row.seconds_left)} left` : "";
  const link = make("a", { href: `/batches/${row.id}` }, make("bdi", {}, row.place));
  const item = make("li", { "data-id": row.id }, link, make("span", { class: "state" }, row.state));
  item.append(make("span", { class: "tag" }, `${row.films} films: ${counts}${left}`));
  return item;
}

// Only what changed is drawn again: whoever tabs through the list keeps the place.
const drawn = new Map();
function draw() {
  const words = find.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const shown = rows.filter((row) => {
    const text = `${row.title} ${row.year ?? ""} ${row.place} ${row.state}`.toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  });
  const items = shown.map((row) => {
    const key = JSON.stringify(row);
    if (drawn.get(row.id)?.key !== key) {
      const had = drawn.get(row.id)?.item;
      const item = jobRow(row);
      drawn.set(row.id, { key, item });
      if (had?.contains(document.activeElement)) {
        had.replaceWith(item);
        item.querySelector("a").focus();
      }
    }
    return drawn.get(row.id).item;
  });
  if (items.length !== list.children.length || items.some((item, n) => list.children[n] !== item)) {
    const focused = document.activeElement;
    list.replaceChildren(...items);
    if (items.some((item) => item.contains(focused))) focused.focus();
  }
  byId("count").textContent = rows.length;
  byId("none").hidden = rows.length > 0;
}

find.addEventListener("input", draw);
listen("/live", {
  state(seen) {
    rows = seen.jobs;
    draw();
    byId("batches-section").hidden = !seen.batches.length;
    const key = JSON.stringify(seen.batches);
    if (key === batchesDrawn) return;
    batchesDrawn = key;
    const focused = document.activeElement.closest("#batches li")?.dataset.id;
    byId("batches").replaceChildren(...seen.batches.map(batchRow));
    byId("batches").querySelector(`[data-id="${focused}"] a`)?.focus();
  },
  connection: (there) => { byId("live").textContent = there ? "live" : "the desk does not answer"; },
});
