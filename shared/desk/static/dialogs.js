// What is asked before something is done to many cues, and what is shown where two edits meet.
import { make } from "./live.js";
import { placesOf } from "./model.js";
import { shownTime } from "./times.js";

const byId = (id) => document.getElementById(id);

/** Ask in a dialogue; answers the value of the button that closed it, "" for none. */
export function inDialog(title, body, buttons) {
  const dialog = byId("dialog");
  byId("dialog-title").textContent = title;
  byId("dialog-body").replaceChildren(...body);
  byId("dialog-tools").replaceChildren(...buttons.map(([value, text]) => make("button", { value }, text)));
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => answer(dialog.returnValue), { once: true });
  });
}

export async function askShift() {
  const seconds = make("input", { inputmode: "decimal", value: "0.5", autocomplete: "off" });
  const which = make("select", {}, make("option", { value: "end" }, "this cue and all after it"),
    make("option", { value: "one" }, "this cue alone"), make("option", { value: "all" }, "all cues"));
  const body = [make("p", {}, make("label", {}, "Seconds (with - earlier) ", seconds)),
    make("p", {}, make("label", {}, "Which ", which))];
  if (await inDialog("Shift cues", body, [["shift", "Shift"], ["", "Leave it"]]) !== "shift") return null;
  const by = Math.round(Number(seconds.value.replace(",", ".")) * 1000);
  return Number.isFinite(by) && by ? { by, which: which.value } : null;
}

/** Show every place of a word with what it would become; answers the texts that are wanted. */
export async function askReplace(cues, word) {
  const from = make("input", { value: word, autocomplete: "off" });
  const to = make("input", { value: word, autocomplete: "off" });
  const anyCase = make("input", { type: "checkbox" });
  const keeps = make("input", { type: "checkbox" });
  const spoken = make("input", { value: "", autocomplete: "off" });
  const found = make("p", { role: "status" });
  const list = make("ul", { class: "places" });
  let places = [];
  const draw = () => {
    places = placesOf(cues, from.value, anyCase.checked).map(({ cue, pattern }) => {
      const text = cue.text.replace(pattern, () => to.value);
      const box = make("input", { type: "checkbox", checked: true });
      const label = make("label", {}, box, ` ${shownTime(cue.start)} `, make("del", { dir: "auto" }, cue.text), " ",
        make("ins", { dir: "auto" }, text));
      return { cue, text, box, item: make("li", {}, label) };
    });
    list.replaceChildren(...places.map((one) => one.item));
    found.textContent = `${places.length} ${places.length === 1 ? "cue has" : "cues have"} it`;
  };
  for (const one of [from, to, anyCase]) one.addEventListener("input", draw);
  draw();
  const body = [make("p", {}, make("label", {}, "Word ", from)), make("p", {}, make("label", {}, "Right ", to)),
    make("p", {}, make("label", {}, anyCase, " capitals or not")),
    make("p", {}, make("label", {}, keeps, " keep it in the film's glossary for the next run")),
    make("p", {}, make("label", {}, "As it is spoken ", spoken), " (empty: as it is right)"), found, list];
  const buttons = [["replace", "Put right where it is ticked"], ["", "Leave it"]];
  if (await inDialog("Put right everywhere", body, buttons) !== "replace") return null;
  const wanted = places.filter((one) => one.box.checked && one.text !== one.cue.text);
  const right = to.value.trim();
  const term = keeps.checked && right ? { wrong: from.value.trim(), right, spoken: spoken.value.trim() || right } : null;
  return { term, texts: new Map(wanted.map((one) => [one.cue.id, one.text])) };
}

/** Show both versions where somebody else has saved; answers "mine", "theirs" or "". */
export function askConflict(mine, theirs, cause) {
  const told = (cues) => new Set(cues.map((one) => `${shownTime(one.start)} to ${shownTime(one.end)}\n${one.text}`));
  const [ours, others] = [told(mine), told(theirs)];
  const only = (these, those) => [...these].filter((one) => !those.has(one));
  const column = (title, texts) => make("section", { class: "version" }, make("h3", {}, title),
    make("ul", {}, ...texts.map((text) => make("li", { dir: "auto" }, text))));
  const body = [make("p", {}, cause), make("div", { class: "versions-beside" },
    column("Yours", only(ours, others)), column("What is there now", only(others, ours)))];
  return inDialog("Two have edited this track", body,
    [["mine", "Save mine in its place"], ["theirs", "Take theirs (undo brings mine back)"], ["", "Look again"]]);
}

export function showKeys(groups) {
  const body = groups.flatMap(([title, keys]) => [make("h3", {}, title),
    make("dl", { class: "keylist" }, ...keys.flatMap(([key, , told]) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, told)]))]);
  return inDialog("Keys", body, [["", "Close"]]);
}
