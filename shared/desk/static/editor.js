// The editor: the cues, what shows them, and what can be done with them.
import { Again } from "./again.js";
import { askConflict, askReplace, askShift, inDialog, showKeys } from "./dialogs.js";
import { Film } from "./film.js";
import { heed, KEYS, KEYS_OF_LIST } from "./keys.js";
import { CueList } from "./list.js";
import { ask, listen, make } from "./live.js";
import { Cues } from "./model.js";
import { Strip } from "./strip.js";
import { shownTime, typedTime } from "./times.js";

const byId = (id) => document.getElementById(id);
const main = byId("main");
const base = `/jobs/${main.dataset.id}`;
const filmEnd = Number(main.dataset.duration);
const NUDGE = 100;
const BACK = 1000;
const FASTEST = 3;
const TRY_AGAIN = 2000;

let cues = new Cues([]);
let track = null; // as the desk told it last
let otherTrack = []; // cues of another language, to read beside
let otherLanguage = "";
let current = null; // id of a cue
let doubts = []; // those that are left, with the id of their cue
let isAtWork = false; // a run of this job
let savesLater = false;

const tell = (text) => { byId("told").textContent = text; };
const film = new Film(base, byId("film"), (text) => { byId("film-told").textContent = text; });
const strip = new Strip(byId("strip"), (time) => film.seek(time));
const list = new CueList(byId("cues"), (id) => { choose(id); byId("cues").focus(); });
const again = new Again({
  base, filmEnd, tell, models: JSON.parse(main.dataset.models), button: byId("proposal"),
  take(id, these) {
    edit(() => {
      if (track.locked || !cues.replace(id, these)) tell("The cue is not there any more.");
      else tell("Taken; undo brings back what was there.");
      return cues.at(id) < 0 ? current : id;
    });
  },
});
const cue = () => cues.list[cues.at(current)];

function overlapping(these, start, end) {
  return these.filter((one) => one.start < end && one.end > start);
}

/** Show everything as it is now. */
function draw() {
  if (cues.at(current) < 0) current = cues.list[0]?.id ?? null;
  const doubted = new Set(doubts.map((one) => one.id));
  list.show(cues.list, current, doubted);
  film.show(cues.list);
  byId("count").textContent = `${cues.list.length}${doubts.length ? `, ${doubts.length} doubtful` : ""}`;
  byId("save").disabled = !cues.isChanged;
  document.title = document.title.replace(/^\* /, "");
  if (cues.isChanged) document.title = `* ${document.title}`;
  drawCue();
  drawStrip();
}

function drawCue() {
  const one = cue();
  for (const [id, value] of [["start", one && shownTime(one.start)], ["end", one && shownTime(one.end)], ["text", one?.text]]) {
    const field = byId(id);
    field.disabled = !one || Boolean(track?.locked);
    if (field.value !== (value ?? "")) field.value = value ?? "";
  }
  byId("fault").textContent = one && one.end <= one.start ? "The cue ends before it begins." : "";
  const seconds = one ? (one.end - one.start) / 1000 : 0;
  const letters = one ? [...one.text.replace(/<[^>]*>|\n/g, "")].length : 0;
  byId("speed").textContent = seconds > 0 ? `${seconds.toFixed(1)} s, ${Math.round(letters / seconds)} characters a second` : "";
  const beside = one ? overlapping(otherTrack, one.start, one.end) : [];
  byId("other").textContent = beside.map((that) => that.text).join("\n");
  byId("why").textContent = doubts.find((that) => that.id === current)?.reasons.join("; ") ?? "";
}

function drawStrip() {
  const doubted = new Set(doubts.map((one) => one.id));
  strip.show({ now: film.now, cues: cues.list, current, doubts: doubted });
}

/** Make a cue the one that is worked on; the film goes there unless it plays. */
function choose(id, isFilmThere = false) {
  if (!id || id === current) return;
  cues.rest();
  current = id;
  list.mark(current);
  drawCue();
  if (!isFilmThere && film.video.paused && cue()) film.seek(cue().start);
  drawStrip();
}

function step(by) {
  const place = Math.min(cues.list.length - 1, Math.max(0, cues.at(current) + by));
  choose(cues.list[place]?.id);
}

/** Do something to the cues unless they cannot be edited. */
function edit(what) {
  if (track?.locked) return;
  const next = what();
  if (typeof next === "string") current = next;
  draw();
}

function goToDoubt(by) {
  if (!doubts.length) {
    tell("No doubts are left.");
    return;
  }
  const place = doubts.findIndex((one) => one.id === current);
  const next = place < 0 && by < 0 ? doubts.length - 1 : (place + by + doubts.length) % doubts.length;
  choose(doubts[next].id);
  tell(`Doubt ${next + 1} of ${doubts.length}`);
}

