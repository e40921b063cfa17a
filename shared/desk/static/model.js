// The cues of a track and what was done to them. A cue is never changed: another takes its place, so
// that a step back is the list of before, and what has changed is told by comparing objects.

const SHORTEST = 100; // milliseconds, of what a split or an insertion makes
const INSERTED = 2000;
let lastId = 0;

export function makeCue(start, end, text) {
  lastId += 1;
  return Object.freeze({ id: `cue-${lastId}`, start, end, text });
}

const inOrder = (cues) => [...cues].sort((a, b) => a.start - b.start || a.end - b.end);

export class Cues {
  constructor(cues) {
    this.list = inOrder(cues.map((one) => makeCue(one.start, one.end, one.text)));
    this.saved = this.list;
    this.past = [];
    this.future = [];
    this.kind = "";
  }

  get isChanged() {
    return this.list !== this.saved && !same(this.list, this.saved);
  }

  at(id) {
    return this.list.findIndex((one) => one.id === id);
  }

  /** Take another list; steps of one kind in a row (typing in a cue) are undone together. */
  become(list, kind = "") {
    if (same(list, this.list)) return;
    if (!kind || kind !== this.kind) this.past.push(this.list);
    this.kind = kind;
    this.future = [];
    this.list = inOrder(list);
  }

  /** End a row of steps of one kind. */
  rest() {
    this.kind = "";
  }

  undo() {
    if (!this.past.length) return false;
    this.future.push(this.list);
    this.list = this.past.pop();
    this.kind = "";
    return true;
  }

  redo() {
    if (!this.future.length) return false;
    this.past.push(this.list);
    this.list = this.future.pop();
    this.kind = "";
    return true;
  }

  change(id, values, kind = "") {
    this.become(this.list.map((one) => (one.id === id ? Object.freeze({ ...one, ...values }) : one)), kind);
  }

  /** Part a cue at a time and at a place of its text; returns the id of the second half. */
  split(id, time, place) {
    const cue = this.list[this.at(id)];
    if (!cue || cue.end - cue.start < 2 * SHORTEST) return null;
    const cut = place ?? middleOf(cue.text);
    const share = cue.text.length ? cut / cue.text.length : 0.5;
    const isInside = time > cue.start + SHORTEST && time < cue.end - SHORTEST;
    const wanted = isInside ? time : cue.start + (cue.end - cue.start) * share;
    const at = Math.round(Math.min(cue.end - SHORTEST, Math.max(cue.start + SHORTEST, wanted)));
    const second = makeCue(at, cue.end, cue.text.slice(cut).trim());
    const first = Object.freeze({ ...cue, end: at, text: cue.text.slice(0, cut).trim() });
    this.become(this.list.flatMap((one) => (one.id === id ? [first, second] : [one])));
    return second.id;
  }

  /** Make one cue of this and the next. */
  merge(id) {
    const [cue, next] = this.list.slice(this.at(id), this.at(id) + 2);
    if (!cue || !next) return false;
    const text = [cue.text, next.text].filter(Boolean).join("\n");
    const both = Object.freeze({ ...cue, end: Math.max(cue.end, next.end), text });
    this.become(this.list.filter((one) => one !== next).map((one) => (one === cue ? both : one)));
    return true;
  }

  /** Insert an empty cue after another, or at a time; returns its id. */
  insert(id, time, filmEnd) {
    const place = this.at(id);
    const start = place < 0 ? time : this.list[place].end;
    const next = this.list[place + 1];
    const room = Math.min(next ? next.start : filmEnd, filmEnd) - start;
    const made = makeCue(start, start + Math.max(SHORTEST, Math.min(INSERTED, room)), "");
    this.become([...this.list, made]);
    return made.id;
  }

  remove(id) {
    const place = this.at(id);
    this.become(this.list.filter((one) => one.id !== id));
    return this.list[Math.min(place, this.list.length - 1)]?.id ?? null;
  }

  /** Move cues by milliseconds, from one to the end of the film or that one alone; none before 0. */
  shift(id, milliseconds, isToEnd) {
    const place = this.at(id);
    this.become(this.list.map((one, number) => {
      if (isToEnd ? number < place : number !== place) return one;
      const by = Math.max(milliseconds, -one.start);
      return Object.freeze({ ...one, start: one.start + by, end: one.end + by });
    }));
  }

  /** Put cues in the place of one, as one step; times that are null are its own. */
  replace(id, cues) {
    const cue = this.list[this.at(id)];
    if (!cue || !cues.length) return false;
    const made = cues.map((one, number) => (number ? makeCue(one.start, one.end, one.text)
      : Object.freeze({ ...cue, start: one.start ?? cue.start, end: one.end ?? cue.end, text: one.text })));
    this.become(this.list.flatMap((one) => (one === cue ? made : [one])));
    return true;
  }

  /** Give cues other texts, by their ids, as one step. */
  rewrite(texts) {
    this.become(this.list.map((one) => (texts.has(one.id) ? Object.freeze({ ...one, text: texts.get(one.id) }) : one)));
  }
}

/** Where a word stands in texts: whole words only, in the letters of any language. */
export function placesOf(cues, word, isAnyCase) {
  if (!word.trim()) return [];
  const escaped = word.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const letter = "[\\p{L}\\p{M}\\p{N}]";
  const pattern = new RegExp(`(?<!${letter})${escaped}(?!${letter})`, isAnyCase ? "giu" : "gu");
  return cues.filter((one) => one.text.search(pattern) >= 0).map((cue) => ({ cue, pattern }));
}

function middleOf(text) {
  const line = text.indexOf("\n");
  if (line > 0) return line;
  const half = Math.floor(text.length / 2);
  const after = text.indexOf(" ", half);
  return after > 0 ? after : half;
}

function same(one, other) {
  return one.length === other.length && one.every((cue, number) => {
    const there = other[number];
    return cue === there || (cue.start === there.start && cue.end === there.end && cue.text === there.text);
  });
}
