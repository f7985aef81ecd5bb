/* The builder of pipelines and the page of a run: where the focus goes, and a page that follows its run. */
"use strict";

window.MimirPipelines = (() => {
  /** Steps give news in bursts: one look at the page for each of them would be too much. */
  const PAUSE_MS = 700;

  /** The focus goes with the step that was moved or added; of one that was removed, to its list. */
  function moved(args, button) {
    const row = args && args.at && document.querySelector(`[data-at="${CSS.escape(args.at)}"]`);
    if (!row) {
      document.getElementById("kind").focus();
      return;
    }
    row.scrollIntoView({ block: "nearest" });
    const next = row.querySelector(`[data-move="${button}"]:not([disabled])`) || row.querySelector("button:not([disabled])");
    next.focus();
  }

  // A run: its events say that something has happened, and the page is drawn anew then.

  let source = null;
  let timer = null;
  let spoken = "";

  const watched = () => document.getElementById("watched");

  function look() {
    if (!timer) {
      timer = setTimeout(() => {
        timer = null;
        if (watched().dataset.events) {
          document.getElementById("refresh").click();
        }
      }, PAUSE_MS);
    }
  }

  function follow() {
    const address = watched().dataset.events;
    if (!address) {
      if (source) {
        source.close();
        source = null;
      }
    } else if (!source) {
      source = new EventSource(address);
      source.addEventListener("step", look);
      source.addEventListener("run", look);
      source.addEventListener("error", look);
    }
  }

  function speak() {
    const state = watched().dataset.state;
    if (state !== spoken) {
      document.getElementById("spoken").textContent = state;
      spoken = state;
    }
  }

  /** What is unfolded stays so, and the focus where it was, when the run is drawn anew. */
  function keep() {
    let open = [];
    let focus = null;
    window.jQuery(document).on("pfAjaxSend", () => {
      open = [...document.querySelectorAll("#run details[open]")].map((each) => each.id);
      const active = document.activeElement;
      focus = active && active.closest("#run") ? active.id || (active.closest("details") || {}).id : null;
    });
    window.jQuery(document).on("pfAjaxComplete", () => {
      for (const id of open) {
        const details = document.getElementById(id);
        if (details) {
          details.open = true;
        }
      }
      const again = focus && document.getElementById(focus);
      if (again && document.activeElement === document.body) {
        (again.matches("details") ? again.querySelector("summary") : again).focus();
      }
      speak();
      follow();
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    if (watched()) {
      spoken = watched().dataset.state;
      keep();
      follow();
    }
  });

  return { moved };
})();
