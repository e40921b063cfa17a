// The film with its subtitles, as the browser itself plays them.
import { ask } from "./live.js";

const ASK_AGAIN = 1000;
const SIMPLE_TAG = /&lt;(\/?[ibu])&gt;/gi;

/** A text of SRT as WebVTT has it: the simple tags act, everything else is text. */
function asVtt(text) {
  const escaped = text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  return escaped.replace(SIMPLE_TAG, "<$1>");
}

export class Film {
  constructor(base, video, told) {
    [this.base, this.video, this.told] = [base, video, told];
    this.stopsAt = null;
    this.shown = new Map();
    video.addEventListener("timeupdate", () => this.stop());
    video.addEventListener("error", () => { if (!this.isCopy && video.currentSrc) this.open(true); });
  }

  /** Play the film itself, or its copy, once there is one. */
  async open(wantsCopy = false) {
    this.isCopy = wantsCopy;
    const query = wantsCopy ? "?copy=1" : "";
    try {
      const found = await ask(`${this.base}/film/state${query}`);
      if (found.state === "making") {
        this.told(`The film is made playable: ${Math.round(found.share * 100)}%`);
        setTimeout(() => this.open(wantsCopy), ASK_AGAIN);
        return;
      }
      if (found.state === "failed") {
        this.told(`The film cannot be shown: ${found.problem}`);
        return;
      }
      this.told("");
      this.video.src = `${this.base}/film${query}`;
    } catch (error) {
      this.told(`The film cannot be shown: ${error.message}`);
    }
  }

  get now() {
    return Math.round(this.video.currentTime * 1000);
  }

  seek(milliseconds) {
    this.stopsAt = null;
    this.video.currentTime = milliseconds / 1000;
  }

  toggle() {
    this.stopsAt = null;
    if (this.video.paused) this.play();
    else this.video.pause();
  }

  play() {
    this.video.play().catch((error) => this.told(error.name === "AbortError" ? "" : error.message));
  }

  playCue(cue) {
    this.seek(cue.start);
    this.stopsAt = cue.end;
    this.play();
  }

  stop() {
    if (this.stopsAt !== null && this.now >= this.stopsAt) {
      this.stopsAt = null;
      this.video.pause();
    }
  }

  /** Show a track of the desk; what is edited takes its place cue by cue. */
  load(address, language, current) {
    const element = this.video.querySelector("track");
    this.shown = null;
    element.onload = () => this.show(current(), true);
    element.srclang = language;
    element.src = address;
    element.track.mode = "showing";
  }

  show(cues, isLoaded = false) {
    const { track } = this.video.querySelector("track");
    if (isLoaded) {
      for (const one of [...(track.cues ?? [])]) track.removeCue(one);
      this.shown = new Map();
    }
    if (this.shown === null || !track.cues) return; // its own are not there yet
    const wanted = new Map(cues.map((cue) => [cue.id, cue]));
    for (const [id, { cue, vtt }] of this.shown) {
      if (wanted.get(id) !== cue) {
        track.removeCue(vtt);
        this.shown.delete(id);
      }
    }
    for (const cue of cues) {
      if (this.shown.has(cue.id) || cue.end <= cue.start) continue;
      const vtt = new VTTCue(cue.start / 1000, cue.end / 1000, asVtt(cue.text));
      track.addCue(vtt);
      this.shown.set(cue.id, { cue, vtt });
    }
  }
}
