/* Plugins: uploads and their reports, configurations by schema, and trials. The list itself comes from the server. */
"use strict";

(() => {
  const root = document.getElementById("plugins");
  const fixes = JSON.parse(root.dataset.fixes);
  const { texts, t, call, json } = Mimir.client(root);
  const { make } = Mimir;
  const byId = (id) => document.getElementById(id);
  const PLUGINS = "/settings/plugins";
  const MOVING_MS = 2000;

  function refresh() {
    byId("list:refresh").click();
  }

  // A menu that is open when the list comes anew stays open.
  let opened = null;
  window.jQuery(document).on("pfAjaxSuccess", () => {
    const menu = document.querySelector("#list\\:panel .menu[open] > summary");
    opened = menu && menu.id;
  });
  window.jQuery(document).on("pfAjaxComplete", () => {
    const summary = opened && document.getElementById(opened);
    if (summary && !summary.parentElement.open && !document.querySelector("dialog[open]")) {
      summary.parentElement.open = true;
      summary.focus();
    }
    opened = null;
  });

  // What changes by itself is looked at again.
  setInterval(() => {
    if (document.querySelector("[data-moving]") && !document.querySelector("dialog[open], .menu[open]")) {
      refresh();
    }
  }, MOVING_MS);

  /** Shows refusals beside their fields, or above all where they have none. */
  function refuse(form, refusal, fieldOf) {
    const general = form.querySelector(".general");
    general.replaceChildren();
    for (const error of form.querySelectorAll(".error")) {
      error.textContent = "";
    }
    const rest = [];
    for (const error of refusal.errors) {
      const place = fieldOf(error.field);
      if (place) {
        place.textContent = error.message;
      } else {
        rest.push(`${error.field}: ${error.message}`);
      }
    }
    if (rest.length > 0 || refusal.errors.length === 0) {
      general.append(note("bad", "failing", rest.length > 0 ? rest.join("; ") : refusal.message));
    }
    const bad = Mimir.mark(form);
    (bad || general).scrollIntoView({ block: "nearest" });
    if (bad) {
      bad.focus();
    }
  }

  function clear(form) {
    form.querySelector(".general").replaceChildren();
    for (const error of form.querySelectorAll(".error")) {
      error.textContent = "";
    }
    Mimir.mark(form);
  }

  function note(kind, icon, ...words) {
    return make("div", `note ${kind}`, Mimir.icon(icon), make("div", "", ...words));
  }

  async function busily(button, work) {
    button.setAttribute("aria-busy", "true");
    try {
      await work();
    } finally {
      button.removeAttribute("aria-busy");
    }
  }

  // Upload

  const upload = byId("upload");
  const report = byId("report");
  let stored = null;

  byId("open-upload").addEventListener("click", () => beginUpload());
  root.addEventListener("click", (event) => {
    if (event.target.closest("[data-upload]")) {
      beginUpload();
    }
  });

  function beginUpload() {
    upload.reset();
    clear(upload);
    stored = null;
    byId("upload-fields").hidden = false;
    report.replaceChildren();
    byId("trust-now").hidden = true;
    byId("upload-again").hidden = true;
    byId("send-upload").hidden = false;
    byId("upload-close").textContent = t("cancel");
    Mimir.open("upload-dialog");
  }

  const drop = byId("drop");
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.dataset.over = "";
    });
  }
  for (const name of ["dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      delete drop.dataset.over;
    });
  }
  drop.addEventListener("drop", (event) => {
    for (const file of event.dataTransfer.files) {
      const carrier = new DataTransfer();
      carrier.items.add(file);
      byId(isLibrary(file.name) ? "plugin-file" : "plugin-signature").files = carrier.files;
    }
    byId("plugin-file").dispatchEvent(new Event("change"));
  });

  function isLibrary(name) {
    return /\.(so|dll)$/i.test(name);
  }

  byId("plugin-file").addEventListener("change", () => {
    const file = byId("plugin-file").files[0];
    byId("plugin-file-error").textContent = file && !isLibrary(file.name) ? t("file.extension") : "";
    Mimir.mark(upload);
  });

  upload.addEventListener("submit", (event) => {
    event.preventDefault();
    send(false);
  });
  byId("upload-again").addEventListener("click", () => send(true));

  function send(replace) {
    const file = byId("plugin-file").files[0];
    clear(upload);
    if (!file || !isLibrary(file.name)) {
      byId("plugin-file-error").textContent = t(file ? "file.extension" : "file.missing");
      Mimir.mark(upload).focus();
      return;
    }
    const form = new FormData();
    form.append("file", file);
    const signature = byId("plugin-signature").files[0];
    if (signature) {
      form.append("signature", signature);
    }
    for (const name of ["name", "type", "description"]) {
      if (byId(`plugin-${name}`).value.trim()) {
        form.append(name, byId(`plugin-${name}`).value);
      }
    }
    busily(byId(replace ? "upload-again" : "send-upload"), async () => {
      report.replaceChildren(make("progress", ""));
      try {
        accepted(await json("POST", `${PLUGINS}/upload${replace ? "?replace=true" : ""}`, form));
      } catch (refusal) {
        refused(refusal);
      }
    });
  }

  // What somebody may trust: another version of it, or the plugin itself.
  function waiting(plugin) {
    return plugin.next || (plugin.state === "awaiting_trust" ? plugin : null);
  }

  function accepted(plugin) {
    stored = plugin;
    const waits = waiting(plugin);
    const runs = t("report.runs", plugin.display_name);
    const said = plugin.next
      ? t("report.beside", plugin.next.version, plugin.version)
      : t("report.waits", plugin.display_name);
    report.replaceChildren(
      note(
        waits ? "warn" : "good",
        waits ? "untested" : "active",
        make("strong", "", waits ? said : runs),
        waits ? ` ${waits.fix}` : "",
      ),
      facts(plugin),
      checks(plugin.checks),
    );
    byId("upload-fields").hidden = true;
    byId("send-upload").hidden = true;
    byId("upload-again").hidden = true;
    byId("trust-now").hidden = !waits;
    byId("upload-close").textContent = t("done");
    (waits ? byId("trust-now") : byId("upload-close")).focus();
    refresh();
  }

  function refused(refusal) {
    report.replaceChildren();
    if (refusal.checks.length > 0) {
      const taken = refusal.checks.some((check) => check.reason === "NAME_TAKEN");
      byId("upload-again").hidden = !taken;
      report.append(
        note("bad", "failing", make("strong", "", t("report.refused")), ` ${t("report.nothing")}`),
        checks(refusal.checks),
      );
      report.scrollIntoView({ block: "start" });
    } else {
      refuse(upload, refusal, (field) => byId(`plugin-${field}-error`));
    }
  }

  function checks(all) {
    const list = make("ul", "checks");
    for (const check of [...all].sort((a, b) => a.passed - b.passed)) {
      const words = make("div", "", make("strong", "", texts[`check.${check.check}`] || check.check), ` ${check.message}`);
      if (!check.passed) {
        words.append(
          make("div", "small", make("code", "", check.reason), ` ${fixes[check.reason] || ""}`),
        );
      }
      const item = make("li", check.passed ? "good" : "bad", Mimir.icon(check.passed ? "active" : "failing"), words);
      item.firstChild.setAttribute("role", "img");
      item.firstChild.removeAttribute("aria-hidden");
      item.firstChild.setAttribute("aria-label", t(check.passed ? "check.passed" : "check.failed"));
      list.append(item);
    }
    return list;
  }

  function facts(plugin) {
    const list = make("dl", "facts");
    const add = (word, value, mono) => {
      if (value) {
        list.append(make("dt", "", word), make("dd", mono ? "mono" : "", value));
      }
    };
    add(t("fact.name"), plugin.name, true);
    add(t("fact.version"), plugin.version);
    add(t("fact.type"), t(`type.${plugin.type}`));
    add(t("fact.description"), plugin.description);
    add(t("fact.author"), plugin.author);
    add(t("fact.actions"), plugin.actions.map((action) => action.name).join(", "), true);
    add(t("fact.file"), plugin.file_path, true);
    add(t("fact.sha256"), plugin.sha256, true);
    if (plugin.jail) {
      const gaps = plugin.jail.missing || [];
      add(t("fact.jail"), gaps.length === 0 ? t("jail.whole") : t("jail.gaps", gaps.join("; ")));
    }
    return list;
  }

  byId("trust-now").addEventListener("click", () =>
    busily(byId("trust-now"), async () => {
      try {
        const plugin = await json("POST", `${PLUGINS}/${stored.id}/trust?sha256=${waiting(stored).sha256}`);
        accepted({ ...plugin, checks: [] });
        Mimir.toast(t("trusted", plugin.display_name), "good");
      } catch (refusal) {
        if (refusal.code === "password_required") {
          Mimir.confirm(() => byId("trust-now").click());
        } else {
          refuse(upload, refusal, () => null);
        }
      }
    }),
  );

  // Configuration

  const config = byId("config");
  let configured = null;
  let fields = [];

  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-configure], [data-details]");
    if (button) {
      const id = button.dataset.configure || button.dataset.details;
      busily(button, async () => {
        try {
          const plugin = await json("GET", `${PLUGINS}/${id}`);
          if (button.dataset.configure) {
            configure(plugin);
          } else {
            await detail(plugin);
          }
        } catch (refusal) {
          Mimir.toast(refusal.message, "bad");
        }
      });
    }
  });

  function configure(plugin) {
    configured = plugin;
    clear(config);
    byId("config-title").textContent = t("config.title", plugin.display_name);
    const schema = plugin.config_schema || {};
    const names = Object.keys(schema.properties || {});
    const place = byId("config-fields");
    fields = names.map((name) => field(name, schema.properties[name], schema.required || [], plugin.config[name]));
    if (names.length === 0 && schema.additionalProperties !== false) {
      fields = [field("", { type: "object", title: t("config.json") }, [], plugin.config)];
    }
    place.replaceChildren(...fields.map((each) => each.node));
    byId("config-nothing").hidden = fields.length > 0;
    byId("save-config").hidden = fields.length === 0;
    const first = place.querySelector("input, select, textarea");
    Mimir.open("config-dialog", first ? first.id : undefined);
  }

  function kindOf(schema) {
    if (schema["x-secret"]) {
      return "secret";
    }
    if (Array.isArray(schema.enum)) {
      return "choice";
    }
    return ["boolean", "integer", "number", "string"].includes(schema.type) ? schema.type : "json";
  }

  function field(name, schema, required, value) {
    const kind = kindOf(schema);
    const id = `config-${name}`;
    const label = make("label", "", schema.title || name);
    label.htmlFor = id;
    const head = make("div", "label-row", label);
    if (!required.includes(name) && kind !== "boolean" && name) {
      head.append(make("span", "optional", t("optional")));
    }
    const input = inputOf(kind, schema, value === undefined ? schema.default : value);
    input.id = id;
    input.setAttribute("aria-describedby", `${id}-help ${id}-error`);
    const help = make("span", "help", schema.description || "", kind === "secret" ? ` ${t("config.secret")}` : "");
    help.id = `${id}-help`;
    const error = make("span", "error");
    error.id = `${id}-error`;
    const node = kind === "boolean" ? make("div", "field", make("div", "choice", input, label), help, error) : make("div", "field", head, input, help, error);
    return { name, kind, input, error, node, schema };
  }

  function inputOf(kind, schema, value) {
    if (schema["x-multiline"] && (kind === "secret" || kind === "string")) {
      const area = make("textarea", "mono");
      area.rows = 4;
      area.spellcheck = false;
      area.autocomplete = "off";
      area.value = kind === "secret" || value === undefined ? "" : String(value);
      return area;
    }
    if (kind === "choice") {
      const select = make("select", "");
      const choices = value === undefined ? [undefined, ...schema.enum] : schema.enum;
      for (const choice of choices) {
        const option = make("option", "", choice === undefined ? "" : String(choice));
        option.value = choice === undefined ? "" : JSON.stringify(choice);
        option.selected = choice === value;
        select.append(option);
      }
      return select;
    }
    if (kind === "json") {
      const area = make("textarea", "mono");
      area.rows = 6;
      area.spellcheck = false;
      area.value = value === undefined ? "" : JSON.stringify(value, null, 2);
      return area;
    }
    const input = make("input", "");
    input.type = { secret: "password", boolean: "checkbox", string: "text" }[kind] || "text";
    input.autocomplete = kind === "secret" ? "new-password" : "off";
    input.spellcheck = false;
    if (kind === "boolean") {
      input.checked = value === true;
    } else if (kind === "secret") {
      input.className = "secret";
    } else {
      if (kind !== "string") {
        input.inputMode = "decimal";
      }
      input.value = value === undefined || value === null ? "" : String(value);
    }
    return input;
  }

  /** What a field holds; undefined for nothing. */
  function valueOf(each) {
    const text = each.input.value;
    switch (each.kind) {
      case "boolean":
        return each.input.checked;
      case "choice":
        return text === "" ? undefined : JSON.parse(text);
      case "integer":
      case "number":
        // What is no number goes as it is: the server says so beside the field.
        return text.trim() === "" ? undefined : Number.isNaN(Number(text)) ? text : Number(text);
      case "json":
        return text.trim() === "" ? undefined : JSON.parse(text);
      default:
        return text === "" ? undefined : text;
    }
  }

  // Secrets among them are not kept a moment longer than they are looked at.
  byId("config-dialog").addEventListener("close", () => byId("config-fields").replaceChildren());

  config.addEventListener("submit", (event) => {
    event.preventDefault();
    clear(config);
    const wish = {};
    for (const each of fields) {
      try {
        const value = valueOf(each);
        if (each.name === "") {
          Object.assign(wish, value);
        } else if (value !== undefined) {
          wish[each.name] = value;
        }
      } catch {
        each.error.textContent = t("config.not.json");
        Mimir.mark(config).focus();
        return;
      }
    }
    busily(byId("save-config"), async () => {
      try {
        const plugin = await json("PUT", `${PLUGINS}/${configured.id}`, { config: wish });
        Mimir.close("config-dialog");
        Mimir.toast(t("configured", plugin.display_name), "good");
        refresh();
      } catch (refusal) {
        refuse(config, refusal, (name) => {
          const path = name.replace(/^config\.?/, "");
          const own = fields.find((each) => each.name !== "" && (path === each.name || path.startsWith(`${each.name}.`)));
          return own ? own.error : null;
        });
      }
    });
  });

  // Details, a trial of an action, and what the plugin has said

  const trial = byId("trial");
  let detailed = null;

  async function detail(plugin) {
    detailed = plugin;
    byId("details-title").textContent = plugin.display_name;
    byId("details-facts").replaceChildren(facts(plugin));
    byId("trial-box").hidden = plugin.actions.length === 0;
    byId("trial-action").replaceChildren(...plugin.actions.map((action) => make("option", "", action.name)));
    byId("trial-input").value = "{}";
    byId("trial-output").textContent = "";
    byId("trial-output").hidden = true;
    clear(trial);
    sayAction();
    await showLog();
    Mimir.open("details-dialog");
  }

  function sayAction() {
    const action = detailed.actions.find((each) => each.name === byId("trial-action").value);
    byId("trial-action-help").textContent = (action && action.description) || "";
  }

  byId("trial-action").addEventListener("change", sayAction);

  async function showLog() {
    const lines = await json("GET", `${PLUGINS}/${detailed.id}/logs`);
    byId("log").textContent = lines.map((line) => `${line.at.slice(11, 19)} ${line.level.padEnd(7)} ${line.text}`).join("\n");
    byId("log-box").hidden = lines.length === 0;
  }

  trial.addEventListener("submit", (event) => {
    event.preventDefault();
    clear(trial);
    const output = byId("trial-output");
    output.hidden = true;
    let input;
    try {
      input = JSON.parse(byId("trial-input").value);
    } catch {
      byId("trial-input-error").textContent = t("config.not.json");
      Mimir.mark(trial).focus();
      return;
    }
    busily(byId("run-trial"), async () => {
      try {
        const action = encodeURIComponent(byId("trial-action").value);
        const answer = await call("POST", `${PLUGINS}/${detailed.id}/call/${action}`, input);
        output.textContent = pretty(await answer.text());
        output.hidden = false;
        output.scrollIntoView({ block: "nearest" });
      } catch (refusal) {
        refuse(trial, refusal, () => null);
        refresh();
      }
      await showLog().catch((refusal) => Mimir.toast(refusal.message, "bad"));
    });
  });

  function pretty(text) {
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  }
})();
