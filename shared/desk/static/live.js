// Server-sent events, and pieces of pages made of data: text is only ever set as text.

/** Listen to a stream; the browser connects again by itself when the desk was away. */
export function listen(address, handlers) {
  const source = new EventSource(address);
  for (const [kind, handle] of Object.entries(handlers)) {
    if (kind !== "connection") source.addEventListener(kind, (event) => handle(JSON.parse(event.data)));
  }
  source.addEventListener("open", () => handlers.connection?.(true));
  source.addEventListener("error", () => handlers.connection?.(false));
  return source;
}

/** Make an element: attributes by name, children as elements or text. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

/** Ask the desk; what it refuses is thrown with its status, cause and hint. */
export async function ask(address, method = "GET", body = null) {
  const asked = { method, headers: {} };
  if (method !== "GET") {
    asked.body = JSON.stringify(body ?? {});
    asked.headers["Content-Type"] = "application/json";
  }
  const answer = await fetch(address, asked);
  const text = await answer.text();
  let data = {};
  try {
    data = JSON.parse(text);
  } catch {
    data = { cause: text };
  }
  if (answer.ok) return data;
  throw Object.assign(new Error(data.cause || answer.statusText), { status: answer.status, ...data });
}

/** Seconds as 1:02:03, or 2:03. */
export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}
