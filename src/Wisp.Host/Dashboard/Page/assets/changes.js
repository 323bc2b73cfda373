// The changes that the page can make: which versions answer. Each is confirmed first.

import { api, path } from "./api.js";
import { confirm } from "./dialog.js";
import { h, setText } from "./dom.js";
import { moment } from "./format.js";
import { live } from "./live.js";
import { trafficText, weightOf } from "./model.js";
import { say } from "./say.js";

const Meanwhile = "Requests that run end on the version where they began. Nothing is deleted, so you can change it back.";

/** Gives all requests of an app to an earlier version. version: which, or null to offer the one before. */
export async function rollBack(app, version, status) {
    let versions;
    try {
        versions = await api.get(path`/apps/${app}/versions`);
    } catch (error) {
        say(error.message);
        return;
    }

    const traffic = status?.traffic ?? [];
    const answering = traffic.filter(share => share.weight > 0).map(share => share.version);
    const oldest = Math.min(...answering);
    const others = versions.filter(one => weightOf(traffic, one.version) < 100);
    // While several answer, back is to the one that the others were to replace; else to the one before.
    const wanted = others.find(one => one.version === version)
        ?? others.find(one => (answering.length > 1 ? one.version === oldest : one.version < oldest)) ?? others[0];
    if (!wanted) {
        say("There is no other version to go to.");
        return;
    }

    const what = h("p", { id: "what-happens" });
    const choice = h("select", { id: "roll-back-to", "aria-describedby": "what-happens", on: { change: explain } },
        others.map(one => h("option", { value: one.version, selected: one === wanted }, describe(one))));
    const { go, forget } = confirm({
        title: `Roll ${app} back`,
        content: [h("label", { for: "roll-back-to" }, "To version"), choice, what, h("p", { class: "help" }, Meanwhile)],
        action: "",
        act: async () => {
            await api.post(path`/apps/${app}/rollback`, { version: chosen() });
            say(`v${chosen()} of ${app} gets all requests now.`);
            await live.refresh();
        },
    });
    explain();

    function chosen() {
        return Number(choice.value);
    }

    function explain() {
        forget();
        const losing = traffic.filter(share => share.weight > 0 && share.version !== chosen());
        const names = losing.map(share => `v${share.version}, which has ${share.weight} %,`).join(" and ");
        const rest = losing.length === 0 ? "" : ` ${names} ${losing.length === 1 ? "gets" : "get"} none.`;
        setText(what, `All new requests to ${app} go to v${chosen()}.${rest}`);
        setText(go, `Roll back to v${chosen()}`);
    }
}

function describe(version) {
    const label = version.label ? ` (${version.label})` : "";
    return `v${version.version}${label}, deployed ${moment(version.createdAt)} by ${version.by}`;
}

/** Gives an app's versions their shares. shares: [{ version, weight }], adding up to 100; done: called when it happened. */
export function changeTraffic(app, before, shares, done) {
    const versions = [...new Set([...before, ...shares].filter(share => share.weight > 0).map(share => share.version))].sort((a, b) => b - a);
    confirm({
        title: `Change the traffic of ${app}`,
        content: [
            h("table", { class: "plain from-to" },
                h("thead", null, h("tr", null, h("th", { scope: "col" }, "Version"),
                    ["Now", "Then"].map(text => h("th", { scope: "col", class: "number" }, text)))),
                h("tbody", null, versions.map(version => h("tr", null,
                    h("th", { scope: "row" }, `v${version}`),
                    h("td", { class: "number" }, `${weightOf(before, version)} %`),
                    h("td", { class: "number" }, `${weightOf(shares, version)} %`))))),
            h("p", { class: "help" }, Meanwhile),
        ],
        action: "Change traffic",
        act: async () => {
            const body = Object.fromEntries(shares.filter(share => share.weight > 0).map(share => [share.version, share.weight]));
            await api.put(path`/apps/${app}/traffic`, body);
            say(`${app}: ${trafficText(shares)}.`);
            done();
            await live.refresh();
        },
    });
}
