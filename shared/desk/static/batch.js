// One batch as it stands, film by film.
import { clock, listen, make } from "./live.js";

const byId = (id) => document.getElementById(id);
const drawn = new Map();

function filmRow(film) {
  const name = make("bdi", {}, film.name);
  const title = film.job ? make("a", { href: `/jobs/${film.job}` }, name) : make("span", { class: "film", title: film.path }, name);
  const item = make("li", {}, title, make("span", { class: `state ${film.state.replace(" ", "-")}` }, film.state));
  const told = [];
  if (film.stages) told.push(`${film.done} of ${film.stages} stages`);
  if (film.stage) told.push(film.stage + (film.share === null ? "" : ` ${Math.round(film.share * 100)}%`));
  if (film.waits_for) told.push(`waits for ${film.waits_for}`);
  if (film.seconds_left) told.push(`about ${clock(film.seconds_left)} left`);
  item.append(make("span", { class: "tag" }, told.join(" · ")));
  if (film.job) {
    const links = [["page", "What to look at"], ["edit", "Edit"]];
    item.append(...links.map(([path, text]) => make("a", { class: "small", href: `/jobs/${film.job}/${path}`, "aria-label": `${text}: ${film.name}` }, text)));
  }
  if (film.reason) item.append(make("span", { class: "reason" }, make("bdi", {}, film.reason)));
  if (film.command) item.append(make("span", { class: "reason" }, "Next: ", make("code", {}, film.command)));
  return item;
}

function show(seen) {
  byId("state").textContent = seen.state;
  byId("left").textContent = seen.seconds_left ? `about ${clock(seen.seconds_left)} left` : "";
  for (const [id, text] of [["closed", seen.closed], ["again", seen.command]]) byId(id).hidden = !text;
  byId("closed").textContent = seen.closed;
  byId("again").querySelector("code").textContent = seen.command;
  const list = byId("films");
  seen.films.forEach((film, number) => {
    // Only what changed is drawn again: whoever tabs through the list keeps the place.
    const key = JSON.stringify(film);
    if (drawn.get(number) === key) return;
    drawn.set(number, key);
    const [had, item] = [list.children[number], filmRow(film)];
    const links = had ? [...had.querySelectorAll("a")] : [];
    const at = links.indexOf(document.activeElement);
    if (had) had.replaceWith(item);
    else list.append(item);
    if (at >= 0) item.querySelectorAll("a")[at]?.focus();
  });
  while (list.children.length > seen.films.length) list.lastChild.remove();
}

listen(`/batches/${byId("main").dataset.id}/live`, { state: show });
