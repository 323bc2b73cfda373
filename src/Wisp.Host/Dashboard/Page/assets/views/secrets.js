// Secrets by name. Their values never leave the server, so there is nothing here to show or to hide.

import { path } from "../api.js";
import { h } from "../dom.js";
import { command } from "../copy.js";
import { load } from "../load.js";
import { when } from "../when.js";

export function secretsSection(app) {
    const problem = h("p", { class: "error", role: "alert" });
    const body = h("div", { class: "stack" });
    load(path`/apps/${app}/secrets`, problem, show);
    return {
        element: h("div", { class: "stack" }, problem, body,
            h("section", { class: "stack" }, h("p", { class: "help" }, "Set one from a terminal; the value is asked for there and shown nowhere:"),
                command(`wisp secret set ${app} NAME`))),
    };

    function show(secrets) {
        body.replaceChildren(secrets.length === 0
            ? h("p", { class: "empty" }, "No secrets are set for this app.")
            : h("div", { class: "panel" }, h("table", null,
                h("caption", { class: "unseen" }, `Secrets of ${app}`),
                h("thead", null, h("tr", null, h("th", { scope: "col" }, "Name"), h("th", { scope: "col" }, "Set"))),
                h("tbody", null, secrets.map(secret => h("tr", null,
                    h("th", { scope: "row" }, h("code", null, secret.name)),
                    h("td", null, when(secret.changedAt))))))));
    }
}
