// One cue heard, or its text translated, once more: what comes out is a proposal to take or to leave.
import { inDialog } from "./dialogs.js";
import { ask, make } from "./live.js";
import { shownTime } from "./times.js";

const LOOK = 700;
const HEAR = "hear";
const row = (text, field) => make("p", {}, make("label", {}, text, field));
const choice = (pairs) => make("select", {}, ...pairs.map(([value, text]) => make("option", { value }, text)));
const seconds = (value) => make("input", { inputmode: "decimal", value, autocomplete: "off" });
const number = (field) => Math.round(Number(field.value.replace(",", ".")) * 1000) || 0;

/** Ask how a cue is to be heard again; answers what the desk is asked, null for nothing. */
async function askHear(cue, models, language, filmEnd) {
  const model = choice([["", "as this job"], ...models.map((name) => [name, name])]);
  const beams = choice([["0", "as this job"], ["1", "1 (fast)"], ["5", "5"], ["10", "10 (slow)"]]);
  const separation = choice([["", "as this job"], ["off", "as it sounds"], ["center", "the centre channel alone"], ["demucs", "without music (Demucs, slow)"]]);
  const spoken = make("input", { value: language, autocomplete: "off", placeholder: "as this job" });
  const [before, after] = [seconds("0"), seconds("0")];
  const body = [row("Model ", model), row("Beams ", beams), row("Sound ", separation), row("Spoken language (de, hi …) ", spoken),
    row("Seconds more before ", before), row("Seconds more after ", after)];
  if (await inDialog("Hear this cue again", body, [["go", "Hear it"], ["", "Leave it"]]) !== "go") return null;
  const [start, end] = [Math.max(0, cue.start - number(before)), Math.min(filmEnd, cue.end + number(after))];
  return { what: HEAR, start, end, model: model.value, beams: Number(beams.value), separation: separation.value, language: spoken.value.trim() };
}

/** Ask what is to be translated again, and by which engine. */
async function askTranslate(cue, source, language) {
  const text = make("textarea", { rows: 3, dir: "auto" });
  text.value = source;
  const written = make("input", { value: language, autocomplete: "off" });
  const engine = choice([["", "as this job"], ["whisper", "Whisper (from the sound, into English)"], ["nllb", "NLLB"],
    ["indictrans2", "IndicTrans2"], ["llm", "a language model"]]);
  const body = [row("What is said ", text), row("In the language (de, hi …) ", written), row("By ", engine)];
  if (await inDialog("Translate this cue again", body, [["go", "Translate it"], ["", "Leave it"]]) !== "go") return null;
  return { what: "translate", start: cue.start, end: cue.end, text: text.value, language: written.value.trim(), engine: engine.value };
}

export class Again {
  /** What is told and shown; `hooks`: tell(text), take(id, cues), the address of the job, models, the film's end. */
  constructor(hooks) {
    this.hooks = hooks;
    this.work = null; // { id of the cue, cue, what }
    this.proposal = null;
    this.button = hooks.button;
  }

  get isAtWork() {
    return this.work !== null;
  }

  /** Begin; or end what is at work. `beside`: text and language of the other track. */
  async begin(what, cue, track, beside) {
    if (this.isAtWork) return this.stop();
    const { base, models, filmEnd, tell } = this.hooks;
    const asked = what === HEAR
      ? await askHear(cue, models, "", filmEnd)
      : await askTranslate(cue, beside.text, beside.language);
    if (!asked) return;
    try {
      await ask(`${base}/tracks/${encodeURIComponent(track.key)}/again`, "POST", asked);
    } catch (error) {
      tell(`${error.message} ${error.hint ?? ""}`);
      return;
    }
    this.work = { id: cue.id, cue, what };
    this.show(null);
    this.look();
  }

  async stop() {
    await ask(`${this.hooks.base}/again`, "DELETE");
    this.work = null;
    this.hooks.tell("Stopped.");
    this.show(null);
  }

  async look() {
    const { base, tell } = this.hooks;
    const work = this.work;
    if (!work) return;
    let seen;
    try {
      seen = await ask(`${base}/again`);
    } catch (error) {
      seen = { state: "failed", said: error.message };
    }
    if (this.work !== work) return;
    if (seen.state === "running") {
      tell(`${work.what === HEAR ? "Heard" : "Translated"} again: ${seen.said || "it begins"} (the same key stops it)`);
      setTimeout(() => this.look(), LOOK);
      return;
    }
    this.work = null;
    if (seen.state === "failed") tell(`Not done: ${seen.said}`);
    else if (!seen.cues.length) tell(work.what === HEAR ? "Nothing was heard there." : "Nothing came of it.");
    else {
      tell("A proposal is here: Alt+P shows it.");
      this.show({ ...work, cues: seen.cues });
      return;
    }
    this.show(null);
  }

  show(proposal) {
    this.proposal = proposal;
    this.button.disabled = !proposal;
  }

  /** Show the proposal beside what is there; the person may write in it before taking it. */
  async open() {
    const { proposal } = this;
    if (!proposal) {
      this.hooks.tell("There is no proposal.");
      return;
    }
    const fields = proposal.cues.map((one) => {
      const text = make("textarea", { rows: 2, dir: "auto", "aria-label": `Proposed, from ${shownTime(one.start)}` });
      text.value = one.text;
      return { one, text };
    });
    const keeps = make("input", { type: "checkbox", checked: fields.length === 1 });
    const body = [make("p", {}, "There is: ", make("del", { dir: "auto", class: "said" }, proposal.cue.text)),
      ...fields.flatMap(({ one, text }) => [make("p", { class: "tag" }, `${shownTime(one.start)} to ${shownTime(one.end)}`), text])];
    if (fields.length === 1) body.push(make("p", {}, make("label", {}, keeps, " keep the times of the cue")));
    const chosen = await inDialog("A proposal", body, [["take", "Take it"], ["", "Later"], ["leave", "Leave it"]]);
    if (!chosen) return;
    this.show(null);
    if (chosen === "leave") {
      this.hooks.tell("Left as it was.");
      return;
    }
    const kept = fields.length === 1 && keeps.checked;
    this.hooks.take(proposal.id, fields.map(({ one, text }) => ({
      start: kept ? null : one.start, end: kept ? null : one.end, text: text.value,
    })).filter((one) => one.text.trim()));
  }
}
