// The first view: the whole server's figures, and the apps with theirs.

import { figures } from "../figures.js";
import { h, keyed, setText, setAttribute } from "../dom.js";
import { count, milliseconds, plural, rate } from "../format.js";
import { live } from "../live.js";
import { toApp } from "../router.js";
import { Sparkline } from "../chart.js";
import { command } from "../copy.js";
import { trafficBar } from "../traffic.js";

// A server may have thousands of apps, and each row draws once a second.
const RowsAtATime = 100;
const FilterFrom = 8;

export function appsView() {
    const charts = figures("Server");
    const rows = h("tbody");
    const filter = h("input", {
        type: "search", id: "app-filter", placeholder: "Filter by name", "aria-label": "Filter apps by name", on: { input: showRows },
    });
    const more = h("button", { type: "button", class: "quiet", hidden: true, on: { click: () => { limit += RowsAtATime; showRows(); } } });
    const heading = h("h2", null, "Apps");
    const table = h("div", { class: "panel" }, h("table", { class: "apps" },
        h("caption", { class: "unseen" }, "Apps on this server, with figures of the last minute"),
        h("thead", null, h("tr", null,
            h("th", { scope: "col" }, "App"),
            h("th", { scope: "col" }, "Traffic"),
            h("th", { scope: "col", class: "number" }, "Requests/s"),
            h("th", { scope: "col", class: "trend" }, h("span", { class: "unseen" }, "Requests/s over the last two minutes")),
            h("th", { scope: "col", class: "number" }, "p50"),
            h("th", { scope: "col", class: "number" }, "p99"),
            h("th", { scope: "col", class: "number" }, "Errors"),
            h("th", { scope: "col", class: "number" }, "Cold starts"))),
        rows));
    const empty = emptyState();
    const loading = h("p", { class: "empty" }, "Loading…");
    const head = h("div", { class: "section-head" }, heading, filter);
    const list = h("section", { class: "stack" }, head, loading, empty, table, more);
    const element = h("div", { class: "page" },
        h("h1", { class: "unseen" }, "Apps on this server"), h("h2", { class: "unseen" }, "All apps together"), charts.element, list);
    let limit = RowsAtATime;

    live.addEventListener("apps", showRows);
    live.addEventListener("live", showFigures);
    showRows();
    showFigures();
    return {
        element,
        dispose() {
            live.removeEventListener("apps", showRows);
            live.removeEventListener("live", showFigures);
        },
    };

    function showRows() {
        const apps = live.apps;
        loading.hidden = apps !== null;
        empty.hidden = apps === null || apps.length > 0;
        table.hidden = apps === null || apps.length === 0;
        charts.element.hidden = apps?.length === 0;
        head.hidden = apps?.length === 0;
        filter.hidden = (apps?.length ?? 0) < FilterFrom;
        if (apps === null) {
            more.hidden = true;
            return;
        }

        const word = filter.value.trim().toLowerCase();
        const matching = apps.filter(app => app.name.toLowerCase().includes(word)).sort((a, b) => (a.name < b.name ? -1 : 1));
        setText(heading, word === "" ? plural(apps.length, "app") : `${count(matching.length)} of ${plural(apps.length, "app")}`);
        keyed(rows, matching.slice(0, limit), app => app.name, row);
        more.hidden = matching.length <= limit;
        setText(more, `Show ${count(Math.min(RowsAtATime, matching.length - limit))} more`);
        showFigures();
    }

    function showFigures() {
        charts.update(live.history());
        for (const one of rows.keyedRows?.values() ?? []) {
            one.figures();
        }
    }
}

function row(app) {
    const name = app.name;
    const hosts = h("span", { class: "hosts" });
    const traffic = trafficBar();
    const trend = new Sparkline();
    const cells = {
        rate: number("Requests/s"), p50: number("p50"), p99: number("p99"), errors: number("Errors"), cold: number("Cold starts"),
    };
    const element = h("tr", null,
        h("th", { scope: "row" }, h("a", { class: "app-link", href: toApp(name) }, name), hosts),
        h("td", { class: "traffic-cell" }, traffic.element),
        cells.rate, h("td", { class: "trend" }, trend.element), cells.p50, cells.p99, cells.errors, cells.cold);
    return {
        element,
        update(now) {
            setText(hosts, now.hosts?.join(", ") ?? "");
            traffic.update(now.traffic);
        },
        figures() {
            const now = live.now?.apps.get(name);
            const history = live.history(name);
            trend.update(history.map(sample => sample?.requestsPerSecond ?? null));
            setText(cells.rate, rate(now?.requestsPerSecond ?? 0));
            setText(cells.p50, milliseconds(now?.p50));
            setText(cells.p99, milliseconds(now?.p99));
            setText(cells.errors, count(now?.errors ?? 0));
            setText(cells.cold, count(now?.coldStarts ?? 0));
            setAttribute(cells.errors, "data-alarm", (now?.errors ?? 0) > 0);
        },
    };
}

// On a phone each row stands by itself, and the label is drawn from the attribute.
const number = label => h("td", { class: "number", "data-label": label });

function emptyState() {
    return h("div", { class: "panel first-app", hidden: true },
        h("h2", null, "No apps yet"),
        h("p", null, "Make one, and send it to this server:"),
        command("wisp new hello --template c"),
        command("wisp build hello"),
        command(`wisp login ${location.origin}`),
        command("wisp deploy hello"),
        h("p", { class: "help" }, "It appears here as soon as it is deployed."));
}