async function save(seen = track.sha256) {
  savesLater = false;
  const wanted = cues.list;
  const body = { seen, cues: wanted.map(({ start, end, text }) => ({ start, end, text })) };
  try {
    track = { ...track, ...(await ask(`${base}/tracks/${encodeURIComponent(track.key)}`, "PUT", body)) };
  } catch (error) {
    return refused(error, wanted);
  }
  cues.saved = wanted;
  tell("Saved.");
  draw();
  return true;
}

async function refused(error, wanted) {
  if (error.status === 409) return meet(error);
  if (error.status === 423) {
    savesLater = true;
    setTimeout(() => { if (savesLater) save(); }, TRY_AGAIN);
    tell("A run of this job is at work: this is saved when it has ended.");
  } else if (error.cue !== undefined && wanted[error.cue]) {
    current = wanted[error.cue].id;
    draw();
    byId("fault").textContent = `Not saved: ${error.message}. ${error.hint}.`;
    byId("text").focus();
  } else {
    tell(`Not saved: ${error.message} ${error.hint ?? ""}`);
  }
  return false;
}

/** Somebody else has saved this track: neither edit is lost. */
async function meet(error) {
  const chosen = await askConflict(cues.list, error.theirs.cues, error.message);
  if (chosen === "mine") return save(error.theirs.sha256);
  if (chosen === "theirs") {
    const theirs = new Cues(error.theirs.cues);
    track = { ...track, ...error.theirs };
    cues.become(theirs.list);
    cues.saved = cues.list;
    tell("Theirs is here now; undo brings yours back.");
    draw();
    return true;
  }
  tell("Not saved.");
  return false;
}

async function run() {
  if (cues.isChanged && !(await save())) return;
  try {
    await ask(`${base}/run`, "POST", { from: "mux" });
    isAtWork = true;
    tell("The film is made …");
  } catch (error) {
    tell(`${error.message}. ${error.hint ?? ""}`);
  }
}

function showRun(seen) {
  const wasAtWork = isAtWork;
  isAtWork = seen.state === "running";
  byId("run").disabled = isAtWork;
  if (isAtWork && !savesLater && !again.isAtWork) {
    const share = seen.share === null ? "" : ` ${Math.round(seen.share * 100)}%`;
    tell(`At work: ${seen.stage}${share}`);
  } else if (wasAtWork && !isAtWork) {
    const code = seen.run?.exit_code;
    if (code === null) isAtWork = true; // its last steps
    else if (code) tell(`The run failed: ${seen.run.said.trim().split("\n").slice(-2).join(" ")}`);
    else tell("The film is made.");
  }
}

async function shift() {
  const asked = await askShift();
  if (!asked) return;
  const from = asked.which === "all" ? cues.list[0].id : current;
  edit(() => cues.shift(from, asked.by, asked.which !== "one"));
}

async function replace() {
  const field = byId("text");
  const word = field.value.slice(field.selectionStart, field.selectionEnd).trim();
  const asked = await askReplace(cues.list, word);
  if (!asked) return;
  edit(() => cues.rewrite(asked.texts));
  tell(`Put right in ${asked.texts.size} cues.`);
  if (asked.term) await keepTerm(asked.term);
}

async function keepTerm(term) {
  try {
    const { file } = await ask(`${base}/tracks/${encodeURIComponent(track.key)}/term`, "POST", term);
    byId("told").append(` Kept in ${file}.`);
  } catch (error) {
    byId("told").append(` Not kept: ${error.message} ${error.hint ?? ""}`);
  }
}

const beside = () => ({ text: overlapping(otherTrack, cue().start, cue().end).map((one) => one.text).join("\n"), language: otherLanguage });

