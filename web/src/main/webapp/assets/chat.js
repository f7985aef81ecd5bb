/* The chat: conversations, and answers as they come. It speaks the API that every client speaks. */
"use strict";

(() => {
  const root = document.getElementById("chat");
  const { keys } = root.dataset;
  const client = Mimir.client(root);
  const { texts, t, call, json, Refusal } = client;
  const { make, iconButton } = Mimir;
  const byId = (id) => document.getElementById(id);
  const LAST_MODEL = "mimir.model";
  const RENDER_MS = 60;

  let admin = false;
  let models = [];
  let talks = [];
  let current = null;
  let running = null;

  // Models

  function showModels() {
    const select = byId("model");
    const groups = new Map();
    models.forEach((model, index) => {
      const source = model.provider || "pipeline";
      if (!groups.has(source)) {
        const group = make("optgroup");
        group.label = texts[`provider.${source}`] || source;
        groups.set(source, group);
      }
      const option = make("option", "", model.label);
      option.value = index;
      groups.get(source).append(option);
    });
    select.replaceChildren(...groups.values());
    select.hidden = models.length === 0;
  }

  function chosenModel() {
    return models[byId("model").value];
  }

  function choose(provider, name) {
    const wanted = models.findIndex((model) => model.id === name && (!provider || model.provider === provider));
    if (wanted >= 0) {
      byId("model").value = wanted;
    }
  }

  byId("model").addEventListener("change", () => {
    const model = chosenModel();
    localStorage.setItem(LAST_MODEL, JSON.stringify([model.provider, model.id]));
  });

  // Conversations

  function showTalks() {
    const items = talks.map((talk) => {
      const item = make("li", "talk");
      const open = make("button", "", talk.title || t("untitled"));
      open.type = "button";
      open.id = `talk-${talk.id}`;
      open.title = talk.title || t("untitled");
      open.addEventListener("click", () => select(talk.id));
      if (current && current.id === talk.id) {
        item.dataset.current = "";
        open.setAttribute("aria-current", "true");
      }
      const menu = make("details", "menu");
      const summary = make("summary", "icon-button", Mimir.icon("more"));
      summary.id = `more-${talk.id}`;
      summary.setAttribute("aria-label", t("more", talk.title || t("untitled")));
      const list = make("div", "menu-list", choice("edit", t("rename"), () => askName(talk)), choice("trash", t("delete"), () => askDelete(talk)));
      list.lastChild.classList.add("danger");
      menu.append(summary, list);
      item.append(open, menu);
      return item;
    });
    // The list is made anew: whoever stands in it stays where they were.
    const held = byId("talks").contains(document.activeElement) ? document.activeElement.id : null;
    byId("talks").replaceChildren(...items);
    if (held !== null) {
      (byId(held) || byId("new")).focus();
    }
    byId("no-talks").hidden = talks.length > 0;
  }

  function choice(icon, label, action) {
    const button = make("button", "menu-item", Mimir.icon(icon), label);
    button.type = "button";
    button.addEventListener("click", action);
    return button;
  }

  async function loadTalks() {
    talks = await json("GET", "/chat?limit=100");
    showTalks();
  }

  async function select(id) {
    stop();
    closeTalks();
    byId("messages").replaceChildren(make("span", "shape"), make("span", "shape"), make("span", "shape"));
    try {
      current = await json("GET", `/chat/${encodeURIComponent(id)}`);
    } catch (refusal) {
      current = null;
      byId("messages").replaceChildren(refused(refusal, () => select(id)));
      return;
    }
    history.replaceState(null, "", `#${current.id}`);
    choose(current.model_provider, current.model_name);
    showThread();
    byId("message").focus();
  }

  function fresh() {
    stop();
    closeTalks();
    current = null;
    history.replaceState(null, "", location.pathname);
    showThread();
    byId("message").focus();
  }

  function showThread() {
    byId("thread-title").textContent = (current && (current.title || t("untitled"))) || t("new");
    byId("system").value = (current && current.system_prompt) || "";
    const lines = ((current && current.messages) || []).map(line);
    byId("messages").replaceChildren(...(lines.length ? lines : [emptyThread()]));
    byId("messages").scrollTop = byId("messages").scrollHeight;
    byId("composer").hidden = models.length === 0;
    showTalks();
  }

  function emptyThread() {
    const box = make("div", "empty");
    if (models.length > 0) {
      box.append(Mimir.icon("chat"), make("h2", "", t("empty.title")), make("p", "", t("empty.text")));
    } else {
      box.append(Mimir.icon("key"), make("h2", "", t("nokey.title")), make("p", "", t(admin ? "nokey.admin" : "nokey.user")));
      if (admin) {
        box.append(make("div", "buttons", keysLink()));
      }
    }
    return box;
  }

  function keysLink() {
    const link = make("a", "button main", t("nokey.add"));
    link.href = keys;
    return link;
  }

  // Messages

  function line(message) {
    return message.role === "user" ? asked(message.content) : answered(message);
  }

  function asked(text) {
    const words = make("div", "text", text);
    return make("div", "message user", make("span", "unseen", t("you")), words);
  }

  function answered(message) {
    const node = make("div", "message assistant", make("span", "unseen", t("model")), make("div", "text prose"), make("div", "foot"));
    render(node, message.content);
    finish(node, message);
    return node;
  }

  function render(node, text) {
    node.text = text;
    const body = node.querySelector(".text");
    body.replaceChildren(...Mimir.markdown(text));
    for (const box of body.querySelectorAll(".code")) {
      box.append(iconButton("copy", t("copy.code"), (button) => Mimir.copy(box.querySelector("code").textContent, button)));
    }
  }

  function finish(node, message) {
    const foot = node.querySelector(".foot");
    foot.replaceChildren(iconButton("copy", t("copy"), (button) => Mimir.copy(node.text, button)));
    if (message && message.model) {
      foot.append(make("span", "", message.model));
    }
    if (message && message.key_name) {
      foot.append(make("span", "", t("by", message.key_name)));
    }
    const usage = message && message.usage;
    if (usage && (usage.input_tokens !== null || usage.output_tokens !== null)) {
      foot.append(make("span", "", t("usage", count(usage.input_tokens), count(usage.output_tokens))));
    }
  }

  function count(number) {
    return number === null || number === undefined ? "–" : number.toLocaleString(document.documentElement.lang);
  }

  /** What went wrong, and what can be done about it. */
  function refused(refusal, again) {
    const words = make("div", "", make("div", "", refusal.message));
    const doing = make("div", "buttons");
    if (again) {
      const retry = make("button", "link-button", t("again"));
      retry.type = "button";
      retry.addEventListener("click", again);
      doing.append(retry);
    }
    if (admin && ["no_usable_key", "provider_error", "model_not_found", "provider_timeout"].includes(refusal.code)) {
      const link = make("a", "", t("keys"));
      link.href = keys;
      doing.append(link);
    }
    words.append(doing);
    const note = make("div", "note bad", Mimir.icon("failing"), words);
    note.setAttribute("role", "alert");
    return note;
  }

  // Asking

  async function ask(text) {
    const messages = byId("messages");
    const model = chosenModel();
    if (messages.querySelector(".empty")) {
      messages.replaceChildren();
    }
    const question = asked(text);
    const node = make("div", "message assistant waiting", make("span", "unseen", t("model")), make("div", "text prose"), make("div", "foot"));
    node.text = "";
    messages.append(question, node);
    messages.scrollTop = messages.scrollHeight;
    running = new AbortController();
    const signal = running.signal;
    busy(true);
    const isNew = current === null;
    let timer = null;
    const draw = () => {
      timer = null;
      const near = messages.scrollHeight - messages.scrollTop - messages.clientHeight < 120;
      render(node, node.text);
      if (near) {
        messages.scrollTop = messages.scrollHeight;
      }
    };
    try {
      if (isNew) {
        const made = await json("POST", "/chat", wish(model), signal);
        current = { ...made, messages: [] };
        history.replaceState(null, "", `#${current.id}`);
      }
      const answer = await call(
        "POST",
        `/chat/${current.id}/message`,
        { message: text, model_provider: model.provider, model_name: model.id, stream: true },
        signal,
      );
      const done = await read(answer, (piece) => {
        node.text += piece;
        timer = timer || setTimeout(draw, RENDER_MS);
      });
      clearTimeout(timer);
      node.text = done.assistant_reply.content;
      draw();
      finish(node, done.assistant_reply);
      byId("spoken").textContent = t("answered", done.assistant_reply.model);
    } catch (e) {
      clearTimeout(timer);
      if (node.text) {
        draw();
        finish(node, null);
      } else {
        node.remove();
      }
      if (e.name === "AbortError") {
        (node.text ? node.querySelector(".foot") : messages).append(make(node.text ? "span" : "p", "muted small", t("stopped")));
      } else {
        const note = refused(e, () => {
          note.remove();
          question.remove();
          node.remove();
          ask(text);
        });
        messages.append(note);
      }
      messages.scrollTop = messages.scrollHeight;
    } finally {
      node.classList.remove("waiting");
      if (running && running.signal === signal) {
        running = null;
        busy(false);
      }
      await loadTalks().catch(() => {});
      const named = current && talks.find((talk) => talk.id === current.id);
      if (named) {
        byId("thread-title").textContent = named.title || t("untitled");
      }
    }
  }

  function wish(model) {
    const system = byId("system").value.trim();
    return {
      model_provider: model.provider,
      model_name: model.id,
      ...(system ? { system_prompt: system } : {}),
    };
  }

  /** Reads server-sent events until the answer is whole. */
  async function read(answer, hear) {
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      rest += value || "";
      const events = rest.split("\n\n");
      rest = events.pop();
      for (const event of events) {
        const name = (/^event: ?(.*)$/m.exec(event) || [])[1];
        const data = event
          .split("\n")
          .filter((row) => row.startsWith("data:"))
          .map((row) => row.slice(5).trimStart())
          .join("\n");
        if (name === "delta") {
          hear(JSON.parse(data).text);
        } else if (name === "done") {
          return JSON.parse(data);
        } else if (name === "error") {
          throw new Refusal(JSON.parse(data));
        }
      }
      if (done) {
        throw new Refusal({ code: "unreachable", detail: t("cut") });
      }
    }
  }

  function stop() {
    if (running) {
      running.abort();
      running = null;
      busy(false);
    }
  }

  function busy(on) {
    const button = byId("send");
    const label = t(on ? "stop" : "send");
    button.setAttribute("aria-label", label);
    button.title = label;
    button.replaceChildren(Mimir.icon(on ? "stop" : "send"));
    button.disabled = !on && !byId("message").value.trim();
    byId("messages").setAttribute("aria-busy", String(on));
  }

  function submit() {
    const field = byId("message");
    const text = field.value.trim();
    if (running || !text || !chosenModel()) {
      return;
    }
    field.value = "";
    grow();
    ask(text);
  }

  function grow() {
    const field = byId("message");
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight + 2, 240)}px`;
    byId("send").disabled = !running && !field.value.trim();
  }

  // The keyboard of a phone has no Shift and Enter: there, Enter starts a line and the button sends.
  const fingers = matchMedia("(hover: none) and (pointer: coarse)");

  byId("message").addEventListener("input", grow);
  byId("message").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !fingers.matches) {
      event.preventDefault();
      submit();
    }
  });
  byId("send").addEventListener("click", (event) => {
    event.preventDefault();
    if (running) {
      stop();
    } else {
      submit();
    }
    byId("message").focus();
  });

  // System prompt

  byId("system-toggle").addEventListener("click", () => {
    const box = byId("system-box");
    box.hidden = !box.hidden;
    byId("system-toggle").setAttribute("aria-expanded", String(!box.hidden));
    if (!box.hidden) {
      byId("system").focus();
    }
  });

  byId("system").addEventListener("change", async () => {
    if (current) {
      try {
        const changed = await json("PUT", `/chat/${current.id}`, { system_prompt: byId("system").value.trim() });
        current.system_prompt = changed.system_prompt;
        Mimir.toast(t("system.saved"), "good");
      } catch (refusal) {
        Mimir.toast(refusal.message, "bad");
      }
    }
  });

  // Renaming and deleting

  let handled = null;

  function askName(talk) {
    handled = talk;
    byId("talk-name").value = talk.title || "";
    byId("talk-name-error").textContent = "";
    Mimir.open("rename-dialog");
  }

  byId("rename-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const changed = await json("PUT", `/chat/${handled.id}`, { title: byId("talk-name").value.trim() });
      Mimir.close("rename-dialog");
      if (current && current.id === changed.id) {
        current.title = changed.title;
        byId("thread-title").textContent = changed.title || t("untitled");
      }
      await loadTalks();
    } catch (refusal) {
      byId("talk-name-error").textContent = refusal.message;
      byId("talk-name").setAttribute("aria-invalid", "true");
    }
  });

  function askDelete(talk) {
    handled = talk;
    byId("talk-delete-title").textContent = t("delete.title", talk.title || t("untitled"));
    Mimir.open("talk-delete-dialog");
  }

  byId("talk-delete").addEventListener("click", async () => {
    try {
      await call("DELETE", `/chat/${handled.id}`);
      Mimir.close("talk-delete-dialog");
      Mimir.toast(t("deleted"), "good");
      if (current && current.id === handled.id) {
        fresh();
      }
      await loadTalks();
    } catch (refusal) {
      Mimir.close("talk-delete-dialog");
      Mimir.toast(refusal.message, "bad");
    }
  });

  // The list of conversations folds away where there is little room.

  function closeTalks() {
    delete root.dataset.talks;
    byId("talks-toggle").setAttribute("aria-expanded", "false");
  }

  byId("talks-toggle").addEventListener("click", () => {
    const open = root.toggleAttribute("data-talks");
    byId("talks-toggle").setAttribute("aria-expanded", String(open));
    if (open) {
      byId("new").focus();
    }
  });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && root.hasAttribute("data-talks")) {
      closeTalks();
      byId("talks-toggle").focus();
    }
  });
  for (const leaving of ["click", "focusin"]) {
    root.addEventListener(leaving, (event) => {
      if (root.hasAttribute("data-talks") && !event.target.closest(".talks, #talks-toggle")) {
        closeTalks();
      }
    });
  }
  byId("new").addEventListener("click", fresh);

  async function start() {
    try {
      const [session, reachable] = await Promise.all([client.session(), json("GET", "/models"), loadTalks()]);
      admin = session.roles.includes("admin");
      models = reachable;
    } catch (refusal) {
      byId("messages").replaceChildren(refused(refusal, start));
      return;
    }
    showModels();
    const last = JSON.parse(localStorage.getItem(LAST_MODEL) || "[]");
    choose(last[0], last[1]);
    const wanted = location.hash.slice(1);
    if (talks.some((talk) => talk.id === wanted)) {
      await select(wanted);
    } else {
      fresh();
    }
    busy(false);
  }

  start();
})();
