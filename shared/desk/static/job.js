// One job as it stands: its stages, and its log as it grows.
import { inDialog } from "./dialogs.js";
import { ask, clock, listen, make } from "./live.js";

const byId = (id) => document.getElementById(id);
const main = byId("main");
const base = `/jobs/${main.dataset.id}`;
const log = byId("log");
const MOST_LINES = 5000;
let source = null;
let stage = "";
let asked = ""; // what a run that is at work was asked

function showStages(seen) {
  const stages = Object.entries(seen.stages);
  const list = byId("stages");
  if (list.children.length !== stages.length) {
    list.replaceChildren(...stages.map(([stage]) => make("li", { "data-stage": stage },
      make("span", { class: "name" }, stage), " ", make("span", { class: "state" }), " ",
      make("progress", { max: 1, value: 0, hidden: true, "aria-label": stage }))));
  }
  stages.forEach(([stage, state], number) => {
    const item = list.children[number];
    const told = item.querySelector(".state");
    told.textContent = state;
    told.className = `state ${state.replace(" ", "-")}`;
    const bar = item.querySelector("progress");
    bar.hidden = state !== "running";
    if (seen.share === null) bar.removeAttribute("value");
    else bar.value = seen.share;
  });
}

function show(seen) {
  byId("state").textContent = seen.state;
  byId("state").className = `state ${seen.state}`;
  byId("reason").hidden = !seen.reason;
  byId("reason").textContent = seen.reason;
  showStages(seen);
  const isAtWork = seen.state === "running" && seen.seconds_left > 0;
  byId("left").textContent = isAtWork ? `about ${clock(seen.seconds_left)} left` : "";
  const run = byId("run");
  if (!run) return;
  stage = seen.stage;
  run.disabled = seen.state === "running";
  byId("stop").disabled = !run.disabled;
  if (!run.disabled) asked = "";
  if (asked || seen.run) byId("run-told").textContent = asked || ranAs(seen.run);
}

function ranAs({ exit_code: code, said }) {
  if (code === null) return "A run of this desk is at work.";
  return code ? `The run ended with exit code ${code}: ${said.trim().split("\n").slice(-2).join(" ")}` : "The run is done.";
}

function addLog({ text }) {
  const isAtEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
  if (text === "") log.replaceChildren();
  else log.append(text);
  while (log.childNodes.length > MOST_LINES) log.firstChild.remove();
  if (isAtEnd) log.scrollTop = log.scrollHeight;
}

function follow(name) {
  source?.close();
  source = listen(`${base}/live?log=${encodeURIComponent(name)}`, { state: show, log: addLog });
}

byId("logs")?.addEventListener("change", (event) => {
  log.replaceChildren();
  follow(event.target.value);
});
byId("run")?.addEventListener("click", async () => {
  try {
    await ask(`${base}/run`, "POST", {});
    byId("run-told").textContent = "It begins.";
  } catch (error) {
    byId("run-told").textContent = `${error.message} ${error.hint ?? ""}`;
  }
});
byId("stop")?.addEventListener("click", async () => {
  const body = [make("p", {}, `${stage || "The run"} is at work. What is finished stays: a run goes on from there.`)];
  const chosen = await inDialog("Stop the run?", body,
    [["", "Let it run"], ["after", "Stop after this stage"], ["now", "Stop now (twice: at once)"]]);
  if (!chosen) return;
  try {
    asked = (await ask(`${base}/stop`, "POST", { now: chosen === "now" })).told;
  } catch (error) {
    asked = `${error.message}. ${error.hint ?? ""}`;
  }
  byId("run-told").textContent = asked;
});
follow("");
