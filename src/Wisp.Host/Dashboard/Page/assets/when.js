// A moment: short to read, and whole where one points at it.

import { h } from "./dom.js";
import { fullTime, moment } from "./format.js";

export const when = (text, attributes) => h("time", { datetime: text, title: fullTime(text), ...attributes }, moment(text));
