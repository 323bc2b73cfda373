// Short messages at the edge, read out by a screen reader when they come.

import { h } from "./dom.js";

const ShownMilliseconds = 6000;
const MostAtOnce = 3;

export function say(text) {
    const toasts = document.getElementById("toasts");
    const toast = h("div", { class: "toast" }, text);
    toasts.append(toast);
    while (toasts.children.length > MostAtOnce) {
        toasts.firstChild.remove();
    }

    setTimeout(() => toast.remove(), ShownMilliseconds);
}
