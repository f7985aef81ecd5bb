/* What every page of the console shares: theme, menus, dialogs, toasts, field errors, copying. */
"use strict";

window.Mimir = (() => {
  const TOAST_MS = 6000;
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  /** An icon of the sprite. */
  function icon(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `${document.getElementById("toasts").dataset.icons}#${name}`);
    svg.append(use);
    return svg;
  }

  // Theme: the server reads the cookie, so that the next page comes in the right colours at once.

  function theme(choice) {
    document.documentElement.dataset.theme = choice;
    const path = new URL(".", document.querySelector(".brand").href).pathname;
    document.cookie = `mimir_theme=${choice};path=${path};max-age=31536000;samesite=strict`;
    for (const button of all("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
    }
    for (const use of all("[data-theme-icon] > summary use")) {
      use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${choice}`));
    }
  }

  // Menus are details elements: they close on Escape, on a choice, and when the focus goes elsewhere.

  function closeMenus(except) {
    for (const menu of all(".menu[open]")) {
      if (!except || !menu.contains(except)) {
        menu.open = false;
      }
    }
  }

  document.addEventListener("click", (event) => {
    closeMenus(event.target.closest(".menu-item") ? null : event.target);
    const choice = event.target.closest("[data-theme-choice]");
    if (choice) {
      theme(choice.dataset.themeChoice);
    }
    const copied = event.target.closest("[data-copy]");
    if (copied) {
      copy(document.getElementById(copied.dataset.copy).value, copied);
    }
    if (event.target.closest("[data-dismiss]")) {
      event.target.closest("dialog").close();
    }
    const toggle = event.target.closest(".nav-toggle");
    const nav = document.getElementById("nav");
    if (toggle) {
      const open = nav.toggleAttribute("data-open");
      toggle.setAttribute("aria-expanded", String(open));
    } else if (nav && nav.hasAttribute("data-open") && !nav.contains(event.target)) {
      closeNav();
    }
  });

  function closeNav() {
    document.getElementById("nav").removeAttribute("data-open");
    document.querySelector(".nav-toggle").setAttribute("aria-expanded", "false");
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") {
      return;
    }
    const front = topmost();
    if (front && front.dataset.forget) {
      event.preventDefault();
      return;
    }
    const menu = document.activeElement.closest(".menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
      event.preventDefault();
    } else if (document.querySelector(".nav[data-open]")) {
      closeNav();
      document.querySelector(".nav-toggle").focus();
    }
  });

  document.addEventListener("focusin", (event) => closeMenus(event.target));

  document.addEventListener(
    "toggle",
    (event) => {
      if (event.target.matches && event.target.matches(".menu[open]")) {
        // Measured as it falls by itself, not as it was turned the last time.
        event.target.classList.remove("up");
        const list = event.target.querySelector(".menu-list").getBoundingClientRect();
        event.target.classList.toggle("up", list.bottom > window.innerHeight && list.height < list.top);
      }
    },
    true,
  );

  // A button that waits for its answer is not pressed again: a second click would save, create or delete twice.
  document.addEventListener(
    "click",
    (event) => {
      if (event.target.closest("button[aria-busy=true]")) {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
    },
    true,
  );

  // Dialogs are the browser's own: it keeps the focus inside and closes them on Escape.

  const openers = new WeakMap();
  let asker = null;

  /** The dialog in front of all others; the one that asks for the password comes last in the page. */
  const topmost = () => all("dialog[open]").at(-1);

  /** Opens a dialog and puts the focus on its first field, or on the one that is named. */
  function open(id, field) {
    const dialog = document.getElementById(id);
    if (!dialog.open) {
      // A choice of a menu has lost the focus by now, with the menu that closed over it.
      // The answer may have drawn it anew.
      let opener = (asker && document.getElementById(asker.id)) || document.activeElement;
      asker = null;
      if (opener && opener.closest(".menu")) {
        opener = opener.closest(".menu").querySelector("summary");
      }
      openers.set(dialog, opener);
      dialog.showModal();
    }
    mark(dialog);
    const first = field ? document.getElementById(field) : dialog.querySelector("[data-first]");
    if (first) {
      first.focus();
    }
  }

  function close(id) {
    document.getElementById(id).close();
  }

  // What is shown once is lost when its dialog closes: its button does that, no key and no gesture.
  document.addEventListener(
    "cancel",
    (event) => {
      if (event.target.matches("dialog[data-forget]")) {
        event.preventDefault();
      }
    },
    true,
  );

  document.addEventListener(
    "close",
    (event) => {
      if (event.target.contains(document.getElementById("toasts"))) {
        (topmost() || document.body).append(document.getElementById("toasts"));
      }
      const secret = document.getElementById(event.target.dataset.forget || "");
      if (secret) {
        secret.value = "";
      }
      for (const password of all("input[type=password]", event.target)) {
        password.value = "";
      }
      if (event.target.id === "confirm-dialog") {
        repeat = null;
      }
      const opener = openers.get(event.target);
      // The button of a form that has closed is still there, and cannot have the focus.
      if (opener && opener.isConnected && opener.getClientRects().length) {
        opener.focus();
      } else {
        const again = opener && opener.id ? document.getElementById(opener.id) : null;
        (again || document.querySelector("[data-fallback]") || document.getElementById("main")).focus();
      }
      openers.delete(event.target);
    },
    true,
  );

  // What a session alone may not do is refused until the password was entered again, and then done again.

  let repeat = null;

  /** Asks for the password, and then does what was refused without it. */
  function confirm(again) {
    open("confirm-dialog");
    repeat = again;
  }

  /** After the password was right. */
  function confirmed(args) {
    if (args && args.done) {
      const again = repeat;
      close("confirm-dialog");
      again();
    }
  }

  // A filter answers while one types: there is nothing to send.
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-live]")) {
      event.preventDefault();
    }
  });

  // Errors beside their fields: what the server wrote there decides how the input is marked.

  function mark(root) {
    let first = null;
    for (const error of all(".field > .error", root)) {
      const bad = error.textContent.trim() !== "";
      const input = error.parentElement.querySelector("input, select, textarea");
      if (input) {
        if (bad) {
          input.setAttribute("aria-invalid", "true");
        } else {
          input.removeAttribute("aria-invalid");
        }
        // What is folded away has its place all the same, in browsers that only skip its painting.
        const folded = bad && input.closest("details:not([open])");
        if (folded) {
          folded.open = true;
        }
        if (bad && !first && input.getClientRects().length) {
          first = input;
        }
      }
    }
    return first;
  }

  // Toasts

  function toast(text, kind) {
    const box = document.createElement("div");
    box.className = `toast ${kind}`;
    const words = document.createElement("div");
    words.textContent = text;
    const shut = document.createElement("button");
    shut.type = "button";
    shut.className = "icon-button";
    shut.setAttribute("aria-label", document.getElementById("toasts").dataset.close);
    shut.append(icon("close"));
    shut.addEventListener("click", () => box.remove());
    box.append(icon(kind === "good" ? "active" : "failing"), words, shut);
    // Whatever is outside an open dialog can neither be heard nor clicked.
    const toasts = document.getElementById("toasts");
    const place = topmost() || document.body;
    if (toasts.parentElement !== place) {
      place.append(toasts);
    }
    toasts.append(box);
    if (kind === "good") {
      const leave = () => setTimeout(() => (box.matches(":hover, :focus-within") ? leave() : box.remove()), TOAST_MS);
      leave();
    }
  }

  function told() {
    for (const line of all(".told li")) {
      toast(line.textContent.trim(), line.className || "good");
      line.remove();
    }
  }

  async function copy(text, button) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      (topmost() || document.body).append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    const use = button.querySelector("use");
    const was = use.getAttribute("href");
    use.setAttribute("href", was.replace(/#.*/, "#active"));
    const live = document.getElementById("toasts").dataset.copied;
    const word = button.querySelector("[data-word]");
    const before = word && word.textContent;
    if (word) {
      word.textContent = live;
    } else {
      button.title = live;
    }
    setTimeout(() => {
      use.setAttribute("href", was);
      if (word) {
        word.textContent = before;
      }
    }, 2000);
  }

  /**
   * What a person enters while the answer to an earlier field is on its way: the answer may draw the
   * fields anew, as they were before.
   */
  const entered = {
    form: null,
    fields: new Map(),
    unfolded: new Set(),
    begin(field) {
      this.form = field.form;
      this.fields.clear();
      this.unfolded = new Set(all("details[open][id]", this.form).map((each) => each.id));
    },
    note(field) {
      if (this.form && field.id && field.form === this.form) {
        this.fields.set(field.id, field);
      }
    },
    fold(details) {
      if (this.form && details.id && this.form.contains(details)) {
        this.unfolded[details.open ? "add" : "delete"](details.id);
      }
    },
    /** Other fields may have come in place of the old ones: a choice that is no more is given up. */
    end() {
      this.fields.forEach((old, id) => {
        const now = document.getElementById(id);
        if (!now || now === old || now.type !== old.type || now.disabled) {
          return;
        }
        if (now.type === "checkbox") {
          now.checked = old.checked;
        } else if (!now.options || Array.from(now.options).some((each) => each.value === old.value)) {
          now.value = old.value;
        }
      });
      this.unfolded.forEach((id) => {
        const details = document.getElementById(id);
        if (details) {
          details.open = true;
        }
      });
      this.form = null;
      this.fields.clear();
      this.unfolded.clear();
    },
  };

  // Requests of PrimeFaces: the button that asked is busy, and whatever comes back is told.

  function listen() {
    const $ = window.jQuery;
    if (!$) {
      return;
    }
    const sources = new Map();
    const source = (settings) => {
      const id = settings && settings.source && (settings.source.id || settings.source);
      return typeof id === "string" ? document.getElementById(id) : null;
    };
    for (const kind of ["input", "change"]) {
      document.addEventListener(kind, (event) => entered.note(event.target), true);
    }
    document.addEventListener("toggle", (event) => entered.fold(event.target), true);
    $(document).on("pfAjaxSend", (event, xhr, settings) => {
      const button = source(settings);
      if (button && button.matches("select, input, textarea")) {
        entered.begin(button);
      }
      // What a script asks for by itself makes nobody wait.
      if (button && button.matches("button:not([data-quiet])")) {
        // Failures stay until they are read: whoever goes on has read them.
        all(".toast.bad").forEach((old) => old.remove());
        button.setAttribute("aria-busy", "true");
        asker = button;
        sources.set(xhr, button);
      }
    });
    const settle = (xhr) => {
      const button = sources.get(xhr);
      sources.delete(xhr);
      if (button) {
        button.removeAttribute("aria-busy");
      }
      return button;
    };
    $(document).on("pfAjaxComplete", (event, xhr, settings, args) => {
      entered.end();
      const button = settle(xhr);
      told();
      if (args && args.passwordRequired && button) {
        confirm(() => document.getElementById(button.id).click());
        return;
      }
      asker = null;
      const bad = mark(topmost() || document);
      if (bad && button && button.form && button.form.contains(bad)) {
        bad.focus();
      }
    });
    $(document).on("pfAjaxError", (event, xhr) => {
      settle(xhr);
      const data = document.getElementById("toasts").dataset;
      if (xhr && xhr.status > 0 && /id="signin"/.test(xhr.responseText || "")) {
        location.assign(`${data.login}?expired&next=${encodeURIComponent(location.pathname)}`);
      } else if (xhr && xhr.status > 0 && /ViewExpiredException/.test(xhr.responseText || "")) {
        location.reload();
      } else {
        toast(data.lost, "bad");
      }
    });
  }

  // The token of the setup link: it came in the part of the address that is never sent.

  function setupToken() {
    const input = document.querySelector("[data-token]");
    const token = new URLSearchParams(location.hash.slice(1)).get("token");
    if (input && token) {
      input.value = token;
      input.closest(".field").hidden = true;
      history.replaceState(null, "", location.pathname);
      // It is not sent, and a redirect keeps it: whoever chooses another language comes back with it.
      const languages = document.querySelector(".languages");
      languages.action = `${languages.action}#token=${encodeURIComponent(token)}`;
    } else if (input) {
      input.focus();
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    listen();
    const tab = document.querySelector(".tabs [aria-current]");
    if (tab) {
      tab.scrollIntoView({ block: "nearest", inline: "center" });
    }
    setupToken();
    const bad = mark(document);
    if (bad) {
      bad.focus();
    }
    if (document.getElementById("toasts")) {
      told();
    }
  });

  /** After a key was saved: closes its form, and has it tested where that was asked for. */
  function saved(args) {
    if (args && args.done) {
      close("key-dialog");
      const row = args.test && document.querySelector(`[data-key="${CSS.escape(args.test)}"] [data-test]`);
      if (row) {
        row.click();
      }
    }
  }

  /** Puts the focus on a field that has just appeared. */
  function reach(id) {
    const field = document.getElementById(id);
    if (field) {
      field.focus();
    }
  }

  /** Scrolls to what has just been told. */
  function reveal(id) {
    document.getElementById(id).scrollIntoView({ block: "nearest" });
  }

  /** After a token was made: this is the one time that it can be seen. */
  function issued(args) {
    if (args && args.done) {
      close("token-dialog");
      open("once-dialog");
    }
  }

  /** What was typed is of no more use. */
  function passwordChanged(args) {
    if (args && args.done) {
      document.getElementById("password").reset();
    }
  }

  return { confirm, confirmed, issued, passwordChanged, reach, reveal, saved, open, close, mark, toast, icon, copy, closeMenus };
})();
