"use strict";
(() => {
  const doubts = [...document.querySelectorAll("li.doubt")];
  let current = -1;

  function go(number) {
    if (!doubts.length) return;
    current = Math.max(0, Math.min(doubts.length - 1, number));
    doubts.forEach((one, index) => one.classList.toggle("now", index === current));
    doubts[current].scrollIntoView({ block: "start" });
    doubts[current].focus({ preventScroll: true });
  }

  function hear() {
    const sound = current >= 0 && doubts[current].querySelector("audio");
    if (!sound) return false;
    if (sound.paused) sound.play().catch(() => {});
    else sound.pause();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, button, summary, audio, a");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "F8" || (event.key === "n" && !typing)) go(current + 1);
    else if (event.key === "p" && !typing) go(current - 1);
    else if (event.key === " " && !typing && hear()) { /* heard */ } else return;
    event.preventDefault();
  });

  // One sound at a time.
  document.addEventListener("play", (event) => {
    document.querySelectorAll("audio").forEach((one) => one !== event.target && one.pause());
  }, true);

  // A click on the strip goes to the doubt, which then is the one that the keys begin from.
  window.addEventListener("hashchange", () => {
    const found = doubts.findIndex((one) => "#" + one.id === location.hash);
    if (found >= 0) go(found);
  });

  for (const code of document.querySelectorAll(".commands code")) {
    if (!navigator.clipboard) break;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.setAttribute("aria-label", "Copy: " + code.closest("dd").previousElementSibling.textContent);
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    });
    code.after(button);
  }

  const find = document.getElementById("find");
  if (find) {
    const rows = [...document.querySelectorAll(".sides tbody tr")];
    const texts = rows.map((row) => row.textContent.toLocaleLowerCase());
    find.closest("p").hidden = false;
    find.addEventListener("input", () => {
      const wanted = find.value.toLocaleLowerCase().trim();
      let count = 0;
      rows.forEach((row, index) => {
        const fits = !wanted || texts[index].includes(wanted);
        row.hidden = !fits;
        count += fits;
      });
      document.getElementById("found").textContent = wanted ? count + " of " + rows.length : "";
    });
  }

  window.addEventListener("beforeprint", () => {
    document.querySelectorAll("details").forEach((one) => { one.open = true; });
  });
})();
