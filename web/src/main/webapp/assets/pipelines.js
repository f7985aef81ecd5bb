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
    const next = [button, "up", "down", "out", "edit"].map((each) => row.querySelector(`[data-step="${each}"]:not([disabled])`)).find(Boolean);
    next.focus();
  }

  /** A step's form was asked for. */
  function opened(args) {
    if (args && args.opened) {
      last = null;
      Mimir.open("step-dialog");
    }
  }

  /** A step was put into the definition: its form goes unless something in it is to be mended. */
  function applied(args) {
    if (args && args.done) {
      Mimir.close("step-dialog");
      moved(args, "up");
    } else {
      const wrong = document.querySelector("#step-sheet [aria-invalid], #step-general .note");
      if (wrong) {
        wrong.scrollIntoView({ block: "nearest" });
        wrong.focus();
      }
    }
  }

  // Names of the context go into the field that was used last, in the way that this field is read.

  let last = null;

  function names(field) {
    const mode = document.getElementById(`${field.id}-mode`);
    return mode ? mode.value : field.dataset.names;
  }

  function insert(field, option) {
    const how = names(field);
    const text = { pointer: option.value, cel: option.dataset.cel, text: option.dataset.text }[how];
    if (how === "pointer") {
      field.value = text;
    } else {
      field.setRangeText(text || JSON.stringify({ $pointer: option.value }), field.selectionStart, field.selectionEnd, "end");
    }
    field.focus();
  }

  function pick(select) {
    const option = select.selectedOptions[0];
    const field = (last && last.isConnected && last) || document.querySelector("#step-fields [data-names]:not(#field-name)");
    if (option.value && field) {
      insert(field, option);
    }
    select.value = "";
  }

  document.addEventListener("focusin", (event) => {
    if (event.target.matches("#step-fields [data-names]")) {
      last = event.target;
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.id === "step-names") {
      pick(event.target);
    } else if (event.target.id === "import") {
      take(event.target);
    } else if (event.target.id === "definition") {
      document.getElementById("body").dataset.changed = "true";
    }
  });

  // The text: to a line, to a file, and from one.

  function show(line) {
    const area = document.getElementById("definition");
    const lines = area.value.split("\n");
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    area.focus();
    area.setSelectionRange(start, start + (lines[line - 1] || "").length);
    area.scrollTop = (line - 4) * parseFloat(getComputedStyle(area).lineHeight);
  }

  function save(name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([document.getElementById("definition").value], { type: "application/yaml" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  function take(input) {
    const file = input.files[0];
    if (file) {
      file.text().then((text) => {
        document.getElementById("definition").value = text;
        input.value = "";
        document.getElementById("apply").click();
      });
    }
  }

  document.addEventListener("click", (event) => {
    const line = event.target.closest("[data-line]");
    const file = event.target.closest("[data-file]");
    if (line) {
      show(Number(line.dataset.line));
    } else if (file) {
      save(file.dataset.file);
    }
  });
  window.addEventListener("beforeunload", (event) => {
    const body = document.getElementById("body");
    if (body && body.dataset.changed === "true" && !leaving) {
      event.preventDefault();
    }
  });

  /** A new pipeline goes to its own address once it is saved: that is no leaving. */
  let leaving = false;
  document.addEventListener("click", (event) => {
    leaving = Boolean(event.target.closest("#save"));
  });

  // Steps are dragged: the tree shows the move at once, and the server makes it.

  let dragged = null;

  const rowOf = (event) => event.target.closest && event.target.closest(".tree [data-at]");

  /** Whether a row is a step's own, or one of the steps in it. */
  const within = (row, step) => `${row.dataset.at}/`.startsWith(`${step.dataset.at}/`);

  const isHead = (row) => row.classList.contains("way");

  function behind(row, event) {
    const box = row.getBoundingClientRect();
    return isHead(row) || event.clientY > box.top + box.height / 2;
  }

  function unmark() {
    document.querySelectorAll(".tree .above, .tree .below").forEach((row) => row.classList.remove("above", "below"));
  }

  /** The rows of a step and of all that lies in it. */
  function family(row) {
    const rows = [row];
    for (let next = row.nextElementSibling; next && within(next, row); next = next.nextElementSibling) {
      rows.push(next);
    }
    return rows;
  }

  document.addEventListener("dragstart", (event) => {
    const row = rowOf(event);
    if (row && row.draggable) {
      dragged = row;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", row.dataset.at);
    }
  });
  document.addEventListener("dragover", (event) => {
    const row = dragged && rowOf(event);
    if (row && !within(row, dragged)) {
      event.preventDefault();
      unmark();
      row.classList.add(behind(row, event) ? "below" : "above");
    }
  });
  document.addEventListener("drop", (event) => {
    const row = dragged && rowOf(event);
    if (!row || within(row, dragged)) {
      return;
    }
    event.preventDefault();
    const after = behind(row, event);
    document.getElementById("from").value = dragged.dataset.at;
    document.getElementById("to").value = row.dataset.at;
    document.getElementById("behind").value = String(after);
    const moving = family(dragged);
    const deeper = Number(row.dataset.depth) + (isHead(row) ? 1 : 0) - Number(dragged.dataset.depth);
    moving.forEach((each) => {
      each.dataset.depth = String(Number(each.dataset.depth) + deeper);
    });
    row[after ? "after" : "before"](...moving);
    document.getElementById("drop").click();
  });
  document.addEventListener("dragend", () => {
    dragged = null;
    unmark();
  });

  // The buttons of a step. A move is shown at once as well, with the new places, so that the next press is about the right step.

  const listOf = (row) => row.dataset.at.slice(0, row.dataset.at.lastIndexOf("/"));

  function neighbour(row, way) {
    const next = way === "up" ? "previousElementSibling" : "nextElementSibling";
    let other = row[next];
    while (other && (isHead(other) || listOf(other) !== listOf(row))) {
      other = other[next];
    }
    return other;
  }

  function shift(row, way) {
    const other = neighbour(row, way);
    if (!other) {
      return;
    }
    const moving = family(row);
    const staying = family(other);
    if (way === "up") {
      other.before(...moving);
    } else {
      staying[staying.length - 1].after(...moving);
    }
    const [from, to] = [row.dataset.at, other.dataset.at];
    moving.forEach((each) => { each.dataset.at = to + each.dataset.at.slice(from.length); });
    staying.forEach((each) => { each.dataset.at = from + each.dataset.at.slice(to.length); });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest(".tree [data-step]");
    if (!button) {
      return;
    }
    const row = button.closest("[data-at]");
    const at = { name: "at", value: row.dataset.at };
    const deed = button.dataset.step;
    if (deed === "edit") {
      window.mimirOpenStep([at]);
    } else if (deed === "out") {
      window.mimirRemoveStep([at]);
    } else {
      window.mimirMoveStep([at, { name: "by", value: deed }]);
      shift(row, deed);
      button.focus();
    }
  });

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

  return { moved, opened, applied };
})();
