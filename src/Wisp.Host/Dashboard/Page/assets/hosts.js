// The host names at which an app answers, as links where they lead somewhere.

import { h } from "./dom.js";
import { live } from "./live.js";
import { addressesOf } from "./model.js";

export function hostsLine(tag) {
    const element = h(tag, { class: "hosts" });
    let shown = null;
    return {
        element,
        update(hosts) {
            const list = addressesOf(hosts, live.status?.addresses);
            const key = JSON.stringify(list);
            if (key !== shown) {
                shown = key;
                element.replaceChildren(...list.flatMap(({ host, url }, i) => [
                    i > 0 ? ", " : "",
                    url ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, host) : host,
                ]));
            }
        },
    };
}
