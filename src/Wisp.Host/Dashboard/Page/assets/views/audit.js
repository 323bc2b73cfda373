// Who did what, the newest first.

import { h, keyed, setText } from "../dom.js";
import { load, repeat } from "../load.js";
import { printable } from "../model.js";
import { toApp } from "../router.js";
import { session } from "../session.js";
import { when } from "../when.js";

const PeriodMilliseconds = 5000;
const Latest = 200;

export function auditView() {
    const problem = h("p", { class: "error", role: "alert" });
    const rows = h("tbody");
    const table = h("div", { class: "panel", hidden: true }, h("table", { class: "audit" },
        h("caption", { class: "unseen" }, "Changes to this server"),
        h("thead", null, h("tr", null, ["Time", "Who", "What", "App", "Details"].map(text => h("th", { scope: "col" }, text)))),
        rows));
    const empty = h("p", { class: "empty" }, "Loading…");
    const reason = session.reason("admin");
    setText(empty, reason ?? "Loading…");
    const asking = reason ? null : repeat(() => load(`/audit?limit=${Latest}`, problem, show), PeriodMilliseconds);
    return {
        element: h("div", { class: "page" },
            h("div", { class: "section-head" }, h("h1", null, "Audit log")), problem, empty, table),
        dispose: () => asking?.stop(),
    };

    function show(entries) {
        setText(empty, "Nothing was changed yet.");
        empty.hidden = entries.length > 0;
        table.hidden = entries.length === 0;
        keyed(rows, entries, entry => entry.number, entry => ({ element: row(entry) }));
    }
}

function row(entry) {
    return h("tr", null,
        h("td", { class: "time" }, when(entry.time)),
        h("td", { "data-label": "Who" }, entry.by),
        h("td", { "data-label": "What" }, h("code", null, entry.action)),
        h("td", { "data-label": "App" }, entry.app ? h("a", { href: toApp(entry.app) }, entry.app) : ""),
        h("td", { class: "details", "data-label": "Details" }, printable(entry.detail ?? "")));
}
