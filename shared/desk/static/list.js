// The list of cues: a list box, of which only what changed is drawn again.
import { make } from "./live.js";
import { shownTime } from "./times.js";

export class CueList {
  constructor(element, choose) {
    this.element = element;
    this.rows = new Map();
    element.addEventListener("click", (event) => {
      const row = event.target.closest("[role=option]");
      if (row) choose(row.id);
    });
  }

  show(cues, current, doubts) {
    const rows = cues.map((cue, number) => this.row(cue, number + 1, doubts.has(cue.id)));
    const kept = new Set(rows);
    for (const [id, { row }] of this.rows) {
      if (!kept.has(row)) this.rows.delete(id);
    }
    const { element } = this;
    rows.forEach((row, number) => {
      if (element.children[number] !== row) element.insertBefore(row, element.children[number] ?? null);
    });
    while (element.children.length > rows.length) element.lastChild.remove();
    this.mark(current);
  }

  row(cue, number, isDoubted) {
    const known = this.rows.get(cue.id);
    if (known && known.cue === cue && known.isDoubted === isDoubted) {
      if (known.number !== number) known.row.firstChild.textContent = known.number = number;
      return known.row;
    }
    const row = make("li", { id: cue.id, role: "option", class: isDoubted ? "doubted" : "", "aria-selected": "false" },
      make("span", { class: "number" }, String(number)),
      make("span", { class: "time" }, shownTime(cue.start)),
      make("span", { class: "said", dir: "auto" }, cue.text || "…"));
    this.rows.set(cue.id, { cue, row, number, isDoubted });
    return row;
  }

  mark(current) {
    this.element.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
    const row = this.rows.get(current)?.row;
    if (!row) {
      this.element.removeAttribute("aria-activedescendant");
      return;
    }
    row.setAttribute("aria-selected", "true");
    this.element.setAttribute("aria-activedescendant", current);
    // Only the list moves: on a small screen the page stays where the film is.
    const { element } = this;
    const top = row.offsetTop - element.offsetTop;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + row.offsetHeight > element.scrollTop + element.clientHeight) {
      element.scrollTop = top + row.offsetHeight - element.clientHeight;
    }
  }
}