const actions = {
  hear: () => cue() && again.begin("hear", cue(), track, beside()),
  translate: () => cue() && again.begin("translate", cue(), track, beside()),
  proposal: () => again.open(),
  "play-cue": () => cue() && film.playCue(cue()),
  "next-doubt": () => goToDoubt(1),
  "previous-doubt": () => goToDoubt(-1),
  "set-start": () => edit(() => cue() && cues.change(current, { start: film.now })),
  "set-end": () => edit(() => cue() && cues.change(current, { end: film.now })),
  split: () => edit(() => {
    const field = byId("text");
    const isInText = document.activeElement === field && field.selectionStart > 0 && field.selectionStart < field.value.length;
    const isSplit = cues.split(current, film.now, isInText ? field.selectionStart : null);
    if (!isSplit) tell("The cue is too short to be split.");
  }),
  merge: () => edit(() => { if (!cues.merge(current)) tell("There is no next cue."); }),
  insert: () => { edit(() => cues.insert(current, film.now, filmEnd)); byId("text").focus(); },
  delete: () => edit(() => cues.remove(current)),
  shift,
  replace,
  earlier: () => edit(() => cues.shift(current, -NUDGE, false)),
  later: () => edit(() => cues.shift(current, NUDGE, false)),
  previous: () => step(-1),
  next: () => step(1),
  first: () => choose(cues.list[0]?.id),
  last: () => choose(cues.list.at(-1)?.id),
  undo: () => edit(() => { if (!cues.undo()) tell("Nothing is left to undo."); }),
  redo: () => edit(() => { if (!cues.redo()) tell("Nothing is left to redo."); }),
  save: () => { if (cues.isChanged) save(); },
  run,
  list: () => byId("cues").focus(),
  text: () => byId("text").focus(),
  play: () => film.toggle(),
  stop: () => { film.video.pause(); film.video.playbackRate = 1; },
  back: () => film.seek(Math.max(0, film.now - BACK)),
  "play-faster": () => {
    film.video.playbackRate = film.video.paused ? 1 : Math.min(FASTEST, film.video.playbackRate + 0.5);
    film.play();
  },
  help: () => showKeys([["Everywhere", KEYS], ["Where nothing is written", KEYS_OF_LIST]]),
};

async function open(key) {
  const address = `${base}/tracks/${encodeURIComponent(key)}`;
  track = await ask(address);
  cues = new Cues(track.cues);
  // Times tell a doubt's cue: the desk's and the page's queue are of the file as it was read.
  doubts = track.doubts.flatMap((doubt) => {
    const found = overlapping(cues.list, doubt.start, doubt.end)[0];
    return found ? [{ ...doubt, id: found.id }] : [];
  });
  const seen = new Set();
  doubts = doubts.filter((one) => !seen.has(one.id) && seen.add(one.id));
  current = null;
  byId("text").lang = track.language;
  film.load(`${address}/vtt`, track.language, () => cues.list);
  const others = [...byId("track").options].map((one) => one.value).filter((one) => one !== key);
  const that = others.length ? await ask(`${base}/tracks/${encodeURIComponent(others[0])}`) : { cues: [], language: "" };
  [otherTrack, otherLanguage] = [that.cues, that.language];
  tell(track.locked ? `Only to read: ${track.locked}` : "");
  draw();
}

async function change(key) {
  if (cues.isChanged) {
    const body = [make("p", {}, "What you changed in this track is not saved.")];
    if (await inDialog("Leave this track?", body, [["leave", "Leave it"], ["", "Stay"]]) !== "leave") {
      byId("track").value = track.key;
      return;
    }
  }
  await open(key);
}

function heedFields() {
  byId("text").addEventListener("input", (event) => {
    const text = event.target.value;
    cues.change(current, { text }, `text ${current}`);
    draw();
  });
  byId("text").addEventListener("blur", () => cues.rest());
  for (const edge of ["start", "end"]) {
    byId(edge).addEventListener("change", (event) => {
      const time = typedTime(event.target.value);
      if (time !== null) cues.change(current, { [edge]: time });
      draw();
      if (time === null) byId("fault").textContent = "That is no time: 1:02.5 or 00:01:02.500.";
    });
  }
  byId("track").addEventListener("change", (event) => change(event.target.value));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) actions[button.dataset.do]();
  });
  // A caret that goes away with the press on a button would not tell where to split.
  document.addEventListener("mousedown", (event) => { if (event.target.closest("[data-do]")) event.preventDefault(); });
  window.addEventListener("beforeunload", (event) => { if (cues.isChanged) event.preventDefault(); });
}

function followFilm() {
  film.video.addEventListener("timeupdate", () => {
    drawStrip();
    if (film.video.paused || film.stopsAt !== null || document.activeElement === byId("text")) return;
    const now = overlapping(cues.list, film.now, film.now + 1)[0];
    if (now) choose(now.id, true);
  });
  film.video.addEventListener("seeked", drawStrip);
}

async function begin() {
  heedFields();
  followFilm();
  heed(actions);
  film.open();
  strip.load(`${base}/peaks`);
  const asked = new URLSearchParams(location.search);
  const keys = [...byId("track").options].map((one) => one.value);
  if (keys.includes(asked.get("track"))) byId("track").value = asked.get("track");
  await open(byId("track").value);
  const at = typedTime(asked.get("at") ?? "");
  const there = at === null ? null : cues.list.find((one) => one.end > at);
  choose(there?.id ?? cues.list[0]?.id);
  draw();
  byId("cues").focus({ preventScroll: true });
  listen(`${base}/live`, { state: showRun, log: () => {} });
}

if (byId("cues")) begin().catch((error) => tell(error.message));
