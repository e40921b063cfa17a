// The strip: peaks of the sound around the present moment, and the cues over them.

const PEAKS_PER_SECOND = 50;
const SHOWN = 12000; // milliseconds, on a wide screen
const LEAST_WIDTH = 900; // pixels that show all of it; a narrow one shows less

export class Strip {
  constructor(canvas, go) {
    this.canvas = canvas;
    this.peaks = new Uint8Array();
    this.loudest = 1;
    this.seen = { now: 0, cues: [], current: null, doubts: new Set() };
    canvas.addEventListener("click", (event) => go(this.timeAt(event.offsetX)));
    new ResizeObserver(() => this.draw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  async load(address) {
    const answer = await fetch(address);
    if (answer.status !== 200) return;
    this.peaks = new Uint8Array(await answer.arrayBuffer());
    this.loudest = this.peaks.reduce((most, peak) => Math.max(most, peak), 1);
    this.draw();
  }

  get span() {
    return SHOWN * Math.min(1, this.canvas.clientWidth / LEAST_WIDTH);
  }

  timeAt(x) {
    return Math.max(0, Math.round(this.from + (x / this.canvas.clientWidth) * this.span));
  }

  get from() {
    return this.seen.now - this.span / 3;
  }

  show(seen) {
    this.seen = seen;
    this.draw();
  }

  draw() {
    const { canvas, seen } = this;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const scale = devicePixelRatio || 1;
    canvas.width = width * scale;
    canvas.height = height * scale;
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    const style = getComputedStyle(canvas);
    const colour = (name) => style.getPropertyValue(`--${name}`);
    const x = (time) => ((time - this.from) / this.span) * width;
    pen.fillStyle = colour("speech");
    const first = Math.max(0, Math.floor((this.from / 1000) * PEAKS_PER_SECOND));
    const last = Math.min(this.peaks.length, Math.ceil(((this.from + this.span) / 1000) * PEAKS_PER_SECOND));
    const bar = width / ((this.span / 1000) * PEAKS_PER_SECOND);
    for (let n = first; n < last; n += 1) {
      const tall = (this.peaks[n] / this.loudest) * (height - 34);
      pen.fillRect(x((n / PEAKS_PER_SECOND) * 1000), (height + 26 - tall) / 2, Math.max(1, bar - 0.5), Math.max(1, tall));
    }
    pen.font = "12px system-ui, sans-serif";
    for (const cue of seen.cues) {
      if (cue.end < this.from || cue.start > this.from + this.span) continue;
      const [left, wide] = [x(cue.start), Math.max(2, x(cue.end) - x(cue.start) - 1)];
      pen.fillStyle = colour(seen.doubts.has(cue.id) ? "doubt" : "cue");
      pen.globalAlpha = cue.id === seen.current ? 0.5 : 0.22;
      pen.fillRect(left, 0, wide, height);
      pen.globalAlpha = 1;
      pen.fillRect(left, 0, wide, 3);
      pen.fillStyle = colour("ink");
      pen.save();
      pen.beginPath();
      pen.rect(left, 0, wide, height);
      pen.clip();
      pen.fillText(cue.text.replace(/\n/g, " / "), left + 4, 18);
      pen.restore();
    }
    pen.fillStyle = colour("bad");
    pen.fillRect(x(seen.now), 0, 2, height);
  }
}
