// Times of cues: whole milliseconds here, clock times for people.

/** 62500 as 00:01:02.500. */
export function shownTime(milliseconds) {
  const [whole, rest] = [Math.floor(milliseconds / 1000), milliseconds % 1000];
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return `${parts.map((part) => String(part).padStart(2, "0")).join(":")}.${String(rest).padStart(3, "0")}`;
}

/** What somebody typed as milliseconds: 1:02.5, 62,5 and 00:01:02.500 are the same; null for no time. */
export function typedTime(text) {
  const found = /^\s*(?:(?:(\d{1,2}):)?(\d{1,2}):)?(\d{1,5})(?:[.,](\d{1,3}))?\s*$/.exec(text);
  if (!found) return null;
  const [, hours = "0", minutes = "0", seconds, part = "0"] = found;
  return ((+hours * 60 + +minutes) * 60 + +seconds) * 1000 + Number(part.padEnd(3, "0"));
}
