// Which versions answer, as a bar and in words.

import { h, setText, setAttribute } from "./dom.js";
import { trafficText } from "./model.js";

export function trafficBar() {
    const bar = h("span", { class: "traffic-bar", "aria-hidden": "true" });
    const words = h("span", { class: "traffic-words" });
    let shown = null;
    return {
        element: h("span", { class: "traffic" }, bar, words),
        update(traffic) {
            const text = trafficText(traffic ?? []);
            if (text === shown) {
                return;
            }

            shown = text;
            const shares = (traffic ?? []).filter(share => share.weight > 0);
            bar.hidden = shares.length < 2;   // a bar of one part says nothing
            bar.replaceChildren(...shares.map((share, i) => {
                const part = h("span", { class: `share share-${Math.min(i, 3)}` });
                part.style.flexGrow = String(share.weight);
                return part;
            }));
            setText(words, text);
            setAttribute(bar, "title", text);
        },
    };
}
