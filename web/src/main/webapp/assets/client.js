/* How the pages that are scripts speak to the API, as every other client does. */
"use strict";

(() => {
  /** A refusal of the server, with what it says to do. */
  class Refusal extends Error {
    constructor(problem) {
      super(problem.detail);
      this.code = problem.code;
      this.errors = problem.errors || [];
      this.checks = problem.checks || [];
    }
  }

  function make(name, className, ...children) {
    const node = document.createElement(name);
    if (className) {
      node.className = className;
    }
    node.append(...children);
    return node;
  }

  function iconButton(name, label, action) {
    const button = make("button", "icon-button", Mimir.icon(name));
    button.type = "button";
    button.title = label;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", () => action(button));
    return button;
  }

  /** For an element that carries its words (data-texts) and the addresses of the API and the sign-in page. */
  function client(root) {
    const texts = JSON.parse(root.dataset.texts);
    const { api, login } = root.dataset;
    let csrf = null;

    function t(key, ...values) {
      return texts[key].replace(/\{(\d)\}/g, (all, n) => values[n]);
    }

    async function ask(method, path, headers, body, signal) {
      let answer;
      try {
        answer = await fetch(api + path, { method, headers, body, signal });
      } catch (e) {
        if (e.name === "AbortError") {
          throw e;
        }
        throw new Refusal({ code: "unreachable", detail: t("unreachable") });
      }
      if (answer.status === 401) {
        location.assign(`${login}?expired&next=${encodeURIComponent(location.pathname)}`);
      }
      if (!answer.ok) {
        throw new Refusal(await answer.json().catch(() => ({ code: "unexpected", detail: t("unexpected") })));
      }
      return answer;
    }

    /** Who is signed in; its token goes with every change. */
    async function session() {
      const who = await (await ask("GET", "/session", { Accept: "application/json" })).json();
      csrf = who.csrf_token;
      return who;
    }

    async function call(method, path, body, signal) {
      if (method !== "GET" && csrf === null) {
        await session();
      }
      const form = body instanceof FormData;
      return ask(
        method,
        path,
        {
          Accept: "application/json, text/event-stream",
          ...(method === "GET" ? {} : { "X-CSRF-Token": csrf }),
          ...(body === undefined || form ? {} : { "Content-Type": "application/json" }),
        },
        body === undefined || form ? body : JSON.stringify(body),
        signal,
      );
    }

    const json = async (...request) => (await call(...request)).json();

    return { texts, t, session, call, json, Refusal };
  }

  Object.assign(Mimir, { client, make, iconButton });
})();
