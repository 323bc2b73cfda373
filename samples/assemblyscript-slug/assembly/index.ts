// Makes of a title, the rest of the path, what can stand in a link: "Über uns, 2026!" becomes "ber-uns-2026".
const path = process.env.has("PATH_INFO") ? process.env.get("PATH_INFO") : "";
let slug = "";
let gap = false;
for (let i = 0; i < path.length; i++) {
  let c = path.charCodeAt(i);
  if (c >= 65 && c <= 90) c += 32;
  const keeps = (c >= 97 && c <= 122) || (c >= 48 && c <= 57);
  if (keeps) {
    slug += (gap && slug.length > 0 ? "-" : "") + String.fromCharCode(c);
  }
  gap = !keeps;
}

if (slug.length == 0) {
  process.stdout.write("Status: 400 Bad Request\r\nContent-Type: text/plain\r\n\r\nno letter and no digit in the title\n");
} else {
  process.stdout.write("Content-Type: text/plain\r\n\r\n" + slug + "\n");
}
