// The control API of the stand-in. Everything that changes something is a POST with JSON.

async function read(answer) {
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.description || String(answer.status));
  return body;
}

export const get = async (path) => read(await fetch(`/demo${path}`));

const send = async (method, path, body) =>
  read(await fetch(`/demo${path}`, {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  }));

export const post = (path, body = {}) => send("POST", path, body);
export const remove = (path, body = {}) => send("DELETE", path, body);
export const act = (person, action, given = {}) => post(`/do/${action}`, { person, ...given });

// Calls `changed` now and after every change; after a lost connection the browser comes back.
export function listen(changed, lost) {
  const source = new EventSource("/demo/events");
  source.onmessage = changed;
  source.onerror = lost;
}
