// Keys as Subtitle Edit has them. What is typed into a field stays there: those act elsewhere alone.

export const KEYS = [
  ["F5", "play-cue", "play this cue"],
  ["F8", "next-doubt", "next doubt"],
  ["Shift+F8", "previous-doubt", "doubt before"],
  ["F11", "set-start", "the cue starts now"],
  ["F12", "set-end", "the cue ends now"],
  ["Ctrl+Alt+V", "split", "split the cue where the film is, its text where the caret is"],
  ["Ctrl+Shift+M", "merge", "merge with the next cue"],
  ["Alt+Insert", "insert", "insert a cue after this one"],
  ["Alt+Delete", "delete", "delete the cue"],
  ["Ctrl+Shift+S", "shift", "shift cues …"],
  ["Ctrl+H", "replace", "put a word right everywhere …"],
  ["Alt+H", "hear", "hear the cue again …; again: stop"],
  ["Alt+T", "translate", "translate the cue again …; again: stop"],
  ["Alt+P", "proposal", "see what came of it"],
  ["Alt+Shift+ArrowLeft", "earlier", "the cue 0.1 s earlier"],
  ["Alt+Shift+ArrowRight", "later", "the cue 0.1 s later"],
  ["Alt+ArrowUp", "previous", "cue before"],
  ["Alt+ArrowDown", "next", "next cue"],
  ["Ctrl+Z", "undo", "undo"],
  ["Ctrl+Y", "redo", "redo"],
  ["Ctrl+Shift+Z", "redo", "redo"],
  ["Ctrl+S", "save", "save"],
  ["Ctrl+Enter", "run", "save, and make the film with it"],
  ["Escape", "list", "from a field to the list of cues"],
];
export const KEYS_OF_LIST = [
  ["Space", "play", "play or stop"],
  ["K", "stop", "stop"],
  ["J", "back", "a second back"],
  ["L", "play-faster", "play; again: faster"],
  ["ArrowUp", "previous", "cue before"],
  ["ArrowDown", "next", "next cue"],
  ["Home", "first", "first cue"],
  ["End", "last", "last cue"],
  ["Enter", "text", "write in the cue"],
  ["Insert", "insert", "insert a cue after this one"],
  ["Delete", "delete", "delete the cue"],
  ["?", "help", "these keys"],
];

const FIELDS = "input, textarea, select, button, a, video, dialog";

function nameOf(event) {
  const parts = [event.ctrlKey || event.metaKey ? "Ctrl" : "", event.altKey ? "Alt" : ""];
  const isLetter = /^Key[A-Z]$/.test(event.code);
  const key = isLetter ? event.code.slice(3) : event.code === "Space" ? "Space" : event.key;
  if (key === "?") return "?";
  return [...parts, event.shiftKey ? "Shift" : "", key].filter(Boolean).join("+");
}

/** Have keys do what they stand for. */
export function heed(actions) {
  const everywhere = new Map(KEYS);
  const elsewhere = new Map(KEYS_OF_LIST);
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.target.closest("dialog")) return;
    const name = nameOf(event);
    const isField = event.target.closest(FIELDS) !== null;
    const action = everywhere.get(name) ?? (isField ? undefined : elsewhere.get(name));
    if (!action || (name === "Escape" && !isField)) return;
    event.preventDefault();
    actions[action]();
  });
}
